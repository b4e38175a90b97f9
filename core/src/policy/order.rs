//! Which of two policies is the stricter one.

use super::Policy;
use super::canonical::by_triple;
use super::rules::{AnyOf, AppRules, OsReference, PlatformRules, TcbRules, TdRules};
use crate::bytes::{Bytes32, sha256};

impl Policy {
    /// Whether every demand of `other` is also made here, so that what this policy accepts `other`
    /// never refuses. It accepts it too, unless it makes demands on what the log says and names no
    /// operating system: those it cannot check. A partial order: of two policies that list
    /// different apps neither is.
    ///
    /// Each key has one direction: fewer accepted values, higher floors, fewer days, more denied
    /// advisories, a demand where there was none, and `false` for what is unsafe.
    pub fn is_at_least_as_strict_as(&self, other: &Self) -> bool {
        self.tee.within(&other.tee)
            && self.engines >= other.engines
            && self.freshness >= other.freshness
            && self.channel >= other.channel
            && self.tcb.within(&other.tcb)
            && self.platform.within(&other.platform)
            && self.td.within(&other.td)
            && self.sgx.accept_debug_enclave_unsafe <= other.sgx.accept_debug_enclave_unsafe
            && os_within(self.os.as_deref(), other.os.as_deref())
            && self.app.within(&other.app)
    }
}

/// An absent list accepts anything.
fn lists<T: Ord>(strict: &Option<AnyOf<T>>, loose: &Option<AnyOf<T>>) -> bool {
    match (strict, loose) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(strict), Some(loose)) => strict.within(loose),
    }
}

/// A demanded flag has no stricter value, only another one.
fn flags(strict: Option<bool>, loose: Option<bool>) -> bool {
    loose.is_none() || strict == loose
}

impl TcbRules {
    fn within(&self, other: &Self) -> bool {
        let statuses = [
            (&self.merged, &other.merged),
            (&self.platform, &other.platform),
            (&self.module, &other.module),
            (&self.qe, &other.qe),
            (&self.current, &other.current),
        ];
        let denied = match (&self.denied_advisories, &other.denied_advisories) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(strict), Some(loose)) => loose.within(strict),
        };
        // No grace is needed where no out-of-date status is accepted. An absent floor is the lowest.
        statuses.iter().all(|(strict, loose)| strict.within(loose))
            && self.out_of_date_grace_days <= other.out_of_date_grace_days
            && self.min_evaluation_number >= other.min_evaluation_number
            && self.min_root_crl_number >= other.min_root_crl_number
            && self.min_pck_crl_number >= other.min_pck_crl_number
            && lists(&self.tolerated_advisories, &other.tolerated_advisories)
            && denied
    }
}

impl PlatformRules {
    /// The machines listed in either notation.
    fn devices(&self) -> Option<AnyOf<Bytes32>> {
        let by_ppid = self.ppid.iter().flat_map(AnyOf::iter);
        let by_id = self.device_ids.iter().flat_map(AnyOf::iter);
        AnyOf::of(
            by_ppid
                .map(|ppid| sha256(ppid.as_slice()))
                .chain(by_id.copied()),
        )
    }

    fn within(&self, other: &Self) -> bool {
        lists(&self.fmspc, &other.fmspc)
            && lists(&self.devices(), &other.devices())
            && flags(self.dynamic, other.dynamic)
            && flags(self.cached_keys, other.cached_keys)
            && flags(self.smt, other.smt)
    }
}

impl TdRules {
    fn within(&self, other: &Self) -> bool {
        lists(&self.attributes, &other.attributes)
            && lists(&self.xfam, &other.xfam)
            && self.accept_debug_td_unsafe <= other.accept_debug_td_unsafe
            && self.accept_service_td_unsafe <= other.accept_service_td_unsafe
            && self.accept_migratable_td_unsafe <= other.accept_migratable_td_unsafe
            && self.accept_missing_sept_ve_disable_unsafe
                <= other.accept_missing_sept_ve_disable_unsafe
    }
}

impl AppRules {
    fn within(&self, other: &Self) -> bool {
        lists(&self.compose_hashes, &other.compose_hashes)
            && lists(&self.app_ids, &other.app_ids)
            && lists(&self.rtmr3, &other.rtmr3)
            && lists(&self.report_data, &other.report_data)
            && lists(&self.key_providers, &other.key_providers)
            && self.compose_lint >= other.compose_lint
    }
}

fn os_within(strict: Option<&[OsReference]>, loose: Option<&[OsReference]>) -> bool {
    let (strict, loose) = match (strict, loose) {
        (_, None) => return true,
        (None, Some(_)) => return false,
        (Some(strict), Some(loose)) => (by_triple(strict), by_triple(loose)),
    };
    strict.iter().all(|(triple, rtmr0)| {
        loose
            .iter()
            .any(|(known, accepted)| known == triple && lists(rtmr0, accepted))
    })
}
