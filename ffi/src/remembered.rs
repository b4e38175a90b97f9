//! What is kept from one verdict to the next.

use teeproof_bindings::Memory;

use crate::error::TeeproofError;
use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard_explained};

/// What verdicts with it have established and no instant changes, each found by the exact bytes it is
/// about: that a signature above the quote is valid, how a PCK chain reads, that collateral is
/// authentic under a trust anchor. Windows, revocation, QE identity, TCB and policy are judged every
/// time, and so is the signature of every quote: a verdict with a memory is, digest and all, the
/// verdict without.
///
/// Threads may share it. What was used least recently is forgotten first. Freed by
/// `teeproof_memory_free`, which forgets everything.
pub struct TeeproofMemory {
    _declared: (),
}

impl Kind for TeeproofMemory {
    type Body = Memory;
    const TAG: u64 = u64::from_be_bytes(*b"tp:memor");
}

/// A memory that holds `bytes` bytes at most, about. A platform takes some 10,000, and its collateral
/// some 60,000 for all platforms of a model.
///
/// `memory` is written on success and is then the caller's to free; `error` (may be NULL) is written
/// on failure.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_memory_new(
    bytes: usize,
    memory: *mut *mut TeeproofMemory,
    error: *mut *mut TeeproofError,
) -> TeeproofResult {
    guard_explained(error, || memory::give(memory, Memory::of_bytes(bytes)))
}

/// Frees a memory. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_memory_free(memory: *mut TeeproofMemory) {
    memory::free(memory);
}
