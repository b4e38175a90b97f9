//! What came of all items together, in a bounded number of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use teeproof_bindings::ExitCode;

use super::line::Row;
use crate::args::SecondEngineArg;
use crate::failure::Failure;
use crate::paint::{escaped, escaped_json};

/// Schema of a summary; the number after the slash is its major version.
const SCHEMA: &str = "teeproof.batch-summary/1";

/// Values of one kind that are counted each for itself. Those that come later are counted together.
const COUNTED: usize = 4096;

/// Rows that are shown of one kind.
const SHOWN: usize = 10;

/// How often each value was seen.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<String, u64>,
    beyond: u64,
}

/// The rows of one kind: the most frequent, and how many answers have another value or none.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Rows {
    top: Vec<ValueRow>,
    rest: u64,
    none: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct ValueRow {
    value: String,
    count: u64,
}

impl Tally {
    fn add(&mut self, value: &str) {
        if let Some(count) = self.counts.get_mut(value) {
            *count = count.saturating_add(1);
        } else if self.counts.len() < COUNTED {
            self.counts.insert(value.to_owned(), 1);
        } else {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    /// The most frequent first, and of equal ones the first by value.
    fn rows(&self, answers: u64) -> Rows {
        let mut rows: Vec<_> = self.counts.iter().collect();
        rows.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
        let sum = |rows: &[(&String, &u64)]| rows.iter().map(|(_, count)| **count).sum::<u64>();
        let (top, rest) = rows.split_at(rows.len().min(SHOWN));
        let counted = sum(&rows).saturating_add(self.beyond);
        Rows {
            rest: sum(rest).saturating_add(self.beyond),
            none: answers.saturating_sub(counted),
            top: top
                .iter()
                .map(|(value, count)| ValueRow {
                    value: (*value).clone(),
                    count: **count,
                })
                .collect(),
        }
    }
}

/// What came of a run, and of the one that it goes on with.
#[derive(Debug)]
pub(super) struct Summary {
    second_engine: SecondEngineArg,
    answers: u64,
    resumed: u64,
    codes: BTreeSet<ExitCode>,
    verdicts: Tally,
    tcb: Tally,
    fmspc: Tally,
    compose: Tally,
    engines: Tally,
}

/// As it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema: &'static str,
    /// Lines of results, of this run and of the one before.
    answers: u64,
    /// Those of them that stood in the file already.
    resumed: u64,
    /// `none` are those without a verdict: they could not be read.
    verdicts: Rows,
    tcb_status: Rows,
    fmspc: Rows,
    compose_hash: Rows,
    /// Which items the second engine was asked about: `all`, `none` or `every N`.
    second_engine: String,
    engines: Rows,
    exit_code: u8,
}

impl Summary {
    pub(super) fn new(second_engine: SecondEngineArg) -> Self {
        Self {
            second_engine,
            answers: 0,
            resumed: 0,
            codes: BTreeSet::new(),
            verdicts: Tally::default(),
            tcb: Tally::default(),
            fmspc: Tally::default(),
            compose: Tally::default(),
            engines: Tally::default(),
        }
    }

    pub(super) fn add(&mut self, row: &Row) {
        self.answers = self.answers.saturating_add(1);
        // Of a number that is no code it cannot be said what it means: it is not good.
        let code = ExitCode::from_number(row.exit_code).unwrap_or(ExitCode::Unreadable);
        self.codes.insert(code);
        for (tally, value) in [
            (&mut self.verdicts, &row.verdict),
            (&mut self.tcb, &row.tcb_status),
            (&mut self.fmspc, &row.fmspc),
            (&mut self.compose, &row.compose_hash),
            (&mut self.engines, &row.engines),
        ] {
            if let Some(value) = value {
                tally.add(value);
            }
        }
    }

    /// The answer that was added last stood in the file.
    pub(super) const fn resumed(&mut self) {
        self.resumed = self.resumed.saturating_add(1);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.answers == 0
    }

    pub(super) fn code(&self) -> ExitCode {
        ExitCode::of_all(self.codes.iter().copied())
    }

    fn written(&self) -> Written {
        let rows = |tally: &Tally| tally.rows(self.answers);
        Written {
            schema: SCHEMA,
            answers: self.answers,
            resumed: self.resumed,
            verdicts: rows(&self.verdicts),
            tcb_status: rows(&self.tcb),
            fmspc: rows(&self.fmspc),
            compose_hash: rows(&self.compose),
            second_engine: self.second_engine.to_string(),
            engines: rows(&self.engines),
            exit_code: self.code().number(),
        }
    }

    /// For people, on standard error: standard output has the results.
    pub(super) fn print(&self) {
        let written = self.written();
        let mut text = format!("Summary of {} answers", written.answers);
        if written.resumed > 0 {
            let _ = write!(text, ", {} of them from before", written.resumed);
        }
        text.push('\n');
        for (title, none, rows) in [
            ("verdict", "unreadable", &written.verdicts),
            ("TCB status", "none", &written.tcb_status),
            ("FMSPC", "none", &written.fmspc),
            ("compose hash", "none", &written.compose_hash),
            ("engines", "none", &written.engines),
        ] {
            let _ = writeln!(text, "  {title}");
            let top = rows.top.iter().map(|row| (row.value.as_str(), row.count));
            let others = [("(others)", rows.rest), (none, rows.none)];
            for (value, count) in top.chain(others.into_iter().filter(|(_, count)| *count > 0)) {
                let _ = writeln!(text, "    {count:>9}  {}", escaped(value));
            }
        }
        let _ = writeln!(
            text,
            "  the second engine was asked about: {}",
            written.second_engine
        );
        // A summary that cannot be written to a terminal changes no result.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// For programs.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(&self.written()).unwrap_or_default();
        std::fs::write(path, format!("{}\n", escaped_json(&json))).map_err(|error| Failure::Write {
            path: Some(path.to_owned()),
            error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_rest_are_bounded_and_add_up() {
        let mut tally = Tally::default();
        for value in 0..COUNTED + 1000 {
            tally.add(&format!("{value:08}"));
        }
        for _ in 0..5 {
            tally.add("00000007");
            tally.add("a late one");
        }
        assert_eq!(tally.counts.len(), COUNTED);
        let answers = u64::try_from(COUNTED).unwrap() + 1000 + 10 + 3;
        let rows = tally.rows(answers);
        assert_eq!(rows.top.len(), SHOWN);
        assert_eq!(
            (rows.top[0].value.as_str(), rows.top[0].count),
            ("00000007", 6)
        );
        assert_eq!(rows.none, 3);
        let top: u64 = rows.top.iter().map(|row| row.count).sum();
        assert_eq!(top + rows.rest + rows.none, answers);
    }

    #[test]
    fn a_number_that_is_no_code_is_not_good() {
        let mut summary = Summary::new(SecondEngineArg::All);
        summary.add(&Row {
            name: String::new(),
            sha256: None,
            instance: 1,
            instances: 1,
            verdict: None,
            exit_code: 200,
            tcb_status: None,
            fmspc: None,
            compose_hash: None,
            engines: None,
        });
        assert_eq!(summary.code(), ExitCode::Unreadable);
    }
}
