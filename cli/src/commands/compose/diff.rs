//! `teeproof compose diff`.

use std::path::Path;

use serde::Serialize;
use teeproof_bindings::{ExitCode, parse_policy};
use teeproof_compose::{ApprovedSet, Change, ComposeDiff, Risk, Side, diff};
use teeproof_core::ComposeHash;

use super::app_compose;
use super::args::{DiffArgs, DiffFormat};
use crate::failure::{Failure, shown};
use crate::input::{Kind, read};
use crate::output::Output;
use crate::paint::Line;

/// Where the new hash was looked for.
struct Approval {
    /// The list or the policy.
    source: String,
    approved: bool,
    /// How many hashes stand there.
    hashes: usize,
}

pub(crate) fn run(args: &DiffArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    if args.old == args.new && args.old.as_os_str() == "-" {
        return Err(Failure::Argument {
            name: "NEW",
            problem: "standard input cannot be both documents".to_owned(),
            next: "give one of them as a file",
        });
    }
    let found = diff(&app_compose(&args.old)?, &app_compose(&args.new)?);
    let approvals = approvals(args, found.new)?;
    match args.format {
        DiffFormat::Text => text(&found, &approvals, output)?,
        DiffFormat::Json => output.json(&answer(&found, &approvals))?,
        DiffFormat::Markdown => {
            let lines: Vec<_> = approvals.iter().map(Approval::words).collect();
            output.text(&found.markdown(&lines))?;
        }
    }
    Ok(if approvals.iter().all(|one| one.approved) {
        ExitCode::Trusted
    } else {
        ExitCode::RejectedPolicy
    })
}

/// Looks for the hash in every set that was given.
fn approvals(args: &DiffArgs, hash: ComposeHash) -> Result<Vec<Approval>, Failure> {
    let mut all = Vec::new();
    if let Some(path) = &args.approved {
        let set = ApprovedSet::parse(&read(path, Kind::Approved)?).map_err(|error| {
            Failure::Approved {
                path: path.clone(),
                error,
            }
        })?;
        all.push(Approval::of(path, &set, hash));
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
        let set: ApprovedSet = hashes.iter().copied().map(ComposeHash::new).collect();
        all.push(Approval::of(path, &set, hash));
    }
    Ok(all)
}

impl Approval {
    fn of(path: &Path, set: &ApprovedSet, hash: ComposeHash) -> Self {
        Self {
            source: shown(path),
            approved: set.contains(hash),
            hashes: set.len(),
        }
    }

    fn words(&self) -> String {
        let Self { source, hashes, .. } = self;
        if self.approved {
            format!("approved: the new hash is one of the {hashes} in {source}")
        } else {
            format!("NOT approved: the new hash is none of the {hashes} in {source}")
        }
    }
}

fn text(found: &ComposeDiff, approvals: &[Approval], output: &mut Output) -> Result<(), Failure> {
    output.line(Line::new().bold(found.headline()))?;
    output.line(format!("  old hash  {}", found.old))?;
    output.line(format!("  new hash  {}", found.new))?;
    for approval in approvals {
        let word = if approval.approved {
            "passed"
        } else {
            "failed"
        };
        output.line(Line::new().plain("  ").word(word, approval.words()))?;
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiffAnswer {
    schema: &'static str,
    likeness: &'static str,
    headline: String,
    old_compose_hash: String,
    new_compose_hash: String,
    /// `null` where there is no change.
    risk: Option<&'static str>,
    first_difference: Option<usize>,
    remarks: Vec<String>,
    changes: Vec<ChangeAnswer>,
    omitted_changes: usize,
    /// `null` where no set was given.
    approved: Option<bool>,
    approvals: Vec<ApprovalAnswer>,
    exit_code: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeAnswer {
    id: &'static str,
    risk: &'static str,
    path: String,
    title: &'static str,
    sentence: String,
    why: &'static str,
    /// `null` where nothing stood.
    old: Option<SideAnswer>,
    /// `null` where nothing stands.
    new: Option<SideAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<LinesAnswer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum SideAnswer {
    Shown(String),
    Hidden(bool),
    Lines(usize),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinesAnswer {
    removed: usize,
    added: usize,
    shown: Vec<LineAnswer>,
    omitted: usize,
}

#[derive(Serialize)]
struct LineAnswer {
    sign: char,
    number: usize,
    text: String,
}

#[derive(Serialize)]
struct ApprovalAnswer {
    source: String,
    approved: bool,
    hashes: usize,
}

fn answer(found: &ComposeDiff, approvals: &[Approval]) -> DiffAnswer {
    let approved = approvals.iter().all(|one| one.approved);
    let code = if approved {
        ExitCode::Trusted
    } else {
        ExitCode::RejectedPolicy
    };
    DiffAnswer {
        schema: "teeproof.compose-diff/1",
        likeness: found.likeness.name(),
        headline: found.headline(),
        old_compose_hash: found.old.to_string(),
        new_compose_hash: found.new.to_string(),
        risk: found.risk().map(Risk::name),
        first_difference: found.first_difference,
        remarks: found.remarks(),
        changes: found.changes.iter().map(change).collect(),
        omitted_changes: found.omitted,
        approved: (!approvals.is_empty()).then_some(approved),
        approvals: approvals
            .iter()
            .map(|one| ApprovalAnswer {
                source: one.source.clone(),
                approved: one.approved,
                hashes: one.hashes,
            })
            .collect(),
        exit_code: code.number(),
    }
}

fn change(change: &Change) -> ChangeAnswer {
    let row = change.kind.row();
    let side = |side: &Side| match side {
        Side::Absent => None,
        Side::Shown(text) => Some(SideAnswer::Shown(text.clone())),
        Side::Hidden => Some(SideAnswer::Hidden(true)),
        Side::Lines(count) => Some(SideAnswer::Lines(*count)),
    };
    ChangeAnswer {
        id: row.id,
        risk: change.risk.name(),
        path: change.path.clone(),
        title: row.title,
        sentence: change.sentence(),
        why: row.why,
        old: side(&change.old),
        new: side(&change.new),
        lines: change.lines.as_ref().map(|lines| LinesAnswer {
            removed: lines.removed,
            added: lines.added,
            shown: lines
                .lines
                .iter()
                .map(|line| LineAnswer {
                    sign: line.sign.sign(),
                    number: line.number,
                    text: line.text.clone(),
                })
                .collect(),
            omitted: lines.omitted,
        }),
    }
}
