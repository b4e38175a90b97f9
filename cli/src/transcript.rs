//! The transcript: policy, checks, anchors, measurements, and one headline.

use serde_json::Value;
use teeproof_bindings::{Answer, CheckAnswer, VerifyAnswer};

use crate::failure::Failure;
use crate::output::Output;

const WIDTH: usize = 100;

/// Prints one answer.
pub(crate) fn print(answer: &Answer, output: &mut Output) -> Result<(), Failure> {
    match answer {
        Answer::Verified(answer) => verified(answer, output),
        Answer::Unreadable(answer) => {
            output.line(format!("{}: no verdict", plain(&answer.input.name)))?;
            wrapped(output, "  ", &answer.error.message)?;
            output.line("  next: capture the evidence of this instance again")
        }
    }
}

fn verified(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    let kind = answer.input.kind.as_deref().unwrap_or("unknown");
    output.line(format!(
        "{} {} ({kind})",
        paint.bold("Evidence"),
        plain(&answer.input.name)
    ))?;
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
    output.line("")?;
    policy(answer, output)?;
    output.line(paint.bold("Checks"))?;
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
    let paint = output.paint();
    let name = answer.policy.name.as_deref().unwrap_or("without a name");
    output.line(format!(
        "{} {} ({})",
        paint.bold("Policy in force:"),
        plain(name),
        short(&answer.policy.digest)
    ))?;
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
    let keys: Vec<&str> = open
        .iter()
        .map(|statement| statement.key.as_str())
        .collect();
    wrapped(
        output,
        "  - ",
        &format!("Leaves open: {}.", keys.join(", ")),
    )
}

/// Sentences of a policy, with a word before those that loosen it.
pub(crate) fn statements<'a>(
    statements: impl Iterator<Item = &'a teeproof_bindings::StatementAnswer>,
    output: &mut Output,
) -> Result<(), Failure> {
    let paint = output.paint();
    for statement in statements {
        match statement.tone.as_str() {
            tone @ ("unsafe" | "loosened") => {
                let word = paint.word(tone, &tone.to_uppercase());
                wrapped(output, "  ! ", &format!("{word}: {}", statement.sentence))?;
            }
            _ => wrapped(output, "  - ", &statement.sentence)?,
        }
    }
    Ok(())
}

fn row(check: &CheckAnswer, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    let outcome = check.outcome.as_str();
    let label = match outcome {
        "not-requested" => "not asked",
        other => other,
    };
    let anchor = match (check.anchor.as_deref(), outcome) {
        (Some(anchor), "passed" | "failed") => format!(" [{anchor}]"),
        _ => String::new(),
    };
    output.line(format!(
        "  {} {:<24} {}{}",
        paint.word(outcome, &format!("{label:<9}")),
        check.id,
        check.title,
        paint.dim(&anchor)
    ))?;
    let indent = "            ";
    let detailed = matches!(outcome, "failed" | "skipped");
    if outcome == "not-requested" {
        return Ok(());
    }
    if let Some(found) = &check.found {
        values(output, indent, "found", found)?;
    }
    if let Some(expected) = &check.expected {
        values(output, indent, "expected", expected)?;
    }
    if let Some(depends_on) = check.depends_on.as_ref().filter(|_| detailed) {
        return wrapped(
            output,
            indent,
            &format!("because: {depends_on} has not passed"),
        );
    }
    if let Some(because) = check.because.as_ref().filter(|_| detailed) {
        wrapped(output, indent, &format!("because: {because}"))?;
    }
    if let Some(next) = check.next.as_ref().filter(|_| detailed) {
        wrapped(output, indent, &format!("next: {next}"))?;
    }
    Ok(())
}

fn values(
    output: &mut Output,
    indent: &str,
    name: &str,
    value: &teeproof_bindings::ValueAnswer,
) -> Result<(), Failure> {
    let value = serde_json::to_value(value).unwrap_or(Value::Null);
    let lead = format!("{indent}{name:<9} ");
    let whole = inline(&value);
    let Value::Object(fields) = &value else {
        return wrapped(output, &lead, &whole);
    };
    if lead.chars().count().saturating_add(whole.chars().count()) <= WIDTH {
        return wrapped(output, &lead, &whole);
    }
    // Too much for a line: one field each, so that registers stay whole.
    let blank = " ".repeat(lead.chars().count());
    for (index, (field, value)) in fields.iter().enumerate() {
        let lead = if index == 0 { &lead } else { &blank };
        output.line(format!("{lead}{field} {}", inline(value)))?;
    }
    Ok(())
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", inline(value)))
            .collect::<Vec<_>>()
            .join("; "),
    }
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
    let paint = output.paint();
    output.line(paint.bold("What is short of an up-to-date TCB"))?;
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
                "{name}: {} of {}; up to date since {}: {}",
                component.status,
                component.tcb_date,
                component.grace_from,
                missing.join(", ")
            ),
        )?;
    }
    output.line("")
}

