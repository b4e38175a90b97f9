//! The certificate profile on a real chain, and on chains that only look like one.

use alloc::string::String;
use alloc::vec::Vec;

use super::certificate::Role;
use super::*;

pub(super) fn field(name: &str) -> String {
    let collateral = include_str!("../../../fixtures/real/tdx-v5-td15ex/collateral.json");
    let value: serde_json::Value = serde_json::from_str(collateral).unwrap();
    String::from(value[name].as_str().unwrap())
}

fn pck_chain() -> Vec<Certificate> {
    decode_chain(field("pck_certificate_chain").as_bytes(), 3)
        .unwrap()
        .iter()
        .map(|der| Certificate::parse(der).unwrap())
        .collect()
}

#[test]
fn a_real_chain_has_the_profile() {
    let chain = pck_chain();
    assert_eq!(chain[0].check_role(Role::Pck), Ok(()));
    assert_eq!(chain[1].pck_ca(), Some(PckCa::Platform));
    assert_eq!(chain[1].check_role(Role::PckCa(PckCa::Platform)), Ok(()));
    assert_eq!(chain[2].check_role(Role::Root), Ok(()));
    assert_eq!(chain[0].check_issuer(&chain[1]), Ok(()));
    assert_eq!(chain[1].check_issuer(&chain[2]), Ok(()));
}

#[test]
fn no_certificate_passes_for_another_role() {
    let chain = pck_chain();
    let roles = [
        Role::Pck,
        Role::PckCa(PckCa::Platform),
        Role::Root,
        Role::PckCa(PckCa::Processor),
        Role::TcbSigning,
    ];
    for (index, certificate) in chain.iter().enumerate() {
        for (other, role) in roles.into_iter().enumerate() {
            assert_eq!(
                certificate.check_role(role).is_ok(),
                index == other,
                "{index} as {role:?}"
            );
        }
    }
    assert!(chain[0].check_issuer(&chain[2]).is_err());
    assert!(chain[1].check_issuer(&chain[0]).is_err());
}

// Values read off the same certificate by `openssl x509 -text`.
#[test]
fn the_sgx_extension_names_the_platform() {
    let chain = pck_chain();
    let extension = PckExtension::parse(chain[0].pck_extension().unwrap()).unwrap();
    assert_eq!(
        alloc::format!("{}", extension.ppid),
        "d6fbe62fefe590c45a33afa4adaad111"
    );
    assert_eq!(alloc::format!("{}", extension.fmspc), "b0c06f000000");
    assert_eq!(extension.tcb.pce_svn, 11);
    assert_eq!(extension.tcb.components, *extension.tcb.cpu_svn.as_array());
    assert_eq!(extension.flags.smt_enabled, Some(true));
}

#[test]
fn an_sgx_extension_that_is_cut_or_repeats_an_entry_is_refused() {
    let chain = pck_chain();
    let whole = chain[0].pck_extension().unwrap();
    for cut in 0..whole.len() {
        assert!(PckExtension::parse(&whole[..cut]).is_err(), "cut at {cut}");
    }
    // The first entry is the PPID: SEQUENCE (2 + 2 for a long form) { SEQUENCE of 30 bytes, … }.
    let entry = &whole[4..4 + 2 + usize::from(whole[5])];
    let mut doubled = whole[..4].to_vec();
    doubled.extend_from_slice(entry);
    doubled.extend_from_slice(&whole[4..]);
    let length = u16::try_from(doubled.len() - 4).unwrap();
    doubled[2..4].copy_from_slice(&length.to_be_bytes());
    assert!(PckExtension::parse(&doubled).is_err());
}

