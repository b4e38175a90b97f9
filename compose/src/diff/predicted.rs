//! Which hash follows if the new document goes the way that the old one went.

use teeproof_core::ComposeHash;

use crate::document::AppCompose;
use crate::predict::{NotPredicted, Predictor};

/// What follows for the new document if a program writes it that is known to write the old one's
/// exact bytes. A prediction: whether that program writes it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicted {
    /// The programs. Each writes the old document's exact bytes, and they agree about the new one.
    pub predictors: Vec<Predictor>,
    /// The hash of what they write for the new document, or why none is predicted.
    pub hash: Result<ComposeHash, NotPredicted>,
}

impl Predicted {
    /// The names of the predictors, with commas between them.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.predictors.iter().map(|one| one.id()).collect();
        names.join(", ")
    }
}

/// One entry for each different outcome, in the order of [`Predictor::ALL`]. A program that does not
/// reproduce the old bytes did not write them, and says nothing about the new ones.
pub(super) fn predicted(old: &AppCompose, new: &AppCompose) -> Vec<Predicted> {
    let mut found: Vec<Predicted> = Vec::new();
    for predictor in Predictor::ALL {
        if predictor.bytes(old.json()).as_deref() != Ok(old.bytes()) {
            continue;
        }
        let hash = predictor.hash(new.json());
        match found.iter_mut().find(|other| other.hash == hash) {
            Some(other) => other.predictors.push(predictor),
            None => found.push(Predicted {
                predictors: vec![predictor],
                hash,
            }),
        }
    }
    found
}
