//! The rules about the fields of the app-compose, and the way into its docker-compose text.

use super::Rule;
use super::containers;
use super::report::{At, Collector};
use crate::document::AppCompose;
use crate::fields::{FIELDS, SUBFIELDS};
use crate::json::Json;
use crate::services::ComposeFile;
use crate::version::{ImageVersion, OsImage};
use crate::yaml::{Place, YamlError};

/// The first image that reads a list of init scripts.
const INIT_SCRIPTS: ImageVersion = ImageVersion::new(0, 6, 0);

pub(super) fn lint(document: &AppCompose, image: Option<OsImage>, found: &mut Collector) {
    fields(document, found);
    if let Some(image) = image {
        against(document, image, found);
    }
    key_provider(document, found);
    flags(document, found);
    containers::names_of_variables(&document.texts("allowed_envs"), found);
    code(document, found);
}

fn fields(document: &AppCompose, found: &mut Collector) {
    for name in document.unknown_fields() {
        found.add(Rule::FieldUnknown, At::field(name), None);
    }
    for (name, value) in document.json().entries().unwrap_or_default() {
        let known = |key: &str| {
            SUBFIELDS
                .iter()
                .filter_map(|field| field.name.split_once('.'))
                .any(|(outer, inner)| outer == name && inner == key)
        };
        let has_subfields = SUBFIELDS.iter().any(|field| {
            field
                .name
                .split_once('.')
                .is_some_and(|(outer, _)| outer == name)
        });
        for (key, _) in value.entries().unwrap_or_default() {
            if has_subfields && !known(key) {
                found.add(Rule::FieldUnknown, At::field(format!("{name}.{key}")), None);
            }
        }
    }
    for wrong in document.wrong_kinds() {
        let what = format!("{}, expected {}", wrong.found, wrong.field.kind.words());
        found.add(
            Rule::FieldWrongKind,
            At::field(wrong.field.name),
            Some(&what),
        );
    }
}

/// A value that demands nothing, so that nothing is lost where it is ignored.
fn says_nothing(name: &str, value: &Json) -> bool {
    match value {
        Json::Null => true,
        // On by default, so that `false` says something.
        Json::Bool(flag) => !flag && name != "public_tcbinfo",
        Json::Number(_) => false,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
    }
}

fn against(document: &AppCompose, image: OsImage, found: &mut Collector) {
    if image.dev {
        found.add(Rule::DevOs, At::field("image"), Some(&image.to_string()));
    }
    for field in FIELDS {
        let Some(value) = document.get(field.name) else {
            continue;
        };
        let list_too_new =
            field.name == "init_script" && value.items().is_some() && image.version < INIT_SCRIPTS;
        let until = field.until.filter(|until| image.version >= *until);
        if says_nothing(field.name, value)
            || (image.version >= field.since && until.is_none() && !list_too_new)
        {
            continue;
        }
        let what = match until {
            Some(until) => format!("dropped in {until}, the image is {}", image.version),
            None => {
                let since = if list_too_new {
                    INIT_SCRIPTS
                } else {
                    field.since
                };
                format!("first known to {since}, the image is {}", image.version)
            }
        };
        found.add(Rule::FieldIgnored, At::field(field.name), Some(&what));
    }
}

fn key_provider(document: &AppCompose, found: &mut Collector) {
    let selected = document.text("key_provider");
    let kms_flag = document.flag("kms_enabled");
    let kms = kms_flag == Some(true) || document.texts("features").contains(&"kms");
    let local = document.flag("local_key_provider_enabled") == Some(true);
    let contradicts = match selected {
        Some("kms") => local || kms_flag == Some(false),
        Some("local") => kms,
        Some(_) => kms || local,
        None => kms && local,
    };
    if contradicts {
        let mut words = Vec::new();
        words.extend(selected.map(|word| format!("key_provider is {word}")));
        words.extend(kms.then(|| "kms_enabled is true".to_owned()));
        words.extend((kms_flag == Some(false)).then(|| "kms_enabled is false".to_owned()));
        words.extend(local.then(|| "local_key_provider_enabled is true".to_owned()));
        found.add(
            Rule::KeyContradiction,
            At::field("key_provider"),
            Some(&words.join(", ")),
        );
        return;
    }
    let effective = match selected {
        Some(word) => word,
        None if kms => "kms",
        None if local => "local",
        None => "none",
    };
    match effective {
        "kms" | "local" | "tpm" => {
            if effective == "local" {
                found.add(Rule::KeyLocal, At::field("key_provider"), Some(effective));
            }
            let id = document.text("key_provider_id").unwrap_or_default();
            let hex = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            // A TPM has no id of its own to pin.
            if !hex && effective != "tpm" {
                let what = if id.is_empty() { "nothing" } else { "no hex" };
                found.add(Rule::KeyNotPinned, At::field("key_provider_id"), Some(what));
            }
        }
        other => found.add(Rule::KeyNone, At::field("key_provider"), Some(other)),
    }
}

fn flags(document: &AppCompose, found: &mut Collector) {
    if document.flag("public_logs") == Some(true) {
        found.add(Rule::PublicLogs, At::field("public_logs"), Some("true"));
    }
    if document.flag("public_tcbinfo") == Some(false) {
        found.add(
            Rule::HiddenEvidence,
            At::field("public_tcbinfo"),
            Some("false"),
        );
    }
    if document.flag("secure_time") != Some(true) {
        let what = if document.get("secure_time").is_none() {
            "absent"
        } else {
            "not true"
        };
        found.add(Rule::UnsecureTime, At::field("secure_time"), Some(what));
    }
}

/// What runs: containers, or a script.
fn code(document: &AppCompose, found: &mut Collector) {
    match document.text("runner") {
        None | Some("docker-compose" | "nerdctl-compose") => {}
        Some("bash") => {
            if document
                .text("bash_script")
                .is_none_or(|text| text.trim().is_empty())
            {
                found.add(Rule::NoCode, At::field("bash_script"), None);
            }
            return;
        }
        other => return found.add(Rule::NoCode, At::field("runner"), other),
    }
    match document.compose_file() {
        None => found.add(Rule::NoCode, At::field("docker_compose_file"), None),
        Some(Err(error)) => {
            let at = At {
                place: error.place(),
                ..At::field("docker_compose_file")
            };
            found.add(Rule::Unreadable, at, Some(&described(&error)));
        }
        Some(Ok(file)) => {
            if file.services().next().is_none() {
                let at = file.root().get("services").map_or(START, |node| node.place);
                found.add(Rule::NoCode, At::text("services", at), None);
            }
            containers::lint(&file, found);
        }
    }
}

const START: Place = Place { line: 1, column: 1 };

fn described(error: &YamlError) -> String {
    format!("{}: {error}", error.code())
}

/// The docker-compose file, where containers run from one that can be read.
pub(super) fn containers_of(document: &AppCompose) -> Option<ComposeFile> {
    let containers = matches!(
        document.text("runner"),
        None | Some("docker-compose" | "nerdctl-compose")
    );
    document
        .compose_file()
        .filter(|_| containers)
        .and_then(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_with_subfields_is_a_field() {
        for sub in SUBFIELDS {
            let (outer, _) = sub.name.split_once('.').unwrap();
            assert!(crate::fields::field(outer).is_some(), "{outer}");
        }
    }
}
