//! Whatever the challenge, the quote means nothing in another protocol.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{Agent, Behaviour, get, service};
use proptest::prelude::*;
use teeproof_core::{Bytes32, Challenge, DerivationRule, encode_hex, sha256};
use teeproof_evidence::{EvidenceChallenge, Settings};

/// What begins each preimage of this crate.
const OURS: &[u8] = b"teeproof-evidence/1:";

/// What begins the preimages that dstack hashes into report data: a content type and a colon.
const HASHED: &[&str] = &[
    "kms-root-ca:",
    "ratls-cert:",
    "app-data:",
    "acme-account:",
    "custom:",
];

/// What report data begin with where dstack writes them as text.
const PLAIN: &[&str] = &["dip1::ed25519-pk:", "dip1::secp256k1c-pk:", "dip1::"];

/// Challenges that somebody would send who wants a value of another protocol signed.
fn hostile() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for tag in HASHED.iter().chain(PLAIN) {
        let mut value = tag.as_bytes().to_vec();
        value.extend(sha256(b"a key of mine").as_slice());
        for length in [16, 32, 48, 64] {
            let mut challenge = value.clone();
            challenge.resize(length, 0);
            all.push(challenge);
        }
        // The finished report data themselves, as if they were taken raw.
        let data = Challenge::new(value, DerivationRule::Sha512).expected_report_data();
        all.push(data.unwrap().as_slice().to_vec());
    }
    all.push(OURS.iter().copied().cycle().take(64).collect());
    all
}

/// The values that other protocols would take for theirs if they came out of this challenge.
fn foreign(bytes: &[u8]) -> Vec<[u8; 64]> {
    let derive = |bytes: Vec<u8>, rule| {
        *Challenge::new(bytes, rule)
            .expected_report_data()
            .unwrap()
            .as_array()
    };
    let mut values = vec![
        derive(bytes.to_vec(), DerivationRule::ZeroPadded),
        derive(bytes.to_vec(), DerivationRule::Sha256Padded),
        derive(bytes.to_vec(), DerivationRule::Sha512),
        derive(bytes.to_vec(), DerivationRule::AppDataSha512),
    ];
    for tag in HASHED {
        let tagged = [tag.as_bytes(), bytes].concat();
        values.push(derive(tagged, DerivationRule::Sha512));
    }
    values
}

fn check(bytes: &[u8], key: Option<Bytes32>) {
    let asked = EvidenceChallenge::from_hex(&encode_hex(bytes), key).unwrap();
    let data = asked.report_data().as_array();
    // They are those of the written rule, computed here from the parts.
    let length = u64::try_from(bytes.len()).unwrap().to_le_bytes();
    let key = key.map_or([0; 32], |key| *key.as_array());
    let preimage = [OURS, &length, bytes, &key].concat();
    let hashed = Challenge::new(preimage.clone(), DerivationRule::Sha512);
    assert_eq!(hashed.expected_report_data().unwrap().as_array(), data);
    // No preimage of another protocol is this one: to be equal, SHA-512 would have to collide.
    for tag in HASHED {
        assert!(!preimage.starts_with(tag.as_bytes()));
        assert!(!tag.as_bytes().starts_with(OURS));
    }
    assert!(foreign(bytes).iter().all(|value| value != data));
    assert!(PLAIN.iter().all(|tag| !data.starts_with(tag.as_bytes())));
    assert!(
        !data
            .windows(8)
            .any(|window| bytes.windows(8).any(|w| w == window && w != [0; 8]))
    );
}

#[test]
fn no_tag_begins_another() {
    // Together with fixed tags at the front, this is why preimages of two protocols never agree.
    for tag in HASHED.iter().chain(PLAIN) {
        let tag = tag.as_bytes();
        assert!(!OURS.starts_with(tag) && !tag.starts_with(OURS));
    }
}

#[test]
fn hostile_challenges_make_report_data_of_no_other_protocol() {
    for challenge in hostile() {
        check(&challenge, None);
        check(&challenge, Some(Bytes32::new([0x5a; 32])));
    }
}

proptest! {
    #[test]
    fn any_challenge_makes_report_data_of_no_other_protocol(
        bytes in proptest::collection::vec(any::<u8>(), 16..=64),
        key in proptest::option::of(any::<[u8; 32]>()),
    ) {
        check(&bytes, key.map(Bytes32::new));
    }

    #[test]
    fn two_requests_have_the_same_report_data_only_if_they_are_the_same(
        a in proptest::collection::vec(0..2u8, 16..=18),
        b in proptest::collection::vec(0..2u8, 16..=18),
        keys in any::<[bool; 2]>(),
    ) {
        let [first, second] = keys.map(|key| key.then(|| Bytes32::new([1; 32])));
        let of = |bytes: &[u8], key| {
            EvidenceChallenge::from_hex(&encode_hex(bytes), key).unwrap()
        };
        let same = a == b && first == second;
        prop_assert_eq!(of(&a, first).report_data() == of(&b, second).report_data(), same);
    }
}

#[tokio::test]
async fn the_agent_is_asked_for_nothing_but_derived_report_data() {
    let agent = Agent::start(Behaviour::Honest);
    let settings = Settings {
        rate: teeproof_evidence::Rate {
            burst: 1000,
            ..Default::default()
        },
        ..Settings::default()
    };
    let evidence = service(agent.endpoint(), settings);
    let challenges = hostile();
    for challenge in &challenges {
        let uri = format!("/attestation?challenge={}", encode_hex(challenge));
        assert_eq!(get(&evidence, &uri).await.status, 200);
    }
    // Requests that try to slip report data in by other names.
    for query in [
        "report_data",
        "reportData",
        "rule",
        "prefix",
        "hash_algorithm",
    ] {
        let text = encode_hex(&challenges[0]);
        let uri = format!("/attestation?{query}={text}&challenge={text}");
        assert_eq!(get(&evidence, &uri).await.status, 200);
    }
    let mut expected: Vec<Vec<u8>> = Vec::new();
    let again = std::iter::repeat_n(&challenges[0], 5);
    for challenge in challenges.iter().chain(again) {
        let asked = EvidenceChallenge::from_hex(&encode_hex(challenge), None).unwrap();
        expected.push(asked.report_data().as_slice().to_vec());
    }
    assert_eq!(agent.report_data(), expected);
    let asked = agent.asked.lock().unwrap();
    assert!(
        asked
            .iter()
            .all(|(method, _)| method == "GetQuote" || method == "Info")
    );
}
