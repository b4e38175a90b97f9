//! Both engines on everything the forge issues.

mod support;

use std::collections::BTreeMap;

use support::{Summary as _, evidence, ids};
use teeproof_crosscheck::CrossCheck;
use teeproof_forge::catalogue;

#[test]
fn no_forged_case_is_a_conflict() {
    let mut conflicts = Vec::new();
    let mut explained_by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for case in catalogue() {
        let Some(evidence) = evidence(&case.issue()) else {
            continue;
        };
        match evidence.check() {
            CrossCheck::Agrees { explained } => {
                for id in ids(&explained) {
                    explained_by.entry(id).or_default().push(case.name.clone());
                }
            }
            outcome => conflicts.push(format!(
                "{}: {}\n{outcome:#?}\n{:#?}",
                case.name,
                case.about,
                evidence.examine().finding_summary()
            )),
        }
    }
    assert!(conflicts.is_empty(), "{}", conflicts.join("\n\n"));
    // The forge breaks one thing at a time, so most of the table is met on the way.
    assert!(explained_by.len() >= 25, "{explained_by:#?}");
}
