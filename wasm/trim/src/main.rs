//! Makes the main module out of the whole one. What verdicts on evidence in order never come to becomes
//! an `unreachable`, and an optimiser drops what is of no more use. The module then does what the whole
//! one does, or traps; it is never of another opinion.
//!
//! ```text
//! teeproof-wasm-trim mark MODULE.wasm MARKED.wasm       tells `profile.ran` of each place it comes to
//! teeproof-wasm-trim trim MODULE.wasm RAN TRIMMED.wasm  by the numbers of the places that were come to
//! ```

#![forbid(unsafe_code)]

mod places;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use walrus::Module;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["mark", module, marked] => {
            let mut module = read(module)?;
            places::mark(&mut module)?;
            write(&mut module, marked)
        }
        ["trim", module, ran, trimmed] => {
            let mut module = read(module)?;
            places::trim(&mut module, &numbers(ran)?)?;
            write(&mut module, trimmed)
        }
        _ => bail!("usage: teeproof-wasm-trim mark MODULE MARKED | trim MODULE RAN TRIMMED"),
    }
}

fn read(path: &str) -> Result<Module> {
    Module::from_file(path).with_context(|| format!("reading {path}"))
}

fn write(module: &mut Module, path: &str) -> Result<()> {
    let bytes = module.emit_wasm();
    fs::write(path, bytes).with_context(|| format!("writing {path}"))
}

/// One number a line.
fn numbers(path: &str) -> Result<BTreeSet<usize>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    text.lines()
        .map(|line| line.parse().with_context(|| format!("{path}: `{line}`")))
        .collect()
}
