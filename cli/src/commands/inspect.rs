//! `teeproof inspect`.

use std::path::Path;

use teeproof_bindings::{ExitCode, inspect};

use crate::args::{Format, InspectArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::{input, transcript};

pub(crate) fn run(args: &InspectArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let inspections = args
        .inputs
        .iter()
        .map(|path| Ok((path.as_path(), inspect(&input::recognised(path)?))))
        .collect::<Result<Vec<_>, Failure>>()?;
    match (args.format, inspections.as_slice()) {
        (Format::Json, [(_, one)]) => output.json(one)?,
        (Format::Json, several) => {
            let several: Vec<_> = several.iter().map(|(_, inspection)| inspection).collect();
            output.json(&several)?;
        }
        (Format::Text, several) => {
            for (path, inspection) in several {
                print(path, inspection.value(), output)?;
            }
        }
    }
    Ok(ExitCode::Trusted)
}

fn print(path: &Path, value: &serde_json::Value, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    output.line(paint.bold(&format!(
        "{}: nothing was verified, this is what the input says of itself",
        path.display()
    )))?;
    let mut content = value.clone();
    if let Some(content) = content.as_object_mut() {
        for said_above in ["schema", "trusted", "note"] {
            content.remove(said_above);
        }
    }
    transcript::tree(&content, 1, output)
}
