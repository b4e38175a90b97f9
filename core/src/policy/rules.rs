//! What a policy demands, part by part.
//!
//! Fields are public to be read. Each struct is `non_exhaustive` and a [`Policy`](super::Policy)
//! hands out only references, so nothing here gets into a policy but through its validation.

use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;

use crate::bytes::{Bytes, Bytes32, Fmspc, Id20, Measurement, ReportData, encode_hex};
use crate::lint::LintSeverity;
use crate::quote::Tee;
use crate::tcb_status::TcbStatus;

/// Accepted values, any of which will do. Never empty: an empty list would accept nothing, and
/// nobody means that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnyOf<T: Ord>(
    /// In ascending order, nothing twice.
    Vec<T>,
);

impl<T: Ord> AnyOf<T> {
    /// These values, or `None` if there are none.
    pub(super) fn of(values: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        Self::of_sorted(values)
    }

    /// These values, which are in ascending order and different from each other, or `None`.
    pub(super) fn of_sorted(values: Vec<T>) -> Option<Self> {
        (!values.is_empty()).then_some(Self(values))
    }

    /// One value.
    pub(super) fn one(value: T) -> Self {
        Self(Vec::from([value]))
    }

    /// Whether the value is accepted.
    pub fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let found = self.0.binary_search_by(|known| known.borrow().cmp(value));
        found.is_ok()
    }

    /// Whether every value of this list is in the other.
    pub(super) fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|value| other.contains(value))
    }

    /// The values in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}

/// Where a policy says nothing.
impl Default for AnyOf<TcbStatus> {
    fn default() -> Self {
        Self::one(TcbStatus::UpToDate)
    }
}

/// Where a policy says nothing.
impl Default for AnyOf<Tee> {
    fn default() -> Self {
        Self::one(Tee::Tdx)
    }
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
        }

        impl $name {
            /// All words.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in a policy.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How many engines have to agree. Stricter is later.
    #[derive(Default)]
    EngineDemand {
        /// One is enough.
        #[default]
        Any = "any",
        /// Two have to run and agree.
        Both = "both",
    }
}

words! {
    /// Whether the evidence has to answer a challenge of the caller. Stricter is later.
    #[derive(Default)]
    FreshnessDemand {
        /// Checked if the caller gives a challenge.
        #[default]
        Optional = "optional",
        /// The caller has to give a challenge, and the evidence has to answer it.
        Required = "required",
    }
}

words! {
    /// Whether the other end of a live connection has to be the TD itself. Stricter is later.
    #[derive(Default)]
    ChannelDemand {
        /// Reported, and not demanded.
        #[default]
        Any = "any",
        /// The key of the TLS connection has to be in the quote.
        Bound = "bound",
    }
}

words! {
    /// What a lint of the app-compose may find. Stricter is later.
    #[derive(Default)]
    LintDemand {
        /// Anything: nobody has to lint it.
        #[default]
        Any = "any",
        /// No error.
        NoError = "no-error",
        /// No warning and no error.
        NoWarning = "no-warning",
        /// Nothing at all.
        NoNote = "no-note",
    }
}

impl LintDemand {
    /// The mildest finding that is refused.
    pub const fn refuses(self) -> Option<LintSeverity> {
        match self {
            Self::Any => None,
            Self::NoError => Some(LintSeverity::Error),
            Self::NoWarning => Some(LintSeverity::Warning),
            Self::NoNote => Some(LintSeverity::Note),
        }
    }
}

words! {
    /// Who holds the keys of a dstack app.
    KeyProviderKind {
        /// A key management service, identified by its root key.
        Kms = "kms",
        /// A sealing enclave on the same machine, identified by its MRENCLAVE.
        LocalSgx = "local-sgx",
        /// The machine's TPM.
        Tpm = "tpm",
        /// Nobody: keys do not outlive the boot.
        None = "none",
    }
}

/// What is demanded of the TCB, and of the collateral that judges it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcbRules {
    /// Accepted results of Intel's convergence.
    pub merged: AnyOf<TcbStatus>,
    /// Accepted statuses of the platform's own level.
    pub platform: AnyOf<TcbStatus>,
    /// Accepted statuses of the TDX module's own level.
    pub module: AnyOf<TcbStatus>,
    /// Accepted statuses of the quoting enclave's own level.
    pub qe: AnyOf<TcbStatus>,
    /// Accepted results of the convergence for the TCB that a TD runs on now, where it differs
    /// from the one it was launched on.
    pub current: AnyOf<TcbStatus>,
    /// Days after the TCB date of the earliest newer up-to-date level for which an out-of-date
    /// status is still accepted. Present exactly if one is accepted anywhere.
    pub out_of_date_grace_days: Option<u32>,
    /// Floor for the TCB evaluation data number of TCB info and QE identity.
    pub min_evaluation_number: Option<u64>,
    /// Floor for the CRL number of the root's revocation list.
    pub min_root_crl_number: Option<u64>,
    /// Floor for the CRL number of the PCK CA's revocation list.
    pub min_pck_crl_number: Option<u64>,
    /// If present, any other advisory is refused.
    pub tolerated_advisories: Option<AnyOf<String>>,
    /// Advisories that are refused. None of them is tolerated.
    pub denied_advisories: Option<AnyOf<String>>,
}

impl TcbRules {
    /// Whether the policy lets an advisory apply to the platform.
    pub fn accepts_advisory(&self, id: &str) -> bool {
        let tolerated = self
            .tolerated_advisories
            .as_ref()
            .is_none_or(|list| list.contains(id));
        let denied = self
            .denied_advisories
            .as_ref()
            .is_some_and(|list| list.contains(id));
        tolerated && !denied
    }
}

