//! What stops a run before there is a verdict.

use std::fmt;
use std::path::{Path, PathBuf};

use teeproof_bindings::ExitCode;
use teeproof_core::{AssembleError, BundleError, InputError, PolicyError};

/// Why a run ends without a verdict. Each says what to do next.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A value on the command line is wrong.
    Argument {
        name: &'static str,
        problem: String,
        next: &'static str,
    },
    /// A file cannot be read.
    Read {
        path: PathBuf,
        error: std::io::Error,
    },
    /// A file is larger than any input of its kind.
    TooLarge { path: PathBuf, limit: usize },
    /// A file is no input that is known.
    Input { path: PathBuf, error: InputError },
    /// Files that do not go together.
    Assemble { path: PathBuf, error: AssembleError },
    /// A policy that is refused.
    Policy { path: PathBuf, error: PolicyError },
    /// Evidence that cannot be packed.
    Bundle { error: BundleError },
    /// A root certificate that is refused.
    Root { path: PathBuf },
    /// A server that did not give what it was asked for.
    #[cfg(feature = "network")]
    Adapter {
        code: &'static str,
        problem: String,
        next: &'static str,
    },
    /// A file that cannot be written, or a closed pipe.
    Write { error: std::io::Error },
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            // A policy is an instruction, and a refused one is a wrong instruction.
            Self::Argument { .. } | Self::Policy { .. } | Self::Root { .. } => ExitCode::Usage,
            Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::Input { .. }
            | Self::Assemble { .. }
            | Self::Bundle { .. } => ExitCode::Unreadable,
            #[cfg(feature = "network")]
            Self::Adapter { .. } => ExitCode::Adapter,
            Self::Write { .. } => ExitCode::Adapter,
        }
    }

    pub(crate) fn stable_code(&self) -> &'static str {
        match self {
            Self::Argument { .. } => "argument",
            Self::Read { .. } => "read",
            Self::TooLarge { .. } => "too-large",
            Self::Input { .. } => "input",
            Self::Assemble { .. } => "assemble",
            Self::Policy { .. } => "policy",
            Self::Bundle { .. } => "bundle",
            Self::Root { .. } => "root",
            #[cfg(feature = "network")]
            Self::Adapter { code, .. } => code,
            Self::Write { .. } => "write",
        }
    }

    pub(crate) fn next_step(&self) -> &str {
        match self {
            Self::Argument { next, .. } => next,
            Self::Read { .. } => "check the path and that it can be read",
            Self::TooLarge { .. } => "give one machine's evidence, not an archive or a disk image",
            Self::Input { .. } => {
                "run `teeproof inspect` on a file that you know, and compare the two"
            }
            Self::Assemble { .. } => "give the parts of one machine at a time",
            Self::Policy { error, .. } => error.kind().next_step(),
            Self::Bundle { .. } => "leave out the part that is named",
            Self::Root { .. } => "give a root certificate in DER or PEM",
            #[cfg(feature = "network")]
            Self::Adapter { next, .. } => next,
            Self::Write { .. } => "check the place that is written to",
        }
    }

    pub(crate) fn read(path: &Path, error: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            error,
        }
    }
}

/// A path as the user wrote it; control characters cannot reach the terminal.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    let text: String = path
        .to_string_lossy()
        .chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .collect();
    format!("`{text}`")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { name, problem, .. } => write!(f, "{name}: {problem}"),
            Self::Read { path, error } => write!(f, "cannot read {}: {error}", shown(path)),
            Self::TooLarge { path, limit } => {
                write!(f, "{} is larger than {limit} bytes", shown(path))
            }
            Self::Input { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Assemble { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Policy { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Bundle { error } => write!(f, "{error}"),
            Self::Root { path } => write!(
                f,
                "{} is not a root certificate of Intel's profile",
                shown(path)
            ),
            #[cfg(feature = "network")]
            Self::Adapter { problem, .. } => f.write_str(problem),
            Self::Write { error } => write!(f, "cannot write: {error}"),
        }
    }
}
