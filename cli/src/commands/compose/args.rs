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
    /// Find what weakens an app-compose, by rule
    Lint(LintArgs),
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
pub(crate) struct LintArgs {
    /// The app-compose document, evidence that brings it, or - for standard input
    #[arg(value_name = "APP_COMPOSE")]
    pub(crate) input: PathBuf,
    /// The OS image that the app runs on, such as dstack-0.5.6: finds fields that it does not know
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: Option<String>,
    /// Accepted findings, in TOML: tables [[suppress]] with rule, reason and, if it is for one
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
