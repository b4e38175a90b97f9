//! TCB info and QE identity, as Intel signs them (PCS API v4). Parsed, not trusted.
//!
//! Unknown keys are left alone, for Intel adds some from time to time; a key that stands twice, a
//! status that is none of Intel's words and a number out of its range are refused. Levels are sorted
//! highest first here: the order in the document is not relied upon, as in Intel's library.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use serde::Deserialize;

use crate::bytes::{Bytes, Bytes32, Fmspc, Measurement};
use crate::limits;
use crate::quote::Tee;
use crate::tcb_status::TcbStatus;
use crate::time::{Instant, Window};
use crate::{Reason, Value};

/// What is wrong with a TCB info or a QE identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentError {
    Malformed,
    TooLarge {
        found: usize,
    },
    Version {
        found: String,
        expected: &'static str,
    },
    Tee {
        found: String,
        expected: &'static str,
    },
}

impl DocumentError {
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Malformed | Self::TooLarge { .. } => Reason::CollateralMalformed,
            Self::Version { .. } => Reason::CollateralVersion,
            Self::Tee { .. } => Reason::TeeMismatch,
        }
    }

    pub(crate) fn found(&self) -> Option<Value> {
        match self {
            Self::Malformed => None,
            Self::TooLarge { found } => Some(Value::count(*found)),
            Self::Version { found, .. } | Self::Tee { found, .. } => Some(Value::quoted(found)),
        }
    }

    pub(crate) fn expected(&self) -> Option<Value> {
        match self {
            Self::Malformed => None,
            Self::TooLarge { .. } => Some(Value::count(limits::SIGNED_JSON)),
            Self::Version { expected, .. } | Self::Tee { expected, .. } => {
                Some(Value::from(*expected))
            }
        }
    }
}

/// A TCB info.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TcbInfo {
    pub(crate) tee: Tee,
    pub(crate) window: Window,
    pub(crate) fmspc: Fmspc,
    pub(crate) pce_id: Bytes<2>,
    pub(crate) evaluation_number: u32,
    pub(crate) module: Option<ModuleIdentity>,
    pub(crate) module_identities: Vec<VersionedModule>,
    /// Highest first.
    pub(crate) levels: Vec<PlatformLevel>,
}

/// One level of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlatformLevel {
    pub(crate) sgx: [u8; 16],
    pub(crate) pce_svn: u16,
    /// All zero for SGX.
    pub(crate) tdx: [u8; 16],
    pub(crate) level: Level,
}

/// Who signed a TDX module and what its attributes have to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModuleIdentity {
    pub(crate) mr_signer: Measurement,
    pub(crate) attributes: Bytes<8>,
    pub(crate) attributes_mask: Bytes<8>,
}

/// A TDX module of one major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionedModule {
    pub(crate) id: String,
    pub(crate) identity: ModuleIdentity,
    /// Highest first.
    pub(crate) levels: Vec<SvnLevel>,
}

/// A level that is reached by one security version number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SvnLevel {
    pub(crate) isv_svn: u16,
    pub(crate) level: Level,
}

/// What a level says about those who reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) status: TcbStatus,
    pub(crate) date: Instant,
    pub(crate) advisories: Vec<String>,
}

/// A QE identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QeIdentity {
    pub(crate) tee: Tee,
    pub(crate) window: Window,
    pub(crate) evaluation_number: u32,
    pub(crate) misc_select: u32,
    pub(crate) misc_select_mask: u32,
    pub(crate) attributes: Bytes<16>,
    pub(crate) attributes_mask: Bytes<16>,
    pub(crate) mr_signer: Bytes32,
    pub(crate) isv_prod_id: u16,
    /// Highest first.
    pub(crate) levels: Vec<SvnLevel>,
}

