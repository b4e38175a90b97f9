//! What is written is read as the same.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use teeproof_bindings::parse_policy;
use teeproof_core::{
    Bundle, BundleChallenge, Bytes32, Certification, CollateralParts, EventLog, Instant, Policy,
    Quote, Recognised, assemble, recognise,
};

use crate::cases;
use crate::mutate::{mutated, mutations};
use crate::policies::{self, Dice, Truth};
use crate::subjects::all;

/// Writes a quote from what was read, part by part. NULs behind a PCK chain are not kept.
fn written(quote: &Quote, nuls: usize) -> Vec<u8> {
    let sized = |bytes: &[u8]| {
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&size[..], bytes].concat()
    };
    let (kind, data) = match quote.certification() {
        Certification::PckChain(pem) => (5_u16, [&pem[..], &vec![0; nuls]].concat()),
        Certification::EncryptedPpid {
            encrypted_ppid,
            cpu_svn,
            pce_svn,
            pce_id,
        } => (
            if encrypted_ppid.len() == 256 { 2 } else { 3 },
            [
                &encrypted_ppid[..],
                cpu_svn.as_slice(),
                &pce_svn.to_le_bytes(),
                pce_id.as_slice(),
            ]
            .concat(),
        ),
    };
    let auth_size = u16::try_from(quote.qe_auth_data().len()).unwrap();
    let certified = [
        &quote.qe_report_bytes()[..],
        quote.qe_report_signature(),
        &auth_size.to_le_bytes(),
        quote.qe_auth_data(),
        &kind.to_le_bytes(),
        &sized(&data),
    ]
    .concat();
    let certified = if quote.version() == 3 {
        certified
    } else {
        [&6_u16.to_le_bytes()[..], &sized(&certified)].concat()
    };
    let auth = [&quote.signature()[..], quote.attestation_key(), &certified].concat();
    [quote.signed_bytes(), &sized(&auth)].concat()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,40}",
        "\\PC{1,20}",
        "[\\x00-\\x1f\"\\\\\u{2028}]{1,8}"
    ]
}

