//! The fields of an app-compose document: what kind of value each has, and which OS image first knew
//! it. An older image ignores a field that it does not know, and says nothing.
//!
//! Source: dstack, `AppCompose` in `dstack-types`, and the table of fields and versions in its
//! `docs/security/cvm-boundaries.md`.

use crate::json::Json;
use crate::version::ImageVersion;

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text,
    /// A truth value.
    Flag,
    /// A whole number that is not negative.
    Count,
    /// A number, or a text such as `1G`.
    Size,
    /// A number or a text: `manifest_version`.
    CountOrText,
    /// A list of texts.
    Texts,
    /// A text or a list of texts.
    TextOrTexts,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
}

impl FieldKind {
    /// In words, for a message.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Flag => "true or false",
            Self::Count => "a whole number",
            Self::Size => "a whole number or a text",
            Self::CountOrText => "a number or a text",
            Self::Texts => "a list of texts",
            Self::TextOrTexts => "a text or a list of texts",
            Self::Object => "an object",
            Self::Objects => "a list of objects",
        }
    }

    /// Whether a value is of this kind. `null` is the absence of any field.
    pub fn admits(self, value: &Json) -> bool {
        let all = |test: fn(&Json) -> bool| value.items().is_some_and(|all| all.iter().all(test));
        let text = |value: &Json| matches!(value, Json::String(_));
        let count = |value: &Json| match value {
            Json::Number(number) => number.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        match self {
            _ if *value == Json::Null => true,
            Self::Text => text(value),
            Self::Flag => matches!(value, Json::Bool(_)),
            Self::Count => count(value),
            Self::Size | Self::CountOrText => count(value) || text(value),
            Self::Texts => all(text),
            Self::TextOrTexts => text(value) || all(text),
            Self::Object => matches!(value, Json::Object(_)),
            Self::Objects => all(|item| matches!(item, Json::Object(_))),
        }
    }
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its key, with dots inside an object.
    pub name: &'static str,
    /// What it may hold.
    pub kind: FieldKind,
    /// The first image that knew it.
    pub since: ImageVersion,
    /// The first image that ignores it again.
    pub until: Option<ImageVersion>,
}

const fn known(name: &'static str, kind: FieldKind, since: (u16, u16, u16)) -> Field {
    Field {
        name,
        kind,
        since: ImageVersion::new(since.0, since.1, since.2),
        until: None,
    }
}

const fn dropped(field: Field, until: (u16, u16, u16)) -> Field {
    Field {
        until: Some(ImageVersion::new(until.0, until.1, until.2)),
        ..field
    }
}

/// Every field of the document itself. `launch_token_hash` is none: apps have read one there, but an
/// image only knows that of `requirements`.
pub const FIELDS: &[Field] = &[
    known("manifest_version", FieldKind::CountOrText, (0, 3, 1)),
    known("name", FieldKind::Text, (0, 3, 1)),
    known("features", FieldKind::Texts, (0, 3, 1)),
    known("runner", FieldKind::Text, (0, 3, 1)),
    known("docker_compose_file", FieldKind::Text, (0, 3, 1)),
    dropped(
        known("docker_config", FieldKind::Object, (0, 3, 1)),
        (0, 5, 5),
    ),
    known("kms_enabled", FieldKind::Flag, (0, 3, 1)),
    known("gateway_enabled", FieldKind::Flag, (0, 3, 1)),
    known("tproxy_enabled", FieldKind::Flag, (0, 3, 1)),
    known("local_key_provider_enabled", FieldKind::Flag, (0, 3, 1)),
    known("bash_script", FieldKind::Text, (0, 3, 1)),
    known("public_logs", FieldKind::Flag, (0, 3, 3)),
    known("public_sysinfo", FieldKind::Flag, (0, 3, 3)),
    known("pre_launch_script", FieldKind::Text, (0, 4, 0)),
    known("allowed_envs", FieldKind::Texts, (0, 4, 2)),
    known("no_instance_id", FieldKind::Flag, (0, 4, 2)),
    known("secure_time", FieldKind::Flag, (0, 5, 0)),
    known("key_provider_id", FieldKind::Text, (0, 5, 1)),
    known("public_tcbinfo", FieldKind::Flag, (0, 5, 1)),
    // A list of scripts is of 0.6.0: an older image reads a text only.
    known("init_script", FieldKind::TextOrTexts, (0, 5, 5)),
    known("storage_fs", FieldKind::Text, (0, 5, 5)),
    known("swap_size", FieldKind::Size, (0, 5, 5)),
    known("key_provider", FieldKind::Text, (0, 5, 6)),
    known("snapshotter", FieldKind::Text, (0, 6, 0)),
    known("event_log_version", FieldKind::Count, (0, 6, 0)),
    known("port_policy", FieldKind::Object, (0, 6, 0)),
    known("requirements", FieldKind::Object, (0, 6, 0)),
    known("verity_volumes", FieldKind::Objects, (0, 6, 0)),
];

/// Every field of an object inside the document.
pub const SUBFIELDS: &[Field] = &[
    known("docker_config.registry", FieldKind::Text, (0, 3, 1)),
    known("docker_config.username", FieldKind::Text, (0, 3, 1)),
    known("docker_config.token_key", FieldKind::Text, (0, 3, 1)),
    known("port_policy.ports", FieldKind::Objects, (0, 6, 0)),
    known("port_policy.restrict_mode", FieldKind::Flag, (0, 6, 0)),
    known("requirements.os_version", FieldKind::Text, (0, 6, 0)),
    known("requirements.platforms", FieldKind::Texts, (0, 6, 0)),
    known(
        "requirements.tdx_measure_acpi_tables",
        FieldKind::Flag,
        (0, 6, 0),
    ),
    known("requirements.launch_token_hash", FieldKind::Text, (0, 6, 0)),
    known("requirements.gpu_policy", FieldKind::Object, (0, 6, 0)),
    known(
        "requirements.gpu_policy.attest_gpu",
        FieldKind::Flag,
        (0, 6, 0),
    ),
    known("requirements.gpu_policy.rego", FieldKind::Text, (0, 6, 0)),
    known(
        "requirements.gpu_policy.allow_devtools",
        FieldKind::Flag,
        (0, 6, 0),
    ),
    known(
        "requirements.gpu_policy.allow_debug",
        FieldKind::Flag,
        (0, 6, 0),
    ),
    known(
        "requirements.gpu_policy.allow_insecure_boot",
        FieldKind::Flag,
        (0, 6, 0),
    ),
];

/// The row of a field of the document itself.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// A field whose value is of another kind than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongKind {
    /// The field.
    pub field: &'static Field,
    /// What stands there, in JSON's word.
    pub found: &'static str,
}

/// Every field of the document and of the objects in it whose value is of another kind.
pub(crate) fn wrong_kinds(document: &Json) -> Vec<WrongKind> {
    let at = |name: &str| {
        name.split('.')
            .try_fold(document, |inner, key| inner.get(key))
    };
    FIELDS
        .iter()
        .chain(SUBFIELDS)
        .filter_map(|field| {
            let value = at(field.name)?;
            (!field.kind.admits(value)).then_some(WrongKind {
                field,
                found: value.kind(),
            })
        })
        .collect()
}
