//! A comparison as a sheet of titled rows, from which each format takes what it shows.

use serde_json::Value;
use teeproof_bindings::{Answer, BeginsAnswer, ComparisonAnswer, RowAnswer};

/// Said wherever people look for the words of SGX.
pub const OLD_WORDS: &str = "MR_ENCLAVE and MR_SIGNER do not exist on TDX. In the place of the first stand the operating system and the compose hash, in that of the second the app id and the key provider.";

/// What the star before a value means.
pub const STAR: &str = "* the instance's own word: its operating system is not identified, so its log proves nothing yet.";

/// A comparison, laid out.
#[derive(Debug)]
pub struct Sheet {
    /// The instances, one for each column.
    pub columns: Vec<String>,
    /// Rows of one relation each.
    pub sections: Vec<Section>,
}

/// Rows that belong together.
#[derive(Debug)]
pub struct Section {
    /// What they have in common.
    pub title: &'static str,
    /// The rows.
    pub rows: Vec<SheetRow>,
}

/// One fact across all instances.
#[derive(Debug)]
pub struct SheetRow {
    /// Its stable id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// How it stands, in one of the words of the answer.
    pub standing: String,
    /// What it says.
    pub about: String,
    /// One value for each instance.
    pub cells: Vec<Option<String>>,
    /// Where a difference begins, and whom it is about.
    pub note: Option<String>,
}

impl SheetRow {
    /// The standing in one sign. A word always stands beside it.
    pub fn sign(&self) -> &'static str {
        match self.standing.as_str() {
            "holds" => "✓",
            "explained" => "≈",
            "broken" => "✗",
            "not-evaluable" => "?",
            "unexplained" => "!",
            _ => "·",
        }
    }
}

const SECTIONS: &[(&str, &str)] = &[
    ("must-match", "Must match"),
    ("must-differ", "Must differ"),
    ("expected-to-differ", "Expected to differ"),
    ("informational", "For information"),
];

impl Sheet {
    /// Whether a value has a star: see [`STAR`].
    pub fn has_star(&self) -> bool {
        self.sections
            .iter()
            .flat_map(|section| &section.rows)
            .filter(|row| row.id != "self-reported")
            .flat_map(|row| row.cells.iter().flatten())
            .any(|cell| cell.starts_with('*'))
    }

    /// Lays a comparison out.
    pub fn of(answer: &ComparisonAnswer) -> Self {
        let columns: Vec<String> = answer
            .instances
            .iter()
            .map(|instance| instance.name().to_owned())
            .collect();
        let mut sections: Vec<Section> = SECTIONS
            .iter()
            .map(|(relation, title)| Section {
                title,
                rows: answer
                    .rows
                    .iter()
                    .filter(|row| row.relation == *relation && row.id != "self-reported")
                    .map(|row| sheet_row(row, &columns))
                    .collect(),
            })
            .collect();
        sections.push(Section {
            title: "Said by the instances of themselves (never evidence)",
            rows: answer
                .rows
                .iter()
                .filter(|row| row.id == "self-reported")
                .map(|row| sheet_row(row, &columns))
                .collect(),
        });
        sections.retain(|section| !section.rows.is_empty());
        Self { columns, sections }
    }
}

fn sheet_row(row: &RowAnswer, columns: &[String]) -> SheetRow {
    let self_asserted =
        |anchor: Option<&str>| anchor == Some("self-asserted") && row.id != "self-reported";
    SheetRow {
        id: row.id.clone(),
        title: row.title.clone(),
        standing: row.standing.clone(),
        about: row.about.clone(),
        cells: row
            .cells
            .iter()
            .map(|cell| {
                let cell = cell.as_ref()?;
                let value = inline(&serde_json::to_value(&cell.value).ok()?);
                Some(if self_asserted(cell.anchor.as_deref()) {
                    format!("*{value}")
                } else {
                    value
                })
            })
            .collect(),
        note: note(row, columns),
    }
}

fn note(row: &RowAnswer, columns: &[String]) -> Option<String> {
    let names: Vec<&str> = row
        .sides
        .iter()
        .filter_map(|side| columns.get(*side).map(String::as_str))
        .collect();
    let begins = row.begins.as_ref().map(begins);
    let which = match (row.standing.as_str(), names.as_slice()) {
        ("broken", []) | (_, []) => None,
        ("broken", [one]) => Some(format!("{one} contradicts its evidence")),
        ("broken", names) if row.relation == "must-differ" => {
            Some(format!("equal on {}", names.join(" and ")))
        }
        ("broken", names) => Some(format!("differs between {}", names.join(" and "))),
        ("not-evaluable", names) => Some(format!("absent on {}", names.join(", "))),
        (_, names) => Some(format!(
            "nothing accounts for it on {}",
            names.join(" and ")
        )),
    };
    match (which, begins) {
        (None, None) => None,
        (Some(which), None) => Some(which),
        (None, Some(begins)) => Some(format!("begins at {begins}")),
        (Some(which), Some(begins)) => Some(format!("{which}, begins at {begins}")),
    }
}

fn begins(begins: &BeginsAnswer) -> String {
    match (begins.event, &begins.event_name) {
        (Some(number), Some(name)) => format!("{} event {number} (`{name}`)", begins.register),
        (Some(number), None) => format!("{} event {number}", begins.register),
        (None, _) => begins.register.clone(),
    }
}

/// A value on one line: the name of a set stands for its registers.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("set"), fields.get("kind")) {
            (Some(set), _) => format!("set `{}`", inline(set)),
            (None, Some(kind)) => {
                let id = fields.get("id").map(inline).unwrap_or_default();
                format!("{} {id}", inline(kind)).trim_end().to_owned()
            }
            (None, None) => fields.values().map(inline).collect::<Vec<_>>().join(" "),
        },
        other => other.to_string(),
    }
}

/// Text in so many columns: a long word keeps its head and its tail.
pub fn elided(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let tail = kept.div_euclid(3).min(8);
    let head = kept.saturating_sub(tail);
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count.saturating_sub(tail)).collect();
    format!("{start}…{end}")
}

/// What there is to say of one instance by itself: name and value.
pub fn instance_facts(instance: &Answer) -> Vec<(&'static str, String)> {
    match instance {
        Answer::Unreadable(answer) => vec![
            ("verdict", "none".to_owned()),
            ("because", answer.error.message.clone()),
        ],
        Answer::Verified(answer) => {
            let verdict = match &answer.simulates {
                Some(would_be) => format!("simulated ({would_be})"),
                None => answer.verdict.clone(),
            };
            let passed = |id: &str| {
                answer
                    .checks
                    .iter()
                    .find(|check| check.id == id)
                    .map_or("none", |check| check.outcome)
                    .to_owned()
            };
            let status = answer
                .tcb
                .status
                .clone()
                .or_else(|| answer.tcb.status_reason.clone());
            vec![
                ("verdict", verdict),
                ("quote signature", passed("quote.signature")),
                ("platform key", passed("pck.chain")),
                ("TCB status", status.unwrap_or_default()),
                ("challenge", passed("freshness.challenge")),
                ("channel", answer.channel.clone()),
                ("engines", answer.engines.clone()),
                (
                    "verdict digest",
                    answer.verdict_digest.clone().unwrap_or_default(),
                ),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::elided;

    #[test]
    fn a_long_word_keeps_head_and_tail() {
        assert_eq!(elided("0123456789", 10), "0123456789");
        assert_eq!(elided("0123456789", 7), "0123…89");
        assert_eq!(elided("éééé", 3), "éé…");
        assert_eq!(elided("abc", 0), "…");
    }
}
