//! Secrets that are written in the document. A finding says what form it has and where it stands,
//! and never repeats it.

use super::Rule;
use super::document::containers_of;
use super::report::{At, Collector};
use crate::document::AppCompose;
use crate::json::Json;
use crate::secret::known_forms;
use crate::services::variables;
use crate::yaml::Place;

/// The password in the first address that has one: `scheme://user:password@host`.
fn address_with_password(text: &str) -> Option<usize> {
    text.match_indices("://").find_map(|(index, found)| {
        let start = index.saturating_add(found.len());
        let rest = text.get(start..)?;
        let end = rest
            .find(|one: char| one.is_whitespace() || matches!(one, '/' | '"' | '\'' | '?' | '#'))
            .unwrap_or(rest.len());
        let (user, _) = rest.get(..end)?.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        (!password.is_empty() && !password.contains('$')).then_some(start)
    })
}

/// Whether a text may not be repeated.
pub(super) fn holds_secret(text: &str) -> bool {
    !known_forms(text).is_empty() || address_with_password(text).is_some()
}

/// Names whose every value is a secret.
const PASSWORDS: &[&str] = &["PASSWORD", "PASSWD", "PASSPHRASE", "MNEMONIC"];

/// Names whose value is one if it looks random.
const SECRETS: &[&str] = &[
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "ENCRYPTION_KEY",
    "SIGNING_KEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "SEED",
];

/// Ends of names whose value says something about a secret.
const ABOUT: &[&str] = &[
    "_FILE",
    "_PATH",
    "_DIR",
    "_URL",
    "_URI",
    "_NAME",
    "_ID",
    "_TTL",
    "_LENGTH",
    "_TYPE",
    "_HASH",
    "_ADDRESS",
    "_ENDPOINT",
    "_EXPIRY",
    "_ISSUER",
];

/// Whether a value under a name is a secret.
fn is_secret(name: &str, value: &str) -> bool {
    let name = name.trim().to_ascii_uppercase().replace(['-', '.'], "_");
    let value = value.trim().trim_matches(['"', '\'']);
    let says = |words: &[&str]| {
        words.iter().any(|word| {
            name.match_indices(word).any(|(start, found)| {
                let end = start.saturating_add(found.len());
                let before = start
                    .checked_sub(1)
                    .and_then(|index| name.get(index..start));
                let after = name.get(end..).unwrap_or_default();
                before.is_none_or(|one| one == "_") && (after.is_empty() || after.starts_with('_'))
            })
        })
    };
    if value.is_empty()
        || name.contains("PUBLIC")
        || ABOUT.iter().any(|end| name.ends_with(end))
        || value.starts_with(['/', '.', '<'])
        || value.contains('$')
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "null" | "none"
        )
    {
        return false;
    }
    says(PASSWORDS) || (says(SECRETS) && looks_random(value))
}

/// At least sixteen characters without blanks that say at least three bits each.
fn looks_random(value: &str) -> bool {
    let length = value.chars().count();
    if length < 16 || value.contains(char::is_whitespace) {
        return false;
    }
    let mut counts = std::collections::BTreeMap::<char, u32>::new();
    for one in value.chars() {
        let count = counts.entry(one).or_default();
        *count = count.saturating_add(1);
    }
    let total = f64::from(u32::try_from(length).unwrap_or(u32::MAX));
    let entropy: f64 = counts
        .values()
        .map(|count| {
            let share = f64::from(*count) / total;
            // The same on every machine, which the system's logarithm does not promise.
            -share * libm::log2(share)
        })
        .sum();
    entropy >= 3.0
}

/// The name and the value of a line that sets something: `NAME=value`, `name: value`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let end = line.find(['=', ':'])?;
    let (name, value) = line.split_at(end);
    let name = name.trim().trim_matches(['"', '\'']);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!name.is_empty() && name.bytes().all(plain)).then_some((name, value.get(1..)?))
}

/// The default of a variable whose own name says what it is.
fn secret_default(name: &str, text: &str) -> bool {
    variables(text).iter().any(|variable| {
        let default = variable.rest.trim_start_matches(':').strip_prefix('-');
        default.is_some_and(|default| is_secret(variable.name, default) || is_secret(name, default))
    })
}

pub(super) fn lint(document: &AppCompose, found: &mut Collector) {
    let yaml = document.docker_compose().unwrap_or_default();
    let (mut read, mut at) = (0, Place { line: 1, column: 1 });
    for (what, start) in known_forms(yaml) {
        at = place_after(at, yaml.get(read..start).unwrap_or_default());
        read = start;
        let at = At::text("docker_compose_file", at);
        found.add(Rule::SecretKnown, at, Some(what));
    }
    let mut open: Vec<(String, &Json)> = document
        .json()
        .entries()
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|(key, value)| (key.clone(), value))
        .collect();
    while let Some((path, value)) = open.pop() {
        match value {
            Json::String(text) if path != "docker_compose_file" => in_field(&path, text, found),
            Json::Array(items) => open.extend(items.iter().rev().map(|item| (path.clone(), item))),
            Json::Object(entries) => open.extend(
                entries
                    .iter()
                    .rev()
                    .map(|(key, value)| (format!("{path}.{key}"), value)),
            ),
            _ => {}
        }
    }
    in_services(document, found);
}

