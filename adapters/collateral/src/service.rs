//! Asking the service for what the core needs.

use std::cell::OnceCell;

use teeproof_core::{CollateralParts, Instant, Need, encode_hex, limits};
use teeproof_http::{Address, Client, HttpFault, Response};

use crate::answer::{
    Signed, certificate, issuer_chain, next_update, qe_identity, revocation_list, tcb_info,
};
use crate::cache::Cache;
use crate::error::{CollateralError, CollateralFault};

/// The PCCS that dstack's tools ask where nobody says otherwise.
pub const PHALA_PCCS: &str = "https://pccs.phala.network";

/// Intel's own service, which has no address for the root's revocation list.
const INTEL_HOST: &str = "api.trustedservices.intel.com";

/// Where Intel publishes the root's revocation list: the distribution point that its root names.
pub const INTEL_ROOT_CRL: &str =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/// Room for hex and JSON around the largest part.
const LIMIT: usize = 2 * limits::CRL + 1024;

/// Where collateral came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Fetched now.
    Service,
    /// From disk, fetched within a day.
    Cache,
    /// From disk because of being offline, of whatever age.
    OfflineCache,
}

/// Collateral and how it came. Claims only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The collateral.
    pub parts: CollateralParts,
    /// Where from.
    pub origin: Origin,
    /// What is worth knowing: a fallback, a cache that could not be written.
    pub notes: Vec<String>,
}

/// A service, the cache in front of it, and whether it may be asked at all.
#[derive(Debug)]
pub struct Service {
    base: Address,
    root_crl: Option<Address>,
    client: Option<Client>,
    cache: Option<Cache>,
    /// The root's revocation list is the same for all platforms.
    fetched_root_crl: OnceCell<Vec<u8>>,
}

impl Service {
    /// A service at this address. Without a client there is only the cache: offline.
    pub fn new(base: Address, client: Option<Client>, cache: Option<Cache>) -> Self {
        Self {
            base,
            root_crl: Address::parse(INTEL_ROOT_CRL).ok(),
            client,
            cache,
            fetched_root_crl: OnceCell::new(),
        }
    }

    /// Where to get the root's revocation list when the service has none.
    #[must_use]
    pub fn with_root_crl(mut self, address: Address) -> Self {
        self.root_crl = Some(address);
        self
    }

    /// The address of the service.
    pub const fn base(&self) -> &Address {
        &self.base
    }

    /// Whether there is only the cache.
    pub const fn is_offline(&self) -> bool {
        self.client.is_none()
    }

    /// Meets what a platform needs beside its PCK chain: TCB info, QE identity and both revocation
    /// lists, as one. They are kept and used as one, too: parts of different days may not fit.
    ///
    /// # Errors
    /// The first need that cannot be met.
    pub fn collateral(&self, needs: &[Need], now: Instant) -> Result<Fetched, CollateralError> {
        let question = self.question(needs);
        let cached = |parts, origin| Fetched {
            parts,
            origin,
            notes: Vec::new(),
        };
        if let Some(cache) = &self.cache
            && let Some(parts) = cache.fresh(&question, now)
        {
            return Ok(cached(parts, Origin::Cache));
        }
        let Some(client) = &self.client else {
            return self
                .cache
                .as_ref()
                .and_then(|cache| cache.any(&question))
                .map(|parts| cached(parts, Origin::OfflineCache))
                .ok_or(CollateralError::new("collateral", CollateralFault::Offline));
        };
        let mut notes = Vec::new();
        let parts = self.fetch(client, needs, &mut notes)?;
        if let Some(cache) = &self.cache {
            let until = [&parts.tcb_info, &parts.qe_identity]
                .into_iter()
                .map(|text| next_update(text))
                .min()
                .flatten();
            // What does not say until when it is good is not kept.
            if let Some(until) = until
                && let Err(error) = cache.keep(&question, &parts, now, until)
            {
                notes.push(format!("the collateral could not be kept: {error}"));
            }
        }
        Ok(Fetched {
            parts,
            origin: Origin::Service,
            notes,
        })
    }

    /// Gets the PCK certificate, with its chain, of a platform whose quote carries none.
    ///
    /// # Errors
    /// [`CollateralFault::UnknownPlatform`] where the service has no such certificate.
    pub fn pck_chain(&self, need: &Need) -> Result<String, CollateralError> {
        let fail = |fault| CollateralError::new(need.kind(), fault);
        let client = self
            .client
            .as_ref()
            .ok_or_else(|| fail(CollateralFault::Offline))?;
        let response = self.ask(client, need)?;
        let mut chain = certificate(&response.body).map_err(fail)?;
        let issuers = issuer_chain(need, &response).map_err(fail)?;
        if !chain.ends_with('\n') {
            chain.push('\n');
        }
        chain.push_str(&issuers);
        if chain.len() > limits::PEM_CHAIN {
            return Err(fail(CollateralFault::Body {
                problem: format!("the chain has {} bytes", chain.len()),
            }));
        }
        Ok(chain)
    }

