//! The docker-compose text: service by service, key by key.

use std::collections::BTreeMap;

use super::Side;
use super::change::{Found, Way, below, differing, union, walk};
use super::image;
use super::kind::ChangeKind;
use super::redact;
use super::tree::Tree;
use crate::services::has_variable;
use crate::yaml::{YamlError, YamlNode};

/// The field of the document.
const FIELD: &str = "docker_compose_file";

/// How the two texts were compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compared {
    /// They are the same, or there are none.
    Same,
    /// As YAML, and they mean the same.
    OtherLayout,
    /// As YAML.
    AsYaml,
    /// As text, because these could not be read: of the old one, of the new one.
    AsText(Option<YamlError>, Option<YamlError>),
}

pub(super) fn compare(found: &mut Found, old: Option<&str>, new: Option<&str>) -> Compared {
    if old == new {
        return Compared::Same;
    }
    let read = |text: Option<&str>| YamlNode::parse(text.unwrap_or_default().as_bytes());
    let (old_root, new_root) = match (read(old), read(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old_root, new_root) => {
            found.text(
                (ChangeKind::ComposeText, Way::Worse),
                FIELD.to_owned(),
                old,
                new,
            );
            return Compared::AsText(old_root.err(), new_root.err());
        }
    };
    let before = found.count();
    file(found, &Tree::of_yaml(&old_root), &Tree::of_yaml(&new_root));
    if found.count() > before {
        return Compared::AsYaml;
    }
    if old.is_none() || new.is_none() {
        // An empty file, or none.
        let kind = (ChangeKind::DefaultWritten, Way::Worse);
        found.text(kind, FIELD.to_owned(), old, new);
        return Compared::AsYaml;
    }
    Compared::OtherLayout
}

fn file(found: &mut Found, old: &Tree<'_>, new: &Tree<'_>) {
    let empty = BTreeMap::new();
    // An empty file is one without keys.
    let root = |tree: &Tree<'_>| tree.is_null() || tree.map().is_some();
    if !root(old) || !root(new) {
        return walk(
            found,
            ChangeKind::ComposeOther,
            FIELD,
            FIELD,
            Some(old),
            Some(new),
        );
    }
    let (old, new) = (old.map().unwrap_or(&empty), new.map().unwrap_or(&empty));
    for key in union(old, new) {
        let (one, two) = (old.get(key), new.get(key));
        let kind = match key {
            "services" => {
                services(found, one, two);
                continue;
            }
            "networks" | "volumes" | "configs" | "secrets" | "name" => ChangeKind::Shared,
            "include" => ChangeKind::Include,
            "version" => ChangeKind::Extension,
            key if key.starts_with("x-") => ChangeKind::Extension,
            _ => ChangeKind::ComposeOther,
        };
        walk(found, kind, &below("", key), key, one, two);
    }
}

fn services(found: &mut Found, old: Option<&Tree<'_>>, new: Option<&Tree<'_>>) {
    const PATH: &str = "services";
    let empty = BTreeMap::new();
    let readable =
        |side: Option<&Tree<'_>>| side.is_none_or(|tree| tree.is_null() || tree.map().is_some());
    if !readable(old) || !readable(new) {
        return walk(found, ChangeKind::ComposeOther, PATH, PATH, old, new);
    }
    let before = found.count();
    let old_map = old.and_then(Tree::map).unwrap_or(&empty);
    let new_map = new.and_then(Tree::map).unwrap_or(&empty);
    for name in union(old_map, new_map) {
        let path = below(PATH, name);
        match (old_map.get(name), new_map.get(name)) {
            (Some(old), Some(new)) => service(found, &path, name, old, new),
            (old, new) => {
                let kind = if new.is_some() {
                    ChangeKind::ServiceAdded
                } else {
                    ChangeKind::ServiceRemoved
                };
                let side = |service: Option<&Tree<'_>>| match service {
                    None => Side::Absent,
                    Some(service) => Side::Shown(named(service)),
                };
                found.sides((kind, Way::Worse), path, (side(old), side(new)), None);
            }
        }
    }
    if found.count() == before && old.is_none() != new.is_none() {
        found.value(
            (ChangeKind::DefaultWritten, Way::Worse),
            PATH.to_owned(),
            PATH,
            old,
            new,
        );
    }
}

