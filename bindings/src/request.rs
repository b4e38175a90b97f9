//! A request to judge, from its JSON and the bytes beside it.

use std::borrow::Cow;

use teeproof_core::json::{Document, Fields, Node, ShapeFault};
use teeproof_core::{
    Challenge, Channel, DerivationRule, Exchange, HexError, InstanceEvidence, Instant, Pins,
    Policy, Recognised, SignatureVerifier, TrustAnchor, assemble, decode_hex, limits, recognise,
};

use crate::answer::ErrorAnswer;
use crate::deferred::Deferred;
use crate::policy_text::parse_policy;
use crate::values::text_of;
use crate::verify::{InstantChoice, VerifyOptions, verify_with};

/// Schema of a request.
pub(crate) const REQUEST_SCHEMA: &str = "teeproof.request/1";

/// What is to be judged, all bytes included: the operation `verify`, read.
#[derive(Debug)]
pub struct Verification {
    pub(crate) instances: Vec<Instance>,
    pub(crate) options: VerifyOptions,
    pub(crate) different_machines: bool,
}

/// One instance, and how its evidence came where that is not said of all.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) name: String,
    pub(crate) evidence: InstanceEvidence,
    pub(crate) exchange: Option<Exchange>,
}

impl Verification {
    /// Reads a request. `attached` are the bytes that it names by number, each once.
    ///
    /// # Errors
    /// What the operation answers then: `{"error": …}` as text.
    pub fn read(request: &str, attached: Vec<Vec<u8>>) -> Result<Self, String> {
        Self::of(request, &mut Attached::new(attached)).map_err(|error| error.into_text())
    }

    pub(crate) fn of(request: &str, attached: &mut Attached) -> Result<Self, ErrorAnswer> {
        let request = VerifyRequest::read(document(request)?.root())?;
        let options = options_of(&request)?;
        let mut instances = Vec::new();
        for input in request.inputs {
            let name = input.name.unwrap_or_default();
            let exchange = (input.live || input.challenge.is_some())
                .then(|| exchange_of(input.challenge.as_ref(), input.live))
                .transpose()?;
            let found = assemble(recognised(input.parts, attached)?)
                .map_err(|fault| error("unreadable", fault))?;
            instances.extend(found.into_iter().map(|evidence| Instance {
                name: name.clone(),
                evidence,
                exchange: exchange.clone(),
            }));
        }
        Ok(Self {
            instances,
            options,
            different_machines: request.different_machines,
        })
    }

    /// The answer, with signatures checked elsewhere and later.
    pub fn deferred(self) -> Deferred {
        Deferred::of(move |signatures| self.answer(signatures))
    }

    /// The answer: `{"ok": …}` as text.
    pub fn answer(&self, signatures: &dyn SignatureVerifier) -> String {
        let mut answers = Vec::new();
        for instance in &self.instances {
            let options = match &instance.exchange {
                None => Cow::Borrowed(&self.options),
                Some(exchange) => Cow::Owned(VerifyOptions {
                    exchange: exchange.clone(),
                    ..self.options.clone()
                }),
            };
            let evidence = &instance.evidence;
            answers.push(verify_with(&instance.name, evidence, &options, signatures));
        }
        ok(&answers)
    }
}

/// What an operation answers that succeeds.
pub(crate) fn ok<T: serde::Serialize>(answer: &T) -> String {
    #[derive(serde::Serialize)]
    struct Done<'a, T> {
        ok: &'a T,
    }
    text_of(&Done { ok: answer })
}

/// What an operation answers that fails before it begins.
pub fn failure(code: &str, message: &str) -> String {
    error(code, message).into_text()
}

pub(crate) fn error(code: &str, message: impl ToString) -> ErrorAnswer {
    ErrorAnswer {
        code: code.to_owned(),
        message: message.to_string(),
    }
}

impl ErrorAnswer {
    pub(crate) fn into_text(self) -> String {
        #[derive(serde::Serialize)]
        struct Failed {
            error: ErrorAnswer,
        }
        serde_json::to_string(&Failed { error: self }).unwrap_or_default()
    }
}

impl From<ShapeFault> for ErrorAnswer {
    fn from(fault: ShapeFault) -> Self {
        error("request", fault)
    }
}

/// Bytes that stand beside a request.
pub(crate) struct Attached(Vec<Option<Vec<u8>>>);

impl Attached {
    pub(crate) fn new(attached: Vec<Vec<u8>>) -> Self {
        Self(attached.into_iter().map(Some).collect())
    }

