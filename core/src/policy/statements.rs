//! The policy in plain sentences.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use super::Policy;
use super::fields::words;
use super::readers;
use super::rules::{AnyOf, ChannelDemand, EngineDemand, FreshnessDemand, LintDemand, OsReference};
use crate::tcb_status::TcbStatus;

/// How a statement stands to the strict default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Neither stricter nor looser than the default.
    Plain,
    /// Demands something that the default does not.
    Demand,
    /// Nothing is demanded, as by default.
    Open,
    /// Accepts more than the default.
    Loosened,
    /// Accepts what breaks the protection of a TEE.
    Unsafe,
}

impl Tone {
    /// `plain`, `demand`, `open`, `loosened` or `unsafe`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Demand => "demand",
            Self::Open => "open",
            Self::Loosened => "loosened",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What the policy says for one key, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    key: &'static str,
    tone: Tone,
    sentence: Cow<'static, str>,
}

impl Statement {
    fn new(key: &'static str, tone: Tone, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key,
            tone,
            sentence: sentence.into(),
        }
    }

    /// The key of the document, such as `tcb.merged`.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// How the statement stands to the strict default.
    pub fn tone(&self) -> Tone {
        self.tone
    }

    /// The sentence, without the mark that [`fmt::Display`] puts before a loosening one.
    pub fn sentence(&self) -> &Cow<'static, str> {
        &self.sentence
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tone {
            Tone::Plain | Tone::Demand | Tone::Open => {}
            Tone::Loosened => f.write_str("LOOSENED: ")?,
            Tone::Unsafe => f.write_str("UNSAFE: ")?,
        }
        f.write_str(&self.sentence)
    }
}

impl Policy {
    /// See [`Policy::statements`].
    pub(super) fn stated(&self) -> Vec<Statement> {
        let mut all = self.general();
        all.extend(self.on_tcb());
        all.extend(self.on_platform());
        all.extend(self.on_td());
        all.extend(self.on_code());
        all
    }

    fn general(&self) -> Vec<Statement> {
        let name = self.name.as_ref().map_or_else(
            || "Has no name.".to_string(),
            |name| ["Is named `", name, "`, which decides nothing."].concat(),
        );
        let both = self.tee.iter().count() > 1;
        let tee: Vec<_> = self
            .tee
            .iter()
            .map(|tee| tee.as_str().to_uppercase())
            .collect();
        let tee = if both {
            ["Accepts ", &tee.join(" and "), "."].concat()
        } else {
            ["Accepts ", &tee.concat(), " only."].concat()
        };
        let tee_tone = match both {
            true => Tone::Loosened,
            false => Tone::Plain,
        };
        let engines = match self.engines {
            EngineDemand::Any => {
                let sentence =
                    "Is content with one verification engine; a conflict of two is never accepted.";
                Statement::new("engines", Tone::Open, sentence)
            }
            EngineDemand::Both => {
                let sentence = "Demands that two verification engines run and agree.";
                Statement::new("engines", Tone::Demand, sentence)
            }
        };
        let freshness = match self.freshness {
            FreshnessDemand::Optional => {
                let sentence =
                    "Demands no challenge; one that the caller gives has to be answered.";
                Statement::new("freshness", Tone::Open, sentence)
            }
            FreshnessDemand::Required => {
                let sentence = "Demands a challenge from the caller, and evidence that answers it.";
                Statement::new("freshness", Tone::Demand, sentence)
            }
        };
        let channel = match self.channel {
            ChannelDemand::Any => {
                let sentence = "Says of a live connection whether it ended with the TD, and does not demand it.";
                Statement::new("channel", Tone::Open, sentence)
            }
            ChannelDemand::Bound => {
                let sentence = "Demands a live connection whose TLS key is in the quote.";
                Statement::new("channel", Tone::Demand, sentence)
            }
        };
        let schema = ["Follows the schema ", readers::SCHEMA, "."].concat();
        [
            Statement::new("schema", Tone::Plain, schema),
            Statement::new("name", Tone::Plain, name),
            Statement::new("tee", tee_tone, tee),
            engines,
            freshness,
            channel,
        ]
        .into()
    }

