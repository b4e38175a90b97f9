//! What figures were taken on.

use std::fs;

/// Processor, cores and system, as a table's heading names them.
pub fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            line.split_once(':').map(|(_, name)| name.trim().to_owned())
        })
        .unwrap_or_else(|| "an unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{processor}, {cores} cores, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// How the programs were built, for readers of their figures.
pub const fn build() -> &'static str {
    if cfg!(debug_assertions) {
        "**a debug build, whose figures mean nothing**"
    } else {
        "the release profile (O3, fat LTO, one codegen unit) for all of them"
    }
}
