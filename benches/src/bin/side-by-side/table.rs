//! The figures as a table.

use std::fmt::Write as _;

use crate::cases::{BASELINE, Case, Target};

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(sorted.len() / 2)
        .copied()
        .expect("at least one round")
}

/// A Markdown table of all cases.
pub(crate) fn of(cases: &[Case], times: &[Vec<f64>]) -> String {
    let of = |name: &str| {
        cases
            .iter()
            .zip(times)
            .find(|(case, _)| case.name == name)
            .map(|(_, times)| times)
            .expect("a case of that name")
    };
    let baseline = of(BASELINE);
    let mut out = String::from("| case | µs | of dcap-qvl | goal | |\n|---|---:|---:|---|---|\n");
    for (case, times) in cases.iter().zip(times) {
        let ratios: Vec<f64> = times
            .iter()
            .zip(baseline)
            .map(|(ours, theirs)| ours / theirs)
            .collect();
        let beside: Vec<f64> = case.minus.map_or_else(Vec::new, |name| {
            times
                .iter()
                .zip(of(name))
                .map(|(all, part)| all - part)
                .collect()
        });
        let (time, ratio) = if beside.is_empty() {
            (median(times), median(&ratios))
        } else {
            let time = median(&beside);
            (time, time / median(baseline))
        };
        let (goal, met) = match case.target {
            Target::None => (String::new(), String::new()),
            Target::Ratio(limit) => (format!("≤ {limit:.2}"), met(ratio <= limit)),
            Target::Times(times) => (
                format!("≥ {times}× faster"),
                format!("{:.1}×, {}", 1.0 / ratio, met(1.0 / ratio >= times)),
            ),
            Target::Microseconds(limit) => (format!("≤ {limit} µs"), met(time <= limit)),
        };
        writeln!(
            out,
            "| {} | {time:.1} | {ratio:.3} | {goal} | {met} |",
            case.name
        )
        .expect("a string takes everything");
    }
    out
}

fn met(met: bool) -> String {
    String::from(if met { "met" } else { "not met" })
}
