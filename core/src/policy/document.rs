//! The policy as it is written. One set of types for TOML and JSON.

use alloc::string::{String, ToString};

use super::Policy;
use super::error::{Fault, PolicyError, PolicyErrorKind as Kind, Position};
use super::fields::{
    Days, Defaulted, Field, Given, Keys, List, One, Row, Rows, Section, Set, Table, Whole,
};
use super::readers::{
    AdvisoryId, ChannelWord, CurrentStatus, EngineWord, FreshnessWord, Hex, Label, LintWord,
    MergedStatus, ModuleStatus, PlatformStatus, ProviderId, ProviderWord, QeStatus, SchemaWord,
    TeeWord,
};
use super::rules::{
    AnyOf, AppRules, KeyProviderKind, KeyProviderRef, OsReference, PlatformRules, SgxRules,
    TcbRules, TdRules,
};
use super::source::{PolicyValue, Refusal};
use crate::bytes::Measurement;
use crate::canonical::Json;
use crate::limits;

/// Declares tables and reads each into its rules, key by key: what is declared is what is read, and
/// what the schema says. In brackets stands a key that is checked and not kept: what is wrong with it
/// is said first, and last that it is missing.
macro_rules! tables {
    ($(
        $(#[$meta:meta])*
        $name:ident $([$(#[$only_meta:meta])* $only:ident: $only_kind:ty])? => $rules:ident {
            $($(#[$field_meta:meta])* $field:ident: $kind:ty,)*
        }
        $(and $rest:ident: $value:expr)?
        $(, checked by $check:ident)?;
    )*) => {
        $(
            $(#[$meta])*
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[cfg_attr(feature = "schema", schemars(deny_unknown_fields, rename_all = "kebab-case"))]
            #[allow(dead_code, reason = "none is ever made: it says what is read, and how")]
            pub(super) struct $name {
                $($(#[$only_meta])* $only: $only_kind,)?
                $($(#[$field_meta])* $field: $kind,)*
            }

            impl Section for $name {
                type Rules = $rules;

                fn of(keys: &Keys<'_>) -> Result<$rules, Refusal> {
                    keys.only(&[$(stringify!($only),)? $(stringify!($field)),*])?;
                    $(let $only = keys.find::<$only_kind>(stringify!($only))?;)?
                    let rules = $rules {
                        $($field: keys.read::<$kind>(stringify!($field))?,)*
                        $($rest: $value,)?
                    };
                    $($only.ok_or_else(|| keys.missing(stringify!($only)))?;)?
                    Ok(rules)
                }

                $(fn check(rules: &$rules) -> Result<(), Fault> {
                    $check(rules)
                })?
            }
        )*
    };
}

/// Largest number of a floor: what every reader of the canonical JSON keeps exactly.
type Floor = Whole<{ Json::MAX_NUMBER }>;

tables! {
    /// What is accepted of attestation evidence. `docs/policy.md` says what each key means.
    PolicyTable [
        /// The schema of this document.
        schema: One<SchemaWord>
    ] => Policy {
        /// A label. It decides nothing and is not in the digest.
        #[cfg_attr(feature = "schema", schemars(default))]
        name: Given<One<Label>>,
        /// Accepted kinds of TEE. Default: tdx.
        #[cfg_attr(feature = "schema", schemars(default))]
        tee: Defaulted<List<TeeWord>>,
        /// Whether two engines have to agree. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        engines: Defaulted<One<EngineWord>>,
        /// Whether the evidence has to answer a challenge. Default: optional.
        #[cfg_attr(feature = "schema", schemars(default))]
        freshness: Defaulted<One<FreshnessWord>>,
        /// Whether the other end of a live connection has to be the TD. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        channel: Defaulted<One<ChannelWord>>,
        /// The TCB and the collateral that judges it.
        #[cfg_attr(feature = "schema", schemars(default))]
        tcb: Defaulted<Table<TcbTable>>,
        /// The machine.
        #[cfg_attr(feature = "schema", schemars(default))]
        platform: Defaulted<Table<PlatformTable>>,
        /// The TD's attributes.
        #[cfg_attr(feature = "schema", schemars(default))]
        td: Defaulted<Table<TdTable>>,
        /// SGX enclaves.
        #[cfg_attr(feature = "schema", schemars(default))]
        sgx: Defaulted<Table<SgxTable>>,
        /// Accepted operating systems. Entries of equal name form one set.
        #[cfg_attr(feature = "schema", schemars(default))]
        os: Given<Rows<OsTable>>,
        /// The app.
        #[cfg_attr(feature = "schema", schemars(default))]
        app: Defaulted<Table<AppTable>>,
    } and seal: super::Seal::none();

    TcbTable => TcbRules {
        /// Accepted results of Intel's convergence. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        merged: Defaulted<List<MergedStatus>>,
        /// Accepted statuses of the platform's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        platform: Defaulted<List<PlatformStatus>>,
        /// Accepted statuses of the TDX module's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        module: Defaulted<List<ModuleStatus>>,
        /// Accepted statuses of the quoting enclave's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        qe: Defaulted<List<QeStatus>>,
        /// Accepted statuses of the TCB that a TD runs on now. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        current: Defaulted<List<CurrentStatus>>,
        /// Days for which an out-of-date status is accepted, counted from the TCB date of the earliest
        /// newer up-to-date level. Needed exactly if one is accepted.
        #[cfg_attr(feature = "schema", schemars(default))]
        out_of_date_grace_days: Given<Days<36_500>>,
        /// Floor for the TCB evaluation data number.
        #[cfg_attr(feature = "schema", schemars(default))]
        min_evaluation_number: Given<Floor>,
        /// Floor for the root CRL's number.
        #[cfg_attr(feature = "schema", schemars(default))]
        min_root_crl_number: Given<Floor>,
        /// Floor for the PCK CRL's number.
        #[cfg_attr(feature = "schema", schemars(default))]
        min_pck_crl_number: Given<Floor>,
        /// If present, any other advisory is refused.
        #[cfg_attr(feature = "schema", schemars(default))]
        tolerated_advisories: Given<List<AdvisoryId>>,
        /// Advisories that are refused.
        #[cfg_attr(feature = "schema", schemars(default))]
        denied_advisories: Given<List<AdvisoryId>>,
    }, checked by tcb;

    PlatformTable => PlatformRules {
        /// Accepted FMSPCs.
        #[cfg_attr(feature = "schema", schemars(default))]
        fmspc: Given<List<Hex<6>>>,
        /// Accepted machines by PPID. One list with `device-ids`.
        #[cfg_attr(feature = "schema", schemars(default))]
        ppid: Given<List<Hex<16>>>,
        /// Accepted machines by SHA-256 of the PPID. One list with `ppid`.
        #[cfg_attr(feature = "schema", schemars(default))]
        device_ids: Given<List<Hex<32>>>,
        /// Demanded value of the dynamic-platform flag.
        #[cfg_attr(feature = "schema", schemars(default))]
        dynamic: Given<bool>,
        /// Demanded value of the cached-keys flag.
        #[cfg_attr(feature = "schema", schemars(default))]
        cached_keys: Given<bool>,
        /// Demanded value of the SMT flag.
        #[cfg_attr(feature = "schema", schemars(default))]
        smt: Given<bool>,
    };

    TdTable => TdRules {
        /// Accepted TD attributes.
        #[cfg_attr(feature = "schema", schemars(default))]
        attributes: Given<List<Hex<8>>>,
        /// Accepted extended features masks.
        #[cfg_attr(feature = "schema", schemars(default))]
        xfam: Given<List<Hex<8>>>,
        /// UNSAFE: accept TDs under debug.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_debug_td_unsafe: bool,
        /// UNSAFE: accept TDs with a service TD.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_service_td_unsafe: bool,
        /// UNSAFE: accept TDs that can be migrated.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_migratable_td_unsafe: bool,
        /// UNSAFE: accept TDs without SEPT_VE_DISABLE.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_missing_sept_ve_disable_unsafe: bool,
    };

    SgxTable => SgxRules {
        /// UNSAFE: accept enclaves under debug.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_debug_enclave_unsafe: bool,
    };

    OsTable => OsReference {
        /// The set that the entry belongs to.
        name: One<Label>,
        /// MRTD.
        mrtd: One<Hex<48>>,
        /// RTMR1.
        rtmr1: One<Hex<48>>,
        /// RTMR2.
        rtmr2: One<Hex<48>>,
        /// Accepted values of RTMR0. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        rtmr0: Given<List<Hex<48>>>,
    };

    AppTable => AppRules {
        /// Accepted compose hashes.
        #[cfg_attr(feature = "schema", schemars(default))]
        compose_hashes: Given<List<Hex<32>>>,
        /// Accepted app ids.
        #[cfg_attr(feature = "schema", schemars(default))]
        app_ids: Given<List<Hex<20>>>,
        /// Accepted values of RTMR3.
        #[cfg_attr(feature = "schema", schemars(default))]
        rtmr3: Given<List<Hex<48>>>,
        /// Accepted report data.
        #[cfg_attr(feature = "schema", schemars(default))]
        report_data: Given<List<Hex<64>>>,
        /// Accepted key providers.
        #[cfg_attr(feature = "schema", schemars(default))]
        key_providers: Given<Set<KeyProviderTable>>,
        /// What a lint of the app-compose may find. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        compose_lint: Defaulted<One<LintWord>>,
    };

    KeyProviderTable => KeyProviderRef {
        /// The provider's kind.
        kind: One<ProviderWord>,
        /// The provider's id. Needed for every kind but `none`.
        #[cfg_attr(feature = "schema", schemars(default))]
        id: Defaulted<One<ProviderId>>,
    }, checked by key_provider;
}

fn tcb(rules: &TcbRules) -> Result<(), Fault> {
    let lists = [
        &rules.merged,
        &rules.platform,
        &rules.module,
        &rules.qe,
        &rules.current,
    ];
    let out_of_date = lists
        .into_iter()
        .flat_map(AnyOf::iter)
        .find(|status| status.needs_grace());
    match (out_of_date, rules.out_of_date_grace_days) {
        (Some(status), None) => {
            let detail = [
                "`",
                status.as_str(),
                "` is accepted without a grace in days",
            ];
            return Err(Fault::new(Kind::GraceMissing, detail.concat()));
        }
        (None, Some(_)) => {
            let detail = "a grace in days, and no out-of-date status is accepted";
            return Err(Fault::new(Kind::GraceUnneeded, detail));
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    if let (Some(tolerated), Some(denied)) = (&rules.tolerated_advisories, &rules.denied_advisories)
        && let Some(both) = tolerated.iter().find(|id| denied.contains(id.as_str()))
    {
        let detail = ["`", both.as_str(), "` is both tolerated and denied"];
        return Err(Fault::new(Kind::AdvisoryContradiction, detail.concat()));
    }
    Ok(())
}

/// An id that is given is never empty.
fn key_provider(rules: &KeyProviderRef) -> Result<(), Fault> {
    if rules.kind != KeyProviderKind::None && rules.id.is_empty() {
        let kind = rules.kind.as_str();
        let detail = ["a key provider of kind `", kind, "` without id"];
        return Err(Fault::new(Kind::KeyProviderId, detail.concat()));
    }
    Ok(())
}

impl Row for OsTable {
    /// Not `rtmr0`: two entries that differ only there are one entry with two values.
    type Key = (String, Measurement, Measurement, Measurement);

    fn key(os: &OsReference) -> Self::Key {
        (os.name.clone(), os.mrtd, os.rtmr1, os.rtmr2)
    }
}

impl Policy {
    /// What every policy text has to be before any parser sees it: UTF-8, without a byte order
    /// mark, and no larger than [`limits::POLICY`].
    pub fn check_text(bytes: &[u8]) -> Result<&str, PolicyError> {
        if bytes.len() > limits::POLICY {
            let detail = [
                "a policy of ",
                &bytes.len().to_string(),
                " bytes, where the limit is ",
                &limits::POLICY.to_string(),
            ];
            return Err(PolicyError::new(Kind::TooLarge, &detail.concat(), None));
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            let position = Position::of(bytes, 0);
            let detail = "a byte order mark";
            return Err(PolicyError::new(Kind::ByteOrderMark, detail, position));
        }
        core::str::from_utf8(bytes).map_err(|error| {
            let position = Position::of(bytes, error.valid_up_to());
            PolicyError::new(Kind::NotUtf8, "bytes that are not UTF-8", position)
        })
    }

    /// Reads a policy from JSON.
    ///
    /// Unknown and duplicate keys, `null`, wrong types and empty lists are refused, with the line.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = Self::check_text(bytes)?;
        Self::from_value(text, &PolicyValue::of_json(text)?)
    }

    /// Reads a policy of a format that the core does not parse: from what its parser found in the
    /// text. It holds to every rule of the schema, as one in JSON does.
    pub fn from_value(text: &str, value: &PolicyValue) -> Result<Self, PolicyError> {
        Table::<PolicyTable>::read(value)
            .map(Self::sealed)
            .map_err(|refusal| refusal.in_text(text))
    }
}
