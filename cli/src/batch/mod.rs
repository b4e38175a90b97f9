//! Many pieces of evidence in one run: a reader, workers beside one another, one line for each answer.
//!
//! What is held at any time is bounded: the items between reader and workers by their bytes, answers
//! by the length of a queue, what is remembered by its limit, the summary by its number of rows.

mod archive;
mod budget;
#[cfg_attr(not(feature = "network"), path = "no_fetch.rs")]
mod fetch;
mod line;
mod progress;
mod results;
mod source;
mod summary;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;

use teeproof_bindings::{
    Engines, ExitCode, Judged, Memory, SharedCollateral, Unreadable, VerifyOptions,
    verify_remembering,
};
use teeproof_core::{InstanceEvidence, assemble, limits, recognise};

use crate::args::{BatchArgs, SecondEngineArg};
use crate::failure::Failure;
use crate::output::Output;

use budget::{Budget, Held};
pub(crate) use fetch::Fetching;
use line::{Line, Written};
use progress::Progress;
use results::{Done, Header, Results};
use source::{Item, Source, Trouble};
use summary::Summary;

/// Bytes of items that are read and not yet judged, all together. One item is at most as large.
const IN_FLIGHT: usize = limits::BUNDLE;

/// Items, and answers, that wait for each worker.
const QUEUED: usize = 4;

/// MiB of what is remembered, unless it is said.
const MEMORY: usize = 4;

/// What every worker judges with.
struct Judge<'a> {
    options: &'a VerifyOptions,
    shared: &'a RwLock<SharedCollateral>,
    fetching: Option<&'a Fetching>,
    memory: &'a Memory,
    second_engine: SecondEngineArg,
    full: bool,
    done: &'a Done,
}

/// Judges every item of a source, and says what came of it.
pub(crate) fn run(
    args: &BatchArgs,
    mut options: VerifyOptions,
    fetching: Option<&Fetching>,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let Some(path) = &args.batch else {
        return Ok(ExitCode::Usage);
    };
    let second_engine = args.second_engine.unwrap_or(SecondEngineArg::All);
    let source = Source::open(path)?;
    let mut summary = Summary::new(second_engine);
    let header = Header::of(
        &options,
        second_engine,
        fetching.map(|fetching| fetching.from.clone()),
    );
    let (mut results, done) = Results::open(args.resume.as_deref(), &header, &mut summary, output)?;
    let shared = RwLock::new(shared(&mut options));
    let memory = Memory::of_bytes(args.memory.unwrap_or(MEMORY).saturating_mul(1024 * 1024));
    let judge = Judge {
        options: &options,
        shared: &shared,
        fetching,
        memory: &memory,
        second_engine,
        full: args.full,
        done: &done,
    };
    let jobs = args
        .jobs
        .or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get);
    let queue = jobs.saturating_mul(QUEUED);
    let mut progress = Progress::of(source.size());
    let seen = source.position();
    let budget = Budget::of(IN_FLIGHT);
    let (to_workers, items) = sync_channel::<(Item, Held<'_>)>(queue);
    let (to_writer, answers) = sync_channel::<Vec<Written>>(queue);
    let items = Mutex::new(items);
    thread::scope(|scope| {
        let reader = scope.spawn(|| read(source, to_workers, &budget));
        for _ in 0..jobs {
            let to_writer = to_writer.clone();
            scope.spawn(|| work(&items, to_writer, &judge));
        }
        drop(to_writer);
        // Dropping `answers` on a failure ends the workers, and their end the reader.
        let written = write(answers, &mut results, &mut summary, |count| {
            progress.show(count, seen.bytes());
        });
        progress.clear();
        if written.is_err() {
            budget.stop();
        }
        let read = reader.join().unwrap_or(Ok(()));
        written.and(read)
    })?;
    results.flush()?;
    if summary.is_empty() {
        return Err(Failure::EmptyBatch {
            path: path.to_owned(),
        });
    }
    summary.print();
    if let Some(path) = &args.summary {
        summary.write(path)?;
    }
    let trouble = fetching.and_then(Fetching::trouble);
    Ok(ExitCode::of_all(
        [summary.code()].into_iter().chain(trouble),
    ))
}

