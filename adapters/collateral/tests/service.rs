//! A PCCS on this machine that serves real collateral, and all that can be wrong with one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

#[path = "../../http/tests/server/mod.rs"]
mod server;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use server::{Reply, Request, Server, ok, status};
use teeproof_bindings::signature_backend;
use teeproof_collateral::{Cache, CollateralError, Fetched, Origin, Service};
use teeproof_core::{
    CheckId, CollateralParts, CollateralSet, Examination, Instant, Need, Outcome, TrustAnchor,
    encode_hex,
};
use teeproof_http::{Address, Client, Options};

const QUOTE: &[u8] = include_bytes!("../../../fixtures/real/tdx-v4/quote.bin");
const COLLATERAL: &[u8] = include_bytes!("../../../fixtures/real/tdx-v4/collateral.json");
const SGX_QUOTE: &[u8] = include_bytes!("../../../fixtures/real/sgx-v3/quote.bin");

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn then() -> Instant {
    at("2025-06-27T04:53:20Z")
}

fn real() -> CollateralParts {
    CollateralParts::from_json(COLLATERAL).unwrap()
}

fn examine(quote: &[u8], parts: Option<&CollateralParts>) -> Examination {
    let mut set = CollateralSet::new(TrustAnchor::intel().unwrap());
    if let Some(parts) = parts {
        let _ = set.add(parts, signature_backend());
    }
    Examination::of(quote, &set, then(), signature_backend())
}

fn needs() -> Vec<Need> {
    let needs = examine(QUOTE, None).needs().to_vec();
    assert_eq!(needs.len(), 4);
    needs
}

/// A chain as it stands in a header.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn with_chain(name: &str, chain: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Full(200, vec![(name.into(), escaped(chain))], body.into())
}

/// What a PCCS answers, from the fields of a collateral file.
fn pccs(request: &Request, parts: &CollateralParts) -> Reply {
    match request.target.as_str() {
        "/tdx/certification/v4/tcb?fmspc=B0C06F000000" => with_chain(
            "TCB-Info-Issuer-Chain",
            &parts.tcb_info_issuer_chain,
            format!(
                "{{\"tcbInfo\":{},\"signature\":\"{}\"}}",
                parts.tcb_info,
                encode_hex(&parts.tcb_info_signature)
            ),
        ),
        "/tdx/certification/v4/qe/identity?update=standard" => with_chain(
            "SGX-Enclave-Identity-Issuer-Chain",
            &parts.qe_identity_issuer_chain,
            format!(
                "{{\"enclaveIdentity\":{},\"signature\":\"{}\"}}",
                parts.qe_identity,
                encode_hex(&parts.qe_identity_signature)
            ),
        ),
        "/sgx/certification/v4/pckcrl?ca=platform&encoding=der" => with_chain(
            "SGX-PCK-CRL-Issuer-Chain",
            &parts.pck_crl_issuer_chain,
            parts.pck_crl.clone(),
        ),
        "/sgx/certification/v4/rootcacrl" => ok(encode_hex(&parts.root_ca_crl)),
        _ => status(404, &[]),
    }
}

fn client() -> Client {
    Client::new(Options {
        timeout: Duration::from_secs(20),
        first_pause: Duration::from_millis(1),
        ..Options::default()
    })
    .unwrap()
}

fn service(server: &Server, cache: Option<&Folder>) -> Service {
    Service::new(
        Address::parse(&server.url("")).unwrap(),
        Some(client()),
        cache.map(|folder| Cache::new(folder.0.clone())),
    )
}

/// A PCCS that answers one question in another way.
fn fetch_with(
    path: &'static str,
    change: impl Fn(Reply) -> Reply + Send + Sync + 'static,
) -> Result<Fetched, CollateralError> {
    let server = Server::start(move |request| {
        let reply = pccs(request, &real());
        if request.target.contains(path) {
            change(reply)
        } else {
            reply
        }
    });
    service(&server, None).collateral(&needs(), then())
}

