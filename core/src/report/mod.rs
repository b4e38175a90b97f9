//! The report (RATS: attestation result): every check of the table with its outcome, one verdict,
//! and the digest that makes two reports comparable.

mod anchor;
mod digest;
mod verdict;

use alloc::string::String;
use alloc::vec::Vec;

pub use anchor::{Anchor, AnchorNode};
pub use verdict::Verdict;

use crate::bytes::{Bytes, Bytes32, Measurement, ReportData};
use crate::collateral::{NamedWindow, Need};
use crate::dstack::DstackFacts;
use crate::exchange::Channel;
use crate::finding::Finding;
use crate::log::ReplayedLog;
use crate::proof::Platform;
use crate::quote::Tee;
use crate::tcb::TcbEvaluation;
use crate::tcb_status::TcbStatus;
use crate::time::{Instant, Window};
use crate::{CheckId, Reason};

/// The major version of the report's shape. Part of the verdict digest.
pub const REPORT_SCHEMA_MAJOR: u32 = 1;

/// One row of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which check.
    pub id: CheckId,
    /// What became of it.
    pub finding: Finding,
    /// What the fact it judges rests on; `None` for questions of form.
    pub anchor: Option<Anchor>,
}

/// How many engines came to the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondEngine {
    /// Only ours ran.
    NotRun,
    /// Both ran and agree.
    Agrees,
    /// Both ran and disagree: the verdict is inconclusive and has no digest.
    Conflict(Vec<Disagreement>),
}

/// A claim on which the two engines disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The claim.
    pub claim: String,
    /// What our engine says.
    pub ours: String,
    /// What the other says.
    pub theirs: String,
}

impl SecondEngine {
    /// `both` or `single`.
    pub const fn engines(&self) -> &'static str {
        match self {
            Self::NotRun => "single",
            Self::Agrees | Self::Conflict(_) => "both",
        }
    }
}

/// SHA-256 of each part of the evidence; `None` for a part that was not supplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceDigests {
    /// Of the quote's bytes, padding included.
    pub quote: Bytes32,
    /// Of the event log in one fixed form of JSON, or of its bytes if it cannot be read.
    pub event_log: Option<Bytes32>,
    /// Of the exact app-compose bytes.
    pub app_compose: Option<Bytes32>,
    /// Of the exact `vm_config` bytes.
    pub vm_config: Option<Bytes32>,
    /// Of the exact document behind MRCONFIGID.
    pub mr_config_document: Option<Bytes32>,
    /// Of the collateral that was used; see [`crate::Collateral::digest`].
    pub collateral: Option<Bytes32>,
}

/// The registers in the quote. Proven only as far as the report's checks say.
#[expect(
    clippy::large_enum_variant,
    reason = "one of them stands in a report; a box would only cost a hop"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measurements {
    /// Of a TD.
    Tdx(TdMeasurements),
    /// Of an enclave.
    Sgx(SgxMeasurements),
}

/// The registers of a TD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdMeasurements {
    /// MRTD.
    pub mrtd: Measurement,
    /// RTMR0 to RTMR3.
    pub rtmr: [Measurement; 4],
    /// MRSEAM.
    pub mr_seam: Measurement,
    /// MRSIGNERSEAM.
    pub mr_signer_seam: Measurement,
    /// MRCONFIGID.
    pub mr_config_id: Measurement,
    /// MROWNER.
    pub mr_owner: Measurement,
    /// MROWNERCONFIG.
    pub mr_owner_config: Measurement,
    /// TEE_TCB_SVN.
    pub tee_tcb_svn: Bytes<16>,
    /// TEE_TCB_SVN_2, from TD 1.5 on.
    pub tee_tcb_svn2: Option<Bytes<16>>,
    /// TDATTRIBUTES.
    pub td_attributes: Bytes<8>,
    /// XFAM.
    pub xfam: Bytes<8>,
    /// REPORTDATA.
    pub report_data: ReportData,
}

