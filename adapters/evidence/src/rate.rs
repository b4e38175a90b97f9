//! How often challenges are answered.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A burst that is answered at once, and the pace at which it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Challenges that are answered at once after a pause. At least one is.
    pub burst: u32,
    /// How long until one more is answered.
    pub pace: Duration,
}

impl Default for Rate {
    /// Twenty at once, then five a second.
    fn default() -> Self {
        Self {
            burst: 20,
            pace: Duration::from_millis(200),
        }
    }
}

/// A token bucket. It is kept as the instant at which it is full again, so that nothing has to fill
/// it up.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    full_at: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) const fn new(rate: Rate) -> Self {
        Self {
            rate,
            full_at: Mutex::new(None),
        }
    }

    /// Takes a token, or says how long until there is one.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.filter(|full| *full > now).unwrap_or(now);
        let tolerated = self
            .rate
            .pace
            .saturating_mul(self.rate.burst.saturating_sub(1));
        let ahead = full.saturating_duration_since(now);
        if ahead > tolerated {
            return Err(ahead.saturating_sub(tolerated));
        }
        *full_at = full.checked_add(self.rate.pace);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_answered_and_comes_back_at_the_pace() {
        let bucket = Bucket::new(Rate {
            burst: 3,
            pace: Duration::from_secs(2),
        });
        for _ in 0..3 {
            assert_eq!(bucket.take(), Ok(()));
        }
        assert_eq!(bucket.take(), Err(Duration::from_secs(2)));
        tokio::time::advance(Duration::from_millis(1500)).await;
        assert_eq!(bucket.take(), Err(Duration::from_millis(500)));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(bucket.take(), Ok(()));
        assert!(bucket.take().is_err());
        // However long the pause, no more than the burst is saved up.
        tokio::time::advance(Duration::from_secs(3600)).await;
        for _ in 0..3 {
            assert_eq!(bucket.take(), Ok(()));
        }
        assert!(bucket.take().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_none_is_one() {
        let bucket = Bucket::new(Rate {
            burst: 0,
            pace: Duration::MAX,
        });
        assert_eq!(bucket.take(), Ok(()));
    }
}
