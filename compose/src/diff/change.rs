//! One change, and how changes are collected.

use super::kind::{ChangeKind, Risk};
use super::lines::LineDiff;
use super::redact;
use super::tree::Tree;
use crate::limits;

/// What stands on one side of a change. Nothing in it looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// Nothing.
    Absent,
    /// This value, shortened if it is long. Of a list, the items that the other side has not.
    Shown(String),
    /// A value that is not shown: it looks like a secret.
    Hidden,
    /// A text of so many lines; the ones that changed are in [`Change::lines`].
    Lines(usize),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// Its risk: that of its kind, or the lesser one of a change to the safer side.
    pub risk: Risk,
    /// Where: a field of the document, or a key of the docker-compose file.
    pub path: String,
    /// What stood there.
    pub old: Side,
    /// What stands there now.
    pub new: Side,
    /// Of a text of several lines, what of it changed.
    pub lines: Option<LineDiff>,
    /// A list with the same items in another order.
    pub only_order: bool,
}

/// Which way a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The risk of its kind.
    Worse,
    /// To the safer side.
    Relaxed,
}

impl Way {
    pub(super) const fn worse_if(worse: bool) -> Self {
        if worse { Self::Worse } else { Self::Relaxed }
    }
}

/// Changes as they are found.
#[derive(Debug, Default)]
pub(super) struct Found {
    changes: Vec<Change>,
    omitted: usize,
}

impl Found {
    /// How many there are so far.
    pub(super) fn count(&self) -> usize {
        self.changes.len().saturating_add(self.omitted)
    }

    pub(super) fn push(&mut self, change: Change) {
        self.changes.push(change);
        if self.changes.len() >= limits::DIFF_CHANGES.saturating_mul(2) {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.changes.sort_by(|one, two| {
            let key = |change: &Change| {
                (
                    std::cmp::Reverse(change.risk),
                    change.kind.mirrored().min(change.kind),
                )
            };
            key(one)
                .cmp(&key(two))
                .then_with(|| one.path.cmp(&two.path))
        });
        let over = self.changes.len().saturating_sub(limits::DIFF_CHANGES);
        self.changes.truncate(limits::DIFF_CHANGES);
        self.omitted = self.omitted.saturating_add(over);
    }

    /// The changes, those of the highest risk first, and how many more there are.
    pub(super) fn finish(mut self) -> (Vec<Change>, usize) {
        self.shorten();
        (self.changes, self.omitted)
    }

    /// A change from one value to another. The name says whether they may be shown.
    pub(super) fn value(
        &mut self,
        (kind, way): (ChangeKind, Way),
        path: String,
        name: &str,
        old: Option<&Tree<'_>>,
        new: Option<&Tree<'_>>,
    ) {
        if let (Some(Tree::List(old)), Some(Tree::List(new))) = (old, new) {
            let (removed, added) = differing(old, new);
            let only_order = removed.is_empty() && added.is_empty();
            if !only_order {
                let (removed, added) = (Tree::List(removed), Tree::List(added));
                let (old, new) = (side(name, Some(&removed)), side(name, Some(&added)));
                self.sides((kind, way), path, (old, new), None);
                return;
            }
            let (old, new) = (Tree::List(old.to_vec()), Tree::List(new.to_vec()));
            let sides = (side(name, Some(&old)), side(name, Some(&new)));
            self.sides_in_order((kind, way), path, sides);
            return;
        }
        let text = |tree: Option<&Tree<'_>>| match tree {
            Some(Tree::Text(text)) => Some((*text).to_owned()),
            _ => None,
        };
        let (old_text, new_text) = (text(old), text(new));
        let several = [&old_text, &new_text]
            .iter()
            .any(|text| text.as_ref().is_some_and(|text| text.contains('\n')));
        if several && !redact::is_secret_name(name) {
            let (old, new) = (old_text.as_deref(), new_text.as_deref());
            self.text((kind, way), path, old, new);
            return;
        }
        self.sides((kind, way), path, (side(name, old), side(name, new)), None);
    }