/// The identity of an enclave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SgxMeasurements {
    /// MRENCLAVE.
    pub mr_enclave: Bytes32,
    /// MRSIGNER.
    pub mr_signer: Bytes32,
    /// ISVPRODID.
    pub isv_prod_id: u16,
    /// ISVSVN.
    pub isv_svn: u16,
    /// ATTRIBUTES.
    pub attributes: Bytes<16>,
    /// REPORTDATA.
    pub report_data: ReportData,
}

/// The operating system against the policy's reference sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OsMatch {
    /// The name of the set that it is in.
    Member(String),
    /// In none; the nearest set and the registers that differ from it.
    Nearest {
        /// Name of the nearest set.
        name: String,
        /// `mrtd`, `rtmr0`, `rtmr1`, `rtmr2`.
        differs: Vec<&'static str>,
    },
}

/// Everything that was found, and the verdict. Made only by [`crate::appraise`].
#[derive(Debug, Clone)]
pub struct Report {
    pub(crate) verdict: Verdict,
    pub(crate) simulates: Option<Verdict>,
    pub(crate) checks: Vec<Check>,
    pub(crate) anchors: Vec<AnchorNode>,
    pub(crate) at: Instant,
    pub(crate) tee: Option<Tee>,
    pub(crate) quote_version: Option<u16>,
    pub(crate) trust_anchor: Bytes32,
    pub(crate) trust_anchor_is_intel: bool,
    pub(crate) policy_digest: Bytes32,
    pub(crate) challenge_given: bool,
    pub(crate) channel: Channel,
    pub(crate) second_engine: SecondEngine,
    pub(crate) evidence: EvidenceDigests,
    pub(crate) measurements: Option<Measurements>,
    pub(crate) facts: Option<DstackFacts>,
    pub(crate) log: Option<ReplayedLog>,
    pub(crate) attestation_key: Option<Bytes32>,
    pub(crate) os: Option<OsMatch>,
    pub(crate) platform: Option<Platform>,
    pub(crate) tcb: Option<TcbEvaluation>,
    pub(crate) windows: Vec<NamedWindow>,
    pub(crate) window: Option<Window>,
    pub(crate) evaluation_numbers: Option<(u32, u32)>,
    pub(crate) crl_numbers: Option<(u64, u64)>,
    pub(crate) needs: Vec<Need>,
}

impl Report {
    /// The verdict.
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// For [`Verdict::Simulated`]: what it would be if the trust anchor were Intel's.
    pub const fn simulates(&self) -> Option<Verdict> {
        self.simulates
    }

    /// Every check of the table, in its order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The row of one check.
    pub fn check(&self, id: CheckId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The anchors, from the root down.
    pub fn anchors(&self) -> &[AnchorNode] {
        &self.anchors
    }

    /// The instant that was judged.
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// The kind of TEE, if the quote could be read.
    pub const fn tee(&self) -> Option<Tee> {
        self.tee
    }

    /// The quote's version, if it could be read.
    pub const fn quote_version(&self) -> Option<u16> {
        self.quote_version
    }

    /// SHA-256 of the trust anchor in DER.
    pub const fn trust_anchor(&self) -> &Bytes32 {
        &self.trust_anchor
    }

    /// Whether the trust anchor is Intel's production root.
    pub const fn trust_anchor_is_intel(&self) -> bool {
        self.trust_anchor_is_intel
    }

    /// Digest of the policy in force, pins included.
    pub const fn policy_digest(&self) -> &Bytes32 {
        &self.policy_digest
    }

    /// Whether the caller gave a challenge.
    pub const fn challenge_given(&self) -> bool {
        self.challenge_given
    }

    /// How the evidence came to the caller.
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// Whom the connection ended with: `saved` (nobody saw one), `bound` (with the TD) or `unbound`
    /// (nobody knows).
    pub fn channel_word(&self) -> &'static str {
        let bound = self
            .check(CheckId::Channel)
            .is_some_and(|check| check.finding.outcome == crate::Outcome::Passed);
        match self.channel {
            Channel::Saved => "saved",
            Channel::Live { .. } if bound => "bound",
            Channel::Live { .. } => "unbound",
        }
    }

