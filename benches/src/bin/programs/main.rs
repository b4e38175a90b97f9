//! The figures of whole programs in `docs/performance.md`: what a verdict costs from the start of a
//! process to its end, and what a large batch takes. Prints Markdown. `cargo xtask bench` builds what
//! is compared and lays it into the folder that this program is given. See `benches/README.md`.

#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark whose input is wrong has nothing to measure, and printing is what it is for"
)]

mod batch;
mod child;
mod one;
mod table;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["one", rounds, folder] => match rounds.parse() {
            Ok(rounds) if rounds > 0 => {
                one::measure(rounds, Path::new(folder));
                ExitCode::SUCCESS
            }
            _ => usage(),
        },
        ["batch", folder] => batch::measure(folder),
        ["row", folder, engines] => {
            println!("{}", batch::row(Path::new(folder), engines));
            ExitCode::SUCCESS
        }
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: programs one ROUNDS FOLDER\n       programs batch FOLDER");
    ExitCode::from(2)
}