    fn take(&mut self, number: usize) -> Result<Vec<u8>, ErrorAnswer> {
        self.0
            .get_mut(number)
            .and_then(Option::take)
            .ok_or_else(|| {
                let message = format!("no attached bytes {number}, or named twice");
                error("attached", message)
            })
    }
}

pub(crate) fn document(request: &str) -> Result<Document<'_>, ErrorAnswer> {
    Document::of_text(request).map_err(|fault| error("request", fault))
}

/// Bytes in a request.
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename_all = "camelCase")
)]
pub(crate) enum Bytes {
    /// The text itself.
    Text(String),
    /// Hex digits.
    Hex(String),
    /// The number of bytes that stand beside the request.
    Attached(usize),
}

impl Bytes {
    pub(crate) fn read(node: Node<'_>) -> Result<Self, ShapeFault> {
        let expected = "one of `text`, `hex` and `attached`, with its value";
        let fields = Fields::closed("part", node, &["text", "hex", "attached"])?;
        match (
            fields.has("text"),
            fields.has("hex"),
            fields.has("attached"),
        ) {
            (true, false, false) => Ok(Self::Text(fields.text("text")?.into_owned())),
            (false, true, false) => Ok(Self::Hex(fields.text("hex")?.into_owned())),
            (false, false, true) => Ok(Self::Attached(fields.whole("attached")?)),
            _ => Err(ShapeFault::not("part", expected, node)),
        }
    }

    pub(crate) fn read_all(fields: &Fields<'_>, key: &str) -> Result<Vec<Self>, ShapeFault> {
        let parts = fields.items(key, usize::MAX)?;
        parts.into_iter().map(Self::read).collect()
    }

    pub(crate) fn decode(self, attached: &mut Attached) -> Result<Vec<u8>, ErrorAnswer> {
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
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename_all = "camelCase")
)]
struct Input {
    /// What answers call it.
    #[cfg_attr(feature = "schema", schemars(default))]
    name: Option<String>,
    /// Everything there is of it.
    parts: Vec<Bytes>,
    /// The caller's challenge to this one, where each was asked by itself. With it or with `live`
    /// nothing is taken from what the request says of all.
    #[cfg_attr(feature = "schema", schemars(default))]
    challenge: Option<ChallengeRequest>,
    /// As `live` of the request, of this one alone.
    #[cfg_attr(feature = "schema", schemars(default))]
    live: bool,
}

impl Input {
    fn read(node: Node<'_>) -> Result<Self, ShapeFault> {
        let known = ["name", "parts", "challenge", "live"];
        let fields = Fields::closed("input", node, &known)?;
        Ok(Self {
            name: maybe_string(&fields, "name")?,
            parts: Bytes::read_all(&fields, "parts")?,
            challenge: ChallengeRequest::maybe(&fields)?,
            live: fields.flag("live")?,
        })
    }
}

#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename_all = "camelCase")
)]
struct VerifyRequest {
    /// `teeproof.request/1`.
    schema: String,
    /// What is judged: each an input of one machine, or one about several.
    inputs: Vec<Input>,
    /// Policy text, TOML or JSON; the strict default without it.
    policy: Option<String>,
    /// What else is demanded, beside the policy.
    #[cfg_attr(feature = "schema", schemars(default))]
    expect: Expect,
    /// Seconds since the epoch. Has to be there, but for `atCaptured`.
    at: Option<u64>,
    /// Whether `at` is the present, read from a clock by the caller.
    #[cfg_attr(feature = "schema", schemars(default))]
    at_is_now: bool,
    /// Judges as of when each bundle says that it was captured: its own word.
    #[cfg_attr(feature = "schema", schemars(default))]
    at_captured: bool,
    /// The caller's own challenge.
    challenge: Option<ChallengeRequest>,
    /// A test root in DER, as hex.
    root: Option<String>,
    /// Whether the evidence came over a connection whose TLS key the caller cannot see: then it is
    /// not bound to the machine at the other end.
    #[cfg_attr(feature = "schema", schemars(default))]
    live: bool,
    /// Whether `genuine` is all that was asked for: decides the exit code and nothing else.
    #[cfg_attr(feature = "schema", schemars(default))]
    genuine_only: bool,
    /// For a comparison: whether each instance is said to have a machine of its own.
    #[cfg_attr(feature = "schema", schemars(default))]
    different_machines: bool,
}

