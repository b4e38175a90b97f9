//! Inputs that have to be made when the test runs: too large, in a loop, out of reach, with names
//! that would act on a terminal. And what depends on the clock.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::ffi::OsStr;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Run, command, finish, forged, run, scratch};

/// Refused with code 7, nothing on stdout, and two lines that say what and what to do.
fn refused(run: &Run, because: &str, next: &str) {
    assert_eq!((run.code, run.stdout.as_str()), (7, ""), "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    let [error, advice] = lines.as_slice() else {
        panic!("{run:?}");
    };
    assert!(error.starts_with("error: "), "{error}");
    assert!(error.contains(because), "{error}");
    assert_eq!(*advice, format!("  next: {next}"));
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let path = scratch("huge").join("disk.img");
    let file = fs::File::create(&path).unwrap();
    file.set_len(2 << 30).unwrap();
    let not_an_archive = "give one machine's evidence, not an archive or a disk image";
    let path = path.as_os_str();
    let word = OsStr::new;
    for arguments in [
        &[word("verify"), path][..],
        &[word("inspect"), path],
        &[word("bundle"), word("pack"), path],
        &[word("bundle"), word("show"), path],
        &[word("collateral"), word("show"), path],
        &[word("collateral"), word("needs"), path],
    ] {
        let run = run(arguments);
        // Of what is read to find its end, the size is not known: see the next test.
        let because = "has 2147483648 bytes; an input has at most 33554432";
        refused(&run, because, not_an_archive);
    }
    let run = run(&[word("policy"), word("explain"), path]);
    refused(
        &run,
        "a policy has at most 1048576",
        "give a policy; `teeproof policy init` prints one to start from",
    );
}

#[test]
fn endless_standard_input_is_read_up_to_the_cap() {
    let bytes = vec![b'0'; (32 << 20) + 4096];
    let run = finish(command().args(["verify", "-"]), &bytes);
    refused(
        &run,
        "standard input has more than the 33554432 bytes of an input",
        "give one machine's evidence, not an archive or a disk image",
    );
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_refused() {
    let directory = scratch("loop");
    std::os::unix::fs::symlink(directory.join("b"), directory.join("a")).unwrap();
    std::os::unix::fs::symlink(directory.join("a"), directory.join("b")).unwrap();
    for command in ["verify", "inspect"] {
        let run = run(&[OsStr::new(command), directory.join("a").as_os_str()]);
        refused(
            &run,
            "cannot read",
            "check the path and that it can be read",
        );
    }
    // Where nothing can be read, there is nothing to judge.
    let run = run(&[OsStr::new("verify"), directory.as_os_str()]);
    refused(
        &run,
        "holds no evidence; it has no files",
        "put the quote and what belongs to it into the directory, or name the files",
    );
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let path = scratch("permission").join("quote.bin");
    fs::write(&path, "x").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        println!("SKIPPED: this user may read everything");
        return;
    }
    let run = run(&[OsStr::new("verify"), path.as_os_str()]);
    refused(&run, "permission denied", "let this user read it");
}

