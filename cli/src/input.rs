//! Reading inputs: files, directories of parts, standard input. Bounded before anything is read.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use teeproof_core::{
    CollateralParts, InstanceEvidence, Instant, Recognised, TrustAnchor, assemble, limits,
    recognise,
};

use crate::failure::Failure;

/// Reads a whole file or standard input, up to a cap. A sparse file of any size costs no more.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let fail = |error| Failure::read(path, error);
    let cap = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(cap)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
    } else {
        let file = File::open(path).map_err(fail)?;
        file.take(cap).read_to_end(&mut bytes).map_err(fail)?;
    }
    if bytes.len() > limit {
        return Err(Failure::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Recognises one file.
pub(crate) fn recognised(path: &Path) -> Result<Recognised, Failure> {
    recognise(&read(path, limits::BUNDLE)?).map_err(|error| Failure::Input {
        path: path.to_owned(),
        error,
    })
}

/// Files of a directory in the order of their names, without hidden ones, policies and notes: those
/// are written by people for people and are no evidence.
fn parts_of(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fail = |error| Failure::read(directory, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let no_evidence = name.starts_with('.')
            || name.ends_with(".toml")
            || name.ends_with(".md")
            || name.ends_with(".txt")
            || name.ends_with(".der");
        if !no_evidence && entry.path().is_file() && name != "case.json" {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The evidence in a file or a directory.
pub(crate) fn evidence(path: &Path) -> Result<Vec<InstanceEvidence>, Failure> {
    let files = if path.as_os_str() != "-" && path.is_dir() {
        parts_of(path)?
    } else {
        vec![path.to_owned()]
    };
    let parts = files
        .iter()
        .map(|file| recognised(file))
        .collect::<Result<Vec<_>, _>>()?;
    assemble(parts).map_err(|error| Failure::Assemble {
        path: path.to_owned(),
        error,
    })
}

/// Everything that several files and directories hold, for packing.
pub(crate) fn all(paths: &[PathBuf]) -> Result<Vec<Recognised>, Failure> {
    let mut parts = Vec::new();
    for path in paths {
        if path.as_os_str() != "-" && path.is_dir() {
            for file in parts_of(path)? {
                parts.push(recognised(&file)?);
            }
        } else {
            parts.push(recognised(path)?);
        }
    }
    Ok(parts)
}

/// Collateral in files and directories.
pub(crate) fn collateral(paths: &[PathBuf]) -> Result<Vec<CollateralParts>, Failure> {
    let mut found = Vec::new();
    for part in all(paths)? {
        match part {
            Recognised::Collateral(parts) => found.push(*parts),
            Recognised::Evidence(instances) => {
                found.extend(instances.into_iter().flat_map(|one| one.collateral));
            }
            _ => {
                return Err(Failure::Argument {
                    name: "--collateral",
                    problem: "a file among those given holds no collateral".to_owned(),
                    next: "run `teeproof inspect` on the file to see what it is",
                });
            }
        }
    }
    Ok(found)
}

/// A trust anchor in DER or PEM.
pub(crate) fn root(path: &Path) -> Result<TrustAnchor, Failure> {
    let bytes = read(path, limits::PEM_CHAIN)?;
    TrustAnchor::from_der_or_pem(&bytes).map_err(|_| Failure::Root {
        path: path.to_owned(),
    })
}

/// An instant in any of the forms that people write.
pub(crate) fn instant(text: &str, name: &'static str) -> Result<Instant, Failure> {
    let whole = if text.len() == "2025-06-27".len() && text.contains('-') {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    whole
        .parse()
        .ok()
        .or_else(|| text.parse().ok().and_then(Instant::from_unix))
        .ok_or_else(|| Failure::Argument {
            name,
            problem: "not an instant".to_owned(),
            next: "write 2025-06-27T04:53:20Z, 2025-06-27, or seconds since 1970",
        })
}

/// The present. Only the command line reads a clock.
pub(crate) fn now() -> Result<Instant, Failure> {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| Instant::from_unix(elapsed.as_secs()))
        .ok_or_else(|| Failure::Argument {
            name: "--at",
            problem: "the system clock cannot be used".to_owned(),
            next: "name the instant with --at",
        })
}
