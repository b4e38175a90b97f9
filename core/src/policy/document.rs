//! The policy as it is written. One set of types for TOML and JSON.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Policy;
use super::error::{Fault, PolicyError, PolicyErrorKind as Kind, Position};
use super::fields::{Field, Given, Keys, List, One, Row, Rows, Section, Table, Whole};
use super::readers::{
    AdvisoryId, ChannelWord, CurrentStatus, EngineWord, FreshnessWord, Hex, Label, LintWord,
    MergedStatus, ModuleStatus, PlatformStatus, ProviderId, ProviderWord, QeStatus, SchemaWord,
    TeeWord,
};
use super::rules::{
    AnyOf, AppRules, KeyProviderKind, KeyProviderRef, LintDemand, OsReference, PlatformRules,
    SgxRules, TcbRules, TdRules,
};
use super::source::{PolicyValue, Refusal};
use crate::bytes::Measurement;
use crate::canonical::Json;
use crate::limits;
use crate::tcb_status::TcbStatus;

/// Declares a table and reads it key by key: what is declared is what is read, and what the schema
/// says.
macro_rules! tables {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[cfg_attr(feature = "schema", schemars(deny_unknown_fields, rename_all = "kebab-case"))]
            pub(super) struct $name {
                $($(#[$field_meta])* $field: $kind,)*
            }

            impl $name {
                fn keys(keys: &Keys<'_>) -> Result<Self, Refusal> {
                    keys.only(&[$(stringify!($field)),*])?;
                    $(let $field = keys.find::<$kind>(stringify!($field))?;)*
                    Ok(Self {
                        $($field: keys.or_absent($field, stringify!($field))?,)*
                    })
                }
            }
        )*
    };
}

/// Largest number of a floor: what every reader of the canonical JSON keeps exactly.
type Floor = Whole<{ Json::MAX_NUMBER }>;

tables! {
    /// What is accepted of attestation evidence. `docs/policy.md` says what each key means.
    PolicyTable {
        /// The schema of this document.
        #[allow(dead_code, reason = "reading it is the check")]
        schema: One<SchemaWord>,
        /// A label. It decides nothing and is not in the digest.
        #[cfg_attr(feature = "schema", schemars(default))]
        name: Given<One<Label>>,
        /// Accepted kinds of TEE. Default: tdx.
        #[cfg_attr(feature = "schema", schemars(default))]
        tee: Given<List<TeeWord>>,
        /// Whether two engines have to agree. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        engines: Given<One<EngineWord>>,
        /// Whether the evidence has to answer a challenge. Default: optional.
        #[cfg_attr(feature = "schema", schemars(default))]
        freshness: Given<One<FreshnessWord>>,
        /// Whether the other end of a live connection has to be the TD. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        channel: Given<One<ChannelWord>>,
        /// The TCB and the collateral that judges it.
        #[cfg_attr(feature = "schema", schemars(default))]
        tcb: Given<Table<TcbTable>>,
        /// The machine.
        #[cfg_attr(feature = "schema", schemars(default))]
        platform: Given<Table<PlatformTable>>,
        /// The TD's attributes.
        #[cfg_attr(feature = "schema", schemars(default))]
        td: Given<Table<TdTable>>,
        /// SGX enclaves.
        #[cfg_attr(feature = "schema", schemars(default))]
        sgx: Given<Table<SgxTable>>,
        /// Accepted operating systems. Entries of equal name form one set.
        #[cfg_attr(feature = "schema", schemars(default))]
        os: Given<Rows<OsTable>>,
        /// The app.
        #[cfg_attr(feature = "schema", schemars(default))]
        app: Given<Table<AppTable>>,
    }

    TcbTable {
        /// Accepted results of Intel's convergence. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        merged: Given<List<MergedStatus>>,
        /// Accepted statuses of the platform's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        platform: Given<List<PlatformStatus>>,
        /// Accepted statuses of the TDX module's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        module: Given<List<ModuleStatus>>,
        /// Accepted statuses of the quoting enclave's own level. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        qe: Given<List<QeStatus>>,
        /// Accepted statuses of the TCB that a TD runs on now. Default: UpToDate.
        #[cfg_attr(feature = "schema", schemars(default))]
        current: Given<List<CurrentStatus>>,
        /// Days for which an out-of-date status is accepted, counted from the TCB date of the earliest
        /// newer up-to-date level. Needed exactly if one is accepted.
        #[cfg_attr(feature = "schema", schemars(default))]
        out_of_date_grace_days: Given<Whole<36_500>>,
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
    }

    PlatformTable {
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
    }

    TdTable {
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
    }

    SgxTable {
        /// UNSAFE: accept enclaves under debug.
        #[cfg_attr(feature = "schema", schemars(default))]
        accept_debug_enclave_unsafe: bool,
    }

    OsTable {
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
    }

    AppTable {
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
        key_providers: Given<Rows<KeyProviderTable>>,
        /// What a lint of the app-compose may find. Default: any.
        #[cfg_attr(feature = "schema", schemars(default))]
        compose_lint: Given<One<LintWord>>,
    }

    KeyProviderTable {
        /// The provider's kind.
        kind: One<ProviderWord>,
        /// The provider's id. Needed for every kind but `none`.
        #[cfg_attr(feature = "schema", schemars(default))]
        id: Given<One<ProviderId>>,
    }
}

