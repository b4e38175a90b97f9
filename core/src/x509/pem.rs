//! PEM chains: certificates and nothing else, a known number of them.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::X509Error;
use super::intel::known_text;
use crate::limits;

/// One certificate, decoded; those of Intel's that are known are only lent.
pub(crate) type Der = Cow<'static, [u8]>;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Decodes exactly `expected` certificates. White space may stand between them
/// and NUL bytes behind them (the quoting library ends its text as C does), nothing else may.
pub(crate) fn decode_chain(bytes: &[u8], expected: usize) -> Result<Vec<Der>, X509Error> {
    bounded(bytes.len())?;
    let text = core::str::from_utf8(bytes).map_err(|_| X509Error::Malformed)?;
    decode_text(text, expected)
}

/// The same, of what is known to be UTF-8.
pub(crate) fn decode_text(text: &str, expected: usize) -> Result<Vec<Der>, X509Error> {
    bounded(text.len())?;
    let mut rest = text.trim_end_matches('\0').trim_ascii();
    let mut chain = Vec::with_capacity(expected);
    while !rest.is_empty() {
        let (der, after) = match known_text(rest) {
            Some((der, after)) => (Der::Borrowed(der), after),
            None => certificate(rest).ok_or(X509Error::Malformed)?,
        };
        chain.push(der);
        if chain.len() > limits::CHAIN_CERTIFICATES {
            break;
        }
        rest = after.trim_ascii_start();
    }
    if chain.len() == expected {
        Ok(chain)
    } else {
        Err(X509Error::ChainLength {
            found: chain.len(),
            expected,
        })
    }
}

fn bounded(size: usize) -> Result<(), X509Error> {
    if size > limits::PEM_CHAIN {
        return Err(X509Error::TooLarge {
            found: size,
            limit: limits::PEM_CHAIN,
        });
    }
    Ok(())
}

/// The certificate that a text begins with, and what stands behind it.
fn certificate(text: &str) -> Option<(Der, &str)> {
    let body = text.strip_prefix(BEGIN)?;
    // No digit of base64 is a hyphen.
    let (body, after) = body.split_at_checked(body.find('-')?)?;
    Some((decode_body(body)?.into(), after.strip_prefix(END)?))
}

/// What stands between the two marks: lines of one width, the last one shorter or as wide (RFC
/// 7468, 3), in base64 of the standard alphabet with its padding.
fn decode_body(body: &str) -> Option<Vec<u8>> {
    let (line_end, body) = match body.strip_prefix("\r\n") {
        Some(body) => ("\r\n", body),
        None => ("\n", body.strip_prefix('\n')?),
    };
    let lines = body.strip_suffix(line_end)?.as_bytes();
    let end = line_end.as_bytes();
    let width = lines
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))
        .unwrap_or(lines.len());
    if width == 0 {
        return None;
    }
    let mut digits = Vec::with_capacity(lines.len());
    let mut rest = lines;
    // Line ends that stand anywhere else are no digits, and refused as such.
    while rest.len() > width {
        let (line, after) = rest.split_at_checked(width)?;
        digits.extend_from_slice(line);
        rest = after.strip_prefix(end).filter(|rest| !rest.is_empty())?;
    }
    digits.extend_from_slice(rest);
    BASE64_STANDARD.decode(&digits).ok()
}