/// Collateral whose signatures are checked once for all. What is not authentic stays in the options,
/// so that each report says of it what it always says.
fn shared(options: &mut VerifyOptions) -> SharedCollateral {
    let mut shared = SharedCollateral::new(options.anchor.clone());
    options
        .collateral
        .retain(|parts| shared.add(parts.clone()).is_err());
    shared
}

fn read<'a>(
    source: Source,
    to_workers: SyncSender<(Item, Held<'a>)>,
    budget: &'a Budget,
) -> Result<(), Failure> {
    source.each(&mut |item| {
        let Some(held) = budget.hold(item.content.as_ref().map_or(0, Vec::len)) else {
            return ControlFlow::Break(());
        };
        match to_workers.send((item, held)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })
}

fn work(
    items: &Mutex<Receiver<(Item, Held<'_>)>>,
    to_writer: SyncSender<Vec<Written>>,
    judge: &Judge<'_>,
) {
    loop {
        // Waiting for an item is done by one worker at a time; the others wait for the lock.
        let received = items.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((item, held)) = received else {
            return;
        };
        let written = judge.item(&item);
        drop((item, held));
        if to_writer.send(written).is_err() {
            // Nobody writes any more: what is queued is let go, so that the reader can end.
            while items
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv()
                .is_ok()
            {}
            return;
        }
    }
}

fn write(
    answers: Receiver<Vec<Written>>,
    results: &mut Results<'_>,
    summary: &mut Summary,
    mut progress: impl FnMut(u64),
) -> Result<(), Failure> {
    let mut items = 0_u64;
    loop {
        let next = match answers.try_recv() {
            Ok(next) => next,
            // Nothing waits: now is the time to bring to disk what was written.
            Err(_) => {
                results.flush()?;
                match answers.recv() {
                    Ok(next) => next,
                    Err(_) => return Ok(()),
                }
            }
        };
        items = items.saturating_add(1);
        for written in next {
            results.line(&written.text)?;
            summary.add(&written.row);
        }
        progress(items);
    }
}

impl Judge<'_> {
    /// The lines of one item: one for each instance that it holds, none where a resumed file has them.
    fn item(&self, item: &Item) -> Vec<Written> {
        let bytes = match &item.content {
            Ok(bytes) => bytes,
            Err(trouble) => return vec![Line::unread(item, None, trouble).written()],
        };
        let digest = teeproof_core::sha256(bytes);
        if self.done.has(&item.name, &digest.to_string()) {
            return Vec::new();
        }
        let sha256 = digest.to_string();
        let trouble = |code, message| {
            vec![Line::unread(item, Some(&sha256), &Trouble { code, message }).written()]
        };
        let mut instances = match recognise(bytes) {
            Ok(part) => match assemble(vec![part]) {
                Ok(instances) => instances,
                Err(error) => return trouble("assemble", error.to_string()),
            },
            Err(error) => return trouble("input", error.to_string()),
        };
        let of = instances.len();
        let engines = self.second_engine.engines(item.index);
        let answers = (1..).zip(&mut instances).map(|(number, evidence)| {
            let judged = self.judged(&item.name, evidence, engines);
            let line = match &judged {
                Ok(judged) => Line::judged(item, &sha256, &judged.answer, self.full),
                Err(answer) => Line::without_verdict(item, &sha256, answer),
            };
            line.of_several(number, of).written()
        });
        answers.collect()
    }

    /// The answer, once more if there was collateral to fetch.
    fn judged(
        &self,
        name: &str,
        evidence: &mut InstanceEvidence,
        engines: Engines,
    ) -> Result<Judged, Unreadable> {
        let judge = |evidence: &InstanceEvidence| {
            let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
            verify_remembering(
                name,
                evidence,
                self.options,
                Some(&shared),
                self.memory,
                engines,
            )
        };
        let judged = judge(evidence)?;
        match self.fetching {
            Some(fetching)
                if fetching.complete(&judged.answer, evidence, self.options, self.shared) =>
            {
                judge(evidence)
            }
            _ => Ok(judged),
        }
    }
}

impl SecondEngineArg {
    /// The engines of the item with this index.
    const fn engines(self, index: u64) -> Engines {
        match self {
            Self::All => Engines::All,
            Self::None => Engines::OursAlone,
            Self::Every(step) if index.is_multiple_of(step.get()) => Engines::All,
            Self::Every(_) => Engines::OursAlone,
        }
    }
}
