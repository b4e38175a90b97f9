//! The JSON forms, told apart by their keys.
//!
//! Answers of clouds and agents are read leniently: unknown keys are passed over, since their
//! producers add some with every release. Duplicate keys are refused everywhere. What an answer
//! says of itself beside the evidence is kept apart as self-reported.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::container;
use super::error::{InputError, InputFieldError, beginning};
use super::fields::{add_vm_config, bounded, event_log, label, report, text_field};
use super::text::{decode_field, decode_quote};
use super::{
    EvidencePart, InputKind, InstanceEvidence, MissingQuote, Recognised, looks_like_quote,
    mr_config_in,
};
use crate::bundle::Bundle;
use crate::collateral::CollateralParts;
use crate::json::{Document, Node, Object};
use crate::limits;

/// How many keys of an unknown object a message names.
const NAMED_KEYS: usize = 12;

/// Recognises a JSON array or object. `text` is the whole input, exactly as given.
pub(super) fn from_json(text: &str, root: Node<'_>) -> Result<Recognised, InputError> {
    let Some(object) = root.object() else {
        return from_array(text, root);
    };
    let has = |key| object.has(key);
    if let Some(schema) = object.text("schema")
        && schema.starts_with("teeproof.")
    {
        return from_own(&schema, root);
    }
    if has("pck_crl_issuer_chain") || has("tcb_info_signature") || has("qe_identity_signature") {
        return CollateralParts::from_node(root)
            .map(|parts| Recognised::Collateral(Box::new(parts)))
            .map_err(InputError::Collateral);
    }
    if has("instances") {
        return app_attestations(&object).map(Recognised::Evidence);
    }
    let one = |evidence| Ok(Recognised::Evidence([evidence].into()));
    if has("app_certificates") {
        return one(instance(&object, InputKind::PhalaCvmAttestation)?);
    }
    if has("quote") || has("attestation") {
        return one(quote_answer(&object)?);
    }
    if has("tcb_info") {
        return one(info(&object)?);
    }
    if has("mrtd") && has("rtmr3") {
        let kind = InputKind::DstackTcbInfo;
        let mut evidence = InstanceEvidence::without_quote(kind, MissingQuote::NotCarried);
        add_tcb_info(&mut evidence, &object)?;
        return one(evidence);
    }
    if has("docker_compose_file") || (has("manifest_version") && has("runner")) {
        return part(
            text,
            EvidencePart::AppCompose,
            limits::APP_COMPOSE,
            Recognised::AppCompose,
        );
    }
    if has("vm_config") {
        return one(sys_config(text, &object)?);
    }
    if has("compose_hash") && has("key_provider") && has("version") {
        let limit = limits::MR_CONFIG_DOCUMENT;
        return part(
            text,
            EvidencePart::MrConfigDocument,
            limit,
            Recognised::MrConfigDocument,
        );
    }
    let machine = ["os_image_hash", "cpu_count", "memory_size", "qemu_version"];
    if machine.iter().filter(|key| has(key)).count() >= 2 {
        return part(
            text,
            EvidencePart::VmConfig,
            limits::VM_CONFIG,
            Recognised::VmConfig,
        );
    }
    Err(InputError::UnknownObject {
        keys: object
            .keys()
            .take(NAMED_KEYS)
            .map(|key| beginning(&key))
            .collect(),
        count: object.keys().count(),
    })
}

/// An array is an event log, or nothing that is known. Only its first event is looked at.
fn from_array(text: &str, root: Node<'_>) -> Result<Recognised, InputError> {
    let first = root.items(1).and_then(|items| items.first().copied());
    let event = first.and_then(Node::object);
    if event.is_some_and(|event| event.has("imr")) {
        return part(
            text,
            EvidencePart::EventLog,
            limits::EVENT_LOG,
            Recognised::EventLog,
        );
    }
    Err(InputError::UnknownArray)
}

/// A whole input as one part, byte for byte.
fn part(
    text: &str,
    part: EvidencePart,
    limit: usize,
    make: fn(Vec<u8>) -> Recognised,
) -> Result<Recognised, InputError> {
    if text.len() > limit {
        return Err(InputError::PartTooLarge {
            part,
            size: text.len(),
            limit,
        });
    }
    Ok(make(text.as_bytes().to_vec()))
}

fn from_own(schema: &str, root: Node<'_>) -> Result<Recognised, InputError> {
    if !schema.starts_with("teeproof.bundle/") {
        return Err(InputError::OtherDocument {
            schema: beginning(schema),
        });
    }
    let bundle = Bundle::from_node(root).map_err(InputError::Bundle)?;
    Ok(Recognised::Evidence([bundle.into_evidence()].into()))
}

