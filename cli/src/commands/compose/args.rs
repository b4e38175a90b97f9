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
