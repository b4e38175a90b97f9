//! Why a text is not a policy, and where.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt::{self, Write};

/// Characters of a detail that an error keeps. A parser repeats keys and values of the text, and
/// those may be as long as the text itself.
const DETAIL: usize = 600;

/// A place in a text, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The place of a byte offset. An offset past the end is the end.
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline.saturating_add(1));
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        // Every byte of a UTF-8 character but its first has the form 10xxxxxx.
        let characters = before
            .iter()
            .skip(line_start)
            .filter(|byte| **byte & 0xc0 != 0x80)
            .count();
        Self {
            line: lines.saturating_add(1),
            column: characters.saturating_add(1),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

macro_rules! kinds {
    ($($variant:ident, $code:literal, $doc:literal, $next:literal;)*) => {
        /// What is wrong with a policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum PolicyErrorKind {
            $(#[doc = $doc] $variant,)*
        }

        impl PolicyErrorKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, such as `unknown-key`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What to do next.
            pub const fn next_step(self) -> &'static str {
                match self { $(Self::$variant => $next,)* }
            }
        }
    };
}

kinds! {
    TooLarge, "too-large", "The text is larger than `limits::POLICY`.",
        "check that the file is a policy, or split its lists into several policies";
    NotUtf8, "not-utf-8", "The text is not UTF-8.",
        "save the policy as UTF-8";
    ByteOrderMark, "byte-order-mark", "The text begins with a byte order mark.",
        "save the policy as UTF-8 without a byte order mark";
    Syntax, "syntax", "The text is not TOML or JSON.",
        "correct the text at this place";
    UnknownKey, "unknown-key", "A key that this schema does not have.",
        "check the spelling and the table it stands in; a policy of a later schema needs a later teeproof";
    AnchorOrInstant, "anchor-or-instant", "A key that would bring a trust anchor or an instant.",
        "remove the key: whoever asks for the verdict names the trust anchor and the instant, a policy never does";
    DuplicateKey, "duplicate-key", "A key that stands there twice.",
        "keep one of the two";
    MissingKey, "missing-key", "A key that has to be there is missing.",
        "add the key";
    WrongType, "wrong-type", "A value of another type than the key has.",
        "write the value in the type that the key has";
    SchemaUnknown, "schema-unknown", "A schema that this verifier does not know.",
        "use `schema = \"teeproof.policy/1\"`, or a teeproof that knows the schema";
    EmptyList, "empty-list", "An empty list.",
        "remove the key if nothing is demanded, or list what is accepted";
    EmptyText, "empty-text", "An empty text.",
        "remove the key or give it a value";
    TooManyEntries, "too-many-entries", "A list of more than `limits::POLICY_ENTRIES` entries.",
        "split the list into several policies";
    DuplicateEntry, "duplicate-entry", "An entry that stands in its list twice.",
        "keep one of the two; a repeated value is often a value that was meant to be another";
    HexInvalid, "hex-invalid", "A value that is not hex of the right length.",
        "copy the whole value, as hex digits only";
    HexPrefix, "hex-prefix", "A value with a prefix before its hex digits.",
        "remove the prefix and keep the hex digits";
    WordUnknown, "word-unknown", "A word that the key does not know.",
        "use one of the words listed";
    StatusMisplaced, "status-misplaced", "A TCB status that this component can never have.",
        "remove the status: it accepts nothing here";
    StatusRevoked, "status-revoked", "`Revoked` in a list of accepted statuses.",
        "remove it: no policy can accept a revoked TCB";
    NumberRange, "number-range", "A number outside the key's range.",
        "use a number inside the range";
    GraceMissing, "grace-missing", "An out-of-date status is accepted without a limit in time.",
        "add `out-of-date-grace-days` to [tcb], or remove the status";
    GraceUnneeded, "grace-unneeded", "A grace, and no status that it could apply to.",
        "remove `out-of-date-grace-days`, or list the status that it is for";
    AdvisoryInvalid, "advisory-invalid", "A text that is no advisory id.",
        "write the id as Intel does, such as `INTEL-SA-00837`";
    AdvisoryContradiction, "advisory-contradiction", "An advisory that is both tolerated and denied.",
        "keep it in one of the two lists";
    KeyProviderId, "key-provider-id", "A key provider without the id that its kind needs.",
        "add the provider's id as hex; only the kind `none` has none";
    LabelInvalid, "label-invalid", "A name that is too long or cannot be printed.",
        "use a short name of printable characters";
    PinNotListed, "pin-not-listed", "The caller pins a value that the policy does not accept.",
        "if the value is right, add it to the policy; otherwise drop the pin";
    PinOsUnknown, "pin-os-unknown", "The caller pins an OS set that the policy does not have.",
        "name one of the policy's [[os]] sets, or add the set to the policy";
    EditUnknown, "edit-unknown", "A value that a what-if would remove, and the policy does not list.",
        "name a value that the policy lists";
    EditEmpties, "edit-empties", "A what-if that would leave nothing of a list.",
        "leave one value, or write the policy that would take the place of this one and give it";
    EditLoosens, "edit-loosens", "A what-if that would accept more.",
        "name a number above the policy's own, or give another policy";
}

