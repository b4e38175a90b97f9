//! The routes in front of an honest agent.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Agent, Behaviour, GOOD, ask, fresh_socket, get, service};
use hyper::StatusCode;
use serde_json::{Value, json};
use teeproof_core::{Bundle, Bytes32, CollateralParts, Quote, sha256};
use teeproof_evidence::{Build, Endpoint, EvidenceChallenge, Rate, RefusalCode, Settings};
use teeproof_forge::Scenario;
use teeproof_forge::dstack::app::COMPOSE;
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_challenge_is_answered_with_a_bundle() {
    let agent = Agent::start(Behaviour::Honest);
    let key = Bytes32::new([0x5a; 32]);
    let evidence = service(
        agent.endpoint(),
        Settings {
            channel_key: Some(key),
            ..Settings::default()
        },
    );
    let issued = Scenario::tdx_v4().issue();
    let collateral =
        CollateralParts::from_json(issued.collateral_json.unwrap().as_bytes()).unwrap();
    evidence.replace_collateral(vec![collateral.clone()]);

    let answer = get(&evidence, GOOD).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let bundle = Bundle::from_json(answer.body.as_bytes()).unwrap();
    assert_eq!(bundle.event_log, issued.event_log);
    assert_eq!(bundle.app_compose.as_deref(), Some(COMPOSE));
    assert_eq!(bundle.vm_config, issued.vm_config);
    assert_eq!(bundle.collateral, [collateral]);
    assert_eq!(bundle.label.as_deref(), Some("22"));
    assert!(bundle.captured_at.is_some());
    let carried = bundle.challenge.unwrap();
    assert_eq!(carried.bytes, (0..16).collect::<Vec<u8>>());
    assert_eq!(carried.rule, "teeproof-evidence");
    assert_eq!(carried.channel_key, Some(key));

    let asked = EvidenceChallenge::from_hex("000102030405060708090a0b0c0d0e0f", Some(key)).unwrap();
    let quote = Quote::parse(&bundle.quote).unwrap();
    assert_eq!(quote.claimed_body().report_data(), asked.report_data());
}

