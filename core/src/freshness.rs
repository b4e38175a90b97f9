//! Freshness: does the quote answer the caller's challenge?
//!
//! `REPORTDATA` is 64 bytes that the workload chooses. A challenge gets into it by a rule, and the
//! caller names the rule: guessing it from the quote would let the quote choose.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{Bytes32, ReportData, sha256};
use crate::limits;
use crate::reason::Reason;
use crate::value::Value;

const REPORT_DATA: usize = 64;

/// Begins every preimage of [`DerivationRule::TeeproofEvidence`].
const EVIDENCE_TAG: &[u8] = b"teeproof-evidence/1:";

macro_rules! rules {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// How 64 bytes of report data derive from a challenge.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum DerivationRule {
            $(#[doc = $doc] $variant,)*
        }

        impl DerivationRule {
            /// All rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

rules! {
    Raw64, "raw64", "The challenge itself, of exactly 64 bytes (tappd `RawQuote`).";
    ZeroPadded, "zero-padded", "The challenge of 1 to 64 bytes, then zeros (dstack `GetQuote`). Zeros at the end of a challenge are not told from padding, so challenges of one caller should have one length.";
    Sha256Padded, "sha256-padded", "SHA-256 of the challenge, then 32 zeros.";
    Sha512, "sha512", "SHA-512 of the challenge.";
    TeeproofEvidence, "teeproof-evidence", "SHA-512 of the ASCII text `teeproof-evidence/1:`, the length of the challenge (64 bits, little-endian), the challenge, and the digest of the channel's key (32 bytes; zeros without one): what the `evidence` adapter serves. Nothing that is signed for another purpose has this form.";
    AppDataSha512, "app-data-sha512", "SHA-512 of the ASCII text `app-data:` and the challenge (tappd `TdxQuote` with its defaults).";
}

impl DerivationRule {
    /// Finds a rule by its stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// The shortest and the longest challenge in bytes.
    const fn bounds(self) -> (usize, usize) {
        match self {
            Self::Raw64 => (REPORT_DATA, REPORT_DATA),
            Self::ZeroPadded => (1, REPORT_DATA),
            Self::Sha256Padded | Self::Sha512 | Self::TeeproofEvidence | Self::AppDataSha512 => {
                (1, limits::CHALLENGE)
            }
        }
    }
}

impl fmt::Display for DerivationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A caller's challenge and the rule by which report data derives from it.
///
/// Source: RFC 9334 section 10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The challenge as the caller sent it.
    pub bytes: Vec<u8>,
    /// The rule that the caller and the workload agreed on.
    pub rule: DerivationRule,
    /// For [`DerivationRule::TeeproofEvidence`]: SHA-256 of the key at the workload's end of the
    /// channel (its SubjectPublicKeyInfo in DER), as the workload states it. It may come with the
    /// evidence, for report data prove that it was stated there. Other rules do not read it.
    pub channel_key: Option<Bytes32>,
}

impl Challenge {
    /// A challenge that says nothing of a channel.
    pub const fn new(bytes: Vec<u8>, rule: DerivationRule) -> Self {
        Self {
            bytes,
            rule,
            channel_key: None,
        }
    }

    /// The 64 bytes of report data that answer this challenge.
    ///
    /// # Errors
    /// [`ChallengeError::Length`] if the challenge is empty, longer than the rule takes, or not of
    /// the rule's one length. Nothing is ever cut.
    pub fn expected_report_data(&self) -> Result<ReportData, ChallengeError> {
        let (shortest, longest) = self.rule.bounds();
        let wrong_length = ChallengeError::Length {
            rule: self.rule,
            found: self.bytes.len(),
            shortest,
            longest,
        };
        if self.bytes.len() < shortest || self.bytes.len() > longest {
            return Err(wrong_length);
        }
        match self.rule {
            DerivationRule::Raw64 => ReportData::from_slice(&self.bytes),
            DerivationRule::ZeroPadded => padded(&self.bytes),
            DerivationRule::Sha256Padded => {
                let digest: Bytes32 = sha256(&self.bytes);
                padded(digest.as_slice())
            }
            DerivationRule::Sha512 => Some(sha512(&[&self.bytes])),
            DerivationRule::TeeproofEvidence => Some(self.evidence_report_data()),
            DerivationRule::AppDataSha512 => Some(sha512(&[b"app-data:", &self.bytes])),
        }
        .ok_or(wrong_length)
    }

    fn evidence_report_data(&self) -> ReportData {
        let length = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let key = self.channel_key.unwrap_or(Bytes32::new([0; 32]));
        sha512(&[
            EVIDENCE_TAG,
            &length.to_le_bytes(),
            &self.bytes,
            key.as_slice(),
        ])
    }

    /// Whether report data answers this challenge: all 64 bytes are compared, padding included.
    ///
    /// # Errors
    /// [`ChallengeError::Length`] as above, [`ChallengeError::Mismatch`] with both values.
    pub fn verify(&self, report_data: &ReportData) -> Result<(), ChallengeError> {
        let expected = self.expected_report_data()?;
        if *report_data == expected {
            Ok(())
        } else {
            Err(ChallengeError::Mismatch {
                found: Box::new(*report_data),
                expected: Box::new(expected),
            })
        }
    }
}

/// The bytes, then zeros up to 64; `None` if there are more than 64.
fn padded(bytes: &[u8]) -> Option<ReportData> {
    let mut data = [0; REPORT_DATA];
    data.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(ReportData::new(data))
}

fn sha512(parts: &[&[u8]]) -> ReportData {
    use sha2::Digest;
    let mut hash = sha2::Sha512::new();
    for part in parts {
        hash.update(part);
    }
    ReportData::new(hash.finalize().into())
}

/// Why a challenge cannot be used or is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeError {
    /// The challenge has a length that the rule does not take.
    Length {
        /// The rule.
        rule: DerivationRule,
        /// Bytes of the challenge.
        found: usize,
        /// Bytes of the shortest challenge.
        shortest: usize,
        /// Bytes of the longest challenge.
        longest: usize,
    },
    /// Report data does not derive from the challenge.
    Mismatch {
        /// Report data of the quote.
        found: Box<ReportData>,
        /// Report data that the challenge asks for.
        expected: Box<ReportData>,
    },
}

