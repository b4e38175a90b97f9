//! Chores of the repository. Each one generates files from the code, so that a document or a schema
//! cannot say something else than the program does.

#![forbid(unsafe_code)]

mod checks_document;
mod generated;
pub mod repository;
mod schemas;

pub use generated::{Drift, Generated};

/// Something that generates files.
#[derive(Debug)]
pub struct Chore {
    /// What to type.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The files, as the code gives them now.
    pub files: fn() -> Vec<Generated>,
}

/// Every chore.
pub const CHORES: &[Chore] = &[
    Chore {
        name: "docs",
        about: "docs/checks.md, from the check table and the list of reasons",
        files: checks_document::files,
    },
    Chore {
        name: "schemas",
        about: "docs/schema/, from the types that read and write JSON",
        files: schemas::files,
    },
];
