//! The lines of `docs/verdict.md`, one test or more for each.

#![allow(clippy::panic, reason = "this file is tests and their helpers")]

mod common;

use common::{answer, evidence, options, outcome, policy, reason, sgx, td_v4, td15, td15ex};
use teeproof_bindings::InstantChoice;
use teeproof_core::{
    CheckId, CollateralSet, Disagreement, Examination, Exchange, MeasuredEvidence, Policy,
    SecondEngine, TrustAnchor, Verdict, appraise,
};
use teeproof_forge::{Scenario, catalogue};

/// The policy of a sample without one of its tables.
fn without(toml: &str, table: &str) -> Policy {
    let kept: Vec<&str> = toml
        .split("\n[")
        .filter(|part| !part.starts_with(table))
        .collect();
    policy(&kept.join("\n["))
}

const TD15EX_POLICY: &str = include_str!("../../fixtures/real/tdx-v5-td15ex/policy.toml");

#[test]
fn trusted_needs_the_system_and_what_it_runs() {
    let sample = td15ex();
    let trusted = sample.answer();
    assert_eq!(
        (trusted.verdict.as_str(), trusted.exit_code),
        ("trusted", 0)
    );

    let mut open = td15ex();
    open.options.policy = without(TD15EX_POLICY, "app]");
    let genuine = open.answer();
    assert_eq!(
        (genuine.verdict.as_str(), genuine.exit_code),
        ("genuine", 3)
    );

    let mut unknown_system = td15ex();
    unknown_system.options.policy = without(TD15EX_POLICY, "[os]]");
    let genuine = unknown_system.answer();
    assert_eq!(outcome(&genuine, "rtmr3.pinned"), "passed");
    assert_eq!(genuine.verdict, "genuine");

    let issued = Scenario::tdx_v4().issue();
    let by_compose = answer(&evidence(&issued), &options(&issued));
    assert_eq!(outcome(&by_compose, "compose.approved"), "passed");
    assert_eq!(outcome(&by_compose, "rtmr3.pinned"), "not-requested");
    assert_eq!(by_compose.simulates.as_deref(), Some("trusted"));
}

#[test]
fn without_a_pin_it_is_genuine() {
    let sample = td_v4().answer();
    assert_eq!(outcome(&sample, "os.identity"), "passed");
    assert_eq!((sample.verdict.as_str(), sample.exit_code), ("genuine", 3));
    let mut asked = td_v4();
    asked.options.genuine_only = true;
    let asked = asked.answer();
    assert_eq!((asked.verdict.as_str(), asked.exit_code), ("genuine", 0));
    assert_eq!(asked.verdict_digest, sample.verdict_digest);
}

#[test]
fn all_failures_are_collected() {
    let mut sample = td15ex();
    sample.options.policy = policy(
        "schema = \"teeproof.policy/1\"\ntee = [\"sgx\"]\n[platform]\nfmspc = [\"000000000000\"]\n\
         [td]\nxfam = [\"0000000000000000\"]\n",
    );
    let answer = sample.answer();
    for check in ["tee.type", "platform.fmspc", "td.attributes"] {
        assert_eq!(outcome(&answer, check), "failed", "{check}");
    }
    assert_eq!((answer.verdict.as_str(), answer.exit_code), ("rejected", 5));

    // A wrong signature does not hide a refused model.
    let mut tampered = td15ex();
    tampered.options.policy =
        policy("schema = \"teeproof.policy/1\"\n[platform]\nfmspc = [\"000000000000\"]\n");
    let quote = tampered.evidence.quote.as_mut().unwrap();
    quote[300] ^= 1;
    let answer = tampered.answer();
    assert_eq!(outcome(&answer, "quote.signature"), "failed");
    assert_eq!(outcome(&answer, "platform.fmspc"), "failed");
    assert_eq!((answer.verdict.as_str(), answer.exit_code), ("rejected", 4));
}