#[test]
fn a_real_list_is_read_and_every_cut_refused() {
    let der = crate::decode_hex(&field("pck_crl"), limits()).unwrap();
    let list = RevocationList::parse(&der).unwrap();
    assert_eq!(list.number(), 1);
    assert_eq!(
        alloc::format!("{}", list.window().not_before),
        "2026-10-08T00:28:26Z"
    );
    // One second before nextUpdate.
    assert_eq!(
        alloc::format!("{}", list.window().not_after),
        "2026-11-07T00:28:25Z"
    );
    let chain = pck_chain();
    assert_eq!(list.check_issuer(&chain[1]), Ok(()));
    assert!(list.check_issuer(&chain[2]).is_err());
    assert!(!list.revokes(&chain[0]));
    for cut in (0..der.len()).step_by(7) {
        assert!(RevocationList::parse(&der[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_revoked_serial_number_is_found_in_lists_of_any_length() {
    let der = crate::decode_hex(&field("pck_crl"), limits()).unwrap();
    let list = RevocationList::parse(&der).unwrap();
    let chain = pck_chain();
    for others in [0, 1, 126, 127, 128, 129, 1000] {
        let list = list.clone().with(chain[0].serial(), others);
        assert!(list.revokes(&chain[0]), "{others}");
        assert!(!list.revokes(&chain[1]), "{others}");
    }
}

fn limits() -> usize {
    crate::limits::CRL
}

/// The text with its lines changed.
fn broken(pem: &str, change: impl FnOnce(&mut [String])) -> String {
    let mut lines: Vec<String> = pem.lines().map(String::from).collect();
    change(&mut lines);
    lines.join("\n")
}

#[test]
fn lines_may_end_as_on_windows_and_have_any_width() {
    let pem = field("pck_certificate_chain");
    let chain = decode_chain(pem.as_bytes(), 3);
    assert!(chain.is_ok());
    assert_eq!(decode_chain(pem.replace('\n', "\r\n").as_bytes(), 3), chain);
    let wide: String = pem
        .lines()
        .map(|line| match line.strip_prefix("-----BEGIN") {
            Some(_) => alloc::format!("{line}\n"),
            None => {
                line.replace("-----END", "\n-----END")
                    + if line.starts_with('-') { "\n" } else { "" }
            }
        })
        .collect();
    assert_eq!(decode_chain(wide.as_bytes(), 3), chain);
}

#[test]
fn a_chain_is_certificates_and_nothing_else() {
    let pem = field("pck_certificate_chain");
    assert!(decode_chain(pem.as_bytes(), 3).is_ok());
    assert_eq!(
        decode_chain(pem.as_bytes(), 2),
        Err(X509Error::ChainLength {
            found: 3,
            expected: 2
        })
    );
    assert_eq!(
        decode_chain(b"", 3),
        Err(X509Error::ChainLength {
            found: 0,
            expected: 3
        })
    );
    for wrong in [
        alloc::format!("x{pem}"),
        alloc::format!("{pem}x"),
        alloc::format!("{pem}\0x"),
        pem.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE----"),
        pem.replace("CERTIFICATE", "X509 CRL"),
        pem.replacen('M', "*", 1),
        // Marks that share a line with what they enclose, an empty line, a line that is wider than
        // the first, one that is shorter than it and not the last, and a blank at the end of one.
        pem.replacen("-----\nM", "-----M", 1),
        pem.replacen("\n-----END", "-----END", 1),
        pem.replacen("-----\nM", "-----\n\nM", 1),
        broken(&pem, |lines| lines[2].push_str("AAAA")),
        broken(&pem, |lines| {
            let end = lines[2].split_off(60);
            lines[3].insert_str(0, &end);
        }),
        broken(&pem, |lines| lines[2].push(' ')),
    ] {
        assert!(decode_chain(wrong.as_bytes(), 3).is_err(), "{wrong}");
    }
    // Pitfall: DER where PEM should stand.
    assert_eq!(
        decode_chain(&[0x30, 0x82, 0x01, 0x00], 3),
        Err(X509Error::Malformed)
    );
}

#[test]
fn signatures_are_der_of_two_integers_of_at_most_32_bytes() {
    let one = [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02];
    let mut expected = [0; 64];
    expected[31] = 1;
    expected[63] = 2;
    assert_eq!(raw_signature(&one), Some(expected));
    // A negative integer, a padded one, one of 33 bytes, and bytes behind the sequence.
    assert_eq!(
        raw_signature(&[0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x02]),
        None
    );
    assert_eq!(
        raw_signature(&[0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x02]),
        None
    );
    let mut long = Vec::from([0x30, 0x26, 0x02, 0x21, 0x01]);
    long.resize(5 + 32, 0);
    long.extend_from_slice(&[0x02, 0x01, 0x02]);
    assert_eq!(raw_signature(&long), None);
    assert_eq!(
        raw_signature(&[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x00]),
        None
    );
}
