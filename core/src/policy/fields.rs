//! The kinds of values that a policy document holds, and how each is read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{Fault, PolicyErrorKind as Kind, is_anchor_or_instant};
use super::rules::AnyOf;
use super::source::{PolicyContent as Content, PolicyValue, Refusal};
use crate::limits;

/// What stands under a key.
pub(super) trait Field: Sized {
    fn read(value: &PolicyValue) -> Result<Self, Refusal>;
    /// What it is where the key is absent; `None` where the key has to be there.
    fn absent() -> Option<Self> {
        None
    }
}

fn wrong_type(value: &PolicyValue, expected: &str) -> Refusal {
    let detail = format!("{}, expected {expected}", value.kind());
    Fault::new(Kind::WrongType, detail).at(value.offset)
}

/// An optional key.
#[derive(Debug, Clone)]
pub(super) struct Given<T>(pub(super) Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Field> Field for Given<T> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        T::read(value).map(|read| Self(Some(read)))
    }

    fn absent() -> Option<Self> {
        Some(Self(None))
    }
}

impl Field for bool {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        match value.content {
            Content::Flag(flag) => Ok(flag),
            _ => Err(wrong_type(value, "`true` or `false`")),
        }
    }

    fn absent() -> Option<Self> {
        Some(false)
    }
}

/// How a text of a policy is read.
pub(super) trait Reader {
    type Out: Ord;
    /// What is expected, for a value of another type.
    const EXPECTED: &'static str;
    fn read(text: &str) -> Result<Self::Out, Fault>;
    /// The JSON Schema of the text.
    #[cfg(feature = "schema")]
    fn schema() -> schemars::Schema;
}

/// One text.
#[derive(Debug, Clone)]
pub(super) struct One<R: Reader>(pub(super) R::Out);

impl<R: Reader> Field for One<R> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        let text = text(value, R::EXPECTED)?;
        R::read(text)
            .map(Self)
            .map_err(|fault| fault.at(value.offset))
    }
}

fn text<'a>(value: &'a PolicyValue, expected: &str) -> Result<&'a str, Refusal> {
    match &value.content {
        Content::Text(text) if text.is_empty() => {
            let detail = format!("an empty text, expected {expected}");
            Err(Fault::new(Kind::EmptyText, detail).at(value.offset))
        }
        Content::Text(text) => Ok(text),
        _ => Err(wrong_type(value, expected)),
    }
}

/// A list of texts: not empty, nothing twice.
#[derive(Debug, Clone)]
pub(super) struct List<R: Reader>(pub(super) AnyOf<R::Out>);

impl<R: Reader> Field for List<R> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        let mut entries = Vec::new();
        for entry in list(value, "a list")? {
            let read = R::read(text(entry, R::EXPECTED)?);
            entries.push((read.map_err(|fault| fault.at(entry.offset))?, entry.offset));
        }
        let entries = distinct(entries)?;
        // `list` takes no empty one.
        AnyOf::of_sorted(entries.collect())
            .map(Self)
            .ok_or_else(|| empty_list().at(value.offset))
    }
}

/// The entries of a list that is not empty and within its cap.
fn list<'a>(value: &'a PolicyValue, expected: &str) -> Result<&'a [PolicyValue], Refusal> {
    let Content::List(entries) = &value.content else {
        return Err(wrong_type(value, expected));
    };
    if entries.is_empty() {
        return Err(empty_list().at(value.offset));
    }
    if let Some(over) = entries.get(limits::POLICY_ENTRIES) {
        let detail = format!("more than {} entries in one list", limits::POLICY_ENTRIES);
        return Err(Fault::new(Kind::TooManyEntries, detail).at(over.offset));
    }
    Ok(entries)
}

fn empty_list() -> Fault {
    Fault::new(Kind::EmptyList, "an empty list, which accepts nothing")
}

/// The entries without their places, unless one stands there twice.
fn distinct<T: Ord>(mut entries: Vec<(T, usize)>) -> Result<impl Iterator<Item = T>, Refusal> {
    entries.sort_unstable();
    let twice = entries
        .array_windows::<2>()
        .filter(|[one, other]| one.0 == other.0)
        .map(|[_, second]| second.1)
        .min();
    match twice {
        None => Ok(entries.into_iter().map(|(entry, _)| entry)),
        Some(offset) => {
            let detail = "an entry that stands in this list already";
            Err(Fault::new(Kind::DuplicateEntry, detail).at(offset))
        }
    }
}

