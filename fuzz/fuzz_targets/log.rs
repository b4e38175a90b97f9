//! Event logs: parsing, replay and the grammar of dstack, and that only a log with the same
//! measurements is accepted.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use teeproof_core::{Body, EventLog, Examination, Quote};
use teeproof_fuzz::{SAMPLES, Sample, Script, accepted};

static FORGED: LazyLock<(Sample, Examination)> = LazyLock::new(|| {
    let sample = SAMPLES[4].clone();
    let examination = sample.examine();
    (sample, examination)
});

fn read(text: &[u8]) {
    let Ok(log) = EventLog::parse(text) else {
        return;
    };
    assert_eq!(EventLog::parse(log.to_json().as_bytes()), Ok(log.clone()));
    let Ok(registers) = log.replay() else { return };
    let replayed = log.replay_against(&registers).expect("its own registers");
    let _ = replayed.interpret();
}

fuzz_target!(|data: &[u8]| {
    read(data);
    let (sample, examination) = &*FORGED;
    let mut sample = sample.clone();
    let mut log = sample.event_log.clone().expect("a log");
    Script::new(data).spoil(&mut log);
    read(&log);
    sample.event_log = Some(log.clone());
    if accepted(&sample.appraise(examination)) {
        let Ok(quote) = Quote::parse(&sample.quote) else {
            unreachable!("a sound quote");
        };
        let Body::Tdx(report) = quote.claimed_body() else {
            unreachable!("a quote of a TD");
        };
        let registers = EventLog::parse(&log).and_then(|log| log.replay());
        assert_eq!(registers.as_ref(), Ok(&report.rtmr));
    }
});
