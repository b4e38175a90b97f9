//! Reading inputs: files, directories of parts, standard input. Bounded before anything is read.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use teeproof_core::{
    CollateralParts, InstanceEvidence, Instant, Recognised, TrustAnchor, assemble, limits,
    recognise,
};

use crate::failure::{Failure, shown};

/// What is read: it decides how much at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Evidence,
    Policy,
    AppCompose,
    DockerCompose,
    Settings,
    Answer,
    Suppressions,
    Approved,
    Root,
}

impl Kind {
    pub(crate) const fn limit(self) -> usize {
        match self {
            Self::Evidence => limits::BUNDLE,
            Self::Policy => limits::POLICY,
            Self::AppCompose => limits::APP_COMPOSE,
            Self::DockerCompose => teeproof_compose::limits::YAML,
            Self::Settings => limits::POLICY,
            Self::Answer => limits::EVENT_LOG,
            Self::Suppressions => teeproof_compose::limits::SUPPRESSIONS,
            Self::Approved => teeproof_compose::limits::APPROVED,
            Self::Root => limits::PEM_CHAIN,
        }
    }

    pub(crate) const fn next_step(self) -> &'static str {
        match self {
            Self::Evidence => "give one machine's evidence, not an archive or a disk image",
            Self::AppCompose => "give the app-compose.json that was handed to the guest",
            Self::DockerCompose => "give the docker-compose file of the app",
            Self::Settings => "give the settings of the app, or a script that they name",
            Self::Answer => "give the answer as it came, about one app",
            Self::Suppressions => "give a file of suppressions",
            Self::Approved => {
                "write one compose hash of 64 hex digits per line, or a JSON list of them"
            }
            Self::Policy => "give a policy; `teeproof policy init` prints one to start from",
            Self::Root => "give one root certificate in DER or PEM",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Evidence => "an input",
            Self::Suppressions => "a file of suppressions",
            Self::Policy => "a policy",
            Self::AppCompose => "an app-compose document",
            Self::DockerCompose => "a docker-compose file",
            Self::Settings => "a file of settings or a script",
            Self::Answer => "an answer",
            Self::Approved => "a list of approved hashes",
            Self::Root => "a root certificate",
        })
    }
}

/// Reads a whole file or standard input, up to a cap.
pub(crate) fn read(path: &Path, kind: Kind) -> Result<Vec<u8>, Failure> {
    let fail = |error| Failure::read(path, error);
    let too_large = |size| Failure::TooLarge {
        path: path.to_owned(),
        size,
        kind,
    };
    let limit = u64::try_from(kind.limit()).unwrap_or(u64::MAX);
    let read = |source: &mut dyn Read, size: u64| {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        source
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(fail)?;
        Ok::<_, Failure>(bytes)
    };
    let bytes = if path.as_os_str() == "-" {
        read(&mut std::io::stdin().lock(), 0)?
    } else {
        let mut file = File::open(path).map_err(fail)?;
        // A device has no length of its own: there the cap on reading holds.
        let size = file.metadata().map_err(fail)?.len();
        if size > limit {
            return Err(too_large(Some(size)));
        }
        read(&mut file, size)?
    };
    if bytes.len() > kind.limit() {
        return Err(too_large(None));
    }
    Ok(bytes)
}

/// Recognises one file.
pub(crate) fn recognised(path: &Path) -> Result<Recognised, Failure> {
    recognise(&read(path, Kind::Evidence)?).map_err(|error| Failure::Input {
        path: path.to_owned(),
        error,
    })
}

/// Files of a directory in the order of their names, without hidden ones, policies, notes and roots:
/// those are written by people for people and are no evidence.
fn parts_of(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fail = |error| Failure::read(directory, error);
    let mut files = Vec::new();
    let mut passed_over = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let no_evidence = name.starts_with('.')
            || [".toml", ".md", ".txt", ".der"]
                .iter()
                .any(|ending| name.ends_with(ending));
        if !entry.path().is_file() {
            continue;
        }
        if no_evidence {
            passed_over.push(name);
        } else {
            files.push(entry.path());
        }
    }
    if files.is_empty() {
        passed_over.sort();
        return Err(Failure::NoEvidence {
            path: directory.to_owned(),
            passed_over,
        });
    }
    files.sort();
    Ok(files)
}

/// A file, or the files of a directory.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.as_os_str() != "-" && path.is_dir() {
        parts_of(path)
    } else {
        Ok(vec![path.to_owned()])
    }
}

/// The evidence in a file or a directory.
pub(crate) fn evidence(path: &Path) -> Result<Vec<InstanceEvidence>, Failure> {
    let parts = files(path)?
        .iter()
        .map(|file| recognised(file))
        .collect::<Result<Vec<_>, _>>()?;
    assemble(parts).map_err(|error| Failure::Assemble {
        path: path.to_owned(),
        error,
    })
}

/// Everything that several files and directories hold, with its path.
pub(crate) fn all(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Recognised)>, Failure> {
    let mut parts = Vec::new();
    for path in paths {
        for file in files(path)? {
            let part = recognised(&file)?;
            parts.push((file, part));
        }
    }
    Ok(parts)
}

/// Collateral in files and directories, alone or beside evidence. Each path has to bring some.
pub(crate) fn collateral(
    paths: &[PathBuf],
    argument: &'static str,
) -> Result<Vec<CollateralParts>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let mut of_path = Vec::new();
        let mut others = Vec::new();
        for (_, part) in all(std::slice::from_ref(path))? {
            others.push(named(&part));
            match part {
                Recognised::Collateral(parts) => of_path.push(*parts),
                Recognised::Evidence(instances) => {
                    of_path.extend(instances.into_iter().flat_map(|one| one.collateral));
                }
                _ => {}
            }
        }
        if of_path.is_empty() {
            return Err(Failure::Argument {
                name: argument,
                problem: format!(
                    "no collateral in {}, which is {}",
                    shown(path),
                    others.join(", ")
                ),
                next: "give collateral as one JSON file, or evidence that brings it",
            });
        }
        found.extend(of_path);
    }
    Ok(found)
}

/// What an input was recognised as.
pub(crate) fn named(part: &Recognised) -> String {
    match part {
        Recognised::Evidence(instances) => instances.first().map_or_else(
            || "evidence of nothing".to_owned(),
            |one| format!("evidence ({})", one.kind),
        ),
        Recognised::EventLog(_) => "an event log".to_owned(),
        Recognised::AppCompose(_) => "an app-compose document".to_owned(),
        Recognised::Collateral(_) => "collateral".to_owned(),
        Recognised::VmConfig(_) => "a vm_config document".to_owned(),
        Recognised::MrConfigDocument(_) => "an MrConfigV3 document".to_owned(),
        Recognised::PckChain(_) => "a certificate chain".to_owned(),
        _ => "of another kind".to_owned(),
    }
}

/// A trust anchor in DER or PEM.
pub(crate) fn root(path: &Path) -> Result<TrustAnchor, Failure> {
    let bytes = read(path, Kind::Root)?;
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
            problem: format!("`{text}` is not an instant"),
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
