//! `cargo xtask <chore> [--check]`: writes what is generated from the code, or with `--check` fails
//! if what stands in the repository is not what the code gives. `cargo xtask cinstall` installs the C
//! library, `cargo xtask bench` measures, `cargo xtask startup` lays out the program.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use xtask::cinstall::{Installation, install};
use xtask::{CHORES, Chore, Generated, bench, repository, startup};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["cinstall", options @ ..] = arguments.as_slice() {
        return install_library(options);
    }
    if let ["bench", options @ ..] = arguments.as_slice() {
        let (rounds, parts) = match options {
            ["--rounds", rounds, parts @ ..] => (*rounds, parts),
            parts => ("31", parts),
        };
        let named: Option<Vec<bench::Part>> =
            parts.iter().map(|name| bench::Part::of(name)).collect();
        return match named {
            Some(none) if none.is_empty() => bench::write(&bench::Part::ALL, rounds),
            Some(parts) => bench::write(&parts, rounds),
            None => usage(),
        };
    }
    if arguments == ["startup"] {
        write(&startup::file()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (name, check) = match arguments.as_slice() {
        [name] => (*name, false),
        [name, "--check"] | ["--check", name] => (*name, true),
        _ => return usage(),
    };
    match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) if check => verify(chore),
        Some(chore) => generate(chore),
        None => usage(),
    }
}

fn generate(chore: &Chore) -> io::Result<ExitCode> {
    for file in (chore.files)() {
        write(&file)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(file: &Generated) -> io::Result<()> {
    file.write_to(repository::root())?;
    writeln!(io::stdout(), "wrote {}", file.path)
}

fn verify(chore: &Chore) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let mut exit = ExitCode::SUCCESS;
    for file in (chore.files)() {
        match file.drift_from(repository::root()) {
            None => writeln!(out, "{} is current", file.path)?,
            Some(drift) => {
                writeln!(
                    out,
                    "{}: {drift}; run `cargo xtask {}`",
                    file.path, chore.name
                )?;
                exit = ExitCode::FAILURE;
            }
        }
    }
    Ok(exit)
}

/// `cinstall --prefix DIR [--libraries DIR] [--lean]`.
fn install_library(options: &[&str]) -> io::Result<ExitCode> {
    let (mut prefix, mut libraries, mut lean) = (None, None, false);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match (*option, rest.as_slice()) {
            ("--lean", _) => lean = true,
            ("--prefix", [value, ..]) => {
                prefix = Some(value.into());
                rest.next();
            }
            ("--libraries", [value, ..]) => {
                libraries = Some(value.into());
                rest.next();
            }
            _ => return usage(),
        }
    }
    let Some(prefix) = prefix else {
        return usage();
    };
    let mut out = io::stdout().lock();
    for path in install(&Installation {
        prefix,
        libraries,
        lean,
    })? {
        writeln!(out, "installed {}", path.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn usage() -> io::Result<ExitCode> {
    let mut err = io::stderr().lock();
    writeln!(err, "usage: cargo xtask <chore> [--check]\n")?;
    for chore in CHORES {
        writeln!(err, "  {:<10}{}", chore.name, chore.about)?;
    }
    writeln!(
        err,
        "\nusage: cargo xtask cinstall --prefix DIR [--lean] [--libraries DIR]\n
  Installs the C library below DIR: built for release, without the second engine if --lean,
  or as it is found in the folder of --libraries.

usage: cargo xtask bench [--rounds N] [verdicts|programs|batch]...

  Measures beside other verifiers and writes docs/performance.md: all of it, or what is named.
  Takes half an hour, most of it to build; `programs` fetches its peers from crates.io.

usage: cargo xtask startup

  Writes cli/startup.ld, by which the functions of a plain verdict lie beside one another.
  Runs the program under valgrind. What is out of date there costs time and nothing else."
    )?;
    Ok(ExitCode::from(2))
}