impl Section for PolicyTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for PlatformTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for TdTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for SgxTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for OsTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for AppTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }
}

impl Section for TcbTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }

    fn check(&self) -> Result<(), Fault> {
        let rules = TcbRules::from(self.clone());
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
        if let (Some(tolerated), Some(denied)) =
            (&rules.tolerated_advisories, &rules.denied_advisories)
            && let Some(both) = tolerated.iter().find(|id| denied.contains(id.as_str()))
        {
            let detail = ["`", both.as_str(), "` is both tolerated and denied"];
            return Err(Fault::new(Kind::AdvisoryContradiction, detail.concat()));
        }
        Ok(())
    }
}

impl Section for KeyProviderTable {
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal> {
        Self::keys(keys)
    }

    fn check(&self) -> Result<(), Fault> {
        if self.kind.0 != KeyProviderKind::None && self.id.0.is_none() {
            let detail = [
                "a key provider of kind `",
                self.kind.0.as_str(),
                "` without id",
            ];
            return Err(Fault::new(Kind::KeyProviderId, detail.concat()));
        }
        Ok(())
    }
}

impl Row for OsTable {
    /// Not `rtmr0`: two entries that differ only there are one entry with two values.
    type Key = (String, Measurement, Measurement, Measurement);

    fn key(&self) -> Self::Key {
        (self.name.0.clone(), self.mrtd.0, self.rtmr1.0, self.rtmr2.0)
    }
}

impl Row for KeyProviderTable {
    type Key = KeyProviderRef;

    fn key(&self) -> KeyProviderRef {
        self.clone().into()
    }
}

impl<R: super::fields::Reader> Given<List<R>> {
    fn list(self) -> Option<AnyOf<R::Out>> {
        self.0.map(|list| list.0)
    }
}

impl<const MAX: u64> Given<Whole<MAX>> {
    fn number(self) -> Option<u64> {
        self.0.map(|number| number.0)
    }
}

impl From<TcbTable> for TcbRules {
    fn from(table: TcbTable) -> Self {
        let default = Self::default();
        Self {
            merged: table.merged.list().unwrap_or(default.merged),
            platform: table.platform.list().unwrap_or(default.platform),
            module: table.module.list().unwrap_or(default.module),
            qe: table.qe.list().unwrap_or(default.qe),
            current: table.current.list().unwrap_or(default.current),
            // The range of the number is a part of its type.
            out_of_date_grace_days: table
                .out_of_date_grace_days
                .number()
                .and_then(|days| u32::try_from(days).ok()),
            min_evaluation_number: table.min_evaluation_number.number(),
            min_root_crl_number: table.min_root_crl_number.number(),
            min_pck_crl_number: table.min_pck_crl_number.number(),
            tolerated_advisories: table.tolerated_advisories.list(),
            denied_advisories: table.denied_advisories.list(),
        }
    }
}

