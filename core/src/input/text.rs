//! Text that stands for bytes: hex, base64, PEM; and files that plainly hold no evidence.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD,
};

use super::error::{ForeignFormat, InputError, InputFieldError, TextEncoding, beginning};
use super::{EvidencePart, Recognised, looks_like_quote};
use crate::bytes::{HexError, decode_hex};
use crate::limits;

/// How every PEM block begins.
pub(super) const PEM_BEGIN: &str = "-----BEGIN ";

/// Base64 shorter than this is as likely a plain word.
const SHORTEST_BASE64: usize = 32;

/// A well-known kind of file that holds no evidence, by its first bytes.
pub(super) fn foreign(bytes: &[u8]) -> Option<ForeignFormat> {
    const MAGIC: [(&[u8], ForeignFormat); 12] = [
        (b"\x89PNG\r\n\x1a\n", ForeignFormat::Png),
        (b"\xff\xd8\xff", ForeignFormat::Jpeg),
        (b"\x7fELF", ForeignFormat::Elf),
        (b"PK\x03\x04", ForeignFormat::Zip),
        (b"%PDF-", ForeignFormat::Pdf),
        (b"\x1f\x8b\x08", ForeignFormat::Gzip),
        (b"\x28\xb5\x2f\xfd", ForeignFormat::Zstd),
        (b"\xff\xfe", ForeignFormat::Utf16),
        (b"\xfe\xff", ForeignFormat::Utf16),
        (b"\xef\xbb\xbf", ForeignFormat::ByteOrderMark),
        (b"\x30\x82", ForeignFormat::Der),
        (b"\x30\x83", ForeignFormat::Der),
    ];
    if let Some((_, format)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(*format);
    }
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Some(ForeignFormat::Markup);
    }
    // The log's first event, EV_NO_ACTION, names the format at a fixed place.
    (bytes.get(32..47) == Some(b"Spec ID Event03")).then_some(ForeignFormat::RawEventLog)
}

/// Reads certificates in PEM. They are not decoded here: only that nothing else stands between.
pub(super) fn pem(text: &str) -> Result<Recognised, InputError> {
    if text.len() > limits::PEM_CHAIN {
        return Err(InputError::PartTooLarge {
            part: EvidencePart::PckChain,
            size: text.len(),
            limit: limits::PEM_CHAIN,
        });
    }
    for line in text.lines() {
        let Some(rest) = line.trim_ascii().strip_prefix(PEM_BEGIN) else {
            continue;
        };
        let label = rest.strip_suffix("-----").unwrap_or(rest);
        if label != "CERTIFICATE" {
            return Err(InputError::OtherPem {
                label: beginning(label),
            });
        }
    }
    Ok(Recognised::PckChain(text.to_owned()))
}

/// Decodes trimmed text that is hex or base64, with line breaks anywhere: tools wrap both.
pub(super) fn decode(text: &str) -> Result<(Vec<u8>, TextEncoding), InputError> {
    let digits = digits(text);
    let hex = strip_prefix(&digits);
    match decode_hex(hex, limits::DSTACK_ATTESTATION) {
        Ok(bytes) => return Ok((bytes, TextEncoding::Hex)),
        Err(HexError::Odd { digits }) if hex.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            return Err(InputError::OddHex { digits });
        }
        Err(HexError::TooLong { limit }) if hex.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            return Err(InputError::PartTooLarge {
                part: EvidencePart::Quote,
                size: hex.len().div_ceil(2),
                limit,
            });
        }
        Err(_) => {}
    }
    if let Some(bytes) = decode_base64(&digits)
        && (digits.len() >= SHORTEST_BASE64 || looks_like_quote(&bytes))
    {
        return Ok((bytes, TextEncoding::Base64));
    }
    // Text that starts as the hex of a quote was meant to be one.
    let header = hex.get(..16).and_then(|start| decode_hex(start, 8).ok());
    if header.is_some_and(|header| looks_like_quote(&header)) {
        let offset = hex
            .bytes()
            .position(|digit| !digit.is_ascii_hexdigit())
            .unwrap_or(hex.len());
        return Err(InputError::BrokenHex { offset });
    }
    Err(InputError::UnknownText {
        start: beginning(text),
    })
}

/// Decodes the quote in a field of a JSON document: hex as a rule, base64 where it yields a quote.
/// What hex yields is handed on even when it looks like no quote: the field says that it is one, and
/// the verifier then says why it is not.
pub(super) fn decode_quote(text: &str) -> Result<Vec<u8>, InputFieldError> {
    let digits = digits(text.trim_ascii());
    if digits.is_empty() {
        return Err(InputFieldError::Empty);
    }
    let hex = strip_prefix(&digits);
    let error = match decode_hex(hex, limits::QUOTE) {
        Ok(bytes) => return Ok(bytes),
        Err(error) => error,
    };
    match decode_base64(&digits) {
        Some(bytes) if bytes.len() <= limits::QUOTE && looks_like_quote(&bytes) => Ok(bytes),
        _ => Err(InputFieldError::Hex(error)),
    }
}

/// Decodes hex with an optional prefix, as a field of a JSON document has it.
pub(super) fn decode_field(text: &str, limit: usize) -> Result<Vec<u8>, InputFieldError> {
    let digits = digits(text.trim_ascii());
    if digits.is_empty() {
        return Err(InputFieldError::Empty);
    }
    decode_hex(strip_prefix(&digits), limit).map_err(InputFieldError::Hex)
}

/// The text without its line breaks.
fn digits(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\r' | '\n'))
        .collect()
}

fn strip_prefix(digits: &str) -> &str {
    digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
        .unwrap_or(digits)
}

/// Base64 of either alphabet, padded or not, but not a mixture.
fn decode_base64(digits: &str) -> Option<Vec<u8>> {
    let url = digits
        .bytes()
        .any(|character| matches!(character, b'-' | b'_'));
    let decoded = match (url, digits.ends_with('=')) {
        (false, true) => BASE64_STANDARD.decode(digits),
        (false, false) => BASE64_STANDARD_NO_PAD.decode(digits),
        (true, true) => BASE64_URL_SAFE.decode(digits),
        (true, false) => BASE64_URL_SAFE_NO_PAD.decode(digits),
    };
    decoded.ok()
}
