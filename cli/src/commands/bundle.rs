//! `teeproof bundle pack|show`.

use std::path::{Path, PathBuf};

use teeproof_bindings::{ExitCode, inspect};
use teeproof_core::{Bundle, Recognised, assemble};

use crate::args::{BundleArgs, BundleCommand, Format};
use crate::failure::{Failure, shown};
use crate::output::Output;
use crate::{input, layout};

pub(crate) fn run(args: &BundleArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    match &args.command {
        BundleCommand::Pack {
            inputs,
            output: target,
            label,
            captured_at,
        } => {
            let text = pack(inputs, label.as_deref(), captured_at.as_deref())?;
            match target {
                Some(path) => {
                    std::fs::write(path, text).map_err(|error| Failure::Write {
                        path: Some(path.clone()),
                        error,
                    })?;
                }
                None => output.json_text(&text)?,
            }
            Ok(ExitCode::Trusted)
        }
        BundleCommand::Show { input, format } => show(input, *format, output),
    }
}

fn pack(
    inputs: &[PathBuf],
    label: Option<&str>,
    captured_at: Option<&str>,
) -> Result<String, Failure> {
    let parts: Vec<Recognised> = input::all(inputs)?
        .into_iter()
        .map(|(_, part)| part)
        .collect();
    let instances = assemble(parts).map_err(|error| Failure::Assemble {
        path: inputs.first().cloned().unwrap_or_default(),
        error,
    })?;
    let [evidence] = instances.as_slice() else {
        return Err(Failure::Argument {
            name: "INPUT",
            problem: format!("{} instances, and a bundle holds one", instances.len()),
            next: "pack each instance by itself",
        });
    };
    let mut bundle = Bundle::from_evidence(evidence).map_err(|error| Failure::Bundle { error })?;
    if let Some(label) = label {
        bundle.label = Some(label.to_owned());
    }
    if let Some(text) = captured_at {
        bundle.captured_at = Some(input::instant(text, "--captured-at")?);
    }
    let text = bundle.to_json();
    // A label can break a rule of the format; nobody should find out later.
    Bundle::from_json(text.as_bytes()).map_err(|error| Failure::Bundle { error })?;
    Ok(text)
}

fn show(path: &Path, format: Format, output: &mut Output) -> Result<ExitCode, Failure> {
    let recognised = input::recognised(path)?;
    let is_bundle = matches!(&recognised, Recognised::Evidence(instances)
        if instances.iter().all(|one| one.kind.as_str() == "bundle"));
    if !is_bundle {
        return Err(Failure::Argument {
            name: "BUNDLE",
            problem: format!(
                "{} is {}, not a bundle",
                shown(path),
                input::named(&recognised)
            ),
            next: "use `teeproof inspect` for other inputs",
        });
    }
    let inspection = inspect(&recognised);
    match format {
        Format::Json => output.json(&inspection)?,
        Format::Text => {
            output.line("A bundle's claims; nothing was verified:")?;
            let instances = inspection.value().get("instances").cloned();
            layout::tree(&instances.unwrap_or_default(), 1, output)?;
        }
    }
    Ok(ExitCode::Trusted)
}
