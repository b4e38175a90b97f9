//! The universal door: an operation by name, JSON in, JSON out. What cannot call typed functions
//! (another language, a page) calls this.

use serde::Deserialize;
use serde_json::{Value, json};
use teeproof_core::{
    Bundle, Challenge, Channel, CheckId, DerivationRule, Exchange, InstanceEvidence, Instant, Pins,
    Policy, Recognised, SignatureTriple, SignatureVerifier, TrustAnchor, assemble, decode_hex,
    limits, recognise,
};

use crate::comparison::{ComparedInput, compare_with};
use crate::inspect::inspect;
use crate::judge::{signature_backend, signatures_of};
use crate::policy_text::parse_policy;
use crate::verify::{InstantChoice, VerifyOptions, explain_policy, verify_with};

/// Schema of a request.
const REQUEST_SCHEMA: &str = "teeproof.request/1";

/// The operations, with what each does.
pub const OPERATIONS: &[(&str, &str)] = &[
    ("verify", "judges evidence: an answer for each instance"),
    (
        "compare",
        "judges several instances and compares what was proven",
    ),
    ("inspect", "describes inputs and trusts nothing"),
    (
        "bundle",
        "packs the parts of one machine into one file, as text",
    ),
    ("policy-explain", "a policy as sentences, with its digest"),
    #[cfg(feature = "compose")]
    ("compose-lint", "what weakens an app-compose, by rule"),
    ("checks", "the check table"),
];

/// Performs an operation with this build's signature backend. The result is `{"ok": …}` or
/// `{"error": {"code": …, "message": …}}`; a rejected quote is an `ok`.
pub fn call(operation: &str, request: &str) -> String {
    match Prepared::read(operation, request, Vec::new()) {
        Ok(prepared) => prepared.answer(signature_backend()),
        Err(error) => error,
    }
}

/// An operation whose request was read, all bytes included. Where signatures are answered elsewhere
/// and later, the second pass is over the very bytes of the first.
#[derive(Debug)]
pub struct Prepared(Operation);

#[derive(Debug)]
enum Operation {
    Verify(Case),
    Compare(Case, bool),
    /// Needs no signature, or none that is a verdict's.
    Done(Value),
}

/// What is judged, and how.
#[derive(Debug)]
struct Case {
    instances: Vec<Instance>,
    options: VerifyOptions,
}

/// One instance, and how its evidence came where that is not said of all.
#[derive(Debug)]
struct Instance {
    name: String,
    evidence: InstanceEvidence,
    exchange: Option<Exchange>,
}

impl Instance {
    fn answer(&self, options: &VerifyOptions, signatures: &dyn SignatureVerifier) -> Value {
        let mut options = options.clone();
        if let Some(exchange) = &self.exchange {
            options.exchange = exchange.clone();
        }
        json!(verify_with(
            &self.name,
            &self.evidence,
            &options,
            signatures
        ))
    }
}

impl Prepared {
    /// Reads a request. `attached` are the bytes that it names by number, each once.
    ///
    /// # Errors
    /// The answer of an operation that fails: `{"error": …}` as text.
    pub fn read(operation: &str, request: &str, attached: Vec<Vec<u8>>) -> Result<Self, String> {
        let mut attached = Attached(attached.into_iter().map(Some).collect());
        let operation = match operation {
            "verify" => read(request)
                .and_then(|request| case(request, &mut attached).map(Operation::Verify)),
            "compare" => read(request).and_then(|request: VerifyRequest| {
                let different_machines = request.different_machines;
                Ok(Operation::Compare(
                    case(request, &mut attached)?,
                    different_machines,
                ))
            }),
            "inspect" => read(request)
                .and_then(|request| inspect_request(request, &mut attached))
                .map(Operation::Done),
            "bundle" => read(request)
                .and_then(|request| bundle_request(request, &mut attached))
                .map(Operation::Done),
            "policy-explain" => read(request).and_then(explain_request).map(Operation::Done),
            #[cfg(feature = "compose")]
            "compose-lint" => read(request)
                .and_then(|request| lint_request(request, &mut attached))
                .map(Operation::Done),
            "checks" => Ok(Operation::Done(checks())),
            _ => Err(error("unknown-operation", "no such operation")),
        };
        operation
            .map(Self)
            .map_err(|error| json!({ "error": error }).to_string())
    }

