//! Text that is safe to show: what looks like a secret is taken out. A diff goes into pull requests
//! and logs, and whoever wrote a secret into the file has made one mistake already.
//!
//! It is a net, not a proof: a short password on a line that names it nothing is not recognised.

use super::tree::Tree;
use crate::secret::known_forms;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "[not shown]";

/// Characters of one shown value.
const SHOWN: usize = 400;

/// Parts of a name that a secret has. They are looked for in the name without its separators.
const NAMES: &[&str] = &[
    "secret",
    "token",
    "passw",
    "passphrase",
    "pwd",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sshkey",
    "credential",
    "mnemonic",
    "seed",
    "private",
    "auth",
    "cookie",
    "session",
    "salt",
    "dsn",
    "hmac",
    "jwt",
    "bearer",
    "webhook",
];

/// How secrets begin whose length or alphabet varies. Those of a published form are looked for first.
const PREFIXES: &[&str] = &[
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xox",
    "akia",
    "asia",
    "aiza",
    "eyj",
    "npm_",
    "pypi-",
    "dckr_pat_",
    "hf_",
    "phak_",
];

/// Fields of the document whose values are public and look random.
const PUBLIC: &[&str] = &["key_provider_id", "launch_token_hash", "verity_root"];

/// Whether the name says that its value is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect();
    NAMES.iter().any(|part| plain.contains(part))
        || plain == "pass"
        || plain == "key"
        || plain.ends_with("key") && !plain.ends_with("publickey") && !plain.ends_with("pubkey")
        || plain.ends_with("pass")
}

/// Whether a word looks like a secret by itself: it begins as known ones do, or is long and random.
fn is_secret_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let known = PREFIXES
        .iter()
        .any(|prefix| lower.starts_with(prefix) && word.len() >= prefix.len().saturating_add(12));
    known || is_random(word)
}

/// Long, of the letters that keys are written in, and with more change of class than words have.
fn is_random(word: &str) -> bool {
    let word = word
        .strip_prefix("0x")
        .unwrap_or(word)
        .trim_end_matches('=');
    if word.len() < 20
        || !word
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || b"+/_-".contains(&one))
    {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if word.len() >= 32 && word.bytes().all(|one| one.is_ascii_hexdigit()) {
        return digits > 0;
    }
    // Paths and names with dashes are long as well; their parts are words.
    word.split(['/', '-', '_']).any(|part| {
        let class = |one: u8| match one {
            b'0'..=b'9' => 0_u8,
            b'a'..=b'z' => 1,
            _ => 2,
        };
        let changes = part
            .as_bytes()
            .windows(2)
            .filter(|pair| matches!(pair, [one, two] if class(*one) != class(*two)))
            .count();
        part.len() >= 12 && changes.saturating_mul(4) >= part.len()
    })
}

/// A character that a word may have.
const fn in_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '+' | '/' | '.' | '%' | '~')
}

/// One line or several, with everything taken out that looks like a secret.
pub(super) fn text(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(line).collect();
    cut(&lines.join("\n"))
}

/// A text of bounded length.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((at, _)) => {
            let (head, _) = text.split_at(at);
            format!("{head}… ({} bytes)", text.len())
        }
    }
}

