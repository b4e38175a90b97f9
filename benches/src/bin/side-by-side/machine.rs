//! What the figures were taken on.

use std::fs;

/// A sentence about machine and method.
pub(crate) fn describe(rounds: usize) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            line.split_once(':').map(|(_, name)| name.trim().to_owned())
        })
        .unwrap_or_else(|| "an unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(debug_assertions) {
        "**a debug build, whose figures mean nothing**"
    } else {
        "the release profile (O3, fat LTO, one codegen unit) for all of them"
    };
    format!(
        "{processor}, {cores} cores, {} {}, teeproof {}; {build}. Processor time of one thread, \
         {rounds} rounds by turns, ratios taken inside a round, medians of both.\n",
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_VERSION"),
    )
}
