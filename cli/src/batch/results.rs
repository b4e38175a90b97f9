//! Where lines go, and what an earlier run left there.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use teeproof_bindings::{InstantChoice, VerifyOptions};
use teeproof_core::{Bytes32, limits, sha256};

use super::line::Row;
use super::summary::Summary;
use crate::args::SecondEngineArg;
use crate::failure::Failure;
use crate::output::Output;

/// Schema of a file of results; the number after the slash is its major version.
const SCHEMA: &str = "teeproof.batch/1";

/// Bytes of one line: a whole answer is some tens of kilobytes.
const LINE: usize = limits::EVENT_LOG;

/// The first line: what decided the verdicts of all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    schema: String,
    /// SHA-256 of the policy in its canonical form.
    policy: String,
    /// SHA-256 of the root certificate.
    trust_anchor: String,
    /// The instant, or `captured`.
    at: String,
    /// SHA-256 over the digests of the collateral beside the items.
    collateral: String,
    /// Where collateral comes from that items lack; null where none is fetched.
    #[serde(default)]
    collateral_from: Option<String>,
    genuine_only: bool,
    second_engine: String,
}

impl Header {
    pub(super) fn of(
        options: &VerifyOptions,
        second_engine: SecondEngineArg,
        collateral_from: Option<String>,
    ) -> Self {
        let mut collateral: Vec<String> = options
            .collateral
            .iter()
            .map(|parts| parts.digest().to_string())
            .collect();
        collateral.sort();
        Self {
            schema: SCHEMA.to_owned(),
            policy: options.policy.digest().to_string(),
            trust_anchor: options.anchor.digest().to_string(),
            at: match options.instant {
                InstantChoice::Clock(at) | InstantChoice::Given(at) => at.to_string(),
                InstantChoice::Captured => "captured".to_owned(),
            },
            collateral: sha256(collateral.concat().as_bytes()).to_string(),
            collateral_from,
            genuine_only: options.genuine_only,
            second_engine: second_engine.to_string(),
        }
    }

    /// The first thing in which another header differs: what, how it is there, how it is here, and
    /// what to do.
    fn differs(&self, earlier: &Self) -> Option<(&'static str, String, String, &'static str)> {
        let row = |name, there: &str, here: &str, next| {
            (there != here).then(|| (name, there.to_owned(), here.to_owned(), next))
        };
        let genuine = |header: &Self| header.genuine_only.to_string();
        let from = |header: &Self| header.collateral_from.clone().unwrap_or("none".to_owned());
        let afresh = "name the same, or a new file of results";
        row(
            "schema",
            &earlier.schema,
            &self.schema,
            "name a new file of results",
        )
        .or_else(|| row("policy", &earlier.policy, &self.policy, afresh))
        .or_else(|| {
            row(
                "trust anchor",
                &earlier.trust_anchor,
                &self.trust_anchor,
                afresh,
            )
        })
        .or_else(|| {
            let next = "name the instant of the earlier run with --at, or a new file of results";
            row("instant", &earlier.at, &self.at, next)
        })
        .or_else(|| row("collateral", &earlier.collateral, &self.collateral, afresh))
        .or_else(|| row("source of collateral", &from(earlier), &from(self), afresh))
        .or_else(|| row("genuine-only", &genuine(earlier), &genuine(self), afresh))
        .or_else(|| {
            row(
                "second engine",
                &earlier.second_engine,
                &self.second_engine,
                afresh,
            )
        })
    }
}

/// Items whose answers stand in a file already: 32 bytes each.
#[derive(Debug, Default)]
pub(super) struct Done(HashSet<Bytes32>);

impl Done {
    fn key(name: &str, digest: &str) -> Bytes32 {
        sha256(format!("{digest}{name}").as_bytes())
    }

    pub(super) fn has(&self, name: &str, digest: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&Self::key(name, digest))
    }
}

/// Where lines are written.
pub(super) enum Results<'a> {
    Output(&'a mut Output),
    File {
        file: BufWriter<File>,
        path: PathBuf,
    },
}

