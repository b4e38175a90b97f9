//! TCB info and QE identity, as Intel signs them (PCS API v4). Parsed, not trusted.
//!
//! Unknown keys are left alone, for Intel adds some from time to time; a key that stands twice, a
//! status that is none of Intel's words and a number out of its range are refused. Levels are sorted
//! highest first here: the order in the document is not relied upon, as in Intel's library.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::str::FromStr;

use crate::bytes::{Bytes, Bytes32, Fmspc, Measurement};
use crate::json::{Document, Fields, Node, ShapeFault};
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

/// Something within a document is not in its form.
#[derive(Debug)]
struct Malformed;

impl From<ShapeFault> for Malformed {
    fn from(_: ShapeFault) -> Self {
        Self
    }
}

impl From<Malformed> for DocumentError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<ShapeFault> for DocumentError {
    fn from(_: ShapeFault) -> Self {
        Self::Malformed
    }
}

impl DocumentError {
    fn version(found: u32, expected: &'static str) -> Self {
        Self::Version {
            found: found.to_string(),
            expected,
        }
    }

    fn tee(found: &str, expected: &'static str) -> Self {
        Self::Tee {
            found: String::from(found),
            expected,
        }
    }

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
        let document = read(text)?;
        let fields = Fields::open("the document", document.root())?;
        let version: u32 = fields.whole("version")?;
        let tee = match (fields.maybe_text("id")?.as_deref(), version) {
            (Some("TDX"), 3) => Tee::Tdx,
            (Some("SGX"), 3) => Tee::Sgx,
            // Version 2 has no id; only SGX ever had it.
            (None, 2) => Tee::Sgx,
            (Some("TDX" | "SGX") | None, version) => {
                return Err(DocumentError::version(version, "3 (2 for SGX)"));
            }
            (Some(other), _) => return Err(DocumentError::tee(other, "SGX or TDX")),
        };
        let mut levels: Vec<PlatformLevel> = bounded(&fields, "tcbLevels", true)?
            .into_iter()
            .map(|level| PlatformLevel::read(level, tee, version))
            .collect::<Result<_, _>>()?;
        levels.sort_by_key(|level| Reverse((level.sgx, level.pce_svn, level.tdx)));
        let module = fields.maybe("tdxModule").map(|node| {
            let module = Fields::open("tdxModule", node)?;
            ModuleIdentity::read(&module)
        });
        Ok(Self {
            tee,
            window: window(&fields)?,
            fmspc: parsed(&fields, "fmspc")?,
            pce_id: parsed(&fields, "pceId")?,
            evaluation_number: fields.whole("tcbEvaluationDataNumber")?,
            module: module.transpose()?,
            module_identities: bounded(&fields, "tdxModuleIdentities", false)?
                .into_iter()
                .map(VersionedModule::read)
                .collect::<Result<_, _>>()?,
            levels,
        })
    }

    /// The identity of a versioned module: `TDX_` and the major version in two hex digits.
    pub(crate) fn module_of_version(&self, version: u8) -> Option<&VersionedModule> {
        let [high, low] = crate::bytes::hex_digits(version);
        let id = [b'T', b'D', b'X', b'_', high, low];
        self.module_identities
            .iter()
            .find(|module| module.id.as_bytes().eq_ignore_ascii_case(&id))
    }
}

impl QeIdentity {
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let document = read(text)?;
        let fields = Fields::open("the document", document.root())?;
        let version: u32 = fields.whole("version")?;
        let tee = match (&*fields.text("id")?, version) {
            ("QE", 2) => Tee::Sgx,
            ("TD_QE", 2 | 3) => Tee::Tdx,
            ("QE" | "TD_QE", version) => {
                return Err(DocumentError::version(version, "2 (2 or 3 for TDX)"));
            }
            (other, _) => return Err(DocumentError::tee(other, "QE or TD_QE")),
        };
        // The hex digits are the four bytes as they stand in a report.
        let number = |bytes: Bytes<4>| u32::from_le_bytes(*bytes.as_array());
        Ok(Self {
            tee,
            window: window(&fields)?,
            evaluation_number: fields.whole("tcbEvaluationDataNumber")?,
            misc_select: number(parsed(&fields, "miscselect")?),
            misc_select_mask: number(parsed(&fields, "miscselectMask")?),
            attributes: parsed(&fields, "attributes")?,
            attributes_mask: parsed(&fields, "attributesMask")?,
            mr_signer: parsed(&fields, "mrsigner")?,
            isv_prod_id: fields.whole("isvprodid")?,
            levels: svn_levels(&fields)?,
        })
    }
}

