//! Building a document from a docker-compose file and a few settings.
//!
//! The settings are TOML: the fields of an app-compose document under their own names, and a table
//! `files` that names files whose text becomes a field. A field that is not set does not stand in the
//! document, except `manifest_version` (2) and `runner` (`docker-compose`). A key that is no field is
//! refused: a slip would be measured as it stands.

mod error;

use std::collections::BTreeMap;

use teeproof_core::{ComposeHash, limits};

pub use error::BuildError;

use crate::document::AppCompose;
use crate::fields;
use crate::json::Json;
use crate::predict::{NotPredicted, Predictor};
use crate::services::ComposeFile;

/// Bytes of docker-compose file and pre-launch script together that Phala Cloud's SDK takes.
const PHALA_CAP: usize = 200 * 1024;

/// What Phala Cloud completes if it is not set. Its default pre-launch script changes over time.
const PHALA_COMPLETES: &[&str] = &[
    "features",
    "gateway_enabled",
    "key_provider",
    "kms_enabled",
    "pre_launch_script",
    "public_logs",
    "public_sysinfo",
    "public_tcbinfo",
    "storage_fs",
];

/// Who is handed the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A dstack host: it takes a file, and what is built is that file.
    Dstack,
    /// Phala Cloud: it takes fields and writes the file itself, so what is built is a prediction.
    Phala,
}

/// A field, the paths of its files, and whether it is a list.
type Files = (&'static str, Vec<String>, bool);

/// The settings of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    fields: Vec<(String, Json)>,
    files: Vec<Files>,
}

/// A document that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Who it is for.
    pub target: Target,
    /// The document.
    pub document: AppCompose,
    /// How its bytes were written.
    pub predictor: Predictor,
    /// What other programs write of the same document. The tools for dstack's hosts take the order of
    /// the fields from the document that was built, and are left out where it is none of theirs.
    pub predictions: Vec<(Predictor, Result<ComposeHash, NotPredicted>)>,
    /// For Phala Cloud: fields that it completes and that were not set. Any of them changes the hash.
    pub left_to_platform: Vec<&'static str>,
}

impl Settings {
    /// Reads settings.
    ///
    /// # Errors
    /// [`BuildError`], which says which key is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, BuildError> {
        if bytes.len() > limits::POLICY {
            return Err(BuildError::TooLarge {
                found: bytes.len(),
                limit: limits::POLICY,
            });
        }
        let path = || "the settings".to_owned();
        let text = std::str::from_utf8(bytes).map_err(|_| BuildError::Encoding { path: path() })?;
        let table: toml::Table = toml::from_str(text).map_err(|error| BuildError::Toml {
            message: error.to_string().trim_end().to_owned(),
        })?;
        let mut settings = Self {
            fields: Vec::new(),
            files: Vec::new(),
        };
        for (name, value) in table {
            if name == "files" {
                settings.files = files(&value)?;
                continue;
            }
            if name == "docker_compose_file" {
                let place = "it is the docker-compose file itself";
                return Err(BuildError::Misplaced { name, place });
            }
            let Some(field) = fields::field(&name) else {
                return Err(BuildError::UnknownField { name });
            };
            let wrong = |name: &str| BuildError::WrongKind {
                name: name.to_owned(),
                expected: field.kind.words(),
            };
            let value = json(value).ok_or_else(|| wrong(&name))?;
            if !field.kind.admits(&value) {
                return Err(wrong(&name));
            }
            settings.fields.push((name, value));
        }
        for (field, _, _) in &settings.files {
            if settings.fields.iter().any(|(name, _)| name == field) {
                return Err(BuildError::Misplaced {
                    name: (*field).to_owned(),
                    place: "it is set by itself and as a file",
                });
            }
        }
        Ok(settings)
    }

    /// The files that the settings name, as they name them.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .flat_map(|(_, paths, _)| paths.iter().map(String::as_str))
    }

    /// Builds the document. `read` has the content of every file that [`Self::files`] names.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(
        &self,
        docker_compose: &[u8],
        read: &BTreeMap<String, Vec<u8>>,
        target: Target,
    ) -> Result<Built, BuildError> {
        let yaml = utf8(docker_compose, "the docker-compose file")?;
        let file = ComposeFile::parse(docker_compose).map_err(BuildError::Yaml)?;
        if file.services().next().is_none() {
            return Err(BuildError::NoServices);
        }
        let mut fields = self.fields.clone();
        for (name, paths, list) in &self.files {
            let mut texts = Vec::new();
            for path in paths {
                let bytes = read
                    .get(path)
                    .ok_or_else(|| BuildError::NoScript { path: path.clone() })?;
                texts.push(Json::String(utf8(bytes, path)?.to_owned()));
            }
            let value = match (list, texts.pop()) {
                (false, Some(text)) => text,
                (_, last) => {
                    texts.extend(last);
                    Json::Array(texts)
                }
            };
            fields.push(((*name).to_owned(), value));
        }
        let mut set = |name: &str, value: Json| {
            if !fields.iter().any(|(found, _)| found == name) {
                fields.push((name.to_owned(), value));
            }
        };
        set("manifest_version", Json::Number("2".to_owned()));
        set("runner", Json::String("docker-compose".to_owned()));
        set("docker_compose_file", Json::String(yaml.to_owned()));
        let tree = Json::Object(fields);
        if tree
            .get("name")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .is_empty()
        {
            return Err(BuildError::NoName);
        }
        let script = tree.get("pre_launch_script").and_then(Json::as_str);
        let found = yaml.len().saturating_add(script.map_or(0, str::len));
        if target == Target::Phala && found > PHALA_CAP {
            let limit = PHALA_CAP;
            return Err(BuildError::OverPhalaCap { found, limit });
        }
        finish(&tree, target)
    }
}

