//! `teeproof explain`.

use teeproof_bindings::ExitCode;
use teeproof_core::{CheckId, Reason};

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let paint = output.paint();
    let Some(id) = &args.id else {
        for check in CheckId::ALL {
            output.line(format!("{:<24} {}", check.id(), check.title()))?;
        }
        return Ok(ExitCode::Trusted);
    };
    if let Some(check) = CheckId::from_id(id) {
        output.line(paint.bold(&format!(
            "{} ({}): {}",
            check.id(),
            check.number(),
            check.title()
        )))?;
        output.line(format!("  A pass proves: {}", check.proves()))?;
        output.line(format!("  Source: {}", check.source()))?;
        return Ok(ExitCode::Trusted);
    }
    let reason = Reason::ALL
        .iter()
        .find(|reason| reason.code() == id)
        .ok_or_else(|| Failure::Argument {
            name: "CHECK",
            problem: "no check and no reason of this name".to_owned(),
            next: "run `teeproof explain` for the list of checks",
        })?;
    output.line(paint.bold(reason.code()))?;
    output.line(format!("  It means: {reason}"))?;
    output.line(format!("  Next: {}", reason.next_step()))?;
    Ok(ExitCode::Trusted)
}
