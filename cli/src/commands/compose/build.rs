//! `teeproof compose build`.

use std::collections::BTreeMap;

use serde_json::json;
use teeproof_bindings::ExitCode;
use teeproof_compose::{Built, Settings, Target};

use super::args::{BuildArgs, BuildFor};
use crate::args::Format;
use crate::failure::{Failure, shown};
use crate::input::{Kind, read};
use crate::output::Output;
use crate::paint::Line;

pub(crate) fn run(args: &BuildArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let fail = |error| Failure::Build {
        path: args.from.clone(),
        error,
    };
    let yaml = read(&args.input, Kind::DockerCompose)?;
    let settings = Settings::parse(&read(&args.from, Kind::Settings)?).map_err(fail)?;
    let mut files = BTreeMap::new();
    for name in settings.files() {
        // Beside the settings, wherever the command runs.
        let path = args.from.parent().unwrap_or(&args.from).join(name);
        files.insert(name.to_owned(), read(&path, Kind::Settings)?);
    }
    let target = match args.target {
        BuildFor::Dstack => Target::Dstack,
        BuildFor::Phala => Target::Phala,
    };
    let built = settings.build(&yaml, &files, target).map_err(fail)?;
    std::fs::write(&args.output, built.document.bytes()).map_err(|error| Failure::Write {
        path: Some(args.output.clone()),
        error,
    })?;
    match args.format {
        Format::Text => text(args, &built, output)?,
        Format::Json => output.json(&answer(args, &built))?,
    }
    Ok(ExitCode::Trusted)
}

fn answer(args: &BuildArgs, built: &Built) -> serde_json::Value {
    let predictions: Vec<_> = built
        .predictions
        .iter()
        .map(|(predictor, hash)| match hash {
            Ok(hash) => json!({ "predictor": predictor.id(), "hash": hash.to_string() }),
            Err(why) => json!({ "predictor": predictor.id(), "notPredicted": why.to_string() }),
        })
        .collect();
    json!({
        "isPrediction": built.target == Target::Phala,
        "hash": built.document.hash().to_string(),
        "bytes": built.document.bytes().len(),
        "output": args.output.display().to_string(),
        "writtenAs": built.predictor.id(),
        "predictions": predictions,
        "leftToPlatform": built.left_to_platform,
    })
}

fn text(args: &BuildArgs, built: &Built, output: &mut Output) -> Result<(), Failure> {
    let hash = built.document.hash().to_string();
    let count = built.document.bytes().len();
    let path = shown(&args.output);
    match built.target {
        Target::Dstack => {
            output.line(Line::new().bold(format!("compose hash  {hash}")))?;
            output.line(format!(
                "of            the {count} bytes of {path}: hand over exactly these"
            ))?;
        }
        Target::Phala => {
            output.line(Line::new().bold(format!("PREDICTED     {hash}")))?;
            output.line(format!(
                "of            the {count} bytes of {path}, written as {}",
                built.predictor.source()
            ))?;
            output.line(
                "a prediction: Phala Cloud completes the document and writes the bytes itself",
            )?;
            if !built.left_to_platform.is_empty() {
                output.line(format!(
                    "not set, so left to the platform: {}",
                    built.left_to_platform.join(", ")
                ))?;
            }
        }
    }
    output.line("the same document, as other programs write it:")?;
    for (predictor, other) in &built.predictions {
        let id = predictor.id();
        match other {
            Ok(other) if other.to_string() == hash => output.line(format!("  {id:24} the same"))?,
            Ok(other) => output.line(format!("  {id:24} {other}"))?,
            Err(why) => output.line(format!("  {id:24} {why}"))?,
        }
    }
    if built.target == Target::Phala {
        output.line("after the first boot compare with: teeproof compose reconcile")?;
    }
    Ok(())
}
