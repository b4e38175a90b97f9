//! What can be wrong with collateral.

use alloc::vec::Vec;
use core::fmt;

use crate::signature::SignatureAnswer;
use crate::tcb::DocumentError;
use crate::x509::X509Error;
use crate::{Reason, Value};

/// What is wrong with one part of the collateral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollateralError {
    part: &'static str,
    reason: Reason,
    found: Option<Value>,
    expected: Option<Value>,
}

impl CollateralError {
    pub(super) const fn new(part: &'static str, reason: Reason) -> Self {
        Self {
            part,
            reason,
            found: None,
            expected: None,
        }
    }

    pub(super) fn values(mut self, found: Value, expected: Value) -> Self {
        self.found = Some(found);
        self.expected = Some(expected);
        self
    }

    pub(super) fn certificate(part: &'static str, error: &X509Error) -> Self {
        Self {
            part,
            reason: error.certificate_reason(),
            found: error.found(),
            expected: error.expected(),
        }
    }

    pub(super) fn crl(part: &'static str, error: &X509Error) -> Self {
        Self {
            part,
            reason: error.crl_reason(),
            found: error.found(),
            expected: error.expected(),
        }
    }

    pub(super) fn document(part: &'static str, error: &DocumentError) -> Self {
        Self {
            part,
            reason: error.reason(),
            found: error.found(),
            expected: error.expected(),
        }
    }

    pub(super) fn signature_length(part: &'static str, found: usize) -> Self {
        Self::new(part, Reason::CollateralMalformed).values(Value::count(found), Value::Number(64))
    }

    pub(super) const fn answer(part: &'static str, answer: SignatureAnswer) -> Result<(), Self> {
        match answer {
            SignatureAnswer::Valid => Ok(()),
            SignatureAnswer::Invalid => Err(Self::new(part, Reason::SignatureInvalid)),
            SignatureAnswer::Unanswered => Err(Self::new(part, Reason::SignatureUnanswered)),
        }
    }

    /// The part of the collateral file, by its key.
    pub const fn part(&self) -> &'static str {
        self.part
    }

    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The part, and what was found there.
    pub fn found(&self) -> Value {
        let mut fields = Vec::from([("part", Value::from(self.part))]);
        fields.extend(self.found.clone().map(|found| ("value", found)));
        Value::Fields(fields)
    }

    /// What was expected.
    pub const fn expected(&self) -> Option<&Value> {
        self.expected.as_ref()
    }
}

impl fmt::Display for CollateralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.reason)
    }
}

impl core::error::Error for CollateralError {}
