//! Collateral on disk. One directory for each question; in it, each file is a collateral file as
//! everybody passes them around, and its name says when it was fetched, until when it is good by
//! its own word, and the SHA-256 of its bytes:
//!
//! `<directory>/<SHA-256 of the question>/<fetched>-<until>-<SHA-256 of the file>.json`
//!
//! There is no index that could be broken. A file appears whole, by renaming; several processes may
//! write at once. A file that is not what its name says is as good as none.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use teeproof_core::{Bytes32, CollateralParts, Instant, encode_hex, limits, sha256};

/// How long collateral is used without asking again, in seconds. Revocation lists may be replaced
/// before their time.
const DAY: u64 = 24 * 60 * 60;

/// Files that are kept of one question. Older ones may still be of use for judging old evidence.
const KEPT: usize = 8;

/// A directory with collateral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    directory: PathBuf,
}

/// What the name of a file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    fetched: u64,
    until: u64,
    digest: Bytes32,
    path: PathBuf,
}

impl Entry {
    fn of(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
        let mut words = name.split('-');
        let (fetched, until, digest) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() {
            return None;
        }
        Some(Self {
            fetched: fetched.parse().ok()?,
            until: until.parse().ok()?,
            digest: digest.parse().ok()?,
            path,
        })
    }

    /// The content, if it is what the name says.
    fn read(&self) -> Option<CollateralParts> {
        let cap = u64::try_from(limits::COLLATERAL).ok()?.checked_add(1)?;
        let mut bytes = Vec::new();
        fs::File::open(&self.path)
            .ok()?
            .take(cap)
            .read_to_end(&mut bytes)
            .ok()?;
        if sha256(&bytes) != self.digest {
            return None;
        }
        CollateralParts::from_json(&bytes).ok()
    }
}

impl Cache {
    /// A cache in this directory, which is made when something is kept.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn folder(&self, question: &str) -> PathBuf {
        self.directory.join(sha256(question.as_bytes()).to_string())
    }

    /// All files of a question, the newest first.
    fn entries(&self, question: &str) -> Vec<Entry> {
        let Ok(folder) = fs::read_dir(self.folder(question)) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = folder
            .filter_map(|entry| Entry::of(entry.ok()?.path()))
            .collect();
        entries.sort_unstable();
        entries.reverse();
        entries
    }

    /// The newest that was fetched within a day and is good by its own word.
    pub(crate) fn fresh(&self, question: &str, now: Instant) -> Option<CollateralParts> {
        let now = now.unix();
        self.entries(question)
            .iter()
            .filter(|entry| {
                entry.fetched <= now && now < entry.until && now.saturating_sub(entry.fetched) < DAY
            })
            .find_map(Entry::read)
    }

    /// The newest, however old. Whether it is still good is for the core to say.
    pub(crate) fn any(&self, question: &str) -> Option<CollateralParts> {
        self.entries(question).iter().find_map(Entry::read)
    }

    /// Keeps collateral.
    pub(crate) fn keep(
        &self,
        question: &str,
        parts: &CollateralParts,
        now: Instant,
        until: Instant,
    ) -> io::Result<()> {
        let folder = self.folder(question);
        fs::create_dir_all(&folder)?;
        let text = parts.to_json();
        let name = format!(
            "{:012}-{:012}-{}.json",
            now.unix(),
            until.unix(),
            sha256(text.as_bytes())
        );
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let whole = folder.join(name);
        let begun = folder.join(format!(".{}.tmp", encode_hex(&random)));
        let written = write(&begun, text.as_bytes()).and_then(|()| fs::rename(&begun, &whole));
        if written.is_err() {
            let _ = fs::remove_file(&begun);
        }
        for old in self.entries(question).iter().skip(KEPT) {
            let _ = fs::remove_file(&old.path);
        }
        written
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