/// `GetQuote`, `TdxQuote`, a verifier request, or an attestation container in a field.
fn quote_answer(object: &Object<'_>) -> Result<InstanceEvidence, InputError> {
    let named = |field| move |error| InputError::Field { field, error };
    let container = match text_field(object, "attestation")? {
        Some(text) if !text.trim_ascii().is_empty() => {
            Some(decode_field(&text, limits::DSTACK_ATTESTATION).map_err(named("attestation"))?)
        }
        _ => None,
    };
    let quote = match text_field(object, "quote")? {
        Some(text) if !text.trim_ascii().is_empty() => {
            Some(decode_quote(&text).map_err(named("quote"))?)
        }
        _ => None,
    };
    let mut evidence = match (quote, container) {
        (None, None) => {
            return Err(InputError::Field {
                field: "quote",
                error: InputFieldError::Empty,
            });
        }
        // dstack's own tutorials put a bare quote there.
        (None, Some(bytes)) if looks_like_quote(&bytes) => {
            InstanceEvidence::from_quote(InputKind::DstackAttestation, bytes)
        }
        (None, Some(bytes)) => container::evidence(&bytes).map_err(InputError::Container)?,
        (Some(quote), container) => {
            if let Some(bytes) = container {
                same_quote(&quote, &bytes)?;
            }
            let answer = ["report_data", "hash_algorithm", "prefix"];
            let kind = if answer.iter().any(|key| object.has(key)) {
                InputKind::DstackGetQuote
            } else {
                InputKind::DstackVerifierRequest
            };
            InstanceEvidence::from_quote(kind, quote)
        }
    };
    if let Some(log) = event_log(object)? {
        evidence.event_log = Some(log);
    }
    add_vm_config(&mut evidence, object)?;
    report(&mut evidence, object, "", &["report_data"])?;
    Ok(evidence)
}

/// `GetQuote` gives its quote twice, the second time in a container. Two different ones would be
/// two different claims in one answer. A container of a kind that cannot be read says nothing.
fn same_quote(quote: &[u8], container: &[u8]) -> Result<(), InputError> {
    let second = if looks_like_quote(container) {
        Some(container.to_vec())
    } else {
        match container::evidence(container) {
            Ok(evidence) => evidence.quote,
            Err(error) if error.is_unsupported() => None,
            Err(error) => return Err(InputError::Container(error)),
        }
    };
    if second.is_some_and(|second| second != quote) {
        return Err(InputError::TwoQuotes {
            first: "quote",
            second: "attestation",
        });
    }
    Ok(())
}

/// The guest agent's `Info`: no quote, but the log, the app-compose and the `vm_config`.
fn info(object: &Object<'_>) -> Result<InstanceEvidence, InputError> {
    let kind = InputKind::DstackInfo;
    let mut evidence = InstanceEvidence::without_quote(kind, MissingQuote::NotCarried);
    with_tcb_info(&mut evidence, object)?;
    add_vm_config(&mut evidence, object)?;
    let names = [
        "app_id",
        "instance_id",
        "app_name",
        "device_id",
        "mr_aggregated",
        "os_image_hash",
        "compose_hash",
        "key_provider_info",
        "cloud_vendor",
        "cloud_product",
    ];
    report(&mut evidence, object, "", &names)?;
    evidence.label = label(object, &["instance_id", "app_name"]);
    Ok(evidence)
}

fn sys_config(text: &str, object: &Object<'_>) -> Result<InstanceEvidence, InputError> {
    let kind = InputKind::DstackSysConfig;
    let mut evidence = InstanceEvidence::without_quote(kind, MissingQuote::NotCarried);
    add_vm_config(&mut evidence, object)?;
    // The document's own place comes first, as it does for dstack's guest.
    if let Some(document) = mr_config_in(text.as_bytes()) {
        evidence.mr_config_document = Some(document);
    }
    Ok(evidence)
}

/// `/apps/{id}/attestations`: one evidence for each instance, with or without a quote.
fn app_attestations(object: &Object<'_>) -> Result<Vec<InstanceEvidence>, InputError> {
    let refuse = || InputError::Field {
        field: "instances",
        error: InputFieldError::NotObjects,
    };
    let items = object
        .get("instances")
        .and_then(|node| node.items(limits::INSTANCES))
        .ok_or_else(refuse)?;
    if items.is_empty() {
        return Err(InputError::NoInstances);
    }
    if items.len() > limits::INSTANCES {
        return Err(InputError::TooManyInstances {
            limit: limits::INSTANCES,
        });
    }
    items
        .into_iter()
        .map(|item| {
            let entry = item.object().ok_or_else(refuse)?;
            instance(&entry, InputKind::PhalaAppAttestations)
        })
        .collect()
}