impl TcbInfo {
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let wire: wire::TcbInfo = read(text)?;
        let tee = match (wire.id.as_deref(), wire.version) {
            (Some("TDX"), 3) => Tee::Tdx,
            (Some("SGX"), 3) => Tee::Sgx,
            // Version 2 has no id; only SGX ever had it.
            (None, 2) => Tee::Sgx,
            (Some("TDX" | "SGX") | None, version) => {
                return Err(DocumentError::Version {
                    found: alloc::format!("{version}"),
                    expected: "3 (2 for SGX)",
                });
            }
            (Some(other), _) => {
                return Err(DocumentError::Tee {
                    found: String::from(other),
                    expected: "SGX or TDX",
                });
            }
        };
        let mut levels: Vec<PlatformLevel> = bounded(wire.tcb_levels)?
            .into_iter()
            .map(|level| level.checked(tee, wire.version))
            .collect::<Result<_, _>>()?;
        levels.sort_by_key(|level| Reverse((level.sgx, level.pce_svn, level.tdx)));
        Ok(Self {
            tee,
            window: Window {
                not_before: wire.issue_date,
                not_after: wire.next_update,
            },
            fmspc: wire.fmspc,
            pce_id: wire.pce_id,
            evaluation_number: wire.tcb_evaluation_data_number,
            module: wire.tdx_module.map(Into::into),
            module_identities: bounded(wire.tdx_module_identities)?
                .into_iter()
                .map(wire::VersionedModule::checked)
                .collect::<Result<_, _>>()?,
            levels,
        })
    }

    /// The identity of a versioned module: `TDX_` and the major version in two hex digits.
    pub(crate) fn module_of_version(&self, version: u8) -> Option<&VersionedModule> {
        let id = alloc::format!("TDX_{version:02X}");
        self.module_identities
            .iter()
            .find(|module| module.id.eq_ignore_ascii_case(&id))
    }
}

