//! Batches whose items lack collateral.

use std::fs;
use std::path::Path;

use serde_json::Value;
use teeproof_core::CollateralParts;
use teeproof_forge::Scenario;
use teeproof_forge::challenge::Rule;
use teeproof_forge::quote::Certification;

use crate::server::{Server, status};
use crate::world::{World, code, issue, json, stderr};

/// A folder with two quotes of one platform that bring no collateral, and a file that is no evidence.
fn quotes(world: &World) -> String {
    let folder = world.folder.file("quotes");
    fs::create_dir(&folder).unwrap();
    for (name, data) in [("one", [1; 64]), ("two", [2; 64])] {
        fs::write(Path::new(&folder).join(name), issue(&data).quote).unwrap();
    }
    fs::write(Path::new(&folder).join("none"), "no evidence").unwrap();
    folder
}

fn lines(output: &std::process::Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    lines.sort_by_key(|line| line["name"].as_str().map(str::to_owned));
    lines
}

fn batch(world: &World, more: &[&str]) -> std::process::Output {
    let mut all = vec!["verify", "--policy", &world.policy, "--at", &world.at];
    all.extend(["--root", &world.root]);
    all.extend(more);
    world.folder.teeproof(&all)
}

#[test]
fn what_items_lack_is_fetched_once_for_each_platform() {
    let world = World::new("batch-fetch");
    let (folder, pccs) = (quotes(&world), world.pccs.url(""));
    let one = Path::new(&folder).join("one");
    let alone = json(&world.verify(&[one.to_str().unwrap()]));
    let cache = world.folder.file("fresh");
    let before = world.pccs.requests().len();
    let output = batch(
        &world,
        &["--batch", &folder, "--pccs", &pccs, "--cache-dir", &cache],
    );
    assert_eq!(world.pccs.requests().len() - before, 4);
    let found = lines(&output);
    assert_eq!(found[0]["collateralFrom"], world.pccs.url("/"));
    let [none, one, two] = &found[1..] else {
        panic!("{found:?}");
    };
    assert_eq!(none["error"]["code"], "input");
    assert_eq!(
        (&one["name"], &one["tcbStatus"]),
        (&"one".into(), &"UpToDate".into())
    );
    assert_eq!(one["verdictDigest"], alone["verdictDigest"]);
    assert_eq!(
        (&two["name"], &two["tcbStatus"]),
        (&"two".into(), &"UpToDate".into())
    );
    assert_ne!(two["verdictDigest"], one["verdictDigest"]);
    // It was kept: there is nothing to ask for another time.
    let output = batch(
        &world,
        &[
            "--batch",
            &folder,
            "--pccs",
            &pccs,
            "--offline",
            "--cache-dir",
            &cache,
        ],
    );
    assert_eq!(world.pccs.requests().len() - before, 4);
    let kept = lines(&output);
    assert_eq!(kept[2]["verdictDigest"], one["verdictDigest"]);
    assert_eq!(
        kept[0]["collateralFrom"],
        format!("cache of {}", world.pccs.url("/"))
    );
}

#[test]
fn a_batch_asks_nobody_unless_it_is_told_whom() {
    let world = World::new("batch-silent");
    let folder = quotes(&world);
    let output = batch(&world, &["--batch", &folder]);
    let found = lines(&output);
    assert_eq!(found[0]["collateralFrom"], Value::Null);
    assert_eq!(found[2]["verdict"], "inconclusive");
    assert_eq!(found[2]["check"]["id"], "collateral.present");
    assert_eq!(world.pccs.requests().len(), 0);
}

#[test]
fn what_cannot_be_fetched_is_asked_once_and_tells_on_the_exit_code() {
    let world = World::new("batch-nowhere");
    let folder = quotes(&world);
    fs::remove_file(Path::new(&folder).join("none")).unwrap();
    let nowhere = Server::start(|_| status(404, &[]));
    let url = nowhere.url("");
    let output = batch(&world, &["--batch", &folder, "--pccs", &url]);
    assert_eq!((code(&output), nowhere.requests().len()), (8, 1));
    assert_eq!(stderr(&output).matches("warning:").count(), 1);
    let found = lines(&output);
    for line in &found[1..] {
        assert_eq!(
            (&line["verdict"], &line["check"]["id"]),
            (&"inconclusive".into(), &"collateral.present".into())
        );
    }
}