    /// Every signature that the answer rests on, once.
    pub fn signatures(&self) -> Vec<SignatureTriple> {
        let (Operation::Verify(case) | Operation::Compare(case, _)) = &self.0 else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for instance in &case.instances {
            for triple in signatures_of(&instance.evidence, &case.options) {
                if !all.contains(&triple) {
                    all.push(triple);
                }
            }
        }
        all
    }

    /// The answer: `{"ok": …}` as text.
    pub fn answer(self, signatures: &dyn SignatureVerifier) -> String {
        let answer = match self.0 {
            Operation::Verify(Case { instances, options }) => instances
                .iter()
                .map(|instance| instance.answer(&options, signatures))
                .collect(),
            Operation::Compare(Case { instances, options }, different_machines) => {
                let inputs: Vec<ComparedInput> = instances
                    .into_iter()
                    .map(|instance| ComparedInput {
                        name: instance.name,
                        evidence: Ok(instance.evidence),
                        exchange: instance.exchange,
                    })
                    .collect();
                json!(compare_with(
                    &inputs,
                    &options,
                    different_machines,
                    signatures
                ))
            }
            Operation::Done(answer) => answer,
        };
        json!({ "ok": answer }).to_string()
    }
}

/// Bytes that stand beside a request.
struct Attached(Vec<Option<Vec<u8>>>);

impl Attached {
    fn take(&mut self, number: usize) -> Result<Vec<u8>, Value> {
        self.0
            .get_mut(number)
            .and_then(Option::take)
            .ok_or_else(|| {
                error(
                    "attached",
                    format!("no attached bytes {number}, or named twice"),
                )
            })
    }
}

/// What an operation answers that fails before it begins.
pub fn failure(code: &str, message: &str) -> String {
    json!({ "error": error(code, message) }).to_string()
}

fn error(code: &str, message: impl ToString) -> Value {
    json!({ "code": code, "message": message.to_string() })
}

fn read<'a, T: Deserialize<'a>>(request: &'a str) -> Result<T, Value> {
    serde_json::from_str(request).map_err(|fault| error("request", fault))
}

/// Bytes in a request.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
enum Bytes {
    /// The text itself.
    Text(String),
    /// Hex digits.
    Hex(String),
    /// The number of bytes that stand beside the request.
    Attached(usize),
}

impl Bytes {
    fn decode(self, attached: &mut Attached) -> Result<Vec<u8>, Value> {
        match self {
            Self::Attached(number) => attached.take(number),
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Hex(hex) => decode_hex(&hex, limits::BUNDLE).map_err(|fault| error("hex", fault)),
        }
    }
}

/// The JSON Schema (draft 2020-12) of a request to verify or to compare.
#[cfg(feature = "schema")]
pub fn request_schema_json() -> String {
    crate::answer::request_schema_json::<VerifyRequest>(REQUEST_SCHEMA)
}

/// Inputs of one machine, or one input about several.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// What answers call it.
    #[serde(default)]
    name: Option<String>,
    /// Everything there is of it.
    parts: Vec<Bytes>,
    /// The caller's challenge to this one, where each was asked by itself. With it or with `live`
    /// nothing is taken from what the request says of all.
    #[serde(default)]
    challenge: Option<ChallengeRequest>,
    /// As `live` of the request, of this one alone.
    #[serde(default)]
    live: bool,
}

#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VerifyRequest {
    /// `teeproof.request/1`.
    schema: String,
    /// What is judged: each an input of one machine, or one about several.
    inputs: Vec<Input>,
    /// Policy text, TOML or JSON; the strict default without it.
    policy: Option<String>,
    /// What else is demanded, beside the policy.
    #[serde(default)]
    expect: Expect,
    /// Seconds since the epoch. Has to be there, but for `atCaptured`.
    at: Option<u64>,
    /// Whether `at` is the present, read from a clock by the caller.
    #[serde(default)]
    at_is_now: bool,
    /// Judges as of when each bundle says that it was captured: its own word.
    #[serde(default)]
    at_captured: bool,
    /// The caller's own challenge.
    challenge: Option<ChallengeRequest>,
    /// A test root in DER, as hex.
    root: Option<String>,
    /// Whether the evidence came over a connection whose TLS key the caller cannot see: then it is
    /// not bound to the machine at the other end.
    #[serde(default)]
    live: bool,
    /// Whether `genuine` is all that was asked for: decides the exit code and nothing else.
    #[serde(default)]
    genuine_only: bool,
    /// For a comparison: whether each instance is said to have a machine of its own.
    #[serde(default)]
    different_machines: bool,
}

