//! What `verify` takes, and with it all that judges.

use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args as ClapArgs;

use super::Format;
#[cfg(feature = "network")]
use crate::network::{CollateralSource, InstanceOptions};

/// What decides a verdict beside the evidence.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct JudgeArgs {
    /// The policy, in TOML or JSON; without it the strict default, which pins nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Collateral beside that in the evidence: a file or a directory (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) collateral: Vec<PathBuf>,
    /// Judge as of this instant: 2025-06-27T04:53:20Z, 2025-06-27, seconds since 1970, or
    /// `captured` for the bundle's own word
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Expect this compose hash (repeatable: any of them)
    #[arg(long, value_name = "HEX32")]
    pub(crate) expect_compose_hash: Vec<String>,
    /// Expect this app id (repeatable)
    #[arg(long, value_name = "HEX20")]
    pub(crate) expect_app_id: Vec<String>,
    /// Expect these 64 bytes of report data (repeatable)
    #[arg(long, value_name = "HEX64")]
    pub(crate) expect_report_data: Vec<String>,
    /// Expect this named OS set of the policy (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(crate) expect_os: Vec<String>,
    /// Expect this RTMR3 (repeatable)
    #[arg(long, value_name = "HEX48")]
    pub(crate) expect_rtmr3: Vec<String>,
    /// A test root in DER or PEM: the verdict is then `simulated` at best
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// Evidence: a file, a directory of one machine's parts, - for standard input, or the address
    /// of a running instance, which is asked with a fresh challenge
    #[arg(required_unless_present = "batch", value_name = "EVIDENCE")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) batch: BatchArgs,
    /// The challenge that was sent, in hex
    #[arg(long, value_name = "HEX", requires = "challenge_rule")]
    pub(crate) challenge: Option<String>,
    /// How report data derives from the challenge: raw64, zero-padded, sha256-padded, sha512,
    /// teeproof-evidence or app-data-sha512
    #[arg(long, value_name = "RULE", requires = "challenge")]
    pub(crate) challenge_rule: Option<String>,
    /// Ask for genuine hardware evidence only: exit 0 without knowing what it runs
    #[arg(long)]
    pub(crate) genuine_only: bool,
    #[cfg(feature = "network")]
    #[command(flatten)]
    pub(crate) source: CollateralSource,
    #[cfg(feature = "network")]
    #[command(flatten)]
    pub(crate) instance: InstanceOptions,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

/// Many pieces of evidence in one run.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Batch")]
pub(crate) struct BatchArgs {
    /// Judge many, each for itself: every file below a directory, in a zip or tar archive, or in a
    /// line of a file, or - for a tar archive or lines on standard input; prints one line of JSON each
    #[arg(long, value_name = "PATH", conflicts_with_all = ["inputs", "challenge", "format"])]
    pub(crate) batch: Option<PathBuf>,
    /// Write results here, and leave out what has its result here already
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
    /// Write the summary here as JSON; people find it on standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// Put the whole answer into each line
    #[arg(long)]
    pub(crate) full: bool,
    /// Ask the second engine about `all` items, `none`, or every N-th
    /// [default: all]
    #[arg(long, value_name = "WHICH")]
    pub(crate) second_engine: Option<SecondEngineArg>,
    /// Workers beside one another [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// MiB in which what was verified is remembered [default: 4]
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<usize>,
}

impl BatchArgs {
    /// An option that says nothing without `--batch`, where that is not given. What conflicts with
    /// something that is given clap does not require.
    pub(crate) fn stray(&self) -> Option<&'static str> {
        let given = [
            ("--resume", self.resume.is_some()),
            ("--summary", self.summary.is_some()),
            ("--full", self.full),
            ("--second-engine", self.second_engine.is_some()),
            ("--jobs", self.jobs.is_some()),
            ("--memory", self.memory.is_some()),
        ];
        given
            .into_iter()
            .find(|(_, given)| *given && self.batch.is_none())
            .map(|(name, _)| name)
    }
}

/// Which items of a batch the second engine is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondEngineArg {
    All,
    None,
    /// The first of every so many.
    Every(NonZeroU64),
}

impl FromStr for SecondEngineArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            "none" => Ok(Self::None),
            _ => text
                .parse()
                .map(Self::Every)
                .map_err(|_| "write all, none, or a number from 1"),
        }
    }
}

impl fmt::Display for SecondEngineArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::None => f.write_str("none"),
            Self::Every(step) => write!(f, "one of {step}"),
        }
    }
}