/// A text that is no policy, or a pin that the policy does not allow: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    kind: PolicyErrorKind,
    detail: String,
    position: Option<Position>,
}

impl PolicyError {
    pub(super) fn new(
        kind: PolicyErrorKind,
        detail: &str,
        position: impl Into<Option<Position>>,
    ) -> Self {
        Self {
            kind,
            detail: printable(detail),
            position: position.into(),
        }
    }

    pub(super) fn from_fault(fault: Fault) -> Self {
        Self::new(fault.kind, &fault.detail, None)
    }

    /// For a parser of another format: the message of its error, without the place, and the place.
    pub fn from_parser(message: &str, position: Option<Position>) -> Self {
        let kind = if message.starts_with("duplicate key") {
            PolicyErrorKind::DuplicateKey
        } else {
            PolicyErrorKind::Syntax
        };
        Self::new(kind, message, position)
    }

    /// What is wrong.
    pub fn kind(&self) -> PolicyErrorKind {
        self.kind
    }

    /// What was found, as a sentence without place and next step. Text that came from the policy
    /// is made printable and cut.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Where, if it is about a place.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

/// Keys that people would write to bring a trust anchor or an instant.
const ANCHOR_OR_INSTANT: &[&str] = &[
    "root",
    "roots",
    "root-ca",
    "anchor",
    "anchors",
    "trust-anchor",
    "trust-anchors",
    "at",
    "instant",
    "now",
    "time",
];

pub(super) fn is_anchor_or_instant(key: &str) -> bool {
    ANCHOR_OR_INSTANT.contains(&key)
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        write!(f, "{}; {}", self.detail, self.kind.next_step())
    }
}

impl core::error::Error for PolicyError {}

/// What a field of the document refuses.
pub(super) struct Fault {
    pub(super) kind: PolicyErrorKind,
    pub(super) detail: String,
}

impl Fault {
    pub(super) fn new(kind: PolicyErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

/// Whether a character can be printed without changing what stands around it: no control
/// characters, no direction marks, no combining marks.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\'' | '\\') || character.escape_debug().count() == 1
}

fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(DETAIL));
    for (index, character) in text.chars().enumerate() {
        if index == DETAIL {
            clean.push('…');
            break;
        }
        if is_printable(character) {
            clean.push(character);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(clean, "{}", character.escape_debug());
        }
    }
    clean.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::format;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = PolicyErrorKind::ALL
            .iter()
            .map(|kind| kind.code())
            .collect();
        assert_eq!(codes.len(), PolicyErrorKind::ALL.len());
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let text = "a\né=\n".as_bytes();
        let at = |offset| {
            let place = Position::of(text, offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(1), (1, 2));
        assert_eq!(at(2), (2, 1));
        assert_eq!(at(4), (2, 2));
        assert_eq!(at(6), (3, 1));
        assert_eq!(at(99), (3, 1));
    }

    #[test]
    fn foreign_text_is_printable_and_cut() {
        let key = format!("\u{1b}[31m\u{202e}{}", "x".repeat(10_000));
        let error = PolicyError::from_parser(&format!("unknown field `{key}`"), None);
        assert!(error.detail().chars().all(is_printable));
        assert!(error.detail().chars().count() < 700);
    }
}
