//! Bytes and text that cross the boundary.

use std::ffi::c_char;
use std::str;

use crate::error::Fault;
use crate::memory::{self, Kind};
use crate::result::{TeeproofResult, guard};

/// Bytes that belong to somebody else. NULL with a length of zero is no bytes.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct TeeproofSlice {
    /// The first byte.
    pub data: *const u8,
    /// How many.
    pub len: usize,
}

/// UTF-8 text that belongs to somebody else. It does **not** end in a zero: print it with
/// `printf("%.*s", (int)text.len, text.data)`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct TeeproofStr {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub len: usize,
}

impl TeeproofSlice {
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    pub(crate) fn bytes<'a>(self) -> Result<&'a [u8], Fault> {
        memory::array(self.data, self.len)
    }

    pub(crate) fn text<'a>(self) -> Result<&'a str, Fault> {
        utf8(self.bytes()?)
    }
}

impl TeeproofStr {
    pub(crate) const fn of(text: &str) -> Self {
        Self {
            data: text.as_ptr().cast(),
            len: text.len(),
        }
    }
}

pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    str::from_utf8(bytes).map_err(|error| Fault::new(TeeproofResult::NotUtf8, error))
}

/// Text that was made for the caller, such as a bundle.
///
/// Does not change, so threads may share it. Freed by `teeproof_text_free`.
pub struct TeeproofText {
    _declared: (),
}

impl Kind for TeeproofText {
    type Body = String;
    const TAG: u64 = u64::from_be_bytes(*b"tp:text.");
}

/// What a text says.
///
/// `value` is written on success. It belongs to `text` and lives as long.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_text_get(
    text: *const TeeproofText,
    value: *mut TeeproofStr,
) -> TeeproofResult {
    guard(|| memory::put(value, TeeproofStr::of(memory::borrow(text)?)))
}

/// Frees a text. NULL is nothing to free, and a live handle of another kind is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn teeproof_text_free(text: *mut TeeproofText) {
    memory::free(text);
}
