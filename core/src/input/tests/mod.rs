//! Small inputs, one by one. Real ones are in `tests/corpus_inputs.rs`.

#![allow(
    clippy::string_slice,
    reason = "what is sliced is the ASCII of these tests"
)]

mod assembling;
mod containers;
mod plain;
mod shapes;

use super::*;
use alloc::vec;

/// The beginning of a TDX quote of version 4, and nothing more: enough to be recognised.
const QUOTE: [u8; 12] = [4, 0, 2, 0, 0x81, 0, 0, 0, 0, 0, 0x5a, 0xff];

/// Another one.
const OTHER: [u8; 12] = [5, 0, 2, 0, 0x81, 0, 0, 0, 0, 0, 1, 2];

fn hex(bytes: &[u8]) -> String {
    crate::encode_hex(bytes)
}

/// The one evidence that the text is.
fn one(text: &str) -> InstanceEvidence {
    match recognise(text.as_bytes()) {
        Ok(Recognised::Evidence(mut all)) if all.len() == 1 => all.remove(0),
        other => panic!("{text}: {other:?}"),
    }
}

fn refusal(text: &str) -> InputError {
    match recognise(text.as_bytes()) {
        Err(error) => error,
        Ok(other) => panic!("{text}: {other:?}"),
    }
}
