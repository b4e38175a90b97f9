//! The core on one machine's evidence, with the signature backend and the second engine of this build.

use std::borrow::Cow;

use teeproof_core::{
    CollateralSet, Examination, Exchange, InstanceEvidence, MeasuredEvidence, Report, SecondEngine,
    SignatureVerifier, appraise,
};

use crate::answer::ErrorAnswer;
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

/// Runs the core on one machine's evidence.
pub(crate) fn judge(
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
) -> Result<Report, ErrorAnswer> {
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
    let at = match (options.instant, evidence.captured_at) {
        (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
        | (InstantChoice::Captured, Some(at)) => at,
        (InstantChoice::Captured, None) => {
            return Err(error(
                "no-capture-time",
                "the input does not say when it was captured".to_owned(),
            ));
        }
    };
    let signatures = signature_backend();
    let set = collateral(evidence, options, shared);
    let examination = Examination::of(quote, &set, at, signatures);
    let second_engine = second_opinion(quote, evidence, options, shared, &examination);
    Ok(appraise(
        &examination,
        &MeasuredEvidence {
            event_log: evidence.event_log.as_deref(),
            app_compose: evidence.app_compose.as_deref(),
            vm_config: evidence.vm_config.as_deref(),
            mr_config_document: evidence.mr_config_document.as_deref(),
        },
        &options.policy,
        &exchange(evidence, options),
        second_engine,
    ))
}

/// All collateral: that of the evidence, that of the options, and the shared. The last is not copied
/// where it is all there is.
fn collateral<'a>(
    evidence: &InstanceEvidence,
    options: &VerifyOptions,
    shared: Option<&'a SharedCollateral>,
) -> Cow<'a, CollateralSet> {
    let alone = evidence.collateral.is_empty()
        && options.collateral.is_empty()
        && evidence.pck_chain.is_none();
    if let Some(shared) = shared
        && alone
        && *shared.set().anchor() == options.anchor
    {
        return Cow::Borrowed(shared.set());
    }
    let signatures = signature_backend();
    let mut set = CollateralSet::new(options.anchor.clone());
    // Why a part is refused stands in the report.
    for parts in evidence.collateral.iter().chain(&options.collateral) {
        let _ = set.add(parts, signatures);
    }
    if let Some(shared) = shared
        && !set.add_set(shared.set())
    {
        // Authentic under another root: under this one it has to be looked at like any other.
        for parts in shared.parts() {
            let _ = set.add(parts, signatures);
        }
    }
    if let Some(chain) = &evidence.pck_chain {
        set.add_pck_chain(chain);
    }
    Cow::Owned(set)
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
        Some(used) => supplied().find(|parts| parts.digest() == *used.digest()),
        None => supplied().next().filter(|_| supplied().count() == 1),
    };
    let used = used.map(|parts| {
        let mut parts = parts.clone();
        if parts.pck_certificate_chain.is_none() {
            parts.pck_certificate_chain.clone_from(&evidence.pck_chain);
        }
        parts
    });
    match cross_check(quote, used.as_ref(), examination) {
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
