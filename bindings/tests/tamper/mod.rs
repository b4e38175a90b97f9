//! What is changed by the sweep, and the list of what may change unnoticed.

pub(crate) mod fields;
pub(crate) mod log_text;

use std::collections::BTreeSet;
use std::ops::Range;

use teeproof_core::{EventLog, Quote};

/// What happens to a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// One bit is turned.
    Flip(u8),
    /// It is left out.
    Drop,
    /// It changes places with the one behind it.
    Swap,
}

/// One byte of one part of the evidence, changed.
pub(crate) struct Change<'a> {
    pub(crate) part: &'static str,
    pub(crate) before: &'a [u8],
    pub(crate) offset: usize,
    pub(crate) how: How,
}

impl Change<'_> {
    fn byte(&self) -> u8 {
        self.before[self.offset]
    }

    /// The part with the change. `None` if two equal bytes would change places.
    pub(crate) fn after(&self) -> Option<Vec<u8>> {
        let mut after = self.before.to_vec();
        match self.how {
            How::Flip(bit) => after[self.offset] ^= 1 << bit,
            How::Drop => {
                after.remove(self.offset);
            }
            How::Swap => {
                if after.get(self.offset + 1)? == &after[self.offset] {
                    return None;
                }
                after.swap(self.offset, self.offset + 1);
            }
        }
        Some(after)
    }

    fn is_letter_case(&self) -> bool {
        self.how == How::Flip(5) && matches!(self.byte(), b'a'..=b'f' | b'A'..=b'F')
    }
}

/// The changes of one part: what happens to each byte is chosen by its offset.
pub(crate) fn changes<'a>(
    part: &'static str,
    before: &'a [u8],
    offsets: impl Iterator<Item = usize>,
    choose: impl Fn(usize) -> &'static [How],
) -> impl Iterator<Item = (Change<'a>, Vec<u8>)> {
    offsets
        .flat_map(move |offset| choose(offset).iter().map(move |how| (offset, *how)))
        .filter_map(move |(offset, how)| {
            let change = Change {
                part,
                before,
                offset,
                how,
            };
            change.after().map(|after| (change, after))
        })
}

/// The parts of a quote that are signed, certified or sign, by name.
pub(crate) fn quote_parts(quote: &[u8]) -> Vec<(&'static str, Range<usize>)> {
    let signed = Quote::parse(quote).unwrap().signed_bytes().len();
    let tdx = quote[0] > 3;
    let mut parts = vec![("header", 0..48), ("body", 48..signed)];
    // The length of the signature data goes before them.
    let mut at = signed + 4;
    let mut next = |part, size, gap| {
        parts.push((part, at..at + size));
        at += size + gap;
    };
    next("quote signature", 64, 0);
    // Behind the key stand type and length of what certifies it, in TDX quotes.
    next("attestation key", 64, if tdx { 6 } else { 0 });
    next("QE report", 384, 0);
    next("QE report signature", 64, 2);
    next(ALIKE, 32, 6);
    let end = Quote::parse(quote).unwrap().length();
    parts.push(("PCK chain", at..end));
    parts
}

/// The one part that is the same in every quote: Intel's quoting enclaves count from 0 to 31.
pub(crate) const ALIKE: &str = "QE authentication data";

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
            change.offset + 1 == declared && change.byte() == 0 && change.how == How::Flip(5)
        },
    },
    Unnoticed {
        part: "quote",
        what: "a line break behind a certificate (3030, 3986 and 4934 of tdx-v4), or a NUL behind \
               all of them (4935 and later), left out where zeros stand behind the quote",
        reason: "The next byte moves up, and of the zeros one comes in. The certificates are the \
                 same bytes, and white space around them says nothing.",
        covers: |change| {
            let padded = Quote::parse(change.before).unwrap().length() < change.before.len();
            let (behind_one, behind_all) = pem_ends(change.before, change.offset);
            padded && change.how == How::Drop && (behind_one || behind_all)
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
        part: "collateral file",
        what: "white space between values, left out or moved",
        reason: "JSON gives it no meaning. A parser that is not ours reads the same values.",
        covers: |change| {
            let value = |file: &[u8]| serde_json::from_slice::<serde_json::Value>(file).ok();
            matches!(change.how, How::Drop | How::Swap)
                && change.after().and_then(|file| value(&file)) == value(change.before)
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
            }) && change
                .after()
                .is_some_and(|log| EventLog::parse(&log).is_ok())
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

/// Whether a byte is a line break just behind a certificate in PEM, and whether it stands behind
/// all certificates but for the line break.
fn pem_ends(quote: &[u8], offset: usize) -> (bool, bool) {
    const END: &[u8] = b"-----END CERTIFICATE-----";
    let behind_one = quote[offset] == b'\n' && quote[..offset].ends_with(END);
    let last = quote.windows(END.len()).rposition(|window| window == END);
    (
        behind_one,
        last.is_some_and(|last| offset > last + END.len()),
    )
}

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
                "{subject}: {} byte {} {:?} {said}",
                change.part, change.offset, change.how
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
