//! Boot sequences that are a generation's, and every way in which one is not.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::bytes::{Bytes32, Id20, Measurement};
use crate::log::EventParts;
use crate::log::worked::{self, FIRST_RUNTIME, boot, parts, registers, replayed, runtime};
use crate::reason::Reason;
use crate::value::Value;

const KMS: &[u8] = br#"{"name":"kms","id":"3059"}"#;
const LOCAL: &[u8] = br#"{"name":"local-sgx","id":"aa"}"#;

/// A name and a payload of the right form.
fn event(name: &str) -> EventParts {
    let payload: &[u8] = match name {
        "app-id" | "instance-id" => &[1; 20],
        "compose-hash" | "rootfs-hash" | "ca-cert-hash" | "mr-kms" | "os-image-hash"
        | "init-script-hash" | "gpu-policy-hash" => &[2; 32],
        "storage-fs" => b"zfs",
        "gpu-attestation" => b"{}",
        "kms" => return runtime("key-provider", KMS),
        "local" => return runtime("key-provider", LOCAL),
        _ => &[],
    };
    runtime(name, payload)
}

/// A log of these events in RTMR3; `kms` and `local` stand for the two key providers.
fn log(names: &str) -> Vec<EventParts> {
    names.split_whitespace().map(event).collect()
}

fn interpret(parts: Vec<EventParts>) -> Result<Interpretation, GrammarError> {
    replayed(parts).interpret()
}

fn facts(parts: Vec<EventParts>) -> DstackFacts {
    match interpret(parts).unwrap() {
        Interpretation::Dstack(facts) => *facts,
        Interpretation::NotDstack => panic!("not a dstack log"),
    }
}

fn labels(names: &str) -> Vec<&'static str> {
    let facts = facts(log(names));
    facts.generations().iter().map(|g| g.label()).collect()
}

fn refusal(parts: Vec<EventParts>) -> Option<Reason> {
    interpret(parts).err().map(|error| error.reason())
}

const HEAD: &str = "system-preparing app-id compose-hash instance-id boot-mr-done";
const OLD: &str = "rootfs-hash app-id compose-hash ca-cert-hash instance-id";

fn after_head(rest: &str) -> alloc::string::String {
    alloc::format!("{HEAD} {rest}")
}

#[test]
fn the_worked_log_gives_its_facts() {
    let facts = facts(parts());
    let labels: Vec<_> = facts.generations().iter().map(|g| g.label()).collect();
    assert_eq!(labels, ["0.4-0.5.0", "0.5.1-0.5.4"]);
    assert_eq!(
        facts.app_id().to_string(),
        "3763bc34552cf3a27ff71ad5f7a90471562a1a2d"
    );
    assert_eq!(
        facts.compose_hash().to_string(),
        "3763bc34552cf3a27ff71ad5f7a90471562a1a2df552dfc1998cba2d60da27e7"
    );
    let InstanceId::Id(instance) = facts.instance_id() else {
        panic!("no instance id");
    };
    assert_eq!(
        instance.to_string(),
        "c3714eb66990eace777b4e664c16e09375dec4c9"
    );
    let provider = facts.key_provider().unwrap();
    assert_eq!(*provider.kind(), KeyProviderKind::LocalSgx);
    assert_eq!(provider.id().len(), 32);
    assert_eq!(facts.os_image_hash(), None);
    assert_eq!(facts.mr_kms(), None);
    assert_eq!(facts.storage_fs(), None);
    assert_eq!(facts.application_events().len(), 1);
    assert_eq!(facts.application_events()[0].name, "LIUM_MINER_HOTKEY");
    assert_eq!(facts.application_events()[0].payload.len(), 48);
}