impl Default for TcbRules {
    fn default() -> Self {
        let up_to_date = || AnyOf::one(TcbStatus::UpToDate);
        Self {
            merged: up_to_date(),
            platform: up_to_date(),
            module: up_to_date(),
            qe: up_to_date(),
            current: up_to_date(),
            out_of_date_grace_days: None,
            min_evaluation_number: None,
            min_root_crl_number: None,
            min_pck_crl_number: None,
            tolerated_advisories: None,
            denied_advisories: None,
        }
    }
}

impl From<PlatformTable> for PlatformRules {
    fn from(table: PlatformTable) -> Self {
        Self {
            fmspc: table.fmspc.list(),
            ppid: table.ppid.list(),
            device_ids: table.device_ids.list(),
            dynamic: table.dynamic.0,
            cached_keys: table.cached_keys.0,
            smt: table.smt.0,
        }
    }
}

impl From<TdTable> for TdRules {
    fn from(table: TdTable) -> Self {
        Self {
            attributes: table.attributes.list(),
            xfam: table.xfam.list(),
            accept_debug_td_unsafe: table.accept_debug_td_unsafe,
            accept_service_td_unsafe: table.accept_service_td_unsafe,
            accept_migratable_td_unsafe: table.accept_migratable_td_unsafe,
            accept_missing_sept_ve_disable_unsafe: table.accept_missing_sept_ve_disable_unsafe,
        }
    }
}

impl From<SgxTable> for SgxRules {
    fn from(table: SgxTable) -> Self {
        Self {
            accept_debug_enclave_unsafe: table.accept_debug_enclave_unsafe,
        }
    }
}

impl From<OsTable> for OsReference {
    fn from(table: OsTable) -> Self {
        Self {
            name: table.name.0,
            mrtd: table.mrtd.0,
            rtmr1: table.rtmr1.0,
            rtmr2: table.rtmr2.0,
            rtmr0: table.rtmr0.list(),
        }
    }
}

impl From<AppTable> for AppRules {
    fn from(table: AppTable) -> Self {
        let providers = table
            .key_providers
            .0
            .and_then(|rows| AnyOf::of(rows.0.into_iter().map(KeyProviderRef::from)));
        Self {
            compose_hashes: table.compose_hashes.list(),
            app_ids: table.app_ids.list(),
            rtmr3: table.rtmr3.list(),
            report_data: table.report_data.list(),
            key_providers: providers,
            compose_lint: table.compose_lint.0.map_or(LintDemand::Any, |word| word.0),
        }
    }
}

impl From<KeyProviderTable> for KeyProviderRef {
    fn from(table: KeyProviderTable) -> Self {
        Self {
            kind: table.kind.0,
            id: table.id.0.map(|id| id.0).unwrap_or_default(),
        }
    }
}

impl From<PolicyTable> for Policy {
    fn from(table: PolicyTable) -> Self {
        let default = Self::default();
        let os = |rows: Rows<OsTable>| {
            rows.0
                .into_iter()
                .map(OsReference::from)
                .collect::<Vec<_>>()
        };
        Self {
            name: table.name.0.map(|name| name.0),
            tee: table.tee.list().unwrap_or(default.tee),
            engines: table.engines.0.map_or(default.engines, |word| word.0),
            freshness: table.freshness.0.map_or(default.freshness, |word| word.0),
            channel: table.channel.0.map_or(default.channel, |word| word.0),
            tcb: table.tcb.0.map(|tcb| tcb.0.into()).unwrap_or_default(),
            platform: table
                .platform
                .0
                .map(|part| part.0.into())
                .unwrap_or_default(),
            td: table.td.0.map(|td| td.0.into()).unwrap_or_default(),
            sgx: table.sgx.0.map(|sgx| sgx.0.into()).unwrap_or_default(),
            os: table.os.0.map(os),
            app: table.app.0.map(|app| app.0.into()).unwrap_or_default(),
            ..default
        }
        .sealed()
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
            .map(|table| table.0.into())
            .map_err(|refusal| refusal.in_text(text))
    }
}
