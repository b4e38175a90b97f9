//! The figures of `docs/performance.md`: ours and other verifiers on the same real quote, by turns in
//! one process, in processor time. Prints Markdown. See `benches/README.md`.

#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark whose input is wrong has nothing to measure, and printing is what it is for"
)]

mod cases;
mod clock;
mod machine;
mod table;

use std::process::ExitCode;

/// Rounds of which the median is taken.
const ROUNDS: usize = 31;

fn main() -> ExitCode {
    let rounds = match std::env::args().nth(1) {
        None => Some(ROUNDS),
        Some(number) => number.parse().ok().filter(|rounds| *rounds > 0),
    };
    let Some(rounds) = rounds else {
        eprintln!("usage: side-by-side [ROUNDS]");
        return ExitCode::from(2);
    };
    let cases = cases::all();
    let times = clock::rounds(&cases, rounds);
    println!("{}", machine::describe(rounds));
    println!("{}", table::of(&cases, &times));
    ExitCode::SUCCESS
}
