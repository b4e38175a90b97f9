//! `teeproof verify --batch`: archives and streams, whole, cut and spoilt.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this file is tests and their helpers"
)]

mod common;

use std::fs::{self, File};
use std::io::Write;

use common::batch::{
    CASES, batch, error, good_files, hex, of, quote, results, tar_of, with, write_zip,
};
use common::{Run, command, finish, scratch};

#[test]
fn the_order_of_forms_makes_no_difference() {
    let directory = good_files("batch-forms");
    let digests = |run: &Run| -> Vec<String> {
        let mut digests: Vec<_> = results(&run.stdout)
            .iter()
            .map(|line| format!("{} {}", line["sha256"], line["verdictDigest"]))
            .collect();
        digests.sort();
        digests
    };
    let expected = digests(&batch(&directory, &[]));
    assert_eq!(expected.len(), CASES.len());
    let beside = scratch("batch-forms-archives");
    let (tar, zip) = (beside.join("all"), beside.join("all-too"));
    fs::write(&tar, tar_of(&directory)).unwrap();
    write_zip(&zip, &directory);
    assert_eq!(digests(&batch(&tar, &["--jobs", "1"])), expected);
    assert_eq!(digests(&batch(&zip, &["--jobs", "5"])), expected);
    let mut piped = command();
    piped.args(with(&["--batch", "-"]));
    assert_eq!(digests(&finish(&mut piped, &tar_of(&directory))), expected);
}

#[test]
fn a_line_that_is_too_large_hides_none_after_it() {
    let path = scratch("batch-long-line").join("lines");
    let mut lines = vec![b'a'; 32 * 1024 * 1024 + 3];
    lines.push(b'\n');
    lines.extend(hex(&quote()).bytes());
    fs::write(&path, lines).unwrap();
    let judged = results(&batch(&path, &[]).stdout);
    assert_eq!(error(&judged, "line 1"), "too-large");
    assert!(of(&judged, "line 2")["verdictDigest"].is_string());
}

#[test]
fn a_cut_tar_archive_is_told() {
    let directory = good_files("batch-cut-tar");
    let beside = scratch("batch-cut-tar-archives");
    let whole = tar_of(&directory);
    let path = beside.join("cut");
    let blocks_of_file = |bytes: usize| (bytes.div_ceil(512) + 1) * 512;
    // The archive begins with the directory itself, whatever file comes first then.
    let first = whole[512 + 124..512 + 135].to_vec();
    let size = usize::from_str_radix(std::str::from_utf8(&first).unwrap(), 8).unwrap();
    let after_one = 512 + blocks_of_file(size);
    for (length, good) in [
        (600, 0),
        (1500, 0),
        (after_one - 1, 0),
        // Between two files: only the end mark is missing.
        (after_one, 1),
        (after_one + 100, 1),
        (whole.len() - 1024, 3),
    ] {
        fs::write(&path, &whole[..length]).unwrap();
        let judged = batch(&path, &[]);
        let lines = results(&judged.stdout);
        let good_ones = lines.iter().filter(|line| line["verdict"].is_string());
        assert!(good_ones.count() >= good, "{length}: {lines:?}");
        assert_eq!(error(&lines, "tar archive"), "source", "{length}");
        assert_ne!(judged.code, 0);
    }
    // The next header is spoilt.
    let mut spoilt = whole;
    spoilt[after_one + 10] ^= 1;
    fs::write(&path, &spoilt).unwrap();
    let lines = results(&batch(&path, &[]).stdout);
    assert_eq!(lines.len(), 2);
    assert_eq!(error(&lines, "tar archive"), "source");
}

#[test]
fn a_tar_archive_may_not_ask_for_memory() {
    let path = scratch("batch-tar-names").join("archive");
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(1 << 32);
    header.set_cksum();
    fs::write(&path, header.as_bytes()).unwrap();
    let lines = results(&batch(&path, &[]).stdout);
    let message = of(&lines, "tar archive")["error"]["message"].clone();
    assert!(
        message.as_str().unwrap().contains("4294967296"),
        "{message}"
    );
}

