//! `teeproof verify`.

use std::path::Path;
use std::str::FromStr;

use teeproof_bindings::{Answer, ExitCode, InstantChoice, VerifyOptions, parse_policy, verify};
use teeproof_core::{
    Challenge, DerivationRule, Exchange, HexError, InstanceEvidence, Pins, Policy, TrustAnchor,
    decode_hex, limits,
};
#[cfg(feature = "network")]
use teeproof_instance::Ask;

use crate::args::{Format, VerifyArgs};
use crate::failure::Failure;
#[cfg(feature = "network")]
use crate::network;
use crate::output::Output;
use crate::{input, transcript};

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let options = options(args)?;
    let mut answers: Vec<Answer> = Vec::new();
    let mut codes = Vec::new();
    for path in &args.inputs {
        match evidence(path, args, &options) {
            Ok((instances, exchange, trouble)) => {
                codes.extend(trouble);
                let options = VerifyOptions {
                    exchange,
                    ..options.clone()
                };
                let name = path.display().to_string();
                let several = instances.len() > 1;
                for (index, instance) in (1..).zip(&instances) {
                    let name = if several {
                        format!("{name} #{index}")
                    } else {
                        name.clone()
                    };
                    answers.push(verify(&name, instance, &options));
                }
            }
            // One input that cannot be read does not hide the verdict on the others.
            Err(failure) => {
                if args.inputs.len() == 1 {
                    return Err(failure);
                }
                codes.push(failure.code());
                answers.push(unreadable(path, &failure));
            }
        }
    }
    match args.format {
        Format::Json => match answers.as_slice() {
            [one] => output.json(one)?,
            several => output.json(&several)?,
        },
        Format::Text => {
            for (index, answer) in answers.iter().enumerate() {
                if index > 0 {
                    output.line("")?;
                }
                transcript::print(answer, output)?;
            }
            if answers.len() > 1 {
                transcript::summary(&answers, output)?;
            }
        }
    }
    codes.extend(answers.iter().filter_map(|answer| {
        ExitCode::ALL
            .iter()
            .copied()
            .find(|code| code.number() == answer.exit_code())
    }));
    Ok(ExitCode::of_all(codes))
}

/// What is behind one input, how it came, and the exit code of what went wrong on the way without
/// standing against a verdict.
type Gathered = (Vec<InstanceEvidence>, Exchange, Option<ExitCode>);

/// Evidence in files is judged as it is, unless a place is named to complete it from.
#[cfg(feature = "network")]
fn evidence(path: &Path, args: &VerifyArgs, options: &VerifyOptions) -> Result<Gathered, Failure> {
    let (mut instances, exchange) = match network::address_of(path) {
        Some(url) => {
            if args.challenge.is_some() {
                return Err(Failure::Argument {
                    name: "--challenge",
                    problem: "a running instance is asked with a fresh challenge".to_owned(),
                    next: "leave out --challenge, or give evidence that answers it",
                });
            }
            let ask = Ask {
                extras: true,
                ..Ask::default()
            };
            let captured = network::ask(url, &args.source, args.instance, &ask)?;
            (captured.evidence, captured.exchange)
        }
        None => (input::evidence(path)?, options.exchange.clone()),
    };
    let mut trouble = None;
    let live = network::address_of(path).is_some();
    if live || args.source.pccs.is_some() || args.source.offline {
        let service = network::service(&args.source)?;
        for instance in &mut instances {
            let at = match (options.instant, instance.captured_at) {
                (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
                | (InstantChoice::Captured, Some(at)) => at,
                (InstantChoice::Captured, None) => continue,
            };
            let (beside, anchor) = (&options.collateral, &options.anchor);
            // Without collateral there is still a verdict: it says what is missing.
            if let Err(failure) = network::complete(instance, beside, anchor, at, &service) {
                trouble = Some(failure.code());
                network::progress(format!("warning: {failure}; {}", failure.next_step()));
            }
        }
    }
    Ok((instances, exchange, trouble))
}

#[cfg(not(feature = "network"))]
fn evidence(path: &Path, _: &VerifyArgs, options: &VerifyOptions) -> Result<Gathered, Failure> {
    let text = path.to_string_lossy();
    if text.starts_with("https://") || text.starts_with("http://") {
        return Err(Failure::Argument {
            name: "EVIDENCE",
            problem: "this build has no network, and cannot ask an address".to_owned(),
            next: "capture a bundle with a build that has the feature `network`, and judge it here",
        });
    }
    Ok((input::evidence(path)?, options.exchange.clone(), None))
}

fn unreadable(path: &Path, failure: &Failure) -> Answer {
    Answer::Unreadable(teeproof_bindings::Unreadable {
        schema: teeproof_bindings::ANSWER_SCHEMA,
        input: teeproof_bindings::InputAnswer {
            name: path.display().to_string(),
            kind: None,
        },
        error: teeproof_bindings::ErrorAnswer {
            code: failure.stable_code().to_owned(),
            message: failure.to_string(),
        },
        exit_code: failure.code().number(),
    })
}

fn options(args: &VerifyArgs) -> Result<VerifyOptions, Failure> {
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
        collateral: input::collateral(&args.collateral)?,
        exchange: challenge(args)?.map(Exchange::from).unwrap_or_default(),
        genuine_only: args.genuine_only,
    })
}

fn instant(args: &VerifyArgs) -> Result<InstantChoice, Failure> {
    match args.at.as_deref() {
        None => input::now().map(InstantChoice::Clock),
        Some("captured") => Ok(InstantChoice::Captured),
        Some(text) => input::instant(text, "--at").map(InstantChoice::Given),
    }
}

/// Reads a policy file.
pub(crate) fn policy_file(path: &Path) -> Result<Policy, Failure> {
    parse_policy(&input::read(path, limits::POLICY)?).map_err(|error| Failure::Policy {
        path: path.to_owned(),
        error,
    })
}

fn policy(args: &VerifyArgs) -> Result<Policy, Failure> {
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
    policy.with_pins(pins).map_err(|error| Failure::Policy {
        path: args
            .policy
            .clone()
            .unwrap_or_else(|| "the default policy".into()),
        error,
    })
}

fn hex<T: FromStr<Err = HexError>>(name: &'static str, list: &[String]) -> Result<Vec<T>, Failure> {
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

fn challenge(args: &VerifyArgs) -> Result<Option<Challenge>, Failure> {
    let (Some(bytes), Some(rule)) = (&args.challenge, &args.challenge_rule) else {
        return Ok(None);
    };
    let bytes = decode_hex(bytes, limits::CHALLENGE).map_err(|error| Failure::Argument {
        name: "--challenge",
        problem: error.to_string(),
        next: "write the challenge as plain hex",
    })?;
    let rule = DerivationRule::from_name(rule).ok_or_else(|| Failure::Argument {
        name: "--challenge-rule",
        problem: "no such derivation rule".to_owned(),
        next: "use raw64, zero-padded, sha256-padded, sha512, teeproof-evidence or app-data-sha512",
    })?;
    Ok(Some(Challenge::new(bytes, rule)))
}
