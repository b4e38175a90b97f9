//! The calendar of a fleet as iCalendar (RFC 5545), for the calendars of people.
//!
//! Lines end with CRLF and are folded at 75 octets. There is no clock: `DTSTAMP` is the first instant
//! that was judged. The UID is the event's id, so importing a calendar twice changes nothing.

use std::fmt::Write;

use teeproof_bindings::{FleetAnswer, FleetEventAnswer};

/// Octets of a line, its end aside.
const LINE: usize = 75;

/// Names of instances that a description repeats.
const NAMES: usize = 50;

/// The calendar of a fleet.
pub fn calendar(answer: &FleetAnswer) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| push(&mut text, name, value);
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//teeproof//teeproof fleet//EN");
    line("CALSCALE", "GREGORIAN");
    line("METHOD", "PUBLISH");
    for event in &answer.calendar {
        line("BEGIN", "VEVENT");
        line("UID", &format!("{}@teeproof", event.id));
        line("DTSTAMP", &instant(&answer.from));
        line("DTSTART", &instant(&event.at));
        line("SUMMARY", &escaped(&event_summary(answer, event)));
        line("DESCRIPTION", &escaped(&description(answer, event)));
        line("CATEGORIES", &escaped(&event.kind));
        line("TRANSP", "TRANSPARENT");
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    text
}

/// A content line, folded. A character is never cut in two.
fn push(text: &mut String, name: &str, value: &str) {
    let mut room = LINE;
    for character in name.chars().chain([':']).chain(value.chars()) {
        let size = character.len_utf8();
        if size > room {
            text.push_str("\r\n ");
            // The space counts.
            room = LINE.saturating_sub(1);
        }
        text.push(character);
        room = room.saturating_sub(size);
    }
    text.push_str("\r\n");
}

/// A TEXT value. Characters that a line cannot hold, and those that reorder or hide text, become the
/// sign for an unknown one.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                shown.push('\\');
                shown.push(character);
            }
            '\n' => shown.push_str("\\n"),
            other if other.is_control() || hidden(other) => shown.push('\u{fffd}'),
            other => shown.push(other),
        }
    }
    shown
}

/// Characters that reorder text, or that nobody sees.
const fn hidden(character: char) -> bool {
    matches!(
        character,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
    )
}

/// `2025-07-19T10:00:35Z` as `20250719T100035Z`.
fn instant(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '-' | ':'))
        .collect()
}

/// Whom an event happens to, in a word or two.
fn whom(answer: &FleetAnswer, event: &FleetEventAnswer) -> String {
    match event.instances.as_slice() {
        [one] => answer
            .instances
            .get(*one)
            .map(|instance| instance.name.clone())
            .unwrap_or_default(),
        several => format!("{} instances", several.len()),
    }
}

/// What an event says in one line, but for the instant.
pub fn event_summary(answer: &FleetAnswer, event: &FleetEventAnswer) -> String {
    let whom = whom(answer, event);
    let one = event.instances.len() == 1;
    let mut text = match (event.kind.as_str(), one) {
        ("stops", true) => format!("{whom} stops being acceptable"),
        ("stops", false) => format!("{whom} stop being acceptable"),
        ("begins", true) => format!("{whom} begins to be acceptable"),
        ("begins", false) => format!("{whom} begin to be acceptable"),
        _ => format!("{whom}: {} ended", event.ended.join(", ")),
    };
    if let Some(because) = &event.because {
        let _ = write!(text, ": {because}");
    }
    if event.under == "what-if" {
        text.push_str(" (under what is supposed)");
    }
    text
}

fn description(answer: &FleetAnswer, event: &FleetEventAnswer) -> String {
    let mut text = String::new();
    if answer.simulated {
        text.push_str("Simulated: the trust anchor is not Intel's.\n");
    }
    if !event.ended.is_empty() {
        let _ = writeln!(text, "Ended: {}", event.ended.join(", "));
    }
    if let Some(check) = &event.check {
        let _ = writeln!(text, "Check: {check}");
    }
    if let Some(next) = &event.next {
        let _ = writeln!(text, "Next: {next}");
    }
    let policy = &answer.policy;
    let _ = writeln!(text, "Policy: {}", policy.digest);
    if event.under != "policy"
        && let Some(what_if) = &answer.what_if
    {
        let _ = writeln!(text, "Supposed: {}", what_if.suppositions.join("; "));
    }
    let names = event
        .instances
        .iter()
        .filter_map(|place| answer.instances.get(*place));
    for instance in names.take(NAMES) {
        let _ = writeln!(text, "- {}", instance.name);
    }
    let more = event.instances.len().saturating_sub(NAMES);
    if more != 0 {
        let _ = writeln!(text, "and {more} more");
    }
    text.trim_end().to_owned()
}
