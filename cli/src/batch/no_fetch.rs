//! A build without network fetches nothing.

use std::sync::RwLock;

use teeproof_bindings::{ExitCode, SharedCollateral, VerifyAnswer, VerifyOptions};
use teeproof_core::InstanceEvidence;

/// Of which there is none.
pub(crate) struct Fetching {
    pub(super) from: String,
    never: std::convert::Infallible,
}

impl Fetching {
    pub(super) const fn complete(
        &self,
        _: &VerifyAnswer,
        _: &mut InstanceEvidence,
        _: &VerifyOptions,
        _: &RwLock<SharedCollateral>,
    ) -> bool {
        match self.never {}
    }

    pub(super) const fn trouble(&self) -> Option<ExitCode> {
        match self.never {}
    }
}