#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Expect {
    /// SHA-256 of app-compose documents, as hex: one of these.
    compose_hashes: Vec<String>,
    /// App ids, as hex: one of these.
    app_ids: Vec<String>,
    /// Report data, as hex: one of these.
    report_data: Vec<String>,
    /// Names of the policy's OS sets: one of these.
    os: Vec<String>,
    /// RTMR3, as hex: one of these.
    rtmr3: Vec<String>,
}

#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ChallengeRequest {
    /// The challenge, as hex.
    bytes: String,
    /// The rule by which report data derive from it.
    rule: String,
}

fn hex_list<T: std::str::FromStr<Err = teeproof_core::HexError>>(
    list: &[String],
) -> Result<Vec<T>, Value> {
    list.iter()
        .map(|text| text.parse().map_err(|fault| error("hex", fault)))
        .collect()
}

fn policy_of(text: Option<&str>) -> Result<Policy, Value> {
    text.map_or_else(
        || Ok(Policy::default()),
        |text| parse_policy(text.as_bytes()).map_err(|fault| error("policy", fault)),
    )
}

fn recognised(parts: Vec<Bytes>, attached: &mut Attached) -> Result<Vec<Recognised>, Value> {
    parts
        .into_iter()
        .map(|part| recognise(&part.decode(attached)?).map_err(|fault| error("unreadable", fault)))
        .collect()
}

fn case(request: VerifyRequest, attached: &mut Attached) -> Result<Case, Value> {
    let options = options_of(&request)?;
    let mut instances = Vec::new();
    for input in request.inputs {
        let name = input.name.unwrap_or_default();
        let exchange = (input.live || input.challenge.is_some())
            .then(|| exchange_of(input.challenge.as_ref(), input.live))
            .transpose()?;
        let parts = recognised(input.parts, attached)?;
        let found = assemble(parts).map_err(|fault| error("unreadable", fault))?;
        instances.extend(found.into_iter().map(|evidence| Instance {
            name: name.clone(),
            evidence,
            exchange: exchange.clone(),
        }));
    }
    Ok(Case { instances, options })
}

fn instant(seconds: u64) -> Result<Instant, Value> {
    Instant::from_unix(seconds).ok_or_else(|| error("instant", "the instant is past the year 9999"))
}

fn options_of(request: &VerifyRequest) -> Result<VerifyOptions, Value> {
    if request.schema != REQUEST_SCHEMA {
        return Err(error(
            "schema",
            format!("expected the schema {REQUEST_SCHEMA}"),
        ));
    }
    let pins = Pins {
        compose_hashes: hex_list(&request.expect.compose_hashes)?,
        app_ids: hex_list(&request.expect.app_ids)?,
        report_data: hex_list(&request.expect.report_data)?,
        os: request.expect.os.clone(),
        rtmr3: hex_list(&request.expect.rtmr3)?,
    };
    let policy = policy_of(request.policy.as_deref())?
        .with_pins(pins)
        .map_err(|fault| error("policy", fault))?;
    let anchor = match &request.root {
        None => TrustAnchor::intel(),
        Some(hex) => TrustAnchor::from_der(
            &decode_hex(hex, limits::PEM_CHAIN).map_err(|fault| error("hex", fault))?,
        ),
    }
    .map_err(|fault| error("root", fault))?;
    Ok(VerifyOptions {
        policy,
        anchor,
        instant: choice_of(request)?,
        collateral: Vec::new(),
        exchange: exchange_of(request.challenge.as_ref(), request.live)?,
        genuine_only: request.genuine_only,
    })
}

fn choice_of(request: &VerifyRequest) -> Result<InstantChoice, Value> {
    match (request.at, request.at_captured, request.at_is_now) {
        (None, true, false) => Ok(InstantChoice::Captured),
        (Some(at), false, true) => Ok(InstantChoice::Clock(instant(at)?)),
        (Some(at), false, false) => Ok(InstantChoice::Given(instant(at)?)),
        _ => Err(error(
            "instant",
            "expected either `at`, with or without `atIsNow`, or `atCaptured`",
        )),
    }
}

