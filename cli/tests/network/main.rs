//! The commands that reach out, against servers on this machine.

#![cfg(feature = "network")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod batch;
#[path = "../../../adapters/http/tests/server/mod.rs"]
mod server;
mod world;

use server::{Identity, Reply, Server, ok, status};
use teeproof_core::{Bundle, Bytes32, CollateralParts, encode_hex, sha256};

use world::{Folder, World, attest, code, json, pccs, real, stderr};

#[test]
fn a_running_instance_is_judged_over_a_bound_channel() {
    let world = World::new("bound");
    let identity = Identity::new();
    let key = sha256(&identity.public_key());
    let app = Server::start_tls(&identity, move |request| attest(request, Some(key)));
    let output = world.verify(&[&app.url(""), "--ra-tls"]);
    let answer = json(&output);
    assert_eq!(
        (code(&output), &answer["channel"]),
        (10, &"bound".into()),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        (&answer["simulates"], &answer["historical"]),
        (&"trusted".into(), &true.into())
    );
    assert_eq!(answer["challenge"]["source"], "caller");
    assert!(stderr(&output).contains("asking https://127.0.0.1"));
    // Without the option the certificate leads nowhere.
    let output = world.verify(&[&app.url("")]);
    assert_eq!(code(&output), 8);
    assert!(stderr(&output).contains("next:") && stderr(&output).contains("RA-TLS"));
}

