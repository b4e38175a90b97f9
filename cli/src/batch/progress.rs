//! One line of progress, for a person who watches.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::source::Size;

/// How often it is written at most.
const STEP: Duration = Duration::from_millis(200);

/// A line on standard error that is written over and over. Nothing where that is no terminal.
pub(super) struct Progress {
    size: Size,
    started: Instant,
    shown: Option<Instant>,
    silent: bool,
}

impl Progress {
    pub(super) fn of(size: Size) -> Self {
        Self {
            size,
            started: Instant::now(),
            shown: None,
            silent: !std::io::stderr().is_terminal(),
        }
    }

    /// So many items are done, and so many bytes of the source are read.
    pub(super) fn show(&mut self, items: u64, bytes: u64) {
        if self.silent || self.shown.is_some_and(|at| at.elapsed() < STEP) {
            return;
        }
        self.shown = Some(Instant::now());
        let text = line(self.size, items, bytes, self.started.elapsed());
        let _ = write!(std::io::stderr().lock(), "\r{text}\u{1b}[K");
    }

    pub(super) fn clear(&self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn line(size: Size, items: u64, bytes: u64, elapsed: Duration) -> String {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let rate = items.saturating_mul(1000).checked_div(millis).unwrap_or(0);
    let (part, whole) = match size {
        Size::Items(whole) => (items, whole),
        Size::Bytes(whole) => (bytes, whole),
        Size::Unknown => (0, 0),
    };
    let done = match size {
        Size::Items(whole) => format!("{items} of {whole}"),
        Size::Bytes(_) | Size::Unknown => format!("{items} done"),
    };
    let percent = part.saturating_mul(100).checked_div(whole);
    let left = millis
        .saturating_mul(whole.saturating_sub(part))
        .checked_div(part)
        .filter(|_| whole > 0);
    match (percent, left) {
        (Some(percent), Some(left)) => {
            format!(
                "{done}, {}%, {rate}/s, {} left",
                percent.min(100),
                clock(left)
            )
        }
        _ => format!("{done}, {rate}/s"),
    }
}

/// Milliseconds as people say them.
fn clock(millis: u64) -> String {
    let seconds = millis.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_always_and_an_end_where_the_size_is_known() {
        let of =
            |size, items, bytes, seconds| line(size, items, bytes, Duration::from_secs(seconds));
        assert_eq!(
            of(Size::Items(400), 100, 0, 10),
            "100 of 400, 25%, 10/s, 0:30 left"
        );
        assert_eq!(
            of(Size::Bytes(1000), 3, 10, 60),
            "3 done, 1%, 0/s, 1:39:00 left"
        );
        assert_eq!(of(Size::Unknown, 100, 7, 10), "100 done, 10/s");
        assert_eq!(of(Size::Unknown, 0, 0, 0), "0 done, 0/s");
        assert_eq!(of(Size::Items(0), 0, 0, 1), "0 of 0, 0/s");
        // More than was counted when it began.
        assert_eq!(
            of(Size::Items(10), 20, 0, 2),
            "20 of 10, 100%, 10/s, 0:00 left"
        );
    }
}
