//! The three ways to ask for evidence.

use teeproof_core::{
    Bytes32, Challenge, Channel, DerivationRule, EventLog, Exchange, InputKind, InstanceEvidence,
    Recognised, assemble, encode_hex, limits, recognise,
};
use teeproof_http::{Address, Client, Response, Trust};

use crate::error::{InstanceError, InstanceFault};
use crate::extras;
use crate::gateway::{GatewayHost, instead_of_port};
use crate::note::Note;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The instance's own evidence endpoint, with a fresh challenge.
    Endpoint,
    /// The guest agent's public port: proof of a key, without a challenge.
    GuestAgent,
    /// A cloud's record of all instances of an app.
    Cloud,
}

impl Source {
    /// A stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::GuestAgent => "guest-agent",
            Self::Cloud => "cloud",
        }
    }

    /// Who it is by the address alone.
    fn of(address: &Address) -> Self {
        let path = address.path().trim_end_matches('/');
        let agent_port = GatewayHost::parse(address.host()).is_some_and(|it| it.port == Some(8090));
        if path.contains("/apps/") && path.ends_with("/attestations") {
            Self::Cloud
        } else if agent_port || path.ends_with("/prpc") || path.contains("/prpc/") {
            Self::GuestAgent
        } else {
            Self::Endpoint
        }
    }
}

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    /// Who is asked; by the address alone without it.
    pub source: Option<Source>,
    /// Refuse the host of an app whose instances take turns.
    pub one_instance: bool,
    /// Ask for `/version` and `/health` too.
    pub extras: bool,
}

/// Evidence, and how it came. Claims only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Who was asked.
    pub source: Source,
    /// The address that answered.
    pub address: String,
    /// The evidence: of one instance, or of all that a cloud knows.
    pub evidence: Vec<InstanceEvidence>,
    /// What was asked, and whom the connection ended with.
    pub exchange: Exchange,
    /// What is worth knowing.
    pub notes: Vec<Note>,
}

/// Asks an address for evidence.
///
/// A client that accepts any certificate is one for RA-TLS: then the key of the connection must be
/// the one in the evidence, or there is no result.
///
/// # Errors
/// Every [`InstanceFault`].
pub fn capture(client: &Client, address: &Address, ask: &Ask) -> Result<Captured, InstanceError> {
    if let Some(port) = address.port()
        && let Some(instead) = instead_of_port(address.host(), port)
    {
        let fault = InstanceFault::GatewayPort { port, instead };
        return Err(InstanceError::new(address, fault));
    }
    let source = ask.source.unwrap_or_else(|| Source::of(address));
    let mut captured = match source {
        Source::Endpoint => endpoint(client, address)?,
        Source::GuestAgent => guest_agent(client, address)?,
        Source::Cloud => cloud(client, address)?,
    };
    bound(client, address, &captured)?;
    if source != Source::Cloud {
        balanced(address, ask, &mut captured)?;
    }
    if !address.is_tls() {
        captured.notes.push(Note::NoTls);
    } else if GatewayHost::parse(address.host()).is_some_and(|host| !host.passthrough) {
        captured.notes.push(Note::TlsEndsAtGateway);
    }
    if ask.extras
        && source == Source::Endpoint
        && let [evidence] = captured.evidence.as_mut_slice()
    {
        let key = key(&captured.exchange);
        let base = endpoint_base(address);
        extras::add(client, &base, key, evidence, &mut captured.notes);
    }
    Ok(captured)
}

const fn key(exchange: &Exchange) -> Option<Bytes32> {
    match exchange.channel {
        Channel::Live { tls_key } => tls_key,
        Channel::Saved => None,
    }
}

/// The address without the endpoint's own path, if somebody wrote it out.
fn endpoint_base(address: &Address) -> Address {
    let text = address.as_str();
    let path = text.split_once('?').map_or(text, |(path, _)| path);
    path.trim_end_matches('/')
        .strip_suffix("/attestation")
        .and_then(|base| Address::parse(base).ok())
        .unwrap_or_else(|| address.clone())
}

fn endpoint(client: &Client, address: &Address) -> Result<Captured, InstanceError> {
    let fail = |fault| InstanceError::new(address, fault);
    let mut challenge = [0; 32];
    getrandom::fill(&mut challenge).map_err(|_| fail(InstanceFault::NoRandomness))?;
    let hex = encode_hex(&challenge);
    let query = format!("challenge={hex}");
    let response = get(
        client,
        &endpoint_base(address).below("/attestation", Some(&query)),
    )?;
    let evidence = evidence(address, &response)?;
    let [one] = evidence.as_slice() else {
        return Err(fail(InstanceFault::NotEvidence {
            problem: format!("{} instances; expected one", evidence.len()),
        }));
    };
    if one.kind != InputKind::Bundle {
        return Err(fail(InstanceFault::NotEvidence {
            problem: format!("found {}, expected a bundle", one.kind),
        }));
    }
    // Its own word: a wrong one is an answer from memory, and a right one proves nothing yet.
    let stated = one.challenge.as_ref();
    let rule = DerivationRule::TeeproofEvidence;
    if !stated.is_some_and(|stated| stated.bytes == challenge && stated.rule == rule.name()) {
        return Err(fail(InstanceFault::OtherChallenge {
            found: stated.map(|stated| format!("{} ({})", encode_hex(&stated.bytes), stated.rule)),
            expected: format!("{hex} ({rule})"),
        }));
    }
    Ok(result(
        Source::Endpoint,
        &response,
        evidence,
        Some(Challenge::new(challenge.to_vec(), rule)),
        Vec::new(),
    ))
}

