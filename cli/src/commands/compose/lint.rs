//! `teeproof compose lint`.

use std::path::Path;

use teeproof_bindings::{ExitCode, LintAnswer, LintFindingAnswer, lint};
use teeproof_compose::{AppCompose, LintOptions, Suppressions};
use teeproof_core::{LintSeverity, Recognised, recognise};

use super::args::{Deny, LintArgs, LintFormat};
use crate::failure::{Failure, shown};
use crate::input::{Kind, read};
use crate::layout::wrapped;
use crate::output::Output;
use crate::paint::Line;

pub(crate) fn run(args: &LintArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let document = document(&args.input)?;
    let image = args.image.as_deref().map(str::parse).transpose();
    let options = LintOptions {
        image: image.map_err(|error| Failure::Argument {
            name: "--image",
            problem: format!("{error}"),
            next: "name the OS image that the app runs on",
        })?,
        suppressions: suppressions(args.suppress.as_deref())?,
    };
    let deny = match args.deny {
        Deny::None => None,
        Deny::Note => Some(LintSeverity::Note),
        Deny::Warning => Some(LintSeverity::Warning),
        Deny::Error => Some(LintSeverity::Error),
    };
    let answer = lint(&args.input.display().to_string(), &document, &options, deny);
    match args.format {
        LintFormat::Text => print(&answer, output)?,
        LintFormat::Json => output.json(&answer)?,
        LintFormat::Sarif => output.json_text(&teeproof_render::lint_sarif(&answer))?,
        LintFormat::Junit => output.text(&teeproof_render::lint_junit(&answer))?,
    }
    Ok(ExitCode::from_number(answer.exit_code).unwrap_or(ExitCode::Inconclusive))
}

fn suppressions(path: Option<&Path>) -> Result<Suppressions, Failure> {
    let Some(path) = path else {
        return Ok(Suppressions::default());
    };
    Suppressions::parse(&read(path, Kind::Suppressions)?).map_err(|error| Failure::Argument {
        name: "--suppress",
        problem: format!("{}: {error}", shown(path)),
        next: "write a table [[suppress]] with rule, reason and, for one service only, service",
    })
}

/// The document, or the one in evidence that brings it.
fn document(path: &Path) -> Result<AppCompose, Failure> {
    let bytes = read(path, Kind::Evidence)?;
    if let Ok(Recognised::Evidence(instances)) = recognise(&bytes) {
        let mut found: Vec<&[u8]> = instances
            .iter()
            .filter_map(|one| one.app_compose.as_deref())
            .collect();
        found.dedup();
        let [only] = found.as_slice() else {
            return Err(Failure::Argument {
                name: "APP_COMPOSE",
                problem: format!(
                    "{} is evidence with {} app-compose documents",
                    shown(path),
                    found.len()
                ),
                next: "give one app-compose document, or evidence of one app that brings it",
            });
        };
        return parsed(path, only);
    }
    parsed(path, &bytes)
}

fn parsed(path: &Path, bytes: &[u8]) -> Result<AppCompose, Failure> {
    AppCompose::parse(bytes).map_err(|error| Failure::Compose {
        path: path.to_owned(),
        error,
    })
}

fn print(answer: &LintAnswer, output: &mut Output) -> Result<(), Failure> {
    output.line(Line::new().bold(answer.headline.as_str()))?;
    output.line(format!("  compose hash {}", answer.compose_hash))?;
    let image = answer.image.as_deref();
    output.line(format!(
        "  image        {}",
        image.unwrap_or("not named, so no field is held against a version")
    ))?;
    let mut explained = None;
    for finding in &answer.findings {
        if explained != Some(&finding.rule) {
            output.line("")?;
            explained = Some(&finding.rule);
            heading(answer, finding, output)?;
        }
        output.line(place(finding))?;
        if let Some(reason) = &finding.suppressed {
            wrapped(output, "      suppressed: ", reason)?;
        }
    }
    for one in &answer.left_out {
        output.line("")?;
        output.line(format!("and {} more of {}", one.count, one.rule))?;
    }
    for one in &answer.unused_suppressions {
        output.line("")?;
        let service = one.service.as_ref();
        let of = service.map_or(String::new(), |service| format!(" in service {service}"));
        output.line(
            Line::new()
                .word("skipped", "unused suppression")
                .plain(format!(": no finding of {}{of}", one.rule)),
        )?;
    }
    Ok(())
}

fn heading(
    answer: &LintAnswer,
    finding: &LintFindingAnswer,
    output: &mut Output,
) -> Result<(), Failure> {
    let colour = match finding.severity.as_str() {
        "error" => "failed",
        "warning" => "skipped",
        _ => "",
    };
    output.line(
        Line::new()
            .word(colour, finding.severity.as_str())
            .bold(format!(" {}", finding.rule))
            .plain(format!(": {}", finding.title)),
    )?;
    if let Some(rule) = answer.rules.iter().find(|rule| rule.id == finding.rule) {
        wrapped(output, "  ", &rule.why)?;
        wrapped(output, "  next: ", &rule.next)?;
    }
    Ok(())
}

fn place(finding: &LintFindingAnswer) -> String {
    let place = match (finding.line, finding.column) {
        (Some(line), Some(column)) => format!(" (line {line} column {column})"),
        _ => String::new(),
    };
    let found = finding.found.as_ref();
    format!(
        "    {}{place}{}",
        finding.field,
        found.map_or(String::new(), |found| format!(": {found}"))
    )
}
