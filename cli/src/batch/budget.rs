//! How many bytes may be between reader and workers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes that may be held at once. One item is let through however large it is, so that a budget
/// below an item's size stops nothing.
pub(super) struct Budget {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: usize,
    stopped: bool,
}

/// Some bytes of a budget, given back when it is dropped.
pub(super) struct Held<'a> {
    budget: &'a Budget,
    bytes: usize,
}

impl Budget {
    pub(super) fn of(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room. None when the run ends.
    pub(super) fn hold(&self, bytes: usize) -> Option<Held<'_>> {
        let full = |state: &mut State| {
            !state.stopped && state.held > 0 && state.held.saturating_add(bytes) > self.limit
        };
        let mut state = self
            .changed
            .wait_while(self.state(), full)
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        state.held = state.held.saturating_add(bytes);
        Some(Held {
            budget: self,
            bytes,
        })
    }

    /// The run ends: nobody waits, and nothing more is held.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        state.held = state.held.saturating_sub(self.bytes);
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn what_does_not_fit_waits_for_what_is_given_back() {
        let budget = Budget::of(10);
        let first = budget.hold(7);
        let (told, tell) = channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let second = budget.hold(4).unwrap();
                told.send(budget.state().held).unwrap();
                drop(second);
            });
            assert!(tell.try_recv().is_err());
            drop(first);
            // The second alone: the first was given back before.
            assert_eq!(tell.recv().unwrap(), 4);
        });
        assert_eq!(budget.state().held, 0);
    }

    #[test]
    fn an_item_above_the_limit_passes_alone() {
        let budget = Budget::of(10);
        let large = budget.hold(100);
        assert_eq!(budget.state().held, 100);
        drop(large);
    }

    #[test]
    fn nobody_waits_at_the_end() {
        let budget = Budget::of(10);
        let _first = budget.hold(10).unwrap();
        budget.stop();
        assert!(budget.hold(10).is_none());
        assert!(budget.hold(0).is_none());
    }
}
