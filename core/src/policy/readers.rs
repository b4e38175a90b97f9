//! How each text of a policy is read.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Fault, PolicyErrorKind as Kind, is_printable};
use super::fields::{Reader, words};
use super::rules::{ChannelDemand, EngineDemand, FreshnessDemand, KeyProviderKind, LintDemand};
use crate::bytes::{Bytes, HexError, decode_hex};
use crate::limits;
use crate::quote::Tee;
use crate::tcb_status::TcbStatus;

#[cfg(feature = "schema")]
use schemars::json_schema;

/// Hex of exactly `N` bytes.
pub(super) struct Hex<const N: usize>;

impl<const N: usize> Reader for Hex<N> {
    type Out = Bytes<N>;
    const EXPECTED: &'static str = "a text of hex digits";

    fn read(text: &str) -> Result<Bytes<N>, Fault> {
        refuse_prefix(text)?;
        text.parse().map_err(hex_fault)
    }

    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema {
        let pattern = format!("^[0-9a-fA-F]{{{}}}$", N.saturating_mul(2));
        json_schema!({ "type": "string", "pattern": pattern })
    }
}

/// The id of a key provider: hex of any sensible length.
pub(super) struct ProviderId;

impl Reader for ProviderId {
    type Out = Vec<u8>;
    const EXPECTED: &'static str = "a text of hex digits";

    fn read(text: &str) -> Result<Vec<u8>, Fault> {
        refuse_prefix(text)?;
        decode_hex(text, limits::KEY_PROVIDER_ID).map_err(hex_fault)
    }

    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9a-fA-F]{2})+$",
            "maxLength": limits::KEY_PROVIDER_ID.saturating_mul(2),
        })
    }
}

fn refuse_prefix(text: &str) -> Result<(), Fault> {
    let prefix = ["0x", "0X", "sha256:"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix));
    match prefix {
        None => Ok(()),
        Some(prefix) => {
            let detail = format!("hex with the prefix `{prefix}`");
            Err(Fault::new(Kind::HexPrefix, detail))
        }
    }
}

fn hex_fault(error: HexError) -> Fault {
    Fault::new(Kind::HexInvalid, format!("{error}"))
}

/// A fault about a word that is none of those expected.
fn unknown_word(text: &str, expected: &str) -> Fault {
    let shown: String = text.chars().take(limits::QUOTED_TEXT).collect();
    let detail = format!("`{shown}`, expected one of {expected}");
    Fault::new(Kind::WordUnknown, detail)
}

macro_rules! word_readers {
    ($($reader:ident => $out:ident, $expected:literal;)*) => {
        $(
            pub(super) struct $reader;

            impl Reader for $reader {
                type Out = $out;
                const EXPECTED: &'static str = $expected;

                fn read(text: &str) -> Result<$out, Fault> {
                    $out::ALL
                        .iter()
                        .copied()
                        .find(|word| word.as_str() == text)
                        .ok_or_else(|| unknown_word(text, &words($out::ALL)))
                }

                #[cfg(feature = "schema")]
                fn schema() -> schemars::Schema {
                    let words: Vec<_> = $out::ALL.iter().map(|word| word.as_str()).collect();
                    json_schema!({ "type": "string", "enum": words })
                }
            }
        )*
    };
}

word_readers! {
    TeeWord => Tee, "a kind of TEE";
    EngineWord => EngineDemand, "`any` or `both`";
    FreshnessWord => FreshnessDemand, "`optional` or `required`";
    ChannelWord => ChannelDemand, "`any` or `bound`";
    LintWord => LintDemand, "`any`, `no-error`, `no-warning` or `no-note`";
    ProviderWord => KeyProviderKind, "a kind of key provider";
}

macro_rules! status_readers {
    ($($reader:ident, $place:literal, $holds:expr;)*) => {
        $(
            pub(super) struct $reader;

            impl Reader for $reader {
                type Out = TcbStatus;
                const EXPECTED: &'static str = "a TCB status in Intel's spelling";

                fn read(text: &str) -> Result<TcbStatus, Fault> {
                    status(text, $place, $holds)
                }

                #[cfg(feature = "schema")]
                fn schema() -> schemars::Schema {
                    let words: Vec<_> = acceptable($holds).map(TcbStatus::as_str).collect();
                    json_schema!({ "type": "string", "enum": words })
                }
            }
        )*
    };
}

