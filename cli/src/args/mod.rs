//! The command line.

mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use teeproof_bindings::ExitCode;

pub(crate) use self::verify::{BatchArgs, JudgeArgs, SecondEngineArg, VerifyArgs};

use crate::commands::compose::ComposeArgs;
#[cfg(feature = "release")]
use crate::commands::version::VersionArgs;
#[cfg(feature = "network")]
use crate::network::{CollateralSource, InstanceOptions};
use crate::quick;

/// Exit codes, for the foot of the help.
fn exit_codes() -> String {
    let rows = ExitCode::ALL
        .iter()
        .map(|code| format!("\n  {:>2}  {}", code.number(), code.meaning()));
    let order: Vec<String> = ExitCode::PRECEDENCE
        .iter()
        .map(|code| code.number().to_string())
        .collect();
    format!(
        "Exit codes:{}\nOf several inputs the first of this order decides: {}",
        rows.collect::<String>(),
        order.join(", ")
    )
}

/// Proves what a confidential VM runs: Intel TDX evidence, judged offline, with a reason for each
/// check.
#[derive(Debug, Parser)]
#[command(name = "teeproof", version, after_help = exit_codes(), max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Reads the command line. To describe commands that were not named takes longer than to read
    /// the words of one that was, so `verify`, which programs call again and again, is read alone,
    /// and without any description where that can be done.
    pub(crate) fn read(words: Vec<OsString>) -> Result<Self, clap::Error> {
        if let [_, command, rest @ ..] = words.as_slice()
            && command == "verify"
        {
            if let Some(args) = quick::verify(rest) {
                let command = Command::Verdict(Verdict::Verify(args));
                return Ok(Self { command });
            }
            let Alone { command } = Alone::try_parse_from(words)?;
            let command = Command::Verdict(command);
            return Ok(Self { command });
        }
        Self::try_parse_from(words)
    }
}