impl<'a> Results<'a> {
    /// Standard output, or a file with what it holds already.
    pub(super) fn open(
        resume: Option<&Path>,
        header: &Header,
        summary: &mut Summary,
        output: &'a mut Output,
    ) -> Result<(Self, Done), Failure> {
        let mut done = Done::default();
        let mut results = match resume {
            None => Self::Output(output),
            Some(path) => match File::open(path) {
                Ok(earlier) if earlier.metadata().is_ok_and(|about| about.len() > 0) => {
                    done = continued(path, earlier, header, summary)?;
                    return Ok((Self::append(path)?, done));
                }
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Failure::read(path, error));
                }
                _ => Self::append(path)?,
            },
        };
        results.line(&serde_json::to_string(header).unwrap_or_default())?;
        Ok((results, done))
    }

    fn append(path: &Path) -> Result<Self, Failure> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| failed(path, error))?;
        Ok(Self::File {
            file: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Output(output) => output.block(text),
            Self::File { file, path } => {
                writeln!(file, "{text}").map_err(|error| failed(path, error))
            }
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        match self {
            Self::Output(output) => output.flush(),
            Self::File { file, path } => file.flush().map_err(|error| failed(path, error)),
        }
    }
}

fn failed(path: &Path, error: std::io::Error) -> Failure {
    Failure::Write {
        path: Some(path.to_owned()),
        error,
    }
}

fn refused(problem: String, next: &'static str) -> Failure {
    Failure::Argument {
        name: "--resume",
        problem,
        next,
    }
}

/// Reads what an earlier run left and keeps of it what is whole: every line of every item that could
/// be read. The last line may be torn. The file is replaced at once or not at all.
fn continued(
    path: &Path,
    earlier: File,
    header: &Header,
    summary: &mut Summary,
) -> Result<Done, Failure> {
    let fail = |error| Failure::read(path, error);
    let shown = crate::failure::shown(path);
    let mut lines = BufReader::new(earlier);
    let first = line(&mut lines).map_err(fail)?.unwrap_or_default();
    let first: Header = serde_json::from_slice(first.trim_ascii_end()).map_err(|_| {
        refused(
            format!("{shown} does not begin as a file of results of --batch"),
            "name the file that an earlier run wrote, or a new one",
        )
    })?;
    if let Some((what, there, here, next)) = header.differs(&first) {
        return Err(refused(
            format!("{shown} was made with another {what}: {there} there, {here} here"),
            next,
        ));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    let write = |error| failed(&beside, error);
    let mut kept = BufWriter::new(File::create(&beside).map_err(write)?);
    writeln!(
        kept,
        "{}",
        serde_json::to_string(header).unwrap_or_default()
    )
    .map_err(write)?;
    let mut done = HashSet::new();
    // Lines of one item stand together: it is done when its last is there.
    let mut of_item: Vec<(Vec<u8>, Row)> = Vec::new();
    let mut number = 1_u64;
    while let Some(text) = line(&mut lines).map_err(fail)? {
        number = number.saturating_add(1);
        let row = match serde_json::from_slice::<Row>(text.trim_ascii_end()) {
            Ok(row) if text.ends_with(b"\n") => row,
            // Torn: the run ended while it was written.
            _ if lines.fill_buf().map_err(fail)?.is_empty() => break,
            _ => {
                return Err(refused(
                    format!("line {number} of {shown} is no result"),
                    "name the file as an earlier run left it, or a new one",
                ));
            }
        };
        if row.instance == 1 {
            of_item.clear();
        }
        let Some(digest) = row.sha256.clone() else {
            // It could not be read: perhaps it can now.
            continue;
        };
        let (name, complete) = (row.name.clone(), row.instance == row.instances);
        of_item.push((text, row));
        if complete
            && of_item
                .iter()
                .map(|(_, row)| row.instance)
                .eq(1..=of_item.len())
        {
            for (text, row) in of_item.drain(..) {
                kept.write_all(&text).map_err(write)?;
                summary.add(&row);
                summary.resumed();
            }
            done.insert(Done::key(&name, &digest));
        }
    }
    kept.flush().map_err(write)?;
    fs::rename(&beside, path).map_err(write)?;
    Ok(Done(done))
}

/// The next line with its end, or without one if the file ends first. None at the end.
fn line(lines: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    let limit = u64::try_from(LINE).unwrap_or(u64::MAX);
    lines.by_ref().take(limit).read_until(b'\n', &mut text)?;
    Ok((!text.is_empty()).then_some(text))
}
