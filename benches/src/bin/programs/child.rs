//! What a process costs, from its start to its end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// A program, and how to tell that it did its work.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// A library that is loaded before all others.
    pub(crate) preloaded: Option<PathBuf>,
    /// What is in its output.
    pub(crate) says: &'static str,
}

impl Program {
    /// One that needs nothing but to be there.
    pub(crate) fn new(path: &Path, arguments: &[&Path], says: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            arguments: arguments.iter().map(OsString::from).collect(),
            preloaded: None,
            says,
        }
    }

    pub(crate) fn preloading(mut self, library: &Path) -> Self {
        self.preloaded = Some(library.to_owned());
        self
    }

    /// Runs it and gives what it printed.
    pub(crate) fn output(&self) -> String {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).stdin(Stdio::null());
        if let Some(library) = &self.preloaded {
            command.env("LD_PRELOAD", library);
        }
        let shown = self.path.display();
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.contains(self.says),
            "{shown} was to say `{}`: {}: {said}{}",
            self.says,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }

    /// Microseconds of processor time of one run, in user and system together. It is called from one
    /// thread, so that no other child ends meanwhile.
    pub(crate) fn time(&self) -> f64 {
        let before = microseconds();
        self.output();
        microseconds() - before
    }
}

/// Microseconds that all children have used that ended and were waited for. Linux counts what a
/// process ran to the nanosecond; only how that is shared out between user and system is a guess, and
/// here both are one.
pub(crate) fn microseconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("every process has one");
    #[allow(
        clippy::cast_precision_loss,
        reason = "a benchmark does not run for so long"
    )]
    let of = |time: TimeVal| time.tv_sec() as f64 * 1e6 + time.tv_usec() as f64;
    of(usage.user_time()) + of(usage.system_time())
}

/// MiB of the child that held most at a time.
pub(crate) fn peak() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("every process has one");
    #[allow(clippy::cast_precision_loss, reason = "no process holds so much")]
    let kibibytes = usage.max_rss() as f64;
    kibibytes / 1024.0
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn shell(script: &str, says: &'static str) -> Program {
        Program::new(
            Path::new("/bin/sh"),
            &[Path::new("-c"), Path::new(script)],
            says,
        )
    }

    #[test]
    fn what_a_child_computes_is_counted() {
        let nothing = shell("echo done", "done");
        let something = shell(
            "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done",
            "done",
        );
        let (nothing, something) = (nothing.time(), something.time());
        assert!(something > nothing, "{something} µs beside {nothing} µs");
    }

    #[test]
    #[should_panic(expected = "was to say `trusted`")]
    fn a_program_that_says_something_else_is_not_measured() {
        shell("echo rejected", "trusted").time();
    }

    #[test]
    #[should_panic(expected = "was to say `trusted`")]
    fn a_program_that_fails_is_not_measured() {
        shell("echo trusted; exit 1", "trusted").time();
    }

    /// The clock of the benchmark says what the sample's verdict needs.
    #[test]
    fn the_clock_stands_still() {
        // Beside what was built.
        let own = std::env::current_exe().expect("a program knows its file");
        let folder = own.parent().expect("a file has a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/programs/clock.c");
        let library = folder.join("clock.so");
        let compiled = Command::new("cc")
            .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .status();
        if compiled.is_err() {
            println!("SKIPPED: the clock: there is no cc");
            return;
        }
        assert!(compiled.is_ok_and(|status| status.success()), "clock.c");
        let date = Program::new(Path::new("/bin/date"), &[Path::new("+%s")], "1751000000");
        date.preloading(&library).output();
        assert_eq!(teeproof_benches::AT, 1_751_000_000);
    }
}
