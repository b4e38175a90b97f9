//! Instances on this machine: honest ones, relays, and everything that is none.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

#[path = "../../http/tests/server/mod.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use server::{Identity, Reply, Request, Server, ok, redirect, status};
use teeproof_bindings::{Answer, InstantChoice, VerifyAnswer, VerifyOptions, parse_policy, verify};
use teeproof_core::{
    Bundle, BundleChallenge, Bytes32, Challenge, Channel, DerivationRule, InputKind,
    InstanceEvidence, Instant, TrustAnchor, decode_hex, encode_hex, sha256,
};
use teeproof_forge::challenge::Rule;
use teeproof_forge::{Issued, Scenario};
use teeproof_http::{Address, Client, Options, Trust};
use teeproof_instance::{Ask, Captured, InstanceError, Note, Source, capture};

/// An app's evidence for report data.
fn issue(report_data: &[u8]) -> Issued {
    let mut scenario = Scenario::tdx_v4();
    scenario.ask(report_data, Rule::Raw64);
    scenario.issue()
}

fn bundle(issued: &Issued, challenge: Option<BundleChallenge>) -> Vec<u8> {
    let mut evidence = InstanceEvidence::from_quote(InputKind::RawQuote, issued.quote.clone());
    evidence.event_log = issued.event_log.clone().map(String::into_bytes);
    evidence.app_compose = issued.app_compose.clone().map(String::into_bytes);
    evidence.collateral = issued
        .collateral_json
        .iter()
        .map(|json| teeproof_core::CollateralParts::from_json(json.as_bytes()).unwrap())
        .collect();
    evidence.challenge = challenge;
    Bundle::from_evidence(&evidence)
        .unwrap()
        .to_json()
        .into_bytes()
}

/// Answers `/attestation?challenge=` as an app with this key does.
fn attest(request: &Request, key: Option<Bytes32>) -> Reply {
    let Some(hex) = request.target.strip_prefix("/attestation?challenge=") else {
        return status(404, &[]);
    };
    let mut asked = Challenge::new(
        decode_hex(hex, 64).unwrap(),
        DerivationRule::TeeproofEvidence,
    );
    asked.channel_key = key;
    let issued = issue(asked.expected_report_data().unwrap().as_slice());
    ok(bundle(
        &issued,
        Some(BundleChallenge {
            bytes: asked.bytes,
            rule: asked.rule.name().to_owned(),
            channel_key: key,
        }),
    ))
}

fn options(trust: Trust) -> Options {
    Options {
        timeout: Duration::from_secs(20),
        first_pause: Duration::from_millis(1),
        trust,
        ..Options::default()
    }
}

fn ask_with(options: Options, url: &str, ask: &Ask) -> Result<Captured, InstanceError> {
    let client = Client::new(options).unwrap();
    capture(&client, &Address::parse(url).unwrap(), ask)
}

fn ask(url: &str) -> Result<Captured, InstanceError> {
    ask_with(options(Trust::default()), url, &Ask::default())
}

fn ra_tls(url: &str) -> Result<Captured, InstanceError> {
    ask_with(options(Trust::AnyCertificate), url, &Ask::default())
}

fn code(result: Result<Captured, InstanceError>) -> &'static str {
    let error = result.unwrap_err();
    assert!(
        !error.next_step().is_empty() && error.to_string().contains("http"),
        "{error}"
    );
    error.code()
}

/// The verdict on what was captured.
fn judge(captured: &Captured) -> VerifyAnswer {
    let issued = issue(&[0; 64]);
    let options = VerifyOptions {
        policy: parse_policy(b"schema = \"teeproof.policy/1\"\nchannel = \"bound\"\n").unwrap(),
        anchor: TrustAnchor::from_der(&issued.root_der).unwrap(),
        instant: InstantChoice::Given(Instant::from_unix(issued.at).unwrap()),
        collateral: Vec::new(),
        exchange: captured.exchange.clone(),
        genuine_only: false,
    };
    match verify("live", &captured.evidence[0], &options) {
        Answer::Verified(answer) => *answer,
        Answer::Unreadable(answer) => panic!("{answer:?}"),
    }
}

fn outcome<'a>(answer: &'a VerifyAnswer, id: &str) -> &'a str {
    answer
        .checks
        .iter()
        .find(|check| check.id == id)
        .unwrap()
        .outcome
}