#[test]
fn derived_values_are_the_worked_ones() {
    let facts = facts(parts());
    let launch = LaunchRegisters {
        mrtd: worked::MRTD.parse().unwrap(),
        mr_config_id: Measurement::zero(),
        mr_owner: Measurement::zero(),
        mr_owner_config: Measurement::zero(),
    };
    assert_eq!(
        facts.mr_key_provider().to_string(),
        "154b6be6b47baac4c85a97a77d4d8acdb64398f511e4bd02a22aba6a425cc0cb"
    );
    assert_eq!(
        facts.mr_system(&launch).to_string(),
        "e1ae776a1492d4f87937b7e563d265c16300be4aba5d748207587023bb7dbb75"
    );
    let aggregated = facts.mr_aggregated(&launch);
    assert_eq!(
        aggregated.to_string(),
        "233c659f83048505bb1ef7f105245aa80f5d04e3d096c329da272d7ee13fbf38"
    );
    // Each of the three brings all three in, in their order.
    let one = Measurement::new([1; 48]);
    let with = |change: fn(&mut LaunchRegisters, Measurement)| {
        let mut launch = launch;
        change(&mut launch, one);
        facts.mr_aggregated(&launch)
    };
    let values = [
        aggregated,
        with(|launch, value| launch.mr_config_id = value),
        with(|launch, value| launch.mr_owner = value),
        with(|launch, value| launch.mr_owner_config = value),
    ];
    let zero: &[u8] = &[0; 48];
    let mut preimage = launch.mrtd.as_slice().to_vec();
    for register in registers() {
        preimage.extend_from_slice(register.as_slice());
    }
    preimage.extend_from_slice(zero);
    preimage.extend_from_slice(one.as_slice());
    preimage.extend_from_slice(zero);
    assert_eq!(values[2], crate::bytes::sha256(&preimage));
    for (index, value) in values.iter().enumerate() {
        assert!(!values[..index].contains(value));
    }
}

#[test]
fn without_a_key_provider_its_measurement_is_zero() {
    let facts = facts(log(OLD));
    assert!(facts.key_provider().is_none());
    assert_eq!(facts.mr_key_provider(), Bytes32::zero());
}

#[test]
fn each_generation_is_known_by_its_sequence() {
    let fits =
        |rest: &str, expected: &[&str]| assert_eq!(labels(&after_head(rest)), expected, "{rest}");
    assert_eq!(labels(OLD), ["0.3"]);
    fits("local system-ready", &["0.4-0.5.0", "0.5.1-0.5.4"]);
    fits("kms system-ready", &["0.4-0.5.0"]);
    fits("mr-kms kms system-ready", &["0.4-0.5.0"]);
    fits("os-image-hash kms system-ready", &["0.5.1-0.5.4"]);
    fits("mr-kms os-image-hash kms system-ready", &["0.5.1-0.5.4"]);
    fits(
        "mr-kms os-image-hash kms storage-fs system-ready",
        &["0.5.5-0.5.11"],
    );
    fits(
        "os-image-hash kms storage-fs system-ready",
        &["0.5.5-0.5.11", "0.6"],
    );
    fits("local storage-fs system-ready", &["0.5.5-0.5.11", "0.6"]);
    let new = "system-preparing app-id compose-hash init-script-hash init-script-hash \
               gpu-policy-hash gpu-attestation instance-id boot-mr-done os-image-hash kms \
               storage-fs system-ready";
    assert_eq!(labels(new), ["0.6"]);
    assert_eq!(labels(&new.replace("gpu-attestation ", "")), ["0.6"]);
    let facts = facts(log(new));
    assert_eq!(facts.init_script_hashes().len(), 2);
    assert_eq!(facts.gpu_attestation(), Some(&b"{}"[..]));
    assert!(facts.gpu_policy_hash().is_some());
}

#[test]
fn a_log_without_reserved_events_is_not_a_faulty_one() {
    for parts in [
        vec![],
        parts()[..FIRST_RUNTIME].to_vec(),
        vec![runtime("something", b"else")],
        // Near misses are not reserved names.
        vec![runtime("App-Id", &[1; 20]), runtime("app-id ", &[1; 20])],
    ] {
        assert!(matches!(interpret(parts), Ok(Interpretation::NotDstack)));
    }
    assert_eq!(
        refusal(vec![event("app-id")]),
        Some(Reason::LogEventMissing)
    );
}

#[test]
fn pitfall_14_a_reserved_name_in_another_register_is_refused() {
    for register in 0..3 {
        for name in [
            "app-id",
            "compose-hash",
            "mr-kms",
            "gpu-policy-hash",
            "rootfs-hash",
        ] {
            let mut parts = parts();
            parts[3] = EventParts {
                name: name.to_string(),
                ..boot(register, 4, worked::REGISTERS[0])
            };
            assert_eq!(refusal(parts), Some(Reason::LogEventForeign));
        }
    }
    // Also where RTMR3 has none: the log must not pass as one that is not dstack's.
    let alone = EventParts {
        name: "compose-hash".to_string(),
        ..boot(0, 4, worked::REGISTERS[0])
    };
    assert_eq!(refusal(vec![alone]), Some(Reason::LogEventForeign));
}

