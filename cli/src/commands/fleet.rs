//! `teeproof fleet`.

use std::path::{Path, PathBuf};

use teeproof_bindings::{
    AssumedAdvisory, ErrorAnswer, ExitCode, Fleet, FleetOptions, InstantChoice, Span, WhatIf,
};
use teeproof_core::{Exchange, InputKind, InstanceEvidence, PolicyEdits, Recognised, assemble};

use crate::args::{FleetArgs, FleetFormat};
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::{fleet, judge};

/// How far ahead is looked without `--until`.
const DAYS: u32 = 365;

pub(crate) fn run(args: &FleetArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut fleet = Fleet::new(options(args)?).map_err(|error| Failure::Policy {
        path: args
            .judge
            .policy
            .clone()
            .unwrap_or_else(|| "the default policy".into()),
        error,
    })?;
    for path in &args.inputs {
        each(path, &mut |name, found| {
            take(&mut fleet, name, found, output)
        })?;
    }
    let answer = fleet.answer();
    match args.format {
        FleetFormat::Text => fleet::print(&answer, output)?,
        FleetFormat::Json => output.json(&answer)?,
        FleetFormat::Ics => output.exact(&teeproof_render::calendar(&answer))?,
    }
    Ok(ExitCode::from_number(answer.exit_code).unwrap_or(ExitCode::Inconclusive))
}

fn options(args: &FleetArgs) -> Result<FleetOptions, Failure> {
    let verify = judge::options(&args.judge, Exchange::default(), args.genuine_only)?;
    let from = match verify.instant {
        InstantChoice::Clock(at) | InstantChoice::Given(at) => at,
        InstantChoice::Captured => {
            return Err(Failure::Argument {
                name: "--at",
                problem: "a fleet is judged from one instant on, and each capture has its own"
                    .to_owned(),
                next: "name the instant, or leave it out for the present",
            });
        }
    };
    let until = match &args.until {
        None => from.plus_days(DAYS),
        Some(text) => input::instant(text, "--until")?,
    };
    let span = Span::new(from, until).map_err(|error| Failure::Argument {
        name: "--until",
        problem: error.to_string(),
        next: "name an instant after --at, which is the present if it is not named",
    })?;
    Ok(FleetOptions {
        verify,
        span,
        what_if: what_if(args)?,
        throughout: args.throughout,
    })
}

fn what_if(args: &FleetArgs) -> Result<WhatIf, Failure> {
    let edits = PolicyEdits {
        without_compose_hashes: judge::hex("--without-compose-hash", &args.without_compose_hash)?,
        without_os: args.without_os.clone(),
        min_evaluation_number: args.min_evaluation_number,
        denied_advisories: args.deny_advisory.clone(),
    };
    let before = args.advisory_before.as_deref();
    let dated_before = before
        .map(|text| input::instant(text, "--advisory-before"))
        .transpose()?;
    let fmspc = judge::hex("--advisory-fmspc", &args.advisory_fmspc)?;
    let advisory = args.new_advisory.clone().map(|id| AssumedAdvisory {
        id,
        fmspc,
        dated_before,
    });
    Ok(WhatIf { edits, advisory })
}

/// Takes in what was found under a name. What cannot be read is told and hides nothing else.
fn take(
    fleet: &mut Fleet,
    name: &str,
    found: Result<Vec<InstanceEvidence>, Failure>,
    output: &mut Output,
) -> Result<(), Failure> {
    let full = |full: teeproof_bindings::FleetFull| Failure::Argument {
        name: "EVIDENCE",
        problem: full.to_string(),
        next: "give the instances in several runs",
    };
    match found {
        Ok(instances) => {
            let several = instances.len() > 1;
            for (number, evidence) in (1..).zip(&instances) {
                let name = if several {
                    format!("{name} #{number}")
                } else {
                    name.to_owned()
                };
                fleet.add(&name, evidence).map_err(full)?;
            }
            Ok(())
        }
        Err(failure) => {
            output.error(&failure);
            let error = ErrorAnswer {
                code: failure.stable_code().to_owned(),
                message: failure.to_string(),
            };
            fleet
                .add_unreadable(name, error, failure.code())
                .map_err(full)
        }
    }
}

/// What is done with the evidence of one machine.
type Each<'a> = dyn FnMut(&str, Result<Vec<InstanceEvidence>, Failure>) -> Result<(), Failure> + 'a;

/// Hands on each machine behind an input.
fn each(path: &Path, take: &mut Each<'_>) -> Result<(), Failure> {
    let name = path.display().to_string();
    if name.starts_with("https://") || name.starts_with("http://") {
        let failure = Failure::Argument {
            name: "EVIDENCE",
            problem: format!("`{name}` is an address, and a fleet is judged from what was saved"),
            next: "save the evidence with `teeproof capture`, and give the bundle",
        };
        return take(&name, Err(failure));
    }
    if name == "-" || !path.is_dir() {
        return take(&name, input::evidence(path));
    }
    let below = match directories(path) {
        Ok(below) => below,
        Err(failure) => return take(&name, Err(failure)),
    };
    match input::files(path) {
        Ok(files) => directory(path, files, take)?,
        // Of a directory of directories nobody expects files.
        Err(Failure::NoEvidence { .. }) if !below.is_empty() => {}
        Err(failure) => return take(&name, Err(failure)),
    }
    for machine in below {
        take(&machine.display().to_string(), input::evidence(&machine))?;
    }
    Ok(())
}

/// Directories in a directory, but for hidden ones, in the order of their names.
fn directories(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fail = |error| Failure::read(path, error);
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().is_dir() {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

/// The files of a directory: a bundle, or a second quote, and they are a machine each; else the parts
/// of one. What was read before that is known is handed on then, so that no more than one machine is
/// kept.
fn directory(path: &Path, files: Vec<PathBuf>, take: &mut Each<'_>) -> Result<(), Failure> {
    let mut parts: Vec<(PathBuf, Result<Recognised, Failure>)> = Vec::new();
    let mut quotes = 0_usize;
    let mut collection = false;
    for file in files {
        let found = input::recognised(&file);
        if let Ok(Recognised::Evidence(instances)) = &found {
            let bundle = |one: &InstanceEvidence| one.kind == InputKind::Bundle;
            quotes = quotes.saturating_add(1);
            collection |= quotes > 1 || instances.len() > 1 || instances.iter().any(bundle);
        }
        parts.push((file, found));
        if collection {
            for (file, found) in parts.drain(..) {
                take(&file.display().to_string(), alone(&file, found))?;
            }
        }
    }
    if collection {
        return Ok(());
    }
    let of_one = parts
        .into_iter()
        .map(|(_, found)| found)
        .collect::<Result<Vec<_>, _>>();
    take(
        &path.display().to_string(),
        of_one.and_then(|parts| assembled(path, parts)),
    )
}

fn alone(
    file: &Path,
    found: Result<Recognised, Failure>,
) -> Result<Vec<InstanceEvidence>, Failure> {
    assembled(file, vec![found?])
}

fn assembled(path: &Path, parts: Vec<Recognised>) -> Result<Vec<InstanceEvidence>, Failure> {
    assemble(parts).map_err(|error| Failure::Assemble {
        path: path.to_owned(),
        error,
    })
}