fn anchors(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    output.line(paint.bold("What rests on what"))?;
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
        wrapped(output, "      carries: ", &anchor.carries)?;
    }
    output.line("")
}

fn facts(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    if let Some(measurements) = &answer.measurements {
        output.line(paint.bold("Measurements in the quote"))?;
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
        output.line(format!(
            "{} [{}]",
            paint.bold("From the event log"),
            events.anchor
        ))?;
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
                provider.map(|provider| format!("{} {}", plain(&provider.kind), provider.id)),
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
            "Nearest OS set: `{}`, which differs in {}\n",
            plain(&nearest.name),
            nearest.differs.join(", ")
        ))?;
    }
    let claims = &answer.self_asserted;
    let mut said = Vec::new();
    said.extend(
        claims
            .label
            .as_ref()
            .map(|label| format!("label {}", plain(label))),
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
            .map(|(name, value)| format!("{} {}", plain(name), plain(value))),
    );
    if !said.is_empty() {
        output
            .line(paint.bold("What the evidence says of itself [self-asserted, never evidence]"))?;
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
    let paint = output.paint();
    output.line(paint.bold("Missing collateral (paths below Intel's service or a PCCS)"))?;
    for need in &answer.needs {
        output.line(format!("  {:<15} {}", need.kind, need.path))?;
    }
    output.line("")
}

fn tail(answer: &VerifyAnswer, output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
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
    output.line(paint.word(&answer.verdict, &answer.headline))
}

/// One line for each of several inputs, then the count of each verdict.
pub(crate) fn summary(answers: &[Answer], output: &mut Output) -> Result<(), Failure> {
    let paint = output.paint();
    output.line("")?;
    output.line(paint.bold(&format!("Summary of {} inputs", answers.len())))?;
    for answer in answers {
        let (verdict, name) = match answer {
            Answer::Verified(answer) => (answer.verdict.as_str(), &answer.input.name),
            Answer::Unreadable(answer) => ("unreadable", &answer.input.name),
        };
        output.line(format!(
            "  {} {}",
            paint.word(verdict, &format!("{verdict:<13}")),
            plain(name)
        ))?;
    }
    Ok(())
}

/// A tree of values as indented lines.
pub(crate) fn tree(value: &Value, depth: usize, output: &mut Output) -> Result<(), Failure> {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Null => {}
                    Value::Object(inner) if inner.is_empty() => {}
                    Value::Array(items) if items.is_empty() => {}
                    Value::Object(_) | Value::Array(_) => {
                        output.line(format!("{indent}{name}:"))?;
                        tree(value, depth.saturating_add(1), output)?;
                    }
                    scalar => output.line(format!("{indent}{name}: {}", inline(scalar)))?,
                }
            }
            Ok(())
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::Object(fields) if fields.values().all(is_scalar) => {
                        output.line(format!("{indent}- {}", inline(item)))?;
                    }
                    Value::Object(_) | Value::Array(_) => {
                        output.line(format!("{indent}-"))?;
                        tree(item, depth.saturating_add(1), output)?;
                    }
                    scalar => output.line(format!("{indent}- {}", inline(scalar)))?,
                }
            }
            Ok(())
        }
        scalar => output.line(format!("{indent}{}", inline(scalar))),
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

fn short(digest: &str) -> String {
    let head: String = digest.chars().take(16).collect();
    format!("sha256 {head}…")
}

/// Untrusted text for a terminal: no control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .collect()
}

/// Prints text under an indent, wrapped at spaces; what has none is left whole, to be copied.
fn wrapped(output: &mut Output, indent: &str, text: &str) -> Result<(), Failure> {
    let width = WIDTH.saturating_sub(indent.chars().count());
    let follow = " ".repeat(indent.chars().count());
    let mut line = String::new();
    let mut first = true;
    for word in text.split(' ') {
        let length = line.chars().count().saturating_add(word.chars().count());
        if !line.is_empty() && length.saturating_add(1) > width {
            let lead = if first { indent } else { &follow };
            output.line(format!("{lead}{line}"))?;
            first = false;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let lead = if first { indent } else { &follow };
    output.line(format!("{lead}{line}"))
}
