//! What the commands share that reach beyond this machine: the adapters with their options, and the
//! collateral that evidence still lacks.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args as ClapArgs;
use teeproof_bindings::signature_backend;
use teeproof_collateral::{Cache, CollateralError, Origin, PHALA_PCCS, Service};
use teeproof_core::{
    CheckId, CollateralParts, CollateralSet, Examination, InstanceEvidence, Instant, Need, Outcome,
    TrustAnchor,
};
use teeproof_http::{Address, Client, HttpError, Options, Trust};
use teeproof_instance::{Ask, Captured, InstanceError, capture};

use crate::failure::Failure;
use crate::input;

/// Seconds for an exchange, unless it is said.
const TIMEOUT: u32 = 60;

/// Where collateral comes from.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct CollateralSource {
    /// Fetch collateral here: a PCCS, or `https://api.trustedservices.intel.com` [default: Phala's
    /// PCCS]
    #[arg(long, value_name = "URL")]
    pub(crate) pccs: Option<String>,
    /// Open no connection; use only collateral that was kept before
    #[arg(long)]
    pub(crate) offline: bool,
    /// Keep collateral here [default: the user's cache directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Seconds for each exchange, everything included
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) timeout: u32,
}

impl Default for CollateralSource {
    fn default() -> Self {
        Self {
            pccs: None,
            offline: false,
            cache_dir: None,
            timeout: TIMEOUT,
        }
    }
}

/// How an instance is asked.
#[derive(Debug, Default, Clone, Copy, ClapArgs)]
pub(crate) struct InstanceOptions {
    /// The app ends TLS with a key of its own: accept any certificate whose key is in the quote
    #[arg(long)]
    pub(crate) ra_tls: bool,
    /// Allow http:// beyond this machine
    #[arg(long)]
    pub(crate) plain_http: bool,
}

/// Whether an input is an address and not a path.
pub(crate) fn address_of(path: &Path) -> Option<&str> {
    path.to_str()
        .filter(|text| text.starts_with("https://") || text.starts_with("http://"))
}

/// A line of progress on standard error. That it cannot be written stops nothing.
pub(crate) fn progress(text: impl AsRef<str>) {
    let plain: String = text
        .as_ref()
        .chars()
        .map(|one| if one.is_control() { '?' } else { one })
        .collect();
    let _ = writeln!(std::io::stderr().lock(), "{plain}");
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self::Adapter {
            code: error.fault().code(),
            problem: error.to_string(),
            next: error.next_step(),
        }
    }
}

impl From<InstanceError> for Failure {
    fn from(error: InstanceError) -> Self {
        Self::Adapter {
            code: error.code(),
            problem: error.to_string(),
            next: error.next_step(),
        }
    }
}

impl From<CollateralError> for Failure {
    fn from(error: CollateralError) -> Self {
        Self::Adapter {
            code: error.code(),
            problem: error.to_string(),
            next: error.next_step(),
        }
    }
}

/// An address on the command line: a wrong one is a wrong command.
fn address(text: &str, name: &'static str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| Failure::Argument {
        name,
        problem: error.to_string(),
        next: error.next_step(),
    })
}

/// The service of collateral that the command line names.
pub(crate) fn service(source: &CollateralSource) -> Result<Service, Failure> {
    let base = address(source.pccs.as_deref().unwrap_or(PHALA_PCCS), "--pccs")?;
    let client = match source.offline {
        true => None,
        false => Some(Client::new(options(source, Trust::default(), false))?),
    };
    let directory = source.cache_dir.clone().or_else(default_cache);
    Ok(Service::new(base, client, directory.map(Cache::new)))
}

fn options(source: &CollateralSource, trust: Trust, plain_http: bool) -> Options {
    Options {
        timeout: Duration::from_secs(source.timeout.into()),
        trust,
        plain_http,
        ..Options::default()
    }
}

/// By the XDG rules: a path that is not absolute counts as none.
fn default_cache() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("teeproof").join("collateral"))
}

