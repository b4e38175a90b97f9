//! One saved pair of quote and collateral: whole programs beside one another, and a peer that is
//! built apart, beside dcap-qvl in this process.

use std::path::{Path, PathBuf};

use rustix::time::{ClockId, clock_gettime};
use teeproof_benches::{COLLATERAL, PEERS, peer_collateral};

use crate::child::Program;
use crate::table::{Goal, Row, table};

/// Runs that are timed together.
const REPEAT: u32 = 5;

/// Verdicts that the peer which is built apart times together.
const VERDICTS: &str = "5";

/// What is laid into the folder.
fn built(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

fn sample(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/real/tdx-v4")
        .join(file)
}

/// Prints both tables.
pub(crate) fn measure(rounds: usize, folder: &Path) {
    let (quote, collateral) = (sample("quote.bin"), sample("collateral.json"));
    let clock = built(folder, "clock.so");
    let verify = Path::new("verify");
    let ours = |name: &str| {
        let arguments: [&Path; 5] = [
            verify,
            &quote,
            Path::new("--collateral"),
            &collateral,
            Path::new("--genuine-only"),
        ];
        Program::new(&built(folder, name), &arguments, "GENUINE").preloading(&clock)
    };
    let nothing = Program::new(Path::new("/bin/true"), &[], "");
    let programs = [
        Program::new(Path::new("/bin/true"), &[], "").preloading(&clock),
        Program::new(
            &built(folder, "test_case"),
            &[verify, &quote, &collateral],
            "Status: UpToDate",
        )
        .preloading(&clock),
        ours("teeproof"),
        ours("teeproof-auditor"),
    ];
    let peer = peer_collateral(COLLATERAL);
    let apart = Program::new(
        &built(folder, "dcap-rs"),
        &[&quote, &collateral, Path::new(VERDICTS)],
        "µs",
    );
    let mut whole: Vec<Vec<f64>> = vec![Vec::new(); programs.len()];
    let (mut ring, mut other) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let bare = timed(&nothing);
        let times: Vec<f64> = programs.iter().map(timed).collect();
        // What it costs to preload the clock, in this round.
        let clock = times.first().map_or(0.0, |with| with - bare);
        for (times, time) in whole.iter_mut().zip(times) {
            times.push(time - clock);
        }
        ring.push(cold(|| {
            let [(_, verify), ..] = PEERS;
            assert_eq!(verify(&peer).status, "UpToDate");
        }));
        other.push(said(&apart.output()));
    }
    let mut whole = whole.into_iter();
    let mut next = || whole.next().expect("as many times as programs");
    let (nothing, theirs, ours, auditor) = (next(), next(), next(), next());
    println!(
        "{}; programs of their own, each built with {}. Processor time of a whole process, user and \
         system, from its start to its end; the clock stands at the sample's instant for all of them, and \
         what that costs is taken off. {rounds} rounds by turns of {REPEAT} runs each, ratios taken inside \
         a round, medians of both.\n",
        teeproof_benches::machine(),
        teeproof_benches::build(),
    );
    let none = Goal::None;
    let rows = [
        Row::new(
            "dcap-qvl-cli 0.7.1, `test_case verify` (ring and rustcrypto)",
            &theirs,
            none,
        ),
        Row::new(
            "teeproof verify, as it ships (both engines)",
            &ours,
            Goal::AtMost(0.45),
        ),
        Row::new(
            "teeproof verify, without network (both engines)",
            &auditor,
            Goal::AtMost(0.45),
        ),
        Row::new("a process that does nothing, `/bin/true`", &nothing, none),
    ];
    println!(
        "{}",
        table(
            "one saved pair, whole process",
            "of dcap-qvl-cli",
            &theirs,
            &rows
        )
    );
    let rows = [
        Row::new("dcap-qvl 0.7.1, ring: cold", &ring, none),
        Row::new("dcap-rs 0.1.0: cold", &other, none),
    ];
    println!(
        "{}",
        table(
            "verdict alone, in processes of their own",
            "of dcap-qvl",
            &ring,
            &rows
        )
    );
}

fn timed(program: &Program) -> f64 {
    // Once for what the system keeps of files.
    program.output();
    (0..REPEAT).map(|_| program.time()).sum::<f64>() / f64::from(REPEAT)
}

fn cold(run: impl Fn()) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "a benchmark does not run for so long"
    )]
    let now = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
    };
    run();
    let start = now();
    (0..REPEAT).for_each(|_| run());
    (now() - start) / f64::from(REPEAT)
}

/// What the peer measured of itself: `TIME µs`.
fn said(output: &str) -> f64 {
    let number = output.split_whitespace().next();
    number
        .and_then(|number| number.parse().ok())
        .expect("a number of µs")
}
