//! `teeproof compose hash`.

use serde::Serialize;
use teeproof_bindings::ExitCode;

use super::app_compose;
use super::args::HashArgs;
use crate::args::Format;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HashAnswer {
    compose_hash: String,
    bytes: usize,
}

pub(crate) fn run(args: &HashArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let document = app_compose(&args.input)?;
    match args.format {
        Format::Text => output.line(document.hash().to_string())?,
        Format::Json => output.json(&HashAnswer {
            compose_hash: document.hash().to_string(),
            bytes: document.bytes().len(),
        })?,
    }
    Ok(ExitCode::Trusted)
}
