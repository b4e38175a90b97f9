//! The arguments of `teeproof compose`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

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
