//! A fleet over time on a terminal: a line for each instance, what stands in the way, the calendar.

use std::collections::BTreeMap;

use teeproof_bindings::{FleetAnswer, FleetEventAnswer, SegmentAnswer};
use teeproof_render::event_summary;

use crate::failure::Failure;
use crate::layout::{pad, tail, wrapped};
use crate::output::Output;
use crate::paint::Line;

const NAME: usize = 40;
const NOW: usize = 14;
const UNTIL: usize = 22;
/// Names of instances that one event lists.
const NAMES: usize = 20;

pub(crate) fn print(answer: &FleetAnswer, output: &mut Output) -> Result<(), Failure> {
    head(answer, output)?;
    let title = |word: &str| {
        format!(
            "{word:<NAME$}{:<NOW$}{:<UNTIL$}then",
            "now", "acceptable until"
        )
    };
    output.line(Line::new().bold(title("instance")))?;
    for instance in &answer.instances {
        match &instance.error {
            Some(error) => {
                let lead = Line::new()
                    .plain(column(&instance.name))
                    .word("unreadable", "unreadable    ");
                wrapped(output, lead, &error.message)?;
            }
            None => row(&instance.name, &instance.segments, output)?,
        }
        if instance.what_if != instance.segments {
            row("  under what is supposed", &instance.what_if, output)?;
        }
    }
    if answer.what_if.is_some() {
        output.line("")?;
        output.line("Where no second line stands, what is supposed changes nothing.")?;
    }
    refused(answer, output)?;
    calendar(answer, output)?;
    output.line("")?;
    output.line(format!("engines: {}", engines(answer)))?;
    output.line("")?;
    let word = if answer.simulated {
        "simulated"
    } else {
        tone(answer)
    };
    output.line(Line::new().word(word, answer.headline.clone()))
}

fn head(answer: &FleetAnswer, output: &mut Output) -> Result<(), Failure> {
    let name = answer
        .policy
        .name
        .as_deref()
        .map_or_else(String::new, |name| format!("`{name}`, "));
    output.line(format!("from    {}", answer.from))?;
    output.line(format!("until   {}", answer.until))?;
    output.line(format!("policy  {name}digest {}", answer.policy.digest))?;
    if let Some(what_if) = &answer.what_if {
        for supposition in &what_if.suppositions {
            wrapped(output, "if      ", supposition)?;
        }
        output.line(format!(
            "        then the policy's digest is {}",
            what_if.policy.digest
        ))?;
    }
    output.line("")
}

const fn tone(answer: &FleetAnswer) -> &'static str {
    match answer.exit_code {
        0 => "trusted",
        3 => "genuine",
        6 => "inconclusive",
        _ => "failed",
    }
}

fn engines(answer: &FleetAnswer) -> &'static str {
    match answer.engines.as_deref() {
        Some("both") => "both, on every instance at every instant that was judged",
        Some("single") => "one only, on every instance at every instant that was judged",
        Some(_) => "both on some, one on others; --format json says which",
        None => "none: nothing was judged",
    }
}

fn row(name: &str, segments: &[SegmentAnswer], output: &mut Output) -> Result<(), Failure> {
    let Some(first) = segments.first() else {
        return Ok(());
    };
    let other = segments
        .iter()
        .find(|one| one.acceptable != first.acceptable);
    let (until, then) = match (first.acceptable, other) {
        (true, None) => ("to the end".to_owned(), String::new()),
        (true, Some(next)) => {
            let last = segments.iter().take_while(|one| one.acceptable).last();
            let until = last.map_or_else(String::new, |last| last.until.clone());
            (until, standing(next))
        }
        (false, None) => ("not once".to_owned(), standing(first)),
        (false, Some(next)) => (format!("from {}", day(&next.from)), standing(first)),
    };
    let line = Line::new()
        .plain(column(name))
        .word(&first.verdict, format!("{:<NOW$}", first.verdict))
        .plain(format!("{until:<UNTIL$}"));
    output.line(line.plain(then))
}

fn day(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}

fn standing(segment: &SegmentAnswer) -> String {
    let reason = segment.reason.as_deref().unwrap_or(&segment.verdict);
    if segment.supposed {
        format!("{reason} (supposed)")
    } else {
        reason.to_owned()
    }
}

fn column(name: &str) -> String {
    pad(&tail(name, NAME.saturating_sub(2)), NAME)
}

/// Why what is not acceptable at the first instant is not, each reason once.
fn refused(answer: &FleetAnswer, output: &mut Output) -> Result<(), Failure> {
    let firsts = answer
        .instances
        .iter()
        .flat_map(|instance| [instance.segments.first(), instance.what_if.first()]);
    let mut causes: BTreeMap<(&str, &str), &SegmentAnswer> = BTreeMap::new();
    for first in firsts.flatten() {
        if let (Some(check), Some(reason)) = (&first.check, &first.reason) {
            causes.insert((check, reason), first);
        }
    }
    if causes.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line(Line::new().bold("Not acceptable at the first instant"))?;
    for ((check, reason), first) in causes {
        let because = first.because.as_deref().unwrap_or_default();
        let lead = Line::new().plain("  ").word("failed", reason).plain("  ");
        wrapped(output, lead, &format!("{because} ({check})"))?;
        let next = first.next.as_deref().unwrap_or_default();
        wrapped(output, "    next: ", next)?;
    }
    Ok(())
}

fn calendar(answer: &FleetAnswer, output: &mut Output) -> Result<(), Failure> {
    output.line("")?;
    output.line(Line::new().bold("Calendar"))?;
    if answer.calendar.is_empty() {
        return output.line("  nothing happens until then");
    }
    for event in &answer.calendar {
        let word = match event.kind.as_str() {
            "stops" => "failed",
            "begins" => "passed",
            _ => "",
        };
        let lead = Line::new()
            .plain("  ")
            .word(word, event.at.clone())
            .plain("  ");
        wrapped(output, lead, &event_summary(answer, event))?;
        details(answer, event, output)?;
    }
    Ok(())
}

fn details(
    answer: &FleetAnswer,
    event: &FleetEventAnswer,
    output: &mut Output,
) -> Result<(), Failure> {
    const LEAD: &str = "                        ";
    if event.kind != "ends" && !event.ended.is_empty() {
        wrapped(output, LEAD, &format!("ended: {}", event.ended.join(", ")))?;
    }
    if let Some(next) = &event.next {
        wrapped(output, LEAD, &format!("next: {next}"))?;
    }
    let all = event.instances.len() == answer.instances.len();
    if event.kind == "ends" || event.instances.len() < 2 || all {
        return Ok(());
    }
    let names = event
        .instances
        .iter()
        .filter_map(|place| answer.instances.get(*place));
    for instance in names.take(NAMES) {
        output.line(format!("{LEAD}- {}", instance.name))?;
    }
    let more = event.instances.len().saturating_sub(NAMES);
    if more != 0 {
        output.line(format!("{LEAD}  and {more} more"))?;
    }
    Ok(())
}
