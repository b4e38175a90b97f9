//! What is answered, before it is HTTP.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use teeproof_core::{
    Bundle, BundleChallenge, CollateralParts, ComposeHash, InstanceEvidence, Instant, Quote,
    Recognised, recognise,
};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::agent::{Agent, AgentError};
use crate::challenge::EvidenceChallenge;
use crate::endpoint::Endpoint;
use crate::rate::Bucket;
use crate::refusal::{Refusal, RefusalCode};
use crate::settings::Settings;

/// The answer to `GET /version`: what the app says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The app's version.
    pub version: String,
    /// The commit that it was built from.
    pub git_sha: String,
    /// The first seven digits of it.
    pub git_sha_short: String,
    /// When it was built.
    pub build_time: String,
    /// The compose hash, absent where the agent does not say what the app-compose is.
    pub compose_hash: Option<String>,
    /// Where it is meant to run.
    pub environment: String,
}

/// The evidence that an app offers.
#[derive(Debug)]
pub struct Evidence {
    agent: Agent,
    settings: Settings,
    bucket: Bucket,
    places: Semaphore,
    /// The agent's `Info`. It is fixed at boot, except for a log that is not taken from it.
    info: OnceCell<InstanceEvidence>,
    collateral: RwLock<Vec<CollateralParts>>,
}

impl Evidence {
    /// The evidence of the guest whose agent listens at this endpoint.
    pub fn new(endpoint: Endpoint, settings: Settings) -> Self {
        Self {
            agent: Agent {
                endpoint,
                timeout: settings.agent_timeout,
                limit: settings.agent_answer,
            },
            bucket: Bucket::new(settings.rate),
            places: Semaphore::new(settings.concurrent.clamp(1, Semaphore::MAX_PERMITS)),
            info: OnceCell::new(),
            collateral: RwLock::default(),
            settings,
        }
    }

    /// Replaces the collateral that goes into bundles. An app that fetches it now and then spares
    /// verifiers the way to Intel's service; nobody has to believe it, for Intel signs it.
    pub fn replace_collateral(&self, collateral: Vec<CollateralParts>) {
        *self
            .collateral
            .write()
            .unwrap_or_else(PoisonError::into_inner) = collateral;
    }

    /// A bundle with a fresh quote over a challenge, as JSON.
    ///
    /// # Errors
    /// A refusal: too many requests, or an agent that gives no evidence.
    pub async fn attestation(&self, challenge: &EvidenceChallenge) -> Result<String, Refusal> {
        self.bucket
            .take()
            .map_err(|wait| Refusal::for_now(RefusalCode::Rate, wait))?;
        let _place = self.place()?;
        let quoted = evidence(&self.agent.quote(challenge).await?)?;
        answers(&quoted, challenge)?;
        let info = self.info().await?;
        let evidence = self.complete(quoted, info, challenge);
        let bundle = Bundle::from_evidence(&evidence)
            .map_err(|error| AgentError::NotUnderstood(error.to_string()))?;
        Ok(bundle.to_json())
    }

    /// What the app says of itself. Without an agent it still does, with no compose hash.
    pub async fn version(&self) -> Version {
        let build = &self.settings.build;
        Version {
            version: build.version.clone(),
            git_sha: build.git_sha.clone(),
            git_sha_short: build.git_sha.chars().take(7).collect(),
            build_time: build.build_time.clone(),
            compose_hash: self.compose_hash().await.ok(),
            environment: build.environment.clone(),
        }
    }

    /// SHA-256 of the exact app-compose that the agent states, in hex.
    ///
    /// # Errors
    /// A refusal, also where the agent does not state it.
    pub async fn compose_hash(&self) -> Result<String, Refusal> {
        let info = match self.info.get() {
            Some(info) => info,
            None => {
                let _place = self.place()?;
                self.info().await?
            }
        };
        info.app_compose
            .as_deref()
            .and_then(|text| ComposeHash::of(text).ok())
            .map(|hash| hash.as_bytes().to_string())
            .ok_or_else(|| RefusalCode::NoCompose.into())
    }

    pub(crate) fn challenge(&self, query: Option<&str>) -> Result<EvidenceChallenge, Refusal> {
        EvidenceChallenge::from_query(query, self.settings.channel_key)
    }

    fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.places
            .try_acquire()
            .map_err(|_| Refusal::for_now(RefusalCode::Busy, Duration::from_secs(1)))
    }

    async fn info(&self) -> Result<&InstanceEvidence, Refusal> {
        let first = self.info.get_or_try_init(|| async {
            let answer = self.agent.info().await?;
            evidence(&answer)
        });
        // Callers wait for the first one of them, and none of them longer than the agent may take.
        let info = tokio::time::timeout(self.agent.timeout, first)
            .await
            .unwrap_or(Err(AgentError::TimedOut))?;
        Ok(info)
    }

    /// Everything that goes into the bundle beside the quote and its log.
    fn complete(
        &self,
        mut quoted: InstanceEvidence,
        info: &InstanceEvidence,
        challenge: &EvidenceChallenge,
    ) -> InstanceEvidence {
        quoted.app_compose.clone_from(&info.app_compose);
        if quoted.vm_config.is_none() {
            quoted.vm_config.clone_from(&info.vm_config);
            quoted
                .mr_config_document
                .clone_from(&info.mr_config_document);
        }
        let known: Vec<_> = quoted
            .self_reported
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let said = info.self_reported.iter();
        quoted
            .self_reported
            .extend(said.filter(|(name, _)| !known.contains(name)).cloned());
        quoted.label = self.settings.label.clone().or_else(|| info.label.clone());
        quoted.captured_at = now();
        quoted.challenge = Some(BundleChallenge {
            bytes: challenge.challenge().bytes.clone(),
            rule: challenge.challenge().rule.name().to_owned(),
            channel_key: challenge.challenge().channel_key,
        });
        let collateral = self.collateral.read();
        quoted
            .collateral
            .clone_from(&collateral.unwrap_or_else(PoisonError::into_inner));
        quoted
    }
}

/// One answer of the agent as evidence.
fn evidence(answer: &[u8]) -> Result<InstanceEvidence, AgentError> {
    match recognise(answer) {
        Ok(Recognised::Evidence(mut found)) if found.len() == 1 => found
            .pop()
            .ok_or_else(|| AgentError::NotUnderstood("an empty answer".to_owned())),
        Ok(_) => Err(AgentError::NotUnderstood(
            "an answer to another question".to_owned(),
        )),
        Err(error) => Err(AgentError::NotUnderstood(error.to_string())),
    }
}

/// That the quote is over the report data that were asked for. A verifier will see that, too; here it
/// is known whose mistake it is.
fn answers(quoted: &InstanceEvidence, challenge: &EvidenceChallenge) -> Result<(), AgentError> {
    let quote = quoted
        .quote
        .as_deref()
        .ok_or_else(|| AgentError::NotUnderstood("no quote".to_owned()))?;
    let quote =
        Quote::parse(quote).map_err(|error| AgentError::NotUnderstood(error.to_string()))?;
    if quote.claimed_body().report_data() == challenge.report_data() {
        Ok(())
    } else {
        Err(AgentError::OtherReportData)
    }
}

/// The guest's clock, for the bundle's own word about its age.
fn now() -> Option<Instant> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Instant::from_unix(since.as_secs())
}
