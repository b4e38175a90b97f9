//! `teeproof version`: the version of an app, in every file that names it, in git and in the table of
//! compose hashes.

mod changelog;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde::Serialize;
use teeproof_bindings::ExitCode;
use teeproof_compose::AppCompose;
use teeproof_core::ComposeHash;
use teeproof_git::{GitError, WorkTree};
use teeproof_release::{
    CONFIG, Config, FILE, Part, Recorded, ReleaseError, Version, agreed, bump, record, tag_of,
};

use self::changelog::Entry;
use crate::args::Format;
use crate::failure::{Failure, shown};
use crate::input::{Kind, read};
use crate::output::Output;

#[derive(Debug, ClapArgs)]
pub(crate) struct VersionArgs {
    #[command(subcommand)]
    command: VersionCommand,
}

#[derive(Debug, Subcommand)]
enum VersionCommand {
    /// Raise the version in every source, commit it and tag it
    Bump {
        /// Which part is raised
        part: PartArg,
        /// Show the files, the commit and the tag, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigArg,
    },
    /// Show the version that all sources agree on
    Show {
        #[command(flatten)]
        config: ConfigArg,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Write the compose hash of the present version into the table of versions
    Record {
        /// The compose hash
        #[arg(long, value_name = "HEX32", required_unless_present = "app_compose")]
        compose_hash: Option<String>,
        /// The app-compose document that the hash is of
        #[arg(long, value_name = "FILE", conflicts_with = "compose_hash")]
        app_compose: Option<PathBuf>,
        /// Show the row and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        config: ConfigArg,
    },
}

#[derive(Debug, ClapArgs)]
struct ConfigArg {
    /// The configuration; every path in it is relative to its folder
    #[arg(long, value_name = "FILE", default_value = CONFIG)]
    config: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PartArg {
    /// 1.2.3 becomes 2.0.0
    Major,
    /// 1.2.3 becomes 1.3.0
    Minor,
    /// 1.2.3 becomes 1.2.4
    Patch,
}

impl From<PartArg> for Part {
    fn from(part: PartArg) -> Self {
        match part {
            PartArg::Major => Self::Major,
            PartArg::Minor => Self::Minor,
            PartArg::Patch => Self::Patch,
        }
    }
}

pub(crate) fn run(args: &VersionArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    match &args.command {
        VersionCommand::Bump {
            part,
            dry_run,
            config,
        } => App::open(&config.config)?.bump((*part).into(), *dry_run, output)?,
        VersionCommand::Show { config, format } => {
            App::open(&config.config)?.show(*format, output)?;
        }
        VersionCommand::Record {
            compose_hash,
            app_compose,
            dry_run,
            config,
        } => {
            let hash = hash(compose_hash.as_deref(), app_compose.as_deref())?;
            App::open(&config.config)?.record(hash, *dry_run, output)?;
        }
    }
    Ok(ExitCode::Trusted)
}

/// The hash that is recorded.
fn hash(text: Option<&str>, document: Option<&Path>) -> Result<ComposeHash, Failure> {
    match (text, document) {
        (Some(text), _) => text.parse().map_err(|error| Failure::Argument {
            name: "--compose-hash",
            problem: format!("{error}"),
            next: "write plain hex without a prefix such as 0x or sha256:",
        }),
        (None, Some(path)) => {
            let bytes = read(path, Kind::AppCompose)?;
            AppCompose::parse(&bytes)
                .map(|document| document.hash())
                .map_err(|error| Failure::Compose {
                    path: path.to_owned(),
                    error,
                })
        }
        (None, None) => Err(Failure::Argument {
            name: "--compose-hash",
            problem: "no compose hash was given".to_owned(),
            next: "give --compose-hash or --app-compose",
        }),
    }
}

/// An app whose versions are kept.
struct App {
    config: Config,
    folder: PathBuf,
    /// The text of each source, as it is on the disk.
    files: BTreeMap<String, String>,
    version: Version,
}

#[derive(Serialize)]
struct ShowAnswer {
    version: String,
    tag: String,
    files: Vec<String>,
    history: String,
    /// `null` where none is written.
    changelog: Option<String>,
}

impl App {
    fn open(path: &Path) -> Result<Self, Failure> {
        let text = text_of(path).map_err(|failure| match failure {
            Failure::Read { path, error } if error.kind() == ErrorKind::NotFound => {
                Failure::Release {
                    code: "release.no-config",
                    problem: format!("there is no configuration {}", shown(&path)),
                    next: "write one, as docs/upgrade-guide.md shows, or name it with --config",
                    code_of: ExitCode::Unreadable,
                }
            }
            other => other,
        })?;
        let config = Config::parse(&text).map_err(|error| refused(&error))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut files = BTreeMap::new();
        for name in config.files() {
            files.insert(name.to_owned(), text_of(&folder.join(name))?);
        }
        let version = agreed(&config, &files).map_err(|error| refused(&error))?;
        Ok(Self {
            config,
            folder,
            files,
            version,
        })
    }

