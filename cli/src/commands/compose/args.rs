//! The arguments of `teeproof compose`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use crate::args::Format;

#[derive(Debug, ClapArgs)]
pub(crate) struct ComposeArgs {
    #[command(subcommand)]
    pub(crate) command: ComposeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ComposeCommand {
    /// Print the compose hash: SHA-256 of these exact bytes
    Hash(HashArgs),
    /// Build an app-compose, or predict the one that Phala Cloud writes
    Build(BuildArgs),
    /// Say which bytes each hash is of, and which was measured
    Reconcile(ReconcileArgs),
    /// Find what weakens an app-compose, by rule
    Lint(LintArgs),
    /// Say what changed from one app-compose to another, and how risky each change is
    Diff(DiffArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct HashArgs {
    /// The app-compose document, or - for standard input
    #[arg(value_name = "APP_COMPOSE")]
    pub(crate) input: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

/// Who is handed the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuildFor {
    /// A dstack host, which takes the bytes as they are
    Dstack,
    /// Phala Cloud, which completes the document and writes it anew
    Phala,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BuildArgs {
    /// The docker-compose file, or - for standard input
    #[arg(value_name = "DOCKER_COMPOSE")]
    pub(crate) input: PathBuf,
    /// The settings of the app: docs/compose-hash.md lists them
    #[arg(long, value_name = "APP_TOML")]
    pub(crate) from: PathBuf,
    /// Who is handed the document
    #[arg(long = "for", value_enum, value_name = "WHOM")]
    pub(crate) target: BuildFor,
    /// Where the document is written
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReconcileArgs {
    /// The docker-compose file
    #[arg(long, value_name = "FILE")]
    pub(crate) yaml: Option<PathBuf>,
    /// An answer of Phala Cloud that states a compose hash or holds the document
    #[arg(long, value_name = "FILE")]
    pub(crate) platform: Option<PathBuf>,
    /// The document as some address serves it
    #[arg(long, value_name = "FILE")]
    pub(crate) served: Option<PathBuf>,
    /// Evidence of the machine: it says what was measured, and is not verified here
    #[arg(long, value_name = "EVIDENCE")]
    pub(crate) bundle: Option<PathBuf>,
    /// Hashes that are allowed on-chain, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Option<PathBuf>,
    /// A hash that was expected, in any spelling
    #[arg(long, value_name = "HASH")]
    pub(crate) expect: Option<String>,
    /// Another pre-launch script to try, such as last month's; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LintArgs {
    /// The app-compose document, evidence that brings it, or - for standard input
    #[arg(value_name = "APP_COMPOSE")]
    pub(crate) input: PathBuf,
    /// The OS image that the app runs on, such as dstack-0.5.6: finds fields that it does not know
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: Option<String>,
    /// Accepted findings, in TOML: tables `[[suppress]]` with rule, reason and, if it is for one
    /// service only, service
    #[arg(long, value_name = "FILE")]
    pub(crate) suppress: Option<PathBuf>,
    /// End with code 5 if there is a finding as grave as this
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "error")]
    pub(crate) deny: Deny,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: LintFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Never
    None,
    /// Any finding
    Note,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code scanning
    Sarif,
    /// For the test tab of a pipeline
    Junit,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The old app-compose document
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The new app-compose document
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Approved compose hashes: one per line, or a JSON list; exit 5 if the new one is not among them
    #[arg(long, value_name = "FILE")]
    pub(crate) approved: Option<PathBuf>,
    /// A policy that pins compose hashes; exit 5 if the new one is not among them
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
    /// For a comment on a pull request
    Markdown,
}