prop_compose! {
    fn bundle()(
        at in any::<Index>(),
        label in option::of(text()),
        quote in proptest::collection::vec(any::<u8>(), 1..400),
        event_log in option::of(text()),
        app_compose in option::of(text()),
        vm_config in option::of(text()),
        mr_config_document in option::of(text()),
        pck_certificate_chain in option::of(text()),
        captured_at in option::of(0..253_402_300_799_u64),
        collateral in 0..3_usize,
        challenge in option::of((proptest::collection::vec(any::<u8>(), 1..100), "[a-z0-9-]{1,20}", option::of(any::<[u8; 32]>()))),
        self_reported in proptest::collection::btree_map("[ -~]{1,10}", "[ -~]{0,20}", 0..4),
    ) -> Bundle {
        let start = at.index(all().len());
        let round = all()[start..].iter().chain(all());
        let mut files: Vec<CollateralParts> = Vec::new();
        for parts in round.flat_map(|examined| &examined.subject.collateral) {
            if files.len() == collateral {
                break;
            }
            if !files.contains(parts) {
                files.push(parts.clone());
            }
        }
        Bundle {
            label,
            captured_at: captured_at.and_then(Instant::from_unix),
            quote,
            event_log,
            app_compose,
            vm_config,
            mr_config_document,
            pck_certificate_chain,
            collateral: files,
            challenge: challenge.map(|(bytes, rule, channel_key)| BundleChallenge {
                bytes,
                rule,
                channel_key: channel_key.map(Bytes32::new),
            }),
            self_reported,
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_bundle_that_is_packed_is_read_as_it_was(bundle in bundle()) {
        let text = bundle.to_json();
        prop_assert_eq!(&Bundle::from_json(text.as_bytes()).unwrap(), &bundle);
        // Recognised by its content, unpacked and packed again.
        let Recognised::Evidence(evidence) = recognise(text.as_bytes()).unwrap() else {
            panic!("a bundle is evidence");
        };
        prop_assert_eq!(&Bundle::from_evidence(&evidence[0]).unwrap(), &bundle);
        let assembled = assemble([Recognised::Evidence(evidence)]).unwrap();
        prop_assert_eq!(&Bundle::from_evidence(&assembled[0]).unwrap(), &bundle);
    }

    #[test]
    fn a_bundle_that_is_read_is_written_as_it_was(
        bundle in bundle(), mutations in mutations(),
    ) {
        let text = mutated(bundle.to_json().as_bytes(), &mutations);
        if let Ok(read) = Bundle::from_json(&text) {
            prop_assert_eq!(Bundle::from_json(read.to_json().as_bytes()), Ok(read));
        }
    }

    #[test]
    fn a_policy_is_the_same_in_both_formats(
        at in any::<Index>(), bytes in proptest::collection::vec(any::<u8>(), 100),
    ) {
        let examined = &all()[at.index(all().len())];
        let truth = Truth::of(&examined.report(&Policy::default()));
        let document = policies::policy(&mut Dice::new(&bytes), &truth);
        let json = policies::read(&document);
        let toml = policies::to_toml(&document);
        let toml = parse_policy(toml.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{toml}"));
        prop_assert_eq!(&json, &toml);
        prop_assert_eq!(json.digest(), toml.digest());
        // The canonical form is itself a policy, once what is absent is left out. It has no labels.
        let canonical = readable(&json.canonical_json());
        let read = Policy::from_json(canonical.as_bytes()).unwrap();
        prop_assert_eq!(json.canonical_json(), read.canonical_json());
        prop_assert!(json.is_at_least_as_strict_as(&read) && read.is_at_least_as_strict_as(&json));
    }

    #[test]
    fn a_quote_that_is_read_is_made_of_nothing_else(
        at in any::<Index>(), mutations in mutations(),
    ) {
        let bytes = mutated(&all()[at.index(all().len())].subject.quote, &mutations);
        if let Ok(quote) = Quote::parse(&bytes) {
            let parsed = &bytes[..quote.length()];
            let nuls = parsed.len() - written(&quote, 0).len();
            prop_assert_eq!(written(&quote, nuls), parsed);
            prop_assert_eq!(Quote::parse(parsed).unwrap().length(), quote.length());
        }
    }

    #[test]
    fn a_log_that_is_read_is_written_as_it_was(at in any::<Index>(), mutations in mutations()) {
        let examined = &all()[at.index(all().len())];
        let text = examined.subject.event_log.as_deref().unwrap_or(b"[]");
        for text in [text.to_vec(), mutated(text, &mutations)] {
            if let Ok(log) = EventLog::parse(&text) {
                let written = log.to_json();
                prop_assert_eq!(EventLog::parse(written.as_bytes()), Ok(log.clone()));
                // As a text inside of a text, once.
                let quoted = serde_json::to_string(&written).unwrap();
                prop_assert_eq!(EventLog::parse(quoted.as_bytes()), Ok(log));
                let twice = serde_json::to_string(&quoted).unwrap();
                prop_assert!(EventLog::parse(twice.as_bytes()).is_err());
            }
        }
    }

    #[test]
    fn collateral_that_is_read_is_written_as_it_was(at in any::<Index>(), mutations in mutations()) {
        let examined = &all()[at.index(all().len())];
        for parts in &examined.subject.collateral {
            let text = parts.to_json().into_bytes();
            for text in [text.clone(), mutated(&text, &mutations)] {
                if let Ok(read) = CollateralParts::from_json(&text) {
                    let again = CollateralParts::from_json(read.to_json().as_bytes()).unwrap();
                    prop_assert_eq!(again.digest(), read.digest());
                    prop_assert_eq!(again, read);
                }
            }
        }
    }
}

/// Without the keys that are absent, and with a name where one is needed.
fn readable(canonical: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(canonical).unwrap();
    without_absent(&mut value);
    for os in value["os"].as_array_mut().into_iter().flatten() {
        os["name"] = "a set".into();
    }
    value
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    value.to_string()
}

/// Null stands for an absent key, and an empty text for the id that nobody's keys have not.
fn without_absent(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(keys) => {
            keys.retain(|_, value| !value.is_null() && value != "");
            keys.values_mut().for_each(without_absent);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_absent),
        _ => {}
    }
}
