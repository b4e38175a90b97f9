//! `teeproof verify`.

use teeproof_bindings::{Answer, ExitCode, VerifyOptions, verify};
use teeproof_core::{Challenge, DerivationRule, Exchange, decode_hex, limits};

use crate::args::{Format, VerifyArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::paint::Line;
use crate::{batch, gather, judge, transcript};

pub(crate) fn run(args: &VerifyArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    if let Some(name) = args.batch.stray() {
        return Err(Failure::Argument {
            name,
            problem: "it is about a batch, and there is none".to_owned(),
            next: "name what to judge with --batch",
        });
    }
    if args.batch.batch.is_some() {
        #[cfg(feature = "network")]
        let fetching = batch::Fetching::of(&args.source)?;
        #[cfg(not(feature = "network"))]
        let fetching = None;
        return batch::run(&args.batch, options(args)?, fetching.as_ref(), output);
    }
    let mut options = options(args)?;
    let asked = options.exchange.clone();
    let mut answers = Vec::new();
    let mut codes = Vec::new();
    for path in &args.inputs {
        let name = path.display().to_string();
        options.exchange.clone_from(&asked);
        #[cfg(feature = "network")]
        let gathered = gather::evidence(path, (&args.source, args.instance), &options);
        #[cfg(not(feature = "network"))]
        let gathered = gather::evidence(path, &options);
        match gathered {
            Ok((instances, exchange, trouble)) => {
                codes.extend(trouble);
                options.exchange = exchange;
                for (index, instance) in (1..).zip(&instances) {
                    let name = match instances.len() {
                        1 => name.clone(),
                        _ => format!("{name} #{index}"),
                    };
                    let answer = verify(&name, instance, &options);
                    print(&answer, args.format, answers.is_empty(), output)?;
                    answers.push(answer);
                }
            }
            // One input that cannot be read does not hide the verdict on the others.
            Err(failure) => {
                output.error(&failure);
                answers.push(unreadable(&name, &failure));
            }
        }
    }
    match (args.format, answers.as_slice()) {
        (Format::Json, [one]) => output.json(one)?,
        (Format::Json, several) => output.json(&several)?,
        (Format::Text, [_]) => {}
        (Format::Text, several) => summary(several, output)?,
    }
    let of_answers = answers.iter().map(Answer::exit_code);
    codes.extend(of_answers.filter_map(ExitCode::from_number));
    Ok(ExitCode::of_all(codes))
}

/// What people read about one input: the transcript, or why there is none.
fn print(answer: &Answer, format: Format, first: bool, output: &mut Output) -> Result<(), Failure> {
    match (answer, format) {
        (Answer::Unreadable(answer), _) => {
            output.error(&Failure::NoVerdict {
                name: answer.input.name.clone(),
                code: answer.error.code.clone(),
                message: answer.error.message.clone(),
            });
            Ok(())
        }
        (Answer::Verified(answer), Format::Text) => {
            if !first {
                output.line("")?;
            }
            transcript::print(answer, output)
        }
        (Answer::Verified(_), Format::Json) => Ok(()),
    }
}

/// One line for each of several inputs.
fn summary(answers: &[Answer], output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    output.line(Line::new().bold(format!("Summary of {} inputs", answers.len())))?;
    for answer in answers {
        let (verdict, name) = match answer {
            Answer::Verified(answer) => (answer.verdict.as_str(), &answer.input.name),
            Answer::Unreadable(answer) => ("unreadable", &answer.input.name),
        };
        output.line(
            Line::new()
                .plain("  ")
                .word(verdict, format!("{verdict:<13}"))
                .plain(format!(" {name}")),
        )?;
    }
    Ok(())
}

pub(crate) fn unreadable(name: &str, failure: &Failure) -> Answer {
    Answer::Unreadable(teeproof_bindings::Unreadable {
        schema: teeproof_bindings::ANSWER_SCHEMA,
        input: teeproof_bindings::InputAnswer {
            name: name.to_owned(),
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
    let exchange = challenge(args)?.map(Exchange::from).unwrap_or_default();
    judge::options(&args.judge, exchange, args.genuine_only)
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
        problem: format!("there is no rule `{rule}`; the rules are {}", rules()),
        next: "name the rule by which the app derives its report data from a challenge",
    })?;
    Ok(Some(Challenge::new(bytes, rule)))
}

fn rules() -> String {
    let names: Vec<_> = DerivationRule::ALL.iter().map(|rule| rule.name()).collect();
    names.join(", ")
}
