//! Chores of the repository. Each one generates files from the code, so that a document or a schema
//! cannot say something else than the program does.

#![forbid(unsafe_code)]

pub mod bench;
mod checks_document;
pub mod cinstall;
mod differences_document;
mod generated;
mod header;
mod lint_document;
mod process;
pub mod repository;
mod schemas;
pub mod startup;
mod types;

use std::fmt::{self, Write};

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
        about: "docs/checks.md, docs/compose-lint.md and docs/engine-differences.md, from the tables in the code",
        files: || {
            vec![
                checks_document::file(),
                differences_document::file(),
                lint_document::file(),
            ]
        },
    },
    Chore {
        name: "header",
        about: "ffi/include/teeproof.h and ffi/abi.txt, from the functions of the C library",
        files: header::files,
    },
    Chore {
        name: "schemas",
        about: "docs/schema/, from the types that read and write JSON",
        files: schemas::files,
    },
    Chore {
        name: "types",
        about: "js/src/answers.d.ts, from the types that read and write JSON",
        files: types::files,
    },
];

/// Text in a cell of a table: a bar would end the cell, and a bracket begin a link.
struct Cell<'a>(&'a str);

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if matches!(character, '|' | '[' | '<' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        Ok(())
    }
}
