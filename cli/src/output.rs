//! Where text goes: results to stdout, the rest to stderr.

use std::io::{BufWriter, IsTerminal, Write};

use crate::failure::Failure;
use crate::paint::{Line, escaped, escaped_json, escaped_lines};

/// Bytes that are written at once: a transcript.
const BUFFER: usize = 16 * 1024;

/// Standard output with or without colour.
pub(crate) struct Output {
    out: BufWriter<std::io::Stdout>,
    colour: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = stdout.is_terminal() && !refused;
        Self {
            out: BufWriter::with_capacity(BUFFER, stdout),
            colour,
        }
    }

    /// One line, whatever is in it.
    pub(crate) fn line(&mut self, line: impl Into<Line>) -> Result<(), Failure> {
        self.block(&line.into().render(self.colour))
    }

    /// Lines of this program's own, such as a manual page.
    pub(crate) fn block(&mut self, text: &str) -> Result<(), Failure> {
        self.exact(text.trim_end())?;
        self.exact("\n")
    }

    /// A document that is written to a file, or to a terminal by mistake.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.block(&escaped_lines(text))
    }

    /// A document of which every line end counts and whose writer has taken out what could act on a
    /// terminal.
    pub(crate) fn exact(&mut self, text: &str) -> Result<(), Failure> {
        self.out
            .write_all(text.as_bytes())
            .map_err(|error| Failure::Write { path: None, error })
    }

    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Write {
            path: None,
            error: error.into(),
        })?;
        self.json_text(&text)
    }

    pub(crate) fn json_text(&mut self, text: &str) -> Result<(), Failure> {
        self.block(&escaped_json(text))
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out
            .flush()
            .map_err(|error| Failure::Write { path: None, error })
    }

    /// A failure and its next step, to stderr.
    pub(crate) fn error(&mut self, failure: &Failure) {
        // What was written before stays in its order; a second failure to write has no place to go.
        let _ = self.out.flush();
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(
            stderr,
            "error: {}\n  next: {}",
            escaped(&failure.to_string()),
            failure.next_step()
        );
    }
}
