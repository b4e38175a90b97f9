//! The SGX extension of a PCK certificate: which platform the key belongs to.
//!
//! `1.2.840.113741.1.13.1` is a `SEQUENCE` of `SEQUENCE { OID, value }`. Every entry this verifier
//! reads must be there exactly once: where two entries of one kind stand, two verifiers may read two
//! different platforms out of one certificate.

use ::der::asn1::ObjectIdentifier;

use super::Malformed;
use super::der::{Element, OCTET_STRING, Reader, SEQUENCE};
use crate::bytes::{Bytes, Fmspc};

/// What the SGX extension says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PckExtension {
    pub(crate) ppid: Bytes<16>,
    pub(crate) tcb: PckTcb,
    pub(crate) pce_id: Bytes<2>,
    pub(crate) fmspc: Fmspc,
    pub(crate) flags: PckFlags,
}

/// The TCB that the PCK certificate was issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PckTcb {
    /// Security version numbers of the 16 components.
    pub components: [u8; 16],
    /// Security version number of the provisioning certification enclave.
    pub pce_svn: u16,
    /// CPUSVN, the raw value that the components were read from.
    pub cpu_svn: Bytes<16>,
}

/// Configuration flags. Processor-CA certificates do not state them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PckFlags {
    /// Packages may be added to the platform after certification.
    pub dynamic_platform: Option<bool>,
    /// Intel keeps the platform's root keys.
    pub cached_keys: Option<bool>,
    /// Simultaneous multithreading is on.
    pub smt_enabled: Option<bool>,
}

const ARC: &str = "1.2.840.113741.1.13.1";

impl PckExtension {
    pub(crate) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap(ARC);
    const PPID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1.1");
    const TCB: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1.2");
    const PCE_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1.3");
    const FMSPC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1.4");
    const CONFIGURATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1.7");

    /// Reads the extension's value.
    pub(crate) fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let (mut ppid, mut tcb, mut pce_id, mut fmspc, mut flags) = (None, None, None, None, None);
        let mut outer = Reader::new(value);
        let mut entries = outer.inside(SEQUENCE)?;
        outer.finish()?;
        while !entries.is_empty() {
            let (oid, value) = entry(&mut entries)?;
            if oid == Self::PPID.as_bytes() {
                once(&mut ppid, octets(&value)?)?;
            } else if oid == Self::TCB.as_bytes() {
                once(&mut tcb, PckTcb::parse(&value)?)?;
            } else if oid == Self::PCE_ID.as_bytes() {
                once(&mut pce_id, octets(&value)?)?;
            } else if oid == Self::FMSPC.as_bytes() {
                once(&mut fmspc, octets(&value)?)?;
            } else if oid == Self::CONFIGURATION.as_bytes() {
                once(&mut flags, PckFlags::parse(&value)?)?;
            }
            // SGX type, platform instance id, and what Intel may add.
        }
        match (ppid, tcb, pce_id, fmspc) {
            (Some(ppid), Some(tcb), Some(pce_id), Some(fmspc)) => Ok(Self {
                ppid,
                tcb,
                pce_id,
                fmspc,
                flags: flags.unwrap_or_default(),
            }),
            _ => Err(Malformed),
        }
    }
}

impl PckTcb {
    fn parse(value: &Element<'_>) -> Result<Self, Malformed> {
        let mut components = [None; 16];
        let (mut pce_svn, mut cpu_svn) = (None, None);
        let mut entries = value.tagged(SEQUENCE)?.reader();
        while !entries.is_empty() {
            let (oid, value) = entry(&mut entries)?;
            match number_under(PckExtension::TCB, oid) {
                Some(17) => once(&mut pce_svn, small(&value)?)?,
                Some(18) => once(&mut cpu_svn, octets(&value)?)?,
                Some(number) => {
                    let slot = usize::from(number)
                        .checked_sub(1)
                        .and_then(|index| components.get_mut(index))
                        .ok_or(Malformed)?;
                    once(slot, small(&value)?)?;
                }
                None => return Err(Malformed),
            }
        }
        let mut filled = [0; 16];
        for (target, component) in filled.iter_mut().zip(components) {
            *target = component.ok_or(Malformed)?;
        }
        match (pce_svn, cpu_svn) {
            (Some(pce_svn), Some(cpu_svn)) => Ok(Self {
                components: filled,
                pce_svn,
                cpu_svn,
            }),
            _ => Err(Malformed),
        }
    }
}

impl PckFlags {
    fn parse(value: &Element<'_>) -> Result<Self, Malformed> {
        let mut flags = Self::default();
        let mut entries = value.tagged(SEQUENCE)?.reader();
        while !entries.is_empty() {
            let (oid, value) = entry(&mut entries)?;
            let slot = match number_under(PckExtension::CONFIGURATION, oid) {
                Some(1) => &mut flags.dynamic_platform,
                Some(2) => &mut flags.cached_keys,
                Some(3) => &mut flags.smt_enabled,
                _ => continue,
            };
            once(slot, value.boolean()?)?;
        }
        Ok(flags)
    }
}

/// The next `SEQUENCE { OID, value }`.
fn entry<'a>(entries: &mut Reader<'a>) -> Result<(&'a [u8], Element<'a>), Malformed> {
    let mut entry = entries.inside(SEQUENCE)?;
    let oid = entry.element()?.oid()?;
    let value = entry.element()?;
    entry.finish()?;
    Ok((oid, value))
}

/// The number of an entry below the one that holds it: one arc more, of one byte.
fn number_under(holder: ObjectIdentifier, oid: &[u8]) -> Option<u8> {
    match oid.strip_prefix(holder.as_bytes()) {
        Some([number @ 0..=0x7f]) => Some(*number),
        _ => None,
    }
}

/// A number that is not negative and fits.
fn small<T: TryFrom<u64>>(value: &Element<'_>) -> Result<T, Malformed> {
    let number = value.number()?.ok_or(Malformed)?;
    T::try_from(number).map_err(|_| Malformed)
}

fn octets<const N: usize>(value: &Element<'_>) -> Result<Bytes<N>, Malformed> {
    Bytes::from_slice(value.tagged(OCTET_STRING)?.content).ok_or(Malformed)
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), Malformed> {
    if slot.replace(value).is_some() {
        return Err(Malformed);
    }
    Ok(())
}
