//! `verify` as programs call it, again and again: read without a description of the command line,
//! which takes longer to build than the words take to read. Whatever is not plain is left to clap,
//! and with it every message.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::args::{Format, VerifyArgs};

/// `None` where clap has to say what the words mean, or what is wrong with them.
pub(crate) fn verify(words: &[OsString]) -> Option<VerifyArgs> {
    let mut words = words.iter();
    let mut args = VerifyArgs::default();
    let mut format = None;
    while let Some(word) = words.next() {
        let mut value = || words.next().and_then(plain);
        let judge = &mut args.judge;
        match word.to_str()? {
            "--policy" => once(&mut judge.policy, PathBuf::from(value()?))?,
            "--collateral" => judge.collateral.push(value()?.into()),
            "--at" => once(&mut judge.at, value()?.to_owned())?,
            "--expect-compose-hash" => judge.expect_compose_hash.push(value()?.to_owned()),
            "--expect-app-id" => judge.expect_app_id.push(value()?.to_owned()),
            "--expect-os" => judge.expect_os.push(value()?.to_owned()),
            "--genuine-only" if !args.genuine_only => args.genuine_only = true,
            "--format" => once(
                &mut format,
                match value()? {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    _ => return None,
                },
            )?,
            _ => args.inputs.push(plain(word)?.into()),
        }
    }
    args.format = format.unwrap_or_default();
    (!args.inputs.is_empty()).then_some(args)
}

/// A word that is no option, and says something.
fn plain(word: &OsString) -> Option<&str> {
    word.to_str()
        .filter(|text| !text.is_empty() && !text.starts_with('-'))
}

/// An option that may be given once was.
fn once<T>(option: &mut Option<T>, value: T) -> Option<()> {
    option.replace(value).is_none().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    use clap::Parser;

    use crate::args::{Args, Command, Verdict};

    fn here(words: &[&str]) -> Option<String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let command = Command::Verdict(Verdict::Verify(verify(&words)?));
        Some(format!("{:?}", Args { command }))
    }

    fn by_clap(words: &[&str]) -> Option<String> {
        let line = ["teeproof", "verify"].iter().chain(words);
        let args = Args::try_parse_from(line).ok()?;
        Some(format!("{args:?}"))
    }

    /// Every line of up to three words, and with a fourth before it that leaves nothing missing.
    #[test]
    fn what_is_read_here_is_read_as_clap_reads_it() {
        let words = [
            "a",
            "b c",
            "é",
            "",
            "-",
            "--",
            "-h",
            "--help",
            "--policy",
            "--policy=a",
            "--collateral",
            "--at",
            "--expect-compose-hash",
            "--expect-app-id",
            "--expect-os",
            "--genuine-only",
            "--format",
            "text",
            "json",
            "--batch",
            "--root",
        ];
        let mut read = 0;
        let mut check = |line: &[&str]| {
            if let Some(ours) = here(line) {
                read += 1;
                assert_eq!(Some(ours), by_clap(line), "{line:?}");
            }
        };
        check(&[]);
        for one in words {
            check(&[one]);
            for two in words {
                check(&[one, two]);
                for three in words {
                    check(&[one, two, three]);
                    check(&["a", one, two, three]);
                }
            }
        }
        assert!(read > 500, "{read}");
    }

    #[test]
    fn what_programs_write_is_read_here() {
        for line in [
            &["quote"][..],
            &["quote", "--collateral", "c", "--genuine-only"],
            &["a", "b", "--policy", "p", "--format", "json"],
            &[
                "--collateral",
                "c",
                "--collateral",
                "d",
                "a",
                "--at",
                "2025-06-27",
            ],
            &[
                "a",
                "--expect-compose-hash",
                "00",
                "--expect-app-id",
                "01",
                "--expect-os",
                "name",
            ],
        ] {
            let ours = here(line);
            assert!(ours.is_some(), "{line:?}");
            assert_eq!(ours, by_clap(line), "{line:?}");
        }
    }

    #[test]
    fn what_clap_refuses_is_left_to_it() {
        for line in [
            &[][..],
            &["--genuine-only"],
            &["a", "--genuine-only", "--genuine-only"],
            &["a", "--policy", "p", "--policy", "q"],
            &["a", "--at", "1", "--at", "1"],
            &["a", "--format", "text", "--format", "text"],
            &["a", "--format", "xml"],
            &["a", "--policy"],
            &["a", "--policy", ""],
            &["a", "--policy", "--genuine-only"],
            &["a", "--challenge", "00"],
            &["a", ""],
        ] {
            assert_eq!((here(line), by_clap(line)), (None, None), "{line:?}");
        }
    }
}
