//! From the present version to the next one.

use std::collections::BTreeMap;

use semver::Version;

use crate::config::Config;
use crate::error::ReleaseError;

/// Which part of a version is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `1.2.3` becomes `2.0.0`.
    Major,
    /// `1.2.3` becomes `1.3.0`.
    Minor,
    /// `1.2.3` becomes `1.2.4`.
    Patch,
}

/// What a bump would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The present version.
    pub old: Version,
    /// The next version.
    pub new: Version,
    /// Every file that changes, and its new text.
    pub files: Vec<(String, String)>,
    /// The name of the tag.
    pub tag: String,
    /// The message of the commit and of the tag.
    pub message: String,
}

/// The text of each file by its name.
type Files = BTreeMap<String, String>;

/// The version that all sources name.
///
/// # Errors
/// [`ReleaseError`] if one has none, or they disagree.
pub fn agreed(config: &Config, files: &Files) -> Result<Version, ReleaseError> {
    let mut found = Vec::new();
    for source in &config.sources {
        let text = files
            .get(&source.file)
            .ok_or_else(|| ReleaseError::Source {
                file: source.file.clone(),
                problem: "the file was not given".to_owned(),
            })?;
        found.push((source.name(), source.read(text)?));
    }
    match found.split_first() {
        Some(((_, first), rest)) if rest.iter().all(|(_, version)| version == first) => {
            Ok(first.clone())
        }
        _ => Err(ReleaseError::Disagree {
            found: found
                .into_iter()
                .map(|(name, version)| (name, version.to_string()))
                .collect(),
        }),
    }
}

/// The name of the tag of a version.
pub fn tag_of(config: &Config, version: &Version) -> String {
    format!("{}{version}", config.tag_prefix)
}

/// What it takes to raise the version.
///
/// # Errors
/// [`ReleaseError`]. Nothing is half done: a plan is whole or there is none.
pub fn bump(config: &Config, files: &Files, part: Part) -> Result<Plan, ReleaseError> {
    let old = agreed(config, files)?;
    let new = next(&old, part)?;
    let mut changed: Files = BTreeMap::new();
    for source in &config.sources {
        let text = changed
            .get(&source.file)
            .or_else(|| files.get(&source.file));
        let written = source.write(text.map(String::as_str).unwrap_or_default(), &new)?;
        // What was written has to say the new version to whoever reads it the same way.
        let read = source.read(&written)?;
        if read != new {
            return Err(ReleaseError::Source {
                file: source.file.clone(),
                problem: format!("it would still say {read} after {new} was written"),
            });
        }
        changed.insert(source.file.clone(), written);
    }
    let tag = tag_of(config, &new);
    Ok(Plan {
        message: format!("Release {tag}"),
        files: changed.into_iter().collect(),
        old,
        new,
        tag,
    })
}

fn next(old: &Version, part: Part) -> Result<Version, ReleaseError> {
    let refused = |problem| ReleaseError::NoNext {
        version: old.to_string(),
        problem,
    };
    if !old.pre.is_empty() || !old.build.is_empty() {
        return Err(refused("it is a pre-release or names a build"));
    }
    let up = |number: u64| {
        number
            .checked_add(1)
            .ok_or_else(|| refused("the number is as large as it gets"))
    };
    Ok(match part {
        Part::Major => Version::new(up(old.major)?, 0, 0),
        Part::Minor => Version::new(old.major, up(old.minor)?, 0),
        Part::Patch => Version::new(old.major, old.minor, up(old.patch)?),
    })
}
