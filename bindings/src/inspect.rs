//! Looks into an input without trusting anything it says.

use serde::Serialize;
use serde_json::{Value, json};
use teeproof_core::{
    Body, Certification, Collateral, CollateralParts, CollateralSet, ComposeHash, EventLog,
    Examination, InstanceEvidence, Instant, MrConfig, Quote, Recognised, TdReport, Trailing,
    TrustAnchor, encode_hex,
};

use crate::judge::signature_backend;
use crate::verified::{need, window};

/// Schema of an inspection.
const INSPECTION_SCHEMA: &str = "teeproof.inspection/1";

/// What an input says. Claims, all of it: nothing was verified.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Inspection(Value);

impl Inspection {
    /// The inspection as a JSON value.
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

/// Describes a recognised input.
pub fn inspect(input: &Recognised) -> Inspection {
    let content = match input {
        Recognised::Evidence(instances) => {
            let instances: Vec<Value> = instances.iter().map(instance).collect();
            json!({ "instances": instances })
        }
        Recognised::EventLog(log) => json!({ "eventLog": event_log(log) }),
        Recognised::AppCompose(text) => json!({ "appCompose": app_compose(text) }),
        Recognised::Collateral(parts) => json!({ "collateral": collateral(parts) }),
        Recognised::VmConfig(text) => json!({ "vmConfig": document(text) }),
        Recognised::MrConfigDocument(text) => json!({ "mrConfigDocument": document(text) }),
        Recognised::PckChain(pem) => json!({ "pckChain": { "bytes": pem.len() } }),
        _ => json!({}),
    };
    let mut described = json!({
        "schema": INSPECTION_SCHEMA,
        "trusted": false,
        "note": "nothing was verified: this is what the input says of itself",
    });
    if let (Some(described), Value::Object(content)) = (described.as_object_mut(), content) {
        described.extend(content);
    }
    Inspection(described)
}

fn instance(evidence: &InstanceEvidence) -> Value {
    let reported: serde_json::Map<String, Value> = evidence
        .self_reported
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    json!({
        "kind": evidence.kind.as_str(),
        "label": evidence.label,
        "capturedAt": evidence.captured_at.map(|at| at.to_string()),
        "quote": evidence.quote.as_deref().map(quote),
        "missing": evidence.missing.as_ref().map(ToString::to_string),
        "eventLog": evidence.event_log.as_deref().map(event_log),
        "appCompose": evidence.app_compose.as_deref().map(app_compose),
        "vmConfig": evidence.vm_config.as_deref().map(document),
        "mrConfigDocument": evidence.mr_config_document.as_deref().map(document),
        "collateral": evidence.collateral.iter().map(collateral).collect::<Vec<_>>(),
        "challenge": evidence.challenge.as_ref().map(|challenge| json!({
            "bytes": encode_hex(&challenge.bytes),
            "rule": challenge.rule,
        })),
        "selfReported": reported,
    })
}

fn quote(bytes: &[u8]) -> Value {
    let sha256 = teeproof_core::sha256(bytes).to_string();
    let quote = match Quote::parse(bytes) {
        Ok(quote) => quote,
        Err(error) => {
            return json!({
                "sha256": sha256,
                "bytes": bytes.len(),
                "error": error.to_string(),
            });
        }
    };
    let body = match quote.claimed_body() {
        Body::Tdx(report) => td(report),
        Body::Sgx(report) => json!({
            "cpuSvn": report.cpu_svn,
            "attributes": report.attributes,
            "mrEnclave": report.mr_enclave,
            "mrSigner": report.mr_signer,
            "isvProdId": report.isv_prod_id,
            "isvSvn": report.isv_svn,
            "reportData": report.report_data,
            "debug": report.debug(),
        }),
    };
    let certification = match quote.certification() {
        Certification::PckChain(pem) => json!({ "type": 5, "pemBytes": pem.len() }),
        Certification::EncryptedPpid {
            encrypted_ppid,
            cpu_svn,
            pce_svn,
            pce_id,
        } => json!({
            "type": if encrypted_ppid.len() == 256 { 2 } else { 3 },
            "cpuSvn": cpu_svn,
            "pceSvn": pce_svn,
            "pceId": pce_id,
        }),
    };
    json!({
        "sha256": sha256,
        "bytes": quote.length(),
        "version": quote.version(),
        "tee": quote.tee().as_str(),
        "body": body,
        "attestationKey": encode_hex(quote.attestation_key()),
        "qe": {
            "mrSigner": quote.claimed_qe_report().mr_signer,
            "isvProdId": quote.claimed_qe_report().isv_prod_id,
            "isvSvn": quote.claimed_qe_report().isv_svn,
        },
        "certification": certification,
        "trailing": match quote.trailing() {
            Trailing::Zeros(count) | Trailing::TooManyZeros(count) => format!("{count} zero bytes"),
            Trailing::Data { offset } => format!("data from byte {offset} after the end"),
        },
        "needs": needs(bytes),
    })
}

/// What has to be fetched to verify the quote. Needs no clock: only the PCK certificate is read.
fn needs(bytes: &[u8]) -> Value {
    let (Ok(anchor), Some(at)) = (TrustAnchor::intel(), Instant::from_unix(0)) else {
        return Value::Null;
    };
    let examination = Examination::of(bytes, &CollateralSet::new(anchor), at, signature_backend());
    examination
        .needs()
        .iter()
        .map(|item| json!(need(item)))
        .collect()
}

fn td(report: &TdReport) -> Value {
    let [rtmr0, rtmr1, rtmr2, rtmr3] = &report.rtmr;
    let attributes = report.td_attributes;
    let mr_config = match MrConfig::parse(&report.mr_config_id) {
        Ok(None) => "not used".to_owned(),
        Ok(Some(config)) => format!("dstack version {}", config.version()),
        Err(error) => error.to_string(),
    };
    json!({
        "teeTcbSvn": report.tee_tcb_svn,
        "teeTcbSvn2": report.td15.as_ref().map(|more| more.tee_tcb_svn2),
        "mrSeam": report.mr_seam,
        "mrSignerSeam": report.mr_signer_seam,
        "tdAttributes": attributes.bytes(),
        "debug": attributes.debug(),
        "septVeDisable": attributes.sept_ve_disable(),
        "migratable": attributes.migratable(),
        "xfam": report.xfam,
        "mrtd": report.mrtd,
        "mrConfigId": report.mr_config_id,
        "mrConfigIdForm": mr_config,
        "mrOwner": report.mr_owner,
        "mrOwnerConfig": report.mr_owner_config,
        "rtmr0": rtmr0,
        "rtmr1": rtmr1,
        "rtmr2": rtmr2,
        "rtmr3": rtmr3,
        "reportData": report.report_data,
        "mrServiceTd": report.td15.as_ref().map(|more| more.mr_service_td),
        "tdId": report.td15.as_ref().and_then(|more| more.extended.as_ref()).map(|more| more.td_id),
    })
}

fn event_log(bytes: &[u8]) -> Value {
    let log = match EventLog::parse(bytes) {
        Ok(log) => log,
        Err(error) => return json!({ "bytes": bytes.len(), "error": error.to_string() }),
    };
    let digests = log.check_digests().err().map(|error| error.to_string());
    let events: Vec<Value> = log
        .events()
        .iter()
        .map(|event| {
            json!({
                "register": event.register().name(),
                "type": format!("0x{:08x}", event.event_type()),
                "name": event.name(),
                "payload": cut(&encode_hex(event.payload())),
            })
        })
        .collect();
    json!({ "events": events, "digestError": digests })
}

fn cut(text: &str) -> String {
    match teeproof_core::Value::quoted(text) {
        teeproof_core::Value::Text(text) => text,
        _ => String::new(),
    }
}

fn app_compose(text: &[u8]) -> Value {
    json!({
        "bytes": text.len(),
        "composeHash": ComposeHash::of(text).ok().map(|hash| hash.to_string()),
    })
}

fn document(text: &[u8]) -> Value {
    json!({
        "bytes": text.len(),
        "sha256": teeproof_core::sha256(text),
        "text": cut(&String::from_utf8_lossy(text)),
    })
}

/// What a collateral file says. Signatures are looked at too, against Intel's root, since the
/// windows of forged collateral mean nothing; still nothing here is a verdict.
fn collateral(parts: &CollateralParts) -> Value {
    let parsed = match Collateral::parse(parts) {
        Ok(parsed) => parsed,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let mut described = json!({
        "tee": parsed.tee().as_str(),
        "fmspc": parsed.fmspc(),
        "pckCa": parsed.pck_ca().as_str(),
        "digest": parsed.digest(),
        "pckCertificateChain": parts.pck_certificate_chain.is_some(),
    });
    let authentic = TrustAnchor::intel()
        .map_err(|error| error.to_string())
        .and_then(|anchor| {
            parsed
                .authenticate(&anchor, signature_backend())
                .map_err(|error| error.to_string())
        });
    let more = match authentic {
        Err(error) => json!({ "signedByIntel": false, "error": error }),
        Ok(authentic) => {
            let (tcb_info, qe_identity) = authentic.evaluation_numbers();
            let (root_crl, pck_crl) = authentic.crl_numbers();
            let windows: Vec<Value> = authentic
                .windows()
                .iter()
                .map(|named| json!(window(named.part, named.window)))
                .collect();
            json!({
                "signedByIntel": true,
                "tcbInfoEvaluationNumber": tcb_info,
                "qeIdentityEvaluationNumber": qe_identity,
                "rootCrlNumber": root_crl,
                "pckCrlNumber": pck_crl,
                "window": window("all", authentic.window()),
                "windows": windows,
            })
        }
    };
    if let (Some(described), Value::Object(more)) = (described.as_object_mut(), more) {
        described.extend(more);
    }
    described
}