/// A whole service in a few words: its image, if it has one.
fn named(service: &Tree<'_>) -> String {
    let image = service
        .map()
        .and_then(|keys| keys.get("image"))
        .and_then(Tree::scalar);
    match image {
        Some(image) => redact::text(image),
        None => "without an image".to_owned(),
    }
}

fn service(found: &mut Found, path: &str, name: &str, old: &Tree<'_>, new: &Tree<'_>) {
    let (Some(old), Some(new)) = (old.map(), new.map()) else {
        return walk(
            found,
            ChangeKind::ServiceOther,
            path,
            name,
            Some(old),
            Some(new),
        );
    };
    for key in union(old, new) {
        let (old, new) = (old.get(key), new.get(key));
        if old != new {
            one_key(found, &below(path, key), key, old, new);
        }
    }
}

/// One key of a service, which differs.
fn one_key(
    found: &mut Found,
    path: &str,
    key: &str,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
) {
    let kind = match key {
        "image" => return image_of(found, path, old, new),
        "environment" => return environment(found, path, old, new),
        "ports" | "expose" => ChangeKind::Ports,
        "volumes" | "tmpfs" | "volumes_from" => ChangeKind::Volumes,
        "privileged" => {
            let on = new.and_then(Tree::scalar).is_some_and(|text| {
                !matches!(
                    text.to_ascii_lowercase().as_str(),
                    "false" | "no" | "off" | "n" | "null"
                )
            });
            let kind = (ChangeKind::Privileged, Way::worse_if(on));
            return found.value(kind, path.to_owned(), key, old, new);
        }
        "command" | "entrypoint" => {
            let kind = if key == "command" {
                ChangeKind::Command
            } else {
                ChangeKind::Entrypoint
            };
            // The order of words is their meaning: both are shown whole.
            let side = |tree: Option<&Tree<'_>>| match tree {
                None => Side::Absent,
                Some(tree) => redact::tree(key, tree).map_or(Side::Hidden, Side::Shown),
            };
            let several = |tree: Option<&Tree<'_>>| matches!(tree, Some(Tree::Text(text)) if text.contains('\n'));
            if several(old) || several(new) {
                return found.value((kind, Way::Worse), path.to_owned(), key, old, new);
            }
            return found.sides(
                (kind, Way::Worse),
                path.to_owned(),
                (side(old), side(new)),
                None,
            );
        }
        "pid" | "ipc" | "uts" | "network_mode" | "userns_mode" | "cgroup" | "cgroup_parent" => {
            ChangeKind::Namespaces
        }
        "cap_add"
        | "cap_drop"
        | "devices"
        | "device_cgroup_rules"
        | "security_opt"
        | "group_add"
        | "sysctls"
        | "runtime"
        | "gpus"
        | "user"
        | "read_only" => ChangeKind::Capabilities,
        "build" | "pull_policy" => ChangeKind::Build,
        "extends" => ChangeKind::Include,
        "restart" | "depends_on" | "container_name" | "hostname" | "stop_signal"
        | "stop_grace_period" => ChangeKind::Operation,
        _ => ChangeKind::ServiceOther,
    };
    if matches!(kind, ChangeKind::Ports | ChangeKind::Volumes)
        && list(found, kind, path, key, old, new)
    {
        return;
    }
    walk(found, kind, path, key, old, new);
}

/// The items of a list; an absent one has none.
fn items<'a>(side: Option<&Tree<'a>>) -> Option<Vec<Tree<'a>>> {
    match side {
        None => Some(Vec::new()),
        Some(tree) => tree.list().map(<[_]>::to_vec),
    }
}

