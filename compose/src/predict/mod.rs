//! Predictors: the exact bytes that a known program would write for a document.
//!
//! A prediction helps only where that program wrote the bytes that were deployed. The one truth is
//! the hash of the bytes themselves ([`crate::AppCompose::hash`]), and belongs beside every
//! prediction.

mod error;
mod go;
mod js;
mod number;
mod print;
mod python;

use teeproof_core::ComposeHash;

pub use error::NotPredicted;
use print::{Layout, print};

use crate::json::Json;

/// One known way to write an app-compose document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Predictor {
    /// dstack's SDK for JavaScript.
    DstackJs,
    /// The same, normalised.
    DstackJsNormalised,
    /// The same, normalised as the source has it since the release: `nerdctl-compose` counts too.
    DstackJsUnreleased,
    /// dstack's SDK for Python.
    DstackPython,
    /// The same, normalised.
    DstackPythonNormalised,
    /// dstack's SDK for Go.
    DstackGo,
    /// The same, normalised.
    DstackGoNormalised,
    /// dstack's command line for its hosts, `vmm-cli.py`: the fields in the order they stand in.
    DstackVmmCli,
    /// dstack's page for its hosts: the fields in the order they stand in, without blanks.
    DstackVmmPage,
    /// Phala Cloud's SDK for JavaScript, which always normalises.
    PhalaJs,
    /// The Python of Phala Cloud's deployment guide.
    PhalaPython,
    /// The same over a document normalised as Phala Cloud's SDK does it.
    PhalaPythonNormalised,
}

/// Which runners a normalisation knows to have no use for `bash_script`.
const RELEASED: &[&str] = &["docker-compose"];
const UNRELEASED: &[&str] = &["docker-compose", "nerdctl-compose"];