#[test]
fn an_instance_answers_a_fresh_challenge_each_time() {
    let server = Server::start(|request| attest(request, None));
    let first = ask(&server.url("")).unwrap();
    let second = ask(&server.url("/attestation")).unwrap();
    let challenge = |captured: &Captured| captured.exchange.challenge.clone().unwrap().bytes;
    assert_eq!(challenge(&first).len(), 32);
    assert_ne!(challenge(&first), challenge(&second));
    assert_eq!(
        (first.source, first.notes.as_slice()),
        (Source::Endpoint, &[Note::NoTls][..])
    );
    let answer = judge(&first);
    assert_eq!(outcome(&answer, "freshness.challenge"), "passed");
    assert_eq!(answer.channel, "unbound");
    assert!(answer.headline.contains("channel"), "{}", answer.headline);
}

#[test]
fn a_key_in_the_quote_binds_the_channel() {
    let identity = Identity::new();
    let key = sha256(&identity.public_key());
    let server = Server::start_tls(&identity, move |request| attest(request, Some(key)));
    let captured = ra_tls(&server.url("")).unwrap();
    assert_eq!(
        captured.exchange.channel,
        Channel::Live { tls_key: Some(key) }
    );
    let answer = judge(&captured);
    assert_eq!(answer.channel, "bound");
    assert_eq!(outcome(&answer, "channel.binding"), "passed");
    // Without the option, a certificate of the instance's own making is refused.
    assert_eq!(code(ask(&server.url(""))), "tls");
}

#[test]
fn a_relay_is_unbound_whatever_it_passes_on() {
    let app = Identity::new();
    let key = sha256(&app.public_key());
    let relay = Identity::new();
    let server = Server::start_tls(&relay, move |request| attest(request, Some(key)));
    // With a certificate that a CA vouches for, there is a result, and it is unbound.
    let vouched = options(Trust::WebPki {
        more_roots: vec![relay.der()],
    });
    let captured = ask_with(vouched, &server.url(""), &Ask::default()).unwrap();
    let answer = judge(&captured);
    assert_eq!(outcome(&answer, "freshness.challenge"), "passed");
    assert_eq!(answer.channel, "unbound");
    assert_eq!(outcome(&answer, "channel.binding"), "failed");
    // Where any certificate was accepted, there is none.
    assert_eq!(code(ra_tls(&server.url(""))), "channel-not-bound");
}

#[test]
fn a_relay_that_names_its_own_key_is_found_out_by_the_core() {
    let relay = Identity::new();
    let own = sha256(&relay.public_key());
    let server = Server::start_tls(&relay, move |request| {
        // The app's quote is over another key; only what stands beside it was changed.
        let Reply::Full(status, headers, body) = attest(request, Some(Bytes32::new([1; 32])))
        else {
            panic!("no answer")
        };
        let text = String::from_utf8(body).unwrap();
        let text = text.replace(&"01".repeat(32), &own.to_string());
        Reply::Full(status, headers, text.into_bytes())
    });
    let answer = judge(&ra_tls(&server.url("")).unwrap());
    assert_eq!(outcome(&answer, "freshness.challenge"), "failed");
    assert_eq!(
        (answer.channel.as_str(), answer.verdict.as_str()),
        ("unbound", "rejected")
    );
}

#[test]
fn without_a_stated_key_ra_tls_has_no_result() {
    let identity = Identity::new();
    let server = Server::start_tls(&identity, |request| attest(request, None));
    assert_eq!(code(ra_tls(&server.url(""))), "channel-not-bound");
    let plain = Server::start(|request| attest(request, None));
    assert_eq!(code(ra_tls(&plain.url(""))), "channel-not-bound");
}

#[test]
fn an_answer_from_memory_is_refused() {
    let stale = |challenge| bundle(&issue(&[7; 64]), challenge);
    let stated = |bytes: Vec<u8>, rule: &str| BundleChallenge {
        bytes,
        rule: rule.to_owned(),
        channel_key: None,
    };
    for body in [
        stale(None),
        stale(Some(stated(vec![7; 32], "teeproof-evidence"))),
        stale(Some(stated(vec![7; 64], "raw64"))),
    ] {
        let server = Server::start(move |_| ok(body.clone()));
        assert_eq!(code(ask(&server.url(""))), "other-challenge");
    }
    // The right challenge under another rule.
    let server = Server::start(move |request| {
        let hex = request.target.split_once('=').unwrap().1;
        let bytes = decode_hex(hex, 64).unwrap();
        ok(bundle(&issue(&[7; 64]), Some(stated(bytes, "sha512"))))
    });
    assert_eq!(code(ask(&server.url(""))), "other-challenge");
}

