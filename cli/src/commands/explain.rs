//! `teeproof explain`.

use teeproof_bindings::ExitCode;
use teeproof_core::{CheckId, Reason};

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::layout::wrapped;
use crate::output::Output;
use crate::paint::Line;

pub(crate) fn run(args: &ExplainArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let Some(id) = &args.id else {
        for check in CheckId::ALL {
            output.line(format!("{:<24} {}", check.id(), check.title()))?;
        }
        return Ok(ExitCode::Trusted);
    };
    if let Some(check) = CheckId::from_id(id) {
        output.line(Line::new().bold(format!(
            "{} ({}): {}",
            check.id(),
            check.number(),
            check.title()
        )))?;
        wrapped(output, "  A pass proves: ", check.proves())?;
        wrapped(output, "  Source: ", check.source())?;
        return Ok(ExitCode::Trusted);
    }
    let reason = Reason::ALL
        .iter()
        .find(|reason| reason.code() == id)
        .ok_or_else(|| Failure::Argument {
            name: "CHECK",
            problem: format!("`{id}` is neither a check nor the code of a reason"),
            next: "run `teeproof explain` for the list of checks",
        })?;
    output.line(Line::new().bold(reason.code()))?;
    wrapped(output, "  It means: ", &reason.to_string())?;
    wrapped(output, "  Next: ", reason.next_step())?;
    Ok(ExitCode::Trusted)
}
