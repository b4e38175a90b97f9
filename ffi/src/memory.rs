//! Where pointers of C become references of Rust, and back. All unsafe code is here.

use std::slice;

use crate::error::Fault;
use crate::result::TeeproofResult;

/// A kind of handle. The type itself is only declared in the header; behind the pointer is a
/// [`Tagged`] body.
pub(crate) trait Kind {
    /// What a handle of this kind holds. Handles are shared by threads as they are.
    type Body: Send + Sync;
    /// What tells it from every other kind.
    const TAG: u64;
}

/// What stands in place of the tag when a handle is freed. Memory that was freed may be anything at
/// all, so this makes some mistakes visible and promises nothing.
const FREED: u64 = 0;

#[repr(C)]
struct Tagged<B> {
    tag: u64,
    body: B,
}

/// A new handle.
pub(crate) fn give<K: Kind>(out: *mut *mut K, body: K::Body) -> Result<(), Fault> {
    writable(out)?;
    let handle = Box::into_raw(Box::new(Tagged { tag: K::TAG, body }));
    put(out, handle.cast::<K>())
}

/// What a handle holds.
pub(crate) fn borrow<'a, K: Kind>(handle: *const K) -> Result<&'a K::Body, Fault> {
    let tagged = handle.cast::<Tagged<K::Body>>();
    if tagged.is_null() {
        return Err(null("a handle"));
    }
    if !tagged.cast::<u64>().is_aligned() {
        return Err(wrong_kind());
    }
    // SAFETY: the header demands a live handle of some kind; each is a `Tagged`, which begins with
    // its tag, and the pointer is aligned for one.
    let tag = unsafe { tagged.cast::<u64>().read() };
    if tag != K::TAG || !tagged.is_aligned() {
        return Err(wrong_kind());
    }
    // SAFETY: only `give::<K>` writes this tag, so that a whole `Tagged<K::Body>` is here. It lives
    // until it is freed, which the header forbids while it is used, and is never written to.
    Ok(unsafe { &(*tagged).body })
}

/// What a handle holds that may be left out.
pub(crate) fn borrow_optional<'a, K: Kind>(handle: *const K) -> Result<Option<&'a K::Body>, Fault> {
    if handle.is_null() {
        return Ok(None);
    }
    borrow(handle).map(Some)
}

/// Frees a handle. NULL is nothing to free; a handle of another kind is left alone.
pub(crate) fn free<K: Kind>(handle: *mut K) {
    if borrow(handle.cast_const()).is_err() {
        return;
    }
    let tagged = handle.cast::<Tagged<K::Body>>();
    // SAFETY: `borrow` found the tag of this kind, so `give` made it with `Box`, and the header
    // demands that nobody else uses it and that it is freed once. The write is volatile because it
    // is there for readers that Rust does not know of.
    drop(unsafe {
        (&raw mut (*tagged).tag).write_volatile(FREED);
        Box::from_raw(tagged)
    });
}

/// Whether a pointer can be written to, as far as can be told.
pub(crate) fn writable<T>(out: *mut T) -> Result<(), Fault> {
    if out.is_null() {
        return Err(null("an output"));
    }
    if !out.is_aligned() {
        return Err(misaligned());
    }
    Ok(())
}

/// Writes an output.
pub(crate) fn put<T>(out: *mut T, value: T) -> Result<(), Fault> {
    writable(out)?;
    // SAFETY: not NULL and aligned; the header demands room for one `T`. What was there before is
    // plain data, or not initialised, and is not dropped.
    unsafe { out.write(value) };
    Ok(())
}

/// Writes bytes into a buffer of exactly their length.
pub(crate) fn fill(out: *mut u8, length: usize, bytes: &[u8]) -> Result<(), Fault> {
    writable(out)?;
    if length != bytes.len() {
        return Err(Fault::new(
            TeeproofResult::BadLength,
            format!(
                "{} bytes are written, and the buffer has {length}",
                bytes.len()
            ),
        ));
    }
    // SAFETY: not NULL, and the header demands room for `length` bytes, which is how many are
    // written. The source is memory of Rust, which no caller has.
    unsafe { out.copy_from_nonoverlapping(bytes.as_ptr(), length) };
    Ok(())
}

/// An array that C owns. NULL with a length of zero is an empty one.
pub(crate) fn array<'a, T>(data: *const T, length: usize) -> Result<&'a [T], Fault> {
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null("an array that is not empty"));
    }
    if !data.is_aligned() {
        return Err(misaligned());
    }
    let fits = length
        .checked_mul(size_of::<T>())
        .is_some_and(|bytes| isize::try_from(bytes).is_ok());
    if !fits {
        return Err(Fault::new(
            TeeproofResult::BadLength,
            format!("no array has {length} elements"),
        ));
    }
    // SAFETY: not NULL, aligned and no larger than any object; the header demands that `length`
    // elements are there and stay as they are while the call lasts, and no result borrows them.
    Ok(unsafe { slice::from_raw_parts(data, length) })
}

/// A structure that C owns.
pub(crate) fn structure<'a, T>(pointer: *const T) -> Result<&'a T, Fault> {
    array(pointer, 1)?
        .first()
        .ok_or_else(|| null("a structure"))
}

fn null(what: &str) -> Fault {
    Fault::new(TeeproofResult::NullPointer, format!("{what} is NULL"))
}

fn misaligned() -> Fault {
    Fault::new(
        TeeproofResult::Misaligned,
        "a pointer is not aligned for what it points to",
    )
}

fn wrong_kind() -> Fault {
    Fault::new(
        TeeproofResult::WrongKind,
        "a handle is not of the kind that this function takes",
    )
}
