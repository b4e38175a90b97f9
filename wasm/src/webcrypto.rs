//! Signatures checked by WebCrypto. Everything it is asked about is a copy, and stays here beside
//! its answer.

use std::cell::RefCell;

use js_sys::{Array, JSON, Promise, Uint8Array};
use teeproof_bindings::{Deferred, signature_backend};
use teeproof_core::SignatureTriple;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};

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

    /// A promise, to be followed by a function that is called once and then dropped.
    type Pending;

    #[wasm_bindgen(method)]
    fn then(this: &Pending, next: &JsValue) -> Promise;

    /// What became of one of several promises.
    type Outcome;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Outcome) -> JsValue;
}

/// Keys that are kept, the latest ones: Intel's are the same in every call.
const KEPT: usize = 32;

thread_local! {
    static KEYS: RefCell<Vec<([u8; 64], JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// A promise of the answer, by what WebCrypto says of the signatures: all keys at once, then all
/// signatures at once. Of what is no key, fails, or is neither yes nor no, it has answered nothing.
pub(crate) fn finished(deferred: Deferred) -> Promise {
    let mut missing: Vec<[u8; 64]> = Vec::new();
    for triple in deferred.signatures() {
        if kept(&triple.key).is_none() && !missing.contains(&triple.key) {
            missing.push(triple.key);
        }
    }
    let algorithm = json(r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#);
    let usages = json(r#"["verify"]"#);
    let imports = missing
        .iter()
        .map(|key| import_key("raw", &point(key), &algorithm, false, &usages))
        .collect();
    settled(imports, move |handles| {
        let keys: Vec<_> = missing.into_iter().zip(handles).collect();
        let handle_of = |triple: &SignatureTriple| {
            let fresh = keys.iter().find(|(key, _)| *key == triple.key);
            let handle = fresh.map(|(_, handle)| handle.clone());
            handle.or_else(|| kept(&triple.key)).unwrap_or_default()
        };
        let pending = deferred
            .signatures()
            .iter()
            .map(|triple| {
                let signature = Uint8Array::from(triple.signature.as_slice());
                let message = Uint8Array::from(triple.message.as_slice());
                verify(&algorithm, &handle_of(triple), &signature, &message)
            })
            .collect();
        KEYS.with_borrow_mut(|kept| {
            kept.extend(keys.into_iter().filter(|(_, handle)| handle.is_object()));
            kept.drain(..kept.len().saturating_sub(KEPT));
        });
        let answer = settled(pending, move |answers| {
            let valid: Vec<_> = answers.iter().map(JsValue::as_bool).collect();
            JsValue::from(deferred.answer(&valid, signature_backend()))
        });
        JsValue::from(answer)
    })
}

fn kept(key: &[u8; 64]) -> Option<JsValue> {
    KEYS.with_borrow(|keys| {
        let found = keys.iter().find(|(kept, _)| kept == key);
        found.map(|(_, handle)| handle.clone())
    })
}

/// What follows when all of them have settled: each one's value, undefined where it failed. As a
/// promise's own reaction: if it does not come to its end, the promise is rejected.
fn settled(
    promises: Vec<Result<Promise, JsValue>>,
    next: impl FnOnce(Vec<JsValue>) -> JsValue + 'static,
) -> Promise {
    let pending: Array = promises
        .into_iter()
        .map(|promise| promise.unwrap_or_else(|error| Promise::reject(&error)))
        .collect();
    let next = Closure::once_into_js(move |outcomes: Array| {
        let values = outcomes.iter();
        let values = values.map(|outcome| outcome.unchecked_into::<Outcome>().value());
        next(values.collect())
    });
    let all: Pending = Promise::all_settled(&pending).unchecked_into();
    all.then(&next)
}

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or_default()
}

/// SEC 1: an uncompressed point.
fn point(key: &[u8; 64]) -> Uint8Array {
    let mut point = [0x04; 65];
    let (_, coordinates) = point.split_at_mut(1);
    coordinates.copy_from_slice(key);
    Uint8Array::from(point.as_slice())
}
