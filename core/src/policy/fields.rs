//! The kinds of values that a policy document holds, and how each is read.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::error::{Fault, PolicyErrorKind as Kind, is_anchor_or_instant};
use super::rules::AnyOf;
use super::source::{PolicyContent as Content, PolicyValue, Refusal};
use crate::limits;

/// What stands under a key. The types that are fields are never made: each says how a value is read,
/// and (see `schema`) what a schema says of it.
pub(super) trait Field {
    /// What it is read into.
    type Out;
    fn read(value: &PolicyValue) -> Result<Self::Out, Refusal>;
    /// What it is where the key is absent; `None` where the key has to be there.
    fn absent() -> Option<Self::Out> {
        None
    }
}

fn wrong_type(value: &PolicyValue, expected: &str) -> Refusal {
    let detail = format!("{}, expected {expected}", value.kind());
    Fault::new(Kind::WrongType, detail).at(value.offset)
}

/// An optional key.
pub(super) struct Given<T>(PhantomData<T>);

impl<T: Field> Field for Given<T> {
    type Out = Option<T::Out>;

    fn read(value: &PolicyValue) -> Result<Self::Out, Refusal> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self::Out> {
        Some(None)
    }
}

/// A key that says nothing new where it is absent: its rules are then the strict ones.
pub(super) struct Defaulted<T>(PhantomData<T>);

impl<T: Field<Out: Default>> Field for Defaulted<T> {
    type Out = T::Out;

    fn read(value: &PolicyValue) -> Result<T::Out, Refusal> {
        T::read(value)
    }

    fn absent() -> Option<T::Out> {
        Some(T::Out::default())
    }
}

/// By what a schema knows a key that may be absent.
#[cfg(feature = "schema")]
macro_rules! may_be_absent {
    ($($field:ident)*) => {
        $(
            impl<T> Default for $field<T> {
                fn default() -> Self {
                    Self(PhantomData)
                }
            }
        )*
    };
}

#[cfg(feature = "schema")]
may_be_absent! { Given Defaulted }

impl Field for bool {
    type Out = Self;

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
pub(super) struct One<R>(PhantomData<R>);

impl<R: Reader> Field for One<R> {
    type Out = R::Out;

    fn read(value: &PolicyValue) -> Result<R::Out, Refusal> {
        let text = text(value, R::EXPECTED)?;
        R::read(text).map_err(|fault| fault.at(value.offset))
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
pub(super) struct List<R>(PhantomData<R>);

impl<R: Reader> Field for List<R> {
    type Out = AnyOf<R::Out>;

    fn read(value: &PolicyValue) -> Result<Self::Out, Refusal> {
        any_of(value, "a list", One::<R>::read)
    }
}

/// A list of tables, of which no two say the same.
pub(super) struct Set<T>(PhantomData<T>);

impl<T: Section<Rules: Ord>> Field for Set<T> {
    type Out = AnyOf<T::Rules>;

    fn read(value: &PolicyValue) -> Result<Self::Out, Refusal> {
        any_of(value, "a list of tables", Table::<T>::read)
    }
}

fn any_of<T: Ord>(
    value: &PolicyValue,
    expected: &str,
    read: impl Fn(&PolicyValue) -> Result<T, Refusal>,
) -> Result<AnyOf<T>, Refusal> {
    let mut entries = Vec::new();
    for entry in list(value, expected)? {
        entries.push((read(entry)?, entry.offset));
    }
    // `list` takes no empty one.
    AnyOf::of_sorted(distinct(entries)?.collect()).ok_or_else(|| empty_list().at(value.offset))
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
pub(super) trait Section {
    /// What the table demands.
    type Rules;

    /// Reads the keys.
    fn of(keys: &Keys<'_>) -> Result<Self::Rules, Refusal>;

    fn check(_: &Self::Rules) -> Result<(), Fault> {
        Ok(())
    }
}

/// A table of the document.
pub(super) struct Table<T>(PhantomData<T>);

impl<T: Section> Field for Table<T> {
    type Out = T::Rules;

    fn read(value: &PolicyValue) -> Result<T::Rules, Refusal> {
        let rules = T::of(&Keys::of(value)?)?;
        T::check(&rules).map_err(|fault| fault.at(value.offset))?;
        Ok(rules)
    }
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

    /// What stands under a key, or what it means that the key is not there.
    pub(super) fn read<F: Field>(&self, name: &str) -> Result<F::Out, Refusal> {
        match self.value(name) {
            Some(value) => F::read(value),
            None => F::absent().ok_or_else(|| self.missing(name)),
        }
    }

    /// What stands under a key, if it is there.
    pub(super) fn find<F: Field>(&self, name: &str) -> Result<Option<F::Out>, Refusal> {
        self.value(name).map(F::read).transpose()
    }

    fn value(&self, name: &str) -> Option<&'a PolicyValue> {
        let entry = self.entries.iter().find(|(key, ..)| is(key, name));
        entry.map(|(_, _, value)| value)
    }

    pub(super) fn missing(&self, name: &str) -> Refusal {
        let mut detail = String::from("missing key `");
        detail.extend(spelled(name));
        detail.push('`');
        Fault::new(Kind::MissingKey, detail).at(self.offset)
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
    fn key(rules: &Self::Rules) -> Self::Key;
}

/// A list of tables: not empty, nothing twice.
pub(super) struct Rows<T>(PhantomData<T>);

impl<T: Row> Field for Rows<T> {
    type Out = Vec<T::Rules>;

    fn read(value: &PolicyValue) -> Result<Self::Out, Refusal> {
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for entry in list(value, "a list of tables")? {
            let row = Table::<T>::read(entry)?;
            keys.push((T::key(&row), entry.offset));
            rows.push(row);
        }
        let _all_of_them = distinct(keys)?;
        Ok(rows)
    }
}

/// A whole number from zero to `MAX`.
pub(super) struct Whole<const MAX: u64>;

impl<const MAX: u64> Field for Whole<MAX> {
    type Out = u64;

    fn read(value: &PolicyValue) -> Result<u64, Refusal> {
        whole(value, MAX)
    }
}

/// Days, from zero to `MAX`.
pub(super) struct Days<const MAX: u32>;

impl<const MAX: u32> Field for Days<MAX> {
    type Out = u32;

    fn read(value: &PolicyValue) -> Result<u32, Refusal> {
        // No more than `MAX`, so it always fits.
        whole(value, MAX.into()).map(|days| u32::try_from(days).unwrap_or(MAX))
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