#[test]
fn what_cannot_be_checked_is_inconclusive() {
    let mut bare = td15ex();
    bare.evidence.collateral.clear();
    let answer = bare.answer();
    assert_eq!(
        (answer.verdict.as_str(), answer.exit_code),
        ("inconclusive", 6)
    );
    assert_eq!(
        reason(&answer, "collateral.present"),
        Some("collateral-missing")
    );
    assert_eq!(answer.needs.len(), 4);
    // What the quote proves by itself is still checked.
    assert_eq!(outcome(&answer, "quote.signature"), "passed");
    assert_eq!(outcome(&answer, "td.debug"), "passed");

    let mut lapsed = td15ex();
    lapsed.options.instant = InstantChoice::Given("2026-11-07T00:00:00Z".parse().unwrap());
    let answer = lapsed.answer();
    assert_eq!(answer.verdict, "inconclusive");
    assert_eq!(
        reason(&answer, "collateral.valid"),
        Some("collateral-lapsed")
    );

    let mut no_log = td15ex();
    no_log.options.policy = policy(&format!(
        "{TD15EX_POLICY}compose-hashes = [\"{}\"]\n",
        "00".repeat(32)
    ));
    let answer = no_log.answer();
    assert_eq!(answer.verdict, "inconclusive");
    assert_eq!(reason(&answer, "log.replay"), Some("log-missing"));
    assert_eq!(outcome(&answer, "compose.approved"), "skipped");

    let mut stale = td15ex();
    stale.options.policy = policy("schema = \"teeproof.policy/1\"\nfreshness = \"required\"\n");
    let answer = stale.answer();
    assert_eq!(answer.verdict, "inconclusive");
    assert_eq!(
        reason(&answer, "freshness.challenge"),
        Some("challenge-missing")
    );
}

#[test]
fn another_root_is_a_simulation() {
    let issued = Scenario::tdx_v4().issue();
    let simulated = answer(&evidence(&issued), &options(&issued));
    assert_eq!(
        (simulated.verdict.as_str(), simulated.exit_code),
        ("simulated", 10)
    );
    assert!(!simulated.trust_anchor.intel);
    assert!(
        simulated
            .checks
            .iter()
            .all(|check| check.anchor != Some("intel-root"))
    );
    assert!(simulated.headline.contains("SIMULATED"));
}

#[test]
fn sgx_is_at_most_genuine() {
    let sample = sgx().answer();
    assert_eq!(sample.verdict, "genuine");
    let mut pinned = sgx();
    pinned.options.policy = policy(&format!(
        "{}\n[app]\nrtmr3 = [\"{}\"]\n",
        include_str!("../../fixtures/real/sgx-v3/policy.toml"),
        "00".repeat(48)
    ));
    let answer = pinned.answer();
    assert_eq!(answer.verdict, "inconclusive");
    assert_eq!(reason(&answer, "rtmr3.pinned"), Some("not-applicable"));
}

fn forged(name: &str) -> teeproof_bindings::VerifyAnswer {
    let case = catalogue().into_iter().find(|case| case.name == name);
    let issued = case.unwrap_or_else(|| panic!("no case {name}")).issue();
    answer(&evidence(&issued), &options(&issued))
}

#[test]
fn a_foreign_kernel_is_never_believed() {
    let answer = forged("os-foreign-kernel");
    assert_eq!(answer.verdict, "rejected");
    assert_eq!(outcome(&answer, "log.replay"), "passed");
    assert_eq!(outcome(&answer, "os.identity"), "failed");
    assert_eq!(outcome(&answer, "compose.approved"), "skipped");
    assert_eq!(answer.events.unwrap().anchor, "self-asserted");
}

#[test]
fn log_facts_need_an_identified_system() {
    let answer = forged("os-not-asked-for");
    assert_eq!(answer.verdict, "inconclusive");
    assert_eq!(
        reason(&answer, "compose.approved"),
        Some("os-not-established")
    );
    assert_eq!(answer.events.unwrap().anchor, "self-asserted");
    for check in &answer.checks {
        if check.id == "compose.binding" {
            assert_eq!(check.anchor, Some("self-asserted"));
        }
    }
}

#[test]
fn a_wrong_log_rejects_though_nobody_asked() {
    let other = Scenario::tdx_v4().issue();
    let mut sample = td15ex();
    sample.evidence.event_log = other.event_log.map(String::into_bytes);
    let answer = sample.answer();
    assert_eq!(outcome(&answer, "log.replay"), "failed");
    assert_eq!((answer.verdict.as_str(), answer.exit_code), ("rejected", 4));
}

