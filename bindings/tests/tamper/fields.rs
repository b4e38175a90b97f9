//! The fields of collateral by name.

use teeproof_core::CollateralParts;

pub(crate) const FIELDS: [&str; 10] = [
    "pck_crl_issuer_chain",
    "root_ca_crl",
    "pck_crl",
    "tcb_info_issuer_chain",
    "tcb_info",
    "tcb_info_signature",
    "qe_identity_issuer_chain",
    "qe_identity",
    "qe_identity_signature",
    "pck_certificate_chain",
];

const HEX: [&str; 4] = [
    "root_ca_crl",
    "pck_crl",
    "tcb_info_signature",
    "qe_identity_signature",
];

pub(crate) fn get(parts: &CollateralParts, field: &str) -> Option<Vec<u8>> {
    let text = |text: &String| Some(text.clone().into_bytes());
    match field {
        "pck_crl_issuer_chain" => text(&parts.pck_crl_issuer_chain),
        "root_ca_crl" => Some(parts.root_ca_crl.clone()),
        "pck_crl" => Some(parts.pck_crl.clone()),
        "tcb_info_issuer_chain" => text(&parts.tcb_info_issuer_chain),
        "tcb_info" => text(&parts.tcb_info),
        "tcb_info_signature" => Some(parts.tcb_info_signature.clone()),
        "qe_identity_issuer_chain" => text(&parts.qe_identity_issuer_chain),
        "qe_identity" => text(&parts.qe_identity),
        "qe_identity_signature" => Some(parts.qe_identity_signature.clone()),
        "pck_certificate_chain" => parts.pck_certificate_chain.as_ref().and_then(text),
        _ => panic!("no field {field}"),
    }
}

/// The parts with another value in one field. `None` if the value is no text where the field is
/// one: no file can say that.
pub(crate) fn with(
    parts: &CollateralParts,
    field: &str,
    value: Vec<u8>,
) -> Option<CollateralParts> {
    let mut parts = parts.clone();
    let text =
        |place: &mut String, value| String::from_utf8(value).map(|value| *place = value).ok();
    match field {
        "pck_crl_issuer_chain" => text(&mut parts.pck_crl_issuer_chain, value)?,
        "root_ca_crl" => parts.root_ca_crl = value,
        "pck_crl" => parts.pck_crl = value,
        "tcb_info_issuer_chain" => text(&mut parts.tcb_info_issuer_chain, value)?,
        "tcb_info" => text(&mut parts.tcb_info, value)?,
        "tcb_info_signature" => parts.tcb_info_signature = value,
        "qe_identity_issuer_chain" => text(&mut parts.qe_identity_issuer_chain, value)?,
        "qe_identity" => text(&mut parts.qe_identity, value)?,
        "qe_identity_signature" => parts.qe_identity_signature = value,
        "pck_certificate_chain" => {
            text(parts.pck_certificate_chain.get_or_insert_default(), value)?
        }
        _ => panic!("no field {field}"),
    }
    Some(parts)
}

/// Whether a byte of a collateral file is a digit of a value in hex.
pub(crate) fn in_hex_value(file: &[u8], offset: usize) -> bool {
    hex_values(file).iter().any(|range| range.contains(&offset))
}

/// Where the values in hex stand in a collateral file.
pub(crate) fn hex_values(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let text = std::str::from_utf8(file).unwrap();
    HEX.iter()
        .map(|key| {
            let key = format!("\"{key}\"");
            let after_key = text.find(&key).unwrap() + key.len();
            let start = after_key + text[after_key..].find('"').unwrap() + 1;
            start..start + text[start..].find('"').unwrap()
        })
        .collect()
}
