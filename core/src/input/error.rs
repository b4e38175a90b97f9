//! Why an input is none of the forms that are recognised.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::EvidencePart;
use super::container::ContainerError;
use crate::bundle::BundleError;
use crate::bytes::HexError;
use crate::collateral::CollateralFormatError;
use crate::json::JsonError;
use crate::limits;
use crate::quoted::Quoted;

/// A well-known kind of file that holds no evidence, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignFormat {
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// An ELF executable.
    Elf,
    /// A zip archive.
    Zip,
    /// A PDF document.
    Pdf,
    /// A gzip file.
    Gzip,
    /// A zstd file.
    Zstd,
    /// An HTML page or XML.
    Markup,
    /// Text in UTF-16, as some shells write it.
    Utf16,
    /// UTF-8 text that starts with a byte order mark.
    ByteOrderMark,
    /// DER: a certificate or a revocation list.
    Der,
    /// The raw boot log of the firmware (CCEL).
    RawEventLog,
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "a PNG image",
            Self::Jpeg => "a JPEG image",
            Self::Elf => "an ELF executable",
            Self::Zip => "a zip archive; unpack it first",
            Self::Pdf => "a PDF document",
            Self::Gzip => "a gzip file; unpack it first",
            Self::Zstd => "a zstd file; unpack it first",
            Self::Markup => "an HTML page or XML; was it an error page of a server?",
            Self::Utf16 => "text in UTF-16; save it as UTF-8",
            Self::ByteOrderMark => {
                "text that starts with a byte order mark; save it as UTF-8 without one"
            }
            Self::Der => {
                "DER, such as a certificate or a revocation list; give the collateral as its JSON file"
            }
            Self::RawEventLog => {
                "a raw boot log of the firmware (CCEL); give the JSON event log of dstack"
            }
        })
    }
}

/// How bytes were written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// Hex digits.
    Hex,
    /// Base64, of either alphabet.
    Base64,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
        })
    }
}

/// What is wrong with one field of a known JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputFieldError {
    /// It should be a string.
    NotText,
    /// It should be an array of objects.
    NotObjects,
    /// It should be a JSON array, or a string that holds one.
    NotALog,
    /// It should be a JSON object, or a string that holds one.
    NotAnObject,
    /// It is an empty string or `null`.
    Empty,
    /// It is not the hex it should be.
    Hex(HexError),
    /// It is not well-formed JSON.
    Json(JsonError),
    /// It is larger than its cap.
    TooLarge {
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

impl fmt::Display for InputFieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("not a string"),
            Self::NotObjects => f.write_str("not an array of objects"),
            Self::NotALog => f.write_str("neither a JSON array nor a string that holds one"),
            Self::NotAnObject => f.write_str("neither a JSON object nor a string that holds one"),
            Self::Empty => f.write_str("empty"),
            Self::Hex(error) => fmt::Display::fmt(error, f),
            Self::Json(error) => fmt::Display::fmt(error, f),
            Self::TooLarge { size, limit } => {
                write!(f, "{size} bytes, more than the {limit} allowed")
            }
        }
    }
}

impl core::error::Error for InputFieldError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Hex(error) => Some(error),
            Self::Json(error) => Some(error),
            _ => None,
        }
    }
}

