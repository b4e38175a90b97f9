//! `teeproof compare`.

use std::path::Path;

use teeproof_bindings::{ComparedInput, ExitCode, VerifyOptions, compare};
use teeproof_core::Exchange;

use super::verify::unreadable;
use crate::args::{CompareArgs, CompareFormat};
use crate::failure::Failure;
use crate::gather::{self, Gathered};
#[cfg(feature = "network")]
use crate::network;
use crate::output::Output;
use crate::{comparison, judge};

pub(crate) fn run(args: &CompareArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let options = judge::options(&args.judge, Exchange::default(), false)?;
    let mut inputs = Vec::new();
    let mut codes = Vec::new();
    for (path, gathered) in args.inputs.iter().zip(gather_all(args, &options)) {
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

/// What is behind each input, in their order. Running instances are asked side by side, so that a
/// slow one costs its own time only once.
#[cfg(feature = "network")]
fn gather_all(args: &CompareArgs, options: &VerifyOptions) -> Vec<Result<Gathered, Failure>> {
    const AT_ONCE: usize = 16;
    let evidence = |path| gather::evidence(path, (&args.source, args.instance), options);
    let mut all = Vec::new();
    for some in args.inputs.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let asked: Vec<_> = some
                .iter()
                .map(|path| {
                    let live = network::address_of(path).is_some();
                    (path, live.then(|| scope.spawn(move || evidence(path))))
                })
                .collect();
            for (path, answer) in asked {
                all.push(match answer {
                    None => evidence(path),
                    Some(answer) => answer.join().unwrap_or_else(|_| {
                        Err(Failure::Adapter {
                            code: "defect",
                            problem: format!("asking {} ended without a result", path.display()),
                            next: "report this with the address that was asked",
                        })
                    }),
                });
            }
        });
    }
    all
}

#[cfg(not(feature = "network"))]
fn gather_all(args: &CompareArgs, options: &VerifyOptions) -> Vec<Result<Gathered, Failure>> {
    let inputs = args.inputs.iter();
    inputs.map(|path| gather::evidence(path, options)).collect()
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
