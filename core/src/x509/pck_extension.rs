//! The SGX extension of a PCK certificate: which platform the key belongs to.
//!
//! `1.2.840.113741.1.13.1` is a `SEQUENCE` of `SEQUENCE { OID, value }`. Every entry this verifier
//! reads must be there exactly once: where two entries of one kind stand, two verifiers may read two
//! different platforms out of one certificate.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader};

use super::X509Error;
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
    pub(crate) fn parse(value: &[u8]) -> Result<Self, X509Error> {
        let (mut ppid, mut tcb, mut pce_id, mut fmspc, mut flags) = (None, None, None, None, None);
        for entry in entries(value)? {
            let (oid, value) = entry?;
            match oid {
                Self::PPID => once(&mut ppid, octets(value)?)?,
                Self::TCB => once(&mut tcb, PckTcb::parse(value)?)?,
                Self::PCE_ID => once(&mut pce_id, octets(value)?)?,
                Self::FMSPC => once(&mut fmspc, octets(value)?)?,
                Self::CONFIGURATION => once(&mut flags, PckFlags::parse(value)?)?,
                // SGX type, platform instance id, and what Intel may add.
                _ => {}
            }
        }
        match (ppid, tcb, pce_id, fmspc) {
            (Some(ppid), Some(tcb), Some(pce_id), Some(fmspc)) => Ok(Self {
                ppid,
                tcb,
                pce_id,
                fmspc,
                flags: flags.unwrap_or_default(),
            }),
            _ => Err(X509Error::Malformed),
        }
    }
}

impl PckTcb {
    fn parse(value: AnyRef<'_>) -> Result<Self, X509Error> {
        let mut components = [None; 16];
        let (mut pce_svn, mut cpu_svn) = (None, None);
        for entry in entries_of(value)? {
            let (oid, value) = entry?;
            match usize::try_from(last_arc(&oid)?) {
                Ok(17) => once(&mut pce_svn, value.decode_as::<u16>().map_err(malformed)?)?,
                Ok(18) => once(&mut cpu_svn, octets(value)?)?,
                Ok(number) => {
                    let slot = number
                        .checked_sub(1)
                        .and_then(|index| components.get_mut(index))
                        .ok_or(X509Error::Malformed)?;
                    once(slot, value.decode_as::<u8>().map_err(malformed)?)?;
                }
                Err(_) => return Err(X509Error::Malformed),
            }
        }
        let mut filled = [0; 16];
        for (target, component) in filled.iter_mut().zip(components) {
            *target = component.ok_or(X509Error::Malformed)?;
        }
        match (pce_svn, cpu_svn) {
            (Some(pce_svn), Some(cpu_svn)) => Ok(Self {
                components: filled,
                pce_svn,
                cpu_svn,
            }),
            _ => Err(X509Error::Malformed),
        }
    }
}

impl PckFlags {
    fn parse(value: AnyRef<'_>) -> Result<Self, X509Error> {
        let mut flags = Self::default();
        for entry in entries_of(value)? {
            let (oid, value) = entry?;
            let slot = match last_arc(&oid)? {
                1 => &mut flags.dynamic_platform,
                2 => &mut flags.cached_keys,
                3 => &mut flags.smt_enabled,
                _ => continue,
            };
            once(slot, value.decode_as::<bool>().map_err(malformed)?)?;
        }
        Ok(flags)
    }
}

type Entry<'a> = Result<(ObjectIdentifier, AnyRef<'a>), X509Error>;

/// The entries of a DER `SEQUENCE OF SEQUENCE { OID, value }`.
fn entries(der: &[u8]) -> Result<impl Iterator<Item = Entry<'_>>, X509Error> {
    entries_of(AnyRef::from_der(der).map_err(malformed)?)
}

fn entries_of(value: AnyRef<'_>) -> Result<impl Iterator<Item = Entry<'_>>, X509Error> {
    if value.header().tag() != der::Tag::Sequence {
        return Err(X509Error::Malformed);
    }
    let mut reader = SliceReader::new(value.value()).map_err(malformed)?;
    Ok(core::iter::from_fn(move || {
        if reader.is_finished() {
            return None;
        }
        let entry = reader.sequence(|inner| {
            Ok::<_, der::Error>((ObjectIdentifier::decode(inner)?, AnyRef::decode(inner)?))
        });
        if entry.is_err() {
            // Nothing after a malformed entry can be trusted to start where it seems to.
            reader = SliceReader::new(&[]).ok()?;
        }
        Some(entry.map_err(malformed))
    }))
}

fn last_arc(oid: &ObjectIdentifier) -> Result<u32, X509Error> {
    oid.arcs().last().ok_or(X509Error::Malformed)
}

fn octets<const N: usize>(value: AnyRef<'_>) -> Result<Bytes<N>, X509Error> {
    let octets: &OctetStringRef = value.decode_as().map_err(malformed)?;
    Bytes::from_slice(octets.as_bytes()).ok_or(X509Error::Malformed)
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), X509Error> {
    if slot.replace(value).is_some() {
        return Err(X509Error::Malformed);
    }
    Ok(())
}

fn malformed(_: der::Error) -> X509Error {
    X509Error::Malformed
}