#[cfg(unix)]
#[test]
fn names_cannot_act_on_a_terminal() {
    let directory = scratch("names");
    let name = "\u{1b}]0;owned\u{7}\u{1b}[2J\n\u{202e}TRUSTED";
    let shown = "\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{a}\\u{202e}TRUSTED";
    let path = directory.join(name);
    let inert = |run: &Run| {
        for text in [&run.stdout, &run.stderr] {
            let acts = |character: char| {
                character != '\n' && (character.is_control() || character == '\u{202e}')
            };
            assert!(!text.contains(acts), "{text:?}");
        }
    };
    let harmless = |run: &Run| {
        inert(run);
        assert!(
            run.stdout.contains(shown) || run.stderr.contains(shown),
            "{run:?}"
        );
    };

    fs::write(&path, "").unwrap();
    let verify = |more: &[&str]| {
        let mut arguments = vec![OsStr::new("verify"), path.as_os_str()];
        arguments.extend(more.iter().map(OsStr::new));
        run(&arguments)
    };
    let empty = verify(&[]);
    refused(
        &empty,
        "the input is empty",
        "save the evidence again and look whether the file has content",
    );
    harmless(&empty);

    fs::copy(
        common::repository().join("fixtures/real/tdx-v4/quote.bin"),
        &path,
    )
    .unwrap();
    harmless(&verify(&["--at", "2025-07-01"]));
    harmless(&verify(&["--at", "2025-07-01", "/nowhere"]));
    harmless(&run(&[OsStr::new("inspect"), path.as_os_str()]));
    // The parser of arguments leaves out such sequences instead of showing them.
    let option = format!("--{name}");
    let usage = run(&["inspect", &option]);
    assert_eq!(usage.code, 2);
    inert(&usage);
    harmless(&run(&["explain", name]));
    harmless(&run(&["verify", "quote.bin", "--at", name]));

    // In JSON the name has the same value, escaped as JSON does it.
    let json = verify(&["--at", "2025-07-01", "--format", "json"]);
    assert_eq!(
        json.json()["input"]["name"].as_str(),
        path.to_str(),
        "{json:?}"
    );
    assert!(json.stdout.contains("\\u202eTRUSTED"), "{json:?}");
    assert!(!json.stdout.contains('\u{202e}'), "{json:?}");
}

#[test]
fn without_an_instant_the_clock_decides_and_the_headline_says_nothing_of_it() {
    let seconds = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    let as_text = |unix: u64| {
        let at = teeproof_core::Instant::from_unix(unix).unwrap();
        at.to_string()
    };
    let case = forged()
        .into_iter()
        .find(|case| case.name == "tdx-v4")
        .unwrap();
    let root = format!("{}/root.der", case.directory());
    let mut arguments = case.arguments();
    let at = arguments.iter().position(|word| word == "--at").unwrap();
    arguments.drain(at..at + 2);
    arguments.extend(["--root", &root, "--format", "json"].map(ToOwned::to_owned));
    let before = seconds();
    let now = run(&arguments);
    let after = seconds();
    let answer = now.json();
    let judged = answer["at"].as_str().unwrap();
    assert!(as_text(before).as_str() <= judged, "{judged}");
    assert!(judged <= as_text(after).as_str(), "{judged}");
    assert_eq!(answer["atSource"], "clock");
    assert_eq!(answer["historical"], false);
    // The collateral of this case lapsed in 2025.
    assert_eq!(now.code, 6);
    let headline = answer["headline"].as_str().unwrap();
    assert!(headline.starts_with("INCONCLUSIVE: "), "{headline}");

    let past = case.judge(&["--root", &root, "--format", "json"]).json();
    assert_eq!(past["atSource"], "given");
    assert_eq!(past["historical"], true);
    let headline = past["headline"].as_str().unwrap();
    assert!(headline.starts_with("AS OF 2025-07-01T00:00:00Z: SIMULATED: "));
}

#[test]
fn a_bundle_is_judged_as_its_parts_are() {
    let path = scratch("bundle").join("sample.json");
    let name = path.to_str().unwrap();
    let parts = "fixtures/real/tdx-v5-td15ex";
    let pack = run(&["bundle", "pack", parts, "-o", name, "--label", "sample"]);
    assert_eq!(
        (pack.code, pack.stdout.as_str(), pack.stderr.as_str()),
        (0, "", "")
    );
    let policy = format!("{parts}/policy.toml");
    let digest = |input: &str| {
        let arguments = ["verify", input, "--policy", &policy, "--at", "2026-10-20"];
        let run = run(&[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(run.code, 0, "{input}");
        run.json()["verdictDigest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest(name), digest(parts));
    // On standard output it is the same, and standard input takes it.
    let printed = run(&["bundle", "pack", parts, "--label", "sample"]);
    assert_eq!(
        printed.stdout.trim_end(),
        fs::read_to_string(&path).unwrap().trim_end()
    );
    let show = finish(
        command().args(["bundle", "show", "-"]),
        printed.stdout.as_bytes(),
    );
    assert_eq!(show.code, 0);
    assert!(show.stdout.contains("label: sample\n"), "{}", show.stdout);
}
