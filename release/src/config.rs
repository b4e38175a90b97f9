//! The configuration: which files name the version.

use serde::Deserialize;

use crate::SOURCES;
use crate::error::ReleaseError;

/// The file that is read where no other is named.
pub const CONFIG: &str = "teeproof-release.toml";

/// The schema that a configuration names.
const SCHEMA: &str = "teeproof.release/1";

/// The configuration. Every path in it is relative to the folder of its file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    schema: String,
    /// What stands before the version in the name of a tag.
    #[serde(default = "default_prefix")]
    pub tag_prefix: String,
    /// The table of versions and their compose hashes, a Markdown file.
    #[serde(default = "default_history")]
    pub history: String,
    /// The changelog, a Markdown file. Without one, none is written.
    pub changelog: Option<String>,
    /// Where the version is written.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// One place where the version is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Source {
    /// The file. Its name tells how it is read: `.toml` and `.lock` as TOML, `.json` as JSON,
    /// everything else as a file that holds nothing but the version.
    pub file: String,
    /// In TOML and JSON, where in it: keys with dots between them, and `list[key=value]` for the
    /// entry of a list of tables.
    pub key: Option<String>,
}

impl Source {
    /// The source in words.
    pub(crate) fn name(&self) -> String {
        match &self.key {
            Some(key) => format!("`{}` ({key})", self.file),
            None => format!("`{}`", self.file),
        }
    }
}

fn default_prefix() -> String {
    "v".to_owned()
}

fn default_history() -> String {
    "docs/versions.md".to_owned()
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`ReleaseError::Config`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        let refused = |problem: String| ReleaseError::Config { problem };
        let config: Self =
            toml::from_str(text).map_err(|error| refused(error.to_string().trim().to_owned()))?;
        if config.schema != SCHEMA {
            return Err(refused(format!(
                "its schema is `{}`, and `{SCHEMA}` was expected",
                config.schema
            )));
        }
        if config.sources.is_empty() || config.sources.len() > SOURCES {
            return Err(refused(format!(
                "it names {} sources, and one to {SOURCES} were expected",
                config.sources.len()
            )));
        }
        let prefix_is_plain = config
            .tag_prefix
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || b"-_/".contains(&one));
        if !prefix_is_plain
            || config.tag_prefix.starts_with(['-', '/'])
            || config.tag_prefix.contains("//")
        {
            return Err(refused(format!(
                "`{}` cannot begin the name of a tag: letters, digits, dashes, underscores and single slashes were expected",
                config.tag_prefix
            )));
        }
        let files = config.sources.iter().map(|source| &source.file);
        for file in files.chain([&config.history]).chain(&config.changelog) {
            if !is_inside(file) {
                return Err(refused(format!(
                    "`{file}` is no path below the folder of the configuration"
                )));
            }
        }
        if config.changelog.as_ref() == Some(&config.history) {
            return Err(refused(format!(
                "`{}` is both the changelog and the table of versions",
                config.history
            )));
        }
        for (index, source) in config.sources.iter().enumerate() {
            if config
                .sources
                .iter()
                .take(index)
                .any(|other| other == source)
            {
                return Err(refused(format!("it names {} twice", source.name())));
            }
            for (other, what) in [
                (Some(&config.history), "the table of versions"),
                (config.changelog.as_ref(), "the changelog"),
            ] {
                if other == Some(&source.file) {
                    return Err(refused(format!(
                        "`{}` is both a source and {what}",
                        source.file
                    )));
                }
            }
        }
        Ok(config)
    }

    /// The files of the sources, each once, in their order.
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = Vec::new();
        for source in &self.sources {
            if !files.contains(&source.file.as_str()) {
                files.push(&source.file);
            }
        }
        files
    }
}

/// Whether a path stays below the folder it is taken from, on every system.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':'])
        && !path.chars().any(char::is_control)
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".." | ".git"))
        && !path.starts_with('-')
}
