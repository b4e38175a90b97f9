//! The challenge of a caller, and the report data that answer it.

use teeproof_core::{Bytes32, Challenge, DerivationRule, ReportData, decode_hex};

use crate::refusal::{Refusal, RefusalCode};

/// A challenge of a length that is served, with the report data of the rule `teeproof-evidence`.
///
/// This is the only thing that a quote can be asked for, and this file has the only ways to make one:
/// no byte of report data is ever the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceChallenge {
    challenge: Challenge,
    report_data: ReportData,
}

impl EvidenceChallenge {
    /// The shortest challenge in bytes. Shorter ones come again by chance or by trying.
    pub const SHORTEST: usize = 16;

    /// The longest challenge in bytes: more than this is not randomness.
    pub const LONGEST: usize = 64;

    /// The challenge in the parameter `challenge` of a query.
    ///
    /// # Errors
    /// A refusal that says what is wrong with it.
    pub fn from_query(query: Option<&str>, channel_key: Option<Bytes32>) -> Result<Self, Refusal> {
        let mut values =
            query
                .unwrap_or_default()
                .split('&')
                .filter_map(|pair| match pair.split_once('=') {
                    Some(("challenge", value)) => Some(value),
                    None if pair == "challenge" => Some(""),
                    _ => None,
                });
        match (values.next(), values.next()) {
            (Some(text), None) => Self::from_hex(text, channel_key),
            (None, _) => Err(RefusalCode::ChallengeMissing.into()),
            // Two readers of one query could take two different ones for the challenge.
            (Some(_), Some(_)) => Err(RefusalCode::ChallengeRepeated.into()),
        }
    }

    /// The challenge in hex, of either case.
    ///
    /// # Errors
    /// A refusal that says what is wrong with it.
    pub fn from_hex(text: &str, channel_key: Option<Bytes32>) -> Result<Self, Refusal> {
        let length = text.len() / 2;
        if text.is_empty() {
            return Err(RefusalCode::ChallengeMissing.into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) || !text.len().is_multiple_of(2) {
            return Err(RefusalCode::ChallengeNotHex.into());
        }
        if !(Self::SHORTEST..=Self::LONGEST).contains(&length) {
            return Err(RefusalCode::ChallengeLength.into());
        }
        let bytes = decode_hex(text, Self::LONGEST)
            .map_err(|_| Refusal::from(RefusalCode::ChallengeNotHex))?;
        let mut challenge = Challenge::new(bytes, DerivationRule::TeeproofEvidence);
        challenge.channel_key = channel_key;
        let report_data = challenge
            .expected_report_data()
            .map_err(|_| Refusal::from(RefusalCode::ChallengeLength))?;
        Ok(Self {
            challenge,
            report_data,
        })
    }

    /// What a verifier has to be told of the challenge.
    pub const fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The report data that answer it.
    pub const fn report_data(&self) -> &ReportData {
        &self.report_data
    }
}
