//! `teeproof` at the command line: gathers inputs, calls one function of the bindings, prints.

#![forbid(unsafe_code)]

mod args;
mod batch;
mod commands;
mod comparison;
mod failure;
mod fleet;
mod gather;
mod input;
mod judge;
mod layout;
#[cfg(feature = "network")]
mod network;
mod output;
mod paint;
mod quick;
mod transcript;

use std::io::Write;
use std::process::ExitCode as ProcessCode;

use teeproof_bindings::ExitCode;

use crate::args::{Args, Command, Verdict};
use crate::failure::Failure;
use crate::output::Output;
use crate::paint::escaped_lines;

fn main() -> ProcessCode {
    let args = match Args::read(std::env::args_os().collect()) {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            // A file name that looks like an option is in the message.
            let _ = write!(
                std::io::stderr(),
                "{}",
                escaped_lines(&error.render().to_string())
            );
            return ProcessCode::from(ExitCode::Usage.number());
        }
        Err(help) => {
            let _ = help.print();
            return ProcessCode::SUCCESS;
        }
    };
    let mut output = Output::new();
    let code = match run(&args, &mut output).and_then(|code| output.flush().map(|()| code)) {
        Ok(code) => code,
        Err(failure) => {
            output.error(&failure);
            failure.code()
        }
    };
    ProcessCode::from(code.number())
}

fn run(args: &Args, output: &mut Output) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Verdict(Verdict::Verify(args)) => commands::verify::run(args, output),
        Command::Compare(args) => commands::compare::run(args, output),
        Command::Fleet(args) => commands::fleet::run(args, output),
        #[cfg(feature = "network")]
        Command::Capture(args) => commands::capture::run(args, output),
        Command::Inspect(args) => commands::inspect::run(args, output),
        Command::Bundle(args) => commands::bundle::run(args, output),
        Command::Compose(args) => commands::compose::run(args, output),
        Command::Collateral(args) => commands::collateral::run(args, output),
        Command::Policy(args) => commands::policy::run(args, output),
        Command::Explain(args) => commands::explain::run(args, output),
        #[cfg(feature = "release")]
        Command::Version(args) => commands::version::run(args, output),
        Command::Completions(args) => commands::generate::completions(args, output),
        Command::Man => commands::generate::man(output),
    }
}
