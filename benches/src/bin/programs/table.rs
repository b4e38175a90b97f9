//! The figures as a table.

use std::fmt::Write as _;

/// What a row should reach.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// It is there to compare with.
    None,
    /// At most this part of the baseline's time.
    AtMost(f64),
}

/// A row, with a time for each round.
pub(crate) struct Row<'a> {
    name: &'static str,
    times: &'a [f64],
    goal: Goal,
}

impl<'a> Row<'a> {
    pub(crate) const fn new(name: &'static str, times: &'a [f64], goal: Goal) -> Self {
        Self { name, times, goal }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.get(values.len() / 2).copied();
    middle.expect("at least one round")
}

/// A Markdown table, whose ratios are to the times of a baseline in the same round.
pub(crate) fn table(heading: &str, of: &str, baseline: &[f64], rows: &[Row<'_>]) -> String {
    let mut out = format!("| {heading} | µs | {of} | goal | |\n|---|---:|---:|---|---|\n");
    for row in rows {
        let ratios = row
            .times
            .iter()
            .zip(baseline)
            .map(|(ours, theirs)| ours / theirs);
        let (time, ratio) = (median(row.times.to_vec()), median(ratios.collect()));
        let (goal, met) = match row.goal {
            Goal::None => (String::new(), ""),
            Goal::AtMost(limit) if ratio <= limit => (format!("≤ {limit:.2}"), "met"),
            Goal::AtMost(limit) => (format!("≤ {limit:.2}"), "not met"),
        };
        writeln!(
            out,
            "| {} | {time:.0} | {ratio:.3} | {goal} | {met} |",
            row.name
        )
        .expect("a string takes everything");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_inside_a_round() {
        let (theirs, ours) = ([100.0, 1000.0, 10.0], [40.0, 400.0, 10.0]);
        let rows = [
            Row::new("theirs", &theirs, Goal::None),
            Row::new("ours", &ours, Goal::AtMost(0.45)),
            Row::new("late", &theirs, Goal::AtMost(0.99)),
        ];
        let table = table("what", "of theirs", &theirs, &rows);
        assert!(
            table.contains("| theirs | 100 | 1.000 |  |  |\n"),
            "{table}"
        );
        assert!(
            table.contains("| ours | 40 | 0.400 | ≤ 0.45 | met |\n"),
            "{table}"
        );
        assert!(
            table.contains("| late | 100 | 1.000 | ≤ 0.99 | not met |\n"),
            "{table}"
        );
    }
}
