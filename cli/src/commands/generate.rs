//! Completion scripts and the manual page, made from the command line's own description.

use clap::CommandFactory;
use teeproof_bindings::ExitCode;

use crate::args::{Args, CompletionsArgs};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn completions(
    args: &CompletionsArgs,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "teeproof", &mut script);
    output.block(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Trusted)
}

pub(crate) fn man(output: &mut Output) -> Result<ExitCode, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command())
        .render(&mut page)
        .map_err(|error| Failure::Write { path: None, error })?;
    output.block(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::Trusted)
}