fn guest_agent(client: &Client, address: &Address) -> Result<Captured, InstanceError> {
    let text = address.as_str();
    let base = text
        .split_once("/prpc")
        .and_then(|(base, _)| Address::parse(base).ok())
        .unwrap_or_else(|| address.clone());
    let info = get(client, &base.below("/prpc/Worker.Info", None))?;
    let quote = client
        .post_json(
            &base.below("/prpc/Worker.GetAttestationForAppKey", None),
            br#"{"algorithm":"ed25519"}"#,
            limits::BUNDLE,
        )
        .map_err(|error| InstanceError::new(address, InstanceFault::Http(error)))
        .and_then(|response| usable(address, response))?;
    let fail =
        |problem: String| InstanceError::new(address, InstanceFault::NotEvidence { problem });
    let parts = [recognised(address, &info)?, recognised(address, &quote)?];
    let evidence = assemble(parts).map_err(|error| {
        fail(format!(
            "two answers that do not go together, as of two instances: {error}"
        ))
    })?;
    if info.tls_key != quote.tls_key {
        return Err(fail("two answers over connections to two keys".to_owned()));
    }
    Ok(result(
        Source::GuestAgent,
        &quote,
        evidence,
        None,
        vec![Note::NoFreshChallenge],
    ))
}

fn cloud(client: &Client, address: &Address) -> Result<Captured, InstanceError> {
    let response = get(client, address)?;
    let evidence = evidence(address, &response)?;
    Ok(result(
        Source::Cloud,
        &response,
        evidence,
        None,
        vec![Note::NoFreshChallenge, Note::FromCloud],
    ))
}

fn result(
    source: Source,
    response: &Response,
    evidence: Vec<InstanceEvidence>,
    challenge: Option<Challenge>,
    mut notes: Vec<Note>,
) -> Captured {
    if !response.redirects.is_empty() {
        notes.push(Note::Redirected {
            to: response.address.to_string(),
        });
    }
    Captured {
        source,
        address: response.address.to_string(),
        evidence,
        exchange: Exchange {
            challenge,
            channel: Channel::Live {
                tls_key: response.tls_key,
            },
        },
        notes,
    }
}

fn get(client: &Client, address: &Address) -> Result<Response, InstanceError> {
    let response = client
        .get(address, limits::BUNDLE)
        .map_err(|error| InstanceError::new(address, InstanceFault::Http(error)))?;
    usable(address, response)
}

fn usable(address: &Address, response: Response) -> Result<Response, InstanceError> {
    let fail = |fault| InstanceError::new(address, fault);
    if matches!(response.status, 404 | 405 | 501) {
        return Err(fail(InstanceFault::NoEndpoint {
            status: response.status,
        }));
    }
    response
        .success()
        .map_err(|error| fail(InstanceFault::Http(error)))
}

fn recognised(address: &Address, response: &Response) -> Result<Recognised, InstanceError> {
    let fail = |fault| InstanceError::new(address, fault);
    let text = String::from_utf8_lossy(&response.body);
    if !text.trim_start().starts_with('{') {
        let start = text.chars().filter(|one| !one.is_control()).take(60);
        return Err(fail(InstanceFault::NotJson {
            start: start.collect(),
        }));
    }
    recognise(&response.body).map_err(|error| {
        fail(InstanceFault::NotEvidence {
            problem: error.to_string(),
        })
    })
}

fn evidence(
    address: &Address,
    response: &Response,
) -> Result<Vec<InstanceEvidence>, InstanceError> {
    match recognised(address, response)? {
        Recognised::Evidence(evidence) => Ok(evidence),
        _ => Err(InstanceError::new(
            address,
            InstanceFault::NotEvidence {
                problem: "a part of evidence, without a quote".to_owned(),
            },
        )),
    }
}

/// Where any certificate was accepted, its key must be the one in the evidence. That the evidence
/// does have it is for the core to prove, from the report data.
fn bound(client: &Client, address: &Address, captured: &Captured) -> Result<(), InstanceError> {
    if client.options().trust != Trust::AnyCertificate {
        return Ok(());
    }
    let stated = match captured.evidence.as_slice() {
        [one] if captured.exchange.challenge.is_some() => one
            .challenge
            .as_ref()
            .and_then(|challenge| challenge.channel_key),
        _ => None,
    };
    let seen = key(&captured.exchange);
    if seen.is_some() && seen == stated {
        return Ok(());
    }
    let fault = InstanceFault::ChannelNotBound {
        stated: stated.map(|key| key.to_string()),
        seen: seen.map(|key| key.to_string()),
    };
    Err(InstanceError::new(address, fault))
}

/// Whether the host is that of the app, by the log's own word.
fn balanced(address: &Address, ask: &Ask, captured: &mut Captured) -> Result<(), InstanceError> {
    let Some(host) = GatewayHost::parse(address.host()) else {
        return Ok(());
    };
    let [one] = captured.evidence.as_slice() else {
        return Ok(());
    };
    let log = one.event_log.as_deref().map(EventLog::parse);
    let Some(Ok(log)) = log else {
        return Ok(());
    };
    let event = |name: &str| {
        let event = log.events().iter().find(|event| event.name() == name);
        event.map(|event| encode_hex(event.payload()))
    };
    let (app, instance) = (event("app-id"), event("instance-id"));
    let id = host.id.to_ascii_lowercase();
    if app.as_deref() != Some(id.as_str()) || instance.as_deref() == Some(id.as_str()) {
        return Ok(());
    }
    let instead = instance
        .filter(|instance| !instance.is_empty())
        .map(|instance| host.with(&instance, host.port));
    if ask.one_instance {
        let fault = InstanceFault::LoadBalanced { instead };
        return Err(InstanceError::new(address, fault));
    }
    captured.notes.push(Note::LoadBalanced { instead });
    Ok(())
}

#[cfg(test)]
mod tests;
