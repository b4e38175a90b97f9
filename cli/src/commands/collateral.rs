//! `teeproof collateral show|needs`.

use serde_json::{Value, json};
use teeproof_bindings::{ExitCode, inspect};
use teeproof_core::Recognised;

use crate::args::{CollateralArgs, CollateralCommand, Format};
use crate::failure::Failure;
use crate::output::Output;
use crate::{input, layout};

pub(crate) fn run(args: &CollateralArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let (value, format) = match &args.command {
        CollateralCommand::Show { inputs, format } => {
            let shown: Vec<Value> = input::collateral(inputs, "COLLATERAL")?
                .into_iter()
                .map(|parts| {
                    let inspection = inspect(&Recognised::Collateral(Box::new(parts)));
                    inspection
                        .value()
                        .get("collateral")
                        .cloned()
                        .unwrap_or_default()
                })
                .collect();
            (json!({ "collateral": shown }), *format)
        }
        CollateralCommand::Needs { inputs, format } => {
            let mut needs = Vec::new();
            for (_, part) in input::all(inputs)? {
                let inspection = inspect(&part);
                let instances = inspection
                    .value()
                    .get("instances")
                    .and_then(Value::as_array);
                for instance in instances.into_iter().flatten() {
                    let of_quote = instance.pointer("/quote/needs").and_then(Value::as_array);
                    needs.extend(of_quote.into_iter().flatten().cloned());
                }
            }
            (json!({ "needs": needs }), *format)
        }
    };
    match format {
        Format::Json => output.json(&value)?,
        Format::Text => layout::tree(&value, 0, output)?,
    }
    Ok(ExitCode::Trusted)
}
