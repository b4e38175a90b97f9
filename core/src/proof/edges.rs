//! At which instants the outcome for one quote can change.
//!
//! Time enters a verdict in three places only: the windows of collateral and of certificates, the
//! choice among several collateral files, which asks for their windows too, and the grace for a TCB
//! that is out of date. So the instants are finite and known before anything is judged.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Examination;
use super::chain::PckChain;
use crate::collateral::{AuthenticCollateral, CollateralSet, NamedWindow};
use crate::quote::{Certification, Quote};
use crate::tcb::{ComponentTcb, TcbEvaluation};
use crate::time::Instant;

impl Examination {
    /// Every window that the examination of this quote with this collateral can depend on, whoever
    /// signed it: those of every file of the set, of the trust anchor and of every PCK chain.
    ///
    /// The first instant of a window and the one after its last ([`NamedWindow::edges`]) are where an
    /// outcome can change, but for the ends of a grace ([`TcbEvaluation::grace_ends`]).
    pub fn windows(quote: &[u8], set: &CollateralSet) -> Vec<NamedWindow> {
        let certificate = |part, window| NamedWindow {
            part,
            window,
            certificate: true,
        };
        let root = set.anchor().certificate().window();
        let mut windows = Vec::from([certificate("root_ca", root)]);
        windows.extend(set.items().iter().flat_map(AuthenticCollateral::windows));
        let quote = Quote::parse(quote).ok();
        let own = quote
            .as_ref()
            .and_then(|quote| match quote.certification() {
                Certification::PckChain(pem) => Some(pem.as_slice()),
                _ => None,
            });
        for pem in own.into_iter().chain(set.pck_chains()) {
            // What cannot be read is refused at every instant.
            if let Ok(chain) = PckChain::parse(pem) {
                windows.push(certificate("pck_certificate", chain.leaf.window()));
                windows.push(certificate("pck_ca", chain.ca.window()));
            }
        }
        windows
    }
}

impl NamedWindow {
    /// The first instant inside, and the first after it, where there is one.
    pub fn edges(&self) -> impl Iterator<Item = Instant> {
        [
            Some(self.window.not_before),
            self.window.not_after.plus_one_second(),
        ]
        .into_iter()
        .flatten()
    }
}

impl TcbEvaluation {
    /// The last instant of each grace of so many days, with whose it is: one for each component that
    /// is out of date.
    pub fn grace_ends(&self, days: u32) -> BTreeSet<(Instant, &'static str)> {
        let end = |name, component: &ComponentTcb| {
            let late = component.status.needs_grace();
            late.then(|| (component.grace_from.plus_days(days), name))
        };
        let current = self.current.as_ref();
        [
            Some(("grace_platform", &self.platform)),
            self.module.as_ref().map(|module| ("grace_module", module)),
            Some(("grace_qe", &self.qe)),
            current.map(|current| ("grace_current_platform", &current.platform)),
            current
                .and_then(|current| current.module.as_ref())
                .map(|module| ("grace_current_module", module)),
        ]
        .into_iter()
        .flatten()
        .filter_map(|(name, component)| end(name, component))
        .collect()
    }
}
