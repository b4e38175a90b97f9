//! What is changed by the sweep, and the list of what may change unnoticed.

pub(crate) mod fields;
pub(crate) mod log_text;

use std::collections::BTreeSet;

use teeproof_core::{EventLog, Quote};

/// One bit of one part of the evidence.
pub(crate) struct Change<'a> {
    pub(crate) part: &'static str,
    pub(crate) before: &'a [u8],
    pub(crate) offset: usize,
    pub(crate) bit: u8,
}

impl Change<'_> {
    fn byte(&self) -> u8 {
        self.before[self.offset]
    }

    pub(crate) fn after(&self) -> Vec<u8> {
        let mut after = self.before.to_vec();
        after[self.offset] ^= 1 << self.bit;
        after
    }

    fn is_letter_case(&self) -> bool {
        self.bit == 5 && matches!(self.byte(), b'a'..=b'f' | b'A'..=b'F')
    }
}

/// Changes that no rule notices.
pub(crate) struct Unnoticed {
    /// In which part.
    pub(crate) part: &'static str,
    /// Which, in words.
    pub(crate) what: &'static str,
    /// Why that is right.
    pub(crate) reason: &'static str,
    covers: fn(&Change<'_>) -> bool,
}

/// Everything that can change without changing what is accepted. The sweeps hold it from both
/// sides: a change that is accepted must be covered here, and one that is covered here must be
/// accepted.
pub(crate) const UNNOTICED: &[Unnoticed] = &[
    Unnoticed {
        part: "quote",
        what: "the last byte before the declared end (4935 of tdx-v4, 5246 of tdx-v5-td15ex, 4599 \
               of sgx-v3), bit 5",
        reason: "The NUL with which the quoting library ends the PEM text becomes a space. White \
                 space and NULs behind a PEM chain say nothing.",
        covers: |change| {
            let declared = Quote::parse(change.before).unwrap().length();
            change.offset + 1 == declared && change.byte() == 0 && change.bit == 5
        },
    },
    Unnoticed {
        part: "pck_certificate_chain",
        what: "every byte",
        reason: "It is for quotes that carry no chain. This quote carries its own, which alone is \
                 used.",
        covers: |_| true,
    },
    Unnoticed {
        part: "collateral file",
        what: "letters of hex values, bit 5",
        reason: "Hex is read in either case. What is signed are the bytes.",
        covers: |change| {
            fields::in_hex_value(change.before, change.offset) && change.is_letter_case()
        },
    },
    Unnoticed {
        part: "event log",
        what: "letters in `digest`, `event_payload` and `preimage`, bit 5",
        reason: "Hex is read in either case. What is measured are the bytes.",
        covers: |change| {
            let place = log_text::locate(change.before, change.offset);
            place.is_some_and(|place| matches!(place.key, "digest" | "event_payload" | "preimage"))
                && change.is_letter_case()
        },
    },
    Unnoticed {
        part: "event log",
        what: "values of `event_type`, `event` and `event_payload` of events in RTMR0 to RTMR2, as \
               long as the log can be read",
        reason: "A boot event extends its register by its digest alone. Name, type and payload are \
                 notes beside it that nobody measures, and no check reads them.",
        covers: |change| {
            let place = log_text::locate(change.before, change.offset);
            place.is_some_and(|place| {
                place.register < 3 && matches!(place.key, "event_type" | "event" | "event_payload")
            }) && EventLog::parse(&change.after()).is_ok()
        },
    },
    Unnoticed {
        part: "vm_config",
        what: "every byte",
        reason: "The host's description of the machine is judged by nothing yet. It is in the \
                 verdict digest.",
        covers: |_| true,
    },
];

/// Compares what a sweep saw with the list.
#[derive(Default)]
pub(crate) struct Tally {
    used: BTreeSet<usize>,
    wrong: Vec<String>,
    pub(crate) changes: usize,
}

impl Tally {
    /// Takes note of one change. `accepted` says whether the verdict still was to go on.
    pub(crate) fn note(&mut self, subject: &str, change: &Change<'_>, accepted: bool) {
        let rows: Vec<usize> = UNNOTICED
            .iter()
            .enumerate()
            .filter(|(_, row)| row.part == change.part && (row.covers)(change))
            .map(|(index, _)| index)
            .collect();
        let said = match (accepted, rows.is_empty()) {
            (true, true) => "is accepted and not listed",
            (false, false) => "is listed and not accepted",
            _ => "",
        };
        if !said.is_empty() {
            self.wrong.push(format!(
                "{subject}: {} byte {} bit {} {said}",
                change.part, change.offset, change.bit
            ));
        }
        self.used.extend(rows);
        self.changes += 1;
    }

    /// Fails if anything was unexpected, or if a row for one of these parts covers nothing.
    pub(crate) fn finish(self, parts: &[&str]) {
        let unused: Vec<_> = UNNOTICED
            .iter()
            .enumerate()
            .filter(|(index, row)| parts.contains(&row.part) && !self.used.contains(index))
            .map(|(_, row)| format!("{}: {} covers nothing", row.part, row.what))
            .collect();
        let shown: Vec<_> = self.wrong.iter().take(40).chain(&unused).collect();
        assert!(
            shown.is_empty(),
            "{} of {} changes: {shown:#?}",
            self.wrong.len(),
            self.changes
        );
        for row in UNNOTICED.iter().filter(|row| parts.contains(&row.part)) {
            println!("unnoticed in {}: {}. {}", row.part, row.what, row.reason);
        }
        println!("{} changes", self.changes);
    }
}