#[test]
fn a_recorded_quote_with_the_right_words_is_rejected_by_the_core() {
    let server = Server::start(|request| {
        let hex = request.target.split_once('=').unwrap().1;
        let challenge = BundleChallenge {
            bytes: decode_hex(hex, 64).unwrap(),
            rule: "teeproof-evidence".to_owned(),
            channel_key: None,
        };
        ok(bundle(&issue(&[7; 64]), Some(challenge)))
    });
    let answer = judge(&ask(&server.url("")).unwrap());
    assert_eq!(outcome(&answer, "freshness.challenge"), "failed");
    assert_eq!(answer.verdict, "rejected");
}

#[test]
fn what_is_no_evidence_is_named() {
    let collateral = issue(&[0; 64]).collateral_json.into_iter().next().unwrap();
    for (body, expected) in [
        ("<!doctype html><html>dashboard</html>", "not-json"),
        ("", "not-json"),
        ("\u{1b}[31mred", "not-json"),
        ("{\"error\":\"no quote\"}", "not-evidence"),
        ("{\"schema\":\"teeproof.bundle/2\"}", "not-evidence"),
        (
            "{\"schema\":\"teeproof.bundle/1\",\"quote\":\"00\",\"quote\":\"00\"}",
            "not-evidence",
        ),
        ("{\"instances\":[]}", "not-evidence"),
        (&collateral, "not-evidence"),
    ] {
        let body = body.to_owned();
        let server = Server::start(move |_| ok(body.clone()));
        let error = ask(&server.url("")).unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    // A quote alone answers no challenge.
    let quote = encode_hex(&issue(&[0; 64]).quote);
    let server = Server::start(move |_| ok(format!("{{\"quote\":\"{quote}\"}}")));
    assert_eq!(code(ask(&server.url(""))), "not-evidence");
}

#[test]
fn a_server_without_evidence_is_told_from_one_that_fails() {
    for (number, expected) in [
        (404, "no-evidence-endpoint"),
        (405, "no-evidence-endpoint"),
        (501, "no-evidence-endpoint"),
        (400, "status"),
        (403, "status"),
        (500, "status"),
        (429, "status"),
    ] {
        let server = Server::start(move |_| status(number, &[]));
        assert_eq!(code(ask(&server.url(""))), expected, "{number}");
    }
}

#[test]
fn a_server_that_misbehaves_gives_no_evidence() {
    for (reply, expected) in [
        ((|| Reply::Endless) as fn() -> Reply, "too-large"),
        (
            || Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec()),
            "truncated",
        ),
        (|| redirect("/attestation?again"), "redirect-loop"),
        (|| redirect("http://192.0.2.1/"), "plain-http"),
        (|| redirect("ftp://127.0.0.1/"), "redirect-refused"),
        (|| Reply::Raw(b"hello\r\n\r\n".to_vec()), "protocol"),
    ] {
        let server = Server::start(move |_| reply());
        assert_eq!(code(ask(&server.url(""))), expected);
    }
    let server = Server::start(|_| Reply::Hang(Vec::new()));
    let short = Options {
        timeout: Duration::from_millis(300),
        ..options(Trust::default())
    };
    assert_eq!(
        code(ask_with(short, &server.url(""), &Ask::default())),
        "timeout"
    );
    assert_eq!(code(ask("http://192.0.2.1/")), "plain-http");
}

#[test]
fn a_redirect_is_noted_and_the_last_key_counts() {
    let (front, back) = (Identity::new(), Identity::new());
    let key = sha256(&back.public_key());
    let behind = Arc::new(Server::start_tls(&back, move |request| {
        attest(request, Some(key))
    }));
    let to = Arc::clone(&behind);
    let server = Server::start_tls(&front, move |request| redirect(&to.url(&request.target)));
    let captured = ra_tls(&server.url("")).unwrap();
    assert!(
        captured
            .notes
            .iter()
            .any(|note| note.code() == "redirected")
    );
    assert!(captured.address.starts_with(&behind.url("")));
    assert_eq!(judge(&captured).channel, "bound");
}

