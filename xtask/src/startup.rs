//! `cargo xtask startup`: the script by which the linker lays the functions of a plain verdict beside
//! one another.
//!
//! A program that ends after two milliseconds spends a tenth of them on pages of its own code: the
//! kernel maps 16 of them at a time, and functions that a verdict needs lie anywhere in six megabytes.
//! Which ones those are is seen by running the program. A name that is no longer there is passed over,
//! so a script that is out of date costs time and breaks nothing.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::process::Command;
use std::{fs, io};

use crate::Generated;
use crate::process::{cargo, output, target};
use crate::repository;

/// What is run, the plainest first: its functions come first.
const RUNS: [&[&str]; 2] = [
    &[
        "verify",
        "fixtures/real/tdx-v4/quote.bin",
        "--collateral",
        "fixtures/real/tdx-v4/collateral.json",
        "--at",
        "2025-06-27T04:53:20Z",
        "--genuine-only",
    ],
    &[
        "verify",
        "fixtures/real/tdx-v5-td15ex",
        "--policy",
        "fixtures/real/tdx-v5-td15ex/policy.toml",
        "--at",
        "2026-10-20",
    ],
];

/// What the processor that valgrind imitates has no instructions for, and where assembler stands.
const BESIDES: [&str; 3] = [
    "*(.text._ZN4sha26sha2567x86_sha*)",
    "*p256-x86_64-asm*.o(.text)",
    "*sha256-x86_64*.o(.text)",
];

/// A name that more functions have is put behind the others when those that are not run are larger
/// than this, in bytes, and larger than those that are.
const SPARED: u64 = 1024;

/// The script, from the program as it is now.
pub fn file() -> io::Result<Generated> {
    let mut build = cargo("build");
    build
        .args(["--quiet", "--release", "--locked", "--package"])
        .args(["teeproof-cli", "--bin", "teeproof"]);
    output(build)?;
    let program = target().join("release/teeproof");
    let mut nm = Command::new("nm");
    nm.arg("--print-size").arg(&program);
    let symbols = output(nm)?;
    let trace = target().join("startup.callgrind");
    let mut run = Vec::new();
    for arguments in RUNS {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .current_dir(repository::root())
            .args(["--quiet", "--tool=callgrind", "--demangle=no"])
            .arg(format!("--callgrind-out-file={}", trace.display()))
            .arg(&program)
            .args(arguments);
        output(valgrind)?;
        run.extend(traced(&fs::read_to_string(&trace)?));
    }
    Ok(Generated {
        path: "cli/startup.ld",
        text: script(&run, &sizes(&symbols)),
    })
}

/// The functions of a program and their sizes, by what `nm` prints.
fn sizes(nm: &str) -> Vec<(&str, u64)> {
    nm.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (_, size, kind, name) =
                (words.next()?, words.next()?, words.next()?, words.next()?);
            let size = u64::from_str_radix(size, 16).ok()?;
            matches!(kind, "t" | "T" | "w" | "W").then_some((name, size))
        })
        .collect()
}

/// The functions that were run, in the order in which callgrind first names them: `fn=(7) name`, or
/// `cfn=` where one is called. Later it says the number alone.
fn traced(callgrind: &str) -> Vec<String> {
    callgrind
        .lines()
        .filter_map(|line| line.strip_prefix("fn=").or(line.strip_prefix("cfn=")))
        .filter_map(|named| named.split_once(") "))
        // A function that calls itself is told apart by how deep it is.
        .map(|(_, name)| name.split('\'').next().unwrap_or(name).to_owned())
        .collect()
}

/// A name without what differs from compiler to compiler: the hash at its end, or those of crates.
fn pattern(name: &str) -> String {
    if name.starts_with("_ZN")
        && let Some((stem, hash)) = name.rsplit_once("17h")
        && hash.len() == 17
        && hash.ends_with('E')
    {
        return format!("{stem}17h*");
    }
    if name.starts_with("_R") {
        let mut parts = name.split("Cs");
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once('_') {
                Some((hash, rest)) if hash.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    let _ = write!(kept, "Cs*_{rest}");
                }
                _ => {
                    let _ = write!(kept, "Cs{part}");
                }
            }
        }
        return kept;
    }
    name.to_owned()
}