/// A text of the app-compose itself: a script, or a plain value under its key.
fn in_field(path: &str, text: &str, found: &mut Collector) {
    let known = known_forms(text);
    for (what, _) in &known {
        found.add(Rule::SecretKnown, At::field(path), Some(what));
    }
    if !known.is_empty() {
        return;
    }
    let key = path.rsplit('.').next().unwrap_or(path);
    let set = text.lines().filter_map(assignment);
    let named = set
        .filter(|(name, value)| is_secret(name, value))
        .map(|(name, _)| name);
    let whole = is_secret(key, text).then_some(key);
    for name in named.chain(whole) {
        found.add(Rule::SecretValue, At::field(path), Some(name));
    }
    if address_with_password(text).is_some() {
        found.add(
            Rule::SecretValue,
            At::field(path),
            Some("an address with a password"),
        );
    }
}

fn in_services(document: &AppCompose, found: &mut Collector) {
    let Some(file) = containers_of(document) else {
        return;
    };
    for service in file.services() {
        for (name, value, place) in service.environment() {
            let value = value.unwrap_or_default();
            if known_forms(value).is_empty()
                && (is_secret(name, value) || secret_default(name, value))
            {
                let at = At::service(service.name, "environment", place);
                found.add(Rule::SecretValue, at, Some(name));
            }
        }
        for (key, node) in service.node.entries().unwrap_or_default() {
            for (text, place) in node.texts() {
                if known_forms(text).is_empty() && address_with_password(text).is_some() {
                    let at = At::service(service.name, key, place);
                    found.add(Rule::SecretValue, at, Some("an address with a password"));
                }
                if key == "command" || key == "entrypoint" {
                    let set = text
                        .split_whitespace()
                        .filter_map(|word| assignment(word.trim_start_matches('-')));
                    for (name, value) in set.filter(|(name, value)| is_secret(name, value)) {
                        if known_forms(value).is_empty() {
                            let at = At::service(service.name, key, place);
                            found.add(Rule::SecretValue, at, Some(name));
                        }
                    }
                }
            }
        }
    }
    let configs = file.root().get("configs").and_then(|node| node.entries());
    for (name, node) in configs.unwrap_or_default() {
        let Some(content) = node.get("content") else {
            continue;
        };
        let lines = content.text().unwrap_or_default().lines();
        for (key, value) in lines.filter_map(assignment) {
            if known_forms(value).is_empty() && is_secret(key, value) {
                let at = At::text(format!("configs.{name}.content"), content.place);
                found.add(Rule::SecretValue, at, Some(key));
            }
        }
    }
}

/// The place behind a text that begins at a place.
fn place_after(from: Place, text: &str) -> Place {
    match text.rsplit_once('\n') {
        None => Place {
            column: from.column.saturating_add(text.chars().count()),
            ..from
        },
        Some((before, last)) => Place {
            line: from
                .line
                .saturating_add(before.matches('\n').count())
                .saturating_add(1),
            column: last.chars().count().saturating_add(1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_forms_are_known_and_placed() {
        let token = format!("ghp_{}", "aB3".repeat(12));
        assert_eq!(
            known_forms(&format!("x {token} y")),
            [("a GitHub token", 2)]
        );
        let pem = "a\n-----BEGIN EC PRIVATE KEY-----\n";
        assert_eq!(known_forms(pem), [("a private key in PEM", 2)]);
        let start = Place { line: 1, column: 1 };
        let second = place_after(start, "a\nb\nüb");
        assert_eq!(second, Place { line: 3, column: 3 });
        assert_eq!(place_after(second, "cd"), Place { line: 3, column: 5 });
        for none in [
            "ghp_short",
            "xghp_",
            "-----BEGIN PUBLIC KEY-----",
            "PRIVATE KEY-----",
            &format!("x{token}"),
        ] {
            assert!(known_forms(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn a_value_is_a_secret_by_its_name_and_its_look() {
        for (name, value) in [
            ("POSTGRES_PASSWORD", "hunter2"),
            ("db-password", "\"x\""),
            ("SIGNING_KEY", "q8Zr41tPw0LmXv7B"),
            ("API_TOKEN", "0123456789abcdef0123456789abcdef"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("POSTGRES_PASSWORD", "${PASSWORD}"),
            ("POSTGRES_PASSWORD", ""),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/pg"),
            ("PASSWORDLESS", "yes-it-is"),
            ("TOKEN_TTL", "0123456789abcdef0123456789abcdef"),
            ("API_TOKEN", "short"),
            ("API_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaa"),
            ("PUBLIC_KEY_SECRET", "0123456789abcdef0123456789abcdef"),
            ("NAME", "0123456789abcdef0123456789abcdef"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
        assert!(secret_default("X", "${DB_PASSWORD:-hunter2}"));
        assert!(!secret_default("X", "${DB_PASSWORD:-}"));
        assert!(holds_secret("postgres://me:hunter2@db/x"));
        assert!(!holds_secret("postgres://me:$PASSWORD@db/x") && !holds_secret("http://a:80/@"));
    }
}