impl ChallengeError {
    /// The reason for the report.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Length { .. } => Reason::ChallengeUnusable,
            Self::Mismatch { .. } => Reason::ChallengeMismatch,
        }
    }

    /// What was found: the length of the challenge, or report data.
    pub fn found(&self) -> Option<Value> {
        Some(match self {
            Self::Length { found, .. } => Value::count(*found),
            Self::Mismatch { found, .. } => Value::text(found),
        })
    }

    /// What was expected: the rule and its bounds, or report data.
    pub fn expected(&self) -> Option<Value> {
        Some(match self {
            Self::Length {
                rule,
                shortest,
                longest,
                ..
            } => Value::Fields(alloc::vec![
                ("rule", Value::text(rule)),
                ("shortest", Value::count(*shortest)),
                ("longest", Value::count(*longest)),
            ]),
            Self::Mismatch { expected, .. } => Value::text(expected),
        })
    }
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length {
                rule,
                found,
                shortest,
                longest,
            } => write!(
                f,
                "a challenge of {found} bytes where the rule {rule} takes {shortest} to {longest}"
            ),
            Self::Mismatch { found, expected } => {
                write!(
                    f,
                    "report data is {found}, the challenge asks for {expected}"
                )
            }
        }
    }
}

impl core::error::Error for ChallengeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    fn challenge(bytes: &[u8], rule: DerivationRule) -> Challenge {
        Challenge::new(bytes.to_vec(), rule)
    }

    #[test]
    fn rules_have_stable_names() {
        let names: Vec<_> = DerivationRule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(
            names,
            [
                "raw64",
                "zero-padded",
                "sha256-padded",
                "sha512",
                "teeproof-evidence",
                "app-data-sha512"
            ]
        );
        for rule in DerivationRule::ALL {
            assert_eq!(DerivationRule::from_name(rule.name()), Some(*rule));
        }
        for unknown in ["", "sha-512", "RAW64", "auto"] {
            assert_eq!(DerivationRule::from_name(unknown), None);
        }
    }

    #[test]
    fn each_rule_derives_what_its_name_says() {
        let derived = |bytes: &[u8], rule| {
            challenge(bytes, rule)
                .expected_report_data()
                .unwrap()
                .to_string()
        };
        assert_eq!(
            derived(&[0x12, 0x34], DerivationRule::ZeroPadded),
            alloc::format!("1234{}", "0".repeat(124))
        );
        assert_eq!(derived(&[7; 64], DerivationRule::Raw64), "07".repeat(64));
        // FIPS 180-4 example: the message "abc".
        assert_eq!(
            derived(b"abc", DerivationRule::Sha256Padded),
            alloc::format!(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad{}",
                "0".repeat(64)
            )
        );
        let abc_512 = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                       2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(derived(b"abc", DerivationRule::Sha512), abc_512);
        assert_eq!(
            derived(b"x", DerivationRule::AppDataSha512),
            derived(b"app-data:x", DerivationRule::Sha512)
        );
    }

    #[test]
    fn evidence_report_data_are_those_of_the_written_rule() {
        // printf 'teeproof-evidence/1:\x03\0\0\0\0\0\0\0abc' and 32 bytes, through sha512sum.
        let mut asked = challenge(b"abc", DerivationRule::TeeproofEvidence);
        assert_eq!(
            asked.expected_report_data().unwrap().to_string(),
            "090b44cbc959a9b42b6c9cb7ad8b99001eca8827dc6969d65e38baaee4819185\
             7ad42ff6156aadd18ef7eaf1a97c0883a04b1c2f5404718922dd162a044f8f2e"
        );
        asked.channel_key = Some(Bytes32::new([0x5a; 32]));
        assert_eq!(
            asked.expected_report_data().unwrap().to_string(),
            "893a665637ec7dde84812944242316d1ae26a9215322312db9b5695245d3d2d8\
             d74c2fcac65a14cac07a03dea00db8ec2d6f5f70f54cd6d79562f9de884f82cf"
        );
    }

    #[test]
    fn pitfall_47_a_challenge_is_refused_and_never_cut() {
        for (length, rule) in [
            (0, DerivationRule::Raw64),
            (63, DerivationRule::Raw64),
            (65, DerivationRule::Raw64),
            (0, DerivationRule::ZeroPadded),
            (65, DerivationRule::ZeroPadded),
            (0, DerivationRule::Sha256Padded),
            (limits::CHALLENGE + 1, DerivationRule::Sha256Padded),
            (0, DerivationRule::Sha512),
            (limits::CHALLENGE + 1, DerivationRule::Sha512),
            (0, DerivationRule::TeeproofEvidence),
            (limits::CHALLENGE + 1, DerivationRule::TeeproofEvidence),
            (0, DerivationRule::AppDataSha512),
            (limits::CHALLENGE + 1, DerivationRule::AppDataSha512),
        ] {
            let error = challenge(&vec![1; length], rule)
                .expected_report_data()
                .unwrap_err();
            assert_eq!(error.reason(), Reason::ChallengeUnusable, "{rule} {length}");
            assert_eq!(error.found(), Some(Value::count(length)));
        }
    }

    #[test]
    fn pitfall_48_every_byte_of_report_data_counts() {
        let challenge = challenge(&[9; 20], DerivationRule::ZeroPadded);
        let expected = challenge.expected_report_data().unwrap();
        assert_eq!(challenge.verify(&expected), Ok(()));
        for index in 0..64 {
            let mut bytes = *expected.as_array();
            bytes[index] ^= 1;
            let error = challenge.verify(&ReportData::new(bytes)).unwrap_err();
            assert_eq!(error.reason(), Reason::ChallengeMismatch, "byte {index}");
        }
    }

    #[test]
    fn an_answer_to_one_rule_is_no_answer_to_another() {
        for asked in DerivationRule::ALL {
            for answered in DerivationRule::ALL {
                // 64 bytes: raw64 and zero-padded are then the same rule.
                let same = asked == answered
                    || [*asked, *answered].iter().all(|rule| {
                        matches!(rule, DerivationRule::Raw64 | DerivationRule::ZeroPadded)
                    });
                let answer = challenge(&[3; 64], *answered)
                    .expected_report_data()
                    .unwrap();
                assert_eq!(challenge(&[3; 64], *asked).verify(&answer).is_ok(), same);
            }
        }
    }
}
