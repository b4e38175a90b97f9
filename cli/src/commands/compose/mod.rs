//! `teeproof compose`: the document that the compose hash is of.

mod args;
mod hash;
mod lint;

use std::path::Path;

use teeproof_bindings::ExitCode;
use teeproof_compose::AppCompose;

pub(crate) use args::ComposeArgs;
use args::ComposeCommand;

use crate::failure::Failure;
use crate::input::{Kind, read};
use crate::output::Output;

pub(crate) fn run(args: &ComposeArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    match &args.command {
        ComposeCommand::Hash(args) => hash::run(args, output),
        ComposeCommand::Lint(args) => lint::run(args, output),
    }
}

/// Reads an app-compose document.
fn app_compose(path: &Path) -> Result<AppCompose, Failure> {
    let bytes = read(path, Kind::AppCompose)?;
    AppCompose::parse(&bytes).map_err(|error| Failure::Compose {
        path: path.to_owned(),
        error,
    })
}