/// Ports or volumes. Whether they were lists, and so were compared.
fn list(
    found: &mut Found,
    kind: ChangeKind,
    path: &str,
    key: &str,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
) -> bool {
    let (Some(before), Some(after)) = (items(old), items(new)) else {
        return false;
    };
    let (removed, added) = differing(&before, &after);
    let guest = |items: &[Tree<'_>]| items.iter().any(|item| is_guest_mount(item));
    let kind = match kind {
        ChangeKind::Volumes if guest(&added) || guest(&removed) => {
            (ChangeKind::GuestMount, Way::worse_if(guest(&added)))
        }
        kind => (kind, Way::worse_if(!added.is_empty())),
    };
    if old.is_none() || new.is_none() {
        found.value(kind, path.to_owned(), key, old, new);
    } else {
        let (before, after) = (Tree::List(before), Tree::List(after));
        found.value(kind, path.to_owned(), key, Some(&before), Some(&after));
    }
    true
}

/// Whether a mount shows the container something of the guest itself, or may.
fn is_guest_mount(item: &Tree<'_>) -> bool {
    const FOLDERS: &[&str] = &[
        "/var/run",
        "/run",
        "/dev",
        "/proc",
        "/sys",
        "/etc",
        "/root",
        "/boot",
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/dstack",
        "/tapp",
        "/var/lib/docker",
    ];
    let source = match item {
        Tree::Map(entries) => entries.get("source").and_then(Tree::scalar),
        other => other
            .scalar()
            .and_then(|text| text.split_once(':').map(|(source, _)| source)),
    };
    let Some(source) = source else {
        return false;
    };
    // `..` may lead anywhere, and nobody knows where a variable does.
    if has_variable(source) || source.contains("..") || source.ends_with(".sock") {
        return true;
    }
    let source = source.trim_end_matches('/');
    source.is_empty()
        || FOLDERS.iter().any(|folder| {
            source
                .strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

fn image_of(found: &mut Found, path: &str, old: Option<&Tree<'_>>, new: Option<&Tree<'_>>) {
    let text = |side: Option<&Tree<'_>>| match side {
        None => Some(None),
        Some(tree) if tree.is_null() => Some(None),
        Some(tree) => tree.scalar().map(|text| Some(text.to_owned())),
    };
    let (Some(old_image), Some(new_image)) = (text(old), text(new)) else {
        return walk(found, ChangeKind::ServiceOther, path, "image", old, new);
    };
    let kind = match (&old_image, &new_image) {
        (Some(old), Some(new)) if old == new => ChangeKind::ImageLabel,
        (Some(old), Some(new)) => image::moved(old, new),
        (None, Some(_)) => ChangeKind::ImageAdded,
        (Some(_), None) => ChangeKind::ImageRemoved,
        (None, None) => ChangeKind::DefaultWritten,
    };
    found.value((kind, Way::Worse), path.to_owned(), "image", old, new);
}

/// The value of a variable: whether it may be read as something else than this text, and the text.
type EnvValue<'a> = Option<(bool, &'a str)>;

/// The variables of a service, written as a mapping or as a list.
fn variables<'a>(tree: Option<&Tree<'a>>) -> Option<BTreeMap<&'a str, EnvValue<'a>>> {
    match tree {
        None => Some(BTreeMap::new()),
        Some(tree) if tree.is_null() => Some(BTreeMap::new()),
        Some(Tree::Map(entries)) => entries
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    value if value.is_null() => None,
                    Tree::Text(text) => Some((false, *text)),
                    // A whole number is written as it is read.
                    Tree::Word(word) => Some((!is_plain_number(word), *word)),
                    _ => return None,
                };
                Some((*name, value))
            })
            .collect(),
        Some(Tree::List(items)) => items
            .iter()
            .map(|item| {
                let text = item.scalar()?;
                Some(match text.split_once('=') {
                    Some((name, value)) => (name, Some((false, value))),
                    None => (text, None),
                })
            })
            .collect(),
        Some(_) => None,
    }
}

/// A whole number in the one form that every reader writes it in again.
fn is_plain_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let all =
        !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|one| one.is_ascii_digit());
    all && (!digits.starts_with('0') || word == "0")
}

fn environment(found: &mut Found, path: &str, old: Option<&Tree<'_>>, new: Option<&Tree<'_>>) {
    let (Some(before), Some(after)) = (variables(old), variables(new)) else {
        return walk(
            found,
            ChangeKind::ServiceOther,
            path,
            "environment",
            old,
            new,
        );
    };
    let side = |name: &str, value: &EnvValue<'_>| match value {
        None => Side::Shown("taken from outside".to_owned()),
        Some((_, text)) => redact::value(name, text).map_or(Side::Hidden, Side::Shown),
    };
    for name in union(&before, &after) {
        let (kind, sides) = match (before.get(name), after.get(name)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => (
                ChangeKind::ServiceEnvValue,
                (side(name, old), side(name, new)),
            ),
            (None, Some(new)) => (ChangeKind::ServiceEnvAdded, (Side::Absent, side(name, new))),
            (Some(old), None) => (
                ChangeKind::ServiceEnvRemoved,
                (side(name, old), Side::Absent),
            ),
            (None, None) => continue,
        };
        found.sides((kind, Way::Worse), below(path, name), sides, None);
    }
}
