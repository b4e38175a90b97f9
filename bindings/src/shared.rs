//! Collateral for many verdicts.

use teeproof_core::{CollateralError, CollateralParts, CollateralSet, TrustAnchor};

use crate::judge::signature_backend;

/// Collateral whose signatures were checked once, under one trust anchor. It holds no instant, and
/// nothing in it changes while it is used: one serves any number of quotes, instants and threads.
///
/// A verdict with it is the verdict with the same files in
/// [`VerifyOptions::collateral`](crate::VerifyOptions::collateral), digest and all; only the work
/// differs. The second engine, where there is one, checks all of it again for every quote.
#[derive(Debug, Clone)]
pub struct SharedCollateral {
    set: CollateralSet,
    parts: Vec<CollateralParts>,
}

impl SharedCollateral {
    /// No collateral yet.
    pub const fn new(anchor: TrustAnchor) -> Self {
        Self {
            set: CollateralSet::new(anchor),
            parts: Vec::new(),
        }
    }

    /// Adds a collateral file, if every signature on it leads to the trust anchor.
    pub fn add(&mut self, parts: CollateralParts) -> Result<(), CollateralError> {
        let mut one = CollateralSet::new(self.set.anchor().clone());
        one.add(&parts, signature_backend())?;
        for authentic in one.items() {
            self.set.add_authentic(authentic.clone().with_digest());
        }
        self.parts.push(parts);
        Ok(())
    }

    /// The trust anchor.
    pub const fn anchor(&self) -> &TrustAnchor {
        self.set.anchor()
    }

    /// The files, in the order in which they were added.
    pub fn parts(&self) -> &[CollateralParts] {
        &self.parts
    }

    pub(crate) const fn set(&self) -> &CollateralSet {
        &self.set
    }
}
