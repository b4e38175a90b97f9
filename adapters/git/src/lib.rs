//! What a release asks of git: whether the tree is clean, which tags are there, one commit, one tag.
//!
//! Runs the program `git` with fixed arguments and no shell. It never pushes, never forces, and never
//! asks anybody for anything: whatever would prompt fails instead.

#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Characters of what git said that are kept for a message.
const SAID: usize = 400;

/// Paths that a message names.
const NAMED: usize = 10;

/// Why git was of no help.
#[derive(Debug)]
#[non_exhaustive]
pub enum GitError {
    /// The program cannot be started.
    Missing {
        /// What the system says.
        error: std::io::Error,
    },
    /// The folder is in no work tree.
    NoRepository {
        /// The folder.
        folder: PathBuf,
    },
    /// The repository has a part of its history only.
    Shallow,
    /// Git refused.
    Refused {
        /// What was asked for.
        task: &'static str,
        /// What git said, shortened.
        said: String,
    },
}

impl GitError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "git.missing",
            Self::NoRepository { .. } => "git.no-repository",
            Self::Shallow => "git.shallow",
            Self::Refused { .. } => "git.refused",
        }
    }

    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "install git, and see that it is found",
            Self::NoRepository { .. } => "run it inside the work tree of the app's repository",
            Self::Shallow => "run `git fetch --unshallow --tags` first",
            Self::Refused { .. } => "see what git says, and run it again",
        }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { error } => write!(f, "the program `git` cannot be started: {error}"),
            Self::NoRepository { folder } => {
                write!(f, "`{}` is in no work tree of git", folder.display())
            }
            Self::Shallow => f.write_str(
                "the repository has the newest part of its history only, so commits would be missed",
            ),
            Self::Refused { task, said } => write!(f, "git could not {task}: {said}"),
        }
    }
}

impl std::error::Error for GitError {}

/// A commit of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its id, in hex.
    pub id: String,
    /// The whole message.
    pub message: String,
    /// Whether it joins branches.
    pub merge: bool,
}

/// A work tree.
#[derive(Debug)]
pub struct WorkTree {
    folder: PathBuf,
}

impl WorkTree {
    /// The work tree that a folder is in. Paths are taken from that folder.
    ///
    /// # Errors
    /// [`GitError`] if there is none, or no git.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let tree = Self {
            folder: folder.to_owned(),
        };
        let output = tree.run(&["rev-parse", "--is-inside-work-tree"])?;
        if output.status.success() && output.stdout.trim_ascii() == b"true" {
            Ok(tree)
        } else {
            Err(GitError::NoRepository {
                folder: tree.folder,
            })
        }
    }

    /// Paths that differ from the last commit, new files among them; ignored ones are not. At most
    /// ten, and how many there are in all.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn changed(&self) -> Result<(Vec<String>, usize), GitError> {
        let arguments = ["status", "--porcelain", "--untracked-files=all", "-z"];
        let listed = self.text("look for changes", &arguments)?;
        let mut entries = listed.split('\0').filter(|entry| !entry.is_empty());
        let mut named = Vec::new();
        let mut count = 0_usize;
        while let Some(entry) = entries.next() {
            count = count.saturating_add(1);
            let (state, path) = entry.split_at_checked(3).unwrap_or(("", entry));
            // What was renamed has its old name behind it.
            if state.contains(['R', 'C']) {
                entries.next();
            }
            if named.len() < NAMED {
                named.push(path.to_owned());
            }
        }
        Ok((named, count))
    }

    /// The commit that a tag names, if there is such a tag.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn tagged(&self, tag: &str) -> Result<Option<String>, GitError> {
        self.commit_of(&format!("refs/tags/{tag}"))
    }

    /// The last commit, if there is one.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn head(&self) -> Result<Option<String>, GitError> {
        self.commit_of("HEAD")
    }

    fn commit_of(&self, name: &str) -> Result<Option<String>, GitError> {
        let name = format!("{name}^{{commit}}");
        let output = self.run(&["rev-parse", "--verify", "--quiet", &name])?;
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !commit.is_empty()).then_some(commit))
    }

    /// The subject of the last commit.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn subject(&self) -> Result<String, GitError> {
        let text = self.text("read the last commit", &["log", "-1", "--format=%s"])?;
        Ok(text.trim_end().to_owned())
    }

    /// The commits that the last one stands on, itself among them, oldest first; those that the tag
    /// stands on are left out. The newest `most` of them.
    ///
    /// # Errors
    /// [`GitError`], also where git has a part of the history only.
    pub fn since(&self, tag: Option<&str>, most: usize) -> Result<Vec<Logged>, GitError> {
        let shallow = ["rev-parse", "--is-shallow-repository"];
        if self.text("look at the history", &shallow)?.trim() == "true" {
            return Err(GitError::Shallow);
        }
        let most = format!("--max-count={most}");
        let range = tag.map_or_else(|| "HEAD".to_owned(), |tag| format!("refs/tags/{tag}..HEAD"));
        let arguments = [
            "log",
            "-z",
            "--reverse",
            // Settings of the user could put more into it, or write it otherwise.
            "--no-show-signature",
            "--no-color",
            "--encoding=UTF-8",
            "--format=%H%x1f%P%x1f%B",
            &most,
            &range,
            "--",
        ];
        let listed = self.text("list the commits", &arguments)?;
        Ok(listed
            .split('\0')
            .filter_map(|entry| {
                let mut parts = entry.splitn(3, '\u{1f}');
                let (id, parents, message) = (parts.next()?, parts.next()?, parts.next()?);
                Some(Logged {
                    id: id.to_owned(),
                    message: message.trim().to_owned(),
                    merge: parents.contains(' '),
                })
            })
            .collect())
    }

    /// Commits these files as they are now, and nothing else.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn commit(&self, message: &str, files: &[&str]) -> Result<(), GitError> {
        let mut arguments = vec!["commit", "--quiet", "--message", message, "--only", "--"];
        arguments.extend(files);
        self.text("commit", &arguments).map(drop)
    }

    /// Names the last commit by an annotated tag.
    ///
    /// # Errors
    /// [`GitError`], also where there is such a tag.
    pub fn tag(&self, tag: &str, message: &str) -> Result<(), GitError> {
        let arguments = ["tag", "--annotate", "--message", message, "--", tag];
        self.text("make the tag", &arguments).map(drop)
    }

    /// What git prints when it does what it is asked to.
    fn text(&self, task: &'static str, arguments: &[&str]) -> Result<String, GitError> {
        let output = self.run(arguments)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        // Hooks speak on either.
        let said = [&output.stderr, &output.stdout]
            .map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
            .into_iter()
            .find(|said| !said.is_empty())
            .unwrap_or_else(|| format!("it said nothing, and ended with {}", output.status));
        Err(GitError::Refused {
            task,
            said: said.chars().take(SAID).collect(),
        })
    }

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Output, GitError> {
        Command::new("git")
            // Wildcards in a path are none.
            .arg("--literal-pathspecs")
            .args(arguments)
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", "true")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| GitError::Missing { error })
    }
}
