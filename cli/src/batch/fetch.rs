//! Collateral that items lack: fetched once for each platform.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use teeproof_bindings::{ExitCode, InstantChoice, SharedCollateral, VerifyAnswer, VerifyOptions};
use teeproof_collateral::Service;
use teeproof_core::{CheckId, CollateralParts, InstanceEvidence, Need};

use crate::failure::Failure;
use crate::network::{self, CollateralSource};

/// Platforms that collateral is fetched for. There are far fewer models of them in the world; only
/// evidence that makes them up has more.
const PLATFORMS: usize = 256;

/// Where collateral comes from, and what came of each question.
pub(crate) struct Fetching {
    state: Mutex<State>,
    /// What the results say of it.
    pub(super) from: String,
}

struct State {
    service: Service,
    asked: HashMap<Vec<String>, Came>,
    trouble: Option<ExitCode>,
}

/// What came of a question.
enum Came {
    /// Collateral that all items share now.
    Shared,
    /// Collateral that is not authentic: each report says so of it.
    Refused(Box<CollateralParts>),
    Nothing,
}

impl Fetching {
    /// As the command line says: a batch fetches only where a place is named, if only the cache.
    pub(crate) fn of(source: &CollateralSource) -> Result<Option<Self>, Failure> {
        if source.pccs.is_none() && !source.offline {
            return Ok(None);
        }
        let service = network::service(source)?;
        let from = match service.is_offline() {
            true => format!("cache of {}", service.base()),
            false => service.base().to_string(),
        };
        let state = State {
            service,
            asked: HashMap::new(),
            trouble: None,
        };
        Ok(Some(Self {
            state: Mutex::new(state),
            from,
        }))
    }

    /// Gets what an item lacks, unless it was asked for before. Whether there is more now to judge the
    /// item with. One worker asks at a time: what it gets serves the others that wait.
    pub(super) fn complete(
        &self,
        answer: &VerifyAnswer,
        evidence: &mut InstanceEvidence,
        options: &VerifyOptions,
        shared: &RwLock<SharedCollateral>,
    ) -> bool {
        let lacks = [CheckId::CollateralValid, CheckId::CollateralPlatform];
        let lacks = answer.checks.iter().any(|check| {
            check.outcome != "passed" && lacks.iter().any(|lacking| check.id == lacking.id())
        });
        let at = match (options.instant, evidence.captured_at) {
            (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
            | (InstantChoice::Captured, Some(at)) => at,
            (InstantChoice::Captured, None) => return false,
        };
        if !lacks {
            return false;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut needs = network::needs(evidence, &options.anchor, at);
        if let [certificate @ Need::PckCertificate { .. }] = needs.as_slice() {
            let Some(chain) = state.tried(|service| network::pck_chain(service, certificate))
            else {
                return false;
            };
            evidence.pck_chain = Some(chain);
            needs = network::needs(evidence, &options.anchor, at);
        }
        if needs.is_empty() {
            return false;
        }
        let question: Vec<String> = needs.iter().map(Need::path).collect();
        if !state.asked.contains_key(&question) {
            let came = state.ask(&needs, shared);
            state.asked.insert(question.clone(), came);
        }
        match state.asked.get(&question) {
            Some(Came::Shared) => true,
            Some(Came::Refused(parts)) => {
                evidence.collateral.push(parts.as_ref().clone());
                true
            }
            Some(Came::Nothing) | None => false,
        }
    }

    /// The exit code of what could not be fetched.
    pub(super) fn trouble(&self) -> Option<ExitCode> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.trouble
    }
}

impl State {
    fn ask(&mut self, needs: &[Need], shared: &RwLock<SharedCollateral>) -> Came {
        if self.asked.len() >= PLATFORMS {
            if self.asked.len() == PLATFORMS {
                network::progress(format!(
                    "warning: these are more than {PLATFORMS} platforms; nothing is fetched for others"
                ));
            }
            self.trouble = Some(ExitCode::Adapter);
            return Came::Nothing;
        }
        let Some(fetched) = self.tried(|service| network::fetch(service, needs)) else {
            return Came::Nothing;
        };
        let mut shared = shared.write().unwrap_or_else(PoisonError::into_inner);
        match shared.add(fetched.clone()) {
            Ok(()) => Came::Shared,
            Err(_) => Came::Refused(Box::new(fetched)),
        }
    }

    /// What fails is said once, and tells on the exit code; the items' verdicts say what is missing.
    fn tried<T>(&mut self, get: impl Fn(&Service) -> Result<T, Failure>) -> Option<T> {
        let failure = match get(&self.service) {
            Ok(got) => return Some(got),
            Err(failure) => failure,
        };
        network::progress(format!("warning: {failure}; {}", failure.next_step()));
        self.trouble = Some(failure.code());
        None
    }
}
