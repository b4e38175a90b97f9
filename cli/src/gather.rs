//! What is behind an input: files as they are, or a running instance, asked.

use std::path::Path;

#[cfg(feature = "network")]
use teeproof_bindings::InstantChoice;
use teeproof_bindings::{ExitCode, VerifyOptions};
use teeproof_core::{Exchange, InstanceEvidence};
#[cfg(feature = "network")]
use teeproof_instance::Ask;

use crate::failure::Failure;
use crate::input;
#[cfg(feature = "network")]
use crate::network::{self, CollateralSource, InstanceOptions};

/// What is behind one input, how it came, and the exit code of what went wrong on the way without
/// standing against a verdict.
pub(crate) type Gathered = (Vec<InstanceEvidence>, Exchange, Option<ExitCode>);

/// Evidence in files is judged as it is, unless a place is named to complete it from.
#[cfg(feature = "network")]
pub(crate) fn evidence(
    path: &Path,
    (source, instance): (&CollateralSource, InstanceOptions),
    options: &VerifyOptions,
) -> Result<Gathered, Failure> {
    let (mut instances, exchange) = match network::address_of(path) {
        Some(url) => {
            if options.exchange.challenge.is_some() {
                return Err(Failure::Argument {
                    name: "--challenge",
                    problem: "a running instance is asked with a fresh challenge".to_owned(),
                    next: "leave out --challenge, or give evidence that answers it",
                });
            }
            let ask = Ask {
                extras: true,
                ..Ask::default()
            };
            let captured = network::ask(url, source, instance, &ask)?;
            (captured.evidence, captured.exchange)
        }
        None => (input::evidence(path)?, options.exchange.clone()),
    };
    let mut trouble = None;
    let live = network::address_of(path).is_some();
    if live || source.pccs.is_some() || source.offline {
        let service = network::service(source)?;
        for instance in &mut instances {
            let at = match (options.instant, instance.captured_at) {
                (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
                | (InstantChoice::Captured, Some(at)) => at,
                (InstantChoice::Captured, None) => continue,
            };
            let (beside, anchor) = (&options.collateral, &options.anchor);
            // Without collateral there is still a verdict: it says what is missing.
            if let Err(failure) = network::complete(instance, beside, anchor, at, &service) {
                trouble = Some(failure.code());
                network::progress(format!("warning: {failure}; {}", failure.next_step()));
            }
        }
    }
    Ok((instances, exchange, trouble))
}

#[cfg(not(feature = "network"))]
pub(crate) fn evidence(path: &Path, options: &VerifyOptions) -> Result<Gathered, Failure> {
    let text = path.to_string_lossy();
    if text.starts_with("https://") || text.starts_with("http://") {
        return Err(Failure::Argument {
            name: "EVIDENCE",
            problem: "this build has no network, and cannot ask an address".to_owned(),
            next: "capture a bundle with a build that has the feature `network`, and judge it here",
        });
    }
    Ok((input::evidence(path)?, options.exchange.clone(), None))
}
