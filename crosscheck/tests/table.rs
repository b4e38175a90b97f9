//! For each entry of the table: evidence that it explains, and evidence close to it that it does
//! not.

mod cases;
mod support;

use std::collections::BTreeSet;

use cases::{Case, all};
use support::ids;
use teeproof_crosscheck::{CrossCheck, Stricter, table};

#[test]
fn every_entry_has_a_case_and_every_case_an_entry() {
    let entries: BTreeSet<&str> = table().map(|difference| difference.id).collect();
    let cases: BTreeSet<&str> = all().iter().map(|case| case.id).collect();
    assert_eq!(cases, entries);
}

#[test]
fn each_entry_explains_what_it_is_about() {
    for case in all() {
        let Case {
            id, shows, with, ..
        } = case;
        let mut expected = BTreeSet::from([id]);
        expected.extend(with);
        let explained = shows.explained();
        assert_eq!(BTreeSet::from_iter(explained), expected, "{id}");
    }
}

/// The side that an entry calls stricter is the one that refuses.
#[test]
fn each_entry_names_the_side_that_refuses() {
    for case in all() {
        let difference = table().find(|one| one.id == case.id).unwrap();
        let verified = case.shows.is_verified();
        match difference.stricter {
            Stricter::Ours => assert!(!verified, "{}", case.id),
            Stricter::Theirs => assert!(verified, "{}", case.id),
            Stricter::Neither => {}
        }
    }
}

#[test]
fn what_is_only_close_to_an_entry_is_not_explained_by_it() {
    for case in all() {
        let explained = match case.near_miss.check() {
            CrossCheck::Agrees { explained } | CrossCheck::Conflict { explained, .. } => explained,
            CrossCheck::NotRun(why) => panic!("{}: {why:?}", case.id),
        };
        assert!(!ids(&explained).contains(&case.id), "{}", case.id);
    }
}

/// A real difference on top of a known one stays a conflict: a bad signature under each case that
/// the core verifies, by a backend that calls every signature good.
#[test]
fn an_entry_does_not_hide_a_second_cause() {
    for case in all() {
        if !case.shows.is_verified() {
            continue;
        }
        let spoilt = case.shows.changed(|evidence| {
            // The first byte of the quote's signature.
            let at = evidence.signature_at();
            evidence.quote[at] ^= 1;
        });
        let outcome = spoilt.check_by(&support::Gullible);
        let CrossCheck::Conflict { disagreements, .. } = outcome else {
            panic!("{}: {outcome:#?}", case.id)
        };
        assert_eq!(disagreements[0].claim, "verdict", "{}", case.id);
    }
}

/// The same for cases that the core refuses: it refuses for one more reason, which is none.
#[test]
fn an_entry_does_not_hide_a_second_refusal() {
    for case in all() {
        if case.shows.is_verified() || case.id == "pck-chain-of-collateral" {
            continue;
        }
        let outcome = case.shows.check_by(&support::Distrustful);
        let CrossCheck::Conflict { disagreements, .. } = outcome else {
            // A quote that does not parse has no second refusal.
            assert!(
                case.shows.examine().claimed_quote().is_none(),
                "{}: {outcome:#?}",
                case.id
            );
            continue;
        };
        let claims: Vec<&str> = disagreements.iter().map(|one| one.claim).collect();
        assert!(
            claims.contains(&"quote.signature"),
            "{}: {claims:?}",
            case.id
        );
    }
}