fn script(run: &[String], sizes: &[(&str, u64)]) -> String {
    let traced: HashSet<&str> = run.iter().map(String::as_str).collect();
    // Of what a pattern matches: the bytes that are run, and those that are not.
    let mut bytes: HashMap<String, (u64, u64)> = HashMap::new();
    for (name, size) in sizes {
        let (run, idle) = bytes.entry(pattern(name)).or_default();
        let sum = if traced.contains(name) { run } else { idle };
        *sum = sum.saturating_add(*size);
    }
    let (mut first, mut shared) = (Vec::new(), Vec::new());
    for name in run {
        // Each pattern once, and nothing of what the program is linked to.
        let pattern = pattern(name);
        if let Some((run, idle)) = bytes.remove(&pattern) {
            let list = if idle > run.max(SPARED) {
                &mut shared
            } else {
                &mut first
            };
            list.push(pattern);
        }
    }
    let mut text = String::from(
        "/* Lays the functions of a plain verdict beside one another. Written by `cargo xtask startup`. */
SECTIONS
{
  .text.startup :
  {
",
    );
    // What is called seldom stands in `.text.unlikely.` and its name.
    let line = |name: &String| format!("    *(.text*.{name})\n");
    text.extend(first.iter().map(line));
    text.extend(BESIDES.iter().map(|line| format!("    {line}\n")));
    text.extend(shared.iter().map(line));
    text.push_str("  }\n}\nINSERT BEFORE .text;\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLGRIND: &str = "fl=(1) ???
fn=(1) _ZN3one17h0123456789abcdefE
16 5
cfn=(2) _ZN3two17h0123456789abcdefE'2
calls=1 0
fn=(1)
cfn=(3) _RNvCsgEmfK2I1SDS_4core5three
fn=(4) main
";

    const NM: &str = "0000000000001000 0000000000000100 t _ZN3one17h0123456789abcdefE
0000000000002000 0000000000000010 t _ZN3two17h0123456789abcdefE
0000000000003000 0000000000000400 t _ZN3two17hfedcba9876543210E
0000000000004000 0000000000000001 T main
0000000000005000 0000000000000500 t _ZN4idle17h0123456789abcdefE
0000000000006000 0000000000000500 r _ZN3one17hfedcba9876543210E
                 w optional
";

    #[test]
    fn what_was_run_is_named_whether_it_was_entered_or_called() {
        assert_eq!(
            traced(CALLGRIND),
            [
                "_ZN3one17h0123456789abcdefE",
                "_ZN3two17h0123456789abcdefE",
                "_RNvCsgEmfK2I1SDS_4core5three",
                "main"
            ]
        );
    }

    #[test]
    fn a_pattern_is_of_no_compiler() {
        for (name, expected) in [
            ("_ZN3one17h0123456789abcdefE", "_ZN3one17h*"),
            ("_ZN3one17h0123E", "_ZN3one17h0123E"),
            (
                "_RNvNtNtCsgEmfK2I1SDS_4core3str8converts9from_utf8",
                "_RNvNtNtCs*_4core3str8converts9from_utf8",
            ),
            (
                "_RINvCs1_3one3twoNtCs2b_5threeE",
                "_RINvCs*_3one3twoNtCs*_5threeE",
            ),
            ("main", "main"),
        ] {
            assert_eq!(pattern(name), expected);
        }
    }

    #[test]
    fn a_name_that_many_share_comes_last_and_what_is_not_run_not_at_all() {
        let run = traced(CALLGRIND);
        let kept = |limit: u64| {
            let nm = NM.replace("0000000000000400", &format!("{limit:016x}"));
            script(&run, &sizes(&nm))
        };
        let order = |script: &str| {
            ["_ZN3one17h*", "_ZN3two17h*", ".text*.main", "x86_sha"]
                .map(|name| script.find(name).unwrap())
        };
        let [one, two, main, besides] = order(&kept(SPARED));
        assert!(one < two && two < main && main < besides);
        let [one, two, main, besides] = order(&kept(SPARED + 1));
        assert!(one < main && main < besides && besides < two);
        for absent in ["idle", "three", "optional"] {
            assert!(!kept(SPARED).contains(absent), "{absent}");
        }
    }
}
