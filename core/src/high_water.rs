//! The newest endorsements that a caller has seen, so that older ones can be refused.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::bytes::{Bytes32, Fmspc};
use crate::finding::Finding;
use crate::proof::Examination;
use crate::quote::Tee;
use crate::x509::PckCa;
use crate::{CheckId, Reason, Value};

/// The highest `tcbEvaluationDataNumber` and CRL numbers of authentic collateral that was valid when
/// it was used, each by what it is about and by trust anchor. The caller owns it and keeps it as long
/// as it should count.
///
/// Old collateral stays valid until its window ends, so whoever serves it can hold back what is newer
/// for weeks. Who has seen the newer one need not believe the older.
///
/// It grows only by what is signed under a trust anchor of the caller's: by one entry for each
/// platform model, of some 60 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HighWater(BTreeMap<Mark, u64>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    TcbInfo(Bytes32, Tee, Fmspc),
    QeIdentity(Bytes32, Tee),
    RootCrl(Bytes32),
    PckCrl(Bytes32, PckCa),
}

impl HighWater {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Holds the collateral of an examination against what was seen. Where a number is lower than one
    /// seen before, the check of such numbers fails with [`Reason::CollateralReceded`] and nothing is
    /// proven any more; what is higher is what counts from now on. Collateral that is outside of its
    /// windows or signed by a revoked key is not learnt from.
    pub fn hold(&mut self, examination: &mut Examination) {
        let Some(collateral) = &examination.collateral else {
            return;
        };
        let anchor = *collateral.anchor().digest();
        let (tee, fmspc) = (collateral.tee(), *collateral.fmspc());
        let (tcb_info, qe_identity) = collateral.evaluation_numbers();
        let (root_crl, pck_crl) = collateral.crl_numbers();
        let numbers = [
            (
                CheckId::TcbEvaluationNumber,
                "tcbInfo",
                Mark::TcbInfo(anchor, tee, fmspc),
                tcb_info.into(),
            ),
            (
                CheckId::TcbEvaluationNumber,
                "qeIdentity",
                Mark::QeIdentity(anchor, tee),
                qe_identity.into(),
            ),
            (
                CheckId::CrlNumber,
                "rootCrl",
                Mark::RootCrl(anchor),
                root_crl,
            ),
            (
                CheckId::CrlNumber,
                "pckCrl",
                Mark::PckCrl(anchor, collateral.pck_ca()),
                pck_crl,
            ),
        ];
        let learn = collateral.valid_at(examination.at).is_ok();
        for (check, name, mark, number) in numbers {
            let seen = self.0.get(&mark).copied().unwrap_or(0);
            if number < seen {
                let field = |number| Value::Fields(Vec::from([(name, Value::Number(number))]));
                examination.refuse(
                    check,
                    Finding::failed(Reason::CollateralReceded)
                        .found(field(number))
                        .expected(field(seen)),
                );
            } else if learn {
                self.0.insert(mark, number);
            }
        }
    }
}