#[test]
fn pitfall_15_a_reserved_event_stands_once() {
    for index in FIRST_RUNTIME..FIRST_RUNTIME + 6 {
        let mut parts = parts();
        let mut again = parts[index].clone();
        // Whether the payloads agree makes no difference.
        if !again.payload.is_empty() && again.name != "key-provider" {
            again.payload[0] ^= 1;
            again.digest.clear();
        }
        parts.insert(index + 1, again);
        assert_eq!(refusal(parts), Some(Reason::LogEventDuplicate), "{index}");
    }
    for names in [
        "mr-kms mr-kms kms system-ready",
        "mr-kms os-image-hash os-image-hash kms system-ready",
        "mr-kms os-image-hash mr-kms kms system-ready",
        "local storage-fs storage-fs system-ready",
    ] {
        let reason = refusal(log(&after_head(names)));
        assert_eq!(reason, Some(Reason::LogEventDuplicate), "{names}");
    }
    let scripts = |count| {
        let scripts = "init-script-hash ".repeat(count);
        log(&HEAD.replace("instance-id", &alloc::format!("{scripts} instance-id")))
            .into_iter()
            .chain(log("local storage-fs system-ready"))
            .collect()
    };
    assert_eq!(facts(scripts(5)).init_script_hashes().len(), 5);
    assert_eq!(refusal(scripts(6)), Some(Reason::LogEventDuplicate));
}

#[test]
fn pitfall_16_a_reserved_event_after_the_boot_is_refused() {
    for name in [
        "system-preparing",
        "app-id",
        "compose-hash",
        "instance-id",
        "boot-mr-done",
        "mr-kms",
        "os-image-hash",
        "local",
        "storage-fs",
        "system-ready",
        "init-script-hash",
        "gpu-policy-hash",
        "gpu-attestation",
        "rootfs-hash",
        "ca-cert-hash",
    ] {
        let mut parts = parts();
        parts.push(event(name));
        assert_eq!(refusal(parts), Some(Reason::LogEventLate), "{name}");
        let mut old = log(OLD);
        old.push(event("application"));
        assert_eq!(facts(old.clone()).application_events().len(), 1);
        old.push(event(name));
        assert_eq!(refusal(old), Some(Reason::LogEventLate), "0.3 {name}");
    }
}

#[test]
fn the_order_is_that_of_a_generation() {
    for index in FIRST_RUNTIME..FIRST_RUNTIME + 6 {
        let mut parts = parts();
        parts.swap(index, index + 1);
        let reason = refusal(parts).unwrap();
        assert!(
            matches!(
                reason,
                Reason::LogEventOrder | Reason::LogEventMissing | Reason::LogEventLate
            ),
            "{index} {reason:?}"
        );
    }
    let mut swapped = parts();
    swapped.swap(FIRST_RUNTIME + 1, FIRST_RUNTIME + 2);
    let error = interpret(swapped).unwrap_err();
    assert_eq!(error.reason(), Reason::LogEventOrder);
    assert_eq!(error.expected(), Some(Value::from("app-id")));
    assert_eq!(
        error.found(),
        Some(Value::Fields(vec![
            ("event", Value::count(FIRST_RUNTIME + 1)),
            ("name", Value::from("compose-hash")),
        ]))
    );
    for names in [
        "os-image-hash mr-kms kms system-ready",
        "kms mr-kms system-ready",
        "storage-fs local system-ready",
        // Keys of a local provider come with no word of a KMS.
        "mr-kms local system-ready",
        "os-image-hash local storage-fs system-ready",
    ] {
        let reason = refusal(log(&after_head(names)));
        assert_eq!(reason, Some(Reason::LogEventOrder), "{names}");
    }
    // One generation does not borrow from another.
    let mixed = HEAD.replace("instance-id", "init-script-hash instance-id");
    let mixed = alloc::format!("{mixed} mr-kms os-image-hash kms storage-fs system-ready");
    assert_eq!(refusal(log(&mixed)), Some(Reason::LogEventOrder));
}

#[test]
fn an_application_event_before_the_end_of_the_boot_is_refused() {
    for index in 0..7 {
        let mut parts = parts();
        parts.insert(FIRST_RUNTIME + index, event("application"));
        assert_eq!(refusal(parts), Some(Reason::LogEventOrder), "{index}");
    }
}