#[test]
fn no_policy_accepts_a_revoked_tcb() {
    let refused = teeproof_bindings::parse_policy(
        b"schema = \"teeproof.policy/1\"\n[tcb]\nmerged = [\"UpToDate\", \"Revoked\"]\n",
    );
    assert!(refused.is_err());
    let revoked: Vec<_> = catalogue()
        .into_iter()
        .filter(|case| {
            matches!(
                case.expect.tcb_status,
                teeproof_forge::TcbWord::Is("Revoked")
            )
        })
        .collect();
    assert!(revoked.len() >= 3, "{}", revoked.len());
    for case in revoked {
        let issued = case.issue();
        let answer = answer(&evidence(&issued), &options(&issued));
        assert_eq!(
            (answer.verdict.as_str(), answer.exit_code),
            ("rejected", 4),
            "{}",
            case.name
        );
    }
}

#[test]
fn every_report_has_every_check_in_order() {
    let mut unreadable = td15ex();
    unreadable.evidence.quote.as_mut().unwrap().truncate(60);
    for answer in [
        td15ex().answer(),
        sgx().answer(),
        td15().answer(),
        unreadable.answer(),
    ] {
        let ids: Vec<&str> = answer.checks.iter().map(|check| check.id).collect();
        let table: Vec<&str> = CheckId::ALL.iter().map(|check| check.id()).collect();
        assert_eq!(ids, table);
        let numbers: Vec<u32> = answer.checks.iter().map(|check| check.number).collect();
        let frozen: Vec<u32> = CheckId::ALL.iter().map(|check| check.number()).collect();
        assert_eq!(numbers, frozen);
    }
}

#[test]
fn refusals_explain_themselves() {
    for case in catalogue() {
        let issued = case.issue();
        let Some(json) = &issued.collateral_json else {
            continue;
        };
        if teeproof_core::CollateralParts::from_json(json.as_bytes()).is_err() {
            continue;
        }
        let answer = answer(&evidence(&issued), &options(&issued));
        for check in &answer.checks {
            let refused = matches!(check.outcome, "failed" | "skipped");
            assert_eq!(refused, check.next.is_some(), "{}: {}", case.name, check.id);
            if refused {
                assert!(check.reason.is_some() && check.because.is_some());
            }
            let waits = check.reason == Some("dependency");
            assert_eq!(
                waits,
                check.depends_on.is_some(),
                "{}: {}",
                case.name,
                check.id
            );
            if let Some(other) = &check.depends_on {
                assert_ne!(
                    outcome(&answer, other),
                    "passed",
                    "{}: {}",
                    case.name,
                    check.id
                );
            }
        }
    }
}

#[test]
fn whose_word_the_instant_is() {
    let mut sample = td15ex();
    let given = sample.answer();
    assert!(given.historical && given.headline.starts_with("AS OF 2026-10-20T00:00:00Z"));
    assert_eq!(given.at_source, "given");

    sample.options.instant = InstantChoice::Clock("2026-10-20T00:00:00Z".parse().unwrap());
    let present = sample.answer();
    assert!(!present.historical && !present.headline.contains("AS OF"));
    assert_eq!(present.verdict_digest, given.verdict_digest);

    sample.evidence.captured_at = Some("2026-10-20T00:00:00Z".parse().unwrap());
    sample.options.instant = InstantChoice::Captured;
    let captured = sample.answer();
    assert!(captured.historical && captured.headline.contains("the bundle's own word"));
    assert_eq!(captured.at_source, "captured");

    // A bundle's word counts only where it is asked for.
    sample.evidence.captured_at = Some("2020-01-01T00:00:00Z".parse().unwrap());
    sample.options.instant = InstantChoice::Given("2026-10-20T00:00:00Z".parse().unwrap());
    assert_eq!(sample.answer().verdict, "trusted");
}

#[test]
fn without_a_level_there_is_no_status() {
    let mut missing = td15ex();
    missing.evidence.collateral.clear();
    let mut lapsed = td15ex();
    lapsed.options.instant = InstantChoice::Given("2030-01-01T00:00:00Z".parse().unwrap());
    for (answer, expected) in [
        (missing.answer(), "collateral-missing"),
        (lapsed.answer(), "collateral-lapsed"),
        (td15().answer(), "tcb-unsupported"),
    ] {
        assert_eq!(answer.tcb.status, None);
        assert_eq!(answer.tcb.status_reason.as_deref(), Some(expected));
        assert!(answer.tcb.advisory_ids.is_empty());
    }
}

