//! Authentic collateral for one instant.

use alloc::vec::Vec;

use super::{AuthenticCollateral, CollateralError};
use crate::time::Instant;
use crate::{Reason, Value};

/// Authentic collateral that is valid at one instant: the instant lies in every window and no signer
/// is revoked.
#[derive(Debug, Clone, Copy)]
pub struct ValidCollateral<'a> {
    authentic: &'a AuthenticCollateral,
    at: Instant,
}

impl AuthenticCollateral {
    /// Judges windows and revocation for an instant; all that is wrong is returned.
    pub fn valid_at(&self, at: Instant) -> Result<ValidCollateral<'_>, Vec<CollateralError>> {
        let mut errors = self.outside_windows(at);
        errors.extend(self.revoked_signers());
        if errors.is_empty() {
            Ok(ValidCollateral {
                authentic: self,
                at,
            })
        } else {
            Err(errors)
        }
    }

    pub(crate) fn outside_windows(&self, at: Instant) -> Vec<CollateralError> {
        self.windows()
            .into_iter()
            .filter(|named| !named.window.contains(at))
            .map(|named| {
                let (reason, edge) = if at < named.window.not_before {
                    (Reason::CollateralNotYetValid, named.window.not_before)
                } else {
                    (Reason::CollateralLapsed, named.window.not_after)
                };
                CollateralError::new(named.part, reason).values(Value::text(at), Value::text(edge))
            })
            .collect()
    }

    pub(crate) fn revoked_signers(&self) -> Vec<CollateralError> {
        let collateral = &self.collateral;
        [
            ("tcb_info_signer", &collateral.tcb_info_signed.chain.signer),
            (
                "qe_identity_signer",
                &collateral.qe_identity_signed.chain.signer,
            ),
            ("pck_crl_issuer", &collateral.pck_crl_chain.signer),
            ("root_ca", self.anchor.certificate()),
        ]
        .into_iter()
        .filter(|(_, certificate)| collateral.root_crl.revokes(certificate))
        .map(|(part, certificate)| {
            CollateralError::new(part, Reason::CertificateRevoked).values(
                Value::Text(crate::encode_hex(certificate.serial())),
                Value::from("not on the list"),
            )
        })
        .collect()
    }
}

impl<'a> ValidCollateral<'a> {
    /// The instant it is valid at.
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// The authentic collateral.
    pub const fn authentic(&self) -> &'a AuthenticCollateral {
        self.authentic
    }
}