#[test]
fn a_relay_is_unbound_in_the_headline_too() {
    let world = World::new("relay");
    let app = Server::start(|request| attest(request, Some(Bytes32::new([1; 32]))));
    let output = world.verify(&[&app.url("")]);
    let answer = json(&output);
    assert_eq!((code(&output), &answer["channel"]), (10, &"unbound".into()));
    assert!(
        answer["headline"]
            .as_str()
            .unwrap()
            .contains("channel unbound")
    );
    let (relay, other) = (Identity::new(), Bytes32::new([1; 32]));
    let tls = Server::start_tls(&relay, move |request| attest(request, Some(other)));
    let output = world.verify(&[&tls.url(""), "--ra-tls"]);
    assert_eq!(code(&output), 8);
    assert!(
        stderr(&output).contains("any certificate was accepted"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_was_captured_is_judged_offline_later() {
    let world = World::new("capture");
    let app = Server::start(|request| attest(request, None));
    let bundle = world.folder.file("app.json");
    let output = world.run(&["capture", &app.url(""), "-o", &bundle, "--label", "shop"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.contains("channel unbound") && said.contains(&bundle),
        "{said}"
    );
    let packed = Bundle::from_json(&std::fs::read(&bundle).unwrap()).unwrap();
    assert_eq!(
        (packed.label.as_deref(), packed.collateral.len()),
        (Some("shop"), 1)
    );
    assert!(packed.captured_at.is_some() && packed.challenge.is_some());
    assert_eq!(packed.self_reported["version.version"], "1.2.3");
    let requests = world.pccs.requests().len();
    // Whoever captured knows the challenge, and it is worth something only from there.
    let challenge = said
        .lines()
        .find_map(|line| line.strip_prefix("challenge "))
        .unwrap();
    assert_eq!(
        challenge,
        encode_hex(&packed.challenge.as_ref().unwrap().bytes)
    );
    let later = [
        "--challenge",
        challenge,
        "--challenge-rule",
        "teeproof-evidence",
    ];
    let arguments = [
        "--root",
        &world.root,
        "--at",
        &world.at,
        "--policy",
        &world.policy,
    ];
    let output = world.folder.teeproof(
        &[
            &["verify", &bundle, "--format", "json"],
            &arguments[..],
            &later,
        ]
        .concat(),
    );
    assert_eq!(
        (code(&output), &json(&output)["channel"]),
        (10, &"saved".into())
    );
    assert_eq!(world.pccs.requests().len(), requests);
}

#[test]
fn a_capture_without_collateral_is_written_and_said_to_be_one() {
    let world = World::new("incomplete");
    let app = Server::start(|request| attest(request, None));
    let bundle = world.folder.file("app.json");
    let nowhere = Server::start(|_| status(404, &[]));
    let output = world.folder.teeproof(&[
        "capture",
        &app.url(""),
        "-o",
        &bundle,
        "--root",
        &world.root,
        "--pccs",
        &nowhere.url(""),
    ]);
    assert_eq!(code(&output), 8);
    assert!(
        stderr(&output).contains("without collateral"),
        "{}",
        stderr(&output)
    );
    let packed = Bundle::from_json(&std::fs::read(&bundle).unwrap()).unwrap();
    assert!(packed.collateral.is_empty());
    // The same for a verdict: it is inconclusive, and what failed is the adapter.
    let output = world.folder.teeproof(&[
        "verify",
        &app.url(""),
        "--root",
        &world.root,
        "--pccs",
        &nowhere.url(""),
        "--format",
        "json",
    ]);
    assert_eq!(
        (code(&output), &json(&output)["verdict"]),
        (8, &"inconclusive".into())
    );
}

#[test]
fn fetched_collateral_verifies_a_real_quote_and_is_kept() {
    let folder = Folder::new("fetch");
    let parts =
        CollateralParts::from_json(&std::fs::read(real("collateral.json")).unwrap()).unwrap();
    let server = pccs(parts.clone());
    let (quote, policy) = (real("quote.bin"), real("policy.toml"));
    let (fetched, cache) = (folder.file("collateral.json"), folder.file("kept"));
    let fetch = |more: &[&str]| {
        let url = server.url("");
        let mut all = vec!["collateral", "fetch", "--quote", &quote, "-o", &fetched];
        all.extend(["--pccs", &url, "--cache-dir", &cache]);
        all.extend(more);
        folder.teeproof(&all)
    };
    let output = fetch(&["--offline"]);
    assert_eq!(code(&output), 8);
    assert!(stderr(&output).contains("offline"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("asking"));
    assert!(server.requests().is_empty());
    let output = fetch(&[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&fetched).unwrap(), parts.to_json());
    let verify = |collateral: &str| {
        let at = "2025-06-27T04:53:20Z";
        folder.teeproof(&[
            "verify",
            &quote,
            "--collateral",
            collateral,
            "--policy",
            &policy,
            "--at",
            at,
        ])
    };
    assert_eq!(
        code(&verify(&fetched)),
        code(&verify(&real("collateral.json")))
    );
    assert!(matches!(code(&verify(&fetched)), 0 | 3));
    // What was fetched is kept, and is all there is offline.
    std::fs::remove_file(&fetched).unwrap();
    let requests = server.requests().len();
    assert_eq!(code(&fetch(&["--offline"])), 0);
    assert_eq!(std::fs::read_to_string(&fetched).unwrap(), parts.to_json());
    assert_eq!(server.requests().len(), requests);
}

#[test]
fn one_unreachable_machine_does_not_hide_the_others() {
    let world = World::new("several");
    let app = Server::start(|request| attest(request, None));
    let none = Server::start(|_| status(404, &[]));
    let (good, bad) = (app.url(""), none.url(""));
    for order in [[good.as_str(), &bad], [bad.as_str(), &good]] {
        let output = world.verify(&order);
        let answers = json(&output);
        assert_eq!(code(&output), 8);
        let codes: Vec<_> = answers
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["exitCode"].as_u64().unwrap())
            .collect();
        assert!(codes.contains(&8) && codes.contains(&10), "{codes:?}");
        let failed = answers
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["exitCode"] == 8)
            .unwrap();
        assert_eq!(failed["error"]["code"], "no-evidence-endpoint");
    }
}

#[test]
fn trouble_is_explained() {
    let folder = Folder::new("trouble");
    let page = Server::start(|_| ok("<html>"));
    let hang = Server::start(|_| Reply::Hang(Vec::new()));
    let id = "a".repeat(40);
    for (arguments, number, said) in [
        (vec!["verify".to_owned(), page.url("")], 8, "not JSON"),
        (
            vec![
                "verify".into(),
                hang.url(""),
                "--timeout".into(),
                "1".into(),
            ],
            8,
            "in time",
        ),
        (
            vec!["verify".into(), "http://192.0.2.1/".into()],
            8,
            "expected https",
        ),
        (
            vec!["verify".into(), format!("https://{id}.gw.invalid:8090/")],
            8,
            "-8090.gw.invalid",
        ),
        (
            vec!["capture".into(), page.url("/apps/1/attestations")],
            8,
            "not JSON",
        ),
        (
            vec!["verify".into(), page.url(""), "--offline".into()],
            2,
            "--offline",
        ),
        (
            vec!["verify".into(), "https://me:secret@example.com/".into()],
            2,
            "password",
        ),
        (
            vec!["capture".into(), "ftp://example.com/".into()],
            2,
            "scheme",
        ),
        (
            vec![
                "verify".into(),
                page.url(""),
                "--timeout".into(),
                "0".into(),
            ],
            2,
            "--timeout",
        ),
        (
            vec![
                "verify".into(),
                page.url(""),
                "--challenge".into(),
                "00".into(),
                "--challenge-rule".into(),
                "sha512".into(),
            ],
            2,
            "fresh challenge",
        ),
        (
            vec![
                "collateral".into(),
                "fetch".into(),
                "--quote".into(),
                real("quote.bin"),
                "--pccs".into(),
                "pccs".into(),
            ],
            2,
            "--pccs",
        ),
        (
            vec![
                "collateral".into(),
                "fetch".into(),
                "--quote".into(),
                real("quote.bin"),
                "--pccs".into(),
                page.url(""),
            ],
            8,
            "no tcb-info",
        ),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = folder.teeproof(&arguments);
        assert_eq!(code(&output), number, "{arguments:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(said),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("secret"));
        assert!(output.stdout.is_empty());
    }
}