fn exchange_of(challenge: Option<&ChallengeRequest>, live: bool) -> Result<Exchange, Value> {
    let challenge = challenge
        .map(|challenge| {
            Ok::<_, Value>(Challenge::new(
                decode_hex(&challenge.bytes, limits::CHALLENGE)
                    .map_err(|fault| error("hex", fault))?,
                DerivationRule::from_name(&challenge.rule)
                    .ok_or_else(|| error("challenge-rule", "no such derivation rule"))?,
            ))
        })
        .transpose()?;
    Ok(Exchange {
        challenge,
        channel: if live {
            Channel::Live { tls_key: None }
        } else {
            Channel::Saved
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InspectRequest {
    parts: Vec<Bytes>,
}

fn inspect_request(request: InspectRequest, attached: &mut Attached) -> Result<Value, Value> {
    Ok(recognised(request.parts, attached)?
        .iter()
        .map(|input| json!(inspect(input)))
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BundleRequest {
    parts: Vec<Bytes>,
    /// A name to tell several apart.
    label: Option<String>,
    /// When the evidence was captured, in seconds since the epoch: the bundle's own word.
    captured_at: Option<u64>,
}

fn bundle_request(request: BundleRequest, attached: &mut Attached) -> Result<Value, Value> {
    let parts = recognised(request.parts, attached)?;
    let instances = assemble(parts).map_err(|fault| error("unreadable", fault))?;
    let [evidence] = instances.as_slice() else {
        let message = format!("{} instances, and a bundle holds one", instances.len());
        return Err(error("bundle", message));
    };
    let mut bundle = Bundle::from_evidence(evidence).map_err(|fault| error("bundle", fault))?;
    bundle.label = request.label.or(bundle.label);
    if let Some(at) = request.captured_at {
        bundle.captured_at = Some(instant(at)?);
    }
    let text = bundle.to_json();
    // A label can break a rule of the format; nobody should find out later.
    Bundle::from_json(text.as_bytes()).map_err(|fault| error("bundle", fault))?;
    Ok(Value::from(text))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExplainRequest {
    policy: Option<String>,
}

fn explain_request(request: ExplainRequest) -> Result<Value, Value> {
    let policy = policy_of(request.policy.as_deref())?;
    Ok(json!(explain_policy(&policy)))
}

#[cfg(feature = "compose")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LintRequest {
    schema: String,
    #[serde(default)]
    name: Option<String>,
    /// The exact bytes of the app-compose.
    app_compose: Bytes,
    /// The OS image, such as `dstack-0.5.6`.
    image: Option<String>,
    /// Suppressions as TOML.
    suppressions: Option<String>,
    /// `note`, `warning`, `error` or `none`; `error` without it.
    deny: Option<String>,
}

#[cfg(feature = "compose")]
fn lint_request(request: LintRequest, attached: &mut Attached) -> Result<Value, Value> {
    use teeproof_compose::{AppCompose, LintOptions, Suppressions};
    use teeproof_core::LintSeverity;

    if request.schema != REQUEST_SCHEMA {
        return Err(error(
            "schema",
            format!("expected the schema {REQUEST_SCHEMA}"),
        ));
    }
    let deny = match request.deny.as_deref() {
        None => Some(LintSeverity::Error),
        Some("none") => None,
        Some(word) => Some(
            LintSeverity::ALL
                .iter()
                .copied()
                .find(|severity| severity.as_str() == word)
                .ok_or_else(|| error("deny", "expected note, warning, error or none"))?,
        ),
    };
    let document = AppCompose::parse(&request.app_compose.decode(attached)?)
        .map_err(|fault| error(fault.code(), &fault))?;
    let image = request.image.map(|image| image.parse()).transpose();
    let suppressions = request.suppressions.unwrap_or_default();
    let options = LintOptions {
        image: image.map_err(|fault| error("image", fault))?,
        suppressions: Suppressions::parse(suppressions.as_bytes())
            .map_err(|fault| error(fault.code(), &fault))?,
    };
    let name = request.name.unwrap_or_default();
    Ok(json!(crate::lint::lint(&name, &document, &options, deny)))
}

fn checks() -> Value {
    CheckId::ALL
        .iter()
        .map(|check| {
            json!({
                "id": check.id(),
                "number": check.number(),
                "title": check.title(),
                "proves": check.proves(),
                "source": check.source(),
            })
        })
        .collect()
}
