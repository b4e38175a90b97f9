//! Signatures checked by WebCrypto. Everything it is asked about is a copy, and stays here beside
//! its answer.

use std::cell::RefCell;

use js_sys::{Array, JSON, Promise, Uint8Array};
use teeproof_core::SignatureTriple;
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

/// Keys that are kept, the latest ones: Intel's are the same in every call.
const KEPT: usize = 32;

thread_local! {
    static KEYS: RefCell<Vec<([u8; 64], JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// Which of the signatures are valid: all keys at once, then all signatures at once. Where one of
/// them is no key or the asking fails, WebCrypto has answered nothing; an answer that is neither yes
/// nor no is none.
pub(crate) async fn answered(triples: &[SignatureTriple]) -> Vec<Option<bool>> {
    let answers = ask(triples).await.unwrap_or_default();
    answers.iter().map(JsValue::as_bool).collect()
}

async fn ask(triples: &[SignatureTriple]) -> Result<Vec<JsValue>, JsValue> {
    let mut missing: Vec<[u8; 64]> = Vec::new();
    for triple in triples {
        if kept(&triple.key).is_none() && !missing.contains(&triple.key) {
            missing.push(triple.key);
        }
    }
    let algorithm = JSON::parse(r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#)?;
    let usages = JSON::parse(r#"["verify"]"#)?;
    let imports = missing
        .iter()
        .map(|key| import_key("raw", &point(key), &algorithm, false, &usages));
    let mut keys: Vec<_> = missing.iter().copied().zip(all(imports).await?).collect();
    let pending: Vec<_> = triples
        .iter()
        .map(|triple| {
            let fresh = keys.iter().find(|(key, _)| *key == triple.key);
            let handle = fresh.map(|(_, handle)| handle.clone());
            let handle = handle.or_else(|| kept(&triple.key)).unwrap_or_default();
            let signature = Uint8Array::from(triple.signature.as_slice());
            let message = Uint8Array::from(triple.message.as_slice());
            verify(&algorithm, &handle, &signature, &message)
        })
        .collect();
    KEYS.with_borrow_mut(|kept| {
        kept.append(&mut keys);
        kept.drain(..kept.len().saturating_sub(KEPT));
    });
    all(pending).await
}

fn kept(key: &[u8; 64]) -> Option<JsValue> {
    KEYS.with_borrow(|keys| {
        let found = keys.iter().find(|(kept, _)| kept == key);
        found.map(|(_, handle)| handle.clone())
    })
}

/// What all of them come to; an error if one fails.
async fn all(
    promises: impl IntoIterator<Item = Result<Promise, JsValue>>,
) -> Result<Vec<JsValue>, JsValue> {
    // What throws is waited for like the rest: a promise that nobody waits for ends a process where
    // it is rejected.
    let promises = promises.into_iter();
    let pending: Array = promises
        .map(|promise| promise.unwrap_or_else(|error| Promise::reject(&error)))
        .collect();
    let settled = JsFuture::from(Promise::all(&pending)).await?;
    Ok(Array::from(&settled).to_vec())
}

/// SEC 1: an uncompressed point.
fn point(key: &[u8; 64]) -> Uint8Array {
    let mut point = [0x04; 65];
    let (_, coordinates) = point.split_at_mut(1);
    coordinates.copy_from_slice(key);
    Uint8Array::from(point.as_slice())
}
