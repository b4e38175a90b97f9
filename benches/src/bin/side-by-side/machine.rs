//! What the figures were taken on.

/// A sentence about machine and method.
pub(crate) fn describe(rounds: usize) -> String {
    format!(
        "{}, teeproof {}; {}. Processor time of one thread, {rounds} rounds by turns, ratios taken \
         inside a round, medians of both.\n",
        teeproof_benches::machine(),
        env!("CARGO_PKG_VERSION"),
        teeproof_benches::build(),
    )
}