#[test]
fn the_digest_is_that_of_the_canonical_text() {
    let sample = td15ex();
    let at = "2026-10-20T00:00:00Z".parse().unwrap();
    let signatures = teeproof_bindings::signature_backend();
    let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
    set.add(&sample.evidence.collateral[0], signatures).unwrap();
    let examination = Examination::of(
        sample.evidence.quote.as_ref().unwrap(),
        &set,
        at,
        signatures,
    );
    let report = appraise(
        &examination,
        &MeasuredEvidence::default(),
        &sample.options.policy,
        &Exchange::default(),
        SecondEngine::NotRun,
    );
    let text = report.canonical_json();
    // An independent writer of RFC 8785 gives the same text.
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), text);
    assert_eq!(
        sample.answer().verdict_digest.unwrap(),
        teeproof_core::sha256(text.as_bytes()).to_string()
    );
    for word in [
        "engines.agreement",
        "sample-os",
        "sample TD",
        "because",
        "next",
    ] {
        assert!(!text.contains(word), "{word}");
    }
    for part in [
        "checkTable",
        "challengeSource",
        "policy",
        "trustAnchor",
        "verdict",
    ] {
        assert!(value.get(part).is_some(), "{part}");
    }
}

#[test]
fn the_digest_ignores_encoding_and_labels() {
    let issued = Scenario::tdx_v4().issue();
    let plain = answer(&evidence(&issued), &options(&issued));
    let mut labelled = evidence(&issued);
    labelled.label = Some("prod9".to_owned());
    labelled
        .self_reported
        .push(("version".to_owned(), "1.0".to_owned()));
    let log: serde_json::Value =
        serde_json::from_slice(labelled.event_log.as_ref().unwrap()).unwrap();
    labelled.event_log = Some(serde_json::to_vec_pretty(&log).unwrap());
    let mut named = options(&issued);
    named.policy = policy(&issued.policy_toml.replace("name = \"", "name = \"other "));
    let other = answer(&labelled, &named);
    assert_eq!(plain.verdict_digest, other.verdict_digest);

    // What counts, counts.
    let mut later = options(&issued);
    let at = teeproof_core::Instant::from_unix(issued.at + 1).unwrap();
    later.instant = InstantChoice::Given(at);
    assert_ne!(
        answer(&evidence(&issued), &later).verdict_digest,
        plain.verdict_digest
    );
    let mut no_config = evidence(&issued);
    no_config.vm_config = Some(b"{}".to_vec());
    assert_ne!(
        answer(&no_config, &options(&issued)).verdict_digest,
        plain.verdict_digest
    );
}

#[test]
fn a_conflict_has_no_digest() {
    let sample = td15ex();
    let at = "2026-10-20T00:00:00Z".parse().unwrap();
    let signatures = teeproof_bindings::signature_backend();
    let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
    set.add(&sample.evidence.collateral[0], signatures).unwrap();
    let examination = Examination::of(
        sample.evidence.quote.as_ref().unwrap(),
        &set,
        at,
        signatures,
    );
    let report = appraise(
        &examination,
        &MeasuredEvidence::default(),
        &sample.options.policy,
        &Exchange::default(),
        SecondEngine::Conflict(vec![Disagreement {
            claim: "tcb.status".to_owned(),
            ours: "UpToDate".to_owned(),
            theirs: "OutOfDate".to_owned(),
        }]),
    );
    assert_eq!(
        (report.verdict(), report.digest()),
        (Verdict::Inconclusive, None)
    );
    assert_eq!(
        teeproof_bindings::ExitCode::of(&report, false),
        teeproof_bindings::ExitCode::EngineConflict
    );
}

#[test]
fn headlines_claim_no_more_than_is_proven() {
    for answer in [td15ex().answer(), td_v4().answer(), sgx().answer()] {
        assert!(
            answer.headline.contains("Intel-certified key"),
            "{}",
            answer.headline
        );
    }
    let open = td_v4().answer();
    assert!(open.headline.contains("NOT PINNED"));
    for answer in [td15().answer(), forged("os-not-asked-for")] {
        assert!(!answer.headline.contains("TRUSTED") && !answer.headline.contains("GENUINE"));
    }
}