/// Asks an instance.
pub(crate) fn ask(
    text: &str,
    source: &CollateralSource,
    instance: InstanceOptions,
    ask: &Ask,
) -> Result<Captured, Failure> {
    if source.offline {
        return Err(Failure::Argument {
            name: "--offline",
            problem: format!("{text} cannot be asked without a connection"),
            next: "leave out --offline, or give evidence that was captured before",
        });
    }
    let trust = if instance.ra_tls {
        Trust::AnyCertificate
    } else {
        Trust::default()
    };
    let client = Client::new(options(source, trust, instance.plain_http))?;
    let address = address(text, "URL")?;
    progress(format!("asking {address} for evidence"));
    let captured = capture(&client, &address, ask)?;
    for note in &captured.notes {
        progress(format!("note: {note} ({})", note.code()));
    }
    Ok(captured)
}

/// The checks that pass if no collateral has to be fetched.
pub(crate) const FIT: [CheckId; 2] = [CheckId::CollateralValid, CheckId::CollateralPlatform];

/// Adds the collateral that evidence lacks for a verdict at an instant. What is there and fits is
/// not fetched.
pub(crate) fn complete(
    evidence: &mut InstanceEvidence,
    beside: &[CollateralParts],
    anchor: &TrustAnchor,
    at: Instant,
    service: &Service,
) -> Result<(), Failure> {
    let there: Vec<&CollateralParts> = evidence.collateral.iter().chain(beside).collect();
    let fits = examined(evidence, &there, anchor, at).is_none_or(|examination| {
        FIT.into_iter().all(|check| {
            let finding = examination.finding(check);
            finding.is_some_and(|finding| finding.outcome == Outcome::Passed)
        })
    });
    if fits {
        return Ok(());
    }
    let needed = needs(evidence, anchor, at, |need| pck_chain(service, need))?;
    // A quote that cannot be read needs nothing: the report says why.
    if !needed.is_empty() {
        evidence.collateral.push(fetch(service, &needed)?);
    }
    Ok(())
}

/// The quote with this collateral beside it; none if there is no quote.
fn examined(
    evidence: &InstanceEvidence,
    collateral: &[&CollateralParts],
    anchor: &TrustAnchor,
    at: Instant,
) -> Option<Examination> {
    let mut set = CollateralSet::new(anchor.clone());
    for parts in collateral {
        // Why a part is refused stands in the report.
        let _ = set.add(parts, signature_backend());
    }
    if let Some(chain) = &evidence.pck_chain {
        set.add_pck_chain(chain);
    }
    let quote = evidence.quote.as_ref()?;
    Some(Examination::of(quote, &set, at, signature_backend()))
}

/// What collateral a quote needs, whatever lies beside it. One that carries no PCK chain gets it
/// first: only its chain says of which platform the collateral has to be.
pub(crate) fn needs<E>(
    evidence: &mut InstanceEvidence,
    anchor: &TrustAnchor,
    at: Instant,
    pck_chain: impl FnOnce(&Need) -> Result<String, E>,
) -> Result<Vec<Need>, E> {
    let needs = |evidence: &InstanceEvidence| {
        examined(evidence, &[], anchor, at)
            .map(|examination| examination.needs().to_vec())
            .unwrap_or_default()
    };
    let needed = needs(evidence);
    let [certificate @ Need::PckCertificate { .. }] = needed.as_slice() else {
        return Ok(needed);
    };
    evidence.pck_chain = Some(pck_chain(certificate)?);
    Ok(needs(evidence))
}

/// Gets the PCK chain of a quote that carries none.
pub(crate) fn pck_chain(service: &Service, need: &Need) -> Result<String, Failure> {
    if !service.is_offline() {
        progress(format!("asking {} for the PCK certificate", service.base()));
    }
    Ok(service.pck_chain(need)?)
}

/// Gets the collateral of a platform, and says where it came from.
pub(crate) fn fetch(service: &Service, needs: &[Need]) -> Result<CollateralParts, Failure> {
    if !service.is_offline() {
        progress(format!("asking {} for collateral", service.base()));
    }
    let fetched = service.collateral(needs, input::now()?)?;
    for note in &fetched.notes {
        progress(format!("note: {note}"));
    }
    match fetched.origin {
        Origin::Service => {}
        Origin::Cache => progress("collateral kept from the last day is used"),
        Origin::OfflineCache => progress("offline: collateral that was kept before is used"),
    }
    Ok(fetched.parts)
}