/// Why an input cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// No bytes, or nothing but white space.
    Empty,
    /// Larger than [`limits::BUNDLE`], the cap for any input.
    TooLarge {
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// One part is larger than its own cap.
    PartTooLarge {
        /// The part.
        part: EvidencePart,
        /// Bytes found.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A well-known kind of file that holds no evidence.
    Foreign(ForeignFormat),
    /// A PEM block that is not a certificate.
    OtherPem {
        /// Its label, such as `X509 CRL`.
        label: Box<str>,
    },
    /// Hex digits, and an odd number of them: the text was probably cut.
    OddHex {
        /// Digits found.
        digits: usize,
    },
    /// The hex of a quote, with something else in it.
    BrokenHex {
        /// Byte offset of the first character that is no hex digit, white space and prefix removed.
        offset: usize,
    },
    /// Well-formed hex or base64 of something else than a quote.
    NotAQuote {
        /// How it was written.
        encoding: TextEncoding,
        /// Bytes that came out.
        size: usize,
        /// The first eight of them.
        start: Vec<u8>,
    },
    /// Text that is neither JSON, nor PEM, nor hex or base64.
    UnknownText {
        /// Its beginning.
        start: Box<str>,
    },
    /// Bytes that are neither text nor a quote.
    UnknownBytes {
        /// The first eight of them.
        start: Vec<u8>,
    },
    /// Not JSON that this crate reads.
    Json(JsonError),
    /// A JSON object of no known form.
    UnknownObject {
        /// Its first keys.
        keys: Vec<Box<str>>,
        /// How many keys it has.
        count: usize,
    },
    /// A JSON array that is no event log.
    UnknownArray,
    /// A JSON string inside a JSON string.
    DoublyQuoted,
    /// Another document of this tool, such as a report or a policy.
    OtherDocument {
        /// The `schema` it names.
        schema: Box<str>,
    },
    /// A known form with an unusable field.
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        error: InputFieldError,
    },
    /// Two fields of one answer carry two different quotes.
    TwoQuotes {
        /// One field.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// An answer about several instances that names none.
    NoInstances,
    /// More instances than [`limits::INSTANCES`].
    TooManyInstances {
        /// Instances allowed.
        limit: usize,
    },
    /// A dstack attestation container that cannot be taken apart.
    Container(ContainerError),
    /// A malformed collateral file.
    Collateral(CollateralFormatError),
    /// A malformed bundle.
    Bundle(BundleError),
}

/// The forms that a message names when a JSON object has none of them.
const KNOWN_FORMS: &str = "dstack GetQuote and Info answers, Phala Cloud attestation, dstack verifier request, \
     teeproof bundle, collateral, event log, app-compose, vm_config, mr_config";

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the input is empty"),
            Self::TooLarge { size, limit } => {
                write!(f, "an input of {size} bytes, more than the {limit} allowed")
            }
            Self::PartTooLarge { part, size, limit } => {
                write!(f, "{part} of {size} bytes, more than the {limit} allowed")
            }
            Self::Foreign(format) => write!(f, "this is {format}"),
            Self::OtherPem { label } => write!(
                f,
                "a PEM block {}; only certificates are read from PEM",
                Quoted(label)
            ),
            Self::OddHex { digits } => write!(
                f,
                "an odd number of hex digits ({digits}); the text was probably cut off"
            ),
            Self::BrokenHex { offset } => {
                write!(f, "the hex of a quote, broken at digit {offset}")
            }
            Self::NotAQuote {
                encoding,
                size,
                start,
            } => {
                write!(f, "{encoding} of {size} bytes that start with ")?;
                hex_words(f, start)?;
                f.write_str("; a quote starts with its version, 3, 4 or 5")
            }
            Self::UnknownText { start } => write!(
                f,
                "text that is neither JSON, nor hex or base64, nor PEM; it starts with {}",
                Quoted(start)
            ),
            Self::UnknownBytes { start } => {
                f.write_str("bytes that are no quote; they start with ")?;
                hex_words(f, start)
            }
            Self::Json(error) => fmt::Display::fmt(error, f),
            Self::UnknownObject { keys, count } => {
                f.write_str("a JSON object of no known form, with ")?;
                if keys.is_empty() {
                    f.write_str("no keys")?;
                } else {
                    f.write_str("the keys ")?;
                }
                for (index, key) in keys.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{}", Quoted(key))?;
                }
                let more = count.saturating_sub(keys.len());
                if more > 0 {
                    write!(f, " and {more} more")?;
                }
                write!(f, "; known are: {KNOWN_FORMS}")
            }
            Self::UnknownArray => f.write_str(
                "a JSON array that is no event log: a log is a list of objects with `imr`",
            ),
            Self::DoublyQuoted => f.write_str("a JSON string inside a JSON string"),
            Self::OtherDocument { schema } => {
                write!(f, "a {} document, which is no evidence", Quoted(schema))
            }
            Self::Field { field, error } => write!(f, "`{field}`: {error}"),
            Self::TwoQuotes { first, second } => {
                write!(f, "`{first}` and `{second}` carry two different quotes")
            }
            Self::NoInstances => f.write_str("`instances` is empty: no instance, no evidence"),
            Self::TooManyInstances { limit } => {
                write!(f, "more than the {limit} instances allowed")
            }
            Self::Container(error) => fmt::Display::fmt(error, f),
            Self::Collateral(error) => fmt::Display::fmt(error, f),
            Self::Bundle(error) => fmt::Display::fmt(error, f),
        }
    }
}

/// Bytes as one backticked word of hex.
fn hex_words(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("`")?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
    f.write_str("`")
}

impl core::error::Error for InputError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Field { error, .. } => Some(error),
            Self::Container(error) => Some(error),
            Self::Collateral(error) => Some(error),
            Self::Bundle(error) => Some(error),
            _ => None,
        }
    }
}

/// The beginning of an unknown text, no longer than a message shows.
pub(super) fn beginning(text: &str) -> Box<str> {
    let cut: alloc::string::String = text
        .chars()
        .take(limits::QUOTED_TEXT.saturating_add(1))
        .collect();
    cut.into_boxed_str()
}

/// The first bytes of something unknown.
pub(super) fn first_bytes(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take(8).collect()
}
