//! How the tests of this crate start the real binary, and where they find evidence.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is helpers of tests"
)]

pub(crate) mod batch;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository: transcripts and fixtures are named from here, on every machine alike.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate stands in the repository")
}

pub(crate) fn text_of(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An empty directory for the files of one test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `teeproof` in the repository's directory, with nothing of the caller's terminal.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_teeproof"));
    command.current_dir(repository());
    for variable in ["COLUMNS", "LINES", "NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    finish(command().args(arguments), &[])
}

/// Runs a command with this as its standard input.
pub(crate) fn finish(command: &mut Command, stdin: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A run that does not read its input closes the pipe, which is no fault of this thread.
    let writer = std::thread::spawn(move || pipe.write_all(&stdin));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    Run {
        code: output.status.code().expect("ended by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A published case of the forge: what to judge it by, and what was declared about it.
pub(crate) struct Forged {
    pub(crate) name: String,
    pub(crate) expect: toml::Table,
}

/// The published cases, in the order of their names.
pub(crate) fn forged() -> Vec<Forged> {
    let mut names: Vec<_> = fs::read_dir(repository().join("fixtures/forged"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| Forged {
            expect: text_of(&format!("fixtures/forged/{name}/expect.toml"))
                .parse()
                .unwrap(),
            name,
        })
        .collect()
}

impl Forged {
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        self.expect.get(key)?.as_str()
    }

    pub(crate) fn directory(&self) -> String {
        format!("fixtures/forged/{}", self.name)
    }

    /// The arguments that judge it as declared, but for the root and the format.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let directory = self.directory();
        let mut arguments = vec![
            "verify".to_owned(),
            directory.clone(),
            "--policy".to_owned(),
            format!("{directory}/policy.toml"),
        ];
        for key in ["at", "challenge", "challenge-rule"] {
            if let Some(value) = self.word(key) {
                arguments.push(format!("--{key}"));
                arguments.push(value.to_owned());
            }
        }
        arguments
    }

    pub(crate) fn judge(&self, more: &[&str]) -> Run {
        let mut arguments = self.arguments();
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        run(&arguments)
    }
}
