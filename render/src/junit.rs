//! A comparison as JUnit XML, for the test tab of a pipeline.

use std::fmt::Write;

use teeproof_bindings::{Answer, ComparisonAnswer};

use crate::html::escaped;
use crate::sheet::Sheet;

pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The comparison as one test suite: a case for each instance and for each row that is demanded.
pub fn junit(answer: &ComparisonAnswer) -> String {
    suite("teeproof compare", &answer.headline, &cases(answer))
}

/// One test suite: each case with its class, its name and what became of it.
pub(crate) fn suite(name: &str, headline: &str, cases: &[((String, String), Outcome)]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| cases.iter().filter(|(_, one)| wanted(one)).count();
    let failures = count(|one| matches!(one, Outcome::Failed(_)));
    let skipped = count(|one| matches!(one, Outcome::Skipped(_)));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"{2}\" tests=\"{0}\" failures=\"{failures}\" skipped=\"{skipped}\">\n  <testsuite name=\"{1}\" tests=\"{0}\" failures=\"{failures}\" skipped=\"{skipped}\" errors=\"0\">",
        cases.len(),
        escaped(headline),
        escaped(name),
    );
    for ((class, name), outcome) in cases {
        let head = format!(
            "    <testcase classname=\"{}\" name=\"{}\"",
            escaped(class),
            escaped(name)
        );
        let _ = match outcome {
            Outcome::Passed => writeln!(text, "{head}/>"),
            Outcome::Failed(why) => writeln!(
                text,
                "{head}>\n      <failure message=\"{}\"/>\n    </testcase>",
                escaped(why)
            ),
            Outcome::Skipped(why) => writeln!(
                text,
                "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>",
                escaped(why)
            ),
        };
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn cases(answer: &ComparisonAnswer) -> Vec<((String, String), Outcome)> {
    let mut cases = Vec::new();
    for instance in &answer.instances {
        let outcome = match instance {
            Answer::Unreadable(one) => Outcome::Failed(one.error.message.clone()),
            Answer::Verified(one) => match one.verdict.as_str() {
                "trusted" | "genuine" | "simulated" => Outcome::Passed,
                _ => Outcome::Failed(one.headline.clone()),
            },
        };
        cases.push((
            ("teeproof.instance".to_owned(), instance.name().to_owned()),
            outcome,
        ));
    }
    for section in Sheet::of(answer).sections {
        for row in section.rows {
            let why = || row.note.clone().unwrap_or_else(|| row.about.clone());
            let outcome = match row.standing.as_str() {
                "holds" | "explained" => Outcome::Passed,
                "broken" => Outcome::Failed(why()),
                "not-evaluable" | "unexplained" => Outcome::Skipped(why()),
                _ => continue,
            };
            cases.push((("teeproof.compare".to_owned(), row.title.clone()), outcome));
        }
    }
    // What no row says must not be missing among the tests either.
    for one in &answer.shortcomings {
        if one.code != "row-broken" && one.code != "not-accepted" && one.code != "absent" {
            cases.push((
                ("teeproof.result".to_owned(), one.code.clone()),
                Outcome::Failed(one.because.clone()),
            ));
        }
    }
    cases
}
