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
mod scaling;
mod table;

use std::path::Path;
use std::process::ExitCode;

/// Rounds of which the median is taken.
const ROUNDS: usize = 31;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (rounds, plots) = match arguments.as_slice() {
        [] => (Some(ROUNDS), None),
        [rounds] => (rounds.parse().ok(), None),
        [rounds, plots] => (rounds.parse().ok(), Some(plots)),
        _ => (None, None),
    };
    let Some(rounds) = rounds.filter(|rounds| *rounds > 0) else {
        eprintln!("usage: side-by-side [ROUNDS [FOLDER FOR PLOTS]]");
        return ExitCode::from(2);
    };
    let cases = cases::all();
    let times = clock::rounds(&cases, rounds);
    println!("{}", machine::describe(rounds));
    println!("{}", table::of(&cases, &times));
    for series in scaling::all(rounds < ROUNDS) {
        println!("{}", series.table());
        if let Some(folder) = plots {
            let path = Path::new(folder).join(series.file).with_extension("svg");
            if let Err(error) = std::fs::write(&path, series.svg()) {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
            println!("![{}]({}.svg)\n", series.of, series.file);
        }
    }
    ExitCode::SUCCESS
}
