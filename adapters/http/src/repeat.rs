//! When a request is made again, and after which pause.

use std::time::Duration;

use crate::options::Options;

/// Whether a status may be another one in a moment.
pub(crate) const fn may_pass(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// The pause before repetition number `repetition` (from 0): twice the one before, up to a cap,
/// and jittered by half to one and a half, so that many clients do not come back at once. What the
/// server asks for counts if it is longer, up to the same cap.
pub(crate) fn pause(options: &Options, repetition: u32, asked: Option<Duration>) -> Duration {
    let doubled = options
        .first_pause
        .saturating_mul(2_u32.saturating_pow(repetition));
    // Without randomness the pause is only less well spread.
    let mut random = [0_u8; 2];
    let _ = getrandom::fill(&mut random);
    let jitter = f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX);
    let jittered = doubled.mul_f64(0.5 + jitter);
    jittered
        .max(asked.unwrap_or_default())
        .min(options.longest_pause)
}

/// `Retry-After` in seconds. Its other form, a date, would need a clock and is passed over.
pub(crate) fn retry_after(value: Option<&str>) -> Option<Duration> {
    let seconds = value?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_capped() {
        let options = Options {
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(2),
            ..Options::default()
        };
        for _ in 0..100 {
            let first = pause(&options, 0, None);
            assert!(first >= Duration::from_millis(50) && first <= Duration::from_millis(150));
            let third = pause(&options, 2, None);
            assert!(third >= Duration::from_millis(200) && third <= Duration::from_millis(600));
            assert_eq!(pause(&options, 40, None), Duration::from_secs(2));
        }
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(pause(&options, 0, asked(1)), Duration::from_secs(1));
        assert_eq!(pause(&options, 0, asked(u64::MAX)), Duration::from_secs(2));
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        assert_eq!(retry_after(Some(" 7 ")), Some(Duration::from_secs(7)));
        for other in [
            None,
            Some("-1"),
            Some("1.5"),
            Some("Fri, 31 Dec 1999 23:59:59 GMT"),
            Some("99999999999999999999999"),
        ] {
            assert_eq!(retry_after(other), None);
        }
    }
}