    /// A change of a text of several lines.
    pub(super) fn text(
        &mut self,
        kind: (ChangeKind, Way),
        path: String,
        old: Option<&str>,
        new: Option<&str>,
    ) {
        let lines = LineDiff::of(old.unwrap_or_default(), new.unwrap_or_default());
        let side = |text: Option<&str>| {
            text.map_or(Side::Absent, |text| Side::Lines(text.lines().count()))
        };
        self.sides(kind, path, (side(old), side(new)), Some(lines));
    }

    fn sides_in_order(&mut self, kind: (ChangeKind, Way), path: String, sides: (Side, Side)) {
        let change = Change {
            only_order: true,
            ..made(kind, path, sides, None)
        };
        self.push(change);
    }

    /// A change whose sides are made.
    pub(super) fn sides(
        &mut self,
        kind: (ChangeKind, Way),
        path: String,
        sides: (Side, Side),
        lines: Option<LineDiff>,
    ) {
        self.push(made(kind, path, sides, lines));
    }
}

fn made(
    (kind, way): (ChangeKind, Way),
    path: String,
    (mut old, mut new): (Side, Side),
    lines: Option<LineDiff>,
) -> Change {
    // What was taken out or cut off was all that differed.
    if lines.is_none() && old == new {
        (old, new) = (Side::Hidden, Side::Hidden);
    }
    let row = kind.row();
    Change {
        kind,
        risk: match way {
            Way::Worse => row.risk,
            Way::Relaxed => row.relaxed,
        },
        path,
        old,
        new,
        lines,
        only_order: false,
    }
}

fn side(name: &str, tree: Option<&Tree<'_>>) -> Side {
    match tree {
        None => Side::Absent,
        Some(tree) => redact::tree(name, tree).map_or(Side::Hidden, Side::Shown),
    }
}

/// The items that only the old list has, and those that only the new one has, in their order; an
/// item that stands there twice counts twice.
pub(super) fn differing<'a>(old: &[Tree<'a>], new: &[Tree<'a>]) -> (Vec<Tree<'a>>, Vec<Tree<'a>>) {
    (without(old, new), without(new, old))
}

fn without<'a>(list: &[Tree<'a>], other: &[Tree<'a>]) -> Vec<Tree<'a>> {
    let mut left = std::collections::BTreeMap::<&Tree<'a>, usize>::new();
    for item in other {
        let count = left.entry(item).or_default();
        *count = count.saturating_add(1);
    }
    list.iter()
        .filter(|item| match left.get_mut(item) {
            Some(count) if *count > 0 => {
                *count = count.saturating_sub(1);
                false
            }
            _ => true,
        })
        .cloned()
        .collect()
}

/// A path with one more key. A key from outside is bounded, and no place for a secret either.
pub(super) fn below(path: &str, key: &str) -> String {
    let key: String = redact::text(key).chars().take(100).collect();
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

/// Compares two values key by key. Each difference is one change, at the innermost mapping.
pub(super) fn walk(
    found: &mut Found,
    kind: ChangeKind,
    path: &str,
    name: &str,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
) {
    if old == new {
        return;
    }
    if let (Some(Tree::Map(old)), Some(Tree::Map(new))) = (old, new) {
        for key in union(old, new) {
            walk(
                found,
                kind,
                &below(path, key),
                key,
                old.get(key),
                new.get(key),
            );
        }
        return;
    }
    found.value((kind, Way::Worse), path.to_owned(), name, old, new);
}

/// The keys of either mapping.
pub(super) fn union<'a, T>(
    old: &std::collections::BTreeMap<&'a str, T>,
    new: &std::collections::BTreeMap<&'a str, T>,
) -> std::collections::BTreeSet<&'a str> {
    old.keys().chain(new.keys()).copied().collect()
}
