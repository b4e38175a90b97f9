//! Collateral for many platforms.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{AuthenticCollateral, Collateral, CollateralError, CollateralParts, Need};
use crate::anchor::TrustAnchor;
use crate::bytes::Fmspc;
use crate::quote::Tee;
use crate::signature::SignatureVerifier;
use crate::time::Instant;
use crate::x509::PckCa;

/// Authentic collateral of any number of platforms, under one trust anchor. Holds no instant: one
/// set serves quotes of many platforms at many instants.
#[derive(Debug, Clone)]
pub struct CollateralSet {
    anchor: TrustAnchor,
    items: Vec<AuthenticCollateral>,
    refused: Vec<CollateralError>,
    pck_chains: Vec<Vec<u8>>,
}

/// What a set holds for a platform.
pub(crate) enum Selection<'a> {
    /// Collateral for this platform, or the only collateral there is.
    Found(&'a AuthenticCollateral),
    /// None that is authentic: what was wrong with what was supplied.
    Refused(&'a CollateralError),
    /// None.
    Missing,
}

impl CollateralSet {
    /// An empty set.
    pub const fn new(anchor: TrustAnchor) -> Self {
        Self {
            anchor,
            items: Vec::new(),
            refused: Vec::new(),
            pck_chains: Vec::new(),
        }
    }

    /// Parses and authenticates collateral and adds it. What is refused is remembered, so that a
    /// report can say why collateral that was supplied does not count.
    pub fn add(
        &mut self,
        parts: &CollateralParts,
        signatures: &dyn SignatureVerifier,
    ) -> Result<(), CollateralError> {
        self.add_shared(Arc::new(parts.clone()), signatures)
    }

    /// As [`CollateralSet::add`], without a copy of the parts.
    pub fn add_shared(
        &mut self,
        parts: Arc<CollateralParts>,
        signatures: &dyn SignatureVerifier,
    ) -> Result<(), CollateralError> {
        let authentic = Collateral::parse_shared(parts)
            .and_then(|collateral| collateral.authenticate(&self.anchor, signatures));
        match authentic {
            Ok(authentic) => {
                self.items.push(authentic);
                Ok(())
            }
            Err(error) => {
                self.refused.push(error.clone());
                Err(error)
            }
        }
    }

    /// Adds collateral that was authenticated before, without checking it once more; not if that was
    /// under another trust anchor. Whether it was added.
    pub fn add_authentic(&mut self, authentic: AuthenticCollateral) -> bool {
        let fits = *authentic.anchor() == self.anchor;
        if fits {
            self.items.push(authentic);
        }
        fits
    }

    /// Adds what another set holds, in its order, without checking it once more. Sets of two trust
    /// anchors are not joined: what is authentic under one says nothing under the other. Whether
    /// they were.
    pub fn add_set(&mut self, other: &Self) -> bool {
        if self.anchor != other.anchor {
            return false;
        }
        self.items.extend_from_slice(&other.items);
        self.refused.extend_from_slice(&other.refused);
        self.pck_chains.extend_from_slice(&other.pck_chains);
        true
    }

    /// Adds a PCK certificate chain (PEM, leaf first) for quotes that carry none. It proves itself:
    /// it is used only where its key signed the quoting enclave's report.
    pub fn add_pck_chain(&mut self, pem: &str) {
        if pem.len() <= crate::limits::PEM_CHAIN {
            self.pck_chains.push(pem.as_bytes().to_vec());
        }
    }

    /// The PCK chains that were supplied, alone or within collateral.
    pub(crate) fn pck_chains(&self) -> impl Iterator<Item = &[u8]> {
        let within = self
            .items
            .iter()
            .filter_map(AuthenticCollateral::pck_certificate_chain);
        self.pck_chains.iter().map(Vec::as_slice).chain(within)
    }

    /// The trust anchor of everything in the set.
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// What is in the set.
    pub fn items(&self) -> &[AuthenticCollateral] {
        &self.items
    }

    /// What was supplied and refused.
    pub fn refused(&self) -> &[CollateralError] {
        &self.refused
    }

    /// The collateral for a platform. Of several, one that is valid at the instant goes before one
    /// that is not, then the higher evaluation numbers, then the later end, then the digest: the
    /// order in which they were added never matters.
    pub(crate) fn select(&self, tee: Tee, fmspc: Fmspc, ca: PckCa, at: Instant) -> Selection<'_> {
        let best = self
            .items
            .iter()
            .filter(|item| item.tee() == tee && *item.fmspc() == fmspc && item.pck_ca() == ca)
            .reduce(|best, item| {
                if item.goes_before(best, at) {
                    item
                } else {
                    best
                }
            });
        match (best, self.items.as_slice(), self.refused.as_slice()) {
            (Some(best), ..) => Selection::Found(best),
            // Supplied for this very verdict: say what it is for instead of calling it missing.
            (None, [only], []) => Selection::Found(only),
            (None, _, [first, ..]) => Selection::Refused(first),
            (None, ..) => Selection::Missing,
        }
    }

    /// What of a platform's needs no item of the set answers.
    pub(crate) fn missing(&self, tee: Tee, fmspc: Fmspc, ca: PckCa) -> Vec<Need> {
        Need::of_platform(tee, fmspc, ca)
            .into_iter()
            .filter(|need| {
                !self.items.iter().any(|item| match need {
                    Need::TcbInfo { .. } => item.tee() == tee && *item.fmspc() == fmspc,
                    Need::QeIdentity { .. } => item.tee() == tee,
                    Need::PckCrl { .. } => item.pck_ca() == ca,
                    Need::RootCrl => true,
                    Need::PckCertificate { .. } => false,
                })
            })
            .collect()
    }
}

impl AuthenticCollateral {
    /// See [`CollateralSet::select`]. Digests are computed for those that nothing else tells apart.
    fn goes_before(&self, other: &Self, at: Instant) -> bool {
        let rank = |item: &Self| {
            (
                item.valid_at(at).is_ok(),
                item.evaluation_numbers(),
                item.window().not_after,
            )
        };
        rank(self)
            .cmp(&rank(other))
            .then_with(|| self.digest().cmp(&other.digest()))
            .is_gt()
    }
}