/// One line of a text.
fn line(line: &str) -> String {
    let line = without_user_info(line);
    let mut shown = String::with_capacity(line.len());
    // Set while the value of a secret name has still to come.
    let mut secret_follows = false;
    let mut rest = line.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|one| !in_word(one)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // Inside single quotes a dollar sign is one.
        let is_variable = first == '$' && !shown.ends_with('\'');
        let is_value = !first.is_whitespace() && !matches!(first, '=' | ':' | '"' | '\'' | '`');
        if secret_follows && is_value && !is_variable && !is_scheme(word) {
            let quote = shown.chars().next_back();
            let quote = quote.filter(|one| matches!(one, '"' | '\''));
            shown.push_str(HIDDEN);
            rest = after_value(rest, quote);
            secret_follows = false;
        } else if is_variable {
            let (name, after) = variable(rest);
            shown.push_str(name);
            rest = after;
            // A default is no variable.
            secret_follows = is_secret_name(name) && after.starts_with([':', '-', '=', '?', '+']);
        } else if word.is_empty() {
            let (one, after) = rest.split_at(first.len_utf8());
            shown.push_str(one);
            rest = after;
        } else {
            let pinned = shown.ends_with("sha256:") && is_digest(word);
            let published = !known_forms(word).is_empty();
            if published || !pinned && word.split('.').any(is_secret_word) {
                shown.push_str(HIDDEN);
            } else {
                shown.push_str(word);
            }
            secret_follows = is_secret_name(word) && introduces_value(word, after);
            rest = after;
        }
    }
    shown
}

/// Words that stand between a name and its secret: `Authorization: Bearer …`.
fn is_scheme(word: &str) -> bool {
    ["bearer", "basic", "token"]
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one))
}

/// Whether a value comes after a name: an equals sign or a colon, or a blank after an option.
fn introduces_value(word: &str, after: &str) -> bool {
    let after = after.trim_start_matches(['"', '\'']);
    after.trim_start().starts_with(['=', ':'])
        || word.starts_with('-') && after.starts_with(' ')
        || is_scheme(word)
}

/// What follows a value, which ends at its quote, or at the next blank.
fn after_value(rest: &str, quote: Option<char>) -> &str {
    let end = match quote {
        Some(quote) => rest.find(quote),
        None => rest.find(|one: char| one.is_whitespace() || matches!(one, ';' | '"' | '\'')),
    };
    rest.split_at(end.unwrap_or(rest.len())).1
}

/// A variable: its dollar sign, an opening brace, its name.
fn variable(rest: &str) -> (&str, &str) {
    let start = rest
        .find(|one| !matches!(one, '$' | '{'))
        .unwrap_or(rest.len());
    let (_, inside) = rest.split_at(start);
    let name = inside
        .find(|one: char| !(one.is_ascii_alphanumeric() || one == '_'))
        .unwrap_or(inside.len());
    rest.split_at(start.saturating_add(name))
}

fn is_digest(word: &str) -> bool {
    word.len() == 64 && word.bytes().all(|one| one.is_ascii_hexdigit())
}

/// `https://user:password@host` without what stands before the at sign.
fn without_user_info(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after
            .find(|one: char| one.is_whitespace() || matches!(one, '/' | '"' | '\'' | '?' | '#'))
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                shown.push_str(HIDDEN);
                shown.push('@');
                shown.push_str(host);
            }
            None => shown.push_str(authority),
        }
        rest = tail;
    }
    shown.push_str(rest);
    shown
}

/// The value of a name, or `None` where it is not to be shown at all.
pub(super) fn value(name: &str, value: &str) -> Option<String> {
    if PUBLIC.contains(&name) {
        return Some(cut(value));
    }
    // What is taken from outside is no secret of this file.
    let from_outside = value
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    if is_secret_name(name)
        && !value.is_empty()
        && from_outside.is_none_or(|inner| !is_variable(inner))
    {
        return None;
    }
    Some(text(value))
}

fn is_variable(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || one == b'_')
}

/// A whole value on one line, every scalar in it judged by the key it stands under.
pub(super) fn tree(name: &str, tree: &Tree<'_>) -> Option<String> {
    match tree {
        Tree::Word(word) => Some((*word).to_owned()),
        Tree::Text(text) => value(name, text),
        Tree::List(_) | Tree::Map(_) => {
            let mut shown = String::new();
            flow(name, tree, &mut shown);
            Some(cut(&shown))
        }
    }
}

