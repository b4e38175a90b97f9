//! What decides a verdict beside the evidence, read from the command line.

use std::path::Path;
use std::str::FromStr;

use teeproof_bindings::{InstantChoice, VerifyOptions, parse_policy};
use teeproof_core::{Exchange, HexError, Pins, Policy, TrustAnchor};

use crate::args::JudgeArgs;
use crate::failure::Failure;
use crate::input::{self, Kind};

/// Reads what the options name.
pub(crate) fn options(
    args: &JudgeArgs,
    exchange: Exchange,
    genuine_only: bool,
) -> Result<VerifyOptions, Failure> {
    let anchor = match &args.root {
        Some(path) => input::root(path)?,
        None => TrustAnchor::intel().map_err(|_| Failure::Root {
            path: "the built-in root".into(),
        })?,
    };
    Ok(VerifyOptions {
        policy: policy(args)?,
        anchor,
        instant: instant(args)?,
        collateral: input::collateral(&args.collateral, "--collateral")?,
        exchange,
        genuine_only,
    })
}

fn instant(args: &JudgeArgs) -> Result<InstantChoice, Failure> {
    match args.at.as_deref() {
        None => input::now().map(InstantChoice::Clock),
        Some("captured") => Ok(InstantChoice::Captured),
        Some(text) => input::instant(text, "--at").map(InstantChoice::Given),
    }
}

/// Reads a policy file.
pub(crate) fn policy_file(path: &Path) -> Result<Policy, Failure> {
    parse_policy(&input::read(path, Kind::Policy)?).map_err(|error| Failure::Policy {
        path: path.to_owned(),
        error,
    })
}

fn policy(args: &JudgeArgs) -> Result<Policy, Failure> {
    let policy = args
        .policy
        .as_deref()
        .map_or_else(|| Ok(Policy::default()), policy_file)?;
    let pins = Pins {
        compose_hashes: hex("--expect-compose-hash", &args.expect_compose_hash)?,
        app_ids: hex("--expect-app-id", &args.expect_app_id)?,
        report_data: hex("--expect-report-data", &args.expect_report_data)?,
        os: args.expect_os.clone(),
        rtmr3: hex("--expect-rtmr3", &args.expect_rtmr3)?,
    };
    // A policy that is narrowed is digested again.
    if pins == Pins::default() {
        return Ok(policy);
    }
    policy.with_pins(pins).map_err(|error| Failure::Policy {
        path: args
            .policy
            .clone()
            .unwrap_or_else(|| "the default policy".into()),
        error,
    })
}

pub(crate) fn hex<T: FromStr<Err = HexError>>(
    name: &'static str,
    list: &[String],
) -> Result<Vec<T>, Failure> {
    list.iter()
        .map(|text| {
            text.parse().map_err(|error: HexError| Failure::Argument {
                name,
                problem: error.to_string(),
                next: "write plain hex without a prefix such as 0x or sha256:",
            })
        })
        .collect()
}
