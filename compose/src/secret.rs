//! The published forms of keys and tokens. The lint finds them, and the diff takes them out of what it
//! shows: one table, so that neither knows one that the other does not.

/// A published form of a key or a token.
struct Form {
    name: &'static str,
    prefix: &'static str,
    /// Characters that follow the prefix, at the least.
    least: usize,
    alphabet: fn(u8) -> bool,
}

const fn form(
    name: &'static str,
    prefix: &'static str,
    least: usize,
    alphabet: fn(u8) -> bool,
) -> Form {
    Form {
        name,
        prefix,
        least,
        alphabet,
    }
}

const fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

const fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

const FORMS: &[Form] = &[
    form("an AWS access key id", "AKIA", 16, upper),
    form("an AWS access key id", "ASIA", 16, upper),
    form("a GitHub token", "ghp_", 36, alphanumeric),
    form("a GitHub token", "gho_", 36, alphanumeric),
    form("a GitHub token", "ghu_", 36, alphanumeric),
    form("a GitHub token", "ghs_", 36, alphanumeric),
    form("a GitHub token", "ghr_", 36, alphanumeric),
    form("a GitHub token", "github_pat_", 40, token),
    form("a GitLab token", "glpat-", 20, token),
    form("a Docker Hub token", "dckr_pat_", 20, token),
    form("an npm token", "npm_", 36, alphanumeric),
    form("a PyPI token", "pypi-AgEI", 40, token),
    form("a Hugging Face token", "hf_", 30, alphanumeric),
    form("a Google API key", "AIza", 35, token),
    form("a Slack token", "xoxb-", 20, token),
    form("a Slack token", "xoxp-", 20, token),
    form("a Stripe key", "sk_live_", 20, alphanumeric),
    form("a Stripe key", "rk_live_", 20, alphanumeric),
    form("a SendGrid key", "SG.", 22, token),
    form("an OpenAI key", "sk-proj-", 20, token),
    form("an Anthropic key", "sk-ant-", 20, token),
    form("a Phala Cloud key", "phak_", 20, token),
    form("a DigitalOcean token", "dop_v1_", 40, alphanumeric),
    form("an age key", "AGE-SECRET-KEY-1", 40, upper),
];

/// A secret of a published form: what it is, and the byte it begins at.
pub(crate) fn known_forms(text: &str) -> Vec<(&'static str, usize)> {
    let bytes = text.as_bytes();
    let mut all: Vec<(&'static str, usize)> = Vec::new();
    for form in FORMS {
        for (start, prefix) in text.match_indices(form.prefix) {
            let before = start.checked_sub(1).and_then(|index| bytes.get(index));
            let rest = bytes.get(start.saturating_add(prefix.len())..);
            let long = rest.is_some_and(|rest| {
                let length = rest.iter().take_while(|byte| (form.alphabet)(**byte));
                length.take(form.least).count() == form.least
            });
            if long && before.is_none_or(|byte| !token(*byte)) {
                all.push((form.name, start));
            }
        }
    }
    // The label of a private key in PEM, whatever its algorithm.
    for (end, _) in text.match_indices("PRIVATE KEY-----") {
        let from = end.saturating_sub(32);
        let label = bytes.get(from..end).unwrap_or_default();
        let begin = label
            .windows(11)
            .rposition(|window| window == b"-----BEGIN ");
        if let Some(begin) = begin {
            all.push(("a private key in PEM", from.saturating_add(begin)));
        }
    }
    all.sort_by_key(|(_, start)| *start);
    all
}