/// A directory of this test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for folder in std::fs::read_dir(&self.0).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                files.push(file.unwrap().path());
            }
        }
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_a_pccs_serves_verifies_a_real_quote() {
    let server = Server::start(|request| pccs(request, &real()));
    let fetched = service(&server, None).collateral(&needs(), then()).unwrap();
    assert_eq!(fetched.parts, real());
    assert_eq!(fetched.origin, Origin::Service);
    assert!(fetched.notes.is_empty());
    let examination = examine(QUOTE, Some(&fetched.parts));
    assert!(!examination.refused() && examination.needs().is_empty());
    for check in [CheckId::CollateralValid, CheckId::TcbPlatform] {
        let finding = examination.finding(check).unwrap();
        assert_eq!(finding.outcome, Outcome::Passed, "{check:?}");
    }
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn an_sgx_quote_asks_for_sgx() {
    let server = Server::start(|_| status(404, &[]));
    let needs = examine(SGX_QUOTE, None).needs().to_vec();
    let error = service(&server, None)
        .collateral(&needs, then())
        .unwrap_err();
    assert_eq!(error.code(), "unknown-platform");
    let [asked] = &server.requests()[..] else {
        panic!("one request is enough to know")
    };
    assert!(
        asked.starts_with("GET /sgx/certification/v4/tcb?fmspc="),
        "{asked}"
    );
}

#[test]
fn lists_come_as_der_or_hex() {
    for path in ["rootcacrl", "pckcrl"] {
        let fetched = fetch_with(path, move |reply| match reply {
            Reply::Full(status, headers, body) => {
                let other = match std::str::from_utf8(&body) {
                    Ok(_) => real().root_ca_crl,
                    Err(_) => encode_hex(&body).into_bytes(),
                };
                Reply::Full(status, headers, other)
            }
            other => other,
        });
        assert_eq!(fetched.unwrap().parts, real(), "{path}");
    }
}

#[test]
fn a_missing_or_broken_chain_is_said_with_its_header() {
    for (path, header) in [
        ("/tcb?", "TCB-Info-Issuer-Chain"),
        ("/qe/identity", "SGX-Enclave-Identity-Issuer-Chain"),
        ("/pckcrl", "SGX-PCK-CRL-Issuer-Chain"),
    ] {
        let with_headers = |headers: Vec<(String, String)>| {
            fetch_with(path, move |reply| match reply {
                Reply::Full(status, _, body) => Reply::Full(status, headers.clone(), body),
                other => other,
            })
            .unwrap_err()
        };
        let error = with_headers(Vec::new());
        assert_eq!(error.code(), "no-issuer-chain");
        assert!(error.to_string().contains(header), "{error}");
        for value in [
            "%ff%fe",
            "%2D%2D%2D%2D%2DBEGIN",
            "",
            "hello",
            &"%41".repeat(12_000),
        ] {
            let error = with_headers(vec![(header.into(), value.into())]);
            assert_eq!(error.code(), "issuer-chain", "{value:.20}");
            assert!(error.to_string().contains(header), "{error}");
        }
    }
}

#[test]
fn a_chain_in_plain_base64_lines_is_no_header() {
    // A service that forgets the encoding sends line breaks, and those end the header.
    let error = fetch_with("/tcb?", |_| {
        let head = "HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: -----BEGIN CERTIFICATE-----\nMII\n";
        Reply::Raw(format!("{head}\r\n\r\n{{}}").into_bytes())
    })
    .unwrap_err();
    assert!(
        matches!(error.code(), "protocol" | "body" | "issuer-chain"),
        "{error}"
    );
}

#[test]
fn other_content_is_refused_with_its_place() {
    for path in ["/tcb?", "/qe/identity", "/pckcrl", "/rootcacrl"] {
        for body in ["<html>login</html>", "", "null", "No cache data"] {
            let error = fetch_with(path, move |reply| match reply {
                Reply::Full(status, headers, _) => Reply::Full(status, headers, body.into()),
                other => other,
            })
            .unwrap_err();
            assert_eq!(error.code(), "body", "{path} {body}");
            assert!(!error.next_step().is_empty());
        }
    }
}

#[test]
fn a_server_that_misbehaves_brings_no_collateral() {
    let cut = || Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{".to_vec());
    for (expected, reply) in [
        ("too-large", (|| Reply::Endless) as fn() -> Reply),
        ("truncated", cut),
        ("status", || status(500, &[])),
        ("status", || status(403, &[])),
        ("redirect-loop", || server::redirect("?again")),
    ] {
        let error = fetch_with("/qe/identity", move |_| reply()).unwrap_err();
        assert_eq!((error.code(), error.need()), (expected, "qe-identity"));
    }
    let server = Server::start(|request| match request.before {
        0 => status(503, &[]),
        1 => status(429, &[("Retry-After", "0")]),
        _ => pccs(request, &real()),
    });
    let fetched = service(&server, None).collateral(&needs(), then()).unwrap();
    assert_eq!(fetched.parts, real());
}

#[test]
fn a_lie_is_fetched_and_not_believed() {
    // Another signature, another document: the adapter hands it on, and the core refuses it.
    let fetched = fetch_with("/qe/identity", |reply| match reply {
        Reply::Full(status, headers, body) => {
            let text = String::from_utf8(body)
                .unwrap()
                .replace("UpToDate", "OutOfDate");
            Reply::Full(status, headers, text.into_bytes())
        }
        other => other,
    })
    .unwrap();
    let examination = examine(QUOTE, Some(&fetched.parts));
    let finding = examination.finding(CheckId::CollateralAuthentic).unwrap();
    assert_eq!(finding.outcome, Outcome::Failed);
}

#[test]
fn the_roots_list_has_a_second_place() {
    let elsewhere = Server::start(|_| ok(real().root_ca_crl));
    let server = Server::start(|request| match request.target.as_str() {
        "/sgx/certification/v4/rootcacrl" => status(404, &[]),
        _ => pccs(request, &real()),
    });
    let second = Address::parse(&elsewhere.url("/IntelSGXRootCA.der")).unwrap();
    let service = service(&server, None).with_root_crl(second.clone());
    let fetched = service.collateral(&needs(), then()).unwrap();
    assert_eq!(fetched.parts, real());
    assert!(
        fetched.notes[0].contains(second.as_str()),
        "{:?}",
        fetched.notes
    );
    // The list is the same for the next platform.
    service.collateral(&needs(), then()).unwrap();
    assert_eq!(elsewhere.requests().len(), 1);
}

#[test]
fn half_of_the_needs_make_no_collateral() {
    let server = Server::start(|request| pccs(request, &real()));
    let all = needs();
    for skipped in 0..all.len() {
        let mut some = all.clone();
        let without = some.remove(skipped).kind();
        let error = service(&server, None)
            .collateral(&some, then())
            .unwrap_err();
        assert_eq!((error.code(), error.need()), ("needs", without));
    }
}

#[test]
fn what_was_fetched_is_not_fetched_again_for_a_day() {
    let folder = Folder::new("day");
    let server = Server::start(|request| pccs(request, &real()));
    let service = service(&server, Some(&folder));
    let origin = |now| service.collateral(&needs(), now).unwrap().origin;
    assert_eq!(origin(then()), Origin::Service);
    assert_eq!(origin(at("2025-06-28T04:53:19Z")), Origin::Cache);
    assert_eq!(server.requests().len(), 4);
    assert_eq!(origin(at("2025-06-28T04:53:20Z")), Origin::Service);
    // A clock that was set back: what was fetched later is not fresher.
    assert_eq!(origin(at("2025-06-27T00:00:00Z")), Origin::Service);
    // Past its own word, collateral is not used however lately it was fetched.
    let late = at("2025-12-01T00:00:00Z");
    assert_eq!(origin(late), Origin::Service);
    assert_eq!(origin(late), Origin::Service);
}

#[test]
fn offline_there_is_what_was_kept_and_no_request() {
    let folder = Folder::new("offline");
    let server = Server::start(|request| pccs(request, &real()));
    let base = Address::parse(&server.url("")).unwrap();
    let offline = Service::new(base, None, Some(Cache::new(folder.0.clone())));
    let error = offline.collateral(&needs(), then()).unwrap_err();
    assert_eq!(error.code(), "offline");
    service(&server, Some(&folder))
        .collateral(&needs(), then())
        .unwrap();
    let before = server.requests().len();
    let fetched = offline
        .collateral(&needs(), at("2026-11-01T00:00:00Z"))
        .unwrap();
    assert_eq!(
        (fetched.parts, fetched.origin),
        (real(), Origin::OfflineCache)
    );
    assert_eq!(server.requests().len(), before);
    // Another platform's collateral is no substitute.
    let sgx = examine(SGX_QUOTE, None).needs().to_vec();
    assert_eq!(
        offline.collateral(&sgx, then()).unwrap_err().code(),
        "offline"
    );
}

#[test]
fn what_is_broken_on_disk_is_as_good_as_none() {
    let folder = Folder::new("broken");
    let server = Server::start(|request| pccs(request, &real()));
    let service = service(&server, Some(&folder));
    let origin = || service.collateral(&needs(), then()).unwrap().origin;
    assert_eq!(origin(), Origin::Service);
    let [file] = &folder.files()[..] else {
        panic!("one file")
    };
    let whole = std::fs::read(file).unwrap();
    let mut flipped = whole.clone();
    flipped[1000] ^= 1;
    for wrong in [
        flipped,
        whole[..whole.len() / 2].to_vec(),
        Vec::new(),
        b"{}".to_vec(),
    ] {
        std::fs::write(file, wrong).unwrap();
        assert_eq!(origin(), Origin::Service);
        // Fetching again has mended it.
        assert_eq!(std::fs::read(file).unwrap(), whole);
        assert_eq!(origin(), Origin::Cache);
    }
    // Names that say nothing, and a name that lies about its content.
    let beside = |name: &str| std::fs::write(file.with_file_name(name), &whole).unwrap();
    beside("x.json");
    beside("1-2.json");
    beside(&format!("9-99999999999-{}.json", "0".repeat(64)));
    std::fs::remove_file(file).unwrap();
    assert_eq!(origin(), Origin::Service);
}

#[test]
fn a_cache_that_cannot_be_written_is_noted() {
    let folder = Folder::new("file");
    std::fs::write(&folder.0, "a file where the directory should be").unwrap();
    let server = Server::start(|request| pccs(request, &real()));
    let fetched = service(&server, Some(&folder))
        .collateral(&needs(), then())
        .unwrap();
    assert_eq!(fetched.parts, real());
    assert!(fetched.notes[0].contains("could not be kept"));
    std::fs::remove_file(&folder.0).unwrap();
}

#[test]
fn many_at_once_write_one_whole_file() {
    let folder = Arc::new(Folder::new("many"));
    let server = Arc::new(Server::start(|request| pccs(request, &real())));
    let all: Vec<_> = (0..8)
        .map(|_| {
            let (folder, server) = (Arc::clone(&folder), Arc::clone(&server));
            std::thread::spawn(move || {
                service(&server, Some(&folder))
                    .collateral(&needs(), then())
                    .unwrap()
                    .parts
            })
        })
        .collect();
    for one in all {
        assert_eq!(one.join().unwrap(), real());
    }
    let files = folder.files();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(
        std::fs::read_to_string(&files[0]).unwrap(),
        real().to_json()
    );
}

/// A quote of certification type 3, in as far as asking for its certificate is concerned.
fn certificate_need() -> Need {
    Need::PckCertificate {
        qe_id: teeproof_core::Bytes::new([0xab; 16]),
        encrypted_ppid: vec![7; 384],
        cpu_svn: teeproof_core::Bytes::new([1; 16]),
        pce_svn: 0x010b,
        pce_id: teeproof_core::Bytes::new([0, 0]),
    }
}

#[test]
fn a_pccs_may_have_the_certificate_of_a_platform() {
    let server = Server::start(|request| {
        assert!(
            request
                .target
                .starts_with("/sgx/certification/v4/pckcert?qeid=ABAB")
        );
        assert!(request.target.ends_with("&pcesvn=0B01&pceid=0000"));
        with_chain(
            "SGX-PCK-Certificate-Issuer-Chain",
            &real().pck_crl_issuer_chain,
            "-----BEGIN CERTIFICATE-----\nleaf\n-----END CERTIFICATE-----",
        )
    });
    let chain = service(&server, None)
        .pck_chain(&certificate_need())
        .unwrap();
    assert!(chain.contains("-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----"));
    assert!(chain.ends_with(&real().pck_crl_issuer_chain));
    for code in [404, 461] {
        let server = Server::start(move |_| status(code, &[]));
        let error = service(&server, None)
            .pck_chain(&certificate_need())
            .unwrap_err();
        assert_eq!(
            (error.code(), error.need()),
            ("unknown-platform", "pck-certificate")
        );
        assert!(error.to_string().contains("abab"), "{error}");
    }
    let server = Server::start(|_| ok("-----BEGIN CERTIFICATE-----"));
    let error = service(&server, None)
        .pck_chain(&certificate_need())
        .unwrap_err();
    assert_eq!(error.code(), "no-issuer-chain");
}
