//! Which library this is.

use crate::memory;
use crate::result::{TeeproofResult, guard};
use crate::text::TeeproofStr;

/// Version of the binary interface: raised when a program that was built before would no longer
/// work. See `teeproof_abi_version`.
pub const TEEPROOF_ABI_VERSION: u32 = 1;

/// The version of the binary interface. Compare it with `TEEPROOF_ABI_VERSION`, which is that of the
/// header the program was built with: if they differ, the two do not belong together.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_abi_version() -> u32 {
    TEEPROOF_ABI_VERSION
}

/// The version of the library, such as `0.1.0`.
///
/// `version` is written on success and lives as long as the library is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_version(version: *mut TeeproofStr) -> TeeproofResult {
    guard(|| memory::put(version, TeeproofStr::of(env!("CARGO_PKG_VERSION"))))
}

/// The word for a result, such as `null-pointer`. `TEEPROOF_RESULT_UNKNOWN_NUMBER` if there is no such
/// result.
///
/// `word` is written on success and lives as long as the library is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_result_word(result: u32, word: *mut TeeproofStr) -> TeeproofResult {
    let found = TeeproofResult::ALL
        .iter()
        .find(|(known, _)| known.number() == result);
    match found {
        Some((_, text)) => guard(|| memory::put(word, TeeproofStr::of(text))),
        None => TeeproofResult::UnknownNumber,
    }
}
