//! `teeproof policy init|explain`.

use teeproof_bindings::{ExitCode, explain_policy};
use teeproof_core::Policy;

use crate::args::{Format, PolicyArgs, PolicyCommand};
use crate::failure::Failure;
use crate::judge::policy_file;
use crate::output::Output;
use crate::transcript;

pub(crate) fn run(args: &PolicyArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    match &args.command {
        PolicyCommand::Init => output.block(Policy::TEMPLATE)?,
        PolicyCommand::Explain { input, format } => {
            let policy = input
                .as_deref()
                .map_or_else(|| Ok(Policy::default()), policy_file)?;
            let answer = explain_policy(&policy);
            match format {
                Format::Json => output.json(&answer)?,
                Format::Text => {
                    transcript::statements(answer.statements.iter(), output)?;
                    output.line(format!("policy digest {}", answer.digest))?;
                }
            }
        }
    }
    Ok(ExitCode::Trusted)
}
