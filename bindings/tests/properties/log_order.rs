//! The order of events is what a register measures.

use proptest::prelude::*;
use proptest::sample::Index;
use teeproof_core::{EventLog, EventParts, RUNTIME_EVENT_TYPE};
use teeproof_forge::Scenario;

use crate::cases;
use crate::support::{Subject, accepted};

fn event() -> impl Strategy<Value = EventParts> {
    let boot =
        (0..3_u32, any::<u32>(), any::<[u8; 24]>()).prop_map(|(register, event_type, seed)| {
            EventParts {
                register,
                // A runtime event has a type of its own, and stands in RTMR3 alone.
                event_type: if event_type == RUNTIME_EVENT_TYPE {
                    0
                } else {
                    event_type
                },
                digest: seed.repeat(2),
                name: String::new(),
                payload: Vec::new(),
                version: 1,
                preimage: None,
            }
        });
    let runtime = (
        "[a-z][a-z0-9-]{0,12}",
        proptest::collection::vec(any::<u8>(), 0..20),
        1..3_u32,
    )
        .prop_map(|(name, payload, version)| EventParts {
            register: 3,
            event_type: RUNTIME_EVENT_TYPE,
            digest: Vec::new(),
            name,
            payload,
            version,
            preimage: None,
        });
    prop_oneof![boot, runtime]
}

fn log() -> impl Strategy<Value = Vec<EventParts>> {
    proptest::collection::vec(event(), 2..24)
}

fn replayed(parts: &[EventParts]) -> [teeproof_core::Measurement; 4] {
    let log = EventLog::from_parts(parts.to_vec()).unwrap();
    log.replay().unwrap()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn two_events_that_change_places_change_their_register_alone(
        parts in log(),
        one in any::<Index>(),
        other in any::<Index>(),
    ) {
        let digests: Vec<_> = EventLog::from_parts(parts.clone()).unwrap().events().iter()
            .map(teeproof_core::Event::digest).collect();
        let (one, other) = (one.index(parts.len()), other.index(parts.len()));
        let mut swapped = parts.clone();
        swapped.swap(one, other);
        let (before, after) = (replayed(&parts), replayed(&swapped));
        if parts[one].register == parts[other].register {
            let register = usize::try_from(parts[one].register).unwrap();
            let same = digests[one] == digests[other];
            prop_assert_eq!(before[register] == after[register], same);
            for index in (0..4).filter(|index| *index != register) {
                prop_assert_eq!(before[index], after[index]);
            }
        }
    }

    #[test]
    fn how_registers_interleave_does_not_matter(parts in log()) {
        let mut sorted = parts.clone();
        sorted.sort_by_key(|event| event.register);
        prop_assert_eq!(replayed(&parts), replayed(&sorted));
    }

    #[test]
    fn an_event_more_or_less_changes_its_register(parts in log(), at in any::<Index>()) {
        let at = at.index(parts.len());
        let register = usize::try_from(parts[at].register).unwrap();
        let mut fewer = parts.clone();
        fewer.remove(at);
        prop_assert_ne!(replayed(&parts)[register], replayed(&fewer)[register]);
        let mut more = parts.clone();
        more.insert(at, parts[at].clone());
        prop_assert_ne!(replayed(&parts)[register], replayed(&more)[register]);
    }
}

/// Every two events of a sound log that lie side by side in one register, and the report on it.
#[test]
fn a_sound_log_in_another_order_is_refused() {
    let subject = Subject::forged("forged", &Scenario::tdx_v4().issue()).unwrap();
    let examination = subject.examine(&subject.set(&teeproof_crypto_ring::RingVerifier));
    let text = subject.event_log.clone().unwrap();
    let events: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
    let mut swaps = 0;
    for one in 0..events.len() {
        let next = (one + 1..events.len()).find(|next| events[*next]["imr"] == events[one]["imr"]);
        let Some(next) = next else { continue };
        let mut swapped = events.clone();
        swapped.swap(one, next);
        let mut spoilt = subject.clone();
        spoilt.event_log = Some(serde_json::to_vec(&swapped).unwrap());
        // Two events may be equal in all that is measured.
        let unchanged = events[one]["digest"] == events[next]["digest"]
            && !events[one]["digest"]
                .as_str()
                .unwrap_or_default()
                .is_empty();
        let report = spoilt.appraise(&examination);
        assert_eq!(accepted(&report), unchanged, "{one} and {next}");
        swaps += 1;
    }
    assert!(swaps >= 20, "{swaps}");
}