/// [`Args`] without what only other commands need.
#[derive(Debug, Parser)]
#[command(name = "teeproof", max_term_width = 100)]
struct Alone {
    #[command(subcommand)]
    command: Verdict,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verdict {
    /// Judge evidence and say why
    Verify(VerifyArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Verdict(Verdict),
    /// Prove that several instances run the same code, or say where they differ
    Compare(CompareArgs),
    /// Say which instances stop being acceptable, when and why
    Fleet(FleetArgs),
    /// Save the evidence of a running instance as a bundle
    #[cfg(feature = "network")]
    Capture(CaptureArgs),
    /// Decode any input and trust nothing it says
    Inspect(InspectArgs),
    /// Pack evidence into one file, or list what a bundle holds
    Bundle(BundleArgs),
    /// Read the document that the compose hash is of
    Compose(ComposeArgs),
    /// Show collateral, or what collateral a quote needs
    Collateral(CollateralArgs),
    /// Start a policy, or read one aloud
    Policy(PolicyArgs),
    /// Explain a check, or list them all
    Explain(ExplainArgs),
    /// Raise the version of an app, and keep the compose hash of each
    #[cfg(feature = "release")]
    Version(VersionArgs),
    /// Print a completion script for a shell
    #[command(hide = true)]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON object, or a list where there are several
    Json,
}

#[cfg(feature = "network")]
#[derive(Debug, ClapArgs)]
pub(crate) struct CaptureArgs {
    /// The address of the app's evidence endpoint, of the guest agent's public port, or of a cloud's
    /// record
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Where to write the bundle; standard output without it
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// A label to tell bundles apart
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// A host behind which instances take turns will do: capture any of them
    #[arg(long)]
    pub(crate) any_instance: bool,
    /// A test root in DER or PEM, for telling which collateral is needed
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: CollateralSource,
    #[command(flatten)]
    pub(crate) instance: InstanceOptions,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// Evidence of two instances or more: files, directories of one machine's parts, or addresses of
    /// running instances, each of which is asked with a fresh challenge
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[cfg(feature = "network")]
    #[command(flatten)]
    pub(crate) source: CollateralSource,
    #[cfg(feature = "network")]
    #[command(flatten)]
    pub(crate) instance: InstanceOptions,
    /// Claim that every instance runs on a physical machine of its own
    #[arg(long)]
    pub(crate) different_machines: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: CompareFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
    /// One file to mail and to print
    Html,
    /// For the test tab of a pipeline
    Junit,
    /// For code scanning
    Sarif,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct FleetArgs {
    /// Saved evidence: bundles and other files, directories of one machine's parts, and directories
    /// of bundles or of such directories
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Look ahead to this instant; without it 365 days from --at on
    #[arg(long, value_name = "INSTANT")]
    pub(crate) until: Option<String>,
    /// Ask for genuine hardware evidence only: exit 0 without knowing what it runs
    #[arg(long)]
    pub(crate) genuine_only: bool,
    /// Let the worst of all instants decide the exit code, and not the first instant
    #[arg(long)]
    pub(crate) throughout: bool,
    /// What if the policy did not list this compose hash (repeatable)
    #[arg(long, value_name = "HEX32", help_heading = "What if")]
    pub(crate) without_compose_hash: Vec<String>,
    /// What if the policy did not have this named OS set (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "What if")]
    pub(crate) without_os: Vec<String>,
    /// What if the policy refused collateral below this TCB evaluation data number
    #[arg(long, value_name = "NUMBER", help_heading = "What if")]
    pub(crate) min_evaluation_number: Option<u64>,
    /// What if the policy refused this advisory, where the saved collateral names it (repeatable)
    #[arg(long, value_name = "ID", help_heading = "What if")]
    pub(crate) deny_advisory: Vec<String>,
    /// What if Intel published this advisory for platforms of which the saved collateral does not
    /// say so, and the policy refused it
    #[arg(long, value_name = "ID", help_heading = "What if")]
    pub(crate) new_advisory: Option<String>,
    /// The new advisory is about this platform model only (repeatable)
    #[arg(
        long,
        value_name = "HEX6",
        requires = "new_advisory",
        help_heading = "What if"
    )]
    pub(crate) advisory_fmspc: Vec<String>,
    /// The new advisory is about platforms only whose TCB level is dated before this instant
    #[arg(
        long,
        value_name = "INSTANT",
        requires = "new_advisory",
        help_heading = "What if"
    )]
    pub(crate) advisory_before: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: FleetFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FleetFormat {
    /// For people at a terminal
    Text,
    /// For programs
    Json,
    /// For calendars: iCalendar
    Ics,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    /// Anything: a file, a directory of files, or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BundleArgs {
    #[command(subcommand)]
    pub(crate) command: BundleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Pack the parts of one machine's evidence into one file
    Pack {
        /// Quote, event log, app-compose, vm_config, collateral: files or directories
        #[arg(required = true, value_name = "INPUT")]
        inputs: Vec<PathBuf>,
        /// Where to write; standard output without it
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// A label to tell bundles apart
        #[arg(long)]
        label: Option<String>,
        /// When the evidence was captured
        #[arg(long, value_name = "INSTANT")]
        captured_at: Option<String>,
    },
    /// List what a bundle holds
    Show {
        /// The bundle, or - for standard input
        #[arg(value_name = "BUNDLE")]
        input: PathBuf,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CollateralArgs {
    #[command(subcommand)]
    pub(crate) command: CollateralCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CollateralCommand {
    /// Show whose collateral it is, its windows and its numbers
    Show {
        /// Collateral files, or - for standard input
        #[arg(required = true, value_name = "COLLATERAL")]
        inputs: Vec<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Fetch what a quote needs to be verified
    #[cfg(feature = "network")]
    Fetch {
        /// The quote: any evidence that has one, or - for standard input
        #[arg(long, value_name = "QUOTE")]
        quote: PathBuf,
        /// Where to write; standard output without it
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// A test root in DER or PEM
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        #[command(flatten)]
        source: CollateralSource,
    },
    /// List what has to be fetched to verify a quote
    Needs {
        /// Evidence: a file, a directory of parts, or - for standard input
        #[arg(required = true, value_name = "EVIDENCE")]
        inputs: Vec<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print a strict policy with every key explained
    Init,
    /// Say what a policy demands, in sentences
    Explain {
        /// The policy, or - for standard input; the strict default without it
        #[arg(value_name = "POLICY")]
        input: Option<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A check id such as tcb.status, or the code of a reason; all checks without it
    #[arg(value_name = "CHECK")]
    pub(crate) id: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command that is read alone is read as it is among all.
    #[test]
    fn verify_is_read_alone_as_among_all_commands() {
        for words in [
            &["verify", "quote", "--policy", "file", "--genuine-only"][..],
            &["verify", "a", "b", "--format", "json", "--collateral", "c"],
            &["verify", "--batch", "-", "--jobs", "2", "--full"],
            &["verify", "--", "--help"],
            &["verify"],
            &["verify", "--help"],
            &["verify", "-h"],
            &["verify", "help"],
            &["verify", "--version"],
            &["verify", "--polic", "file"],
            &["verify", "--policy"],
            &["verify", "--format", "xml", "quote"],
            &["verify", "--batch", "-", "file"],
            &["verify", "--challenge", "00", "file"],
            &["verify", "--genuine-only", "--genuine-only", "file"],
            // Not the command, though the word is there.
            &["--version", "verify"],
            &["help", "verify"],
            &["explain", "verify"],
            &["verif", "file"],
            &[],
        ] {
            let words: Vec<OsString> = ["teeproof"].iter().chain(words).map(Into::into).collect();
            let told = |read: Result<Args, clap::Error>| match read {
                Ok(args) => format!("{args:?}"),
                Err(error) => format!("{} {}", error.exit_code(), error.render().ansi()),
            };
            assert_eq!(
                told(Args::read(words.clone())),
                told(Args::try_parse_from(&words)),
                "{words:?}"
            );
        }
    }
}