    fn on_tcb(&self) -> Vec<Statement> {
        let tcb = &self.tcb;
        let grace = match tcb.out_of_date_grace_days {
            None => Statement::new(
                "tcb.out-of-date-grace-days",
                Tone::Plain,
                "Gives no grace: it accepts no out-of-date status.",
            ),
            Some(days) => Statement::new(
                "tcb.out-of-date-grace-days",
                Tone::Loosened,
                [
                    "An out-of-date status is accepted until ",
                    &days.to_string(),
                    " days after the TCB date of the earliest newer up-to-date level.",
                ]
                .concat(),
            ),
        };
        [
            statuses("tcb.merged", "the merged TCB status", &tcb.merged),
            statuses(
                "tcb.platform",
                "the platform's own TCB status",
                &tcb.platform,
            ),
            statuses("tcb.module", "the TDX module's own TCB status", &tcb.module),
            statuses("tcb.qe", "the quoting enclave's own TCB status", &tcb.qe),
            statuses(
                "tcb.current",
                "the status of the TCB a TD runs on now",
                &tcb.current,
            ),
            grace,
            floor(
                "tcb.min-evaluation-number",
                "TCB evaluation data number",
                tcb.min_evaluation_number,
            ),
            floor(
                "tcb.min-root-crl-number",
                "root CRL number",
                tcb.min_root_crl_number,
            ),
            floor(
                "tcb.min-pck-crl-number",
                "PCK CRL number",
                tcb.min_pck_crl_number,
            ),
            match &tcb.tolerated_advisories {
                None => Statement::new(
                    "tcb.tolerated-advisories",
                    Tone::Open,
                    "Tolerates any advisory that is not denied.",
                ),
                Some(list) => Statement::new(
                    "tcb.tolerated-advisories",
                    Tone::Demand,
                    ["Tolerates no advisory but ", &words(list.iter()), "."].concat(),
                ),
            },
            match &tcb.denied_advisories {
                None => Statement::new(
                    "tcb.denied-advisories",
                    Tone::Open,
                    "Denies no advisory by name.",
                ),
                Some(list) => Statement::new(
                    "tcb.denied-advisories",
                    Tone::Demand,
                    ["Denies ", &words(list.iter()), "."].concat(),
                ),
            },
        ]
        .into()
    }

    fn on_platform(&self) -> Vec<Statement> {
        let rules = &self.platform;
        let mut ppid = listed("platform.ppid", "PPID", &rules.ppid);
        let mut ids = listed(
            "platform.device-ids",
            "device id (SHA-256 of the PPID)",
            &rules.device_ids,
        );
        // The two keys are one list: with only one of them, the other does not mean "any".
        if rules.ppid.is_some() && rules.device_ids.is_some() {
            ids.sentence.to_mut().push_str(" Either list will do.");
        } else if rules.lists_devices() {
            let other = if rules.ppid.is_some() {
                &mut ids
            } else {
                &mut ppid
            };
            other.sentence = "Lists no machine in this notation.".into();
        }
        [
            listed("platform.fmspc", "FMSPC (platform model)", &rules.fmspc),
            ppid,
            ids,
            demanded("platform.dynamic", "dynamic-platform", rules.dynamic),
            demanded("platform.cached-keys", "cached-keys", rules.cached_keys),
            demanded("platform.smt", "SMT", rules.smt),
        ]
        .into()
    }

    fn on_td(&self) -> Vec<Statement> {
        let td = &self.td;
        [
            listed("td.attributes", "TD attributes", &td.attributes),
            listed("td.xfam", "XFAM (extended features mask)", &td.xfam),
            loosening(
                "td.accept-debug-td-unsafe",
                td.accept_debug_td_unsafe,
                "Refuses TDs under debug.",
                "accepts TDs under debug: the host can read all memory.",
            ),
            loosening(
                "td.accept-service-td-unsafe",
                td.accept_service_td_unsafe,
                "Refuses TDs with a service TD.",
                "accepts TDs with a service TD: another TD, which is not verified, has access.",
            ),
            loosening(
                "td.accept-migratable-td-unsafe",
                td.accept_migratable_td_unsafe,
                "Refuses TDs that can be migrated.",
                "accepts TDs that can be migrated: they may leave the verified platform.",
            ),
            loosening(
                "td.accept-missing-sept-ve-disable-unsafe",
                td.accept_missing_sept_ve_disable_unsafe,
                "Refuses TDs without SEPT_VE_DISABLE.",
                "accepts TDs without SEPT_VE_DISABLE: the host can inject faults by taking pages away.",
            ),
            loosening(
                "sgx.accept-debug-enclave-unsafe",
                self.sgx.accept_debug_enclave_unsafe,
                "Refuses enclaves under debug.",
                "accepts enclaves under debug: the host can read all memory.",
            ),
        ]
        .into()
    }

