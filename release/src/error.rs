//! Why a version is not changed.

use std::fmt;

/// Why a version is not changed. Nothing was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The configuration is refused.
    Config {
        /// What is wrong with it.
        problem: String,
    },
    /// A file has no version where the configuration says.
    Source {
        /// The file.
        file: String,
        /// What was found, and what was expected.
        problem: String,
    },
    /// The sources name different versions.
    Disagree {
        /// Each source and its version, in the order of the configuration.
        found: Vec<(String, String)>,
    },
    /// There is no next version that everybody agrees on.
    NoNext {
        /// The version.
        version: String,
        /// Why.
        problem: &'static str,
    },
    /// The table of versions is not one that is written here.
    History {
        /// What was found, and what was expected.
        problem: String,
    },
}

impl ReleaseError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "release.config",
            Self::Source { .. } => "release.source",
            Self::Disagree { .. } => "release.disagree",
            Self::NoNext { .. } => "release.no-next",
            Self::History { .. } => "release.history",
        }
    }

    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Config { .. } => "mend the configuration; docs/upgrade-guide.md has an example",
            Self::Source { .. } => "mend the file, or the `key` of its source in the configuration",
            Self::Disagree { .. } => {
                "write the version that was last released into all of them, and commit"
            }
            Self::NoNext { .. } => "write the version by hand, commit, and tag it",
            Self::History { .. } => "mend the table by hand, or name another file for it",
        }
    }
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config { problem } => write!(f, "the configuration is refused: {problem}"),
            Self::Source { file, problem } => write!(f, "no version in `{file}`: {problem}"),
            Self::Disagree { found } => {
                let found: Vec<_> = found
                    .iter()
                    .map(|(source, version)| format!("{source} has {version}"))
                    .collect();
                write!(
                    f,
                    "the sources of the version disagree: {}",
                    found.join(", ")
                )
            }
            Self::NoNext { version, problem } => {
                write!(f, "there is no next version after {version}: {problem}")
            }
            Self::History { problem } => write!(f, "the table of versions: {problem}"),
        }
    }
}

impl std::error::Error for ReleaseError {}
