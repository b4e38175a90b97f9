//! Processor time, taken in rounds.

use rustix::time::{ClockId, clock_gettime};

use crate::cases::Case;

/// Microseconds of processor time that this thread has used.
fn microseconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    // A benchmark does not run long enough for a float to be too coarse.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let microseconds = now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3;
    microseconds
}

/// Runs all cases by turns, so that whatever slows the machine down slows down all of them. Gives
/// microseconds a run, by case and round.
pub(crate) fn rounds(cases: &[Case], rounds: usize) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for (case, times) in cases.iter().zip(&mut times) {
            // Once for the caches of the processor.
            (case.run)();
            let start = microseconds();
            for _ in 0..case.repeat {
                (case.run)();
            }
            times.push((microseconds() - start) / f64::from(case.repeat));
        }
    }
    times
}

/// Microseconds of one run.
pub(crate) fn once(run: impl FnOnce()) -> f64 {
    let start = microseconds();
    run();
    microseconds() - start
}