    fn show(&self, format: Format, output: &mut Output) -> Result<(), Failure> {
        match format {
            Format::Text => output.line(self.version.to_string()),
            Format::Json => output.json(&ShowAnswer {
                version: self.version.to_string(),
                tag: tag_of(&self.config, &self.version),
                files: self.files.keys().cloned().collect(),
                history: self.config.history.clone(),
                changelog: self.config.changelog.clone(),
            }),
        }
    }

    fn bump(&self, part: Part, dry_run: bool, output: &mut Output) -> Result<(), Failure> {
        let tree = WorkTree::open(&self.folder).map_err(of_git)?;
        let present = tag_of(&self.config, &self.version);
        let released = format!("Release {present}");
        let head = tree.head().map_err(of_git)?.ok_or(Failure::Release {
            code: "release.no-commit",
            problem: "the repository has no commit yet".to_owned(),
            next: "commit what there is",
            code_of: ExitCode::Usage,
        })?;
        clean(&tree)?;
        if tree.subject().map_err(of_git)? == released {
            // The last commit is this command's own. A second run has nothing left to do but what
            // the first one did not get to.
            return match tree.tagged(&present).map_err(of_git)? {
                Some(commit) if commit == head => output.line(format!(
                    "{present} is the last commit and is tagged; nothing to do"
                )),
                Some(commit) => Err(taken(&present, &commit)),
                None if dry_run => output.line(format!(
                    "would tag the last commit as {present}, nothing else"
                )),
                None => {
                    tree.tag(&present, &released).map_err(of_git)?;
                    output.line(format!(
                        "{present} was committed before; the last commit is tagged now"
                    ))?;
                    next_steps(&present, output)
                }
            };
        }
        let plan = bump(&self.config, &self.files, part).map_err(|error| refused(&error))?;
        if let Some(commit) = tree.tagged(&plan.tag).map_err(of_git)? {
            return Err(taken(&plan.tag, &commit));
        }
        let entry = changelog::entry(&self.config, &self.folder, &tree, &plan.old, &plan.new)?;
        let would = if dry_run { "would be " } else { "" };
        output.line(format!("version {} → {}", plan.old, plan.new))?;
        let mut files = plan.files;
        let changelog = entry.iter().filter(|one| one.new != one.old);
        files.extend(changelog.map(|one| (one.name.clone(), one.new.clone())));
        if !dry_run {
            self.commit(&tree, &files, &plan.message, entry.as_ref())?;
            tree.tag(&plan.tag, &plan.message).map_err(of_git)?;
        }
        for (name, _) in &files {
            output.line(format!("  {would}written   {name}"))?;
        }
        output.line(format!("  {would}committed {}", plan.message))?;
        output.line(format!("  {would}tagged    {}", plan.tag))?;
        if let Some(entry) = entry {
            for note in &entry.notes {
                output.line(format!("  note: {note}"))?;
            }
            if dry_run && !entry.section.is_empty() {
                output.line(format!("{} would get:", entry.name))?;
                for line in entry.section.lines() {
                    output.line(format!("  | {line}").trim_end())?;
                }
            }
        }
        if dry_run {
            return output.line("nothing was changed");
        }
        next_steps(&plan.tag, output)
    }

