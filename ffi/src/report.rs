//! A verdict and all it rests on.

use teeproof_bindings::{
    CheckAnswer, Engines, Judged, Unreadable, verify_remembering, verify_shared,
};
use teeproof_core::{Outcome, Verdict, decode_hex};

use crate::collateral::TeeproofCollateral;
use crate::error::{Fault, TeeproofError};
use crate::measurement::{self, IsvNumbers, TeeproofMeasurement};
use crate::memory::{self, Kind};
use crate::options::{self, TeeproofOptions};
use crate::policy::TeeproofPolicy;
use crate::quote::TeeproofQuote;
use crate::remembered::TeeproofMemory;
use crate::result::{TeeproofResult, guard, guard_explained};
use crate::text::{TeeproofSlice, TeeproofStr, TeeproofText};

/// A verdict and all it rests on.
///
/// Owns everything that its functions lend. Does not change, so threads may share it. Freed by
/// `teeproof_report_free`.
pub struct TeeproofReport {
    _declared: (),
}

/// A judged quote, with the bytes that are lent and stand nowhere else.
pub(crate) struct Held {
    judged: Judged,
    digest: Option<Vec<u8>>,
    isv: IsvNumbers,
}

impl Kind for TeeproofReport {
    type Body = Held;
    const TAG: u64 = u64::from_be_bytes(*b"tp:repor");
}

/// One word for a whole report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofVerdict {
    /// Everything demanded passed, and both the operating system and what it runs were pinned.
    Trusted = 1,
    /// Real hardware evidence that the policy accepts; what it runs was not pinned.
    Genuine = 2,
    /// Would be one of the two above, under a trust anchor that is not Intel's.
    Simulated = 3,
    /// A check failed.
    Rejected = 4,
    /// Nothing failed, and something that was demanded could not be checked.
    Inconclusive = 5,
}

impl From<Verdict> for TeeproofVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Trusted => Self::Trusted,
            Verdict::Genuine => Self::Genuine,
            Verdict::Simulated => Self::Simulated,
            Verdict::Rejected => Self::Rejected,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}

/// What became of a check. Only one of these is a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofOutcome {
    /// It was made, and it holds.
    Passed = 1,
    /// It was made, and it does not hold.
    Failed = 2,
    /// It was demanded and could not be made.
    Skipped = 3,
    /// Nobody demanded it.
    NotRequested = 4,
}

impl From<Outcome> for TeeproofOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Skipped => Self::Skipped,
            Outcome::NotRequested => Self::NotRequested,
        }
    }
}

/// What a check says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofCheckText {
    /// Its stable id, such as `quote.signature`.
    Id = 1,
    /// A short title.
    Title = 2,
    /// Why it did not pass, as a stable code.
    Reason = 3,
    /// Why it did not pass, as a sentence.
    Because = 4,
    /// What to do next.
    Next = 5,
    /// What the fact rests on, as a word.
    Anchor = 6,
    /// The id of the check that has to pass first.
    DependsOn = 7,
}

/// A value of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum TeeproofCheckValue {
    /// What was found.
    Found = 1,
    /// What was expected.
    Expected = 2,
}

/// Judges the evidence of one machine. A quote that is rejected is `TEEPROOF_RESULT_OK`, with a report that
/// says so.
///
/// `collateral` may be NULL: then there is only what the evidence brings. `policy` may be NULL: the
/// strict default. All four inputs are read while the call lasts and stay the caller's. `report` is
/// written on success and is then the caller's to free; `error` (may be NULL) is written on failure.
///
/// The trust anchor is that of `options`. Collateral that was authenticated under another one is
/// checked anew and then refused.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_verify(
    quote: *const TeeproofQuote,
    collateral: *const TeeproofCollateral,
    policy: *const TeeproofPolicy,
    options: *const TeeproofOptions,
    report: *mut *mut TeeproofReport,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(report)?;
        let evidence = memory::borrow(quote)?;
        let shared = memory::borrow_optional(collateral)?;
        let read = options::read(options, policy)?;
        give(
            report,
            verify_shared(&read.name, evidence, &read.options, shared),
        )
    })
}

/// As `teeproof_verify`, with a memory: of many verdicts, all after the first of a platform cost less.
/// The verdict is the same.
///
/// `memory` is not NULL, and stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_verify_remembering(
    quote: *const TeeproofQuote,
    collateral: *const TeeproofCollateral,
    policy: *const TeeproofPolicy,
    options: *const TeeproofOptions,
    memory: *const TeeproofMemory,
    report: *mut *mut TeeproofReport,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(report)?;
        let evidence = memory::borrow(quote)?;
        let shared = memory::borrow_optional(collateral)?;
        let remembered = memory::borrow(memory)?;
        let read = options::read(options, policy)?;
        let judged = verify_remembering(
            &read.name,
            evidence,
            &read.options,
            shared,
            remembered,
            Engines::All,
        );
        give(report, judged)
    })
}

