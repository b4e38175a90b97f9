//! What an address alone says, and what it says together with a log.

use teeproof_forge::Scenario;
use teeproof_http::Address;

use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Evidence with a log, and the ids of app and instance in it.
fn logged() -> (Captured, String, String) {
    let issued = Scenario::tdx_v4().issue();
    let mut evidence = InstanceEvidence::from_quote(InputKind::Bundle, issued.quote);
    evidence.event_log = issued.event_log.map(String::into_bytes);
    let log = EventLog::parse(evidence.event_log.as_ref().unwrap()).unwrap();
    let id = |name: &str| {
        let event = log.events().iter().find(|event| event.name() == name);
        encode_hex(event.unwrap().payload())
    };
    let (app, instance) = (id("app-id"), id("instance-id"));
    let captured = Captured {
        source: Source::Endpoint,
        address: String::new(),
        evidence: vec![evidence],
        exchange: Exchange::default(),
        notes: Vec::new(),
    };
    (captured, app, instance)
}

#[test]
fn the_address_says_who_is_asked() {
    let id = "0".repeat(40);
    for (text, source) in [
        ("https://example.com".to_owned(), Source::Endpoint),
        (
            "https://example.com/attestation".to_owned(),
            Source::Endpoint,
        ),
        (format!("https://{id}-8080.example.com/"), Source::Endpoint),
        (
            format!("https://{id}-8090.example.com/"),
            Source::GuestAgent,
        ),
        ("http://127.0.0.1:8090/prpc".to_owned(), Source::GuestAgent),
        (
            "https://example.com/prpc/Worker.Info".to_owned(),
            Source::GuestAgent,
        ),
        (
            format!("https://cloud.example/api/v1/apps/{id}/attestations"),
            Source::Cloud,
        ),
    ] {
        assert_eq!(Source::of(&address(&text)), source, "{text}");
    }
}

#[test]
fn the_host_of_an_app_is_told_from_that_of_an_instance() {
    let one = Ask {
        one_instance: true,
        ..Ask::default()
    };
    let (captured, app, instance) = logged();
    let of_app = address(&format!("https://{app}-8080s.example.com/"));
    let expected = Some(format!("{instance}-8080s.example.com"));
    let error = balanced(&of_app, &one, &mut captured.clone()).unwrap_err();
    assert_eq!(error.code(), "load-balanced-host");
    assert!(
        error.to_string().contains(expected.as_ref().unwrap()),
        "{error}"
    );
    let mut noted = captured.clone();
    balanced(&of_app, &Ask::default(), &mut noted).unwrap();
    assert_eq!(noted.notes, [Note::LoadBalanced { instead: expected }]);
    for other in [
        format!("https://{instance}-8080.example.com/"),
        "https://example.com/".to_owned(),
        format!("https://{}.example.com/", "0".repeat(40)),
    ] {
        let mut captured = captured.clone();
        balanced(&address(&other), &one, &mut captured).unwrap();
        assert!(captured.notes.is_empty(), "{other}");
    }
    // A log that says nothing decides nothing.
    let mut silent = captured;
    silent.evidence[0].event_log = Some(b"[]".to_vec());
    balanced(&of_app, &one, &mut silent).unwrap();
}

#[test]
fn a_port_at_a_gateway_is_explained_before_anything_is_sent() {
    let client = Client::new(teeproof_http::Options::default()).unwrap();
    for (text, instead) in [
        (
            format!("https://{}.gw.invalid:8090/", "a".repeat(40)),
            format!("{}-8090.gw.invalid", "a".repeat(40)),
        ),
        (
            "https://shop.phala.network:8080/".to_owned(),
            "<instance id>-8080.phala.network".to_owned(),
        ),
    ] {
        let error = capture(&client, &address(&text), &Ask::default()).unwrap_err();
        assert_eq!(error.code(), "gateway-port");
        assert!(error.to_string().contains(&instead), "{error}");
    }
}

#[test]
fn the_endpoints_own_path_may_be_written_out() {
    for text in [
        "https://a.example/x",
        "https://a.example/x/attestation",
        "https://a.example/x/attestation/?challenge=1",
    ] {
        assert_eq!(
            endpoint_base(&address(text)).as_str(),
            "https://a.example/x"
        );
    }
}