fn finish(tree: &Json, target: Target) -> Result<Built, BuildError> {
    let predictor = match target {
        Target::Dstack => Predictor::DstackJs,
        Target::Phala => Predictor::PhalaJs,
    };
    let bytes = predictor.bytes(tree).map_err(BuildError::NotPredicted)?;
    let document = AppCompose::parse(&bytes).map_err(BuildError::Document)?;
    document.manifest().map_err(BuildError::Manifest)?;
    let completes = match target {
        Target::Dstack => &[],
        Target::Phala => PHALA_COMPLETES,
    };
    Ok(Built {
        target,
        predictor,
        predictions: Predictor::ALL
            .into_iter()
            .filter_map(|one| match (target, one) {
                (Target::Dstack, Predictor::DstackVmmCli | Predictor::DstackVmmPage) => {
                    Some((one, one.hash(document.json())))
                }
                (Target::Phala, Predictor::DstackVmmCli | Predictor::DstackVmmPage) => None,
                _ => Some((one, one.hash(tree))),
            })
            .collect(),
        left_to_platform: completes
            .iter()
            .copied()
            .filter(|name| tree.get(name).is_none())
            .collect(),
        document,
    })
}

fn utf8<'a>(bytes: &'a [u8], path: &str) -> Result<&'a str, BuildError> {
    std::str::from_utf8(bytes).map_err(|_| BuildError::Encoding {
        path: path.to_owned(),
    })
}

fn files(value: &toml::Value) -> Result<Vec<Files>, BuildError> {
    let wrong = |name: &str, expected| BuildError::WrongKind {
        name: name.to_owned(),
        expected,
    };
    let table = value.as_table().ok_or_else(|| wrong("files", "a table"))?;
    let mut found = Vec::new();
    for (key, value) in table {
        let name = match key.as_str() {
            "pre_launch_script" => "pre_launch_script",
            "init_script" => "init_script",
            "bash_script" => "bash_script",
            _ => {
                let place = "files are for pre_launch_script, init_script and bash_script";
                let name = format!("files.{key}");
                return Err(BuildError::Misplaced { name, place });
            }
        };
        let path = |value: &toml::Value| value.as_str().map(str::to_owned);
        let (paths, list) = match value {
            toml::Value::Array(items) if name == "init_script" => {
                (items.iter().map(path).collect::<Option<Vec<_>>>(), true)
            }
            one => (path(one).map(|path| vec![path]), false),
        };
        let paths = paths.ok_or_else(|| wrong(&format!("files.{key}"), "a path"))?;
        found.push((name, paths, list));
    }
    Ok(found)
}

/// A value of TOML that JSON has too, except numbers with a fraction: no field takes one.
fn json(value: toml::Value) -> Option<Json> {
    Some(match value {
        toml::Value::String(text) => Json::String(text),
        toml::Value::Integer(number) => Json::Number(number.to_string()),
        toml::Value::Boolean(value) => Json::Bool(value),
        toml::Value::Array(items) => {
            Json::Array(items.into_iter().map(json).collect::<Option<_>>()?)
        }
        toml::Value::Table(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| Some((key, json(value)?)))
                .collect::<Option<_>>()?,
        ),
        toml::Value::Float(_) | toml::Value::Datetime(_) => return None,
    })
}

#[cfg(test)]
mod tests;
