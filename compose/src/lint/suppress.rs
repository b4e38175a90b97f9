//! Findings that somebody looked at and accepted, each with the reason.

use std::fmt;

use serde::Deserialize;

use super::Rule;
use super::report::LintFinding;
use crate::limits;

/// One accepted finding: of a rule, in every service or in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule.
    pub rule: Rule,
    /// The service; any without it.
    pub service: Option<String>,
    /// Why it is accepted.
    pub reason: String,
}

/// The accepted findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions(Vec<Suppression>);

/// Why a file of suppressions is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuppressionError {
    /// Over [`limits::SUPPRESSIONS`] bytes, or no UTF-8.
    Text,
    /// Not TOML of this form.
    Form {
        /// What the parser says, with the line.
        what: String,
    },
    /// No rule has this id.
    UnknownRule {
        /// The id.
        rule: String,
    },
    /// The rule may not be suppressed.
    Never {
        /// The rule.
        rule: Rule,
    },
    /// There is no reason.
    NoReason {
        /// The rule.
        rule: Rule,
    },
    /// The same rule and service a second time.
    Twice {
        /// The rule.
        rule: Rule,
    },
}

impl SuppressionError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text => "suppress.text",
            Self::Form { .. } => "suppress.form",
            Self::UnknownRule { .. } => "suppress.unknown-rule",
            Self::Never { .. } => "suppress.never",
            Self::NoReason { .. } => "suppress.no-reason",
            Self::Twice { .. } => "suppress.twice",
        }
    }
}

impl fmt::Display for SuppressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(
                f,
                "the suppressions are no UTF-8 text of at most {} bytes",
                limits::SUPPRESSIONS
            ),
            Self::Form { what } => write!(f, "the suppressions cannot be read: {}", what.trim()),
            Self::UnknownRule { rule } => write!(f, "no rule has the id `{rule}`"),
            Self::Never { rule } => write!(f, "a finding of `{rule}` cannot be suppressed"),
            Self::NoReason { rule } => write!(f, "the suppression of `{rule}` gives no reason"),
            Self::Twice { rule } => {
                write!(f, "`{rule}` is suppressed twice for the same services")
            }
        }
    }
}

impl std::error::Error for SuppressionError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    suppress: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    service: Option<String>,
    reason: String,
}

impl Suppressions {
    /// Reads a file of suppressions: TOML, a table `[[suppress]]` with `rule`, `reason` and, if it is
    /// for one service only, `service`.
    ///
    /// # Errors
    /// [`SuppressionError`]. A suppression without a reason is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, SuppressionError> {
        if bytes.len() > limits::SUPPRESSIONS {
            return Err(SuppressionError::Text);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SuppressionError::Text)?;
        let file: File = toml::from_str(text).map_err(|error| SuppressionError::Form {
            what: error.to_string(),
        })?;
        let mut all: Vec<Suppression> = Vec::new();
        for entry in file.suppress {
            let Some(rule) = Rule::from_id(&entry.rule) else {
                return Err(SuppressionError::UnknownRule { rule: entry.rule });
            };
            if !rule.may_be_suppressed() {
                return Err(SuppressionError::Never { rule });
            }
            if entry.reason.trim().is_empty() {
                return Err(SuppressionError::NoReason { rule });
            }
            if all
                .iter()
                .any(|other| other.rule == rule && other.service == entry.service)
            {
                return Err(SuppressionError::Twice { rule });
            }
            all.push(Suppression {
                rule,
                service: entry.service,
                reason: entry.reason,
            });
        }
        Ok(Self(all))
    }

    /// Marks what is suppressed, and gives back what was of no use.
    pub(super) fn apply(&self, findings: &mut [LintFinding]) -> Vec<Suppression> {
        let mut used = vec![false; self.0.len()];
        for finding in findings {
            for (suppression, used) in self.0.iter().zip(&mut used) {
                let matches = suppression.rule == finding.rule
                    && (suppression.service.is_none() || suppression.service == finding.service);
                if matches {
                    *used = true;
                    finding
                        .suppressed
                        .get_or_insert_with(|| suppression.reason.clone());
                }
            }
        }
        let pairs = self.0.iter().zip(used);
        pairs
            .filter(|(_, used)| !used)
            .map(|(one, _)| one.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suppression_needs_a_known_rule_and_a_reason() {
        let good = "[[suppress]]\nrule = \"mount.docker-socket\"\nservice = \"a\"\nreason = \"it is the launcher\"\n";
        assert_eq!(Suppressions::parse(good.as_bytes()).unwrap().0.len(), 1);
        assert_eq!(Suppressions::parse(b""), Ok(Suppressions::default()));
        let code = |text: &str| Suppressions::parse(text.as_bytes()).unwrap_err().code();
        assert_eq!(code(&format!("{good}{good}")), "suppress.twice");
        assert_eq!(
            code(&good.replace("it is the launcher", "  ")),
            "suppress.no-reason"
        );
        assert_eq!(code(&good.replace("reason", "why")), "suppress.form");
        assert_eq!(
            code(&good.replace("docker-socket", "x")),
            "suppress.unknown-rule"
        );
        assert_eq!(
            code(&good.replace("mount.docker-socket", "document.unreadable")),
            "suppress.never"
        );
        assert_eq!(
            code("[[suppress]]\nrule = \"service.build\"\n"),
            "suppress.form"
        );
        assert_eq!(code("[suppress]\n"), "suppress.form");
        assert_eq!(
            Suppressions::parse(b"\xff").unwrap_err().code(),
            "suppress.text"
        );
        assert_eq!(code(&"#".repeat(limits::SUPPRESSIONS + 1)), "suppress.text");
    }
}
