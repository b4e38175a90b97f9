//! Evidence in several inputs.

use super::*;
use alloc::string::ToString;

fn quote(bytes: &[u8]) -> Recognised {
    Recognised::Evidence(vec![InstanceEvidence::from_quote(
        InputKind::RawQuote,
        bytes.to_vec(),
    )])
}

fn log(text: &str) -> Recognised {
    Recognised::EventLog(text.as_bytes().to_vec())
}

fn collateral(mark: u8) -> Recognised {
    let mut parts = crate::collateral::sample();
    parts.pck_crl = vec![mark];
    Recognised::Collateral(Box::new(parts))
}

#[test]
fn parts_complete_the_one_quote_in_any_order() {
    let parts = [
        log("[1]"),
        Recognised::AppCompose(b"compose\xff".to_vec()),
        Recognised::VmConfig(br#"{"mr_config":"doc"}"#.to_vec()),
        Recognised::PckChain("chain".into()),
        collateral(1),
        quote(&QUOTE),
        collateral(2),
        collateral(1),
    ];
    let forward = assemble(parts.clone()).unwrap();
    assert_eq!(forward.len(), 1);
    assert_eq!(forward[0].kind, InputKind::Parts);
    assert_eq!(forward[0].quote.as_deref(), Some(QUOTE.as_slice()));
    assert_eq!(forward[0].event_log.as_deref(), Some(b"[1]".as_slice()));
    assert_eq!(
        forward[0].app_compose.as_deref(),
        Some(b"compose\xff".as_slice())
    );
    assert_eq!(
        forward[0].mr_config_document.as_deref(),
        Some(b"doc".as_slice())
    );
    assert_eq!(forward[0].pck_chain.as_deref(), Some("chain"));
    assert_eq!(forward[0].collateral.len(), 2);
    assert_eq!(forward[0].missing, None);
    assert_eq!(assemble(parts.into_iter().rev()).unwrap(), forward);
}

#[test]
fn a_part_given_twice_must_be_the_same() {
    assert!(assemble([quote(&QUOTE), log("[1]"), log("[1]")]).is_ok());
    for (part, make) in [
        (
            EvidencePart::EventLog,
            Recognised::EventLog as fn(Vec<u8>) -> _,
        ),
        (EvidencePart::AppCompose, Recognised::AppCompose),
        (EvidencePart::VmConfig, Recognised::VmConfig),
        (EvidencePart::MrConfigDocument, Recognised::MrConfigDocument),
    ] {
        let parts = [quote(&QUOTE), make(b"a".to_vec()), make(b"b".to_vec())];
        assert_eq!(assemble(parts), Err(AssembleError::Differing { part }));
    }
    // One of the two may be inside the answer that has the quote.
    let Recognised::Evidence(mut answer) = quote(&QUOTE) else {
        panic!();
    };
    answer[0].event_log = Some(b"[1]".to_vec());
    assert_eq!(
        assemble([Recognised::Evidence(answer.clone()), log("[2]")]),
        Err(AssembleError::Differing {
            part: EvidencePart::EventLog
        })
    );
    // Or in a second answer with the same quote.
    assert_eq!(
        assemble([quote(&QUOTE), Recognised::Evidence(answer)])
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        AssembleError::Differing {
            part: EvidencePart::EventLog
        }
        .to_string(),
        "two inputs bring a different event log each"
    );
}

#[test]
fn parts_without_a_quote_are_no_evidence() {
    assert_eq!(assemble([]), Err(AssembleError::Nothing));
    assert_eq!(assemble([log("[1]")]), Err(AssembleError::NoQuote));
    assert_eq!(assemble([collateral(1)]), Err(AssembleError::NoQuote));
    let info = InstanceEvidence::without_quote(InputKind::DstackInfo, MissingQuote::NotCarried);
    assert_eq!(
        assemble([Recognised::Evidence(vec![info])]),
        Err(AssembleError::NoQuote)
    );
}

#[test]
fn parts_of_several_machines_are_not_mixed() {
    let count = |count| Err(AssembleError::SeveralQuotes { count });
    assert_eq!(assemble([quote(&QUOTE), quote(&OTHER)]), count(2));
    let fleet = Recognised::Evidence(vec![
        InstanceEvidence::from_quote(InputKind::PhalaAppAttestations, QUOTE.to_vec()),
        InstanceEvidence::from_quote(InputKind::PhalaAppAttestations, QUOTE.to_vec()),
        InstanceEvidence::without_quote(InputKind::PhalaAppAttestations, MissingQuote::Null),
    ]);
    assert_eq!(assemble([fleet.clone(), log("[1]")]), count(3));
    assert_eq!(assemble([fleet.clone(), quote(&QUOTE)]), count(4));
    // The same answer twice is one.
    assert_eq!(assemble([fleet.clone(), fleet.clone()]).unwrap().len(), 3);
    // Collateral serves them all, and one quote shown for two machines stays two.
    let all = assemble([fleet, collateral(1)]).unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|one| one.collateral.len() == 1));
}

#[test]
fn what_two_inputs_say_of_themselves_is_kept_side_by_side() {
    let mut info = InstanceEvidence::without_quote(InputKind::DstackInfo, MissingQuote::NotCarried);
    info.self_reported = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
    let mut again = info.clone();
    again.self_reported = vec![("a".into(), "other".into()), ("b".into(), "2".into())];
    let all = assemble([
        quote(&QUOTE),
        Recognised::Evidence(vec![info]),
        Recognised::Evidence(vec![again]),
    ])
    .unwrap();
    let names: Vec<_> = all[0]
        .self_reported
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "a'"]);
}

#[test]
fn the_number_of_inputs_is_bounded() {
    let many = (0..=limits::INSTANCES).map(|_| log("[1]"));
    assert!(matches!(assemble(many), Err(AssembleError::TooMany { .. })));
    let many = (0..=limits::COLLATERAL_FILES).map(|index| {
        let mut parts = crate::collateral::sample();
        parts.tcb_info = index.to_string();
        Recognised::Collateral(Box::new(parts))
    });
    assert!(matches!(
        assemble(core::iter::once(quote(&QUOTE)).chain(many)),
        Err(AssembleError::TooManyCollaterals { .. })
    ));
}
