//! Many quotes of many platforms, streamed from disk by `teeproof verify --batch`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::child::{microseconds, peak};

/// MiB that a batch may hold at most.
const GOAL: f64 = 32.0;

/// Prints the table: a row each with the second engine and without. Each is measured by a process of
/// its own, whose only child the batch is, since what is known of memory is the most of any child.
pub(crate) fn measure(folder: &str) -> ExitCode {
    println!(
        "{}, teeproof {}, {}; read from a file and written to one, the default memory of 4 MiB, a worker \
         for each core.\n",
        teeproof_benches::machine(),
        env!("CARGO_PKG_VERSION"),
        teeproof_benches::build(),
    );
    println!(
        "| second engine | quotes | quotes a second | µs of processor time each | peak MiB | goal | |"
    );
    println!("|---|---:|---:|---:|---:|---|---|");
    let own = std::env::current_exe().expect("a program knows its file");
    for engines in ["none", "all"] {
        let row = Command::new(&own).args(["row", folder, engines]).status();
        if !row.is_ok_and(|status| status.success()) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Judges what `many` of the forge has written into the folder, and gives a row about it.
pub(crate) fn row(folder: &Path, engines: &str) -> String {
    let many = folder.join("many");
    let quotes = many.join("quotes.ndjson");
    let at = fs::read_to_string(many.join("at")).expect("the instant of the quotes");
    let results = many.join("results.jsonl");
    let begun = Instant::now();
    let run = Command::new(folder.join("teeproof"))
        .args(["verify", "--second-engine", engines, "--at", &at, "--batch"])
        .arg(&quotes)
        .arg("--policy")
        .arg(many.join("policy.toml"))
        .arg("--root")
        .arg(many.join("root.der"))
        .arg("--collateral")
        .arg(many.join("collateral.json"))
        .stdin(Stdio::null())
        .stdout(File::create(&results).expect("a file of results"))
        .stderr(Stdio::piped())
        .output()
        .expect("the program that was built");
    let seconds = begun.elapsed().as_secs_f64();
    let (items, _) = count(&quotes);
    let (lines, proven) = count(&results);
    assert_eq!(
        (lines, proven),
        (items + 1, items),
        "a first line, and one for each quote: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    #[allow(
        clippy::cast_precision_loss,
        reason = "quotes are counted in thousands"
    )]
    let quotes = items as f64;
    let (each, rate) = (microseconds() / quotes, quotes / seconds);
    let peak = peak();
    let met = if peak <= GOAL { "met" } else { "not met" };
    format!("| {engines} | {items} | {rate:.0} | {each:.1} | {peak:.1} | ≤ {GOAL:.0} MiB | {met} |")
}

/// Lines of a file, and how many of them tell of a quote that was proven.
fn count(path: &Path) -> (usize, usize) {
    const PROVEN: &str = "\"tcbStatus\":\"UpToDate\"";
    let lines = BufReader::new(File::open(path).expect("a file of lines")).lines();
    lines.fold((0, 0), |(lines, proven), line| {
        let one = line.expect("a line").contains(PROVEN);
        (lines + 1, proven + usize::from(one))
    })
}
