//! Many pieces of evidence, judged in one run: what is judged, and how results are read.

#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is helpers of tests"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Run, repository, run, scratch};

pub(crate) const AT: &str = "2025-07-01T00:00:00Z";

/// Cases of the forge that share one root and one policy.
pub(crate) const CASES: [&str; 3] = ["tdx-v4", "td-debug", "revoked-pck"];

pub(crate) fn with(more: &[&str]) -> Vec<String> {
    let base = "fixtures/forged/tdx-v4";
    let root = format!("{base}/root.der");
    let policy = format!("{base}/policy.toml");
    ["verify", "--root", &root, "--policy", &policy, "--at", AT]
        .iter()
        .chain(more)
        .map(|&word| word.to_owned())
        .collect()
}

/// One machine's evidence as a bundle.
pub(crate) fn bundle(case: &str) -> Vec<u8> {
    let folder = format!("fixtures/forged/{case}");
    let part = |name: &str| format!("{folder}/{name}");
    let packed = run(&[
        "bundle".to_owned(),
        "pack".to_owned(),
        part("quote.bin"),
        part("event-log.json"),
        part("app-compose.json"),
        part("collateral.json"),
    ]);
    assert_eq!(packed.code, 0, "{packed:?}");
    packed.stdout.into_bytes()
}

/// The bundle in one line.
pub(crate) fn in_a_line(bundle: &[u8]) -> Vec<u8> {
    let value: Value = serde_json::from_slice(bundle).unwrap();
    serde_json::to_vec(&value).unwrap()
}

pub(crate) fn quote() -> Vec<u8> {
    fs::read(repository().join("fixtures/forged/tdx-v4/quote.bin")).unwrap()
}

pub(crate) fn good_files(name: &str) -> PathBuf {
    let directory = scratch(name);
    for case in CASES {
        fs::write(directory.join(format!("{case}.json")), bundle(case)).unwrap();
    }
    directory
}

pub(crate) fn batch(source: &Path, more: &[&str]) -> Run {
    let mut arguments = with(more);
    arguments.push("--batch".to_owned());
    arguments.push(source.to_str().unwrap().to_owned());
    run(&arguments)
}

/// The results in a text, by the order of their items.
pub(crate) fn results(text: &str) -> Vec<Value> {
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}")));
    assert_eq!(
        lines.next().expect("a header")["schema"],
        "teeproof.batch/1"
    );
    let mut results: Vec<_> = lines.collect();
    results.sort_by_key(|line| line["index"].as_u64().unwrap());
    results
}

pub(crate) fn of<'a>(results: &'a [Value], name: &str) -> &'a Value {
    let found: Vec<_> = results.iter().filter(|line| line["name"] == name).collect();
    assert_eq!(found.len(), 1, "{name}: {results:?}");
    found[0]
}

pub(crate) fn error<'a>(results: &'a [Value], name: &str) -> &'a str {
    let line = of(results, name);
    assert_eq!(line["verdict"], Value::Null, "{line}");
    assert_eq!(line["exitCode"], 7, "{line}");
    line["error"]["code"].as_str().unwrap()
}

pub(crate) fn tar_of(directory: &Path) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all("some/where", directory).unwrap();
    archive.into_inner().unwrap()
}

pub(crate) fn write_zip(path: &Path, directory: &Path) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    archive.add_directory("some", options).unwrap();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        archive.start_file(format!("some/{name}"), options).unwrap();
        archive.write_all(&fs::read(entry.path()).unwrap()).unwrap();
    }
    archive.finish().unwrap();
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