fn flow(name: &str, tree: &Tree<'_>, shown: &mut String) {
    // What is cut off later need not be made.
    if shown.len() > SHOWN.saturating_mul(8) {
        return;
    }
    match tree {
        Tree::Word(word) => shown.push_str(word),
        Tree::Text(text) => match value(name, text) {
            Some(text) => shown.push_str(&format!("{text:?}")),
            None => shown.push_str(HIDDEN),
        },
        Tree::List(items) => {
            shown.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    shown.push_str(", ");
                }
                flow(name, item, shown);
            }
            shown.push(']');
        }
        Tree::Map(entries) => {
            shown.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    shown.push_str(", ");
                }
                shown.push_str(&text(key));
                shown.push_str(": ");
                flow(key, value, shown);
            }
            shown.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lint_knows_is_not_shown() {
        for (prefix, length) in [("ghr_", 36), ("dop_v1_", 40), ("SG.", 22)] {
            let token = format!("{prefix}{}", "a".repeat(length));
            assert_eq!(line(&format!("x {token} y")), "x [not shown] y");
        }
        let age = format!("AGE-SECRET-KEY-1{}", "A".repeat(40));
        assert_eq!(line(&age), "[not shown]");
    }

    #[test]
    fn secrets_are_taken_out_of_lines() {
        for (line, kept) in [
            ("export API_TOKEN=hunter2", "export API_TOKEN=[not shown]"),
            (
                "export DB_PASSWORD=\"a b c\"; run",
                "export DB_PASSWORD=\"[not shown]\"; run",
            ),
            ("PASSWORD='$ecret!'", "PASSWORD='[not shown]'"),
            ("PASSWORD=&!x", "PASSWORD=[not shown]"),
            ("password: hunter2", "password: [not shown]"),
            ("\"secret\": \"x\",", "\"secret\": \"[not shown]\","),
            (
                "curl -H 'Authorization: Bearer abc' x",
                "curl -H 'Authorization: Bearer [not shown]' x",
            ),
            (
                "login --password hunter2 --user me",
                "login --password [not shown] --user me",
            ),
            (
                "psql postgres://me:pw@db/app",
                "psql postgres://[not shown]@db/app",
            ),
            ("echo ${API_KEY:-hunter2}", "echo ${API_KEY:[not shown]"),
            ("x ghp_abcdefghijklmnop1234", "x [not shown]"),
            ("key AKIAIOSFODNN7EXAMPLE", "key [not shown]"),
            (
                "0x4c0883a69102937d6231471b5dbb6204fe512961708279f2e3e8a5d4b8e3e3f1",
                "[not shown]",
            ),
            ("v dGhpcyBpcyBhIHNlY3JldCBrZXk5OTk=", "v [not shown]="),
        ] {
            assert_eq!(text(line), kept, "{line}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let digest = "1".repeat(64);
        for line in [
            "docker compose up -d --remove-orphans",
            "image: registry.example/some-organisation/a-long-service-name:1.2.3",
            "TOKEN=$TOKEN",
            "TOKEN=\"${TOKEN}\"",
            "if [ -z \"$API_KEY\" ]; then exit 1; fi",
            "/usr/local/share/ca-certificates/internal-root-2026.crt",
            &format!("nginx@sha256:{digest}"),
            "- 8080:80",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn a_value_is_judged_by_its_name() {
        for name in [
            "API_TOKEN",
            "dbPassword",
            "SIGNING_KEY",
            "AWS_ACCESS_KEY_ID",
            "PASS",
        ] {
            assert_eq!(value(name, "x"), None, "{name}");
            assert_eq!(
                value(name, "${FROM_OUTSIDE}").as_deref(),
                Some("${FROM_OUTSIDE}")
            );
            assert_eq!(value(name, "${FROM_OUTSIDE:-x}"), None);
        }
        for name in ["LOG_LEVEL", "PUBLIC_KEY", "PORT", "KEYBOARD"] {
            assert_eq!(value(name, "x").as_deref(), Some("x"), "{name}");
        }
    }
}
