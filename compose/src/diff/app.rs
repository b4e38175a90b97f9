//! The fields of the document, but for the docker-compose text.

use std::collections::BTreeMap;

use super::change::{Found, Way, union, walk};
use super::kind::ChangeKind;
use super::tree::Tree;
use crate::document::AppCompose;
use crate::fields;

/// What an absent field means.
#[derive(Clone, Copy)]
enum Default {
    /// Nothing in particular.
    Nothing,
    /// This truth value. The second one is the safer value, where one is.
    Flag(bool, Option<bool>),
    /// This text.
    Text(&'static str),
    /// An empty list.
    EmptyList,
}

/// The kind of a change of a field, and what it means to leave the field out.
fn row(name: &str) -> (ChangeKind, Default) {
    match name {
        "name" => (ChangeKind::Name, Default::Nothing),
        "manifest_version" => (ChangeKind::ManifestVersion, Default::Nothing),
        "runner" => (ChangeKind::Runner, Default::Nothing),
        "pre_launch_script" | "init_script" | "bash_script" => {
            (ChangeKind::Script, Default::Text(""))
        }
        "public_logs" => (ChangeKind::PublicLogs, Default::Flag(false, Some(false))),
        "public_sysinfo" => (ChangeKind::PublicSysinfo, Default::Flag(false, Some(false))),
        "public_tcbinfo" => (ChangeKind::PublicTcbinfo, Default::Flag(true, Some(true))),
        "secure_time" => (ChangeKind::SecureTime, Default::Flag(false, Some(true))),
        "gateway_enabled" | "tproxy_enabled" => {
            (ChangeKind::Gateway, Default::Flag(false, Some(false)))
        }
        "kms_enabled" | "local_key_provider_enabled" => {
            (ChangeKind::KeyProvider, Default::Flag(false, None))
        }
        "key_provider" => (ChangeKind::KeyProvider, Default::Nothing),
        "key_provider_id" => (ChangeKind::KeyProviderPin, Default::Text("")),
        "no_instance_id" => (ChangeKind::InstanceId, Default::Flag(false, None)),
        "storage_fs" => (ChangeKind::Storage, Default::Text("zfs")),
        "swap_size" => (ChangeKind::Storage, Default::Nothing),
        "verity_volumes" => (ChangeKind::VerityVolumes, Default::EmptyList),
        "port_policy" => (ChangeKind::PortPolicy, Default::Nothing),
        "requirements" | "launch_token_hash" => (ChangeKind::Requirements, Default::Nothing),
        "docker_config" => (ChangeKind::Registry, Default::Nothing),
        "features" => (ChangeKind::OtherField, Default::EmptyList),
        name if fields::field(name).is_some() => (ChangeKind::OtherField, Default::Nothing),
        _ => (ChangeKind::UnknownField, Default::Nothing),
    }
}

impl Default {
    /// What a value means; `null` is the absence of a field.
    fn meaning<'t, 'a>(self, value: Option<&'t Tree<'a>>) -> Option<&'t Tree<'a>> {
        value.filter(|value| !value.is_null() && !self.is(value))
    }

    fn is(self, value: &Tree<'_>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Flag(flag, _) => *value == Tree::Word(if flag { "true" } else { "false" }),
            Self::Text(text) => *value == Tree::Text(text),
            Self::EmptyList => value.list().is_some_and(<[_]>::is_empty),
        }
    }

    /// The way that a change to this value goes.
    fn way(self, new: Option<&Tree<'_>>) -> Way {
        match self {
            Self::Flag(default, Some(safer)) => {
                let set = match new {
                    Some(Tree::Word("true")) => Some(true),
                    Some(Tree::Word("false")) => Some(false),
                    None | Some(Tree::Word("null")) => Some(default),
                    _ => None,
                };
                Way::worse_if(set != Some(safer))
            }
            _ => Way::Worse,
        }
    }
}

/// Compares every field but the docker-compose text.
pub(super) fn compare(found: &mut Found, old: &AppCompose, new: &AppCompose) {
    let (old_fields, new_fields) = (fields_of(old), fields_of(new));
    for name in union(&old_fields, &new_fields) {
        let (old, new) = (old_fields.get(name), new_fields.get(name));
        if old != new {
            field(found, name, old, new);
        }
    }
}

