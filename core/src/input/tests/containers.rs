//! dstack's versioned attestation. The version 1 bytes were written by `rmp-serde` from types with
//! dstack's definitions.

use super::*;
use alloc::string::ToString;

const V1: &str = concat!(
    "83a776657273696f6e01a8706c6174666f726d82a46b696e64a3746478a46461746182a571756f74659a04000200",
    "cc81000000ccff7fa96576656e745f6c6f679285a3696d7200aa6576656e745f74797065ce8000000ba664696765",
    "7374c430cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
    "cccccccccccca56576656e74a0ad6576656e745f7061796c6f6164c40087a3696d7203aa6576656e745f74797065",
    "ce08000001a6646967657374c400a56576656e74a3612262ad6576656e745f7061796c6f6164c402deada7766572",
    "73696f6e02a8707265696d616765a437623764a5737461636b82a46b696e64a664737461636ba46461746183ab72",
    "65706f72745f646174619401010101ae72756e74696d655f6576656e74739182a56576656e74a66170702d6964a7",
    "7061796c6f6164c403abababa6636f6e666967af7b226370755f636f756e74223a327d",
);

const V1_QUOTE: [u8; 10] = [4, 0, 2, 0, 0x81, 0, 0, 0, 0xff, 0x7f];

/// A container of version 0, built by hand.
fn version_0(quote: &[u8], config: &str) -> Vec<u8> {
    let short = |length: usize| u8::try_from(length << 2).unwrap();
    let mut bytes = vec![0, 0, short(quote.len())];
    bytes.extend(quote);
    bytes.push(short(1));
    bytes.extend([3, 0, 0, 0, 1, 0, 0, 8]);
    bytes.extend([short(2), 0xaa, 0xbb]);
    bytes.extend([short(4), b'a', b'"', b'\n', b'b']);
    bytes.extend([short(1), 0xcc]);
    bytes.extend([short(1), short(1), b'e', short(1), 0xdd]);
    bytes.extend([9; 64]);
    bytes.push(short(config.len()));
    bytes.extend(config.as_bytes());
    bytes
}

