//! The transcript: policy, checks, anchors, measurements, and one headline.

use teeproof_bindings::{CheckAnswer, StatementAnswer, VerifyAnswer};

use crate::failure::Failure;
use crate::layout::{pad, row as value_row, wrapped};
use crate::output::Output;
use crate::paint::Line;

/// Prints one answer.
pub(crate) fn print(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let kind = answer.input.kind.as_deref().unwrap_or("unknown");
    output.line(
        Line::new()
            .bold("Evidence")
            .plain(format!(" {} ({kind})", answer.input.name)),
    )?;
    output.line(format!(
        "  judged at     {} ({})",
        answer.at,
        source(answer)
    ))?;
    output.line(format!(
        "  trust anchor  {} ({})",
        if answer.trust_anchor.intel {
            "Intel SGX Root CA"
        } else {
            "NOT INTEL'S: a test root"
        },
        short(&answer.trust_anchor.sha256)
    ))?;
    output.line(format!("  engines       {}", engines(answer)))?;
    for one in &answer.engine_disagreements {
        output.line(format!(
            "                {}: ours says {}, the other says {}",
            one.claim, one.ours, one.theirs
        ))?;
    }
    output.line("")?;
    policy(answer, output)?;
    output.line(Line::new().bold("Checks"))?;
    for check in &answer.checks {
        row(check, output)?;
    }
    output.line("")?;
    shortfall(answer, output)?;
    anchors(answer, output)?;
    facts(answer, output)?;
    needs(answer, output)?;
    tail(answer, output)
}

fn source(answer: &VerifyAnswer) -> &str {
    match answer.at_source.as_str() {
        "clock" => "the system clock",
        "given" => "given with --at",
        _ => "the bundle's own word",
    }
}

fn engines(answer: &VerifyAnswer) -> &'static str {
    match (
        answer.engines.as_str(),
        answer.engine_disagreements.is_empty(),
    ) {
        ("both", true) => "both, and they agree",
        ("both", false) => "both, and they DISAGREE",
        _ => "single",
    }
}

fn policy(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let name = answer.policy.name.as_deref().unwrap_or("without a name");
    output.line(
        Line::new()
            .bold("Policy in force:")
            .plain(format!(" {name} ({})", short(&answer.policy.digest))),
    )?;
    in_force(answer, output)?;
    output.line("")
}

/// What a policy says: first what it demands, refuses and accepts, then on one line what it leaves
/// open.
fn in_force(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let (open, said): (Vec<_>, Vec<_>) = answer
        .policy
        .statements
        .iter()
        .partition(|statement| statement.tone == "open");
    statements(said.into_iter(), output)?;
    if open.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = open.iter().map(|statement| statement.key).collect();
    wrapped(
        output,
        "  - ",
        &format!("Leaves open: {}.", keys.join(", ")),
    )
}

/// Sentences of a policy, with a word before those that loosen it.
pub(crate) fn statements<'a>(
    statements: impl Iterator<Item = &'a StatementAnswer>,
    output: &mut Output,
) -> Result<(), Failure> {
    for statement in statements {
        match statement.tone {
            tone @ ("unsafe" | "loosened") => {
                let lead = Line::new()
                    .plain("  ! ")
                    .word(tone, tone.to_uppercase())
                    .plain(": ");
                wrapped(output, lead, &statement.sentence)?;
            }
            _ => wrapped(output, "  - ", &statement.sentence)?,
        }
    }
    Ok(())
}

fn row(check: &CheckAnswer, output: &mut Output) -> Result<(), Failure> {
    let outcome = check.outcome;
    let label = match outcome {
        "not-requested" => "not asked",
        "passed" => "passed   ",
        "failed" => "failed   ",
        "skipped" => "skipped  ",
        other => other,
    };
    // A check that only waits for another says so at once: a report can have dozens of them.
    let waits = match (check.depends_on, outcome) {
        (Some(other), "failed" | "skipped") => Some(other),
        _ => None,
    };
    let remark = match (waits, check.anchor, outcome) {
        (Some(other), _, _) => format!(" (waits for {other})"),
        (None, Some(anchor), "passed" | "failed") => format!(" [{anchor}]"),
        _ => String::new(),
    };
    output.line(
        Line::new()
            .plain("  ")
            .word(outcome, label)
            .plain(" ")
            .plain(pad(check.id, 24))
            .plain(" ")
            .plain(check.title)
            .dim(remark),
    )?;
    if outcome == "not-requested" {
        return Ok(());
    }
    let indent = "            ";
    for (lead, value) in [
        ("            found     ", &check.found),
        ("            expected  ", &check.expected),
    ] {
        if let Some(value) = value {
            value_row(output, lead, value)?;
        }
    }
    if waits.is_none() && matches!(outcome, "failed" | "skipped") {
        for (name, sentence) in [("because", check.because), ("next", check.next)] {
            if let Some(sentence) = sentence {
                wrapped(output, format!("{indent}{name}: "), sentence)?;
            }
        }
    }
    Ok(())
}

