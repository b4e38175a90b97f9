//! Everything that the forge issues and the real samples, examined once for all properties.

use std::sync::LazyLock;

use proptest::sample::Index;
use teeproof_core::{CollateralSet, Examination, MeasuredEvidence, Policy, SecondEngine, appraise};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::catalogue;

use crate::support::{Subject, accepted};

/// A subject with what does not depend on a policy.
pub(crate) struct Examined {
    pub(crate) subject: Subject,
    /// The name of the forge's case, or of the sample.
    pub(crate) name: String,
    pub(crate) examination: Examination,
    /// As if no collateral had been supplied.
    pub(crate) bare: Examination,
    /// Whether it is accepted under its own policy.
    pub(crate) is_sound: bool,
    /// What a second engine said: of each other one it did not run.
    pub(crate) second_engine: SecondEngine,
}

impl Examined {
    fn new(name: String, subject: Subject) -> Self {
        let empty = CollateralSet::new(subject.anchor.clone());
        let examination = subject.examine(&subject.set(&RingVerifier));
        Self {
            name,
            is_sound: accepted(&subject.appraise(&examination)),
            examination,
            second_engine: SecondEngine::Agrees,
            bare: subject.examine(&empty),
            subject,
        }
    }

    /// Judges by another policy.
    pub(crate) fn report(&self, policy: &Policy) -> teeproof_core::Report {
        let subject = &self.subject;
        appraise(
            &self.examination,
            &MeasuredEvidence {
                event_log: subject.event_log.as_deref(),
                app_compose: subject.app_compose.as_deref(),
                vm_config: subject.vm_config.as_deref(),
                mr_config_document: subject.mr_config_document.as_deref(),
                lint: None,
            },
            policy,
            &subject.exchange,
            self.second_engine.clone(),
        )
    }
}

/// All of the catalogue whose collateral file is one, then the real samples.
pub(crate) fn all() -> &'static [Examined] {
    static ALL: LazyLock<Vec<Examined>> = LazyLock::new(|| {
        let forged = catalogue().into_iter().filter_map(|case| {
            let subject = Subject::forged("forged", &case.issue())?;
            Some(Examined::new(case.name, subject))
        });
        let real = Subject::real_samples()
            .into_iter()
            .map(|subject| Examined::new(subject.name.to_owned(), subject));
        let mut all: Vec<_> = forged.chain(real).collect();
        for examined in all.iter_mut().step_by(2) {
            examined.second_engine = SecondEngine::NotRun;
        }
        all
    });
    &ALL
}

/// Two of three times one that is accepted under its own policy.
pub(crate) fn pick(at: Index, kind: u8) -> &'static Examined {
    let everything = all();
    let start = at.index(everything.len());
    let mut round = everything[start..].iter().chain(&everything[..start]);
    if kind.is_multiple_of(3) {
        round.next().unwrap()
    } else {
        round.find(|examined| examined.is_sound).unwrap()
    }
}
