//! Reading an object whose keys are known.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use super::{Node, Object};
use crate::quoted::Quoted;

/// An object of known keys. Every way of reading a key refuses a value of another type.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    node: Node<'a>,
    object: Object<'a>,
    /// Where the last key was found.
    near: Cell<usize>,
}

/// What does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeFault(Box<Misfit>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Misfit {
    key: String,
    problem: Problem,
    place: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Missing,
    Unknown,
    Not(&'static str),
}

impl ShapeFault {
    /// A value that is not what it has to be.
    pub fn not(key: &str, expected: &'static str, node: Node<'_>) -> Self {
        Self::new(key, Problem::Not(expected), node)
    }

    /// A key that has to be there, of an object.
    pub(crate) fn missing(key: &str, object: Node<'_>) -> Self {
        Self::new(key, Problem::Missing, object)
    }

    fn new(key: &str, problem: Problem, node: Node<'_>) -> Self {
        Self(Box::new(Misfit {
            key: key.into(),
            problem,
            place: node.place(),
        }))
    }

    /// Line and column, both counted from 1, the column in bytes.
    pub fn place(&self) -> (usize, usize) {
        self.0.place
    }
}

impl fmt::Display for ShapeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misfit {
            key,
            problem,
            place: (line, column),
        } = &*self.0;
        Quoted(key).fmt(f)?;
        match problem {
            Problem::Missing => f.write_str(" is missing")?,
            Problem::Unknown => f.write_str(" is no key that is known here")?,
            Problem::Not(expected) => write!(f, " is not {expected}")?,
        }
        write!(f, ", at line {line} column {column}")
    }
}

impl core::error::Error for ShapeFault {}

impl<'a> Fields<'a> {
    /// An object that has no keys but these. `name` is what a fault calls it.
    pub fn closed(name: &str, node: Node<'a>, known: &[&str]) -> Result<Self, ShapeFault> {
        let fields = Self::open(name, node)?;
        match fields.object.other_than(known) {
            Some((key, value)) => Err(ShapeFault::new(&key, Problem::Unknown, value)),
            None => Ok(fields),
        }
    }

    /// The values of an object that has no keys but these, each in the place of its key, `None` where it
    /// is absent: one walk in place of a search for each key, for objects of which there are many.
    pub(crate) fn placed<const N: usize>(
        name: &str,
        node: Node<'a>,
        known: &[&str; N],
    ) -> Result<[Option<Node<'a>>; N], ShapeFault> {
        let placed = Self::open(name, node)?.object.placed(known);
        placed.map_err(|(key, value)| ShapeFault::new(&key, Problem::Unknown, value))
    }

    /// An object that may have other keys too.
    pub fn open(name: &str, node: Node<'a>) -> Result<Self, ShapeFault> {
        let object = node
            .object()
            .ok_or_else(|| ShapeFault::not(name, "an object", node))?;
        Ok(Self {
            node,
            object,
            near: Cell::default(),
        })
    }

    fn find(&self, key: &str) -> Option<Node<'a>> {
        self.object.find_near(key, &self.near)
    }

    /// The value of a key that has to be there.
    pub fn node(&self, key: &str) -> Result<Node<'a>, ShapeFault> {
        self.find(key)
            .ok_or_else(|| ShapeFault::missing(key, self.node))
    }

    /// Whether the key stands there, be its value `null`.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The value of a key that may be absent or `null`.
    pub fn maybe(&self, key: &str) -> Option<Node<'a>> {
        self.find(key).filter(|node| !node.is_null())
    }

    /// A text that has to be there.
    pub fn text(&self, key: &str) -> Result<Cow<'a, str>, ShapeFault> {
        text(key, self.node(key)?)
    }

    /// A text that may be absent or `null`.
    pub fn maybe_text(&self, key: &str) -> Result<Option<Cow<'a, str>>, ShapeFault> {
        self.maybe(key).map(|node| text(key, node)).transpose()
    }

    /// A whole number that has to be there.
    pub fn whole<T: TryFrom<u64>>(&self, key: &str) -> Result<T, ShapeFault> {
        whole(key, self.node(key)?)
    }

    /// A whole number that may be absent or `null`.
    pub fn maybe_whole<T: TryFrom<u64>>(&self, key: &str) -> Result<Option<T>, ShapeFault> {
        self.maybe(key).map(|node| whole(key, node)).transpose()
    }

    /// A truth value; `false` where it is absent.
    pub fn flag(&self, key: &str) -> Result<bool, ShapeFault> {
        self.find(key).map_or(Ok(false), |node| {
            node.flag()
                .ok_or_else(|| ShapeFault::not(key, "`true` or `false`", node))
        })
    }

    /// A list that has to be there, of `limit` items and at most one more.
    pub fn items(&self, key: &str, limit: usize) -> Result<Vec<Node<'a>>, ShapeFault> {
        items(key, self.node(key)?, limit)
    }

    /// The same, empty where the key is absent.
    pub fn any_items(&self, key: &str, limit: usize) -> Result<Vec<Node<'a>>, ShapeFault> {
        self.find(key)
            .map_or_else(|| Ok(Vec::new()), |node| items(key, node, limit))
    }

    /// The texts of a list, at most `limit` and one more; empty where the key is absent.
    pub fn any_texts(&self, key: &str, limit: usize) -> Result<Vec<Cow<'a, str>>, ShapeFault> {
        let items = self.any_items(key, limit)?;
        items.into_iter().map(|item| text(key, item)).collect()
    }
}

pub(crate) fn text<'a>(key: &str, node: Node<'a>) -> Result<Cow<'a, str>, ShapeFault> {
    node.text()
        .ok_or_else(|| ShapeFault::not(key, "a text", node))
}

pub(crate) fn whole<T: TryFrom<u64>>(key: &str, node: Node<'_>) -> Result<T, ShapeFault> {
    node.whole()
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| ShapeFault::not(key, "a whole number within its range", node))
}

fn items<'a>(key: &str, node: Node<'a>, limit: usize) -> Result<Vec<Node<'a>>, ShapeFault> {
    node.items(limit)
        .ok_or_else(|| ShapeFault::not(key, "a list", node))
}
