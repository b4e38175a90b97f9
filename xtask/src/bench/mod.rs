//! `cargo xtask bench`: figures into `docs/performance.md`.

mod programs;

use std::process::ExitCode;
use std::{fs, io};

use crate::process::{cargo, output};
use crate::repository;

const DOCUMENT: &str = "docs/performance.md";
const PLOTS: &str = "docs/performance";

/// What is measured on its own, and stands between two marks of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Verdicts in one process, beside dcap-qvl.
    Verdicts,
    /// Whole programs, and a peer that is built apart.
    Programs,
    /// A large batch, streamed from disk.
    Batch,
}

impl Part {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 3] = [Self::Verdicts, Self::Programs, Self::Batch];

    /// The part of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// What to type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verdicts => "verdicts",
            Self::Programs => "programs",
            Self::Batch => "batch",
        }
    }

    const fn marks(self) -> (&'static str, &'static str) {
        match self {
            Self::Verdicts => (
                "<!-- measured: written by `cargo xtask bench` -->\n",
                "<!-- end of what is measured -->",
            ),
            Self::Programs => (
                "<!-- programs: written by `cargo xtask bench programs` -->\n",
                "<!-- end of programs -->",
            ),
            Self::Batch => (
                "<!-- batch: written by `cargo xtask bench batch` -->\n",
                "<!-- end of batch -->",
            ),
        }
    }

    fn measured(self, rounds: &str) -> io::Result<String> {
        match self {
            Self::Verdicts => {
                fs::create_dir_all(repository::root().join(PLOTS))?;
                benches("side-by-side", &[rounds, PLOTS])
            }
            Self::Programs => programs::one(rounds),
            Self::Batch => programs::batch(),
        }
    }
}

/// Measures parts, on programs that are built as they ship, and puts what they print between the
/// marks of the document.
pub fn write(parts: &[Part], rounds: &str) -> io::Result<ExitCode> {
    let path = repository::root().join(DOCUMENT);
    for part in parts {
        let measured = part.measured(rounds)?;
        let document = fs::read_to_string(&path)?;
        let written = replaced(&document, part.marks(), &measured).ok_or_else(|| {
            let message = format!("{DOCUMENT} lacks the two marks of {}", part.name());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        fs::write(&path, written)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A program of the benchmarks, built as it ships: what it prints.
fn benches(program: &str, arguments: &[&str]) -> io::Result<String> {
    let mut run = cargo("run");
    run.args(["--release", "--locked", "--package", "teeproof-benches"])
        .args(["--bin", program, "--"])
        .args(arguments);
    output(run)
}

fn replaced(document: &str, (begin, end): (&str, &str), measured: &str) -> Option<String> {
    let (before, rest) = document.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    // The plots stand in a folder beside the document.
    let measured = measured.replace("](", "](performance/");
    Some(format!(
        "{before}{begin}\n{}\n{end}{after}",
        measured.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_written_anew() {
        for part in Part::ALL {
            let marks = part.marks();
            let (begin, end) = marks;
            let document = format!("before\n{begin}old\n{end}\nafter\n");
            let written = replaced(&document, marks, "new ![x](a.svg)\n").unwrap();
            let expected = format!("before\n{begin}\nnew ![x](performance/a.svg)\n{end}\nafter\n");
            assert_eq!(written, expected);
            // And again, with the same outcome.
            let again = replaced(&written, marks, "new ![x](a.svg)\n").unwrap();
            assert_eq!(again, expected);
            assert_eq!(replaced("no marks", marks, "new"), None);
        }
    }

    #[test]
    fn the_document_has_the_marks_of_every_part() {
        let document = fs::read_to_string(repository::root().join(DOCUMENT)).unwrap();
        for part in Part::ALL {
            assert_eq!(Part::of(part.name()), Some(part));
            let (begin, end) = part.marks();
            assert_eq!(document.matches(begin).count(), 1, "{}", part.name());
            assert_eq!(document.matches(end).count(), 1, "{}", part.name());
        }
        assert_eq!(Part::of("everything"), None);
    }
}