/// What is demanded of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformRules {
    /// Accepted models.
    pub fmspc: Option<AnyOf<Fmspc>>,
    /// Accepted machines, by PPID. With `device_ids` it is one list in two notations.
    pub ppid: Option<AnyOf<Bytes<16>>>,
    /// Accepted machines, by SHA-256 of the PPID, which dstack calls the device id.
    pub device_ids: Option<AnyOf<Bytes32>>,
    /// Demanded value of the PCK certificate's dynamic-platform flag.
    pub dynamic: Option<bool>,
    /// Demanded value of the PCK certificate's cached-keys flag.
    pub cached_keys: Option<bool>,
    /// Demanded value of the PCK certificate's SMT flag.
    pub smt: Option<bool>,
}

impl PlatformRules {
    /// Whether the policy lists machines at all.
    pub fn lists_devices(&self) -> bool {
        self.ppid.is_some() || self.device_ids.is_some()
    }

    /// Whether the machine is accepted: nothing is listed, or its PPID or device id is.
    pub fn accepts_device(&self, ppid: &Bytes<16>) -> bool {
        let by_ppid = self.ppid.as_ref().is_some_and(|list| list.contains(ppid));
        let by_id = self
            .device_ids
            .as_ref()
            .is_some_and(|list| list.contains(&crate::bytes::sha256(ppid.as_slice())));
        !self.lists_devices() || by_ppid || by_id
    }
}

/// What is demanded of the TD's own attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TdRules {
    /// Accepted values of the TD attributes, as they stand in the quote.
    pub attributes: Option<AnyOf<Bytes<8>>>,
    /// Accepted values of the extended features mask, as they stand in the quote.
    pub xfam: Option<AnyOf<Bytes<8>>>,
    /// Accept DEBUG and profiling: the host can read all memory.
    pub accept_debug_td_unsafe: bool,
    /// Accept a bound service TD.
    pub accept_service_td_unsafe: bool,
    /// Accept MIGRATABLE.
    pub accept_migratable_td_unsafe: bool,
    /// Accept that SEPT_VE_DISABLE is not set.
    pub accept_missing_sept_ve_disable_unsafe: bool,
}

/// What is demanded of an SGX enclave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SgxRules {
    /// Accept DEBUG: the host can read all memory.
    pub accept_debug_enclave_unsafe: bool,
}

/// One accepted operating system: firmware, kernel, command line and initrd.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OsReference {
    /// The set it belongs to. A label: it is printed and can be pinned by name, and decides
    /// nothing else.
    pub name: String,
    /// The firmware.
    pub mrtd: Measurement,
    /// The kernel.
    pub rtmr1: Measurement,
    /// The command line and the initrd.
    pub rtmr2: Measurement,
    /// Accepted shapes of the virtual machine; any if absent.
    pub rtmr0: Option<AnyOf<Measurement>>,
}

impl OsReference {
    /// Whether the registers of a quote are those of this operating system.
    pub fn matches(
        &self,
        mrtd: &Measurement,
        rtmr0: &Measurement,
        rtmr1: &Measurement,
        rtmr2: &Measurement,
    ) -> bool {
        self.mrtd == *mrtd
            && self.rtmr1 == *rtmr1
            && self.rtmr2 == *rtmr2
            && self.rtmr0.as_ref().is_none_or(|list| list.contains(rtmr0))
    }
}

/// What is demanded of the app. All but `rtmr3` and `report_data` is read from the measured log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppRules {
    /// Accepted compose hashes: SHA-256 of the exact `app-compose.json`.
    pub compose_hashes: Option<AnyOf<Bytes32>>,
    /// Accepted app ids.
    pub app_ids: Option<AnyOf<Id20>>,
    /// Accepted values of RTMR3.
    pub rtmr3: Option<AnyOf<Measurement>>,
    /// Accepted values of the whole report data.
    pub report_data: Option<AnyOf<ReportData>>,
    /// Accepted key providers.
    pub key_providers: Option<AnyOf<KeyProviderRef>>,
    /// What a lint of the app-compose may find.
    pub compose_lint: LintDemand,
}

/// One accepted key provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct KeyProviderRef {
    /// Its kind.
    pub kind: KeyProviderKind,
    /// Its exact id; empty for [`KeyProviderKind::None`], where dstack measures an empty id.
    pub id: Vec<u8>,
}

impl fmt::Display for KeyProviderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id.is_empty() {
            write!(f, "{}", self.kind)
        } else {
            write!(f, "{}:{}", self.kind, encode_hex(&self.id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_accepted_by_either_notation() {
        let (known, other) = (Bytes::new([1; 16]), Bytes::new([2; 16]));
        let mut rules = PlatformRules::default();
        assert!(!rules.lists_devices() && rules.accepts_device(&known));

        rules.ppid = Some(AnyOf::one(known));
        assert!(rules.accepts_device(&known) && !rules.accepts_device(&other));

        rules.device_ids = Some(AnyOf::one(crate::bytes::sha256(other.as_slice())));
        assert!(rules.accepts_device(&known) && rules.accepts_device(&other));
        assert!(!rules.accepts_device(&Bytes::new([3; 16])));
    }

    #[test]
    fn an_advisory_passes_only_tolerated_and_not_denied() {
        let mut rules = super::super::Policy::default().tcb().clone();
        let id = "INTEL-SA-00837";
        assert!(rules.accepts_advisory(id));
        rules.tolerated_advisories = Some(AnyOf::one("INTEL-SA-00001".into()));
        assert!(!rules.accepts_advisory(id) && rules.accepts_advisory("INTEL-SA-00001"));
        rules.tolerated_advisories = None;
        rules.denied_advisories = Some(AnyOf::one(id.into()));
        assert!(!rules.accepts_advisory(id) && rules.accepts_advisory("INTEL-SA-00001"));
    }
}