#[test]
fn what_an_instance_says_of_itself_is_kept_apart() {
    let with = Ask {
        extras: true,
        ..Ask::default()
    };
    let server = Server::start(|request| match request.target.as_str() {
        "/version" => ok("{\"version\":\"1.2.3\",\"gitSha\":\"abc\",\"composeHash\":\"00\"}"),
        "/health" => ok("ok"),
        _ => attest(request, None),
    });
    let captured = ask_with(options(Trust::default()), &server.url(""), &with).unwrap();
    let [one] = &captured.evidence[..] else {
        panic!("one instance")
    };
    for (name, value) in [
        ("version.version", "1.2.3"),
        ("version.gitSha", "abc"),
        ("health", "ok"),
    ] {
        assert!(
            one.self_reported
                .contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
    assert!(Bundle::from_evidence(one).is_ok());
    // Nothing fails for want of it.
    let silent = Server::start(|request| match request.target.as_str() {
        "/version" => Reply::Endless,
        _ => attest(request, None),
    });
    let captured = ask_with(options(Trust::default()), &silent.url(""), &with).unwrap();
    let missing = captured
        .notes
        .iter()
        .filter(|note| note.code() == "no-extra");
    assert_eq!(missing.count(), 2);
    assert!(captured.evidence[0].self_reported.is_empty());
}

/// The two answers of a guest agent's public port.
fn agent(request: &Request, issued: &Issued) -> Reply {
    let log = issued.event_log.clone().unwrap();
    let compose = issued.app_compose.clone().unwrap();
    match (request.method.as_str(), request.target.as_str()) {
        ("GET", "/prpc/Worker.Info") => {
            let tcb_info = serde_json::json!({ "mrtd": "", "rtmr3": "", "app_compose": compose });
            let info = serde_json::json!({
                "app_id": "00", "instance_id": "11", "tcb_info": tcb_info.to_string(),
            });
            ok(info.to_string())
        }
        ("POST", "/prpc/Worker.GetAttestationForAppKey") => {
            assert_eq!(request.body, br#"{"algorithm":"ed25519"}"#);
            let quote = encode_hex(&issued.quote);
            let answer = serde_json::json!({ "quote": quote, "event_log": log, "report_data": "" });
            ok(answer.to_string())
        }
        _ => status(404, &[]),
    }
}

#[test]
fn the_guest_agent_proves_a_key_and_no_freshness() {
    let server = Server::start(|request| agent(request, &issue(&[9; 64])));
    for path in ["/prpc", "/prpc/Worker.Info"] {
        let captured = ask(&server.url(path)).unwrap();
        assert_eq!(captured.source, Source::GuestAgent);
        assert!(captured.exchange.challenge.is_none());
        assert!(captured.notes.contains(&Note::NoFreshChallenge));
        let [one] = &captured.evidence[..] else {
            panic!("one instance")
        };
        assert!(one.quote.is_some() && one.event_log.is_some() && one.app_compose.is_some());
        assert_eq!(judge(&captured).channel, "unbound");
    }
    assert_eq!(code(ra_tls(&server.url("/prpc"))), "channel-not-bound");
    let hidden = Server::start(|_| status(404, &[]));
    assert_eq!(code(ask(&hidden.url("/prpc"))), "no-evidence-endpoint");
    let page = Server::start(|request| match request.method.as_str() {
        "GET" => agent(request, &issue(&[9; 64])),
        _ => ok("<html>"),
    });
    assert_eq!(code(ask(&page.url("/prpc"))), "not-json");
}

#[test]
fn a_cloud_tells_of_all_instances_and_of_those_without_evidence() {
    let server = Server::start(|_| {
        let quote = encode_hex(&issue(&[9; 64]).quote);
        ok(format!(
            "{{\"app_id\":\"00\",\"instances\":[{{\"instance_id\":\"a\",\"quote\":\"{quote}\"}},{{\"instance_id\":\"b\",\"quote\":null,\"error\":\"offline\"}}]}}"
        ))
    });
    let captured = ask(&server.url("/api/v1/apps/00/attestations")).unwrap();
    assert_eq!(
        (captured.source, captured.evidence.len()),
        (Source::Cloud, 2)
    );
    assert!(captured.evidence[0].quote.is_some() && captured.evidence[1].quote.is_none());
    assert!(captured.notes.contains(&Note::FromCloud));
    assert!(captured.exchange.challenge.is_none());
    assert_eq!(server.requests(), ["GET /api/v1/apps/00/attestations"]);
}
