//! Agents that are absent, slow, broken or hostile.

#![allow(clippy::unwrap_used, reason = "this file is tests and their helpers")]

mod common;

use std::error::Error;
use std::time::Duration;

use common::{Agent, Behaviour, GOOD, fresh_socket, get, info_answer, quote_over, service};
use hyper::StatusCode;
use teeproof_evidence::{Endpoint, EvidenceChallenge, Settings};

const SECRET: &str = r#"{"error":"failed to read /etc/secret-key: sk-0123456789"}"#;

/// What the routes answer with this agent behind them: status and code.
async fn with(behaviour: Behaviour, uri: &str) -> (StatusCode, String) {
    let agent = Agent::start(behaviour);
    let evidence = service(agent.endpoint(), Settings::default());
    let answer = get(&evidence, uri).await;
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    assert!(!answer.body.contains("sock"), "{}", answer.body);
    (answer.status, answer.code())
}

fn says(quote: String, info: String) -> Behaviour {
    Behaviour::Says { quote, info }
}

/// The answer to the challenge of [`GOOD`].
fn good_quote() -> String {
    let asked = EvidenceChallenge::from_hex("000102030405060708090a0b0c0d0e0f", None).unwrap();
    quote_over(*asked.report_data().as_array())
}

#[tokio::test]
async fn an_absent_agent_is_unavailable() {
    let nowhere = service(Endpoint::Unix(fresh_socket()), Settings::default());
    // A port that was free a moment ago, and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let closed = service(address.parse().unwrap(), Settings::default());
    for evidence in [nowhere, closed] {
        for uri in [GOOD, "/compose-hash"] {
            let answer = get(&evidence, uri).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.code(), "agent-unavailable");
            assert!(!answer.body.contains("sock"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn an_agent_that_comes_up_later_is_found() {
    let mut agent = Agent::start(Behaviour::Honest);
    let socket = fresh_socket();
    let evidence = service(Endpoint::Unix(socket.clone()), Settings::default());
    assert_eq!(
        get(&evidence, "/compose-hash").await.code(),
        "agent-unavailable"
    );
    std::fs::rename(&agent.socket, &socket).unwrap();
    agent.socket = socket;
    assert_eq!(get(&evidence, "/compose-hash").await.status, StatusCode::OK);
}

// With paused time the runtime jumps to the next timer as soon as nothing else can happen.
#[tokio::test(start_paused = true)]
async fn a_hanging_agent_is_given_up() {
    let start = tokio::time::Instant::now();
    for uri in [GOOD, "/compose-hash"] {
        let (status, code) = with(Behaviour::Hangs, uri).await;
        assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(code, "agent-timeout");
    }
    assert!(start.elapsed() >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_for_one_another_do_not_wait_in_turn() {
    let agent = Agent::start(Behaviour::Hangs);
    let evidence = service(agent.endpoint(), Settings::default());
    let start = tokio::time::Instant::now();
    let (a, b, c) = tokio::join!(
        get(&evidence, "/compose-hash"),
        get(&evidence, "/compose-hash"),
        get(&evidence, "/compose-hash"),
    );
    for answer in [a, b, c] {
        assert_eq!(answer.code(), "agent-timeout");
    }
    assert!(start.elapsed() < Duration::from_secs(11));
}

#[tokio::test]
async fn an_agents_refusal_is_not_passed_on() {
    for status in [400, 404, 500, 301, 204] {
        for uri in [GOOD, "/compose-hash"] {
            let refused = with(Behaviour::Status(status, SECRET), uri).await;
            let expected = (StatusCode::BAD_GATEWAY, "agent-refused".to_owned());
            assert_eq!(refused, expected, "{status}");
        }
    }
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    for bytes in [
        &b""[..],
        b"\0\0\0\0",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let (status, code) = with(Behaviour::Raw(bytes), GOOD).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{bytes:?}");
        assert_eq!(code, "agent-answer", "{bytes:?}");
    }
}

#[tokio::test]
async fn a_gigabyte_is_not_read() {
    for head in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        // A head without an end.
        b"HTTP/1.1 200 OK\r\nx: ",
    ] {
        let (status, code) = with(Behaviour::Endless(head), GOOD).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert_eq!(code, "agent-answer");
    }
}

#[tokio::test]
async fn answers_without_a_usable_quote_are_refused() {
    let good = good_quote();
    for quote in [
        String::new(),
        "null".into(),
        "{}".into(),
        "[]".into(),
        "{".into(),
        r#"{"quote":""}"#.into(),
        r#"{"quote":"zz"}"#.into(),
        r#"{"quote":"0400"}"#.into(),
        r#"{"quote":"04000200810000000000000000","event_log":"[]","report_data":""}"#.into(),
        // A key twice: two readers could take two different quotes.
        good.replacen('{', r#"{"quote":"00","#, 1),
        // An answer to `Info` where a quote was asked for.
        info_answer(),
        // A quote over something else: over what was sent raw, and over nothing.
        quote_over(std::array::from_fn(|at| u8::try_from(at % 16).unwrap())),
        quote_over([0; 64]),
    ] {
        let (status, code) = with(says(quote.clone(), info_answer()), GOOD).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{quote:.80}");
        assert_eq!(code, "agent-answer", "{quote:.80}");
    }
}

#[tokio::test]
async fn answers_without_a_usable_info_are_refused() {
    for info in ["", "{}", "[]", r#"{"tcb_info":"{"}"#, r#"{"tcb_info":7}"#] {
        for uri in [GOOD, "/compose-hash"] {
            let (status, code) = with(says(good_quote(), info.into()), uri).await;
            assert_eq!(status, StatusCode::BAD_GATEWAY, "{info}");
            assert_eq!(code, "agent-answer", "{info}");
        }
    }
}

#[tokio::test]
async fn an_agent_that_hides_the_app_compose_still_gives_a_quote() {
    let hidden = r#"{"app_id":"11","instance_id":"22","tcb_info":""}"#;
    let agent = Agent::start(says(good_quote(), hidden.into()));
    let evidence = service(agent.endpoint(), Settings::default());
    assert_eq!(get(&evidence, GOOD).await.status, StatusCode::OK);
    let answer = get(&evidence, "/compose-hash").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.code(), "no-compose");
}

#[tokio::test]
async fn the_apps_own_log_is_told_the_cause() {
    let path = fresh_socket();
    let evidence = service(Endpoint::Unix(path), Settings::default());
    let refusal = evidence.compose_hash().await.unwrap_err();
    let cause = refusal.source().unwrap().to_string();
    assert!(cause.contains("No such file"), "{cause}");
}