    /// Writes files and commits them, or leaves everything as it was.
    fn commit(
        &self,
        tree: &WorkTree,
        files: &[(String, String)],
        message: &str,
        entry: Option<&Entry>,
    ) -> Result<(), Failure> {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let done = files
            .iter()
            .try_for_each(|(name, text)| self.write(name, text))
            .and_then(|()| tree.commit(message, &names).map_err(of_git));
        if done.is_err() {
            let changelog = entry.map(|one| (&one.name, &one.old));
            for (name, text) in self.files.iter().chain(changelog) {
                self.write(name, text)?;
            }
        }
        done
    }

    fn record(&self, hash: ComposeHash, dry_run: bool, output: &mut Output) -> Result<(), Failure> {
        let name = &self.config.history;
        let path = self.folder.join(name);
        let old = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            _ => Some(text_of(&path)?),
        };
        let version = &self.version;
        let recorded = record(old.as_deref(), version, hash).map_err(|error| refused(&error))?;
        let (words, text) = match recorded {
            Recorded::Unchanged => {
                return output.line(format!("{name} has {version} with {hash}; nothing to do"));
            }
            Recorded::Added(text) => (format!("{version} with {hash} added to {name}"), text),
            Recorded::Replaced { was, text } => {
                (format!("{version} in {name} had {was}, now {hash}"), text)
            }
        };
        if dry_run {
            output.line(format!("would be: {words}"))?;
            return output.line("nothing was changed");
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::Write {
                path: Some(folder.to_owned()),
                error,
            })?;
        }
        self.write(name, &text)?;
        output.line(words)?;
        output.line(format!("next: review and commit {name}"))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|error| Failure::Write {
            path: Some(path),
            error,
        })
    }
}

fn next_steps(tag: &str, output: &mut Output) -> Result<(), Failure> {
    output.line("next:")?;
    output.line(format!(
        "  git push --follow-tags            # {tag} builds and deploys"
    ))?;
    output.line("  teeproof compose diff OLD NEW     # what the new app-compose changes")?;
    output.line("  teeproof version record --app-compose NEW")
}

/// Refuses a tree with changes: they would not be in the commit that is tagged, or by mistake.
fn clean(tree: &WorkTree) -> Result<(), Failure> {
    let (named, count) = tree.changed().map_err(of_git)?;
    if count == 0 {
        return Ok(());
    }
    let more = if count > named.len() { ", …" } else { "" };
    Err(Failure::Release {
        code: "release.dirty",
        problem: format!(
            "{count} files differ from the last commit: {}{more}",
            named.join(", ")
        ),
        next: "commit them, or put them away with `git stash --include-untracked`",
        code_of: ExitCode::Usage,
    })
}

fn taken(tag: &str, commit: &str) -> Failure {
    Failure::Release {
        code: "release.tag-exists",
        problem: format!("there is a tag {tag} already, on commit {commit}"),
        next: "find out what was released under that name; a released tag is never moved",
        code_of: ExitCode::Usage,
    }
}

fn refused(error: &ReleaseError) -> Failure {
    Failure::Release {
        code: error.code(),
        problem: error.to_string(),
        next: error.next_step(),
        code_of: ExitCode::Usage,
    }
}

fn of_git(error: GitError) -> Failure {
    Failure::Release {
        code: error.code(),
        next: error.next_step(),
        problem: error.to_string(),
        code_of: ExitCode::Adapter,
    }
}

/// A text file of bounded size.
fn text_of(path: &Path) -> Result<String, Failure> {
    let size = fs::metadata(path)
        .map_err(|error| Failure::read(path, error))?
        .len();
    let refused = |problem: String| Failure::Release {
        code: "release.file",
        problem,
        next: "name another file in the configuration",
        code_of: ExitCode::Unreadable,
    };
    if usize::try_from(size).map_or(true, |size| size > FILE) {
        return Err(refused(format!(
            "{} has {size} bytes; at most {FILE} are read",
            shown(path)
        )));
    }
    let bytes = fs::read(path).map_err(|error| Failure::read(path, error))?;
    String::from_utf8(bytes).map_err(|_| refused(format!("{} is not UTF-8", shown(path))))
}
