//! PEM chains: certificates and nothing else, a known number of them.

use alloc::vec::Vec;

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
        if !rest.starts_with(BEGIN) {
            return Err(X509Error::Malformed);
        }
        let (body, after) = rest.split_once(END).ok_or(X509Error::Malformed)?;
        // `split_once` found END after `body`, so the block is a prefix of `rest`.
        let length = body.len().saturating_add(END.len());
        let block = rest.get(..length).ok_or(X509Error::Malformed)?;
        let (_, der) =
            pem_rfc7468::decode_vec(block.as_bytes()).map_err(|_| X509Error::Malformed)?;
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
