//! The kinds of values that a policy document holds.
//!
//! Everything is refused while it is read, not afterwards: only then does a format know the line.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::{Fault, PolicyErrorKind as Kind};
use super::rules::AnyOf;
use crate::limits;

/// An optional key. Unlike `Option` it does not take JSON's `null` for absence.
#[derive(Debug, Clone)]
pub(super) struct Given<T>(pub(super) Option<T>);

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Some(value)))
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

impl<'de, R: Reader> serde::Deserialize<'de> for One<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneVisitor<R>(PhantomData<R>);
        impl<R: Reader> Visitor<'_> for OneVisitor<R> {
            type Value = One<R>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(R::EXPECTED)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<One<R>, E> {
                read::<R, E>(text).map(One)
            }
        }
        deserializer.deserialize_str(OneVisitor(PhantomData))
    }
}

fn read<R: Reader, E: Error>(text: &str) -> Result<R::Out, E> {
    if text.is_empty() {
        let detail = format!("an empty text, expected {}", R::EXPECTED);
        return Err(E::custom(Fault::new(Kind::EmptyText, detail)));
    }
    R::read(text).map_err(E::custom)
}

/// Refuses one entry more than the cap.
fn room<E: Error>(entries: usize) -> Result<(), E> {
    if entries < limits::POLICY_ENTRIES {
        return Ok(());
    }
    let detail = format!("more than {} entries in one list", limits::POLICY_ENTRIES);
    Err(E::custom(Fault::new(Kind::TooManyEntries, detail)))
}

fn empty_list<E: Error>() -> E {
    E::custom(Fault::new(
        Kind::EmptyList,
        "an empty list, which accepts nothing",
    ))
}

fn duplicate<E: Error>() -> E {
    let detail = "an entry that stands in this list already";
    E::custom(Fault::new(Kind::DuplicateEntry, detail))
}

/// A list of texts: not empty, nothing twice.
#[derive(Debug, Clone)]
pub(super) struct List<R: Reader>(pub(super) AnyOf<R::Out>);

impl<'de, R: Reader> serde::Deserialize<'de> for List<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<R>(PhantomData<R>);
        impl<'de, R: Reader> Visitor<'de> for ListVisitor<R> {
            type Value = List<R>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list, each entry {}", R::EXPECTED)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<R>, A::Error> {
                let mut seen = BTreeSet::new();
                while list.next_element_seed(Entry::<R>(&mut seen))?.is_some() {}
                AnyOf::of(seen).map(List).ok_or_else(empty_list)
            }
        }
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

/// Reads one entry into the set of those before it. The set is consulted inside of the entry's
/// own visitor so that a duplicate is reported at its line and not at that of the list.
struct Entry<'s, R: Reader>(&'s mut BTreeSet<R::Out>);

impl<'de, R: Reader> DeserializeSeed<'de> for Entry<'_, R> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<R: Reader> Visitor<'_> for Entry<'_, R> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::EXPECTED)
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        room(self.0.len())?;
        if self.0.insert(read::<R, E>(text)?) {
            Ok(())
        } else {
            Err(duplicate())
        }
    }
}

/// A table, with the rules between its keys.
pub(super) trait Section {
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A table of the document. A derived `Deserialize` alone would also take a sequence of values
/// without keys.
#[derive(Debug, Clone)]
pub(super) struct Table<T>(pub(super) T);

impl<'de, T: Section + serde::Deserialize<'de>> serde::Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TableVisitor<T>(PhantomData<T>);
        impl<'de, T: Section + serde::Deserialize<'de>> Visitor<'de> for TableVisitor<T> {
            type Value = Table<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table<T>, A::Error> {
                section(map).map(Table)
            }
        }
        deserializer.deserialize_map(TableVisitor(PhantomData))
    }
}

fn section<'de, T: Section + serde::Deserialize<'de>, A: MapAccess<'de>>(
    map: A,
) -> Result<T, A::Error> {
    let table = T::deserialize(MapAccessDeserializer::new(map))?;
    table.check().map_err(A::Error::custom)?;
    Ok(table)
}

/// A table that stands in a list, with what makes two of them the same.
pub(super) trait Row: Section {
    type Key: Ord;
    fn key(&self) -> Self::Key;
}

/// A list of tables: not empty, nothing twice.
#[derive(Debug, Clone)]
pub(super) struct Rows<T>(pub(super) Vec<T>);

impl<'de, T: Row + serde::Deserialize<'de>> serde::Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowsVisitor<T>(PhantomData<T>);
        impl<'de, T: Row + serde::Deserialize<'de>> Visitor<'de> for RowsVisitor<T> {
            type Value = Rows<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of tables")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<T>, A::Error> {
                let (mut rows, mut seen) = (Vec::new(), BTreeSet::new());
                while let Some(row) = list.next_element_seed(RowEntry::<T>(&mut seen))? {
                    rows.push(row);
                }
                if rows.is_empty() {
                    return Err(empty_list());
                }
                Ok(Rows(rows))
            }
        }
        deserializer.deserialize_seq(RowsVisitor(PhantomData))
    }
}

struct RowEntry<'s, T: Row>(&'s mut BTreeSet<T::Key>);

impl<'de, T: Row + serde::Deserialize<'de>> DeserializeSeed<'de> for RowEntry<'_, T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Row + serde::Deserialize<'de>> Visitor<'de> for RowEntry<'_, T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        room(self.0.len())?;
        let row: T = section(map)?;
        if self.0.insert(row.key()) {
            Ok(row)
        } else {
            Err(duplicate())
        }
    }
}

/// A whole number from zero to `MAX`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole<const MAX: u64>(pub(super) u64);

impl<'de, const MAX: u64> serde::Deserialize<'de> for Whole<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WholeVisitor<const MAX: u64>;
        impl<const MAX: u64> WholeVisitor<MAX> {
            fn number<E: Error>(number: impl TryInto<u64> + ToString + Copy) -> Result<u64, E> {
                match number.try_into() {
                    Ok(value) if value <= MAX => Ok(value),
                    _ => {
                        let detail = format!("{}, expected 0 to {MAX}", number.to_string());
                        Err(E::custom(Fault::new(Kind::NumberRange, detail)))
                    }
                }
            }
        }
        impl<const MAX: u64> Visitor<'_> for WholeVisitor<MAX> {
            type Value = Whole<MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from 0 to {MAX}")
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole<MAX>, E> {
                Self::number(number).map(Whole)
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole<MAX>, E> {
                Self::number(number).map(Whole)
            }
        }
        deserializer.deserialize_u64(WholeVisitor::<MAX>)
    }
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