impl PlatformLevel {
    fn read(node: Node<'_>, tee: Tee, version: u32) -> Result<Self, Malformed> {
        let fields = Fields::open("a level", node)?;
        let tcb = Fields::open("tcb", fields.node("tcb")?)?;
        let sgx = match tcb.maybe("sgxtcbcomponents") {
            Some(components) => svns(components)?,
            // Version 2 spells the components `sgxtcbcomp01svn` to `sgxtcbcomp16svn`.
            None if version == 2 => {
                let mut svns = [0; 16];
                for (number, svn) in (1..).zip(&mut svns) {
                    *svn = tcb.whole(&alloc::format!("sgxtcbcomp{number:02}svn"))?;
                }
                svns
            }
            None => return Err(Malformed),
        };
        let tdx = match (tcb.maybe("tdxtcbcomponents"), tee) {
            (Some(components), Tee::Tdx) => svns(components)?,
            (None, Tee::Sgx) => [0; 16],
            _ => return Err(Malformed),
        };
        Ok(Self {
            sgx,
            pce_svn: tcb.whole("pcesvn")?,
            tdx,
            level: Level::read(&fields)?,
        })
    }
}

impl ModuleIdentity {
    fn read(fields: &Fields<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            mr_signer: parsed(fields, "mrsigner")?,
            attributes: parsed(fields, "attributes")?,
            attributes_mask: parsed(fields, "attributesMask")?,
        })
    }
}

impl VersionedModule {
    fn read(node: Node<'_>) -> Result<Self, Malformed> {
        let fields = Fields::open("a module", node)?;
        Ok(Self {
            id: fields.text("id")?.into_owned(),
            identity: ModuleIdentity::read(&fields)?,
            levels: svn_levels(&fields)?,
        })
    }
}

impl Level {
    fn read(fields: &Fields<'_>) -> Result<Self, Malformed> {
        let advisories = fields.any_texts("advisoryIDs", limits::ADVISORIES)?;
        if advisories.len() > limits::ADVISORIES {
            return Err(Malformed);
        }
        Ok(Self {
            status: parsed(fields, "tcbStatus")?,
            date: parsed(fields, "tcbDate")?,
            advisories: advisories.into_iter().map(Cow::into_owned).collect(),
        })
    }
}

fn read(text: &str) -> Result<Document<'_>, DocumentError> {
    if text.len() > limits::SIGNED_JSON {
        return Err(DocumentError::TooLarge { found: text.len() });
    }
    Document::of_text(text).map_err(|_| DocumentError::Malformed)
}

/// A text in the form of its type.
fn parsed<T: FromStr>(fields: &Fields<'_>, key: &str) -> Result<T, Malformed> {
    fields.text(key)?.parse().map_err(|_| Malformed)
}

fn window(fields: &Fields<'_>) -> Result<Window, Malformed> {
    Ok(Window {
        not_before: parsed(fields, "issueDate")?,
        not_after: parsed(fields, "nextUpdate")?,
    })
}

fn bounded<'a>(fields: &Fields<'a>, key: &str, demanded: bool) -> Result<Vec<Node<'a>>, Malformed> {
    let list = match demanded {
        true => fields.items(key, limits::TCB_LEVELS)?,
        false => fields.any_items(key, limits::TCB_LEVELS)?,
    };
    if list.len() > limits::TCB_LEVELS {
        return Err(Malformed);
    }
    Ok(list)
}

fn svn_levels(fields: &Fields<'_>) -> Result<Vec<SvnLevel>, Malformed> {
    let mut levels: Vec<SvnLevel> = bounded(fields, "tcbLevels", true)?
        .into_iter()
        .map(|node| {
            let fields = Fields::open("a level", node)?;
            let tcb = Fields::open("tcb", fields.node("tcb")?)?;
            Ok(SvnLevel {
                isv_svn: tcb.whole("isvsvn")?,
                level: Level::read(&fields)?,
            })
        })
        .collect::<Result<_, Malformed>>()?;
    levels.sort_by_key(|level| Reverse(level.isv_svn));
    Ok(levels)
}

fn svns(components: Node<'_>) -> Result<[u8; 16], Malformed> {
    let mut components = components.each().ok_or(Malformed)?;
    let mut svns = [0; 16];
    for svn in &mut svns {
        let component = components.next().and_then(Node::object);
        let number = component.and_then(|component| component.find("svn")?.whole());
        *svn = number
            .and_then(|number| u8::try_from(number).ok())
            .ok_or(Malformed)?;
    }
    match components.next() {
        None => Ok(svns),
        Some(_) => Err(Malformed),
    }
}
