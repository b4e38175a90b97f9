//! The core on one machine's evidence, with the second engine and the lint of this build.

use std::borrow::Cow;

use teeproof_core::{
    CollateralParts, CollateralSet, Examination, Exchange, InstanceEvidence, Instant, LintOutcome,
    MeasuredEvidence, Report, SecondEngine, SignatureVerifier, appraise,
};

use crate::answer::ErrorAnswer;
use crate::memory::Recall;
use crate::shared::SharedCollateral;
use crate::verify::{InstantChoice, VerifyOptions};

/// The signature backend of this build.
pub fn signature_backend() -> &'static dyn SignatureVerifier {
    #[cfg(feature = "ring")]
    {
        &teeproof_crypto_ring::RingVerifier
    }
    #[cfg(not(feature = "ring"))]
    {
        &teeproof_crypto_rustcrypto::RustCryptoVerifier
    }
}

/// What is judged, and as of when.
fn subject<'a>(
    evidence: &'a InstanceEvidence,
    options: &VerifyOptions,
) -> Result<(&'a [u8], Instant), ErrorAnswer> {
    let error = |code: &str, message: String| ErrorAnswer {
        code: code.to_owned(),
        message,
    };
    let quote = evidence.quote.as_ref().ok_or_else(|| {
        let message = evidence
            .missing
            .as_ref()
            .map_or_else(|| "there is no quote".to_owned(), ToString::to_string);
        error("no-quote", message)
    })?;
    match (options.instant, evidence.captured_at) {
        (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
        | (InstantChoice::Captured, Some(at)) => Ok((quote, at)),
        (InstantChoice::Captured, None) => Err(error(
            "no-capture-time",
            "the input does not say when it was captured".to_owned(),
        )),
    }
}

/// What a verdict is made with, beside the evidence and what decides about it. None of it changes a
/// verdict but for the engines that it names.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    /// Collateral that was authenticated before.
    pub(crate) shared: Option<&'a SharedCollateral>,
    pub(crate) signatures: &'a dyn SignatureVerifier,
    pub(crate) memory: Option<&'a dyn Recall>,
    /// Whether the second engine runs, in builds that have it.
    pub(crate) second_engine: bool,
}

impl<'a> Means<'a> {
    pub(crate) const fn of(
        shared: Option<&'a SharedCollateral>,
        signatures: &'a dyn SignatureVerifier,
    ) -> Self {
        Self {
            shared,
            signatures,
            memory: None,
            second_engine: true,
        }
    }
}

/// Runs the core on one machine's evidence.
pub(crate) fn judge(
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    means: Means<'_>,
) -> Result<Report, ErrorAnswer> {
    let (quote, at) = subject(evidence, options)?;
    let mut examination = match means.memory {
        None => {
            let set = collateral(evidence, options, means);
            Examination::of(quote, &set, at, means.signatures)
        }
        Some(memory) => {
            let signatures = memory.over(means.signatures);
            let means = Means {
                signatures: &*signatures,
                ..means
            };
            let set = collateral(evidence, options, means);
            Examination::remembering(quote, &set, at, &*signatures, memory)
        }
    };
    let second_engine = if means.second_engine {
        second_opinion(quote, evidence, options, means.shared, &examination)
    } else {
        SecondEngine::NotRun
    };
    // The second engine has seen nothing before: it is asked about the proof alone.
    if let Some(memory) = means.memory {
        memory.hold(&mut examination);
    }
    let lint = linted(evidence, options);
    Ok(appraise(
        &examination,
        &MeasuredEvidence {
            event_log: evidence.event_log.as_deref(),
            app_compose: evidence.app_compose.as_deref(),
            vm_config: evidence.vm_config.as_deref(),
            mr_config_document: evidence.mr_config_document.as_deref(),
            lint: lint.as_ref(),
        },
        &options.policy,
        &exchange(evidence, options),
        second_engine,
    ))
}

/// What a lint says of the app-compose, in builds that have it.
#[cfg(feature = "compose")]
fn linted(evidence: &InstanceEvidence, options: &VerifyOptions) -> Option<LintOutcome> {
    crate::lint::outcome(evidence.app_compose.as_deref(), &options.policy)
}

