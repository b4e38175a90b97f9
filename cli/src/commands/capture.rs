//! `teeproof capture` and `teeproof collateral fetch`: out there, and into a file.

use std::path::Path;

use teeproof_bindings::{Answer, ExitCode, InstantChoice, VerifyOptions, verify};
use teeproof_core::{Bundle, InstanceEvidence, Policy, TrustAnchor, encode_hex};
use teeproof_instance::Ask;

use crate::args::CaptureArgs;
use crate::failure::Failure;
use crate::input;
use crate::network::{self, CollateralSource, progress};
use crate::output::Output;

pub(crate) fn run(args: &CaptureArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let ask = Ask {
        source: None,
        one_instance: !args.any_instance,
        extras: true,
    };
    let captured = network::ask(&args.url, &args.source, args.instance, &ask)?;
    let now = input::now()?;
    let [evidence] = captured.evidence.as_slice() else {
        return Err(Failure::Argument {
            name: "URL",
            problem: format!(
                "{} instances, and a bundle holds one",
                captured.evidence.len()
            ),
            next: "ask one instance by its own address",
        });
    };
    let mut evidence = evidence.clone();
    let anchor = anchor(args.root.as_deref())?;
    // Evidence without collateral is worth keeping: collateral can be had later, for a while.
    let incomplete = match network::service(&args.source) {
        Ok(service) => network::complete(&mut evidence, &[], &anchor, now, &service).err(),
        Err(failure) => Some(failure),
    };
    let challenge = captured.exchange.challenge.clone();
    let options = VerifyOptions {
        policy: Policy::default(),
        anchor,
        instant: InstantChoice::Clock(now),
        collateral: Vec::new(),
        exchange: captured.exchange,
        genuine_only: false,
    };
    let channel = match verify(&args.url, &evidence, &options) {
        Answer::Verified(answer) => answer.channel,
        Answer::Unreadable(_) => "unbound".to_owned(),
    };
    let mut bundle = Bundle::from_evidence(&evidence).map_err(|error| Failure::Bundle { error })?;
    bundle.captured_at = Some(now);
    if let Some(label) = &args.label {
        bundle.label = Some(label.clone());
    }
    let text = bundle.to_json();
    // A label can break a rule of the format; nobody should find out later.
    Bundle::from_json(text.as_bytes()).map_err(|error| Failure::Bundle { error })?;
    write(args.output.as_deref(), &text, output)?;
    let place = match &args.output {
        Some(path) => path.display().to_string(),
        None => "standard output".to_owned(),
    };
    progress(format!(
        "captured {} ({}) at {now} into {place}; channel {channel}; nothing else was judged: run `teeproof verify`",
        captured.address,
        captured.source.as_str(),
    ));
    // In the bundle it is the bundle's own word. For a verdict on it later, it must come from here.
    if let Some(challenge) = challenge {
        progress(format!("challenge {}", encode_hex(&challenge.bytes)));
    }
    match incomplete {
        None => Ok(ExitCode::Trusted),
        Some(failure) => {
            output.error(&failure);
            progress("the bundle was written without collateral");
            Ok(failure.code())
        }
    }
}

/// Fetches the collateral of a quote into a file.
pub(crate) fn collateral(
    quote: &Path,
    target: Option<&Path>,
    root: Option<&Path>,
    source: &CollateralSource,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let instances = input::evidence(quote)?;
    let [evidence] = instances.as_slice() else {
        return Err(Failure::Argument {
            name: "--quote",
            problem: format!("{} quotes; expected one", instances.len()),
            next: "give the evidence of one machine",
        });
    };
    // Only the quote counts: what else lies beside it is to be fetched anew.
    let mut bare = InstanceEvidence {
        collateral: Vec::new(),
        ..evidence.clone()
    };
    let service = network::service(source)?;
    network::complete(&mut bare, &[], &anchor(root)?, input::now()?, &service)?;
    let Some(mut parts) = bare.collateral.pop() else {
        return Err(Failure::Argument {
            name: "--quote",
            problem: "there is no quote in it that says which collateral it needs".to_owned(),
            next: "run `teeproof inspect` on it to see what it is",
        });
    };
    parts.pck_certificate_chain = bare.pck_chain;
    write(target, &parts.to_json(), output)?;
    Ok(ExitCode::Trusted)
}

fn anchor(root: Option<&Path>) -> Result<TrustAnchor, Failure> {
    match root {
        Some(path) => input::root(path),
        None => TrustAnchor::intel().map_err(|_| Failure::Root {
            path: "the built-in root".into(),
        }),
    }
}

fn write(target: Option<&Path>, text: &str, output: &mut Output) -> Result<(), Failure> {
    match target {
        Some(path) => std::fs::write(path, text).map_err(|error| Failure::Write {
            path: Some(path.to_owned()),
            error,
        }),
        None => output.json_text(text),
    }
}
