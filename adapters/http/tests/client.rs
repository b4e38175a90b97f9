//! The client against servers that are slow, hostile or in the wrong place.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod server;

use std::time::{Duration, Instant};

use server::{Identity, Reply, Server, ok, redirect, status};
use teeproof_core::sha256;
use teeproof_http::{Address, Client, HttpError, HttpFault, Options, Response, Trust};

const LIMIT: usize = 64 * 1024;

/// Generous where a test is not about time, for the machine may be busy.
fn options() -> Options {
    Options {
        timeout: Duration::from_secs(20),
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(1500),
        ..Options::default()
    }
}

fn get_with(options: Options, url: &str) -> Result<Response, HttpError> {
    Client::new(options)
        .unwrap()
        .get(&Address::parse(url).unwrap(), LIMIT)
}

fn get(url: &str) -> Result<Response, HttpError> {
    get_with(options(), url)
}

fn fault(result: Result<Response, HttpError>) -> HttpFault {
    let error = result.unwrap_err();
    assert!(!error.detail().is_empty() && !error.next_step().is_empty());
    assert!(error.to_string().contains(error.address()));
    error.fault()
}

#[test]
fn an_answer_is_handed_on_whole() {
    let server = Server::start(|request| {
        assert_eq!(request.target, "/a?b=c");
        Reply::Full(200, vec![("X-One".into(), "1".into())], b"body".to_vec())
    });
    let answer = get(&server.url("/a?b=c")).unwrap();
    assert_eq!(answer.body, b"body");
    assert_eq!(answer.header("x-one"), Some("1"));
    assert_eq!((answer.status, answer.tls_key), (200, None));
    assert_eq!((answer.redirects.len(), answer.repetitions), (0, 0));
}