#[cfg(not(feature = "compose"))]
const fn linted(_evidence: &InstanceEvidence, _options: &VerifyOptions) -> Option<LintOutcome> {
    None
}

/// All collateral: that of the evidence, that of the options, and the shared. The last is not copied
/// where it is all there is.
fn collateral<'a>(
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    means: Means<'a>,
) -> Cow<'a, CollateralSet> {
    let shared = means.shared;
    let alone = evidence.collateral.is_empty()
        && options.collateral.is_empty()
        && evidence.pck_chain.is_none();
    if let Some(shared) = shared
        && alone
        && *shared.set().anchor() == options.anchor
    {
        return Cow::Borrowed(shared.set());
    }
    let mut set = CollateralSet::new(options.anchor.clone());
    for parts in evidence.collateral.iter().chain(&options.collateral) {
        add(&mut set, parts, means);
    }
    if let Some(shared) = shared
        && !set.add_set(shared.set())
    {
        // Authentic under another root: under this one it has to be looked at like any other.
        for parts in shared.parts() {
            add(&mut set, parts, means);
        }
    }
    if let Some(chain) = &evidence.pck_chain {
        set.add_pck_chain(chain);
    }
    Cow::Owned(set)
}

fn add(set: &mut CollateralSet, parts: &CollateralParts, means: Means<'_>) {
    let remembered = means
        .memory
        .and_then(|memory| memory.collateral(set.anchor().digest(), parts));
    if remembered.is_some_and(|authentic| set.add_authentic(authentic)) {
        return;
    }
    // Why a part is refused stands in the report.
    let added = set.add(parts, means.signatures).is_ok();
    if let (true, Some(memory), Some(authentic)) = (added, means.memory, set.items().last()) {
        memory.keep_collateral(authentic);
    }
}

/// The caller's exchange. The digest of the channel's key is part of what report data derive from,
/// and the workload states it beside them: taken from there, unless the caller names one.
fn exchange(evidence: &InstanceEvidence, options: &VerifyOptions) -> Exchange {
    let mut exchange = options.exchange.clone();
    if let Some(asked) = &mut exchange.challenge
        && asked.channel_key.is_none()
    {
        asked.channel_key = evidence
            .challenge
            .as_ref()
            .and_then(|stated| stated.channel_key);
    }
    exchange
}

/// Runs the second engine on the same bytes, in builds that have it.
#[cfg(feature = "second-engine")]
fn second_opinion(
    quote: &[u8],
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
    examination: &Examination,
) -> SecondEngine {
    use teeproof_core::Disagreement;
    use teeproof_crosscheck::{CrossCheck, cross_check};

    let shared = shared.map(SharedCollateral::parts).unwrap_or_default();
    let supplied = || {
        let own = evidence.collateral.iter().chain(&options.collateral);
        own.chain(shared)
    };
    // What our engine used; where it used none, the only one there is, so that both may refuse it.
    let used = match examination.collateral() {
        Some(used) => supplied().find(|parts| *parts == used.parts()),
        None => supplied().next().filter(|_| supplied().count() == 1),
    };
    let used = used.map(|parts| match &evidence.pck_chain {
        Some(chain) if parts.pck_certificate_chain.is_none() => Cow::Owned(CollateralParts {
            pck_certificate_chain: Some(chain.clone()),
            ..parts.clone()
        }),
        _ => Cow::Borrowed(parts),
    });
    match cross_check(quote, used.as_deref(), examination) {
        CrossCheck::Agrees { .. } => SecondEngine::Agrees,
        CrossCheck::NotRun(_) => SecondEngine::NotRun,
        CrossCheck::Conflict { disagreements, .. } => SecondEngine::Conflict(
            disagreements
                .into_iter()
                .map(|one| Disagreement {
                    claim: one.claim.to_owned(),
                    ours: one.ours,
                    theirs: one.theirs,
                })
                .collect(),
        ),
    }
}

#[cfg(not(feature = "second-engine"))]
const fn second_opinion(
    _quote: &[u8],
    _evidence: &InstanceEvidence,
    _options: &VerifyOptions,
    _shared: Option<&SharedCollateral>,
    _examination: &Examination,
) -> SecondEngine {
    SecondEngine::NotRun
}
