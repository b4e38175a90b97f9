//! A generated file, and whether the repository holds it as generated.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// A file as the code gives it.
#[derive(Debug)]
pub struct Generated {
    /// Where it stands, from the root of the repository.
    pub path: &'static str,
    /// What it says.
    pub text: String,
}

/// How the repository's file differs.
#[derive(Debug, PartialEq, Eq)]
pub enum Drift {
    /// There is none, or it cannot be read as text.
    Unreadable(io::ErrorKind),
    /// This line, counted from one, is the first that differs.
    Line(usize),
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(kind) => write!(f, "cannot be read ({kind})"),
            Self::Line(line) => write!(f, "is not what the code gives, from line {line} on"),
        }
    }
}

impl Generated {
    /// Writes the file below `root`.
    pub fn write_to(&self, root: &Path) -> io::Result<()> {
        let path = root.join(self.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &self.text)
    }

    /// The first difference between this and the file below `root`, byte for byte.
    pub fn drift_from(&self, root: &Path) -> Option<Drift> {
        let found = match fs::read_to_string(root.join(self.path)) {
            Ok(found) => found,
            Err(error) => return Some(Drift::Unreadable(error.kind())),
        };
        if found == self.text {
            return None;
        }
        // The common part ends inside the first line that differs.
        let common = self.text.bytes().zip(found.bytes());
        let newlines = common
            .take_while(|(ours, theirs)| ours == theirs)
            .filter(|(byte, _)| *byte == b'\n')
            .count();
        Some(Drift::Line(newlines.saturating_add(1)))
    }
}
