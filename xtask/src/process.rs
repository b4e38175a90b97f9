//! Programs that chores start: Cargo, and what it built.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::repository;

/// Cargo, in the root of the repository.
pub(crate) fn cargo(command: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut run = Command::new(cargo);
    run.current_dir(repository::root()).arg(command);
    run
}

/// What a program prints, if it ends well.
pub(crate) fn output(mut command: Command) -> io::Result<String> {
    let run = command.stderr(Stdio::inherit()).output()?;
    if run.status.success() {
        return Ok(String::from_utf8_lossy(&run.stdout).into_owned());
    }
    let message = format!("{command:?}: {}", run.status);
    Err(io::Error::other(message))
}

/// Where Cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    repository::root().join(named)
}
