//! `cargo xtask bench`: figures into `docs/performance.md`.

use std::process::{Command, ExitCode, Stdio};
use std::{fs, io};

use crate::repository;

const DOCUMENT: &str = "docs/performance.md";
const PLOTS: &str = "docs/performance";
const BEGIN: &str = "<!-- measured: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- end of what is measured -->";

/// Runs the benchmark program as it would ship and puts what it prints between the two marks of the
/// document.
pub fn write(rounds: &str) -> io::Result<ExitCode> {
    let root = repository::root();
    fs::create_dir_all(root.join(PLOTS))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = Command::new(cargo)
        .current_dir(root)
        .args([
            "run",
            "--release",
            "--locked",
            "--package",
            "teeproof-benches",
        ])
        .args(["--bin", "side-by-side", "--", rounds, PLOTS])
        .stderr(Stdio::inherit())
        .output()?;
    if !run.status.success() {
        return Ok(ExitCode::FAILURE);
    }
    let measured = String::from_utf8_lossy(&run.stdout);
    let path = root.join(DOCUMENT);
    let document = fs::read_to_string(&path)?;
    let written = replaced(&document, &measured).ok_or_else(|| {
        let message = format!("{DOCUMENT} lacks its two marks");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    fs::write(path, written)?;
    Ok(ExitCode::SUCCESS)
}

fn replaced(document: &str, measured: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    // The plots stand in a folder beside the document.
    let measured = measured.replace("](", "](performance/");
    Some(format!(
        "{before}{BEGIN}\n{}\n{END}{after}",
        measured.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_written_anew() {
        let document = format!("before\n{BEGIN}old\n{END}\nafter\n");
        let written = replaced(&document, "new ![x](a.svg)\n").unwrap();
        let expected = format!("before\n{BEGIN}\nnew ![x](performance/a.svg)\n{END}\nafter\n");
        assert_eq!(written, expected);
        // And again, with the same outcome.
        assert_eq!(replaced(&written, "new ![x](a.svg)\n").unwrap(), expected);
        assert_eq!(replaced("no marks", "new"), None);
    }
}