fn fields_of(document: &AppCompose) -> BTreeMap<&str, Tree<'_>> {
    let entries = document.json().entries().unwrap_or_default();
    entries
        .iter()
        // A docker-compose text that is no text is a field like any other.
        .filter(|(name, value)| name != "docker_compose_file" || value.as_str().is_none())
        .map(|(name, value)| (name.as_str(), Tree::of_json(value)))
        .collect()
}

/// One field, which differs.
fn field(found: &mut Found, name: &str, old: Option<&Tree<'_>>, new: Option<&Tree<'_>>) {
    if name == "allowed_envs" && [old, new].iter().all(|side| side.is_none_or(is_names)) {
        return names(found, old, new);
    }
    let (kind, default) = row(name);
    if default.meaning(old) == default.meaning(new) {
        let kind = (ChangeKind::DefaultWritten, Way::Worse);
        return found.value(kind, name.to_owned(), name, old, new);
    }
    match kind {
        ChangeKind::Script => {
            let (old, new) = (script(old), script(new));
            if old == new {
                // One script as a text, or as a list of one.
                found.text(
                    (kind, Way::Relaxed),
                    name.to_owned(),
                    old.as_deref(),
                    new.as_deref(),
                );
            } else {
                found.text(
                    (kind, Way::Worse),
                    name.to_owned(),
                    old.as_deref(),
                    new.as_deref(),
                );
            }
        }
        ChangeKind::ManifestVersion => {
            let text = |side: Option<&Tree<'_>>| side.and_then(Tree::scalar).map(str::to_owned);
            let way = Way::worse_if(text(old) != text(new));
            found.value((kind, way), name.to_owned(), name, old, new);
        }
        _ if matches!(default, Default::Flag(..)) => {
            found.value((kind, default.way(new)), name.to_owned(), name, old, new);
        }
        _ => walk(found, kind, name, name, old, new),
    }
}

/// The text of a script, or of several.
fn script(tree: Option<&Tree<'_>>) -> Option<String> {
    match tree? {
        Tree::List(items) => {
            let texts: Vec<_> = items.iter().filter_map(Tree::scalar).collect();
            Some(texts.join("\n"))
        }
        other => other.scalar().map(str::to_owned),
    }
}

/// Whether it is a list of texts, or nothing.
fn is_names(tree: &Tree<'_>) -> bool {
    tree.is_null()
        || tree
            .list()
            .is_some_and(|items| items.iter().all(|item| matches!(item, Tree::Text(_))))
}

/// The names of variables that may be set from outside: a set, written as a list.
fn names(found: &mut Found, old: Option<&Tree<'_>>, new: Option<&Tree<'_>>) {
    const PATH: &str = "allowed_envs";
    let set = |side: Option<&Tree<'_>>| -> BTreeMap<String, ()> {
        let items = side.and_then(Tree::list).unwrap_or_default();
        let texts = items.iter().filter_map(Tree::scalar);
        texts.map(|name| (name.to_owned(), ())).collect()
    };
    let (before, after) = (set(old), set(new));
    if before == after {
        let empty = before.is_empty();
        let kind = if empty {
            ChangeKind::DefaultWritten
        } else {
            ChangeKind::EnvOrder
        };
        return found.value((kind, Way::Worse), PATH.to_owned(), PATH, old, new);
    }
    let added = after.keys().filter(|name| !before.contains_key(*name));
    for name in added {
        let sides = (
            super::Side::Absent,
            super::Side::Shown(super::change::below("", name)),
        );
        found.sides(
            (ChangeKind::EnvNameAdded, Way::Worse),
            PATH.to_owned(),
            sides,
            None,
        );
    }
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    for name in removed {
        let sides = (
            super::Side::Shown(super::change::below("", name)),
            super::Side::Absent,
        );
        found.sides(
            (ChangeKind::EnvNameRemoved, Way::Worse),
            PATH.to_owned(),
            sides,
            None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_field_has_a_kind_of_its_own_choosing() {
        for field in fields::FIELDS {
            assert_ne!(
                row(field.name).0,
                ChangeKind::UnknownField,
                "{}",
                field.name
            );
        }
        assert_eq!(row("salt").0, ChangeKind::UnknownField);
    }
}