#[test]
fn a_status_is_an_answer_until_a_success_is_asked_for() {
    let server = Server::start(|_| status(404, &[]));
    let answer = get(&server.url("/")).unwrap();
    assert_eq!(answer.status, 404);
    let error = answer.success().unwrap_err();
    assert_eq!(error.fault(), HttpFault::Status);
    assert!(error.to_string().contains("status 404"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn silence_ends_with_the_time_for_one_read() {
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"] {
        let server = Server::start(move |_| Reply::Hang(start.into()));
        let begin = Instant::now();
        let patient = Options {
            read_timeout: Duration::from_millis(200),
            ..options()
        };
        let error = get_with(patient, &server.url("/")).unwrap_err();
        assert_eq!(error.fault(), HttpFault::Timeout, "{error}");
        assert!(error.detail().contains("silent"), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_drip_ends_with_the_time_for_the_whole() {
    let server = Server::start(|_| Reply::Drip);
    let begin = Instant::now();
    let short = Options {
        timeout: Duration::from_millis(400),
        ..options()
    };
    assert_eq!(fault(get_with(short, &server.url("/"))), HttpFault::Timeout);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn the_time_for_the_whole_holds_over_redirects_and_repetitions() {
    let server = Server::start(|request| {
        if request.before % 2 == 0 {
            std::thread::sleep(Duration::from_millis(150));
        }
        status(503, &[("Retry-After", "1")])
    });
    let begin = Instant::now();
    let short = Options {
        timeout: Duration::from_millis(600),
        repetitions: 1000,
        ..options()
    };
    // The pause that is asked for is longer than what is left: there is no second request.
    let answer = get_with(short, &server.url("/")).unwrap();
    assert_eq!((answer.status, answer.repetitions), (503, 0));
    assert!(begin.elapsed() < Duration::from_millis(600));
}

#[test]
fn a_server_that_never_begins_tls_is_given_up() {
    let server = Server::start(|_| Reply::Hang(Vec::new()));
    let short = Options {
        connect_timeout: Duration::from_millis(300),
        ..options()
    };
    let url = server.url("/").replace("http:", "https:");
    let begin = Instant::now();
    let found = fault(get_with(short, &url));
    assert!(
        matches!(found, HttpFault::Timeout | HttpFault::Tls),
        "{found}"
    );
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_body_is_never_larger_than_its_bound() {
    let endless = Server::start(|_| Reply::Endless);
    assert_eq!(fault(get(&endless.url("/"))), HttpFault::TooLarge);
    // A gigabyte that is announced is refused before it is read.
    let announced = Server::start(|_| {
        Reply::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec())
    });
    assert_eq!(fault(get(&announced.url("/"))), HttpFault::TooLarge);
    let chunked = Server::start(|_| {
        let mut all = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..40 {
            all.extend_from_slice(b"1000\r\n");
            all.extend_from_slice(&[b'x'; 4096]);
            all.extend_from_slice(b"\r\n");
        }
        Reply::Hang(all)
    });
    assert_eq!(fault(get(&chunked.url("/"))), HttpFault::TooLarge);
    let exact = Server::start(|_| ok(vec![b'x'; LIMIT]));
    assert_eq!(get(&exact.url("/")).unwrap().body.len(), LIMIT);
    let one_more = Server::start(|_| ok(vec![b'x'; LIMIT + 1]));
    assert_eq!(fault(get(&one_more.url("/"))), HttpFault::TooLarge);
}

#[test]
fn headers_have_a_bound_too() {
    let server = Server::start(|_| status(200, &[("X-Long", &"x".repeat(1 << 20))]));
    assert_eq!(fault(get(&server.url("/"))), HttpFault::TooLarge);
}

#[test]
fn half_an_answer_is_none() {
    for half in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf",
        "HTTP/1.1 200 O",
    ] {
        let server = Server::start(move |_| Reply::Raw(half.into()));
        let found = fault(get(&server.url("/")));
        assert_eq!(found, HttpFault::Truncated, "{half}");
    }
}

#[test]
fn what_is_not_http_is_said_to_be_so() {
    let server = Server::start(|_| Reply::Raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()));
    assert_eq!(fault(get(&server.url("/"))), HttpFault::Protocol);
}

#[test]
fn redirects_are_followed_reported_and_bounded() {
    let server = Server::start(|request| match request.target.as_str() {
        "/0" => redirect("/1"),
        "/1" => redirect("2"),
        "/2" => redirect("/3"),
        "/3" => ok("there"),
        "/more" => redirect("/0"),
        "/loop" => redirect("/back"),
        "/back" => redirect("/loop"),
        "/self" => redirect("/self"),
        "/file" => redirect("file:///etc/passwd"),
        "/nowhere" => status(302, &[]),
        other => panic!("{other}"),
    });
    let answer = get(&server.url("/0")).unwrap();
    assert_eq!(answer.body, b"there");
    assert_eq!(answer.address.path(), "/3");
    assert_eq!(
        answer.redirects,
        [server.url("/1"), server.url("/2"), server.url("/3")]
    );
    for path in ["/more", "/loop", "/self"] {
        let error = get(&server.url(path)).unwrap_err();
        assert_eq!(error.fault(), HttpFault::RedirectLoop, "{error}");
        assert!(error.to_string().contains("redirects, the first to"));
    }
    assert_eq!(fault(get(&server.url("/file"))), HttpFault::RedirectRefused);
    assert_eq!(get(&server.url("/nowhere")).unwrap().status, 302);
}

#[test]
fn a_redirect_out_of_tls_is_refused() {
    let plain = Server::start(|_| ok("in the clear"));
    let to = plain.url("/");
    let identity = Identity::new();
    let server = Server::start_tls(&identity, move |_| redirect(&to));
    let any = Options {
        trust: Trust::AnyCertificate,
        ..options()
    };
    assert_eq!(
        fault(get_with(any, &server.url("/"))),
        HttpFault::RedirectRefused
    );
    assert!(plain.requests().is_empty());
}

#[test]
fn a_redirect_off_this_machine_in_the_clear_is_refused() {
    let server = Server::start(|_| redirect("http://192.0.2.1/"));
    assert_eq!(fault(get(&server.url("/"))), HttpFault::PlainHttp);
    let direct = get("http://192.0.2.1/");
    assert_eq!(fault(direct), HttpFault::PlainHttp);
}

#[test]
fn what_may_pass_is_asked_again() {
    for code in [429, 500, 502, 503, 504] {
        let server = Server::start(move |request| match request.before {
            0 | 1 => status(code, &[]),
            _ => ok("at last"),
        });
        let answer = get(&server.url("/")).unwrap();
        assert_eq!((answer.status, answer.repetitions), (200, 2), "{code}");
    }
}

#[test]
fn what_will_not_pass_is_not_asked_again() {
    for code in [400, 401, 403, 404, 410, 501] {
        let server = Server::start(move |_| status(code, &[]));
        assert_eq!(get(&server.url("/")).unwrap().status, code);
        assert_eq!(server.requests().len(), 1, "{code}");
    }
    let server = Server::start(|_| status(500, &[]));
    let answer = get(&server.url("/")).unwrap();
    assert_eq!((answer.status, server.requests().len()), (500, 3));
}

#[test]
fn a_server_is_given_the_time_it_asks_for_within_bounds() {
    let server = Server::start(|request| match request.before {
        0 => status(429, &[("Retry-After", "1")]),
        _ => ok("now"),
    });
    let begin = Instant::now();
    assert_eq!(get(&server.url("/")).unwrap().body, b"now");
    assert!(begin.elapsed() >= Duration::from_secs(1));
    // An hour is more than anybody waits, and coming back sooner would be rude.
    let server = Server::start(|_| status(429, &[("Retry-After", "3600")]));
    assert_eq!(get(&server.url("/")).unwrap().status, 429);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn nobody_there_is_a_failure_to_connect() {
    let port = Server::start(|_| ok("")).port;
    // The listener of the server above is gone, or its port is refused while it goes.
    let url = format!("http://127.0.0.1:{port}/");
    let found = fault(get(&url));
    assert!(
        matches!(found, HttpFault::Connect | HttpFault::Truncated),
        "{found}"
    );
    let found = fault(get("https://no-such-host.invalid/"));
    assert!(
        matches!(
            found,
            HttpFault::UnknownHost | HttpFault::Connect | HttpFault::Timeout
        ),
        "{found}"
    );
}

#[test]
fn what_is_posted_is_sent_once() {
    let server = Server::start(|request| {
        assert_eq!(request.body, b"{}");
        match request.target.as_str() {
            "/busy" => status(503, &[]),
            "/moved" => redirect("/ok"),
            _ => ok(request.method.clone()),
        }
    });
    let client = Client::new(options()).unwrap();
    let post =
        |path: &str| client.post_json(&Address::parse(&server.url(path)).unwrap(), b"{}", LIMIT);
    assert_eq!(post("/ok").unwrap().body, b"POST");
    assert_eq!(post("/busy").unwrap().status, 503);
    assert_eq!(fault(post("/moved")), HttpFault::RedirectRefused);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_certificate_that_leads_nowhere_is_refused() {
    let identity = Identity::new();
    let server = Server::start_tls(&identity, |_| ok("secret"));
    assert_eq!(fault(get(&server.url("/"))), HttpFault::Tls);
    assert!(server.requests().is_empty());
    // A root of another name is no better.
    let other = Options {
        trust: Trust::WebPki {
            more_roots: vec![Identity::new().der()],
        },
        ..options()
    };
    assert_eq!(fault(get_with(other, &server.url("/"))), HttpFault::Tls);
    let no_root = Options {
        trust: Trust::WebPki {
            more_roots: vec![vec![0x30, 0x00]],
        },
        ..options()
    };
    assert_eq!(Client::new(no_root).unwrap_err().fault(), HttpFault::Tls);
}

#[test]
fn the_key_at_the_other_end_is_seen() {
    let identity = Identity::new();
    let server = Server::start_tls(&identity, |_| ok("hello"));
    for trust in [
        Trust::AnyCertificate,
        Trust::WebPki {
            more_roots: vec![identity.der()],
        },
    ] {
        let options = Options { trust, ..options() };
        let answer = get_with(options, &server.url("/")).unwrap();
        assert_eq!(answer.body, b"hello");
        assert_eq!(answer.tls_key, Some(sha256(&identity.public_key())));
    }
}

#[test]
fn the_key_is_that_of_the_connection_that_answered() {
    let (first, second) = (Identity::new(), Identity::new());
    let behind = Server::start_tls(&second, |_| ok("behind"));
    let to = behind.url("/");
    let front = Server::start_tls(&first, move |_| redirect(&to));
    let any = Options {
        trust: Trust::AnyCertificate,
        ..options()
    };
    let answer = get_with(any, &front.url("/")).unwrap();
    assert_eq!(answer.tls_key, Some(sha256(&second.public_key())));
    assert_eq!(answer.redirects, [behind.url("/")]);
}

#[test]
fn a_tls_stream_that_is_cut_is_no_answer() {
    let identity = Identity::new();
    // No length is announced, and TLS is not closed as it should be: anybody could have cut it.
    let server = Server::start_tls(&identity, |_| {
        Reply::Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf".to_vec())
    });
    let any = Options {
        trust: Trust::AnyCertificate,
        ..options()
    };
    assert_eq!(fault(get_with(any, &server.url("/"))), HttpFault::Truncated);
}

#[test]
fn every_fault_has_its_own_code() {
    let mut codes: Vec<_> = HttpFault::ALL.iter().map(|fault| fault.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), HttpFault::ALL.len());
}
