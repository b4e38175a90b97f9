//! Help, completion scripts and the manual page know every command, and no option takes a secret.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::run;

#[cfg(feature = "network")]
const COLLATERAL: &[&str] = &["show", "fetch", "needs"];
#[cfg(not(feature = "network"))]
const COLLATERAL: &[&str] = &["show", "needs"];

/// Every command, with those below it.
const COMMANDS: &[(&str, &[&str])] = &[
    ("verify", &[]),
    ("compare", &[]),
    ("fleet", &[]),
    #[cfg(feature = "network")]
    ("capture", &[]),
    ("inspect", &[]),
    ("bundle", &["pack", "show"]),
    ("compose", &["hash", "build", "reconcile", "lint", "diff"]),
    ("collateral", COLLATERAL),
    ("policy", &["init", "explain"]),
    ("explain", &[]),
    #[cfg(feature = "release")]
    ("version", &["bump", "show", "record"]),
];

/// The commands that a help names.
fn named(help: &str) -> Vec<&str> {
    let Some((_, rows)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    rows.lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

fn help_of(words: &[&str]) -> String {
    let mut arguments = words.to_vec();
    arguments.push("--help");
    let help = run(&arguments);
    assert_eq!((help.code, help.stderr.as_str()), (0, ""), "{words:?}");
    help.stdout
}

#[test]
fn the_help_of_each_command_is_at_hand() {
    let top: Vec<_> = COMMANDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named(&help_of(&[])), top);
    for (name, below) in COMMANDS {
        let help = help_of(&[name]);
        assert_eq!(named(&help), *below, "{name}");
        assert_eq!(run(&["help", name]).stdout, help);
        for inner in *below {
            let help = help_of(&[name, inner]);
            assert!(help.contains(&format!("Usage: teeproof {name} {inner}")));
            assert_eq!(run(&["help", name, inner]).stdout, help);
        }
    }
}

#[test]
fn the_help_names_every_rule_of_challenges() {
    let help = help_of(&["verify"]);
    let (_, rest) = help.split_once("--challenge-rule <RULE>\n").unwrap();
    let (sentence, _) = rest.split_once("\n\n").unwrap();
    let words: Vec<_> = sentence
        .split([',', ' ', '\n'])
        .filter(|word| !word.is_empty())
        .collect();
    for rule in teeproof_core::DerivationRule::ALL {
        assert!(words.contains(&rule.name()), "{}: {sentence}", rule.name());
    }
}

/// Whoever lists processes can read arguments, so nothing in them may be a secret: every option is
/// a name, a digest, a public challenge or a choice.
#[test]
fn no_option_takes_a_secret() {
    let secrets = [
        "password",
        "passphrase",
        "secret",
        "token",
        "api-key",
        "private",
        "credential",
    ];
    let mut seen = 0;
    for (name, below) in COMMANDS {
        let helps = below.iter().map(|inner| help_of(&[name, inner]));
        for help in helps.chain([help_of(&[name])]) {
            for word in help
                .split_whitespace()
                .filter(|word| word.starts_with("--"))
            {
                seen += 1;
                let lower = word.to_lowercase();
                assert!(
                    !secrets.iter().any(|secret| lower.contains(secret)),
                    "{name}: {word}"
                );
            }
        }
    }
    assert!(seen > 25, "only {seen} options");
}

#[test]
fn the_version_is_that_of_the_crate() {
    let version = run(&["--version"]);
    assert_eq!(version.code, 0);
    assert_eq!(
        version.stdout,
        concat!("teeproof ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_know_every_command() {
    for (shell, mark) in [
        ("bash", "complete -F _teeproof"),
        ("zsh", "#compdef teeproof"),
        ("fish", "complete -c teeproof"),
    ] {
        let script = run(&["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (0, ""), "{shell}");
        assert!(script.stdout.contains(mark), "{shell}");
        for word in COMMANDS
            .iter()
            .flat_map(|(name, below)| below.iter().chain([name]))
            .chain(&["challenge-rule", "genuine-only"])
        {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
    let unknown = run(&["completions", "tcsh"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("bash"), "{}", unknown.stderr);
}

#[test]
fn the_manual_page_names_every_command() {
    let page = run(&["man"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    assert!(page.stdout.contains(".TH teeproof 1"), "{}", page.stdout);
    for (name, _) in COMMANDS {
        let entry = format!("teeproof\\-{name}(1)");
        assert!(page.stdout.contains(&entry), "{entry}\n{}", page.stdout);
    }
    assert!(page.stdout.contains("simulated: the trust anchor"));
}