fn malformed(bytes: &[u8]) -> ContainerFault {
    match recognise(bytes) {
        Err(InputError::Container(ContainerError::Malformed { what, offset })) => {
            assert!(offset <= bytes.len());
            what
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn version_0_is_taken_apart() {
    let bytes = version_0(&QUOTE, r#"{"cpu_count":1}"#);
    let Ok(Recognised::Evidence(all)) = recognise(&bytes) else {
        panic!("not recognised");
    };
    assert_eq!(all[0].kind, InputKind::DstackAttestation);
    assert_eq!(all[0].quote.as_deref(), Some(QUOTE.as_slice()));
    assert_eq!(
        core::str::from_utf8(all[0].event_log.as_deref().unwrap()).unwrap(),
        concat!(
            r#"[{"imr":3,"event_type":134217729,"digest":"aabb","event":"a\"\nb","#,
            r#""event_payload":"cc"}]"#
        )
    );
    assert_eq!(
        all[0].vm_config.as_deref(),
        Some(br#"{"cpu_count":1}"#.as_slice())
    );
    assert_eq!(one(&hex(&bytes)), all[0]);
}

#[test]
fn a_nested_vm_config_is_found_and_so_is_the_mr_config_document() {
    let bytes = version_0(&QUOTE, r#"{"vm_config":"{\"mr_config\":\"doc\"}"}"#);
    let evidence = one(&hex(&bytes));
    assert_eq!(
        evidence.vm_config.as_deref(),
        Some(br#"{"mr_config":"doc"}"#.as_slice())
    );
    assert_eq!(
        evidence.mr_config_document.as_deref(),
        Some(b"doc".as_slice())
    );
    // A configuration that is no JSON is kept as it is; the checks will say so.
    let evidence = one(&hex(&version_0(&QUOTE, "{oops")));
    assert_eq!(evidence.vm_config.as_deref(), Some(b"{oops".as_slice()));
    assert_eq!(one(&hex(&version_0(&QUOTE, ""))).vm_config, None);
}

#[test]
fn version_0_is_whole_or_refused() {
    let whole = version_0(&QUOTE, "x");
    // Up to the quote's first eight bytes it is not recognised as a container at all.
    for length in 11..whole.len() {
        assert_eq!(malformed(&whole[..length]), ContainerFault::Truncated);
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert_eq!(malformed(&longer), ContainerFault::Trailing);
    let mut not_text = whole.clone();
    *not_text.last_mut().unwrap() = 0xff;
    assert_eq!(malformed(&not_text), ContainerFault::NotUtf8);
}

#[test]
fn version_0_has_one_encoding_for_a_length() {
    let whole = version_0(&QUOTE, "x");
    // Twelve, written in two bytes where one is enough, and in the form that is never used.
    let mut long = whole.clone();
    long.splice(15..16, [0x05, 0x00]);
    assert_eq!(malformed(&long), ContainerFault::BadLength);
    let mut big = whole.clone();
    big[15] = 0x03;
    assert_eq!(malformed(&big), ContainerFault::BadLength);
    // A count far beyond the cap is refused before anything is read for it.
    let mut many = whole;
    many.splice(15..16, [0xfe, 0xff, 0xff, 0xff]);
    assert_eq!(malformed(&many), ContainerFault::TooLong);
}

#[test]
fn other_platforms_are_named() {
    let mut bytes = version_0(&[0; 48], "x");
    bytes.splice(2..3, [0x01, 0x01]);
    bytes.resize(200, 0);
    for (platform, name) in [
        (1, "dstack-gcp-tdx"),
        (2, "dstack-nitro-enclave"),
        (3, "dstack-amd-sev-snp"),
        (4, "dstack-aws-nitro-tpm"),
    ] {
        bytes[1] = platform;
        assert_eq!(
            recognise(&bytes),
            Err(InputError::Container(ContainerError::UnsupportedPlatform {
                platform: name.into()
            }))
        );
    }
    bytes[1] = 5;
    assert!(matches!(
        recognise(&bytes),
        Err(InputError::UnknownBytes { .. })
    ));
}

#[test]
fn version_1_is_taken_apart() {
    let evidence = one(V1);
    assert_eq!(evidence.kind, InputKind::DstackAttestation);
    assert_eq!(evidence.quote.as_deref(), Some(V1_QUOTE.as_slice()));
    let log = alloc::format!(
        concat!(
            r#"[{{"imr":0,"event_type":2147483659,"digest":"{}","event":"","event_payload":""}},"#,
            r#"{{"imr":3,"event_type":134217729,"digest":"","event":"a\"b","event_payload":"dead","#,
            r#""version":2,"preimage":"7b7d"}}]"#
        ),
        "cc".repeat(48)
    );
    assert_eq!(
        core::str::from_utf8(evidence.event_log.as_deref().unwrap()).unwrap(),
        log
    );
    assert_eq!(
        evidence.vm_config.as_deref(),
        Some(br#"{"cpu_count":2}"#.as_slice())
    );
    let bytes = crate::decode_hex(V1, 1000).unwrap();
    assert!(matches!(recognise(&bytes), Ok(Recognised::Evidence(raw)) if raw[0] == evidence));
}

#[test]
fn version_1_is_whole_or_refused() {
    let whole = crate::decode_hex(V1, 1000).unwrap();
    for length in 9..whole.len() {
        assert_eq!(malformed(&whole[..length]), ContainerFault::Truncated);
    }
    let mut longer = whole.clone();
    longer.push(0xc0);
    assert_eq!(malformed(&longer), ContainerFault::Trailing);
}

#[test]
fn version_1_has_its_keys_once_and_no_others() {
    for (from, to, expected) in [
        ("a5737461636b82", "a5737461635882", ContainerFault::BadKey),
        ("a56576656e74a0", "a56576656e78a0", ContainerFault::BadKey),
        ("a3696d7203", "a3696d72a0", ContainerFault::WrongType),
        (
            "ce08000001",
            "cf0000000108000001",
            ContainerFault::WrongType,
        ),
        (
            "a571756f74659a",
            "a571756f7465dd7fffffff",
            ContainerFault::TooLong,
        ),
        (
            "cc81000000ccff",
            "cd0181000000ccff",
            ContainerFault::WrongType,
        ),
        ("a46461746182a5", "a4646174618fa5", ContainerFault::BadKey),
        // The same key twice, with the number of entries to match.
        (
            "87a3696d7203",
            "88a3696d7200a3696d7203",
            ContainerFault::BadKey,
        ),
    ] {
        assert!(V1.contains(from), "{from}");
        let bytes = crate::decode_hex(&V1.replacen(from, to, 1), 1000).unwrap();
        assert_eq!(malformed(&bytes), expected, "{from}");
    }
    // One key less.
    let without = V1
        .replacen(
            "83ab7265706f72745f64617461",
            "82ab7265706f72745f64617461",
            1,
        )
        .replacen("a6636f6e666967af7b226370755f636f756e74223a327d", "", 1);
    let bytes = crate::decode_hex(&without, 1000).unwrap();
    assert_eq!(malformed(&bytes), ContainerFault::MissingKey);
    // Two entries where dstack writes three are not taken for its map.
    let bytes = crate::decode_hex(&V1.replacen("83a7", "82a7", 1), 1000).unwrap();
    assert!(matches!(
        recognise(&bytes),
        Err(InputError::UnknownBytes { .. })
    ));
}

#[test]
fn other_versions_and_platforms_say_what_to_do() {
    let newer = V1.replacen("76657273696f6e01", "76657273696f6e02", 1);
    let error = refusal(&newer);
    assert_eq!(
        error,
        InputError::Container(ContainerError::UnsupportedVersion { version: 2 })
    );
    assert!(error.to_string().contains("`GetQuote`"), "{error}");
    let snp = V1.replacen("6b696e64a3746478", "6b696e64a3736e70", 1);
    assert_eq!(
        refusal(&snp),
        InputError::Container(ContainerError::UnsupportedPlatform {
            platform: "snp".into()
        })
    );
}

#[test]
fn an_answer_with_two_quotes_must_mean_one() {
    let json = |quote: &[u8], attestation: &str| {
        alloc::format!(
            r#"{{"quote":"{}","attestation":"{attestation}"}}"#,
            hex(quote)
        )
    };
    assert_eq!(
        one(&json(&V1_QUOTE, V1)).quote.as_deref(),
        Some(V1_QUOTE.as_slice())
    );
    let two = InputError::TwoQuotes {
        first: "quote",
        second: "attestation",
    };
    assert_eq!(refusal(&json(&QUOTE, V1)), two);
    assert_eq!(refusal(&json(&QUOTE, &hex(&OTHER))), two);
    assert_eq!(refusal(&json(&QUOTE, &hex(&version_0(&OTHER, "x")))), two);
    // A container of a kind that is not read says nothing against the quote beside it; a broken
    // one does.
    let newer = V1.replacen("76657273696f6e01", "76657273696f6e02", 1);
    assert!(one(&json(&QUOTE, &newer)).quote.is_some());
    assert!(matches!(
        refusal(&json(&V1_QUOTE, &V1[..200])),
        InputError::Container(ContainerError::Malformed { .. })
    ));
    assert_eq!(
        refusal(&json(&QUOTE, "cafe")),
        InputError::Container(ContainerError::NotAContainer)
    );
}
