//! `teeproof compose diff`.

use teeproof_bindings::{ApprovalAnswer, ExitCode, compose_diff, parse_policy};
use teeproof_compose::{ApprovedSet, ComposeDiff, Risk, diff};
use teeproof_core::ComposeHash;

use super::app_compose;
use super::args::{DiffArgs, DiffFormat};
use crate::failure::{Failure, shown};
use crate::input::{Kind, read};
use crate::output::Output;
use crate::paint::Line;

/// A set of approved hashes, and what it is called.
type Named = (String, ApprovedSet);

pub(crate) fn run(args: &DiffArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    if args.old == args.new && args.old.as_os_str() == "-" {
        return Err(Failure::Argument {
            name: "NEW",
            problem: "standard input cannot be both documents".to_owned(),
            next: "give one of them as a file",
        });
    }
    let found = diff(&app_compose(&args.old)?, &app_compose(&args.new)?);
    let answer = compose_diff(&found, &sets(args)?);
    match args.format {
        DiffFormat::Text => text(&found, &answer.approvals, output)?,
        DiffFormat::Json => output.json(&answer)?,
        DiffFormat::Markdown => {
            let lines = answer
                .approvals
                .iter()
                .flat_map(|one| std::iter::once(words(one)).chain(predicted_words(one)));
            output.text(&found.markdown(&lines.collect::<Vec<_>>()))?;
        }
    }
    Ok(if answer.approved.unwrap_or(true) {
        ExitCode::Trusted
    } else {
        ExitCode::RejectedPolicy
    })
}

/// Every set that the hashes are looked for in.
fn sets(args: &DiffArgs) -> Result<Vec<Named>, Failure> {
    let mut all = Vec::new();
    if let Some(path) = &args.approved {
        let set = ApprovedSet::parse(&read(path, Kind::Approved)?).map_err(|error| {
            Failure::Approved {
                path: path.clone(),
                error,
            }
        })?;
        all.push((shown(path), set));
    }
    if let Some(path) = &args.policy {
        let policy = parse_policy(&read(path, Kind::Policy)?).map_err(|error| Failure::Policy {
            path: path.clone(),
            error,
        })?;
        let Some(hashes) = &policy.app().compose_hashes else {
            return Err(Failure::Argument {
                name: "--policy",
                problem: format!("{} pins no compose hash", shown(path)),
                next: "add `compose-hashes` to its section `[app]`, or leave --policy out",
            });
        };
        let set = hashes.iter().copied().map(ComposeHash::new).collect();
        all.push((shown(path), set));
    }
    Ok(all)
}

fn words(approval: &ApprovalAnswer) -> String {
    let ApprovalAnswer { source, hashes, .. } = approval;
    if approval.approved {
        format!("approved: the new hash is one of the {hashes} in {source}")
    } else {
        format!("NOT approved: the new hash is none of the {hashes} in {source}")
    }
}

/// What the exit code does not tell.
fn predicted_words(approval: &ApprovalAnswer) -> impl Iterator<Item = String> {
    let ApprovalAnswer { source, hashes, .. } = approval;
    approval.predicted.iter().map(move |one| {
        let not = if one.approved { "" } else { "NOT " };
        let hash = &one.compose_hash;
        format!("the predicted hash {hash} is {not}one of the {hashes} in {source}")
    })
}

fn text(
    found: &ComposeDiff,
    approvals: &[ApprovalAnswer],
    output: &mut Output,
) -> Result<(), Failure> {
    output.line(Line::new().bold(found.headline()))?;
    output.line(format!("  old hash  {}", found.old))?;
    output.line(format!("  new hash  {}", found.new))?;
    for one in &found.predicted {
        if let Ok(hash) = one.hash {
            output.line(format!("  predicted {hash}  by {}", one.names()))?;
        }
    }
    for approval in approvals {
        let word = if approval.approved {
            "passed"
        } else {
            "failed"
        };
        output.line(Line::new().plain("  ").word(word, words(approval)))?;
        for words in predicted_words(approval) {
            output.line(format!("  note: {words}"))?;
        }
    }
    for remark in found.remarks() {
        output.line(format!("  note: {remark}"))?;
    }
    for change in &found.changes {
        let row = change.kind.row();
        let word = match change.risk {
            Risk::High => "failed",
            Risk::Review => "skipped",
            Risk::Low | Risk::None => "",
        };
        output.line("")?;
        output.line(
            Line::new()
                .word(word, format!("{:<6}", change.risk.name()))
                .plain("  ")
                .bold(row.title)
                .dim(format!("  {}", row.id)),
        )?;
        output.line(format!("        {}: {}", change.path, change.sentence()))?;
        output.line(Line::new().dim(format!("        why: {}", row.why)))?;
        if let Some(lines) = &change.lines {
            for line in &lines.lines {
                output.line(format!(
                    "        {:>5} {} {}",
                    line.number,
                    line.sign.sign(),
                    line.text
                ))?;
            }
            if lines.omitted > 0 {
                output.line(format!(
                    "        {} more lines are not shown",
                    lines.omitted
                ))?;
            }
        }
    }
    Ok(())
}
