//! The reports that a quote can carry.

use core::fmt;

use super::reader::Reader;
use super::{QuoteError, Tee};
use crate::bytes::{Bytes, Bytes32, Measurement, ReportData};

/// The report inside a quote.
#[expect(
    clippy::large_enum_variant,
    reason = "one of them stands in a report; a box would only cost a hop"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// An SGX enclave report (quote version 3).
    Sgx(EnclaveReport),
    /// A TD report (quote versions 4 and 5).
    Tdx(TdReport),
}

/// An SGX enclave report, 384 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnclaveReport {
    /// CPUSVN, 16 bytes at offset 0.
    pub cpu_svn: Bytes<16>,
    /// MISCSELECT at 16.
    pub misc_select: u32,
    /// ATTRIBUTES, 16 bytes at 48: flags then XFRM.
    pub attributes: Bytes<16>,
    /// MRENCLAVE at 64.
    pub mr_enclave: Bytes32,
    /// MRSIGNER at 128.
    pub mr_signer: Bytes32,
    /// ISVPRODID at 256.
    pub isv_prod_id: u16,
    /// ISVSVN at 258.
    pub isv_svn: u16,
    /// REPORTDATA, 64 bytes at 320.
    pub report_data: ReportData,
}

impl EnclaveReport {
    /// Bytes of the report.
    pub const SIZE: usize = 384;

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, QuoteError> {
        let cpu_svn = reader.array()?.into();
        let misc_select = reader.u32()?;
        reader.take(28)?;
        let attributes = reader.array()?.into();
        let mr_enclave = reader.array()?.into();
        reader.take(32)?;
        let mr_signer = reader.array()?.into();
        reader.take(96)?;
        let isv_prod_id = reader.u16()?;
        let isv_svn = reader.u16()?;
        reader.take(60)?;
        let report_data = reader.array()?.into();
        Ok(Self {
            cpu_svn,
            misc_select,
            attributes,
            mr_enclave,
            mr_signer,
            isv_prod_id,
            isv_svn,
            report_data,
        })
    }

    /// ATTRIBUTES.DEBUG: the host may read and write the enclave's memory.
    pub fn debug(&self) -> bool {
        self.attributes
            .as_slice()
            .first()
            .is_some_and(|flags| flags & 0x02 != 0)
    }
}

/// A TD report: version 1.0 (584 bytes), with what 1.5 (648) and 1.5-extended (885) add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdReport {
    /// TEE_TCB_SVN: the TCB the TD was launched on. Byte 0 is the module's SVN, byte 1 its major
    /// version.
    pub tee_tcb_svn: Bytes<16>,
    /// MRSEAM: the TDX module.
    pub mr_seam: Measurement,
    /// MRSIGNERSEAM: zero for modules signed by Intel.
    pub mr_signer_seam: Measurement,
    /// SEAMATTRIBUTES.
    pub seam_attributes: Bytes<8>,
    /// TDATTRIBUTES.
    pub td_attributes: TdAttributes,
    /// XFAM: the extended features the TD may use.
    pub xfam: Bytes<8>,
    /// MRTD: the firmware pages.
    pub mrtd: Measurement,
    /// MRCONFIGID: set by the host.
    pub mr_config_id: Measurement,
    /// MROWNER: set by the host.
    pub mr_owner: Measurement,
    /// MROWNERCONFIG: set by the host.
    pub mr_owner_config: Measurement,
    /// RTMR0 to RTMR3.
    pub rtmr: [Measurement; 4],
    /// REPORTDATA: chosen by the guest.
    pub report_data: ReportData,
    /// What TD report 1.5 adds.
    pub td15: Option<TdReport15>,
}

/// What a TD report 1.5 adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdReport15 {
    /// TEE_TCB_SVN_2: the TCB the TD runs on now.
    pub tee_tcb_svn2: Bytes<16>,
    /// MRSERVICETD: service TDs bound to this one; zero when there are none.
    pub mr_service_td: Measurement,
    /// What the extended report adds.
    pub extended: Option<TdReport15Ext>,
}

/// What a TD report 1.5-extended adds: signed facts that no rule of Intel appraises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdReport15Ext {
    /// 0: the plain TD or the L1 monitor; 1 to 3: the nested VM.
    pub vm_id: u8,
    /// Statistically unique for each launch.
    pub td_id: Bytes32,
    /// Hash of the device information.
    pub device_info: Measurement,
    /// Service TDs bound at creation.
    pub init_service_td_hash: Measurement,
    /// Attributes of the service TDs bound at creation.
    pub init_service_td_attributes: Bytes<8>,
    /// CPUSVN at creation.
    pub init_cpu_svn: Bytes<16>,
    /// TEE_TCB_SVN at creation.
    pub init_tee_tcb_svn: Bytes<16>,
    /// TEE FMSPC at creation.
    pub init_tee_fmspc: Bytes<12>,
    /// Service TDs bound now.
    pub current_service_td_hash: Measurement,
    /// Attributes of the service TDs bound now.
    pub current_service_td_attributes: Bytes<8>,
}

