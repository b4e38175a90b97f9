//! The rules about what containers see of the guest's files.

use super::Rule;
use super::report::{At, Collector};
use crate::services::{ComposeFile, Service, has_variable};
use crate::yaml::{Place, YamlNode};

/// Paths of the guest, and everything below them, that no container should see.
const SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/dstack",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/tapp",
    "/usr",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/volatile",
];

/// Files below [`SYSTEM`] that say nothing.
const HARMLESS: &[&str] = &["/etc/localtime", "/etc/timezone"];

const ENGINE_SOCKETS: &[&str] = &["containerd.sock", "crio.sock", "docker.sock", "podman.sock"];

const GUEST_SOCKETS: &[&str] = &["dstack.sock", "tappd.sock"];

/// Directories in which the guest agent's socket stands.
const ABOVE_GUEST_SOCKETS: &[&str] = &["/", "/run", "/var", "/var/run"];

/// A mount of something that is no named volume.
struct Bind<'a> {
    service: &'a str,
    source: &'a str,
    place: Place,
}

pub(super) fn lint(file: &ComposeFile, found: &mut Collector) {
    let mut with_guest_agent: Vec<(&str, Place)> = Vec::new();
    for service in file.services() {
        if let Some(node) = service.get("use_api_socket").filter(|node| {
            let scalar = node.scalar();
            scalar.is_some_and(crate::yaml::Scalar::is_true)
        }) {
            let at = At::service(service.name, "use_api_socket", node.place);
            found.add(Rule::DockerSocket, at, None);
        }
        for bind in binds(&service, found) {
            let at = || At::service(bind.service, "volumes", bind.place);
            judge(bind.source, at, found);
            if reaches_guest_agent(bind.source)
                && with_guest_agent.last().map(|(name, _)| *name) != Some(bind.service)
            {
                with_guest_agent.push((bind.service, bind.place));
            }
        }
    }
    for (name, device) in devices(file) {
        let source = device.text().unwrap_or_default();
        let at = || At::text(format!("volumes.{name}.driver_opts"), device.place);
        if has_variable(source) {
            found.add(Rule::VolumeVariable, at(), Some(source));
        } else {
            judge(source, at, found);
        }
    }
    let names: Vec<&str> = with_guest_agent.iter().map(|(name, _)| *name).collect();
    for (service, place) in with_guest_agent.iter().skip(1) {
        let at = At::service(service, "volumes", *place);
        found.add(Rule::GuestSocketShared, at, Some(&names.join(", ")));
    }
}

/// What named volumes really are, where they say so.
pub(super) fn devices(file: &ComposeFile) -> impl Iterator<Item = (&str, &YamlNode)> {
    let section = file.root().get("volumes").and_then(YamlNode::entries);
    section
        .unwrap_or_default()
        .iter()
        .filter_map(|(name, node)| {
            let device = node.get("driver_opts")?.get("device")?;
            Some((name.as_str(), device))
        })
}

/// The mounts of a service whose source is a path. Variables are reported on the way.
fn binds<'a>(service: &Service<'a>, found: &mut Collector) -> Vec<Bind<'a>> {
    let mut all = Vec::new();
    let items = service.get("volumes").and_then(YamlNode::items);
    for item in items.unwrap_or_default() {
        let texts = item.texts();
        if let Some((text, place)) = texts.iter().find(|(text, _)| has_variable(text)) {
            let at = At::service(service.name, "volumes", *place);
            found.add(Rule::VolumeVariable, at, Some(text));
            continue;
        }
        let source = match item.text() {
            Some(short) => short.split_once(':').map(|(source, _)| source),
            None => item
                .get("source")
                .or_else(|| item.get("src"))
                .and_then(YamlNode::text),
        };
        let Some(source) = source.map(str::trim) else {
            continue;
        };
        let bind = item.get("type").and_then(YamlNode::text) == Some("bind");
        if bind || source.starts_with(['/', '.', '~']) {
            all.push(Bind {
                service: service.name,
                source,
                place: item.place,
            });
        }
    }
    all
}

fn judge<'a>(source: &str, at: impl Fn() -> At<'a>, found: &mut Collector) {
    let (path, escapes) = normalised(source);
    let name = path.rsplit('/').next().unwrap_or_default();
    if ENGINE_SOCKETS.contains(&name) {
        return found.add(Rule::DockerSocket, at(), Some(source));
    }
    if GUEST_SOCKETS.contains(&name) && source.starts_with('/') {
        return;
    }
    let below = |outer: &str| {
        path.strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let system = source.starts_with('/')
        && !HARMLESS.contains(&path.as_str())
        && (path == "/" || path == "/var" || SYSTEM.iter().any(|outer| below(outer)));
    let rule = if system || escapes || source.starts_with('~') {
        Rule::HostSystem
    } else {
        Rule::HostPath
    };
    found.add(rule, at(), Some(source));
}

fn reaches_guest_agent(source: &str) -> bool {
    let (path, _) = normalised(source);
    let name = path.rsplit('/').next().unwrap_or_default();
    GUEST_SOCKETS.contains(&name) || ABOVE_GUEST_SOCKETS.contains(&path.as_str())
}

/// A path without `.`, `..` and doubled slashes, and whether a relative one leads out of the
/// directory it begins in.
fn normalised(source: &str) -> (String, bool) {
    let mut parts: Vec<&str> = Vec::new();
    let mut escapes = false;
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() && !source.starts_with('/') {
                    escapes = true;
                }
            }
            part => parts.push(part),
        }
    }
    let lead = if source.starts_with('/') { "/" } else { "" };
    (format!("{lead}{}", parts.join("/")), escapes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_it_leads_to() {
        for (source, path, escapes) in [
            ("/", "/", false),
            ("//var/./run/../lib/", "/var/lib", false),
            ("/../..", "/", false),
            ("./a/../b", "b", false),
            ("../etc", "etc", true),
            ("a/../../b", "b", true),
        ] {
            assert_eq!(normalised(source), (path.to_owned(), escapes), "{source}");
        }
    }
}
