//! `teeproof compare`.

use std::path::Path;

use teeproof_bindings::{ComparedInput, ExitCode, compare};
use teeproof_core::Exchange;

use super::verify::unreadable;
use crate::args::{CompareArgs, CompareFormat};
use crate::failure::Failure;
use crate::gather::{self, Gathered};
use crate::output::Output;
use crate::{comparison, judge};

pub(crate) fn run(args: &CompareArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let options = judge::options(&args.judge, Exchange::default(), false)?;
    let mut inputs = Vec::new();
    let mut codes = Vec::new();
    for path in &args.inputs {
        #[cfg(feature = "network")]
        let gathered = gather::evidence(path, (&args.source, args.instance), &options);
        #[cfg(not(feature = "network"))]
        let gathered = gather::evidence(path, &options);
        if let Ok((_, _, trouble)) = &gathered {
            codes.extend(*trouble);
        }
        inputs.extend(instances(path, gathered, output));
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
    codes.push(ExitCode::from_number(answer.exit_code).unwrap_or(ExitCode::Inconclusive));
    Ok(ExitCode::of_all(codes))
}

/// The instances behind an input. One that cannot be read does not hide the others.
fn instances(
    path: &Path,
    gathered: Result<Gathered, Failure>,
    output: &mut Output,
) -> Vec<ComparedInput> {
    let name = path.display().to_string();
    match gathered {
        Ok((instances, exchange, _)) => {
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
                    exchange: Some(exchange.clone()),
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
