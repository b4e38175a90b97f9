//! Bytes, hex, base64, PEM, and files that hold no evidence.

use super::*;
use alloc::format;
use alloc::string::ToString;
use base64::Engine as _;
use base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD,
};

#[test]
fn a_quote_is_recognised_in_every_spelling() {
    let quote = [QUOTE.as_slice(), &[0xfb, 0xff, 0xfe, 0x3e]].concat();
    let digits = hex(&quote);
    let hex_forms = [
        digits.clone(),
        digits.to_uppercase(),
        format!("0x{digits}"),
        format!("0X{digits}\n"),
        format!("  \r\n{digits}\r\n"),
        format!("{}\n{}\r\n{}", &digits[..6], &digits[6..10], &digits[10..]),
        format!("\"{digits}\""),
    ];
    for text in hex_forms {
        let evidence = one(&text);
        assert_eq!(evidence.kind, InputKind::HexQuote, "{text}");
        assert_eq!(evidence.quote.as_deref(), Some(quote.as_slice()), "{text}");
    }
    let padded = BASE64_STANDARD.encode(&quote);
    let base64_forms = [
        format!("{}\n{}\n", &padded[..8], &padded[8..]),
        padded,
        BASE64_STANDARD_NO_PAD.encode(&quote),
        BASE64_URL_SAFE.encode(&quote),
        BASE64_URL_SAFE_NO_PAD.encode(&quote),
    ];
    // The bytes were chosen so that the two alphabets differ.
    assert!(base64_forms[1].contains('+') && base64_forms[3].contains('-'));
    for text in base64_forms {
        let evidence = one(&text);
        assert_eq!(evidence.kind, InputKind::Base64Quote, "{text}");
        assert_eq!(evidence.quote.as_deref(), Some(quote.as_slice()), "{text}");
    }
    let Ok(Recognised::Evidence(raw)) = recognise(&quote) else {
        panic!("raw");
    };
    assert_eq!(
        raw[0],
        InstanceEvidence::from_quote(InputKind::RawQuote, quote)
    );
}

#[test]
fn eight_bytes_decide_whether_it_is_a_quote() {
    assert!(recognise(&QUOTE[..8]).is_ok());
    for wrong in [
        [2, 0, 2, 0, 0x81, 0, 0, 0],
        [6, 0, 2, 0, 0x81, 0, 0, 0],
        [4, 1, 2, 0, 0x81, 0, 0, 0],
        [4, 0, 1, 0, 0x81, 0, 0, 0],
        [4, 0, 2, 1, 0x81, 0, 0, 0],
        [4, 0, 2, 0, 0x80, 0, 0, 0],
        [4, 0, 2, 0, 0x81, 0, 0, 1],
    ] {
        assert!(!looks_like_quote(&wrong), "{wrong:?}");
        assert!(recognise(&wrong).is_err(), "{wrong:?}");
    }
    assert!(!looks_like_quote(&QUOTE[..7]));
}

#[test]
fn nothing_is_called_nothing() {
    for text in ["", " ", "\n\r\n\t ", "\"\"", "\" \""] {
        assert_eq!(refusal(text), InputError::Empty, "{text:?}");
    }
}

#[test]
fn an_input_over_its_cap_is_refused() {
    let large = vec![b' '; limits::BUNDLE + 1];
    assert_eq!(recognise(&large), Err(InputError::Empty));
    let mut large = vec![0; limits::BUNDLE + 1];
    assert!(matches!(
        recognise(&large),
        Err(InputError::TooLarge { .. })
    ));
    large.truncate(limits::QUOTE + 1);
    large[..12].copy_from_slice(&QUOTE);
    let too_large = InputError::PartTooLarge {
        part: EvidencePart::Quote,
        size: limits::QUOTE + 1,
        limit: limits::QUOTE,
    };
    assert_eq!(recognise(&large), Err(too_large.clone()));
    assert_eq!(recognise(hex(&large).as_bytes()), Err(too_large));
    large.truncate(limits::QUOTE);
    assert!(recognise(&large).is_ok());
}

