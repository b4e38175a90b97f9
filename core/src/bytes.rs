//! Byte strings of a known length, written as lower-case hex, and bounded hex decoding.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// `N` bytes. Displayed, serialised and parsed as `2 * N` hex digits: written in lower case, read
/// in either, without a prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>([u8; N]);

/// An FMSPC: family, model, stepping, platform and custom SKU (PCK certificate, TCB info).
pub type Fmspc = Bytes<6>;
/// A dstack app id or instance id.
pub type Id20 = Bytes<20>;
/// SHA-256 and everything else of that size.
pub type Bytes32 = Bytes<32>;
/// SHA-384: a TDX measurement register.
pub type Measurement = Bytes<48>;
/// `REPORTDATA`.
pub type ReportData = Bytes<64>;

impl<const N: usize> Bytes<N> {
    /// Wraps an array.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// All zero: what a register holds before the first extension, and "not used" elsewhere.
    pub const fn zero() -> Self {
        Self([0; N])
    }

    /// Whether every byte is zero.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// The array.
    pub const fn as_array(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes.
    pub const fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Takes exactly `N` bytes, or `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; N]>::try_from(bytes).ok().map(Self)
    }
}

impl<const N: usize> From<[u8; N]> for Bytes<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> FromStr for Bytes<N> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        if text.len() != N.saturating_mul(2) {
            return Err(HexError::Length {
                expected: N.saturating_mul(2),
                found: text.len(),
            });
        }
        let mut bytes = [0; N];
        read_hex(text.as_bytes(), &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl<const N: usize> serde::Serialize for Bytes<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> serde::Deserialize<'de> for Bytes<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const N: usize>;
        impl<const N: usize> serde::de::Visitor<'_> for Visitor<N> {
            type Value = Bytes<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} hex digits", N.saturating_mul(2))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor::<N>)
    }
}

/// Why a text is not the hex that was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HexError {
    /// A character that is no hex digit, at this byte offset.
    Digit {
        /// Byte offset of the character.
        offset: usize,
    },
    /// An odd number of digits.
    Odd {
        /// Number of digits found.
        digits: usize,
    },
    /// Another number of digits than the type has.
    Length {
        /// Digits wanted.
        expected: usize,
        /// Digits found.
        found: usize,
    },
    /// More bytes than the cap for this field.
    TooLong {
        /// The cap in bytes.
        limit: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digit { offset } => write!(f, "not a hex digit at offset {offset}"),
            Self::Odd { digits } => write!(f, "an odd number of hex digits ({digits})"),
            Self::Length { expected, found } => {
                write!(f, "expected {expected} hex digits, found {found}")
            }
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
        }
    }
}

impl core::error::Error for HexError {}

/// Decodes hex of either case, refusing more than `limit` bytes before allocating.
pub fn decode_hex(text: &str, limit: usize) -> Result<Vec<u8>, HexError> {
    let digits = text.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(HexError::Odd {
            digits: digits.len(),
        });
    }
    if pairs.len() > limit {
        return Err(HexError::TooLong { limit });
    }
    let mut bytes = vec![0; pairs.len()];
    read_hex(digits, &mut bytes)?;
    Ok(bytes)
}

/// Reads two digits for each byte of `bytes`. All are read before any is refused: that is one pass
/// without a way out.
fn read_hex(digits: &[u8], bytes: &mut [u8]) -> Result<(), HexError> {
    let (pairs, _) = digits.as_chunks::<2>();
    let mut wrong = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (nibble(*high), nibble(*low));
        wrong |= high | low;
        *byte = high << 4 | low & 0x0f;
    }
    if wrong < NO_DIGIT {
        return Ok(());
    }
    let offset = digits.iter().position(|digit| nibble(*digit) == NO_DIGIT);
    Err(HexError::Digit {
        offset: offset.unwrap_or_default(),
    })
}

const NO_DIGIT: u8 = 0x10;

/// What a digit stands for, or [`NO_DIGIT`].
// Called for every byte, also in builds for size.
#[inline(always)]
const fn nibble(digit: u8) -> u8 {
    let decimal = digit.wrapping_sub(b'0');
    // One bit is between the two cases of a letter.
    let letter = (digit | 0x20).wrapping_sub(b'a');
    if decimal < 10 {
        decimal
    } else if letter < 6 {
        letter.wrapping_add(10)
    } else {
        NO_DIGIT
    }
}

/// Encodes bytes as lower-case hex.
pub fn encode_hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    push_hex(&mut digits, bytes);
    digits
}

/// The same, behind a text.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    // To write into a text is never refused.
    let _ = write_hex(text, bytes);
}

/// Writes bytes as lower-case hex, a piece at a time.
fn write_hex(out: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    let mut digits = [[0; 2]; 64];
    for piece in bytes.chunks(digits.len()) {
        for (pair, byte) in digits.iter_mut().zip(piece) {
            *pair = hex_digits(*byte);
        }
        let written = digits.get(..piece.len()).unwrap_or_default();
        // Digits are ASCII: there is nothing that could be lost.
        out.write_str(core::str::from_utf8(written.as_flattened()).unwrap_or_default())?;
    }
    Ok(())
}

/// A byte as two lower-case digits.
pub(crate) const fn hex_digits(byte: u8) -> [u8; 2] {
    [hex_digit(byte >> 4), hex_digit(byte & 0x0f)]
}

const fn hex_digit(nibble: u8) -> u8 {
    let first = if nibble < 10 { b'0' } else { b'a' - 10 };
    first.wrapping_add(nibble)
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Bytes32 {
    use sha2::Digest;
    Bytes(sha2::Sha256::digest(bytes).into())
}

/// SHA-256 over parts, one behind the other.
pub(crate) fn sha256_of(parts: &[&[u8]]) -> Bytes32 {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Bytes(hash.finalize().into())
}

/// SHA-256 over fields, each preceded by its length (64 bits, little-endian).
pub(crate) fn sha256_of_fields(fields: &[&[u8]]) -> Bytes32 {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        hash.update(length.to_le_bytes());
        hash.update(field);
    }
    Bytes(hash.finalize().into())
}

/// SHA-384.
pub(crate) fn sha384(parts: &[&[u8]]) -> Measurement {
    use sha2::Digest;
    let mut hash = sha2::Sha384::new();
    for part in parts {
        hash.update(part);
    }
    Bytes(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_written_in_lower() {
        let parsed: Bytes<3> = "00aBfF".parse().unwrap();
        assert_eq!(parsed, Bytes([0x00, 0xab, 0xff]));
        assert_eq!(alloc::format!("{parsed}"), "00abff");
    }

    #[test]
    fn digits_are_those_that_the_standard_library_reads() {
        for byte in 0..=u8::MAX {
            let theirs = char::from(byte).to_digit(16);
            let ours = Some(nibble(byte)).filter(|digit| *digit != NO_DIGIT);
            assert_eq!(ours.map(u32::from), theirs, "{byte}");
        }
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let theirs: String = all
            .iter()
            .map(|byte| alloc::format!("{byte:02x}"))
            .collect();
        assert_eq!(encode_hex(&all), theirs);
        assert_eq!(decode_hex(&theirs, 256), Ok(all));
    }

    #[test]
    fn hex_refuses_what_is_not_exactly_the_field() {
        assert_eq!(
            "00abf".parse::<Bytes<3>>(),
            Err(HexError::Length {
                expected: 6,
                found: 5
            })
        );
        assert_eq!(
            "0x00ab".parse::<Bytes<3>>(),
            Err(HexError::Digit { offset: 1 })
        );
        assert_eq!(decode_hex("abc", 9), Err(HexError::Odd { digits: 3 }));
        assert_eq!(decode_hex("abcd", 1), Err(HexError::TooLong { limit: 1 }));
        assert_eq!(
            decode_hex("00af0g0h", 9),
            Err(HexError::Digit { offset: 5 })
        );
        // A two-byte character must not be taken for two digits.
        assert!(decode_hex("é", 9).is_err());
    }
}
