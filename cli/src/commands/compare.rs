//! `teeproof compare`.

use std::path::Path;

use teeproof_bindings::{ComparedInput, ExitCode, compare};
use teeproof_core::Exchange;

use super::verify::unreadable;
use crate::args::{CompareArgs, CompareFormat};
use crate::failure::Failure;
use crate::output::Output;
use crate::{comparison, input, judge};

pub(crate) fn run(args: &CompareArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let options = judge::options(&args.judge, Exchange::default(), false)?;
    let mut inputs = Vec::new();
    for path in &args.inputs {
        inputs.extend(saved(path, output));
    }
    let answer = compare(&inputs, &options, args.different_machines);
    match args.format {
        CompareFormat::Text => comparison::print(&answer, output)?,
        CompareFormat::Json => output.json(&answer)?,
        CompareFormat::Markdown => output.text(&teeproof_render::markdown(&answer))?,
        CompareFormat::Html => output.text(&teeproof_render::html(&answer))?,
        CompareFormat::Junit => output.text(&teeproof_render::junit(&answer))?,
        CompareFormat::Sarif => output.json_text(&teeproof_render::sarif(&answer))?,
    }
    Ok(ExitCode::from_number(answer.exit_code).unwrap_or(ExitCode::Inconclusive))
}

/// The instances in a file. One that cannot be read does not hide the others.
fn saved(path: &Path, output: &mut Output) -> Vec<ComparedInput> {
    let name = path.display().to_string();
    match input::evidence(path) {
        Ok(instances) => {
            let several = instances.len() > 1;
            (1..)
                .zip(instances)
                .map(|(index, instance)| ComparedInput {
                    name: if several {
                        format!("{name} #{index}")
                    } else {
                        name.clone()
                    },
                    evidence: Ok(instance),
                    exchange: None,
                })
                .collect()
        }
        Err(failure) => {
            output.error(&failure);
            vec![ComparedInput {
                evidence: Err(Box::new(unreadable(&name, &failure))),
                name,
                exchange: None,
            }]
        }
    }
}
