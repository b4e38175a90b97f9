//! The instant for which evidence is judged. The core has no clock: an instant is always given.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use der::DateTime;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z (no leap seconds). Displayed and
/// parsed in the one form that Intel's collateral uses: `2025-06-19T10:16:03Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// Seconds of one day.
const SECONDS_PER_DAY: u64 = 86_400;

/// The last second that an X.509 date can name: 9999-12-31T23:59:59Z.
const MAX_UNIX: u64 = 253_402_300_799;

impl Instant {
    /// From seconds since the epoch; `None` past the year 9999, which no document can name.
    pub const fn from_unix(seconds: u64) -> Option<Self> {
        if seconds > MAX_UNIX {
            None
        } else {
            Some(Self(seconds))
        }
    }

    /// Seconds since the epoch.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// This instant plus a number of days, capped at the last representable second.
    pub fn plus_days(self, days: u32) -> Self {
        let seconds = u64::from(days).saturating_mul(SECONDS_PER_DAY);
        Self(self.0.saturating_add(seconds).min(MAX_UNIX))
    }

    /// The next second; `None` after the last representable one.
    pub const fn plus_one_second(self) -> Option<Self> {
        Self::from_unix(self.0.saturating_add(1))
    }

    /// The second before; the first one stays.
    pub const fn minus_one_second(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    pub(crate) fn from_date_time(date: DateTime) -> Self {
        Self(date.unix_duration().as_secs().min(MAX_UNIX))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(date) = DateTime::from_unix_duration(Duration::from_secs(self.0)) else {
            return write!(f, "{}", self.0);
        };
        let two = |number: u8| [number / 10, number % 10].map(|digit| digit | b'0');
        let half = |number: u16| two(u8::try_from(number).unwrap_or_default());
        let ([c, d], [y, z]) = (half(date.year() / 100), half(date.year() % 100));
        let ([m, n], [a, b]) = (two(date.month()), two(date.day()));
        let [[h, i], [j, k], [s, t]] = [date.hour(), date.minutes(), date.seconds()].map(two);
        let text = [
            c, d, y, z, b'-', m, n, b'-', a, b, b'T', h, i, b':', j, k, b':', s, t, b'Z',
        ];
        // Digits are ASCII: there is nothing that could be lost.
        f.write_str(core::str::from_utf8(&text).unwrap_or_default())
    }
}

/// A text that is not a date of the form `2025-06-19T10:16:03Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstantError;

impl fmt::Display for InstantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date of the form 2025-06-19T10:16:03Z")
    }
}

impl core::error::Error for InstantError {}

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, InstantError> {
        let date = DateTime::from_str(text).map_err(|_| InstantError)?;
        Ok(Self::from_date_time(date))
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <alloc::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A closed interval of time in which a signed statement may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First instant of validity.
    pub not_before: Instant,
    /// Last instant of validity.
    pub not_after: Instant,
}

impl Window {
    /// Whether the instant lies inside, both ends included.
    pub fn contains(&self, at: Instant) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    /// The part common to both; empty (`not_before > not_after`) when they do not meet.
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
        }
    }

    /// Whether no instant lies inside.
    pub fn is_empty(&self) -> bool {
        self.not_before > self.not_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn dates_are_read_and_written_in_one_form() {
        let at: Instant = "2025-06-19T10:16:03Z".parse().unwrap();
        // `date -u -d 2025-06-19T10:16:03Z +%s`
        assert_eq!(at.unix(), 1_750_328_163);
        assert_eq!(at.to_string(), "2025-06-19T10:16:03Z");
        for edge in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:58Z",
            "9999-12-31T23:59:59Z",
        ] {
            let at: Instant = edge.parse().unwrap();
            assert_eq!(at.to_string(), edge);
        }
        for wrong in [
            "2025-06-19",
            "2025-06-19T10:16:03+00:00",
            "2025-13-01T00:00:00Z",
            "",
        ] {
            assert_eq!(wrong.parse::<Instant>(), Err(InstantError), "{wrong}");
        }
    }

    #[test]
    fn both_ends_of_a_window_belong_to_it() {
        let instant = |seconds| Instant::from_unix(seconds).unwrap();
        let window = Window {
            not_before: instant(10),
            not_after: instant(20),
        };
        assert!(window.contains(instant(10)) && window.contains(instant(20)));
        assert!(!window.contains(instant(9)) && !window.contains(instant(21)));
        let apart = Window {
            not_before: instant(21),
            not_after: instant(30),
        };
        assert!(window.intersect(&apart).is_empty());
    }
}
