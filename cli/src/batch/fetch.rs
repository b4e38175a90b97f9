//! Collateral that items lack: fetched once for each platform.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use teeproof_bindings::{ExitCode, InstantChoice, SharedCollateral, VerifyAnswer, VerifyOptions};
use teeproof_collateral::Service;
use teeproof_core::{CollateralParts, InstanceEvidence, Need};

use crate::failure::Failure;
use crate::network::{self, CollateralSource};

/// Platforms that collateral is fetched for. There are far fewer models of them in the world; only
/// evidence that makes them up has more.
const PLATFORMS: usize = 256;

/// Machines that PCK chains are fetched for: each is kept, and has some kilobytes.
const MACHINES: usize = 1024;

/// Where collateral comes from, and what came of each question.
pub(crate) struct Fetching {
    state: Mutex<State>,
    /// What the results say of it.
    pub(super) from: String,
}

struct State {
    service: Service,
    asked: HashMap<Vec<String>, Came>,
    /// By the path of the need; none where it could not be got.
    chains: HashMap<String, Option<String>>,
    /// Whether it was said that there is no room for more.
    full: bool,
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
            chains: HashMap::new(),
            full: false,
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
        let lacks = answer.checks.iter().any(|check| {
            check.outcome != "passed" && network::FIT.iter().any(|fit| check.id == fit.id())
        });
        if !lacks {
            return false;
        }
        let at = match (options.instant, evidence.captured_at) {
            (InstantChoice::Clock(at) | InstantChoice::Given(at), _)
            | (InstantChoice::Captured, Some(at)) => at,
            (InstantChoice::Captured, None) => return false,
        };
        let chain = |need: &Need| self.state().pck_chain(need).ok_or(());
        let Ok(needs) = network::needs(evidence, &options.anchor, at, chain) else {
            return false;
        };
        if needs.is_empty() {
            return false;
        }
        let question: Vec<String> = needs.iter().map(Need::path).collect();
        let mut state = self.state();
        if !state.asked.contains_key(&question) {
            let asked = state.asked.len();
            if !state.has_room(asked, PLATFORMS, "platforms") {
                return false;
            }
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
        self.state().trouble
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pck_chain(&mut self, need: &Need) -> Option<String> {
        let path = need.path();
        if let Some(known) = self.chains.get(&path) {
            return known.clone();
        }
        let asked = self.chains.len();
        if !self.has_room(asked, MACHINES, "machines") {
            return None;
        }
        let chain = self.tried(|service| network::pck_chain(service, need));
        self.chains.insert(path, chain.clone());
        chain
    }

    /// Whether one more may be asked about. That it may not is said once, and tells on the exit code.
    fn has_room(&mut self, asked: usize, limit: usize, what: &str) -> bool {
        if asked < limit {
            return true;
        }
        if !self.full {
            network::progress(format!(
                "warning: these are more than {limit} {what}; nothing is fetched for others"
            ));
        }
        self.full = true;
        self.trouble = Some(ExitCode::Adapter);
        false
    }

    fn ask(&mut self, needs: &[Need], shared: &RwLock<SharedCollateral>) -> Came {
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
