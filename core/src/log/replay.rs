//! Replaying the log, and the proof that it replays.

use alloc::vec::Vec;

use super::{Event, EventLog, LogError, Register, RegisterMismatch};
use crate::bytes::{Measurement, sha384};

impl EventLog {
    /// Recomputes the digest of every runtime event and compares what the log states beside it:
    /// a digest must be the recomputed one unless it is empty, a preimage must be byte for byte
    /// the canonical one.
    ///
    /// # Errors
    /// [`LogError::PreimageMismatch`] or [`LogError::DigestMismatch`] of the first such event.
    pub fn check_digests(&self) -> Result<(), LogError> {
        self.events()
            .iter()
            .enumerate()
            .try_for_each(|(index, event)| event.checked_digest(index).map(|_| ()))
    }

    /// What the log replays to: each register starts from 48 zero bytes and becomes
    /// `SHA-384(register ‖ digest)` for each of its events, in list order. RTMR3 is replayed from
    /// recomputed digests only.
    ///
    /// Source: TCG PC Client Platform Firmware Profile; Intel TDX Module, `TDG.MR.RTMR.EXTEND`.
    ///
    /// # Errors
    /// As [`EventLog::check_digests`].
    pub fn replay(&self) -> Result<[Measurement; 4], LogError> {
        let mut registers = [Measurement::zero(); 4];
        for (index, event) in self.events().iter().enumerate() {
            let digest = event.checked_digest(index)?;
            let [rtmr0, rtmr1, rtmr2, rtmr3] = &mut registers;
            let register = match event.register() {
                Register::Rtmr0 => rtmr0,
                Register::Rtmr1 => rtmr1,
                Register::Rtmr2 => rtmr2,
                Register::Rtmr3 => rtmr3,
            };
            *register = sha384(&[register.as_slice(), digest.as_slice()]);
        }
        Ok(registers)
    }

    /// Replays the log against RTMR0 to RTMR3 of a quote. All four must agree: the events of
    /// RTMR0 to RTMR2 are bound by nothing else.
    ///
    /// # Errors
    /// [`LogError::Replay`] with every register that differs; otherwise as
    /// [`EventLog::check_digests`].
    pub fn replay_against(self, registers: &[Measurement; 4]) -> Result<ReplayedLog, LogError> {
        let replayed = self.replay()?;
        let mismatches: Vec<_> = Register::ALL
            .into_iter()
            .zip(replayed.iter().zip(registers))
            .filter(|(_, (found, expected))| found != expected)
            .map(|(register, (found, expected))| RegisterMismatch {
                register,
                found: *found,
                expected: *expected,
            })
            .collect();
        if mismatches.is_empty() {
            Ok(ReplayedLog {
                log: self,
                registers: replayed,
            })
        } else {
            Err(LogError::Replay(mismatches))
        }
    }
}

/// A log that replays to the registers it was held against, with every runtime digest recomputed.
/// Only [`EventLog::replay_against`] makes one. It proves no more than the registers do: whether
/// they came from a verified quote is for the caller to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedLog {
    log: EventLog,
    registers: [Measurement; 4],
}

impl ReplayedLog {
    /// The events in list order. Names and payloads are measured in RTMR3 only.
    pub fn events(&self) -> &[Event] {
        self.log.events()
    }

    /// RTMR0 to RTMR3, as replayed and as held against.
    pub const fn registers(&self) -> &[Measurement; 4] {
        &self.registers
    }
}