status_readers! {
    MergedStatus, "the merged status", |_| true;
    PlatformStatus, "the platform", TcbStatus::in_tcb_info;
    ModuleStatus, "the TDX module", TcbStatus::in_module_identity;
    QeStatus, "the quoting enclave", TcbStatus::in_qe_identity;
    // A convergence without relaunch advice, so the words of a platform level.
    CurrentStatus, "the current TCB", TcbStatus::in_tcb_info;
}

/// The statuses that a list may accept.
fn acceptable(holds: fn(TcbStatus) -> bool) -> impl Iterator<Item = TcbStatus> {
    TcbStatus::ALL
        .iter()
        .copied()
        .filter(move |status| *status != TcbStatus::Revoked && holds(*status))
}

fn status(text: &str, place: &str, holds: fn(TcbStatus) -> bool) -> Result<TcbStatus, Fault> {
    let Ok(status) = text.parse() else {
        return Err(unknown_word(text, &words(acceptable(holds))));
    };
    if status == TcbStatus::Revoked {
        let detail = "`Revoked` among the accepted statuses";
        return Err(Fault::new(Kind::StatusRevoked, detail));
    }
    if !holds(status) {
        let detail = format!(
            "`{status}`, which {place} never has; it has one of {}",
            words(acceptable(holds))
        );
        return Err(Fault::new(Kind::StatusMisplaced, detail));
    }
    Ok(status)
}

/// An advisory id. Read strictly: a denied advisory in another spelling would deny nothing.
pub(super) struct AdvisoryId;

impl Reader for AdvisoryId {
    type Out = String;
    const EXPECTED: &'static str = "an advisory id such as `INTEL-SA-00837`";

    fn read(text: &str) -> Result<String, Fault> {
        let plain = |rest: &str| {
            !rest.is_empty()
                && rest.len() <= 32
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let numbered = |rest: &str| rest.len() == 5 && rest.bytes().all(|b| b.is_ascii_digit());
        let known = match (text.strip_prefix("INTEL-SA-"), text.strip_prefix("INTEL-")) {
            (Some(number), _) => numbered(number),
            (None, Some(rest)) => plain(rest),
            (None, None) => false,
        };
        if known {
            return Ok(text.to_owned());
        }
        let shown: String = text.chars().take(limits::QUOTED_TEXT).collect();
        let detail = format!("`{shown}` is no advisory id");
        Err(Fault::new(Kind::AdvisoryInvalid, detail))
    }

    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema {
        json_schema!({
            "type": "string",
            "pattern": "^INTEL-(SA-[0-9]{5}|(?!SA-)[A-Z0-9-]{1,32})$",
        })
    }
}

/// A label, for people only. It is printed in transcripts, so it must not be able to look like
/// anything else in them.
pub(super) struct Label;

impl Reader for Label {
    type Out = String;
    const EXPECTED: &'static str = "a short name";

    fn read(text: &str) -> Result<String, Fault> {
        let limit = limits::QUOTED_TEXT;
        if text.chars().nth(limit).is_some() {
            let detail = format!("a name of more than {limit} characters");
            return Err(Fault::new(Kind::LabelInvalid, detail));
        }
        if !text.chars().all(is_printable) || text.trim() != text {
            let detail = "a name with characters that cannot be printed, or spaces at its ends";
            return Err(Fault::new(Kind::LabelInvalid, detail));
        }
        Ok(text.to_owned())
    }

    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": limits::QUOTED_TEXT })
    }
}

/// The schema of this document.
pub(super) const SCHEMA: &str = "teeproof.policy/1";

/// [`SCHEMA`], and nothing else.
pub(super) struct SchemaWord;

impl Reader for SchemaWord {
    type Out = ();
    const EXPECTED: &'static str = "`teeproof.policy/1`";

    fn read(text: &str) -> Result<(), Fault> {
        if text == SCHEMA {
            return Ok(());
        }
        let shown: String = text.chars().take(limits::QUOTED_TEXT).collect();
        let detail = format!("the schema `{shown}`, expected `{SCHEMA}`");
        Err(Fault::new(Kind::SchemaUnknown, detail))
    }

    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema {
        json_schema!({ "const": SCHEMA })
    }
}