    /// What became of the second engine.
    pub const fn second_engine(&self) -> &SecondEngine {
        &self.second_engine
    }

    /// Digests of the evidence.
    pub const fn evidence(&self) -> &EvidenceDigests {
        &self.evidence
    }

    /// The registers in the quote, if it could be read.
    pub const fn measurements(&self) -> Option<&Measurements> {
        self.measurements.as_ref()
    }

    /// dstack's facts, if the log replays and follows dstack's grammar. What they rest on is said
    /// by [`Report::log_anchor`].
    pub const fn facts(&self) -> Option<&DstackFacts> {
        self.facts.as_ref()
    }

    /// The event log, if it replays to the quote's registers.
    pub const fn log(&self) -> Option<&ReplayedLog> {
        self.log.as_ref()
    }

    /// SHA-256 of the attestation key that signed the quote, if it could be read. Of one quoting
    /// enclave on one machine.
    pub const fn attestation_key(&self) -> Option<&Bytes32> {
        self.attestation_key.as_ref()
    }

    /// What the log's facts rest on: [`Anchor::MeasuredLog`] under an identified operating system,
    /// else [`Anchor::SelfAsserted`].
    pub fn log_anchor(&self) -> Anchor {
        let stands = self
            .anchors
            .iter()
            .any(|node| node.anchor == Anchor::MeasuredLog && node.established);
        if stands {
            Anchor::MeasuredLog
        } else {
            Anchor::SelfAsserted
        }
    }

    /// The operating system against the policy's sets; `None` where the policy names none or the
    /// registers are not proven.
    pub const fn os(&self) -> Option<&OsMatch> {
        self.os.as_ref()
    }

    /// The platform, if its certificate chains to the trust anchor.
    pub const fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// The TCB evaluation, if all its levels were found.
    pub const fn tcb(&self) -> Option<&TcbEvaluation> {
        self.tcb.as_ref()
    }

    /// The merged TCB status, or why there is none.
    pub fn tcb_status(&self) -> Result<TcbStatus, Reason> {
        self.tcb.as_ref().map(|tcb| tcb.status).ok_or_else(|| {
            let blocking = self.checks.iter().find(|check| {
                check.id <= CheckId::TcbCurrent
                    && matches!(
                        check.finding.reason,
                        Some(reason) if reason != Reason::Dependency
                    )
                    && check.finding.outcome != crate::Outcome::NotRequested
            });
            blocking
                .and_then(|check| check.finding.reason)
                .unwrap_or(Reason::Dependency)
        })
    }

    /// The windows of the collateral that was used.
    pub fn windows(&self) -> &[NamedWindow] {
        &self.windows
    }

    /// The intersection of all windows, PCK chain included.
    pub const fn window(&self) -> Option<Window> {
        self.window
    }

    /// `tcbEvaluationDataNumber` of TCB info and of QE identity.
    pub const fn evaluation_numbers(&self) -> Option<(u32, u32)> {
        self.evaluation_numbers
    }

    /// CRL numbers of the root's and of the PCK CA's list.
    pub const fn crl_numbers(&self) -> Option<(u64, u64)> {
        self.crl_numbers
    }

    /// Collateral that is missing.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The verdict digest; `None` when the engines disagree.
    pub fn digest(&self) -> Option<Bytes32> {
        match self.second_engine {
            SecondEngine::Conflict(_) => None,
            SecondEngine::NotRun | SecondEngine::Agrees => {
                Some(crate::sha256(self.canonical_json().as_bytes()))
            }
        }
    }

    /// The text whose SHA-256 is the verdict digest (RFC 8785).
    pub fn canonical_json(&self) -> String {
        digest::canonical(self)
    }
}