#[test]
fn links_in_an_archive_are_no_files() {
    let path = scratch("batch-tar-links").join("archive");
    let mut archive = tar::Builder::new(File::create(&path).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    archive
        .append_link(&mut header, "link", "/etc/hostname")
        .unwrap();
    let long = "long/".repeat(40) + "name";
    let mut header = tar::Header::new_gnu();
    header.set_size(quote().len().try_into().unwrap());
    archive
        .append_data(&mut header, &long, quote().as_slice())
        .unwrap();
    archive.finish().unwrap();
    drop(archive);
    let lines = results(&batch(&path, &[]).stdout);
    assert_eq!(error(&lines, "link"), "read");
    assert!(of(&lines, &long)["verdictDigest"].is_string());
}

#[test]
fn a_spoilt_file_in_a_zip_archive() {
    let directory = good_files("batch-zip-bad");
    let path = scratch("batch-zip-bad-archive").join("archive");
    let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let packed = stored.compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("crc", stored).unwrap();
    archive.write_all(b"0000 the checksum is of these").unwrap();
    archive.start_file("bomb", packed).unwrap();
    archive.write_all(&vec![0; 20 * 1024 * 1024]).unwrap();
    archive.start_file("huge", packed).unwrap();
    for _ in 0..33 {
        archive.write_all(&vec![0; 1024 * 1024]).unwrap();
    }
    archive.start_file("../good", packed).unwrap();
    archive
        .write_all(&fs::read(directory.join("tdx-v4.json")).unwrap())
        .unwrap();
    archive.finish().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes
        .windows(8)
        .position(|window| window == b"0000 the")
        .unwrap();
    bytes[place] = b'1';
    fs::write(&path, &bytes).unwrap();
    let lines = results(&batch(&path, &[]).stdout);
    assert_eq!(error(&lines, "crc"), "read");
    assert_eq!(error(&lines, "bomb"), "too-large");
    assert_eq!(error(&lines, "huge"), "too-large");
    assert_eq!(of(&lines, "../good")["verdict"], "inconclusive");
    // Its list of files is gone.
    fs::write(&path, &bytes[..bytes.len() - 30]).unwrap();
    let refused = batch(&path, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (7, ""));
    let mut piped = command();
    piped.args(with(&["--batch", "-"]));
    let refused = finish(&mut piped, &bytes);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("zip"), "{refused:?}");
    let mut piped = command();
    piped.args(with(&["--batch", "-"]));
    assert_eq!(finish(&mut piped, b"\x1f\x8b\x08 and so on").code, 2);
}

#[test]
fn names_that_stand_twice_are_two_items() {
    let path = scratch("batch-duplicates").join("archive");
    let mut archive = tar::Builder::new(File::create(&path).unwrap());
    for content in [quote(), b"no evidence".to_vec(), quote()] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len().try_into().unwrap());
        archive
            .append_data(&mut header, "same", content.as_slice())
            .unwrap();
    }
    archive.finish().unwrap();
    drop(archive);
    let file = path.with_file_name("results");
    let more = ["--resume", file.to_str().unwrap()];
    batch(&path, &more);
    let lines = results(&fs::read_to_string(&file).unwrap());
    let digests: Vec<_> = lines.iter().map(|line| &line["sha256"]).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(digests[0], digests[2]);
    assert_ne!(digests[0], digests[1]);
    batch(&path, &more);
    assert_eq!(results(&fs::read_to_string(&file).unwrap()), lines);
}

#[test]
fn a_name_does_not_act_on_a_terminal() {
    let path = scratch("batch-names").join("archive");
    let mut archive = tar::Builder::new(File::create(&path).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    let name = "\u{1b}[2J\u{202e}";
    archive.append_data(&mut header, name, &b"bad"[..]).unwrap();
    archive.finish().unwrap();
    drop(archive);
    let judged = batch(&path, &[]);
    assert!(
        !judged.stdout.contains(['\u{1b}', '\u{202e}']),
        "{judged:?}"
    );
    assert_eq!(error(&results(&judged.stdout), name), "input");
}
