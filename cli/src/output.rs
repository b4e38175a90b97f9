//! Where text goes: results to stdout, the rest to stderr.

use std::io::{BufWriter, IsTerminal, Write};

use crate::failure::Failure;
use crate::paint::Paint;

/// Standard output with or without colour.
pub(crate) struct Output {
    out: BufWriter<std::io::Stdout>,
    paint: Paint,
}

impl Output {
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout();
        let colour = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            out: BufWriter::new(stdout),
            paint: Paint::new(colour),
        }
    }

    pub(crate) const fn paint(&self) -> Paint {
        self.paint
    }

    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        writeln!(self.out, "{}", text.as_ref()).map_err(|error| Failure::Write { error })
    }

    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Write {
            error: error.into(),
        })?;
        self.line(text)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|error| Failure::Write { error })
    }

    /// A failure and its next step, to stderr.
    pub(crate) fn error(&mut self, failure: &Failure) {
        // What was written before stays in its order; a second failure to write has no place to go.
        let _ = self.out.flush();
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "error: {failure}\n  next: {}", failure.next_step());
    }
}