fn shortfall(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let components = [
        ("platform", answer.tcb.platform.as_ref()),
        ("TDX module", answer.tcb.module.as_ref()),
        ("quoting enclave", answer.tcb.qe.as_ref()),
    ];
    let short: Vec<_> = components
        .into_iter()
        .filter_map(|(name, component)| Some((name, component?)))
        .filter(|(_, component)| !component.shortfall.is_empty())
        .collect();
    if short.is_empty() {
        return Ok(());
    }
    output.line(Line::new().bold("What is short of an up-to-date TCB"))?;
    for (name, component) in short {
        let missing: Vec<String> = component
            .shortfall
            .iter()
            .map(|one| format!("{} is {}, needs {}", one.component, one.have, one.need))
            .collect();
        wrapped(
            output,
            "  ",
            &format!(
                "{name}: {}, level of {}; {}; a grace counts from {}",
                component.status,
                component.tcb_date,
                missing.join(", "),
                component.grace_from
            ),
        )?;
    }
    output.line("")
}

fn anchors(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    output.line(Line::new().bold("What rests on what"))?;
    for anchor in &answer.anchors {
        let stands = if anchor.established {
            "stands"
        } else {
            "does not stand"
        };
        let below = if anchor.rests_on.is_empty() {
            String::new()
        } else {
            format!(" <- {}", anchor.rests_on.join(" + "))
        };
        output.line(format!("  {:<14}{below} ({stands})", anchor.anchor))?;
        wrapped(output, "      carries: ", anchor.carries)?;
    }
    output.line("")
}

fn facts(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    if let Some(measurements) = &answer.measurements {
        output.line(Line::new().bold("Measurements in the quote"))?;
        let rows = [
            ("MRTD", &measurements.mrtd),
            ("RTMR0", &measurements.rtmr0),
            ("RTMR1", &measurements.rtmr1),
            ("RTMR2", &measurements.rtmr2),
            ("RTMR3", &measurements.rtmr3),
            ("MRCONFIGID", &measurements.mr_config_id),
            ("MRENCLAVE", &measurements.mr_enclave),
            ("MRSIGNER", &measurements.mr_signer),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                output.line(format!("  {name:<11} {value}"))?;
            }
        }
        output.line(format!(
            "  {:<11} {}",
            "REPORTDATA", measurements.report_data
        ))?;
        output.line("")?;
    }
    if let Some(events) = &answer.events {
        output.line(
            Line::new()
                .bold("From the event log")
                .plain(format!(" [{}]", events.anchor)),
        )?;
        let provider = events.key_provider.as_ref();
        let rows = [
            ("compose hash", Some(events.compose_hash.clone())),
            ("app id", Some(events.app_id.clone())),
            (
                "instance id",
                Some(
                    events
                        .instance_id
                        .clone()
                        .unwrap_or_else(|| "none".to_owned()),
                ),
            ),
            (
                "key provider",
                provider.map(|provider| format!("{} {}", provider.kind, provider.id)),
            ),
            ("OS image", events.os_image_hash.clone()),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                output.line(format!("  {name:<13} {value}"))?;
            }
        }
        output.line("")?;
    }
    if let Some(nearest) = answer.os.as_ref().and_then(|os| os.nearest.as_ref()) {
        output.line(format!(
            "Nearest OS set: `{}`, which differs in {}",
            nearest.name,
            nearest.differs.join(", ")
        ))?;
        output.line("")?;
    }
    let claims = &answer.self_asserted;
    let mut said = Vec::new();
    said.extend(
        claims
            .label
            .as_ref()
            .map(|label| format!("label {}", label)),
    );
    said.extend(
        claims
            .captured_at
            .as_ref()
            .map(|at| format!("captured at {at}")),
    );
    said.extend(
        claims
            .challenge
            .as_ref()
            .map(|bytes| format!("challenge {bytes}")),
    );
    said.extend(
        claims
            .reported
            .iter()
            .map(|(name, value)| format!("{name} {value}")),
    );
    if !said.is_empty() {
        output.line(
            Line::new().bold("What the evidence says of itself [self-asserted, never evidence]"),
        )?;
        for line in said {
            wrapped(output, "  ", &line)?;
        }
        output.line("")?;
    }
    Ok(())
}

fn needs(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    if answer.needs.is_empty() {
        return Ok(());
    }
    output.line(Line::new().bold("Missing collateral (paths below Intel's service or a PCCS)"))?;
    for need in &answer.needs {
        output.line(format!("  {:<15} {}", need.kind, need.path))?;
    }
    output.line("")
}

fn tail(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let count = |outcome: &str| {
        answer
            .checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    };
    output.line(format!(
        "{} passed, {} failed, {} skipped, {} not asked",
        count("passed"),
        count("failed"),
        count("skipped"),
        count("not-requested")
    ))?;
    output.line(format!(
        "verdict digest {}",
        answer.verdict_digest.as_deref().unwrap_or("none")
    ))?;
    output.line(Line::new().word(&answer.verdict, answer.headline.as_str()))
}

fn short(digest: &str) -> String {
    let head: String = digest.chars().take(16).collect();
    format!("sha256 {head}…")
}
