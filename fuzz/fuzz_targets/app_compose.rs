//! The documents beside the log, app-compose and the one behind MRCONFIGID: only the very bytes that
//! were measured are accepted.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use teeproof_core::{ComposeHash, DockerComposeDigest, Examination, recognise};
use teeproof_fuzz::{SAMPLES, Sample, Script, accepted};

static FORGED: LazyLock<(Sample, Examination)> = LazyLock::new(|| {
    let sample = SAMPLES[4].clone();
    let examination = sample.examine();
    (sample, examination)
});

fuzz_target!(|data: &[u8]| {
    let _ = DockerComposeDigest::of(data);
    let (before, examination) = &*FORGED;
    let mut sample = before.clone();
    let mut script = Script::new(data);
    let document = if script.byte().is_multiple_of(2) {
        &mut sample.app_compose
    } else {
        &mut sample.mr_config_document
    };
    let document = document.as_mut().expect("a document");
    script.spoil(document);
    let _ = recognise(document);
    let measured = ComposeHash::of(before.app_compose.as_deref().expect("a text"));
    let same = sample.app_compose == before.app_compose;
    if let (Some(text), Ok(measured)) = (&sample.app_compose, measured) {
        assert_eq!(measured.verify(text).is_ok(), same);
    }
    let whole = same && sample.mr_config_document == before.mr_config_document;
    assert_eq!(accepted(&sample.appraise(examination)), whole);
});
