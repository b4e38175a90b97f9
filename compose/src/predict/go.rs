//! What Go makes of a document before it is printed: a struct, whose fields are the only ones that
//! stay, and which leaves out what is empty.

use super::number;
use super::{NotPredicted, by_bytes};
use crate::json::Json;

/// The types of the struct's fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    /// `interface{}`: left out if null.
    Any,
    /// `string`: left out if empty.
    Text,
    /// `string` that always stands there.
    Always,
    /// `[]string`: left out if empty.
    Texts,
    /// `*[]string`: left out if null.
    MaybeTexts,
    /// `*bool`: left out if null.
    Flag,
    /// A pointer to a struct: left out if null.
    Struct(&'static [(&'static str, Type)]),
}

const DOCKER_CONFIG: &[(&str, Type)] = &[
    ("registry", Type::Text),
    ("username", Type::Text),
    ("token_key", Type::Text),
];

const REQUIREMENTS: &[(&str, Type)] = &[
    ("os_version", Type::Text),
    ("platforms", Type::MaybeTexts),
    ("tdx_measure_acpi_tables", Type::Flag),
    ("launch_token_hash", Type::Text),
];

const APP_COMPOSE: &[(&str, Type)] = &[
    ("manifest_version", Type::Any),
    ("name", Type::Text),
    ("features", Type::Texts),
    ("runner", Type::Always),
    ("snapshotter", Type::Text),
    ("docker_compose_file", Type::Text),
    ("docker_config", Type::Struct(DOCKER_CONFIG)),
    ("public_logs", Type::Flag),
    ("public_sysinfo", Type::Flag),
    ("public_tcbinfo", Type::Flag),
    ("kms_enabled", Type::Flag),
    ("gateway_enabled", Type::Flag),
    ("tproxy_enabled", Type::Flag),
    ("local_key_provider_enabled", Type::Flag),
    ("key_provider", Type::Text),
    ("key_provider_id", Type::Text),
    ("allowed_envs", Type::Texts),
    ("no_instance_id", Type::Flag),
    ("secure_time", Type::Flag),
    ("requirements", Type::Struct(REQUIREMENTS)),
    ("bash_script", Type::Text),
    ("pre_launch_script", Type::Text),
];

/// The document as the struct `AppCompose` holds it, keys sorted by their bytes.
pub(super) fn fields(document: &Json) -> Result<Json, NotPredicted> {
    of_struct(document, APP_COMPOSE, "")
}

fn of_struct(json: &Json, row: &[(&str, Type)], path: &str) -> Result<Json, NotPredicted> {
    for (key, _) in json.entries().unwrap_or_default() {
        // Go takes a key for a field if they are alike but for case.
        if row
            .iter()
            .any(|(name, _)| name != key && folded(name) == folded(key))
        {
            let why = "Go reads it as the field that is spelt in other letters";
            return Err(NotPredicted::field(&format!("{path}{key}"), why));
        }
    }
    let mut kept = Vec::new();
    for (name, kind) in row {
        let full = format!("{path}{name}");
        let value = json.get(name).unwrap_or(&Json::Null);
        if let Some(value) = field(value, *kind, &full)? {
            kept.push(((*name).to_owned(), value));
        }
    }
    Ok(Json::Object(by_bytes(kept)))
}

fn folded(key: &str) -> String {
    key.to_lowercase().to_uppercase()
}

/// The value of a field; `None` if it is left out.
fn field(value: &Json, kind: Type, path: &str) -> Result<Option<Json>, NotPredicted> {
    let refused = || NotPredicted::field(path, "its Go type does not take this value");
    let text = |value: &Json| match value {
        Json::Null => Ok(Json::String(String::new())),
        Json::String(_) => Ok(value.clone()),
        _ => Err(refused()),
    };
    Ok(match (kind, value) {
        (Type::Always, value) => Some(text(value)?),
        (_, Json::Null) => None,
        (Type::Any, value) => Some(any(value)),
        (Type::Text, value) => Some(text(value)?).filter(|text| text.as_str() != Some("")),
        (Type::Texts, Json::Array(items)) if items.is_empty() => None,
        (Type::Texts | Type::MaybeTexts, Json::Array(items)) => Some(Json::Array(
            items.iter().map(text).collect::<Result<_, _>>()?,
        )),
        (Type::Flag, Json::Bool(_)) => Some(value.clone()),
        (Type::Struct(row), Json::Object(_)) => Some(of_struct(value, row, &format!("{path}."))?),
        (Type::Texts | Type::MaybeTexts | Type::Flag | Type::Struct(_), _) => return Err(refused()),
    })
}

/// A value without a type of its own.
fn any(json: &Json) -> Json {
    match json {
        Json::Object(entries) => Json::Object(by_bytes(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), any(value)))
                .collect(),
        )),
        Json::Array(items) => Json::Array(items.iter().map(any).collect()),
        Json::Number(text) => Json::Number(number::go(text)),
        Json::Null | Json::Bool(_) | Json::String(_) => json.clone(),
    }
}