    /// What names a set of collateral in the cache.
    fn question(&self, needs: &[Need]) -> String {
        let mut paths: Vec<String> = needs.iter().map(Need::path).collect();
        paths.sort_unstable();
        format!("{}\n{}", self.base, paths.join("\n"))
    }

    fn fetch(
        &self,
        client: &Client,
        needs: &[Need],
        notes: &mut Vec<String>,
    ) -> Result<CollateralParts, CollateralError> {
        let one = |kind: &'static str| {
            needs
                .iter()
                .find(|need| need.kind() == kind)
                .ok_or(CollateralError::new(
                    kind,
                    CollateralFault::Needs { missing: kind },
                ))
        };
        let (tcb_need, qe_need, crl_need) =
            (one("tcb-info")?, one("qe-identity")?, one("pck-crl")?);
        one("root-crl")?;
        let (tcb, tcb_chain) = self.signed(client, tcb_need, tcb_info)?;
        let (qe, qe_chain) = self.signed(client, qe_need, qe_identity)?;
        let fail = |fault| CollateralError::new(crl_need.kind(), fault);
        let crl = self.ask(client, crl_need)?;
        Ok(CollateralParts {
            pck_crl_issuer_chain: issuer_chain(crl_need, &crl).map_err(fail)?,
            root_ca_crl: self.root_crl(client, notes)?,
            pck_crl: revocation_list(&crl.body).map_err(fail)?,
            tcb_info_issuer_chain: tcb_chain,
            tcb_info: tcb.text,
            tcb_info_signature: tcb.signature,
            qe_identity_issuer_chain: qe_chain,
            qe_identity: qe.text,
            qe_identity_signature: qe.signature,
            pck_certificate_chain: None,
        })
    }

    fn signed(
        &self,
        client: &Client,
        need: &Need,
        read: fn(&[u8]) -> Result<Signed, CollateralFault>,
    ) -> Result<(Signed, String), CollateralError> {
        let response = self.ask(client, need)?;
        let fail = |fault| CollateralError::new(need.kind(), fault);
        let signed = read(&response.body).map_err(fail)?;
        Ok((signed, issuer_chain(need, &response).map_err(fail)?))
    }

    fn ask(&self, client: &Client, need: &Need) -> Result<Response, CollateralError> {
        let fail = |fault| CollateralError::new(need.kind(), fault);
        let path = need.path();
        let (path, query) = path
            .split_once('?')
            .map_or((path.as_str(), None), |(path, query)| (path, Some(query)));
        let response = client
            .get(&self.base.below(path, query), LIMIT)
            .map_err(|error| fail(CollateralFault::Http(error)))?;
        // Of a platform that it does not know, Intel's service says 404, and a PCCS 404 or 461.
        if matches!(response.status, 404 | 461) && !matches!(need, Need::RootCrl) {
            let asked = match need {
                Need::TcbInfo { tee, fmspc } => format!("{tee}, FMSPC {fmspc}"),
                Need::PckCertificate { qe_id, .. } => {
                    format!("QE id {}", encode_hex(qe_id.as_slice()))
                }
                _ => need.path(),
            };
            return Err(fail(CollateralFault::UnknownPlatform { asked }));
        }
        response
            .success()
            .map_err(|error| fail(CollateralFault::Http(error)))
    }

    /// A PCCS has the list at a place of its own. Intel's service has not: there the list lies
    /// where the root certificate says.
    fn root_crl(
        &self,
        client: &Client,
        notes: &mut Vec<String>,
    ) -> Result<Vec<u8>, CollateralError> {
        if let Some(list) = self.fetched_root_crl.get() {
            return Ok(list.clone());
        }
        let fail = |fault| CollateralError::new(Need::RootCrl.kind(), fault);
        let of_service = (self.base.host() != INTEL_HOST).then(|| self.ask(client, &Need::RootCrl));
        let not_there = |error: &CollateralError| {
            matches!(error.fault(), CollateralFault::Http(error)
                if error.fault() == HttpFault::Status && error.detail().starts_with("status 404"))
        };
        let response = match (of_service, &self.root_crl) {
            (Some(Err(error)), Some(elsewhere)) if not_there(&error) => {
                notes.push(format!(
                    "the service has no revocation list of the root; asked {elsewhere}"
                ));
                None
            }
            (Some(answer), _) => Some(answer?),
            (None, _) => None,
        };
        let response = match (response, &self.root_crl) {
            (Some(response), _) => response,
            (None, Some(elsewhere)) => client
                .get(elsewhere, LIMIT)
                .and_then(Response::success)
                .map_err(|error| fail(CollateralFault::Http(error)))?,
            (None, None) => {
                return Err(fail(CollateralFault::Needs {
                    missing: "root-crl",
                }));
            }
        };
        let list = revocation_list(&response.body).map_err(fail)?;
        Ok(self.fetched_root_crl.get_or_init(|| list).clone())
    }
}