    fn on_code(&self) -> Vec<Statement> {
        let app = &self.app;
        let mut all: Vec<_> = match self.os() {
            None => {
                let sentence = "Names no operating system, so nothing that the guest says about itself can be trusted.";
                [Statement::new("os", Tone::Open, sentence)].into()
            }
            Some(references) => references.iter().map(operating_system).collect(),
        };
        all.extend([
            listed("app.compose-hashes", "compose hash", &app.compose_hashes),
            listed("app.app-ids", "app id", &app.app_ids),
            listed("app.rtmr3", "RTMR3", &app.rtmr3),
            listed("app.report-data", "report data", &app.report_data),
            listed("app.key-providers", "key provider", &app.key_providers),
            linted(app.compose_lint),
        ]);
        all
    }
}

fn linted(demand: LintDemand) -> Statement {
    let (tone, sentence) = match demand {
        LintDemand::Any => (Tone::Open, "Demands no lint of the app-compose."),
        LintDemand::NoError => (
            Tone::Demand,
            "Demands the lint of the app-compose to give `no-error`.",
        ),
        LintDemand::NoWarning => (
            Tone::Demand,
            "Demands the lint of the app-compose to give `no-warning`, and so no error either.",
        ),
        LintDemand::NoNote => (
            Tone::Demand,
            "Demands the lint of the app-compose to give `no-note`: no finding at all.",
        ),
    };
    Statement::new("app.compose-lint", tone, sentence)
}

fn statuses(key: &'static str, what: &str, accepted: &AnyOf<TcbStatus>) -> Statement {
    let loose = accepted.iter().any(|status| *status != TcbStatus::UpToDate);
    let tone = if loose { Tone::Loosened } else { Tone::Plain };
    let sentence = ["Accepts ", &words(accepted.iter()), " as ", what, "."];
    Statement::new(key, tone, sentence.concat())
}

fn floor(key: &'static str, what: &str, floor: Option<u64>) -> Statement {
    match floor {
        None => Statement::new(key, Tone::Open, ["Accepts any ", what, "."].concat()),
        Some(number) => Statement::new(
            key,
            Tone::Demand,
            ["Demands ", what, " ", &number.to_string(), " or higher."].concat(),
        ),
    }
}

fn listed<T: Ord + fmt::Display>(
    key: &'static str,
    what: &str,
    accepted: &Option<AnyOf<T>>,
) -> Statement {
    match accepted {
        None => Statement::new(key, Tone::Open, ["Accepts any ", what, "."].concat()),
        Some(list) => Statement::new(
            key,
            Tone::Demand,
            ["Accepts as ", what, " only ", &words(list.iter()), "."].concat(),
        ),
    }
}

fn demanded(key: &'static str, what: &str, value: Option<bool>) -> Statement {
    match value {
        None => Statement::new(
            key,
            Tone::Open,
            [
                "Reports the PCK certificate's ",
                what,
                " flag and demands nothing of it.",
            ]
            .concat(),
        ),
        Some(value) => Statement::new(
            key,
            Tone::Demand,
            [
                "Demands that the PCK certificate's ",
                what,
                " flag is ",
                &value.to_string(),
                ".",
            ]
            .concat(),
        ),
    }
}

fn loosening(
    key: &'static str,
    accepted: bool,
    strict: &'static str,
    loose: &'static str,
) -> Statement {
    if accepted {
        Statement::new(key, Tone::Unsafe, loose)
    } else {
        Statement::new(key, Tone::Plain, strict)
    }
}

fn operating_system(os: &OsReference) -> Statement {
    let rtmr0 = os.rtmr0.as_ref().map_or_else(
        || "any RTMR0".to_string(),
        |list| ["RTMR0 one of ", &words(list.iter())].concat(),
    );
    let sentence = [
        "Accepts the operating system `",
        &os.name,
        "`: MRTD ",
        &os.mrtd.to_string(),
        ", RTMR1 ",
        &os.rtmr1.to_string(),
        ", RTMR2 ",
        &os.rtmr2.to_string(),
        ", ",
        &rtmr0,
        ".",
    ];
    Statement::new("os", Tone::Demand, sentence.concat())
}
