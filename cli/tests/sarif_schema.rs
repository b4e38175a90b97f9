//! What is printed as SARIF is valid by the published schema of SARIF 2.1.0.
//!
//! The schema is nobody's text of this repository: it comes out of an npm package, and is held
//! against the output by Python's `jsonschema`. Without npm, a registry or that module the test is
//! skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::run;

const PACKAGE: &str = "@microsoft/jest-sarif@1.0.0-beta.0";
const IN_PACKAGE: &str = "package/lib/schemas/sarif-2.1.0-rtm.5.json";

const VALIDATE: &str = "
import json, sys
import jsonschema
schema, log = (json.load(open(path)) for path in sys.argv[1:3])
errors = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(log))
for error in errors:
    print(list(error.absolute_path), error.message[:300])
sys.exit(1 if errors else 0)
";

fn works(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The schema, fetched once.
fn schema(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(IN_PACKAGE);
    if !path.is_file() {
        fs::create_dir_all(folder).unwrap();
        let packed = works(
            Command::new("npm")
                .args(["pack", "--silent", PACKAGE])
                .current_dir(folder),
        );
        let unpacked = packed
            && works(
                Command::new("tar")
                    .args(["-xzf", "microsoft-jest-sarif-1.0.0-beta.0.tgz"])
                    .current_dir(folder),
            );
        if !unpacked {
            return None;
        }
    }
    path.is_file().then_some(path)
}

fn valid(schema: &Path, log: &Path) -> Result<(), String> {
    let output = Command::new("python3")
        .arg("-c")
        .arg(VALIDATE)
        .args([schema, log])
        .output()
        .unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_lint_is_valid_sarif() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif-schema");
    if !works(Command::new("python3").args(["-c", "import jsonschema"])) {
        println!("SKIPPED: there is no Python with the module jsonschema");
        return;
    }
    let Some(schema) = schema(&folder) else {
        println!("SKIPPED: the schema of SARIF cannot be had from the npm registry");
        return;
    };
    let log = folder.join("log.sarif");
    for (document, suppress) in [
        ("lint-clean.json", None),
        ("lint-loose.json", None),
        (
            "lint-loose.json",
            Some("cli/tests/inputs/lint-suppress.toml"),
        ),
    ] {
        let document = format!("cli/tests/inputs/{document}");
        let mut arguments = vec!["compose", "lint", &document, "--format", "sarif"];
        arguments.extend(suppress.map(|_| "--suppress"));
        arguments.extend(suppress);
        let printed = run(&arguments);
        assert_eq!(printed.stderr, "");
        fs::write(&log, &printed.stdout).unwrap();
        assert_eq!(valid(&schema, &log), Ok(()), "{document}");
        // The validator can refuse.
        fs::write(&log, printed.stdout.replace("\"2.1.0\"", "\"2.0.0\"")).unwrap();
        assert!(valid(&schema, &log).is_err());
    }
}
