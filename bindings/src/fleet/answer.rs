//! The answer about a fleet over time.

use serde::Serialize;

use crate::answer::{ErrorAnswer, PolicyAnswer, shapes};

/// Schema of the answer about a fleet; the number after the slash is its major version.
pub const FLEET_SCHEMA: &str = "teeproof.fleet/1";

shapes! {
    /// Which instances are acceptable, from when until when, and why no longer.
    FleetAnswer {
        /// The name and major version of this shape: `teeproof.fleet/1`.
        schema: &'static str,
        /// The first instant that was judged.
        from: String,
        /// The last instant.
        until: String,
        /// `clock` or `given`: whose word the first instant is.
        at_source: String,
        /// Whether the first instant is not the present one.
        historical: bool,
        /// Whether the trust anchor is not Intel's: then it proves nothing about hardware.
        simulated: bool,
        /// `both` if two engines judged every instance at every instant, `single` if one did, `mixed`
        /// if it depended on the instance or the instant; null if nothing was judged.
        engines: Option<String>,
        /// The policy in force.
        policy: PolicyAnswer,
        /// What was supposed; null if nothing was.
        what_if: Option<WhatIfAnswer>,
        /// The exit code of a process that was asked just this.
        exit_code: u8,
        /// One sentence.
        headline: String,
        /// Every instance, in the order in which they were given.
        instances: Vec<FleetInstanceAnswer>,
        /// What happens when, earliest first.
        calendar: Vec<FleetEventAnswer>,
    }
    /// What was supposed beside the policy in force.
    WhatIfAnswer {
        /// Each supposition as a sentence.
        suppositions: Vec<String>,
        /// The policy as it would be.
        policy: PolicyAnswer,
    }
    /// One instance.
    FleetInstanceAnswer {
        /// What the caller calls it.
        name: String,
        /// Why it could not be judged; null if it was.
        error: Option<ErrorAnswer>,
        /// The exit code of this instance alone.
        exit_code: u8,
        /// SHA-256 of its quote, as hex; null if there is none.
        quote: Option<String>,
        /// Its platform model, as hex; null where it is not proven at the first instant.
        fmspc: Option<String>,
        /// The measured compose hash, as hex; null where it is not known at the first instant.
        compose_hash: Option<String>,
        /// Its time under the policy in force: segments without a gap, from the first instant to the
        /// last.
        segments: Vec<SegmentAnswer>,
        /// The same under what was supposed; empty if nothing was.
        what_if: Vec<SegmentAnswer>,
    }
    /// A stretch of time with one outcome.
    SegmentAnswer {
        /// First second.
        from: String,
        /// Last second.
        until: String,
        /// The verdict at every second of it, as `verify` says it.
        verdict: String,
        /// Whether nothing failed and nothing that was demanded is open.
        acceptable: bool,
        /// The exit code of `verify` at every second of it.
        exit_code: u8,
        /// The merged TCB status; null where there is none.
        tcb_status: Option<String>,
        /// Whether the outcome is not that of the evidence, but of an advisory that was supposed.
        supposed: bool,
        /// `both` or `single`.
        engines: String,
        /// The first check that stands in the way; null if it is acceptable.
        check: Option<String>,
        /// The code of the reason.
        reason: Option<String>,
        /// The reason as a sentence.
        because: Option<String>,
        /// What to do next.
        next: Option<String>,
    }
    /// Something that happens to one instance or to several at one instant.
    FleetEventAnswer {
        /// SHA-256, as hex, of all that it says and of the policy, but for reasons in sentences: the same
        /// event of the same instances has the same id at any time and on any machine.
        id: String,
        /// The first second after it.
        at: String,
        /// `stops` (being acceptable), `begins` (to be), or `ends` (something did, and acceptance
        /// stays as it was).
        kind: String,
        /// `policy`, `what-if` or `both`: under which of the two.
        under: String,
        /// Whose last second was the one before: windows of collateral and certificates, and graces.
        ended: Vec<String>,
        /// Places in `instances`, from zero.
        instances: Vec<usize>,
        /// For `stops`: the first check that stands in the way.
        check: Option<String>,
        /// The code of the reason.
        reason: Option<String>,
        /// The reason as a sentence.
        because: Option<String>,
        /// What to do next.
        next: Option<String>,
    }
}

/// The JSON Schema (draft 2020-12) of the answer about a fleet.
#[cfg(feature = "schema")]
pub fn fleet_schema_json() -> String {
    crate::answer::schema_json::<FleetAnswer>(FLEET_SCHEMA)
}