#[test]
fn every_event_of_a_generation_is_needed() {
    for index in 0..7 {
        let mut parts = parts();
        let name = parts.remove(FIRST_RUNTIME + index).name;
        let error = interpret(parts).unwrap_err();
        // Without the last one, an application's event stands in its place.
        let reason = if name == "system-ready" {
            Reason::LogEventOrder
        } else {
            Reason::LogEventMissing
        };
        assert_eq!(error.reason(), reason, "{name}");
        assert_eq!(error.expected(), Some(Value::Text(name)));
    }
    for length in 1..7 {
        let mut parts = parts();
        parts.truncate(FIRST_RUNTIME + length);
        assert_eq!(
            refusal(parts),
            Some(Reason::LogEventMissing),
            "cut at {length}"
        );
    }
    for length in 1..5 {
        let mut old = log(OLD);
        old.truncate(length);
        assert_eq!(
            refusal(old),
            Some(Reason::LogEventMissing),
            "0.3 cut at {length}"
        );
    }
    // 0.4 gets furthest here, and has no storage-fs.
    let without_hash = log(&after_head("mr-kms kms storage-fs system-ready"));
    assert_eq!(refusal(without_hash), Some(Reason::LogEventOrder));
}

#[test]
fn payloads_have_their_form() {
    let new = "system-preparing app-id compose-hash init-script-hash gpu-policy-hash instance-id \
               boot-mr-done os-image-hash kms storage-fs system-ready";
    for names in [new, OLD, &after_head("mr-kms kms system-ready")] {
        for index in 0..log(names).len() {
            for change in [
                (|payload: &mut Vec<u8>| payload.push(0)) as fn(&mut Vec<u8>),
                |payload| payload.truncate(payload.len() / 2),
            ] {
                let mut parts = log(names);
                change(&mut parts[index].payload);
                let name = parts[index].name.clone();
                if parts == log(names) {
                    continue;
                }
                assert_eq!(refusal(parts), Some(Reason::LogEventPayload), "{name}");
            }
        }
    }
    let mut short = parts();
    short[FIRST_RUNTIME + 1] = runtime("app-id", &[1; 19]);
    let error = interpret(short).unwrap_err();
    assert_eq!(
        error.expected(),
        Some(Value::Fields(vec![("bytes", Value::count(20))]))
    );
}

#[test]
fn an_absent_instance_id_is_equal_to_none() {
    let mut without = parts();
    without[FIRST_RUNTIME + 3] = runtime("instance-id", b"");
    let none = facts(without).instance_id();
    let some = facts(parts()).instance_id();
    assert!(matches!(none, InstanceId::None));
    assert_eq!(none.same_as(&none), None);
    assert_eq!(none.same_as(&some), None);
    assert_eq!(some.same_as(&none), None);
    assert_eq!(some.same_as(&some), Some(true));
    assert_eq!(some.same_as(&InstanceId::Id(Id20::zero())), Some(false));
}

#[test]
fn a_key_provider_is_read_strictly() {
    let provider = |payload: &[u8]| {
        let mut parts = parts();
        parts[FIRST_RUNTIME + 5] = runtime("key-provider", payload);
        interpret(parts)
    };
    for payload in [
        &br#"{"name":"none","id":""}"#[..],
        br#"{"id":"","name":"tpm"}"#,
        br#"{"name":"future-kind","id":"00ff"}"#,
    ] {
        let Ok(Interpretation::Dstack(facts)) = provider(payload) else {
            panic!("refused");
        };
        assert_eq!(facts.mr_key_provider(), crate::bytes::sha256(payload));
    }
    let kind = KeyProviderKind::from_name("future-kind");
    assert_eq!(kind, KeyProviderKind::Other("future-kind".to_string()));
    for payload in [
        &b""[..],
        b"{}",
        b"null",
        br#"["kms",""]"#,
        br#"{"name":"kms"}"#,
        br#"{"name":"kms","id":null}"#,
        br#"{"name":"kms","id":"0"}"#,
        br#"{"name":"kms","id":"zz"}"#,
        br#"{"name":"kms","name":"none","id":""}"#,
        br#"{"name":"kms","id":"","more":1}"#,
        br#"{"name":"kms","id":""} x"#,
        b"{\"name\":\"\xff\",\"id\":\"\"}",
    ] {
        let reason = provider(payload).unwrap_err().reason();
        assert_eq!(reason, Reason::LogEventPayload);
    }
}