impl QeIdentity {
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let wire: wire::QeIdentity = read(text)?;
        let tee = match (wire.id.as_str(), wire.version) {
            ("QE", 2) => Tee::Sgx,
            ("TD_QE", 2 | 3) => Tee::Tdx,
            ("QE" | "TD_QE", version) => {
                return Err(DocumentError::Version {
                    found: alloc::format!("{version}"),
                    expected: "2 (2 or 3 for TDX)",
                });
            }
            (other, _) => {
                return Err(DocumentError::Tee {
                    found: String::from(other),
                    expected: "QE or TD_QE",
                });
            }
        };
        // The hex digits are the four bytes as they stand in a report.
        let number = |bytes: Bytes<4>| u32::from_le_bytes(*bytes.as_array());
        Ok(Self {
            tee,
            window: Window {
                not_before: wire.issue_date,
                not_after: wire.next_update,
            },
            evaluation_number: wire.tcb_evaluation_data_number,
            misc_select: number(wire.miscselect),
            misc_select_mask: number(wire.miscselect_mask),
            attributes: wire.attributes,
            attributes_mask: wire.attributes_mask,
            mr_signer: wire.mrsigner,
            isv_prod_id: wire.isvprodid,
            levels: svn_levels(wire.tcb_levels)?,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DocumentError> {
    if text.len() > limits::SIGNED_JSON {
        return Err(DocumentError::TooLarge { found: text.len() });
    }
    serde_json::from_str(text).map_err(|_| DocumentError::Malformed)
}

fn bounded<T>(list: Vec<T>) -> Result<Vec<T>, DocumentError> {
    if list.len() > limits::TCB_LEVELS {
        return Err(DocumentError::Malformed);
    }
    Ok(list)
}

fn svn_levels(levels: Vec<wire::SvnLevel>) -> Result<Vec<SvnLevel>, DocumentError> {
    let mut levels: Vec<SvnLevel> = bounded(levels)?
        .into_iter()
        .map(|level| {
            Ok(SvnLevel {
                isv_svn: level.tcb.isvsvn,
                level: wire::level(level.tcb_date, level.tcb_status, level.advisory_ids)?,
            })
        })
        .collect::<Result<_, DocumentError>>()?;
    levels.sort_by_key(|level| Reverse(level.isv_svn));
    Ok(levels)
}

mod wire {
    //! The documents' own spelling.

    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use alloc::vec::Vec;

    use serde::Deserialize;

    use super::{DocumentError, Level, ModuleIdentity, PlatformLevel, svn_levels};
    use crate::bytes::{Bytes, Bytes32, Fmspc, Measurement};
    use crate::limits;
    use crate::quote::Tee;
    use crate::tcb_status::TcbStatus;
    use crate::time::Instant;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct TcbInfo {
        pub(super) id: Option<String>,
        pub(super) version: u32,
        pub(super) issue_date: Instant,
        pub(super) next_update: Instant,
        pub(super) fmspc: Fmspc,
        pub(super) pce_id: Bytes<2>,
        pub(super) tcb_evaluation_data_number: u32,
        pub(super) tdx_module: Option<TdxModule>,
        #[serde(default)]
        pub(super) tdx_module_identities: Vec<VersionedModule>,
        pub(super) tcb_levels: Vec<PlatformLevelWire>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct TdxModule {
        mrsigner: Measurement,
        attributes: Bytes<8>,
        attributes_mask: Bytes<8>,
    }

    impl From<TdxModule> for ModuleIdentity {
        fn from(wire: TdxModule) -> Self {
            Self {
                mr_signer: wire.mrsigner,
                attributes: wire.attributes,
                attributes_mask: wire.attributes_mask,
            }
        }
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct VersionedModule {
        id: String,
        mrsigner: Measurement,
        attributes: Bytes<8>,
        attributes_mask: Bytes<8>,
        tcb_levels: Vec<SvnLevel>,
    }

    impl VersionedModule {
        pub(super) fn checked(self) -> Result<super::VersionedModule, DocumentError> {
            Ok(super::VersionedModule {
                id: self.id,
                identity: ModuleIdentity {
                    mr_signer: self.mrsigner,
                    attributes: self.attributes,
                    attributes_mask: self.attributes_mask,
                },
                levels: svn_levels(self.tcb_levels)?,
            })
        }
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct PlatformLevelWire {
        tcb: Tcb,
        tcb_date: Instant,
        tcb_status: TcbStatus,
        #[serde(rename = "advisoryIDs", default)]
        advisory_ids: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Tcb {
        pcesvn: u16,
        sgxtcbcomponents: Option<Vec<Component>>,
        tdxtcbcomponents: Option<Vec<Component>>,
        /// Version 2 spells the components `sgxtcbcomp01svn` to `sgxtcbcomp16svn`.
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }

    #[derive(Deserialize)]
    struct Component {
        svn: u8,
    }

    impl PlatformLevelWire {
        pub(super) fn checked(
            self,
            tee: Tee,
            version: u32,
        ) -> Result<PlatformLevel, DocumentError> {
            let sgx = match self.tcb.sgxtcbcomponents {
                Some(components) => svns(components)?,
                None if version == 2 => svns_of_version_2(&self.tcb.rest)?,
                None => return Err(DocumentError::Malformed),
            };
            let tdx = match (self.tcb.tdxtcbcomponents, tee) {
                (Some(components), Tee::Tdx) => svns(components)?,
                (None, Tee::Sgx) => [0; 16],
                _ => return Err(DocumentError::Malformed),
            };
            Ok(PlatformLevel {
                sgx,
                pce_svn: self.tcb.pcesvn,
                tdx,
                level: level(self.tcb_date, self.tcb_status, self.advisory_ids)?,
            })
        }
    }

    fn svns(components: Vec<Component>) -> Result<[u8; 16], DocumentError> {
        let svns: Vec<u8> = components.iter().map(|component| component.svn).collect();
        <[u8; 16]>::try_from(svns).map_err(|_| DocumentError::Malformed)
    }

    fn svns_of_version_2(
        fields: &BTreeMap<String, serde_json::Value>,
    ) -> Result<[u8; 16], DocumentError> {
        let mut svns = [0; 16];
        for (number, svn) in (1..).zip(&mut svns) {
            *svn = fields
                .get(&alloc::format!("sgxtcbcomp{number:02}svn"))
                .and_then(serde_json::Value::as_u64)
                .and_then(|value| u8::try_from(value).ok())
                .ok_or(DocumentError::Malformed)?;
        }
        Ok(svns)
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct SvnLevel {
        pub(super) tcb: IsvSvn,
        pub(super) tcb_date: Instant,
        pub(super) tcb_status: TcbStatus,
        #[serde(rename = "advisoryIDs", default)]
        pub(super) advisory_ids: Vec<String>,
    }

    #[derive(Deserialize)]
    pub(super) struct IsvSvn {
        pub(super) isvsvn: u16,
    }

    pub(super) fn level(
        date: Instant,
        status: TcbStatus,
        advisories: Vec<String>,
    ) -> Result<Level, DocumentError> {
        if advisories.len() > limits::ADVISORIES {
            return Err(DocumentError::Malformed);
        }
        Ok(Level {
            status,
            date,
            advisories,
        })
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct QeIdentity {
        pub(super) id: String,
        pub(super) version: u32,
        pub(super) issue_date: Instant,
        pub(super) next_update: Instant,
        pub(super) tcb_evaluation_data_number: u32,
        pub(super) miscselect: Bytes<4>,
        pub(super) miscselect_mask: Bytes<4>,
        pub(super) attributes: Bytes<16>,
        pub(super) attributes_mask: Bytes<16>,
        pub(super) mrsigner: Bytes32,
        pub(super) isvprodid: u16,
        pub(super) tcb_levels: Vec<SvnLevel>,
    }
}