const TD10_SIZE: usize = 584;
const TD15_SIZE: usize = 648;
const TD15_EXT_SIZE: usize = 885;

impl Body {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        version: u16,
        tee: Tee,
    ) -> Result<Self, QuoteError> {
        let kind = match (tee, version) {
            (Tee::Sgx, _) => return EnclaveReport::read(reader).map(Self::Sgx),
            (Tee::Tdx, 5) => {
                let found = reader.u16()?;
                let (kind, expected) = match found {
                    2 => (Kind::Td10, TD10_SIZE),
                    3 => (Kind::Td15, TD15_SIZE),
                    4 => (Kind::Td15Ext, TD15_EXT_SIZE),
                    _ => return Err(QuoteError::BodyType { found }),
                };
                let size = reader.u32()?;
                if usize::try_from(size) != Ok(expected) {
                    return Err(QuoteError::BodySize {
                        found: size,
                        expected,
                    });
                }
                kind
            }
            (Tee::Tdx, _) => Kind::Td10,
        };
        TdReport::read(reader, kind).map(Self::Tdx)
    }

    /// REPORTDATA of either kind of report.
    pub const fn report_data(&self) -> &ReportData {
        match self {
            Self::Sgx(report) => &report.report_data,
            Self::Tdx(report) => &report.report_data,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Td10,
    Td15,
    Td15Ext,
}

impl TdReport {
    fn read(reader: &mut Reader<'_>, kind: Kind) -> Result<Self, QuoteError> {
        Ok(Self {
            tee_tcb_svn: reader.array()?.into(),
            mr_seam: reader.array()?.into(),
            mr_signer_seam: reader.array()?.into(),
            seam_attributes: reader.array()?.into(),
            td_attributes: TdAttributes(u64::from_le_bytes(reader.array()?)),
            xfam: reader.array()?.into(),
            mrtd: reader.array()?.into(),
            mr_config_id: reader.array()?.into(),
            mr_owner: reader.array()?.into(),
            mr_owner_config: reader.array()?.into(),
            rtmr: [
                reader.array()?.into(),
                reader.array()?.into(),
                reader.array()?.into(),
                reader.array()?.into(),
            ],
            report_data: reader.array()?.into(),
            td15: match kind {
                Kind::Td10 => None,
                Kind::Td15 | Kind::Td15Ext => Some(TdReport15::read(reader, kind)?),
            },
        })
    }
}

impl TdReport15 {
    fn read(reader: &mut Reader<'_>, kind: Kind) -> Result<Self, QuoteError> {
        Ok(Self {
            tee_tcb_svn2: reader.array()?.into(),
            mr_service_td: reader.array()?.into(),
            extended: match kind {
                Kind::Td15Ext => Some(TdReport15Ext::read(reader)?),
                Kind::Td10 | Kind::Td15 => None,
            },
        })
    }
}

impl TdReport15Ext {
    fn read(reader: &mut Reader<'_>) -> Result<Self, QuoteError> {
        let [vm_id] = reader.array()?;
        Ok(Self {
            vm_id,
            td_id: reader.array()?.into(),
            device_info: reader.array()?.into(),
            init_service_td_hash: reader.array()?.into(),
            init_service_td_attributes: reader.array()?.into(),
            init_cpu_svn: reader.array()?.into(),
            init_tee_tcb_svn: reader.array()?.into(),
            init_tee_fmspc: reader.array()?.into(),
            current_service_td_hash: reader.array()?.into(),
            current_service_td_attributes: reader.array()?.into(),
        })
    }
}

/// TDATTRIBUTES as a number (the eight bytes are little-endian). Bits after the Intel TDX Module
/// ABI specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TdAttributes(pub u64);

impl TdAttributes {
    /// Bits without a meaning: 1–3, 7–15, 23–26, 32–61.
    const RESERVED: u64 = 0x3fff_ffff_0780_ff8e;

    /// DEBUG (bit 0).
    pub const fn debug(self) -> bool {
        self.0 & 1 != 0
    }

    /// TD profiling (bits 4–6), which shows the host what a debugger would.
    pub const fn profiling(self) -> bool {
        self.0 & (0b111 << 4) != 0
    }

    /// SERVTD_EXT (bit 17): service TDs may be bound after creation.
    pub const fn service_td_extension(self) -> bool {
        self.0 & (1 << 17) != 0
    }

    /// SEPT_VE_DISABLE (bit 28).
    pub const fn sept_ve_disable(self) -> bool {
        self.0 & (1 << 28) != 0
    }

    /// MIGRATABLE (bit 29).
    pub const fn migratable(self) -> bool {
        self.0 & (1 << 29) != 0
    }

    /// The reserved bits that are set.
    pub const fn reserved(self) -> u64 {
        self.0 & Self::RESERVED
    }

    /// The eight bytes as they stand in the report.
    pub const fn bytes(self) -> Bytes<8> {
        Bytes::new(self.0.to_le_bytes())
    }
}

impl fmt::Display for TdAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.bytes(), f)
    }
}
