//! The calendar of a fleet is iCalendar, and nothing from outside acts in it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use std::collections::BTreeSet;

use teeproof_bindings::{
    AssumedAdvisory, Fleet, FleetAnswer, FleetOptions, InstantChoice, Span, VerifyOptions, WhatIf,
    parse_policy,
};
use teeproof_core::{CollateralParts, Exchange, InputKind, InstanceEvidence, Instant, TrustAnchor};
use teeproof_forge::catalogue;
use teeproof_render::calendar;

const HOSTILE: &str = "prod\r\nEND:VCALENDAR\nx;y,z\\n\u{1b}[2J\u{202e}é\"日本語の名前がとても長いのでこの行は折り返される";

fn answer(names: &[&str], supposed: bool) -> FleetAnswer {
    let cases = catalogue();
    let case = cases.iter().find(|case| case.name == "cluster-prod7");
    let issued = case.unwrap().issue();
    let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = bytes(&issued.event_log);
    evidence.app_compose = bytes(&issued.app_compose);
    evidence.vm_config = bytes(&issued.vm_config);
    evidence.collateral =
        vec![CollateralParts::from_json(issued.collateral_json.unwrap().as_bytes()).unwrap()];
    let from = Instant::from_unix(issued.at).unwrap();
    let mut fleet = Fleet::new(FleetOptions {
        verify: VerifyOptions {
            policy: parse_policy(issued.policy_toml.as_bytes()).unwrap(),
            anchor: TrustAnchor::from_der(&issued.root_der).unwrap(),
            instant: InstantChoice::Given(from),
            collateral: Vec::new(),
            exchange: Exchange::default(),
            genuine_only: false,
        },
        span: Span::new(from, from.plus_days(400)).unwrap(),
        what_if: WhatIf {
            advisory: supposed.then(|| AssumedAdvisory {
                id: "INTEL-SA-09999".to_owned(),
                fmspc: Vec::new(),
                dated_before: None,
            }),
            ..WhatIf::default()
        },
        throughout: false,
    })
    .unwrap();
    for name in names {
        fleet.add(name, &evidence).unwrap();
    }
    fleet.answer()
}

/// Lines as a reader has them after unfolding (RFC 5545, section 3.1).
fn unfolded(text: &str) -> Vec<String> {
    let whole = text.replace("\r\n ", "");
    let lines = whole.strip_suffix("\r\n").unwrap().split("\r\n");
    lines.map(str::to_owned).collect()
}

/// The text behind a TEXT value (section 3.3.11).
fn text_of(value: &str) -> String {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(escaped @ ('\\' | ';' | ',')) => text.push(escaped),
                other => panic!("escape {other:?}"),
            },
            ';' | ',' => panic!("{character} is not escaped in {value}"),
            plain => text.push(plain),
        }
    }
    text
}

fn values<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    let named = lines.iter().filter_map(|line| line.split_once(':'));
    named
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value)
        .collect()
}

#[test]
fn lines_are_folded_and_end_as_they_have_to() {
    for names in [&["prod7"][..], &[HOSTILE], &[HOSTILE; 60], &[]] {
        let text = calendar(&answer(names, false));
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
            assert!(!line.contains(['\r', '\n']) && !line.is_empty());
        }
        assert!(
            text.chars()
                .all(|one| !one.is_control() || one == '\r' || one == '\n')
        );
        assert!(!text.contains('\u{202e}'));
    }
}

#[test]
fn every_event_is_whole() {
    let answer = answer(&["prod7", "prod9"], false);
    let text = calendar(&answer);
    let lines = unfolded(&text);
    assert_eq!(lines[..2], ["BEGIN:VCALENDAR", "VERSION:2.0"]);
    let count = answer.calendar.len();
    assert_eq!(count, 4);
    for name in [
        "UID",
        "DTSTAMP",
        "DTSTART",
        "SUMMARY",
        "DESCRIPTION",
        "CATEGORIES",
    ] {
        assert_eq!(values(&lines, name).len(), count, "{name}");
    }
    // The PCK CA's list of the forge ends first; what was judged first is the stamp.
    assert_eq!(values(&lines, "DTSTART")[0], "20250719T100035Z");
    assert!(
        values(&lines, "DTSTAMP")
            .iter()
            .all(|stamp| *stamp == "20250701T000000Z")
    );
    let summary = text_of(values(&lines, "SUMMARY")[0]);
    assert!(
        summary.starts_with("2 instances stop being acceptable: "),
        "{summary}"
    );
    let description = text_of(values(&lines, "DESCRIPTION")[0]);
    for part in [
        "Simulated",
        "Ended: pck_crl",
        "Check: collateral.valid",
        "Next: ",
        "- prod7\n- prod9",
    ] {
        assert!(description.contains(part), "{part}: {description}");
    }
}

#[test]
fn a_name_from_outside_stays_text() {
    let text = calendar(&answer(&[HOSTILE], false));
    let lines = unfolded(&text);
    assert_eq!(
        lines.iter().filter(|line| *line == "END:VCALENDAR").count(),
        1
    );
    assert_eq!(values(&lines, "BEGIN").len(), values(&lines, "END").len());
    let description = text_of(values(&lines, "DESCRIPTION")[0]);
    let shown = HOSTILE.replace(['\r', '\u{1b}', '\u{202e}'], "\u{fffd}");
    assert!(description.contains(&shown), "{description}");
}

#[test]
fn a_long_list_of_names_is_cut() {
    let text = calendar(&answer(&["x"; 60], false));
    let description = text_of(values(&unfolded(&text), "DESCRIPTION")[0]);
    assert_eq!(description.matches("- x").count(), 50);
    assert!(description.ends_with("and 10 more"));
}

#[test]
fn a_calendar_without_events_is_one() {
    let text = calendar(&answer(&[], false));
    let lines = unfolded(&text);
    assert_eq!(
        (lines[0].as_str(), values(&lines, "BEGIN")),
        ("BEGIN:VCALENDAR", vec!["VCALENDAR"])
    );
}

#[test]
fn an_event_has_one_id_and_another_event_another() {
    let ids = |answer: &FleetAnswer| -> BTreeSet<String> {
        let text = calendar(answer);
        let lines = unfolded(&text);
        values(&lines, "UID")
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let one = ids(&answer(&["prod7"], false));
    assert_eq!(one.len(), 4);
    assert_eq!(ids(&answer(&["prod7"], false)), one);
    assert!(
        one.iter()
            .all(|id| id.ends_with("@teeproof") && id.len() == 64 + 9)
    );
    for other in [
        answer(&["prod9"], false),
        answer(&["prod7", "prod9"], false),
    ] {
        assert!(ids(&other).is_disjoint(&one));
    }
    // What a supposition leaves alone is the same event: that the instance stops under the policy.
    let supposed = answer(&["prod7"], true);
    let kept: Vec<_> = supposed
        .calendar
        .iter()
        .filter(|event| one.contains(&format!("{}@teeproof", event.id)))
        .map(|event| (event.kind.as_str(), event.under.as_str()))
        .collect();
    assert_eq!(kept, [("stops", "policy")]);
    let (ab, ba) = (
        answer(&["a\n1 b", "c"], false),
        answer(&["a", "b\n1 c"], false),
    );
    assert!(ids(&ab).is_disjoint(&ids(&ba)));
}
