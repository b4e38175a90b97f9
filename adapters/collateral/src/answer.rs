//! Taking answers of the service apart, without touching the bytes that are signed.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;
use teeproof_core::{Need, decode_hex, limits};
use teeproof_http::Response;

use crate::error::CollateralFault;

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// A signed document, exactly as it stands in the answer.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) text: String,
    pub(crate) signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TcbInfo<'a> {
    #[serde(borrow)]
    tcb_info: &'a RawValue,
    signature: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QeIdentity<'a> {
    #[serde(borrow)]
    enclave_identity: &'a RawValue,
    signature: &'a str,
}

fn body(problem: impl ToString) -> CollateralFault {
    CollateralFault::Body {
        problem: problem.to_string(),
    }
}

/// `{"tcbInfo": …, "signature": …}`.
pub(crate) fn tcb_info(bytes: &[u8]) -> Result<Signed, CollateralFault> {
    let parsed: TcbInfo<'_> = serde_json::from_slice(bytes).map_err(body)?;
    signed(parsed.tcb_info, parsed.signature)
}

/// `{"enclaveIdentity": …, "signature": …}`.
pub(crate) fn qe_identity(bytes: &[u8]) -> Result<Signed, CollateralFault> {
    let parsed: QeIdentity<'_> = serde_json::from_slice(bytes).map_err(body)?;
    signed(parsed.enclave_identity, parsed.signature)
}

fn signed(document: &RawValue, signature: &str) -> Result<Signed, CollateralFault> {
    if !document.get().starts_with('{') {
        return Err(body("the signed part is no object"));
    }
    let signature = decode_hex(signature, limits::SIGNATURE)
        .map_err(|error| body(format!("the signature: {error}")))?;
    Ok(Signed {
        text: document.get().to_owned(),
        signature,
    })
}

/// A revocation list: DER, or the hex of it, which some services send instead.
pub(crate) fn revocation_list(bytes: &[u8]) -> Result<Vec<u8>, CollateralFault> {
    // DER of a long SEQUENCE. As text, `0` would be followed by a digit or a letter.
    if let [0x30, 0x80..=0x84, ..] = bytes {
        return Ok(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| body("neither DER nor text"))?
        .trim();
    if text.is_empty() {
        return Err(body("it is empty"));
    }
    let der = decode_hex(text, limits::CRL)
        .map_err(|error| body(format!("neither DER nor hex of it: {error}")))?;
    match der.first() {
        Some(0x30) => Ok(der),
        _ => Err(body("the hex is not that of DER")),
    }
}

/// The certificate of a platform, in PEM.
pub(crate) fn certificate(bytes: &[u8]) -> Result<String, CollateralFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| body("not text; expected PEM"))?;
    if text.trim_start().starts_with(PEM_BEGIN) {
        Ok(text.to_owned())
    } else {
        Err(body("expected a certificate in PEM"))
    }
}

/// The chain of the signer, out of a header.
pub(crate) fn issuer_chain(need: &Need, response: &Response) -> Result<String, CollateralFault> {
    let names = need.issuer_chain_headers().0;
    let found = names
        .iter()
        .find_map(|name| response.header(name).map(|value| (*name, value)));
    let Some((header, value)) = found else {
        return Err(CollateralFault::NoIssuerChain { expected: names });
    };
    let refuse = |problem: String| CollateralFault::IssuerChain { header, problem };
    let text = percent_decode_str(value)
        .decode_utf8()
        .map_err(|error| refuse(error.to_string()))?;
    if text.len() > limits::PEM_CHAIN {
        return Err(refuse(format!("it has {} bytes", text.len())));
    }
    if !text.trim_start().starts_with(PEM_BEGIN) {
        let start: String = text
            .chars()
            .filter(|one| !one.is_control())
            .take(30)
            .collect();
        return Err(refuse(format!("it begins with `{start}`")));
    }
    Ok(text.into_owned())
}

/// When a signed document wants to be replaced, by its own word: only for the cache.
pub(crate) fn next_update(text: &str) -> Option<teeproof_core::Instant> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Dated<'a> {
        #[serde(borrow)]
        next_update: std::borrow::Cow<'a, str>,
    }
    let dated: Dated<'_> = serde_json::from_str(text).ok()?;
    dated.next_update.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_text_is_kept_to_the_byte() {
        let text = "{ \"b\":1,\"a\" : \"\\u00e9\", \"b2\": [ ] }";
        let answer = format!("{{\"signature\":\"00ff\",\"tcbInfo\":{text},\"more\":0}}");
        let signed = tcb_info(answer.as_bytes()).unwrap();
        assert_eq!(
            (signed.text.as_str(), signed.signature),
            (text, vec![0, 0xff])
        );
    }

    #[test]
    fn other_answers_are_refused() {
        for wrong in [
            "",
            "<html>",
            "[]",
            "{}",
            "{\"tcbInfo\":{}}",
            "{\"tcbInfo\":{},\"signature\":\"0\"}",
            "{\"tcbInfo\":{},\"signature\":\"zz\"}",
            "{\"tcbInfo\":{},\"signature\":7}",
            "{\"tcbInfo\":\"{}\",\"signature\":\"00\"}",
            "{\"tcbInfo\":[],\"signature\":\"00\"}",
            "{\"tcbInfo\":{},\"tcbInfo\":{},\"signature\":\"00\"}",
            "{\"enclaveIdentity\":{},\"signature\":\"00\"}",
            "{\"tcbInfo\":{},\"signature\":\"00\"}{}",
        ] {
            assert_eq!(
                tcb_info(wrong.as_bytes()).unwrap_err().code(),
                "body",
                "{wrong}"
            );
        }
        assert!(qe_identity(b"{\"enclaveIdentity\":{},\"signature\":\"00\"}").is_ok());
        assert!(qe_identity(b"{\"tcbInfo\":{},\"signature\":\"00\"}").is_err());
    }

    #[test]
    fn a_revocation_list_is_der_or_hex_of_it() {
        let der = [0x30, 0x82, 0x01, 0x00];
        assert_eq!(revocation_list(&der).unwrap(), der);
        assert_eq!(revocation_list(b"30820100\n").unwrap(), der);
        for wrong in [
            &b""[..],
            b" ",
            b"31",
            b"3",
            b"\xff\xfe",
            b"-----BEGIN X509 CRL-----",
        ] {
            assert_eq!(revocation_list(wrong).unwrap_err().code(), "body");
        }
    }

    #[test]
    fn only_pem_is_a_certificate() {
        assert!(certificate(b"\n-----BEGIN CERTIFICATE-----\nx").is_ok());
        assert!(certificate(b"No cache data for this platform.").is_err());
        assert!(certificate(&[0x30, 0x82, 0xff]).is_err());
    }
}