#[tokio::test]
async fn every_challenge_that_is_wrong_is_refused_before_the_agent_hears_of_it() {
    let agent = Agent::start(Behaviour::Honest);
    let evidence = service(agent.endpoint(), Settings::default());
    let good = "00".repeat(16);
    for (query, code) in [
        (String::new(), RefusalCode::ChallengeMissing),
        ("?".into(), RefusalCode::ChallengeMissing),
        ("?nonce=00".into(), RefusalCode::ChallengeMissing),
        (format!("?Challenge={good}"), RefusalCode::ChallengeMissing),
        ("?challenge".into(), RefusalCode::ChallengeMissing),
        ("?challenge=".into(), RefusalCode::ChallengeMissing),
        (
            format!("?challenge={good}&challenge={good}"),
            RefusalCode::ChallengeRepeated,
        ),
        (format!("?challenge={good}0"), RefusalCode::ChallengeNotHex),
        (format!("?challenge={good}zz"), RefusalCode::ChallengeNotHex),
        (format!("?challenge=0x{good}"), RefusalCode::ChallengeNotHex),
        (
            format!("?challenge=%30{good}0"),
            RefusalCode::ChallengeNotHex,
        ),
        (
            format!("?challenge={good}%20"),
            RefusalCode::ChallengeNotHex,
        ),
        (format!("?challenge={good}+"), RefusalCode::ChallengeNotHex),
        (
            format!("?challenge={}", "00".repeat(15)),
            RefusalCode::ChallengeLength,
        ),
        (
            format!("?challenge={}", "00".repeat(65)),
            RefusalCode::ChallengeLength,
        ),
        (
            format!("?challenge={}", "00".repeat(20_000)),
            RefusalCode::ChallengeLength,
        ),
    ] {
        let answer = get(&evidence, &format!("/attestation{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.code(), code.as_str(), "{query}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    assert_eq!(agent.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn challenges_of_every_length_in_bounds_and_either_case_are_answered() {
    let agent = Agent::start(Behaviour::Honest);
    let evidence = service(agent.endpoint(), Settings::default());
    for digits in ["ab".repeat(16), "AB".repeat(16), "aB".repeat(64)] {
        let answer = get(&evidence, &format!("/attestation?a=b&challenge={digits}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let agent = Agent::start(Behaviour::Honest);
    let evidence = service(agent.endpoint(), Settings::default());
    for (method, uri, allow) in [
        ("POST", GOOD, "GET, OPTIONS"),
        ("HEAD", GOOD, "GET, OPTIONS"),
        ("PUT", "/version", "GET, HEAD, OPTIONS"),
        ("DELETE", "/compose-hash", "GET, HEAD, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("get", "/health", "GET, HEAD, OPTIONS"),
    ] {
        let answer = ask(&evidence, method, uri).await;
        assert_eq!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {uri}"
        );
        assert_eq!(answer.header("allow"), Some(allow), "{method} {uri}");
        if method == "HEAD" {
            assert_eq!(answer.body, "");
        } else {
            assert_eq!(answer.code(), "method-not-allowed");
        }
    }
    assert_eq!(agent.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_head_has_the_status_and_no_body() {
    let evidence = service(Endpoint::Unix(fresh_socket()), Settings::default());
    let answer = ask(&evidence, "HEAD", "/health").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    let full = get(&evidence, "/health").await.body.len().to_string();
    assert_eq!(answer.header("content-length"), Some(full.as_str()));
    let answer = ask(&evidence, "HEAD", "/compose-hash").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "")
    );
}

#[tokio::test]
async fn pages_of_any_origin_may_ask() {
    let agent = Agent::start(Behaviour::Honest);
    let evidence = service(agent.endpoint(), Settings::default());
    for (uri, methods) in [
        ("/attestation", "GET, OPTIONS"),
        ("/version", "GET, HEAD, OPTIONS"),
        ("/compose-hash", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
    ] {
        let answer = ask(&evidence, "OPTIONS", uri).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert_eq!(answer.body, "");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some(methods));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("retry-after")
        );
    }
    assert_eq!(agent.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn the_app_says_what_it_is() {
    let agent = Agent::start(Behaviour::Honest);
    let build = Build {
        version: "1.2.3".into(),
        git_sha: "0123456789abcdef0123456789abcdef01234567".into(),
        build_time: "2026-01-02T03:04:05Z".into(),
        environment: "staging".into(),
    };
    let settings = Settings {
        build,
        ..Settings::default()
    };
    let evidence = service(agent.endpoint(), settings.clone());
    let hash = sha256(COMPOSE.as_bytes()).to_string();
    let said = |hash: Value| {
        json!({
            "version": "1.2.3",
            "gitSha": "0123456789abcdef0123456789abcdef01234567",
            "gitShaShort": "0123456",
            "buildTime": "2026-01-02T03:04:05Z",
            "composeHash": hash,
            "environment": "staging",
        })
    };
    assert_eq!(get(&evidence, "/version").await.json(), said(json!(hash)));
    assert_eq!(
        get(&evidence, "/compose-hash").await.json(),
        json!({ "composeHash": hash })
    );
    // The app-compose is fixed at boot, so the agent is asked for it once.
    assert_eq!(agent.asked.lock().unwrap().len(), 1);
    assert_eq!(
        get(&evidence, "/health").await.json(),
        json!({ "status": "ok" })
    );

    let absent = service(Endpoint::Unix(fresh_socket()), settings);
    assert_eq!(get(&absent, "/version").await.json(), said(Value::Null));
    assert_eq!(get(&absent, "/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_plain_handler_knows_no_other_path() {
    let agent = Agent::start(Behaviour::Honest);
    let evidence = service(agent.endpoint(), Settings::default());
    for path in [
        "/",
        "",
        "/attestation/",
        "/Attestation",
        "/version/..",
        "//health",
    ] {
        for method in ["GET", "OPTIONS", "POST"] {
            let method = method.parse().unwrap();
            let answer = evidence.answer(&method, path, None).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_the_rate_is_told_to_wait_and_then_answered() {
    let agent = Agent::start(Behaviour::Status(400, "{}"));
    let evidence = service(
        agent.endpoint(),
        Settings {
            rate: Rate {
                burst: 2,
                pace: Duration::from_millis(2500),
            },
            ..Settings::default()
        },
    );
    for _ in 0..2 {
        assert_eq!(get(&evidence, GOOD).await.code(), "agent-refused");
    }
    let answer = get(&evidence, GOOD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.code(), "rate-exceeded");
    assert_eq!(answer.header("retry-after"), Some("3"));
    // A refused challenge takes nothing from those who ask properly, and other routes are free.
    assert_eq!(
        get(&evidence, "/attestation").await.code(),
        "challenge-missing"
    );
    assert_eq!(get(&evidence, "/health").await.status, StatusCode::OK);
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(get(&evidence, GOOD).await.code(), "agent-refused");
    assert_eq!(agent.report_data().len(), 3);
}

#[tokio::test]
async fn more_than_fit_at_once_are_turned_away() {
    let gate = Arc::new(Semaphore::new(0));
    let agent = Agent::start(Behaviour::Gated(Arc::clone(&gate)));
    let evidence = service(
        agent.endpoint(),
        Settings {
            concurrent: 1,
            ..Settings::default()
        },
    );
    let first = {
        let evidence = Arc::clone(&evidence);
        tokio::spawn(async move { get(&evidence, GOOD).await })
    };
    // The first one holds its place once the agent was asked.
    while agent.report_data().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = get(&evidence, GOOD).await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(second.code(), "busy");
    assert_eq!(second.header("retry-after"), Some("1"));
    gate.add_permits(2);
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
    assert_eq!(get(&evidence, GOOD).await.status, StatusCode::OK);
}

#[test]
fn codes_are_distinct_and_every_refusal_is_an_error() {
    let mut codes: Vec<_> = RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RefusalCode::ALL.len());
    for code in RefusalCode::ALL {
        let status = code.status();
        assert!(status.is_client_error() || status.is_server_error());
    }
}

#[test]
fn the_readme_lists_every_refusal() {
    let readme = include_str!("../README.md");
    for code in RefusalCode::ALL {
        let row = format!("| {} | `{}` |", code.status().as_u16(), code.as_str());
        assert!(readme.contains(&row), "{row}");
    }
}
