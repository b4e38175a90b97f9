//! The answer: everything a verdict says, in one versioned JSON shape.
//!
//! Bytes are lower-case hex, dates are `2025-06-19T10:16:03Z`, keys are camelCase. Within one major
//! version keys are only added.

use std::borrow::Cow;

use serde::Serialize;

use crate::values::ValueAnswer;

/// Schema of an answer; the number after the slash is its major version.
pub const ANSWER_SCHEMA: &str = "teeproof.answer/1";

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
            #[serde(rename_all = "camelCase")]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $kind,)*
            }
        )*
    };
}

/// The answer about one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Answer {
    /// It was judged.
    Verified(Box<VerifyAnswer>),
    /// It could not be read: no verdict, neither good nor bad.
    Unreadable(Unreadable),
}

impl Answer {
    /// What the input is called.
    pub fn name(&self) -> &str {
        match self {
            Self::Verified(answer) => &answer.input.name,
            Self::Unreadable(answer) => &answer.input.name,
        }
    }

    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Verified(answer) => answer.exit_code,
            Self::Unreadable(answer) => answer.exit_code,
        }
    }
}

/// The JSON Schema (draft 2020-12) of what is answered: an answer, or for several inputs an array of
/// them in the order of the inputs.
#[cfg(feature = "schema")]
pub fn answer_schema_json() -> String {
    #[derive(Serialize, schemars::JsonSchema)]
    #[serde(untagged)]
    #[allow(dead_code, reason = "only its shape is wanted")]
    enum Answered {
        /// One input.
        One(Answer),
        /// Several inputs, in the order in which they were given.
        Several(Vec<Answer>),
    }
    schema_json::<Answered>(ANSWER_SCHEMA)
}

/// The schema of what is written, as text.
#[cfg(feature = "schema")]
pub(crate) fn schema_json<T: schemars::JsonSchema>(title: &str) -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    titled::<T>(settings, title)
}

/// The schema of what is read, as text.
#[cfg(feature = "schema")]
pub(crate) fn request_schema_json<T: schemars::JsonSchema>(title: &str) -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_deserialize();
    titled::<T>(settings, title)
}

