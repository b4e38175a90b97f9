//! What an instance says of itself beside its evidence: `/version` and `/health`. Shown, never
//! used, and nothing fails for want of it.

use serde_json::Value;
use teeproof_core::{Bytes32, InstanceEvidence, limits};
use teeproof_http::{Address, Client, Response};

use crate::note::Note;

/// Bytes of an answer, and values that are taken from it.
const LIMIT: usize = 64 * 1024;
const VALUES: usize = 64;

const PATHS: [(&str, &str); 2] = [("/version", "version"), ("/health", "health")];

/// Adds both, as far as they can be had over a connection to the same key.
pub(crate) fn add(
    client: &Client,
    base: &Address,
    key: Option<Bytes32>,
    evidence: &mut InstanceEvidence,
    notes: &mut Vec<Note>,
) {
    for (path, prefix) in PATHS {
        let answer = client.get(&base.below(path, None), LIMIT);
        match answer.and_then(Response::success) {
            Err(error) => notes.push(Note::NoExtra {
                path,
                problem: error.fault().code().to_owned(),
            }),
            Ok(answer) if answer.tls_key != key => notes.push(Note::ExtraOfAnotherKey { path }),
            Ok(answer) => match said(&answer.body, prefix) {
                Some(said) => report(evidence, said),
                None => notes.push(Note::NoExtra {
                    path,
                    problem: "neither a JSON object nor one short line of text".to_owned(),
                }),
            },
        }
    }
}

/// The plain values of an object, or one line of text.
fn said(body: &[u8], prefix: &str) -> Option<Vec<(String, String)>> {
    if let Ok(Value::Object(object)) = serde_json::from_slice(body) {
        let values = object.into_iter().filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            let name = format!("{prefix}.{name}");
            let fits = name.len() <= limits::SELF_REPORTED
                && !value.is_empty()
                && value.len() <= limits::SELF_REPORTED;
            fits.then_some((name, value))
        });
        return Some(values.take(VALUES).collect());
    }
    let line = std::str::from_utf8(body).ok()?.trim();
    let plain = !line.is_empty() && line.len() <= 200 && !line.chars().any(char::is_control);
    (plain && !line.starts_with(['<', '{', '[']))
        .then(|| vec![(prefix.to_owned(), line.to_owned())])
}

/// Names that are taken stay as they are: a bundle keeps one value for each.
fn report(evidence: &mut InstanceEvidence, said: Vec<(String, String)>) {
    for (mut name, value) in said {
        while evidence
            .self_reported
            .iter()
            .any(|(taken, _)| *taken == name)
        {
            name.push('\'');
        }
        evidence.self_reported.push((name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_and_short_values_are_taken() {
        let body = br#"{"version":"1.2","n":7,"ok":true,"list":[1],"none":null,"empty":""}"#;
        let mut found = said(body, "version").unwrap();
        found.sort();
        let pairs: Vec<_> = found
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("version.n", "7"),
                ("version.ok", "true"),
                ("version.version", "1.2")
            ]
        );
        assert_eq!(
            said(b"ok\n", "health").unwrap(),
            [("health".to_owned(), "ok".to_owned())]
        );
        for wrong in [
            &b""[..],
            b"<html>",
            b"[1]",
            b"{broken",
            b"a\nb",
            b"\xff",
            &[b'x'; 201],
        ] {
            assert_eq!(said(wrong, "health"), None);
        }
    }
}