/// One CVM as Phala Cloud describes it. An instance without a usable quote is kept with the reason:
/// it neither fails nor passes, and its neighbours stay readable.
fn instance(object: &Object<'_>, kind: InputKind) -> Result<InstanceEvidence, InputError> {
    let error = object
        .get("error")
        .map(|node| node.string().unwrap_or_else(|| node.raw().to_string()));
    let error = error.filter(|error| !error.is_empty() && error.len() <= limits::SELF_REPORTED);
    let quote = own_quote(object)?.map(|text| decode_quote(&text));
    let mut evidence = match (quote, error) {
        (Some(Ok(quote)), _) => InstanceEvidence::from_quote(kind, quote),
        (Some(Err(error)), _) => {
            InstanceEvidence::without_quote(kind, MissingQuote::Unreadable(error))
        }
        (None, Some(error)) => {
            InstanceEvidence::without_quote(kind, MissingQuote::Reported { error })
        }
        (None, None) => InstanceEvidence::without_quote(kind, MissingQuote::Null),
    };
    with_tcb_info(&mut evidence, object)?;
    add_vm_config(&mut evidence, object)?;
    let names = [
        "name",
        "vm_uuid",
        "instance_id",
        "status",
        "error",
        "image_version",
        "device_id",
        "ppid",
        "ppid_sha256",
        "fmspc",
        "tee_tcb_svn",
        "cpusvn",
        "pcesvn",
        "is_online",
        "is_public",
    ];
    report(&mut evidence, object, "", &names)?;
    evidence.label = label(object, &["instance_id", "vm_uuid", "name"]);
    Ok(evidence)
}

/// The quote of an instance: its own field, else that of the first certificate, which is the leaf.
fn own_quote(object: &Object<'_>) -> Result<Option<String>, InputError> {
    if let Some(text) = text_field(object, "quote")?
        && !text.is_empty()
    {
        return Ok(Some(text));
    }
    let Some(chain) = object.get("app_certificates") else {
        return Ok(None);
    };
    let refuse = || InputError::Field {
        field: "app_certificates",
        error: InputFieldError::NotObjects,
    };
    let items = chain.items(1).ok_or_else(refuse)?;
    let Some(leaf) = items.first() else {
        return Ok(None);
    };
    let leaf = leaf.object().ok_or_else(refuse)?;
    Ok(text_field(&leaf, "quote")?.filter(|text| !text.is_empty()))
}

/// Takes the parts out of `tcb_info`, which is an object or a string that holds one, or nothing
/// when the guest hides it.
fn with_tcb_info(evidence: &mut InstanceEvidence, object: &Object<'_>) -> Result<(), InputError> {
    let field = "tcb_info";
    let Some(node) = object.get(field) else {
        return Ok(());
    };
    let refuse = |error| InputError::Field { field, error };
    let Some(text) = node.string() else {
        let inner = node
            .object()
            .ok_or_else(|| refuse(InputFieldError::NotAnObject))?;
        return add_tcb_info(evidence, &inner);
    };
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    let document =
        Document::of_text(&text).map_err(|error| refuse(InputFieldError::Json(error)))?;
    let inner = document
        .root()
        .object()
        .ok_or_else(|| refuse(InputFieldError::NotAnObject))?;
    add_tcb_info(evidence, &inner)
}

fn add_tcb_info(evidence: &mut InstanceEvidence, tcb_info: &Object<'_>) -> Result<(), InputError> {
    evidence.event_log = event_log(tcb_info)?;
    // A parsed app-compose has lost the bytes whose digest was measured, so only text counts.
    evidence.app_compose = match tcb_info.get("app_compose") {
        Some(node) if node.is_string() => {
            let text = bounded(tcb_info, "app_compose", limits::APP_COMPOSE)?;
            text.filter(|text| !text.is_empty()).map(String::into_bytes)
        }
        _ => None,
    };
    let names = [
        "mrtd",
        "rtmr0",
        "rtmr1",
        "rtmr2",
        "rtmr3",
        "mr_aggregated",
        "rootfs_hash",
        "os_image_hash",
        "compose_hash",
        "device_id",
    ];
    report(evidence, tcb_info, "tcb_info.", &names)
}