fn give(report: *mut *mut TeeproofReport, judged: Result<Judged, Unreadable>) -> Result<(), Fault> {
    let judged =
        judged.map_err(|unreadable| unjudged(&unreadable.error.code, unreadable.error.message))?;
    // The answer has it already, and to make it anew is a hash over the whole verdict.
    let digest = judged
        .answer
        .verdict_digest
        .as_deref()
        .and_then(|hex| decode_hex(hex, 32).ok());
    memory::give(
        report,
        Held {
            digest,
            isv: IsvNumbers::of(judged.report.measurements()),
            judged,
        },
    )
}

fn unjudged(code: &str, message: String) -> Fault {
    let result = match code {
        "no-quote" => TeeproofResult::NoQuote,
        "no-capture-time" => TeeproofResult::Instant,
        _ => TeeproofResult::Unreadable,
    };
    Fault::new(result, message)
}

fn absent() -> Fault {
    Fault::new(TeeproofResult::Absent, "the report has no such value")
}

/// The verdict: a number of `teeproof_verdict`.
///
/// `verdict` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_verdict(
    report: *const TeeproofReport,
    verdict: *mut TeeproofVerdict,
) -> TeeproofResult {
    guard(|| {
        memory::put(
            verdict,
            memory::borrow(report)?.judged.report.verdict().into(),
        )
    })
}

/// For `TEEPROOF_VERDICT_SIMULATED`: what the verdict would be if the trust anchor were Intel's.
/// `TEEPROOF_RESULT_ABSENT` for every other verdict.
///
/// `verdict` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_simulates(
    report: *const TeeproofReport,
    verdict: *mut TeeproofVerdict,
) -> TeeproofResult {
    guard(|| {
        let report = &memory::borrow(report)?.judged.report;
        memory::put(verdict, report.simulates().ok_or_else(absent)?.into())
    })
}

/// The exit code that the command line ends with for this evidence: 0 is trusted, or genuine under
/// `TEEPROOF_GENUINE_ONLY`.
///
/// `code` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_exit_code(
    report: *const TeeproofReport,
    code: *mut u32,
) -> TeeproofResult {
    guard(|| memory::put(code, memory::borrow(report)?.judged.answer.exit_code.into()))
}

/// The verdict as one sentence.
///
/// `headline` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_headline(
    report: *const TeeproofReport,
    headline: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| {
        let answer = &memory::borrow(report)?.judged.answer;
        memory::put(headline, TeeproofStr::of(&answer.headline))
    })
}

/// SHA-256 of the canonical verdict, 32 bytes: the same in every language and on every machine.
/// `TEEPROOF_RESULT_ABSENT` if the two engines disagree.
///
/// `digest` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_digest(
    report: *const TeeproofReport,
    digest: *mut TeeproofSlice,
) -> TeeproofResult {
    guard(|| {
        let found = memory::borrow(report)?.digest.as_ref().ok_or_else(absent)?;
        memory::put(digest, TeeproofSlice::of(found.as_slice()))
    })
}

/// How many engines looked: `both` or `single`.
///
/// `engines` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_engines(
    report: *const TeeproofReport,
    engines: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| {
        let answer = &memory::borrow(report)?.judged.answer;
        memory::put(engines, TeeproofStr::of(&answer.engines))
    })
}

/// Intel's word for platform, module and quoting enclave together, such as `UpToDate`.
/// `TEEPROOF_RESULT_ABSENT` if there is none.
///
/// `status` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_tcb_status(
    report: *const TeeproofReport,
    status: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| {
        let tcb = &memory::borrow(report)?.judged.answer.tcb;
        let found = tcb.status.as_deref().ok_or_else(absent)?;
        memory::put(status, TeeproofStr::of(found))
    })
}

/// A register of the quote as bytes. `measurement` is a number of `teeproof_measurement`.
/// `TEEPROOF_RESULT_ABSENT` if the quote has no such register or cannot be read.
///
/// A register proves something only under a verdict that accepts it.
///
/// `bytes` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_measurement(
    report: *const TeeproofReport,
    measurement: u32,
    bytes: *mut TeeproofSlice,
) -> TeeproofResult {
    guard(|| {
        let held = memory::borrow(report)?;
        let which = TeeproofMeasurement::ALL
            .iter()
            .find(|which| **which as u32 == measurement)
            .ok_or_else(|| unknown("measurement", measurement))?;
        let found = held
            .judged
            .report
            .measurements()
            .and_then(|all| measurement::bytes(*which, all, &held.isv))
            .ok_or_else(absent)?;
        memory::put(bytes, TeeproofSlice::of(found))
    })
}

