//! One section of a changelog from conventional commits, written by git-cliff.
//!
//! Commits in, Markdown out. The settings of git-cliff are made here: neither a file nor a variable
//! of the environment changes what is written. It stands apart because of what git-cliff brings along,
//! which no auditor should have to read.

#![forbid(unsafe_code)]

use std::fmt;

use git_cliff_core::changelog::Changelog;
use git_cliff_core::commit::Commit as CliffCommit;
use git_cliff_core::config::{
    Bump, ChangelogConfig, CommitParser, Config, GitConfig, RemoteConfig,
};
use git_cliff_core::release::Release;
use regex::Regex;

/// Commits of one section.
pub const COMMITS: usize = 10_000;

/// Characters of one subject that are shown.
const SUBJECT: usize = 200;

/// The groups, in their order, and what belongs to each: a field of the commit and a pattern for it.
/// The first that matches has the commit. No conventional commit is left out.
const GROUPS: &[(&str, &str, &str)] = &[
    ("Breaking changes", "breaking", "^true$"),
    ("Added", "group", "^(?i:feat|feature)$"),
    ("Fixed", "group", "^(?i:fix)$"),
    ("Security", "group", "^(?i:security)$"),
    ("Changed", "group", "^(?i:perf|refactor|revert)$"),
    ("Documentation", "group", "^(?i:docs?)$"),
    ("Other", "group", ""),
];

/// The heading is that of <https://keepachangelog.com>.
const BODY: &str = r#"## [{{ version }}] - {{ message }}
{% for group in commits | commit_groups(groups=commit_parsers_groups) %}
### {{ group.group }}

{% for commit in group.commits -%}
- {% if commit.scope %}**{{ commit.scope }}:** {% endif %}{{ commit.message }}
{%- if commit.breaking and commit.breaking_description != commit.message %}: {{ commit.breaking_description | split(pat="
") | join(sep=" ") }}{% endif %} ({{ commit.id | truncate(length=7, end="") }})
{% endfor -%}
{% endfor -%}
{% if commits | length == 0 %}
No commit since the version before says what it changes.
{% endif -%}
"#;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id, in hex.
    pub id: String,
    /// The whole message.
    pub message: String,
    /// Whether it joins branches.
    pub merge: bool,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Markdown: a heading of level two, groups of level three, one item for each commit.
    pub text: String,
    /// How many commits stand in it.
    pub listed: usize,
    /// Commits that are not conventional and so do not stand in it: the first seven digits of the
    /// id, and the subject. Merges are not among them, since they bring nothing of their own.
    pub unconventional: Vec<(String, String)>,
}

/// Why there is no section.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangelogError {
    /// Over [`COMMITS`].
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// git-cliff refused.
    Cliff {
        /// What it said.
        said: String,
    },
}

impl ChangelogError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "changelog.too-many",
            Self::Cliff { .. } => "changelog.cliff",
        }
    }

    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => {
                "tag the version that was released last, so that only what follows it is listed"
            }
            Self::Cliff { .. } => "take `changelog` out of the configuration, and report the fault",
        }
    }
}

impl fmt::Display for ChangelogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { found } => write!(
                f,
                "{found} commits would stand in the changelog, over the cap of {COMMITS}"
            ),
            Self::Cliff { said } => write!(f, "git-cliff cannot write the changelog: {said}"),
        }
    }
}

impl std::error::Error for ChangelogError {}

/// The section of a version, in the order of the commits. `date` is written as it is given.
///
/// # Errors
/// [`ChangelogError`].
pub fn section(version: &str, date: &str, commits: &[Commit]) -> Result<Section, ChangelogError> {
    if commits.len() > COMMITS {
        return Err(ChangelogError::TooMany {
            found: commits.len(),
        });
    }
    let mut conventional = Vec::new();
    let mut unconventional = Vec::new();
    for commit in commits {
        let (id, message) = (commit.id.clone(), plain(commit.message.trim()));
        match CliffCommit::new(id, message).into_conventional() {
            Ok(found) => conventional.push(found),
            Err(_) if commit.merge => {}
            Err(_) => unconventional.push((
                commit.id.chars().take(7).collect(),
                subject(&commit.message),
            )),
        }
    }
    let listed = conventional.len();
    let release = Release {
        version: Some(version.to_owned()),
        message: Some(date.to_owned()),
        commits: conventional,
        // What has no commits is written only behind a release that has none either.
        previous: Some(Box::default()),
        ..Release::default()
    };
    let written = config()
        .and_then(|config| Changelog::new(vec![release], config, None))
        .and_then(|changelog| {
            let mut out = Vec::new();
            changelog.generate(&mut out).map(|()| out)
        })
        .map_err(|error| ChangelogError::Cliff {
            said: error.to_string(),
        })?;
    let text = String::from_utf8_lossy(&written).trim().to_owned() + "\n";
    Ok(Section {
        text,
        listed,
        unconventional,
    })
}

/// The first line of a message, shortened.
fn subject(message: &str) -> String {
    let message = plain(message.trim());
    let line = message.lines().next().unwrap_or_default();
    line.chars().take(SUBJECT).collect()
}

/// Text that does nothing to a terminal.
fn plain(message: &str) -> String {
    message
        .chars()
        .filter(|one| *one != '\r')
        .map(|one| {
            if one.is_control() && one != '\n' {
                ' '
            } else {
                one
            }
        })
        .collect()
}

fn config() -> Result<Config, git_cliff_core::error::Error> {
    let mut commit_parsers = Vec::new();
    for (group, field, pattern) in GROUPS {
        commit_parsers.push(CommitParser {
            group: Some((*group).to_owned()),
            field: Some((*field).to_owned()),
            pattern: Some(Regex::new(pattern)?),
            ..CommitParser::default()
        });
    }
    Ok(Config {
        changelog: ChangelogConfig {
            body: BODY.to_owned(),
            render_always: true,
            ..ChangelogConfig::default()
        },
        git: GitConfig {
            conventional_commits: true,
            commit_parsers,
            ..GitConfig::default()
        },
        remote: RemoteConfig {
            offline: true,
            ..RemoteConfig::default()
        },
        bump: Bump::default(),
    })
}