impl VerifyRequest {
    const KEYS: &'static [&'static str] = &[
        "schema",
        "inputs",
        "policy",
        "expect",
        "at",
        "atIsNow",
        "atCaptured",
        "challenge",
        "root",
        "live",
        "genuineOnly",
        "differentMachines",
    ];

    fn read(node: Node<'_>) -> Result<Self, ShapeFault> {
        let fields = Fields::closed("request", node, Self::KEYS)?;
        Ok(Self {
            schema: fields.text("schema")?.into_owned(),
            inputs: fields
                .items("inputs", usize::MAX)?
                .into_iter()
                .map(Input::read)
                .collect::<Result<_, _>>()?,
            policy: maybe_string(&fields, "policy")?,
            expect: Expect::read(&fields)?,
            at: fields.maybe_whole("at")?,
            at_is_now: fields.flag("atIsNow")?,
            at_captured: fields.flag("atCaptured")?,
            challenge: ChallengeRequest::maybe(&fields)?,
            root: maybe_string(&fields, "root")?,
            live: fields.flag("live")?,
            genuine_only: fields.flag("genuineOnly")?,
            different_machines: fields.flag("differentMachines")?,
        })
    }
}

#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename_all = "camelCase", default)
)]
#[derive(Default)]
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

impl Expect {
    fn read(request: &Fields<'_>) -> Result<Self, ShapeFault> {
        if !request.has("expect") {
            return Ok(Self::default());
        }
        let known = ["composeHashes", "appIds", "reportData", "os", "rtmr3"];
        let fields = Fields::closed("expect", request.node("expect")?, &known)?;
        let texts = |key| {
            let texts = fields.any_texts(key, usize::MAX)?;
            Ok(texts.into_iter().map(|text| text.into_owned()).collect())
        };
        Ok(Self {
            compose_hashes: texts("composeHashes")?,
            app_ids: texts("appIds")?,
            report_data: texts("reportData")?,
            os: texts("os")?,
            rtmr3: texts("rtmr3")?,
        })
    }
}

#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, rename_all = "camelCase")
)]
struct ChallengeRequest {
    /// The challenge, as hex.
    bytes: String,
    /// The rule by which report data derive from it.
    rule: String,
}

impl ChallengeRequest {
    fn maybe(fields: &Fields<'_>) -> Result<Option<Self>, ShapeFault> {
        let Some(node) = fields.maybe("challenge") else {
            return Ok(None);
        };
        let fields = Fields::closed("challenge", node, &["bytes", "rule"])?;
        Ok(Some(Self {
            bytes: fields.text("bytes")?.into_owned(),
            rule: fields.text("rule")?.into_owned(),
        }))
    }
}

pub(crate) fn maybe_string(fields: &Fields<'_>, key: &str) -> Result<Option<String>, ShapeFault> {
    Ok(fields.maybe_text(key)?.map(|text| text.into_owned()))
}

fn hex_list<T: std::str::FromStr<Err = HexError>>(list: &[String]) -> Result<Vec<T>, ErrorAnswer> {
    list.iter()
        .map(|text| text.parse().map_err(|fault| error("hex", fault)))
        .collect()
}

pub(crate) fn policy_of(text: Option<&str>) -> Result<Policy, ErrorAnswer> {
    text.map_or_else(
        || Ok(Policy::default()),
        |text| parse_policy(text.as_bytes()).map_err(|fault| error("policy", fault)),
    )
}

pub(crate) fn recognised(
    parts: Vec<Bytes>,
    attached: &mut Attached,
) -> Result<Vec<Recognised>, ErrorAnswer> {
    parts
        .into_iter()
        .map(|part| recognise(&part.decode(attached)?).map_err(|fault| error("unreadable", fault)))
        .collect()
}

pub(crate) fn instant(seconds: u64) -> Result<Instant, ErrorAnswer> {
    Instant::from_unix(seconds).ok_or_else(|| error("instant", "the instant is past the year 9999"))
}

/// Refuses another schema than the one that is read here.
pub(crate) fn check_schema(schema: &str) -> Result<(), ErrorAnswer> {
    if schema == REQUEST_SCHEMA {
        return Ok(());
    }
    let message = format!("expected the schema {REQUEST_SCHEMA}");
    Err(error("schema", message))
}

fn options_of(request: &VerifyRequest) -> Result<VerifyOptions, ErrorAnswer> {
    check_schema(&request.schema)?;
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

fn choice_of(request: &VerifyRequest) -> Result<InstantChoice, ErrorAnswer> {
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

fn exchange_of(challenge: Option<&ChallengeRequest>, live: bool) -> Result<Exchange, ErrorAnswer> {
    let challenge = challenge
        .map(|challenge| {
            Ok::<_, ErrorAnswer>(Challenge::new(
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