/// A table, with the rules between its keys.
pub(super) trait Section: Sized {
    /// Reads the keys.
    fn of(keys: &Keys<'_>) -> Result<Self, Refusal>;

    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A table of the document.
#[derive(Debug, Clone)]
pub(super) struct Table<T>(pub(super) T);

impl<T: Section> Field for Table<T> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        section(value).map(Self)
    }
}

fn section<T: Section>(value: &PolicyValue) -> Result<T, Refusal> {
    let table = T::of(&Keys::of(value)?)?;
    table.check().map_err(|fault| fault.at(value.offset))?;
    Ok(table)
}

/// The keys of a table.
pub(super) struct Keys<'a> {
    offset: usize,
    entries: &'a [(String, usize, PolicyValue)],
}

impl<'a> Keys<'a> {
    fn of(value: &'a PolicyValue) -> Result<Self, Refusal> {
        match &value.content {
            Content::Table(entries) => Ok(Self {
                offset: value.offset,
                entries,
            }),
            _ => Err(wrong_type(value, "a table")),
        }
    }

    /// Refuses every key but these, which are spelled as identifiers are.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = |key: &str| !known.iter().any(|name| is(key, name));
        let Some((key, offset, _)) = self.entries.iter().find(|(key, ..)| unknown(key)) else {
            return Ok(());
        };
        let fault = if is_anchor_or_instant(key) {
            let detail = [
                "unknown key `",
                key,
                "`: a policy can bring neither a trust anchor nor an instant, so that nobody \
                 who writes one decides whom to trust and for when",
            ];
            Fault::new(Kind::AnchorOrInstant, detail.concat())
        } else {
            let mut detail = ["unknown key `", key, "`, expected one of "].concat();
            for (index, name) in known.iter().enumerate() {
                detail.push_str(if index == 0 { "`" } else { ", `" });
                detail.extend(spelled(name));
                detail.push('`');
            }
            Fault::new(Kind::UnknownKey, detail)
        };
        Err(fault.at(*offset))
    }

    /// What stands under a key, if it is there.
    pub(super) fn find<F: Field>(&self, name: &str) -> Result<Option<F>, Refusal> {
        let entry = self.entries.iter().find(|(key, ..)| is(key, name));
        entry.map(|(_, _, value)| F::read(value)).transpose()
    }

    /// What is said of a key that is not there.
    pub(super) fn or_absent<F: Field>(&self, found: Option<F>, name: &str) -> Result<F, Refusal> {
        found.or_else(F::absent).ok_or_else(|| {
            let mut detail = String::from("missing key `");
            detail.extend(spelled(name));
            detail.push('`');
            Fault::new(Kind::MissingKey, detail).at(self.offset)
        })
    }
}

/// A policy has `-` where an identifier has `_`.
fn spelled(name: &str) -> impl Iterator<Item = char> {
    name.chars().map(|sign| match sign {
        '_' => '-',
        sign => sign,
    })
}

fn is(key: &str, name: &str) -> bool {
    spelled(name).eq(key.chars())
}

/// A table that stands in a list, with what makes two of them the same.
pub(super) trait Row: Section {
    type Key: Ord;
    fn key(&self) -> Self::Key;
}

/// A list of tables: not empty, nothing twice.
#[derive(Debug, Clone)]
pub(super) struct Rows<T>(pub(super) Vec<T>);

impl<T: Row> Field for Rows<T> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for entry in list(value, "a list of tables")? {
            let row: T = section(entry)?;
            keys.push((row.key(), entry.offset));
            rows.push(row);
        }
        let _all_of_them = distinct(keys)?;
        Ok(Self(rows))
    }
}

/// A whole number from zero to `MAX`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<const MAX: u64>(pub(super) u64);

impl<const MAX: u64> Field for Whole<MAX> {
    fn read(value: &PolicyValue) -> Result<Self, Refusal> {
        whole(value, MAX).map(Self)
    }
}

fn whole(value: &PolicyValue, max: u64) -> Result<u64, Refusal> {
    let found = match &value.content {
        Content::Whole(number) if *number <= max => return Ok(*number),
        Content::Whole(number) => number.to_string(),
        Content::Negative => "a number below zero".to_string(),
        _ => {
            let expected = format!("a whole number from 0 to {max}");
            return Err(wrong_type(value, &expected));
        }
    };
    let detail = format!("{found}, expected 0 to {max}");
    Err(Fault::new(Kind::NumberRange, detail).at(value.offset))
}

/// The words of a list, for a message.
pub(super) fn words<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for (index, item) in items.into_iter().enumerate() {
        if index != 0 {
            text.push_str(", ");
        }
        text.push_str(&item.to_string());
    }
    text
}
