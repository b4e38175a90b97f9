//! PEM chains: certificates and nothing else, a known number of them.

use alloc::vec::Vec;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::X509Error;
use crate::limits;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Decodes exactly `expected` certificates. White space may stand between them
/// and NUL bytes behind them (the quoting library ends its text as C does), nothing else may.
pub(crate) fn decode_chain(text: &[u8], expected: usize) -> Result<Vec<Vec<u8>>, X509Error> {
    if text.len() > limits::PEM_CHAIN {
        return Err(X509Error::TooLarge {
            found: text.len(),
            limit: limits::PEM_CHAIN,
        });
    }
    let mut rest = core::str::from_utf8(text)
        .map_err(|_| X509Error::Malformed)?
        .trim_end_matches('\0')
        .trim_ascii();
    let mut chain = Vec::new();
    while !rest.is_empty() {
        let body = rest.strip_prefix(BEGIN).ok_or(X509Error::Malformed)?;
        // No digit of base64 is a hyphen.
        let end = body.find('-').ok_or(X509Error::Malformed)?;
        let (body, after) = body.split_at_checked(end).ok_or(X509Error::Malformed)?;
        let after = after.strip_prefix(END).ok_or(X509Error::Malformed)?;
        chain.push(decode_body(body).ok_or(X509Error::Malformed)?);
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

/// What stands between the two marks: lines of one width, the last one shorter or as wide (RFC
/// 7468, 3), in base64 of the standard alphabet with its padding.
fn decode_body(body: &str) -> Option<Vec<u8>> {
    let lines = body
        .strip_prefix("\r\n")
        .or_else(|| body.strip_prefix('\n'))?
        .strip_suffix('\n')?;
    let mut digits = Vec::with_capacity(body.len());
    let mut width = None;
    for line in lines.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).as_bytes();
        let full = *width.get_or_insert(line.len());
        // Behind a line that is shorter than the first there is no other.
        let after_the_last = digits.len().checked_rem(full)? != 0;
        if line.is_empty() || line.len() > full || after_the_last {
            return None;
        }
        digits.extend_from_slice(line);
    }
    BASE64_STANDARD.decode(&digits).ok()
}
