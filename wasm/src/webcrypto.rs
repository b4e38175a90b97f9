//! Signatures checked by WebCrypto. Everything it is asked about is a copy, and stays here beside
//! its answer.

use js_sys::{JSON, Promise, Uint8Array};
use teeproof_bindings::signature_backend;
use teeproof_core::{AnsweredSignatures, SignatureAnswer, SignatureTriple, SignatureVerifier};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &JsValue,
        extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = verify)]
    fn verify(
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        message: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// What WebCrypto answered. The rest is for the backend in this module: an error of WebCrypto is not
/// an answer.
pub(crate) struct Answered(AnsweredSignatures);

impl SignatureVerifier for Answered {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        match self.0.verify(key, message, signature) {
            SignatureAnswer::Unanswered => signature_backend().verify(key, message, signature),
            answer => answer,
        }
    }
}

/// Has every triple answered: all keys at once, then all signatures at once.
pub(crate) async fn answered(triples: Vec<SignatureTriple>) -> Answered {
    let mut keys = Vec::new();
    for triple in &triples {
        if !keys.iter().any(|(key, _)| *key == triple.key) {
            keys.push((triple.key, import(&triple.key)));
        }
    }
    let mut imported = Vec::new();
    for (key, pending) in keys {
        if let Some(handle) = settled(pending).await {
            imported.push((key, handle));
        }
    }
    let asked: Vec<(SignatureTriple, Option<JsFuture>)> = triples
        .into_iter()
        .map(|triple| {
            let key = imported.iter().find(|(key, _)| *key == triple.key);
            let pending = key.and_then(|(_, handle)| ask(handle, &triple));
            (triple, pending)
        })
        .collect();
    let mut answers = Vec::new();
    for (triple, pending) in asked {
        let answer = settled(pending).await;
        if let Some(valid) = answer.and_then(|answer| answer.as_bool()) {
            answers.push((triple, valid));
        }
    }
    Answered(AnsweredSignatures::new(answers))
}

async fn settled(pending: Option<JsFuture>) -> Option<JsValue> {
    pending?.await.ok()
}

fn import(key: &[u8; 64]) -> Option<JsFuture> {
    // SEC 1: an uncompressed point.
    let mut point = [0x04; 65];
    let (_, coordinates) = point.split_at_mut(1);
    coordinates.copy_from_slice(key);
    let algorithm = JSON::parse(r#"{"name":"ECDSA","namedCurve":"P-256"}"#).ok()?;
    let usages = JSON::parse(r#"["verify"]"#).ok()?;
    let key = Uint8Array::from(point.as_slice());
    let promise = import_key("raw", &key, &algorithm, false, &usages).ok()?;
    Some(JsFuture::from(promise))
}

fn ask(key: &JsValue, triple: &SignatureTriple) -> Option<JsFuture> {
    let algorithm = JSON::parse(r#"{"name":"ECDSA","hash":"SHA-256"}"#).ok()?;
    let signature = Uint8Array::from(triple.signature.as_slice());
    let message = Uint8Array::from(triple.message.as_slice());
    let promise = verify(&algorithm, key, &signature, &message).ok()?;
    Some(JsFuture::from(promise))
}
