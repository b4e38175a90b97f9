//! What stops a run before there is a verdict.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use teeproof_bindings::ExitCode;
use teeproof_compose::{ApprovedError, BuildError, DocumentError, ReconcileError};
use teeproof_core::{AssembleError, BundleError, ForeignFormat, InputError, PolicyError};

use crate::input::Kind;

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
    /// A file is larger than any of its kind.
    TooLarge {
        path: PathBuf,
        /// Where it is known without reading everything.
        size: Option<u64>,
        kind: Kind,
    },
    /// A directory without anything to read.
    NoEvidence {
        path: PathBuf,
        /// Names of files that were passed over.
        passed_over: Vec<String>,
    },
    /// A source of items without any.
    EmptyBatch { path: PathBuf },
    /// Evidence that was recognised and cannot be judged.
    NoVerdict {
        name: String,
        code: String,
        message: String,
    },
    /// A file is no input that is known.
    Input { path: PathBuf, error: InputError },
    /// Files that do not go together.
    Assemble { path: PathBuf, error: AssembleError },
    /// A policy that is refused.
    Policy { path: PathBuf, error: PolicyError },
    /// A file that is no app-compose document.
    Compose { path: PathBuf, error: DocumentError },
    /// Settings, scripts or a docker-compose file of which no document is built.
    Build { path: PathBuf, error: BuildError },
    /// An input that holds nothing to reconcile.
    Reconcile { error: ReconcileError },
    /// A file that is no list of approved compose hashes.
    Approved { path: PathBuf, error: ApprovedError },
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
    /// A version that is not changed.
    #[cfg(feature = "release")]
    Release {
        code: &'static str,
        problem: String,
        next: &'static str,
        code_of: ExitCode,
    },
    /// A file that cannot be written, or a closed pipe.
    Write {
        /// Standard output without it.
        path: Option<PathBuf>,
        error: std::io::Error,
    },
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            // A policy is an instruction, and a refused one is a wrong instruction.
            Self::Argument { .. }
            | Self::Policy { .. }
            | Self::Build { .. }
            | Self::Approved { .. }
            | Self::Root { .. } => ExitCode::Usage,
            Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::NoEvidence { .. }
            | Self::EmptyBatch { .. }
            | Self::NoVerdict { .. }
            | Self::Input { .. }
            | Self::Assemble { .. }
            | Self::Compose { .. }
            | Self::Reconcile { .. }
            | Self::Bundle { .. } => ExitCode::Unreadable,
            #[cfg(feature = "network")]
            Self::Adapter { .. } => ExitCode::Adapter,
            #[cfg(feature = "release")]
            Self::Release { code_of, .. } => *code_of,
            Self::Write { .. } => ExitCode::Adapter,
        }
    }

    pub(crate) fn stable_code(&self) -> &str {
        match self {
            Self::Argument { .. } => "argument",
            Self::Read { .. } => "read",
            Self::TooLarge { .. } => "too-large",
            Self::NoEvidence { .. } | Self::EmptyBatch { .. } => "no-evidence",
            Self::NoVerdict { code, .. } => code,
            Self::Input { .. } => "input",
            Self::Assemble { .. } => "assemble",
            Self::Policy { .. } => "policy",
            Self::Compose { error, .. } => error.code(),
            Self::Build { error, .. } => error.code(),
            Self::Reconcile { error } => error.code(),
            Self::Approved { error, .. } => error.code(),
            Self::Bundle { .. } => "bundle",
            Self::Root { .. } => "root",
            #[cfg(feature = "network")]
            Self::Adapter { code, .. } => code,
            #[cfg(feature = "release")]
            Self::Release { code, .. } => code,
            Self::Write { .. } => "write",
        }
    }

    pub(crate) fn next_step(&self) -> &str {
        match self {
            Self::Argument { next, .. } => next,
            Self::Read { error, .. } => match error.kind() {
                ErrorKind::NotFound => "check the spelling of the path",
                ErrorKind::PermissionDenied => "let this user read it",
                ErrorKind::IsADirectory => "name a file in it",
                _ => "check the path and that it can be read",
            },
            Self::TooLarge { kind, .. } => kind.next_step(),
            Self::NoEvidence { .. } => {
                "put the quote and what belongs to it into the directory, or name the files"
            }
            Self::EmptyBatch { .. } => {
                "name a directory with evidence in it, an archive of files, or one item per line"
            }
            Self::NoVerdict { code, .. } if code == "no-capture-time" => {
                "name the instant with --at"
            }
            Self::NoVerdict { .. } => "capture the evidence of this instance again",
            Self::Input { error, .. } => of_input(error),
            Self::Assemble { error, .. } => of_assembly(error),
            Self::Policy { error, .. } => error.kind().next_step(),
            Self::Compose { .. } => Kind::AppCompose.next_step(),
            Self::Build { .. } => "correct it; docs/compose-hash.md lists the settings",
            Self::Reconcile { .. } => "save the answer again exactly as it came, or leave it out",
            Self::Approved { .. } => Kind::Approved.next_step(),
            Self::Bundle { .. } => "leave out the part that is named",
            Self::Root { .. } => Kind::Root.next_step(),
            #[cfg(feature = "network")]
            Self::Adapter { next, .. } => next,
            #[cfg(feature = "release")]
            Self::Release { next, .. } => next,
            Self::Write { .. } => "check that the place exists and can be written to",
        }
    }

    pub(crate) fn read(path: &Path, error: std::io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            error,
        }
    }
}

