//! The section of a new version in the changelog.

use std::path::Path;

use teeproof_git::WorkTree;
use teeproof_release::{Config, Version};

use crate::failure::Failure;

/// A changelog, and what becomes of it.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) old: String,
    /// The same as the old text where the version has a section already.
    pub(super) new: String,
    pub(super) section: String,
    /// What the section does not say.
    pub(super) notes: Vec<String>,
}

/// The changelog with the section of the new version, if one is configured.
#[cfg(feature = "changelog")]
pub(super) fn entry(
    config: &Config,
    folder: &Path,
    tree: &WorkTree,
    old: &Version,
    new: &Version,
) -> Result<Option<Entry>, Failure> {
    use teeproof_bindings::ExitCode;
    use teeproof_changelog::{COMMITS, Commit, section};
    use teeproof_release::{Inserted, insert, tag_of};

    let Some(name) = &config.changelog else {
        return Ok(None);
    };
    let text = super::text_of(&folder.join(name))?;
    let mut notes = Vec::new();
    let before = tag_of(config, old);
    let tag = tree.tagged(&before).map_err(super::of_git)?;
    if tag.is_none() {
        notes.push(format!(
            "there is no tag {before}, so the changelog has every commit there is"
        ));
    }
    let commits: Vec<Commit> = tree
        .since(tag.map(|_| before.as_str()), COMMITS.saturating_add(1))
        .map_err(super::of_git)?
        .into_iter()
        .map(|one| Commit {
            id: one.id,
            message: one.message,
            merge: one.merge,
        })
        .collect();
    let today: String = crate::input::now()?.to_string().chars().take(10).collect();
    let section =
        section(&new.to_string(), &today, &commits).map_err(|error| Failure::Release {
            code: error.code(),
            next: error.next_step(),
            problem: error.to_string(),
            code_of: ExitCode::Usage,
        })?;
    let Inserted::Added {
        text: with_section,
        unreleased,
    } = insert(&text, new, &section.text)
    else {
        return Ok(Some(Entry {
            notes: vec![format!(
                "{name} has a section for {new} already; it stays as it is"
            )],
            new: text.clone(),
            old: text,
            name: name.clone(),
            section: String::new(),
        }));
    };
    if unreleased {
        notes.push(format!(
            "what stands under Unreleased in {name} stays there; move by hand what {new} brings"
        ));
    }
    let missing = section.unconventional.len();
    if missing > 0 {
        let (are, plural) = if missing == 1 {
            ("is", "")
        } else {
            ("are", "s")
        };
        notes.push(format!(
            "{missing} commit{plural} {are} not conventional, and not in the changelog:"
        ));
        notes.extend(
            section
                .unconventional
                .iter()
                .take(TOLD)
                .map(|(id, subject)| format!("  {id} {subject}")),
        );
        if missing > TOLD {
            notes.push(format!("  and {} more", missing.saturating_sub(TOLD)));
        }
    }
    Ok(Some(Entry {
        name: name.clone(),
        old: text,
        new: with_section,
        section: section.text,
        notes,
    }))
}

/// Commits that are not conventional and are named.
#[cfg(feature = "changelog")]
const TOLD: usize = 20;

/// This build writes no changelog, and says so where one is asked for.
#[cfg(not(feature = "changelog"))]
pub(super) fn entry(
    config: &Config,
    _folder: &Path,
    _tree: &WorkTree,
    _old: &Version,
    _new: &Version,
) -> Result<Option<Entry>, Failure> {
    config.changelog.as_ref().map_or(Ok(None), |name| {
        Err(Failure::Release {
            code: "release.no-changelog",
            problem: format!("this build writes no changelog, and the configuration names {name}"),
            next: "build teeproof with `--features changelog`, or take `changelog` out of the configuration",
            code_of: teeproof_bindings::ExitCode::Usage,
        })
    })
}