#[test]
fn fetched_collateral_that_is_not_authentic_counts_for_nothing() {
    let world = World::new("batch-forged");
    let folder = quotes(&world);
    let mut forged = world.collateral();
    forged.tcb_info_signature[0] ^= 1;
    let server = crate::world::pccs(forged);
    let url = server.url("");
    let output = batch(&world, &["--batch", &folder, "--pccs", &url]);
    let found = lines(&output);
    for line in &found[2..] {
        assert_eq!(line["verdict"], "rejected", "{line}");
        assert_eq!(
            (&line["check"]["id"], &line["check"]["reason"]),
            (&"collateral.authentic".into(), &"signature-invalid".into())
        );
    }
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn results_with_another_source_of_collateral_are_not_gone_on_with() {
    let world = World::new("batch-source");
    let (folder, pccs) = (quotes(&world), world.pccs.url(""));
    let results = world.folder.file("results.jsonl");
    let output = batch(
        &world,
        &["--batch", &folder, "--pccs", &pccs, "--resume", &results],
    );
    let first = fs::read_to_string(&results).unwrap();
    assert!(first.contains("UpToDate"), "{}", stderr(&output));
    let output = batch(&world, &["--batch", &folder, "--resume", &results]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("another source of collateral"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fs::read_to_string(&results).unwrap(), first);
}

/// A PCCS beside a folder with two quotes of one machine that name its PCK certificate and carry none.
fn without_chain(world: &World) -> (String, CollateralParts) {
    let folder = world.folder.file("quotes");
    fs::create_dir(&folder).unwrap();
    let issued = [[1; 64], [2; 64]].map(|data| {
        let mut scenario = Scenario::tdx_v4();
        scenario.quote.certification = Certification::EncryptedPpid {
            number: 3,
            pce_svn: None,
        };
        scenario.chain_in_collateral = true;
        scenario.ask(&data, Rule::Raw64);
        scenario.issue()
    });
    for (name, issued) in ["one", "two"].iter().zip(&issued) {
        fs::write(Path::new(&folder).join(name), &issued.quote).unwrap();
    }
    let collateral = issued[0].collateral_json.iter().next().unwrap();
    (
        folder,
        CollateralParts::from_json(collateral.as_bytes()).unwrap(),
    )
}

#[test]
fn a_pck_certificate_is_fetched_once_for_each_machine() {
    let world = World::new("batch-chain");
    let (folder, parts) = without_chain(&world);
    assert!(parts.pck_certificate_chain.is_some());
    let server = crate::world::pccs(parts);
    let url = server.url("");
    let output = batch(&world, &["--batch", &folder, "--pccs", &url]);
    assert_eq!(server.requests().len(), 5, "{}", stderr(&output));
    let found = lines(&output);
    for line in &found[1..] {
        assert_eq!(line["tcbStatus"], "UpToDate", "{line}");
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn a_pck_certificate_that_cannot_be_had_is_asked_for_once() {
    let world = World::new("batch-no-chain");
    let (folder, mut parts) = without_chain(&world);
    parts.pck_certificate_chain = None;
    let server = crate::world::pccs(parts);
    let url = server.url("");
    let output = batch(&world, &["--batch", &folder, "--pccs", &url]);
    assert_eq!((code(&output), server.requests().len()), (8, 1));
    assert_eq!(stderr(&output).matches("warning:").count(), 1);
    for line in &lines(&output)[1..] {
        assert_eq!(
            (&line["verdict"], &line["check"]["id"]),
            (&"inconclusive".into(), &"collateral.present".into())
        );
    }
}

#[test]
fn no_more_platforms_are_asked_about_than_there_is_room_for() {
    let world = World::new("batch-many");
    let folder = world.folder.file("quotes");
    fs::create_dir(&folder).unwrap();
    let mut scenario = Scenario::tdx_v4();
    scenario.has_collateral = false;
    for number in 0..258_u16 {
        let [high, low] = number.to_be_bytes();
        scenario.platform.fmspc = Some([0xb0, 0xc0, 0x6f, 0, high, low]);
        let name = format!("{number:03}");
        fs::write(Path::new(&folder).join(name), scenario.issue().quote).unwrap();
    }
    let nowhere = Server::start(|_| status(404, &[]));
    let url = nowhere.url("");
    let output = batch(&world, &["--batch", &folder, "--pccs", &url]);
    assert_eq!(code(&output), 8);
    let said = stderr(&output);
    let room = "these are more than 256 platforms; nothing is fetched for others";
    assert_eq!(said.matches(room).count(), 1, "{said}");
    assert_eq!(nowhere.requests().len(), 256);
    let found = lines(&output);
    assert_eq!(found.len(), 259);
    for line in &found[1..] {
        assert_eq!(
            (&line["verdict"], &line["check"]["id"]),
            (&"inconclusive".into(), &"collateral.present".into())
        );
    }
}