fn unknown(what: &str, number: u32) -> Fault {
    Fault::new(
        TeeproofResult::UnknownNumber,
        format!("there is no {what} {number}"),
    )
}

/// How many checks a report has: all there are, in every report.
///
/// `count` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_check_count(
    report: *const TeeproofReport,
    count: *mut usize,
) -> TeeproofResult {
    guard(|| memory::put(count, memory::borrow(report)?.judged.report.checks().len()))
}

/// The number of the check at an index, from zero, in the order of the report.
/// `TEEPROOF_RESULT_OUT_OF_RANGE` past the end.
///
/// `number` is written on success: one of the `TEEPROOF_CHECK_` numbers.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_check_number(
    report: *const TeeproofReport,
    index: usize,
    number: *mut u32,
) -> TeeproofResult {
    guard(|| {
        let checks = memory::borrow(report)?.judged.report.checks();
        let check = checks.get(index).ok_or_else(|| {
            Fault::new(
                TeeproofResult::OutOfRange,
                format!("there are {} checks", checks.len()),
            )
        })?;
        memory::put(number, check.id.number())
    })
}

/// What became of a check: a number of `teeproof_outcome`. `check` is one of the `TEEPROOF_CHECK_`
/// numbers, and `TEEPROOF_RESULT_UNKNOWN_NUMBER` says that there is no such check.
///
/// `outcome` is written on success.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_check_outcome(
    report: *const TeeproofReport,
    check: u32,
    outcome: *mut TeeproofOutcome,
) -> TeeproofResult {
    guard(|| {
        let checks = memory::borrow(report)?.judged.report.checks();
        let found = checks
            .iter()
            .find(|found| found.id.number() == check)
            .ok_or_else(|| unknown("check", check))?;
        memory::put(outcome, found.finding.outcome.into())
    })
}

/// What a check says of itself. `check` is one of the `TEEPROOF_CHECK_` numbers, `which` a number of
/// `teeproof_check_text`. `TEEPROOF_RESULT_ABSENT` where the check has no such text.
///
/// `text` is written on success. It belongs to the report and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_check_text(
    report: *const TeeproofReport,
    check: u32,
    which: u32,
    text: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| {
        let answer = check_answer(report, check)?;
        let found = match which {
            which if which == TeeproofCheckText::Id as u32 => Some(answer.id),
            which if which == TeeproofCheckText::Title as u32 => Some(answer.title),
            which if which == TeeproofCheckText::Reason as u32 => answer.reason,
            which if which == TeeproofCheckText::Because as u32 => answer.because,
            which if which == TeeproofCheckText::Next as u32 => answer.next,
            which if which == TeeproofCheckText::Anchor as u32 => answer.anchor,
            which if which == TeeproofCheckText::DependsOn as u32 => answer.depends_on,
            _ => return Err(unknown("check text", which)),
        };
        memory::put(text, TeeproofStr::of(found.ok_or_else(absent)?))
    })
}

fn check_answer<'a>(report: *const TeeproofReport, check: u32) -> Result<&'a CheckAnswer, Fault> {
    let checks = &memory::borrow(report)?.judged.answer.checks;
    checks
        .iter()
        .find(|answer| answer.number == check)
        .ok_or_else(|| unknown("check", check))
}

/// A value of a check, as JSON: text, a number, a flag, a list or named values. `check` is one of the
/// `TEEPROOF_CHECK_` numbers, `which` a number of `teeproof_check_value`. `TEEPROOF_RESULT_ABSENT`
/// where the check has no such value.
///
/// `value` is written on success and is then the caller's to free with `teeproof_text_free`;
/// `error` (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_check_value(
    report: *const TeeproofReport,
    check: u32,
    which: u32,
    value: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(value)?;
        let answer = check_answer(report, check)?;
        let found = match which {
            which if which == TeeproofCheckValue::Found as u32 => answer.found.as_ref(),
            which if which == TeeproofCheckValue::Expected as u32 => answer.expected.as_ref(),
            _ => return Err(unknown("check value", which)),
        };
        let json = serde_json::json!(found.ok_or_else(absent)?);
        memory::give(value, json.to_string())
    })
}

/// The whole report as JSON: `teeproof.answer/1`, the same that the command line prints.
///
/// `json` is written on success and is then the caller's to free with `teeproof_text_free`; `error`
/// (may be NULL) is written on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_to_json(
    report: *const TeeproofReport,
    json: *mut *mut TeeproofText,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || {
        memory::writable(json)?;
        let answer = &memory::borrow(report)?.judged.answer;
        memory::give(json, serde_json::json!(answer).to_string())
    })
}

/// Frees a report and everything it lent. NULL is nothing to free, and a live handle of another kind
/// is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_report_free(report: *mut TeeproofReport) {
    memory::free(report);
}
