//! The predictors beside the published packages that they predict, on generated documents.
//!
//! `sdk/run.sh` installs the packages and names them in `COMPOSE_WORKER_JS` (the worker's script, run
//! by `node`) and `COMPOSE_WORKER_PYTHON` (the interpreter that has the package). Without a name that
//! package is skipped. `COMPOSE_WORKER_GO` may name a program that speaks the workers' lines for
//! dstack's Go module, which no registry used here has.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

mod documents;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use teeproof_compose::{Json, Predictor};

/// A program that answers each line with a line.
struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn ask(&mut self, compose: &str) -> serde_json::Value {
        let mut line = serde_json::json!({ "compose": compose }).to_string();
        line.push('\n');
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).unwrap();
        stdin.flush().unwrap();
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("`{answer}`: {error}"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // With its input closed it ends by itself.
        self.stdin = None;
        let _ = self.child.wait();
    }
}

/// Whether each function of the answer gives what is predicted, and how often it was so.
fn compare(
    compose: &str,
    answer: &serde_json::Value,
    agreed: &mut BTreeMap<String, u32>,
) -> Result<(), TestCaseError> {
    let document = Json::parse(compose.as_bytes()).unwrap();
    for (function, found) in answer.as_object().unwrap() {
        let id = function.split('@').next().unwrap();
        let predictor = Predictor::named(id).unwrap_or_else(|| panic!("no predictor {id}"));
        let found = found["sha256"].as_str().filter(|hash| !hash.is_empty());
        match (predictor.hash(&document), found) {
            (Ok(hash), Some(found)) if hash.to_string() == found => {
                *agreed.entry(function.clone()).or_default() += 1;
            }
            // What the package fails on is not predicted.
            (Err(_), None) => {}
            (predicted, found) => {
                return Err(TestCaseError::fail(format!(
                    "{function}: predicted {predicted:?}, the package says {found:?}"
                )));
            }
        }
    }
    Ok(())
}

fn side_by_side(command: &mut Command, functions: &[&str]) {
    let worker = RefCell::new(Worker::start(command));
    let agreed = RefCell::new(BTreeMap::new());
    let ask = |compose: &str| {
        let answer = worker.borrow_mut().ask(compose);
        compare(compose, &answer, &mut agreed.borrow_mut())
    };
    for compose in documents::CHOSEN {
        ask(compose).unwrap_or_else(|error| panic!("{compose}: {error}"));
    }
    let config = Config {
        cases: 1000,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&documents::any_compose(), |compose| ask(&compose))
        .unwrap_or_else(|error| panic!("{error}"));
    let agreed = agreed.into_inner();
    for function in functions {
        let count = agreed.get(*function).copied().unwrap_or_default();
        eprintln!("{function}: {count} documents alike, byte for byte");
        assert!(count > 500, "{function}: only {count} documents");
    }
}

/// What a variable names, or a line that says that there is nothing.
fn named(variable: &str, package: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        eprintln!("SKIPPED: {package}: {variable} names nothing");
    }
    found
}

#[test]
fn the_javascript_packages_give_what_is_predicted() {
    if let Some(script) = named("COMPOSE_WORKER_JS", "@phala/dstack-sdk and @phala/cloud") {
        let functions = [
            "dstack-js",
            "dstack-js-normalised",
            "dstack-js@@phala/cloud",
            "phala-js",
            "phala-js@getHash",
            "dstack-vmm-page",
        ];
        side_by_side(Command::new("node").arg(script), &functions);
    }
}

#[test]
fn the_python_package_gives_what_is_predicted() {
    if let Some(python) = named("COMPOSE_WORKER_PYTHON", "dstack-sdk for Python") {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/python/worker.py");
        let functions = [
            "dstack-python",
            "dstack-python-normalised",
            "phala-python",
            "dstack-vmm-cli",
        ];
        side_by_side(Command::new(python).args(["-B", script]), &functions);
    }
}

#[test]
fn the_go_module_gives_what_is_predicted() {
    if let Some(program) = named("COMPOSE_WORKER_GO", "dstack's Go module") {
        side_by_side(
            &mut Command::new(program),
            &["dstack-go", "dstack-go-normalised"],
        );
    }
}