#[test]
fn well_known_files_are_named() {
    let mut boot_log = vec![0; 64];
    boot_log[4] = 3;
    boot_log[32..47].copy_from_slice(b"Spec ID Event03");
    let files: [(&[u8], ForeignFormat); 12] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ForeignFormat::Png),
        (b"\xff\xd8\xff\xe0", ForeignFormat::Jpeg),
        (b"\x7fELF\x02\x01", ForeignFormat::Elf),
        (b"PK\x03\x04\x14\0", ForeignFormat::Zip),
        (b"%PDF-1.7\n", ForeignFormat::Pdf),
        (b"\x1f\x8b\x08\0", ForeignFormat::Gzip),
        (b"\x28\xb5\x2f\xfd\0", ForeignFormat::Zstd),
        (b"\xff\xfe{\0}\0", ForeignFormat::Utf16),
        (b"\xef\xbb\xbf{}", ForeignFormat::ByteOrderMark),
        (b"\n <!DOCTYPE html><html>", ForeignFormat::Markup),
        (b"\x30\x82\x02\x93\x30\x82", ForeignFormat::Der),
        (&boot_log, ForeignFormat::RawEventLog),
    ];
    for (bytes, format) in files {
        assert_eq!(recognise(bytes), Err(InputError::Foreign(format)));
    }
    let message = InputError::Foreign(ForeignFormat::Png).to_string();
    assert_eq!(message, "this is a PNG image");
}

#[test]
fn hex_and_base64_of_something_else_are_refused_by_what_they_are() {
    let digits = hex(&QUOTE);
    assert_eq!(
        refusal(&digits[..digits.len() - 1]),
        InputError::OddHex { digits: 23 }
    );
    assert_eq!(
        refusal("cafe"),
        InputError::NotAQuote {
            encoding: TextEncoding::Hex,
            size: 2,
            start: vec![0xca, 0xfe],
        }
    );
    assert_eq!(
        refusal(&BASE64_STANDARD.encode([7; 30])),
        InputError::NotAQuote {
            encoding: TextEncoding::Base64,
            size: 30,
            start: vec![7; 8],
        }
    );
    assert_eq!(
        refusal(&format!("{digits}zz")),
        InputError::BrokenHex { offset: 24 }
    );
    assert_eq!(
        refusal(&format!("0x{} {}", &digits[..20], &digits[20..])),
        InputError::BrokenHex { offset: 20 }
    );
    // A short word is no base64, whatever it would decode to.
    for word in ["hello", "test", "hello world", "schema = 1", "0x", "--"] {
        let error = refusal(word);
        assert!(
            matches!(
                error,
                InputError::UnknownText { .. } | InputError::NotAQuote { size: 0, .. }
            ),
            "{word}: {error:?}"
        );
    }
}

#[test]
fn base64_is_one_alphabet_with_whole_padding() {
    let padded = BASE64_STANDARD.encode(&QUOTE[..10]);
    assert!(padded.ends_with("=="));
    assert!(recognise(padded.as_bytes()).is_ok());
    for wrong in [
        padded.trim_end_matches('=').to_string() + "=",
        padded.clone() + "=",
        padded.replace("==", "=A"),
        padded.trim_end_matches('=').to_string() + "+-",
    ] {
        assert!(recognise(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn binary_junk_is_refused_with_its_beginning() {
    assert_eq!(
        recognise(b"\x01\xffjunk of some kind"),
        Err(InputError::UnknownBytes {
            start: b"\x01\xffjunk o".to_vec()
        })
    );
    // A sparse file is neither a quote nor a container.
    assert!(matches!(
        recognise(&[0; 4096]),
        Err(InputError::UnknownBytes { .. })
    ));
}

#[test]
fn certificates_are_a_chain_and_other_pem_is_named() {
    let block = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let chain = format!("\n{block}{block}");
    assert_eq!(
        recognise(chain.as_bytes()),
        Ok(Recognised::PckChain(chain.clone()))
    );
    let mixed = format!("{block}-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n");
    assert_eq!(
        refusal(&mixed),
        InputError::OtherPem {
            label: "X509 CRL".into()
        }
    );
    assert!(matches!(
        refusal("-----BEGIN EC PRIVATE KEY-----\nMHcC"),
        InputError::OtherPem { .. }
    ));
    assert!(matches!(
        refusal(&block.repeat(1000)),
        InputError::PartTooLarge {
            part: EvidencePart::PckChain,
            ..
        }
    ));
}

#[test]
fn messages_bound_and_escape_what_they_repeat() {
    let hostile = format!("\u{1b}[2J{}", "x".repeat(100_000));
    let message = refusal(&hostile).to_string();
    assert!(
        message.len() < 400 && !message.contains('\u{1b}'),
        "{message}"
    );
    let pem = format!("-----BEGIN {}", "\u{1b}".repeat(1000));
    let message = refusal(&pem).to_string();
    assert!(
        message.len() < 2000 && !message.contains('\u{1b}'),
        "{message}"
    );
}