/// What to do about an input that is not recognised.
fn of_input(error: &InputError) -> &'static str {
    match error {
        InputError::Empty => "save the evidence again and look whether the file has content",
        InputError::TooLarge { .. } | InputError::PartTooLarge { .. } => Kind::Evidence.next_step(),
        InputError::Foreign(ForeignFormat::Utf16 | ForeignFormat::ByteOrderMark) => {
            "convert the file to UTF-8, or capture again with a shell that writes UTF-8"
        }
        InputError::Foreign(ForeignFormat::Gzip | ForeignFormat::Zip | ForeignFormat::Zstd) => {
            "unpack it and give the files inside"
        }
        InputError::OddHex { .. } | InputError::BrokenHex { .. } => {
            "copy the whole text of the quote again, without ellipses or line numbers"
        }
        InputError::OtherPem { .. } => "give revocation lists in the collateral's JSON file",
        InputError::Json(_) | InputError::Field { .. } | InputError::TwoQuotes { .. } => {
            "save the answer again exactly as the service sent it"
        }
        InputError::DoublyQuoted => "take off the outer quotation marks and their escapes",
        InputError::OtherDocument { .. } => {
            "give the evidence; a policy goes to --policy, and a report is no input"
        }
        InputError::NoInstances | InputError::TooManyInstances { .. } => {
            "ask the service again for the app's running instances"
        }
        InputError::Bundle(_) => "pack the evidence again with `teeproof bundle pack`",
        InputError::Collateral(_) => "fetch the collateral again",
        _ => {
            "give a quote (raw, hex or base64), an answer of dstack or Phala Cloud, a bundle, or a directory of parts"
        }
    }
}

fn of_assembly(error: &AssembleError) -> &'static str {
    match error {
        AssembleError::NoQuote => "add the quote to what is given",
        AssembleError::SeveralQuotes { .. } => {
            "keep a directory for each machine, and name one after the other"
        }
        AssembleError::Differing { .. } => "leave out the one that does not belong to the quote",
        _ => "give the parts of one machine at a time",
    }
}

/// An error of the system, which words the same ones differently everywhere.
fn worded(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// A path as the user wrote it.
pub(crate) fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    format!("`{}`", path.display())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { name, problem, .. } => write!(f, "{name}: {problem}"),
            Self::Read { path, error } => {
                write!(f, "cannot read {}: {}", shown(path), worded(error))
            }
            Self::TooLarge { path, size, kind } => {
                let limit = kind.limit();
                let path = shown(path);
                match size {
                    Some(size) => write!(f, "{path} has {size} bytes; {kind} has at most {limit}"),
                    None => write!(f, "{path} has more than the {limit} bytes of {kind}"),
                }
            }
            Self::NoEvidence { path, passed_over } => {
                write!(f, "the directory {} holds no evidence", shown(path))?;
                match passed_over.as_slice() {
                    [] => f.write_str("; it has no files"),
                    names => write!(
                        f,
                        "; passed over as notes, policies or certificates: {}",
                        names.join(", ")
                    ),
                }
            }
            Self::EmptyBatch { path } => {
                write!(f, "{} holds no item to judge", shown(path))
            }
            Self::NoVerdict { name, message, .. } => write!(f, "`{name}`: {message}"),
            Self::Input { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Assemble { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Policy { path, error } => {
                write!(f, "{}: ", shown(path))?;
                if let Some(position) = error.position() {
                    write!(f, "{position}: ")?;
                }
                f.write_str(error.detail())
            }
            Self::Compose { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Build { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Reconcile { error } => write!(f, "{error}"),
            Self::Approved { path, error } => write!(f, "{}: {error}", shown(path)),
            Self::Bundle { error } => write!(f, "{error}"),
            Self::Root { path } => write!(
                f,
                "{} is not one root certificate of Intel's profile (self-signed, P-256), in DER or PEM",
                shown(path)
            ),
            #[cfg(feature = "network")]
            Self::Adapter { problem, .. } => f.write_str(problem),
            #[cfg(feature = "release")]
            Self::Release { problem, .. } => f.write_str(problem),
            Self::Write { path, error } => {
                let place = path.as_deref().map_or("standard output".to_owned(), shown);
                write!(f, "cannot write {place}: {}", worded(error))
            }
        }
    }
}
