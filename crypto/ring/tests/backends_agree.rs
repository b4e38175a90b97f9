//! Both backends give the same answer to every triple, right or wrong.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use proptest::prelude::*;
use teeproof_core::{SignatureAnswer, SignatureVerifier};
use teeproof_crypto_ring::RingVerifier;
use teeproof_crypto_rustcrypto::RustCryptoVerifier;

fn signed(seed: [u8; 32], message: &[u8]) -> ([u8; 64], [u8; 64]) {
    let key = SigningKey::from_slice(&seed).expect("a scalar below the order");
    let signature: Signature = key.sign(message);
    let point = key.verifying_key().to_sec1_point(false);
    let key = point.as_bytes()[1..].try_into().expect("64 bytes");
    (key, signature.to_bytes().into())
}

fn both(key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
    let answer = RingVerifier.verify(key, message, signature);
    assert_eq!(
        answer,
        RustCryptoVerifier.verify(key, message, signature),
        "the backends disagree"
    );
    answer
}

const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn numbers_out_of_range_and_points_off_the_curve_are_invalid() {
    let (key, signature) = signed([7; 32], b"message");
    assert_eq!(both(&key, b"message", &signature), SignatureAnswer::Valid);
    for half in [0, 32] {
        for number in [[0; 32], ORDER, [0xff; 32]] {
            let mut wrong = signature;
            wrong[half..half + 32].copy_from_slice(&number);
            assert_eq!(both(&key, b"message", &wrong), SignatureAnswer::Invalid);
        }
    }
    for wrong in [[0; 64], [0xff; 64], [1; 64]] {
        assert_eq!(
            both(&wrong, b"message", &signature),
            SignatureAnswer::Invalid
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    })]

    #[test]
    fn a_flipped_bit_anywhere_is_invalid(
        // 255 in every byte is above the order of the group.
        seed in 1_u8..=254,
        message in proptest::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let (key, signature) = signed([seed; 32], &message);
        prop_assert_eq!(both(&key, &message, &signature), SignatureAnswer::Valid);
        let mut wrong = [&key[..], &signature, &message].concat();
        let index = at.index(wrong.len());
        wrong[index] ^= 1 << bit;
        let answer = both(
            wrong[..64].try_into().expect("64 bytes"),
            &wrong[128..],
            wrong[64..128].try_into().expect("64 bytes"),
        );
        prop_assert_eq!(answer, SignatureAnswer::Invalid);
    }
}