impl Predictor {
    /// Every predictor.
    pub const ALL: [Self; 12] = [
        Self::DstackJs,
        Self::DstackJsNormalised,
        Self::DstackJsUnreleased,
        Self::DstackPython,
        Self::DstackPythonNormalised,
        Self::DstackGo,
        Self::DstackGoNormalised,
        Self::DstackVmmCli,
        Self::DstackVmmPage,
        Self::PhalaJs,
        Self::PhalaPython,
        Self::PhalaPythonNormalised,
    ];

    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::DstackJs => "dstack-js",
            Self::DstackJsNormalised => "dstack-js-normalised",
            Self::DstackJsUnreleased => "dstack-js-unreleased",
            Self::DstackPython => "dstack-python",
            Self::DstackPythonNormalised => "dstack-python-normalised",
            Self::DstackGo => "dstack-go",
            Self::DstackGoNormalised => "dstack-go-normalised",
            Self::DstackVmmCli => "dstack-vmm-cli",
            Self::DstackVmmPage => "dstack-vmm-page",
            Self::PhalaJs => "phala-js",
            Self::PhalaPython => "phala-python",
            Self::PhalaPythonNormalised => "phala-python-normalised",
        }
    }

    /// What is predicted: program, version and function.
    pub const fn source(self) -> &'static str {
        match self {
            Self::DstackJs => "@phala/dstack-sdk 0.5.8 (npm), getComposeHash(compose)",
            Self::DstackJsNormalised => {
                "@phala/dstack-sdk 0.5.8 (npm), getComposeHash(compose, true)"
            }
            Self::DstackJsUnreleased => {
                "dstack sdk/js of 2026-08-07, getComposeHash(compose, true)"
            }
            Self::DstackPython => "dstack-sdk 0.5.4 (PyPI), get_compose_hash(compose)",
            Self::DstackPythonNormalised => {
                "dstack-sdk 0.5.4 (PyPI), get_compose_hash(compose, normalize=True)"
            }
            Self::DstackGo => "dstack sdk/go of 2026-08-07, GetComposeHash(compose)",
            Self::DstackGoNormalised => {
                "dstack sdk/go of 2026-08-07, GetComposeHash(compose, true)"
            }
            Self::DstackVmmCli => "dstack vmm-cli.py of 2026-08-07, the file it deploys",
            Self::DstackVmmPage => {
                "JSON.stringify(compose), as dstack's page for its hosts deploys"
            }
            Self::PhalaJs => "@phala/cloud 0.2.9 (npm), withComposeMethods(compose).getHash()",
            Self::PhalaPython => "Phala Cloud's API deployment guide, generate_compose_hash",
            Self::PhalaPythonNormalised => {
                "Phala Cloud's API deployment guide, over what @phala/cloud normalises"
            }
        }
    }

    /// The predictor of a name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.id() == id)
    }

    /// The bytes, in UTF-8.
    ///
    /// # Errors
    /// [`NotPredicted`], which says why.
    pub fn bytes(self, document: &Json) -> Result<Vec<u8>, NotPredicted> {
        if document.entries().is_none() {
            return Err(NotPredicted::NotAnObject {
                found: document.kind(),
            });
        }
        let text = match self {
            Self::DstackJs => print(&js::sorted(document), Layout::Compact)?,
            Self::DstackJsNormalised => {
                let kept = normalised(document, RELEASED, js::is_falsy);
                print(&js::sorted(&kept), Layout::Compact)?
            }
            Self::DstackJsUnreleased => {
                let kept = normalised(document, UNRELEASED, js::is_falsy);
                print(&js::sorted(&kept), Layout::Compact)?
            }
            Self::DstackPython => print(&python::attributes(document)?, Layout::Compact)?,
            Self::DstackPythonNormalised => {
                let once = python::attributes(document)?;
                let kept = normalised(&once, RELEASED, python::is_falsy);
                print(&kept, Layout::Compact)?
            }
            // Its fields leave out an empty script with and without normalisation.
            Self::DstackGo => print(&go::fields(document)?, Layout::CompactForHtml)?,
            Self::DstackGoNormalised => {
                let fields = go::fields(document)?;
                let kept = normalised(&fields, UNRELEASED, js::is_falsy);
                print(&kept, Layout::CompactForHtml)?
            }
            Self::DstackVmmCli => print(&python::as_read(document), Layout::Indented(": "))?,
            Self::DstackVmmPage => print(&js::as_read(document), Layout::Compact)?,
            Self::PhalaJs => {
                let kept = normalised(document, RELEASED, js::is_falsy);
                // The blank goes wherever these three stand together, inside of texts as well.
                print(&js::sorted(&kept), Layout::Indented(": "))?.replace("\": ", "\":")
            }
            Self::PhalaPython => print(&python::top_sorted(document), Layout::Indented(":"))?,
            Self::PhalaPythonNormalised => {
                let kept = normalised(document, RELEASED, js::is_falsy);
                print(&python::top_sorted(&kept), Layout::Indented(":"))?
            }
        };
        Ok(text.into_bytes())
    }

    /// The compose hash that the bytes have.
    ///
    /// # Errors
    /// [`NotPredicted`], which says why.
    pub fn hash(self, document: &Json) -> Result<ComposeHash, NotPredicted> {
        let bytes = self.bytes(document)?;
        ComposeHash::of(&bytes).map_err(|_| NotPredicted::TooLarge {
            limit: teeproof_core::limits::APP_COMPOSE,
        })
    }
}

/// Normalisation: what the runner has no use for goes, and so does an empty pre-launch script.
fn normalised(document: &Json, containers: &[&str], is_falsy: fn(&Json) -> bool) -> Json {
    let unused = match document.get("runner").and_then(Json::as_str) {
        Some("bash") => "docker_compose_file",
        Some(runner) if containers.contains(&runner) => "bash_script",
        _ => "",
    };
    let entries = document.entries().unwrap_or_default();
    Json::Object(
        entries
            .iter()
            .filter(|(key, value)| {
                let empty = key == "pre_launch_script" && is_falsy(value);
                !empty && (key != unused || unused.is_empty())
            })
            .cloned()
            .collect(),
    )
}

/// Keys in the order of their bytes, which is that of their code points.
fn by_bytes(mut entries: Vec<(String, Json)>) -> Vec<(String, Json)> {
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

#[cfg(test)]
mod tests;
