//! The universal door: an operation by name, JSON in, JSON out. What cannot call typed functions
//! (another language, a page) calls this.

use serde::Deserialize;
use serde_json::{Value, json};
use teeproof_core::{
    Challenge, Channel, CheckId, DerivationRule, Exchange, InstanceEvidence, Instant, Pins, Policy,
    Recognised, TrustAnchor, assemble, decode_hex, limits, recognise,
};

use crate::comparison::{ComparedInput, compare};
use crate::inspect::inspect;
use crate::policy_text::parse_policy;
use crate::verify::{self, InstantChoice, VerifyOptions};

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
    ("policy-explain", "a policy as sentences, with its digest"),
    #[cfg(feature = "compose")]
    ("compose-lint", "what weakens an app-compose, by rule"),
    ("checks", "the check table"),
];

/// Performs an operation. The result is `{"ok": …}` or `{"error": {"code": …, "message": …}}`; a
/// rejected quote is an `ok`.
pub fn call(operation: &str, request: &str) -> String {
    let result = match operation {
        "verify" => read(request).and_then(verify_request),
        "compare" => read(request).and_then(compare_request),
        "inspect" => read(request).and_then(inspect_request),
        "policy-explain" => read(request).and_then(explain_request),
        #[cfg(feature = "compose")]
        "compose-lint" => read(request).and_then(lint_request),
        "checks" => Ok(checks()),
        _ => Err(error("unknown-operation", "no such operation")),
    };
    match result {
        Ok(answer) => json!({ "ok": answer }),
        Err(error) => json!({ "error": error }),
    }
    .to_string()
}

fn error(code: &str, message: impl ToString) -> Value {
    json!({ "code": code, "message": message.to_string() })
}

fn read<'a, T: Deserialize<'a>>(request: &'a str) -> Result<T, Value> {
    serde_json::from_str(request).map_err(|fault| error("request", fault))
}

/// Bytes in a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
enum Bytes {
    /// The text itself.
    Text(String),
    /// Hex digits.
    Hex(String),
}

impl Bytes {
    fn decode(self) -> Result<Vec<u8>, Value> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Hex(hex) => decode_hex(&hex, limits::BUNDLE).map_err(|fault| error("hex", fault)),
        }
    }
}

/// Inputs of one machine, or one input about several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    #[serde(default)]
    name: Option<String>,
    parts: Vec<Bytes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VerifyRequest {
    schema: String,
    inputs: Vec<Input>,
    /// Policy text, TOML or JSON; the strict default without it.
    policy: Option<String>,
    #[serde(default)]
    expect: Expect,
    /// Seconds since the epoch.
    at: u64,
    /// Whether `at` is the present, read from a clock by the caller.
    #[serde(default)]
    at_is_now: bool,
    challenge: Option<ChallengeRequest>,
    /// A test root in DER, as hex.
    root: Option<String>,
    #[serde(default)]
    genuine_only: bool,
    /// For a comparison: whether each instance is said to have a machine of its own.
    #[serde(default)]
    different_machines: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Expect {
    compose_hashes: Vec<String>,
    app_ids: Vec<String>,
    report_data: Vec<String>,
    os: Vec<String>,
    rtmr3: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ChallengeRequest {
    bytes: String,
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

fn recognised(parts: Vec<Bytes>) -> Result<Vec<Recognised>, Value> {
    parts
        .into_iter()
        .map(|part| recognise(&part.decode()?).map_err(|fault| error("unreadable", fault)))
        .collect()
}

fn verify_request(request: VerifyRequest) -> Result<Value, Value> {
    let options = options_of(&request)?;
    let mut answers = Vec::new();
    for (name, instance) in instances_of(request.inputs)? {
        answers.push(verify::verify(&name, &instance, &options));
    }
    Ok(json!(answers))
}

fn compare_request(request: VerifyRequest) -> Result<Value, Value> {
    let options = options_of(&request)?;
    let inputs: Vec<ComparedInput> = instances_of(request.inputs)?
        .into_iter()
        .map(|(name, evidence)| ComparedInput {
            name,
            evidence: Ok(evidence),
            exchange: None,
        })
        .collect();
    Ok(json!(compare(
        &inputs,
        &options,
        request.different_machines
    )))
}

/// The instances of all inputs, each with the name of its input.
fn instances_of(inputs: Vec<Input>) -> Result<Vec<(String, InstanceEvidence)>, Value> {
    let mut all = Vec::new();
    for input in inputs {
        let name = input.name.unwrap_or_default();
        let instances =
            assemble(recognised(input.parts)?).map_err(|fault| error("unreadable", fault))?;
        all.extend(
            instances
                .into_iter()
                .map(|instance| (name.clone(), instance)),
        );
    }
    Ok(all)
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
    let at = Instant::from_unix(request.at)
        .ok_or_else(|| error("instant", "the instant is past the year 9999"))?;
    let challenge = request
        .challenge
        .as_ref()
        .map(|challenge| {
            Ok::<_, Value>(Challenge::new(
                decode_hex(&challenge.bytes, limits::CHALLENGE)
                    .map_err(|fault| error("hex", fault))?,
                DerivationRule::from_name(&challenge.rule)
                    .ok_or_else(|| error("challenge-rule", "no such derivation rule"))?,
            ))
        })
        .transpose()?;
    Ok(VerifyOptions {
        policy,
        anchor,
        instant: if request.at_is_now {
            InstantChoice::Clock(at)
        } else {
            InstantChoice::Given(at)
        },
        collateral: Vec::new(),
        exchange: Exchange {
            challenge,
            channel: Channel::Saved,
        },
        genuine_only: request.genuine_only,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InspectRequest {
    parts: Vec<Bytes>,
}

fn inspect_request(request: InspectRequest) -> Result<Value, Value> {
    Ok(recognised(request.parts)?
        .iter()
        .map(|input| json!(inspect(input)))
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExplainRequest {
    policy: Option<String>,
}

fn explain_request(request: ExplainRequest) -> Result<Value, Value> {
    let policy = policy_of(request.policy.as_deref())?;
    Ok(json!(verify::explain_policy(&policy)))
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
fn lint_request(request: LintRequest) -> Result<Value, Value> {
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
    let document = AppCompose::parse(&request.app_compose.decode()?)
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
