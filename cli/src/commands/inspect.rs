//! `teeproof inspect`.

use std::path::{Path, PathBuf};

use teeproof_bindings::{ExitCode, Inspection, inspect};

use crate::args::{Format, InspectArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::paint::Line;
use crate::{input, layout};

pub(crate) fn run(args: &InspectArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut shown = Vec::new();
    let mut code = ExitCode::Trusted;
    for path in &args.inputs {
        // One input that cannot be read does not hide the others.
        for one in inspections(path) {
            match one {
                Ok((path, inspection)) => {
                    if args.format == Format::Text {
                        print(&path, inspection.value(), output)?;
                    }
                    shown.push(inspection);
                }
                Err(failure) => {
                    output.error(&failure);
                    code = failure.code();
                }
            }
        }
    }
    match (args.format, shown.as_slice()) {
        (Format::Text, _) | (_, []) => {}
        (Format::Json, [one]) => output.json(one)?,
        (Format::Json, several) => output.json(&several)?,
    }
    Ok(code)
}

fn inspections(path: &Path) -> Vec<Result<(PathBuf, Inspection), Failure>> {
    match input::files(path) {
        Ok(files) => files
            .into_iter()
            .map(|file| {
                let inspection = inspect(&input::recognised(&file)?);
                Ok((file, inspection))
            })
            .collect(),
        Err(failure) => vec![Err(failure)],
    }
}

fn print(path: &Path, value: &serde_json::Value, output: &mut Output) -> Result<(), Failure> {
    output.line(Line::new().bold(format!(
        "{}: nothing was verified, this is what the input says of itself",
        path.display()
    )))?;
    let mut content = value.clone();
    if let Some(content) = content.as_object_mut() {
        for said_above in ["schema", "trusted", "note"] {
            content.remove(said_above);
        }
    }
    layout::tree(&content, 1, output)
}