#[cfg(feature = "schema")]
fn titled<T: schemars::JsonSchema>(
    settings: schemars::generate::SchemaSettings,
    title: &str,
) -> String {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

pub(crate) use shapes;

shapes! {
    /// A verdict and all it rests on.
    VerifyAnswer {
        /// The name and major version of this shape: `teeproof.answer/1`.
        schema: &'static str,
        /// Which input.
        input: InputAnswer,
        /// `trusted`, `genuine`, `simulated`, `rejected` or `inconclusive`.
        verdict: String,
        /// For `simulated`: what it would be if the trust anchor were Intel's.
        simulates: Option<String>,
        /// SHA-256 of the canonical verdict; null when the engines disagree.
        verdict_digest: Option<String>,
        /// The exit code a process ends with for this input alone.
        exit_code: u8,
        /// One sentence.
        headline: String,
        /// The instant that was judged.
        at: String,
        /// `clock`, `given` or `captured` (the bundle's own word).
        at_source: String,
        /// Whether the instant is not the present one.
        historical: bool,
        /// `both` or `single`.
        engines: String,
        /// Where the two engines disagree; empty otherwise.
        engine_disagreements: Vec<DisagreementAnswer>,
        /// The root that everything leads to.
        trust_anchor: TrustAnchorAnswer,
        /// The policy in force.
        policy: PolicyAnswer,
        /// `tdx` or `sgx`; null if the quote cannot be read.
        tee: Option<String>,
        /// 3, 4 or 5; null if the quote cannot be read.
        quote_version: Option<u16>,
        /// The TCB.
        tcb: TcbAnswer,
        /// The platform; null unless its certificate leads to the trust anchor.
        platform: Option<PlatformAnswer>,
        /// The registers; null if the quote cannot be read.
        measurements: Option<MeasurementsAnswer>,
        /// dstack's facts; null unless the log replays and follows dstack's grammar.
        events: Option<EventsAnswer>,
        /// The operating system; null where the policy names none.
        os: Option<OsAnswer>,
        /// Every check of the table, in its order.
        checks: Vec<CheckAnswer>,
        /// What rests on what.
        anchors: Vec<AnchorAnswer>,
        /// The windows of the collateral that was used.
        windows: Vec<WindowAnswer>,
        /// Their intersection, with the PCK chain's.
        window: Option<WindowAnswer>,
        /// Collateral that is missing.
        needs: Vec<NeedAnswer>,
        /// SHA-256 of each part of the evidence.
        evidence: EvidenceAnswer,
        /// Who asked for freshness.
        challenge: ChallengeAnswer,
        /// Whom the connection ended with: `saved` (nobody saw one), `bound` (its TLS key is in the
        /// quote) or `unbound` (another machine could have passed the evidence on).
        channel: String,
        /// What the input says of itself. Never evidence.
        self_asserted: BundleClaims,
    }
    /// An input that could not be read.
    Unreadable {
        /// The name and major version of this shape: `teeproof.answer/1`.
        schema: &'static str,
        /// Which input.
        input: InputAnswer,
        /// Why.
        error: ErrorAnswer,
        /// Always 7.
        exit_code: u8,
    }
    /// An error.
    ErrorAnswer {
        /// A stable word.
        code: String,
        /// One sentence.
        message: String,
    }
    /// Which input an answer is about.
    InputAnswer {
        /// The name the caller gave it, such as a path.
        name: String,
        /// The form it was recognised as; null if it was not.
        kind: Option<String>,
    }
    /// A claim on which the engines disagree.
    DisagreementAnswer {
        /// The claim.
        claim: String,
        /// What our engine says.
        ours: String,
        /// What the other says.
        theirs: String,
    }
    /// The trust anchor.
    TrustAnchorAnswer {
        /// SHA-256 of the root certificate in DER.
        sha256: String,
        /// Whether it is Intel's production root.
        intel: bool,
    }
    /// The policy in force, pins included.
    PolicyAnswer {
        /// Its label.
        name: Option<String>,
        /// SHA-256 of its canonical form.
        digest: String,
        /// The policy as sentences.
        statements: Vec<StatementAnswer>,
    }
    /// One sentence of a policy.
    StatementAnswer {
        /// The key it speaks of.
        key: &'static str,
        /// `plain`, `demand`, `open`, `loosened` or `unsafe`.
        tone: &'static str,
        /// The sentence.
        sentence: Cow<'static, str>,
    }
    /// The TCB.
    TcbAnswer {
        /// Intel's word for platform, module and quoting enclave together; null if there is none.
        status: Option<String>,
        /// Why there is no status.
        status_reason: Option<String>,
        /// Advisories of the matched levels.
        advisory_ids: Vec<String>,
        /// Microcode, firmware and PCE.
        platform: Option<ComponentAnswer>,
        /// The TDX module, where it has a level of its own.
        module: Option<ComponentAnswer>,
        /// The quoting enclave.
        qe: Option<ComponentAnswer>,
        /// The TCB that a TD 1.5 runs on now.
        current: Option<CurrentAnswer>,
        /// `tcbEvaluationDataNumber` of TCB info.
        tcb_info_evaluation_number: Option<u32>,
        /// `tcbEvaluationDataNumber` of QE identity.
        qe_identity_evaluation_number: Option<u32>,
        /// CRL number of the root's list, in decimal.
        root_crl_number: Option<String>,
        /// CRL number of the PCK CA's list, in decimal.
        pck_crl_number: Option<String>,
    }
    /// One component's own TCB.
    ComponentAnswer {
        /// Its own status.
        status: String,
        /// Date of the level it reaches.
        tcb_date: String,
        /// Advisories of that level.
        advisory_ids: Vec<String>,
        /// The day from which a grace is counted.
        grace_from: String,
        /// What is short of the earliest newer up-to-date level.
        shortfall: Vec<ShortfallAnswer>,
    }
    /// A version number that is too low.
    ShortfallAnswer {
        /// Which.
        component: String,
        /// What the platform has.
        have: u16,
        /// What the level needs.
        need: u16,
    }
    /// The TCB that a TD runs on now.
    CurrentAnswer {
        /// Merged status.
        status: String,
        /// Microcode, firmware and PCE.
        platform: ComponentAnswer,
        /// The TDX module.
        module: Option<ComponentAnswer>,
    }
    /// The platform.
    PlatformAnswer {
        /// FMSPC.
        fmspc: String,
        /// PPID.
        ppid: String,
        /// SHA-256 of the PPID.
        device_id: String,
        /// PCE id.
        pce_id: String,
        /// `processor` or `platform`.
        ca: String,
        /// Packages may be added; null where the certificate does not say.
        dynamic_platform: Option<bool>,
        /// Intel keeps the root keys; null where the certificate does not say.
        cached_keys: Option<bool>,
        /// Multithreading is on; null where the certificate does not say.
        smt_enabled: Option<bool>,
        /// The TCB the certificate was issued for.
        tcb: PckTcbAnswer,
    }
    /// The TCB of a PCK certificate.
    PckTcbAnswer {
        /// Component SVNs, 16 bytes.
        components: String,
        /// PCESVN.
        pce_svn: u16,
        /// CPUSVN.
        cpu_svn: String,
    }
    /// The registers in the quote. Those of the other kind of TEE are absent.
    MeasurementsAnswer {
        /// MRTD.
        #[serde(skip_serializing_if = "Option::is_none")]
        mrtd: Option<String>,
        /// RTMR0.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtmr0: Option<String>,
        /// RTMR1.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtmr1: Option<String>,
        /// RTMR2.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtmr2: Option<String>,
        /// RTMR3.
        #[serde(skip_serializing_if = "Option::is_none")]
        rtmr3: Option<String>,
        /// MRSEAM.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_seam: Option<String>,
        /// MRSIGNERSEAM.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_signer_seam: Option<String>,
        /// MRCONFIGID.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_config_id: Option<String>,
        /// MROWNER.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_owner: Option<String>,
        /// MROWNERCONFIG.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_owner_config: Option<String>,
        /// TEE_TCB_SVN.
        #[serde(skip_serializing_if = "Option::is_none")]
        tee_tcb_svn: Option<String>,
        /// TEE_TCB_SVN_2.
        #[serde(skip_serializing_if = "Option::is_none")]
        tee_tcb_svn2: Option<String>,
        /// TDATTRIBUTES.
        #[serde(skip_serializing_if = "Option::is_none")]
        td_attributes: Option<String>,
        /// XFAM.
        #[serde(skip_serializing_if = "Option::is_none")]
        xfam: Option<String>,
        /// MRENCLAVE.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_enclave: Option<String>,
        /// MRSIGNER.
        #[serde(skip_serializing_if = "Option::is_none")]
        mr_signer: Option<String>,
        /// ISVPRODID.
        #[serde(skip_serializing_if = "Option::is_none")]
        isv_prod_id: Option<u16>,
        /// ISVSVN.
        #[serde(skip_serializing_if = "Option::is_none")]
        isv_svn: Option<u16>,
        /// ATTRIBUTES.
        #[serde(skip_serializing_if = "Option::is_none")]
        attributes: Option<String>,
        /// REPORTDATA.
        report_data: String,
    }
    /// What the log says, and what that rests on.
    EventsAnswer {
        /// `measured-log` under an identified operating system, else `self-asserted`.
        anchor: String,
        /// dstack generations whose grammar the log follows.
        generations: Vec<String>,
        /// SHA-256 of the app-compose.
        compose_hash: String,
        /// App id.
        app_id: String,
        /// Instance id; null when the app has none.
        instance_id: Option<String>,
        /// Key provider; null in generations without one.
        key_provider: Option<KeyProviderAnswer>,
        /// What the KMS said of the OS image; null where it is not measured.
        os_image_hash: Option<String>,
        /// Names of the app's own events, cut to a bounded length. Not dstack's.
        application_events: Vec<String>,
    }
    /// Who holds the app's keys.
    KeyProviderAnswer {
        /// `kms`, `local-sgx`, `tpm`, `none`, or what the log says.
        kind: String,
        /// Its id.
        id: String,
    }
    /// The operating system against the policy's sets.
    OsAnswer {
        /// Name of the set it is in; null if in none.
        set: Option<String>,
        /// The nearest set, if in none.
        nearest: Option<NearestOs>,
    }
    /// The set that comes nearest.
    NearestOs {
        /// Its name.
        name: String,
        /// The registers that differ.
        differs: Vec<String>,
    }
    /// One check.
    CheckAnswer {
        /// Stable id.
        id: &'static str,
        /// Frozen number.
        number: u32,
        /// Short title.
        title: &'static str,
        /// `passed`, `failed`, `skipped` or `not-requested`.
        outcome: &'static str,
        /// What the fact rests on; null for questions of form.
        anchor: Option<&'static str>,
        /// What was found.
        found: Option<ValueAnswer>,
        /// What was expected.
        expected: Option<ValueAnswer>,
        /// Stable code of the reason.
        reason: Option<&'static str>,
        /// The reason as a sentence.
        because: Option<&'static str>,
        /// The check that has to pass first.
        depends_on: Option<&'static str>,
        /// What to do next, when failed or skipped.
        next: Option<&'static str>,
    }
    /// One anchor.
    AnchorAnswer {
        /// Its word.
        anchor: &'static str,
        /// Whether it stands.
        established: bool,
        /// The anchors it rests on.
        rests_on: Vec<&'static str>,
        /// What it carries.
        carries: &'static str,
    }
    /// A window of validity.
    WindowAnswer {
        /// Whose.
        part: String,
        /// First instant.
        not_before: String,
        /// Last instant.
        not_after: String,
    }
    /// Something to fetch.
    NeedAnswer {
        /// Kind.
        kind: String,
        /// Path and query below the service's host.
        path: String,
        /// Response headers that may hold the issuer chain.
        issuer_chain_headers: Vec<String>,
    }
    /// SHA-256 of each part of the evidence.
    EvidenceAnswer {
        /// The quote.
        quote: String,
        /// The event log in one fixed form.
        event_log: Option<String>,
        /// The exact app-compose.
        app_compose: Option<String>,
        /// The exact `vm_config`.
        vm_config: Option<String>,
        /// The exact document behind MRCONFIGID.
        mr_config_document: Option<String>,
        /// The collateral that was used.
        collateral: Option<String>,
    }
    /// Who asked for freshness.
    ChallengeAnswer {
        /// `caller` or `none`.
        source: String,
        /// The derivation rule.
        rule: Option<String>,
    }
    /// What the input says of itself.
    BundleClaims {
        /// Its label.
        label: Option<String>,
        /// When it says it was captured.
        captured_at: Option<String>,
        /// The challenge it says it answers.
        challenge: Option<String>,
        /// Other claims, by name.
        reported: std::collections::BTreeMap<String, String>,
    }
}
