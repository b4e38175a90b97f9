//! Reading and writing the version of one source.

use semver::Version;

use crate::config::Source;
use crate::error::ReleaseError;
use crate::{json, toml_file};

/// How a file is read.
enum Form<'a> {
    Toml(&'a str),
    Json(&'a str),
    Plain,
}

impl Source {
    fn form(&self) -> Result<Form<'_>, String> {
        let is = |ending: &str| self.file.ends_with(ending);
        let (toml, json) = (is(".toml") || is(".lock"), is(".json"));
        match self.key.as_deref() {
            Some(key) if toml => Ok(Form::Toml(key)),
            Some(key) if json => Ok(Form::Json(key)),
            Some(_) => Err("it has a `key`, and only TOML and JSON files have keys".to_owned()),
            None if toml || json => Err("it has no `key` that says where in it".to_owned()),
            None => Ok(Form::Plain),
        }
    }

    fn refused(&self, problem: String) -> ReleaseError {
        ReleaseError::Source {
            file: self.file.clone(),
            problem,
        }
    }

    /// The version in the text of the file.
    pub(crate) fn read(&self, text: &str) -> Result<Version, ReleaseError> {
        let found = self.form().and_then(|form| match form {
            Form::Toml(key) => toml_file::read(text, key),
            Form::Json(key) => json::find(text, key).map(|(_, version)| version),
            Form::Plain => Ok(text.trim().to_owned()),
        });
        let found = found.map_err(|problem| self.refused(problem))?;
        Version::parse(&found).map_err(|error| {
            let shown: String = found
                .chars()
                .take(64)
                .flat_map(char::escape_debug)
                .collect();
            self.refused(format!("`{shown}` is no version such as 1.2.3: {error}"))
        })
    }

    /// The text of the file with another version in it, all else as it was.
    pub(crate) fn write(&self, text: &str, version: &Version) -> Result<String, ReleaseError> {
        let version = version.to_string();
        let written = self.form().and_then(|form| match form {
            Form::Toml(key) => toml_file::replace(text, key, &version),
            Form::Json(key) => json::replace(text, key, &version),
            Form::Plain => Ok(text.replacen(text.trim(), &version, 1)),
        });
        written.map_err(|problem| self.refused(problem))
    }
}
