//! Where quotes are cut, and which are refused.

use alloc::string::ToString;

use super::*;
use crate::Reason;

const V4: &[u8] = include_bytes!("../../../fixtures/real/tdx-v4/quote.bin");
const TD15: &[u8] = include_bytes!("../../../fixtures/real/tdx-v5-td15/quote.bin");
const TD15_EXT: &[u8] = include_bytes!("../../../fixtures/real/tdx-v5-td15ex/quote.bin");
const SGX: &[u8] = include_bytes!("../../../fixtures/real/sgx-v3/quote.bin");

fn td(quote: &Quote) -> &TdReport {
    match quote.claimed_body() {
        Body::Tdx(report) => report,
        Body::Sgx(_) => panic!("an SGX report"),
    }
}

// Expected values are those of the worked examples in Intel's and dcap-qvl's terms, read off the
// quotes by other parsers.
#[test]
fn a_version_4_quote_is_cut_at_the_right_offsets() {
    let quote = Quote::parse(V4).unwrap();
    assert_eq!((quote.version(), quote.tee()), (4, Tee::Tdx));
    assert_eq!(quote.signed_bytes().len(), 632);
    assert_eq!(
        crate::sha256(quote.signed_bytes()).to_string(),
        "263b491bb14d627cc0d13408888dbe1ef550b7b8265794702303300bc388ef17"
    );
    assert_eq!(quote.length(), 4936);
    assert_eq!(quote.trailing(), Trailing::Zeros(70));
    assert_eq!(
        td(&quote).mrtd.to_string(),
        "91eb2b44d141d4ece09f0c75c2c53d247a3c68edd7fafe8a3520c942a604a407de03ae6dc5f87f27428b2538873118b7"
    );
    assert!(td(&quote).rtmr[3].is_zero());
    assert_eq!(td(&quote).td_attributes.to_string(), "0000001000000000");
    assert!(td(&quote).td_attributes.sept_ve_disable());
    assert!(td(&quote).td15.is_none());
    assert_eq!(quote.claimed_qe_report().isv_svn, 6);
    assert_eq!(quote.qe_auth_data().len(), 32);
}

#[test]
fn version_5_carries_the_longer_reports() {
    let quote = Quote::parse(TD15).unwrap();
    assert_eq!((quote.version(), quote.signed_bytes().len()), (5, 702));
    assert!(td(&quote).td15.as_ref().unwrap().extended.is_none());

    let quote = Quote::parse(TD15_EXT).unwrap();
    assert_eq!((quote.version(), quote.signed_bytes().len()), (5, 939));
    let extended = td(&quote).td15.as_ref().unwrap().extended.as_ref().unwrap();
    assert_eq!(extended.vm_id, 0);
    assert_eq!(
        extended.td_id.to_string(),
        "e1f3ee829cb6f039318b8ae3eee622622775f4c9128fee747cb662c624d88b8e"
    );
    assert!(extended.current_service_td_attributes.is_zero());
}

#[test]
fn an_sgx_quote_is_version_3() {
    let quote = Quote::parse(SGX).unwrap();
    assert_eq!((quote.version(), quote.tee()), (3, Tee::Sgx));
    assert_eq!(quote.signed_bytes().len(), 432);
}

#[test]
fn every_shorter_prefix_is_refused() {
    for whole in [V4, TD15, TD15_EXT, SGX] {
        let length = Quote::parse(whole).unwrap().length();
        assert!(Quote::parse(&whole[..length]).is_ok());
        for cut in 0..length {
            let error = Quote::parse(&whole[..cut]).unwrap_err();
            assert_eq!(error.reason(), Reason::QuoteTruncated, "cut at {cut}");
        }
    }
}

fn edited(whole: &[u8], offset: usize, bytes: &[u8]) -> Result<Quote, QuoteError> {
    let mut copy = whole.to_vec();
    copy.splice(
        offset..offset.saturating_add(bytes.len()),
        bytes.iter().copied(),
    );
    Quote::parse(&copy)
}

#[test]
fn header_values_that_no_verifier_knows_are_refused() {
    assert_eq!(
        edited(V4, 0, &[6, 0]),
        Err(QuoteError::Version { found: 6 })
    );
    assert_eq!(
        edited(V4, 0, &[3, 0]),
        Err(QuoteError::Tee {
            version: 3,
            found: 0x81
        })
    );
    assert_eq!(
        edited(SGX, 0, &[4, 0]),
        Err(QuoteError::Tee {
            version: 4,
            found: 0
        })
    );
    assert_eq!(
        edited(V4, 2, &[3, 0]),
        Err(QuoteError::KeyType { found: 3 })
    );
    assert!(matches!(
        edited(V4, 12, &[0]),
        Err(QuoteError::Vendor { .. })
    ));
}

// Pitfall 10: a size that lies about the body would move every later field.
#[test]
fn a_version_5_body_must_have_the_size_of_its_type() {
    assert_eq!(
        edited(TD15, 50, &649u32.to_le_bytes()),
        Err(QuoteError::BodySize {
            found: 649,
            expected: 648
        })
    );
    assert_eq!(
        edited(TD15, 48, &[1, 0]),
        Err(QuoteError::BodyType { found: 1 })
    );
    assert_eq!(
        edited(TD15, 48, &[5, 0]),
        Err(QuoteError::BodyType { found: 5 })
    );
}

#[test]
fn declared_lengths_must_be_used_up() {
    // The outer length takes in one more byte than its content has.
    let auth_length = u32::from_le_bytes(V4[632..636].try_into().unwrap());
    assert_eq!(
        edited(V4, 632, &(auth_length + 1).to_le_bytes()),
        Err(QuoteError::Leftover {
            field: "authData",
            bytes: 1
        })
    );
    let inner = u32::from_le_bytes(V4[766..770].try_into().unwrap());
    assert_eq!(
        edited(V4, 766, &(inner - 1).to_le_bytes()),
        Err(QuoteError::Leftover {
            field: "authData",
            bytes: 1
        })
    );
    assert_eq!(
        edited(V4, 766, &u32::MAX.to_le_bytes())
            .unwrap_err()
            .reason(),
        Reason::QuoteTruncated
    );
    assert_eq!(
        edited(V4, 764, &[5, 0]),
        Err(QuoteError::CertificationType {
            found: 5,
            expected: &[6]
        })
    );
    // The inner certification data: a PCK leaf alone (4) cannot be verified.
    assert_eq!(
        edited(V4, 1252, &[4, 0]),
        Err(QuoteError::CertificationType {
            found: 4,
            expected: &[2, 3, 5]
        })
    );
    assert!(matches!(
        edited(V4, 1252, &[2, 0]),
        Err(QuoteError::CertificationLength { expected: 276, .. })
    ));
}

#[test]
fn what_follows_the_quote_is_described() {
    let mut bytes = V4.to_vec();
    *bytes.last_mut().unwrap() = 1;
    assert_eq!(
        Quote::parse(&bytes).unwrap().trailing(),
        Trailing::Data { offset: 69 }
    );
    bytes = V4.to_vec();
    bytes.resize(V4.len() + limits::QUOTE_PADDING, 0);
    assert!(matches!(
        Quote::parse(&bytes).unwrap().trailing(),
        Trailing::TooManyZeros(_)
    ));
    bytes.resize(limits::QUOTE + 1, 0);
    assert_eq!(
        Quote::parse(&bytes).unwrap_err().reason(),
        Reason::QuoteTooLarge
    );
}
