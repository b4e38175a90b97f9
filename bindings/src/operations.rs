//! The universal door: an operation by name, JSON in, JSON out. What cannot call typed functions
//! (another language, a page) calls this.

use serde_json::{Value, json};
use teeproof_core::json::{Document, Fields};
use teeproof_core::{Bundle, CheckId, SignatureVerifier, assemble};

use crate::answer::ErrorAnswer;
use crate::comparison::{ComparedInput, compare_with};
use crate::deferred::Deferred;
use crate::inspect::inspect;
use crate::judge::signature_backend;
use crate::request::{
    Attached, Bytes, Verification, document, error, instant, maybe_string, ok, policy_of,
    recognised,
};
use crate::verified::explain_policy;
use crate::verify::VerifyOptions;

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

/// An operation whose request was read, all bytes included.
#[derive(Debug)]
pub struct Prepared(Operation);

#[derive(Debug)]
enum Operation {
    Verify(Verification),
    Compare {
        inputs: Vec<ComparedInput>,
        options: VerifyOptions,
        different_machines: bool,
    },
    /// Needs no signature, or none that is a verdict's.
    Done(Value),
}

impl Prepared {
    /// Reads a request. `attached` are the bytes that it names by number, each once.
    ///
    /// # Errors
    /// The answer of an operation that fails: `{"error": …}` as text.
    pub fn read(operation: &str, request: &str, attached: Vec<Vec<u8>>) -> Result<Self, String> {
        let mut attached = Attached::new(attached);
        let attached = &mut attached;
        let operation = match operation {
            "verify" => Verification::of(request, attached).map(Operation::Verify),
            "compare" => Verification::of(request, attached).map(Operation::compare),
            "inspect" => inspect_request(request, attached).map(Operation::Done),
            "bundle" => bundle_request(request, attached).map(Operation::Done),
            "policy-explain" => explain_request(request).map(Operation::Done),
            #[cfg(feature = "compose")]
            "compose-lint" => lint_request(request, attached).map(Operation::Done),
            "checks" => Ok(Operation::Done(checks())),
            _ => Err(error("unknown-operation", "no such operation")),
        };
        operation.map(Self).map_err(ErrorAnswer::into_text)
    }

    /// The answer, with signatures checked elsewhere and later.
    pub fn deferred(self) -> Deferred {
        Deferred::of(move |signatures| self.answer(signatures))
    }

    /// The answer: `{"ok": …}` as text.
    pub fn answer(&self, signatures: &dyn SignatureVerifier) -> String {
        match &self.0 {
            Operation::Verify(request) => request.answer(signatures),
            Operation::Compare {
                inputs,
                options,
                different_machines,
            } => ok(&compare_with(
                inputs,
                options,
                *different_machines,
                signatures,
            )),
            Operation::Done(answer) => ok(answer),
        }
    }
}

impl Operation {
    fn compare(request: Verification) -> Self {
        Self::Compare {
            inputs: request
                .instances
                .into_iter()
                .map(|instance| ComparedInput {
                    name: instance.name,
                    evidence: Ok(instance.evidence),
                    exchange: instance.exchange,
                })
                .collect(),
            options: request.options,
            different_machines: request.different_machines,
        }
    }
}

fn fields<'a>(request: &'a Document<'_>, known: &[&str]) -> Result<Fields<'a>, ErrorAnswer> {
    Ok(Fields::closed("request", request.root(), known)?)
}

fn inspect_request(request: &str, attached: &mut Attached) -> Result<Value, ErrorAnswer> {
    let request = document(request)?;
    let fields = fields(&request, &["parts"])?;
    let parts = Bytes::read_all(&fields, "parts")?;
    Ok(recognised(parts, attached)?
        .iter()
        .map(|input| json!(inspect(input)))
        .collect())
}

/// `label` is a name to tell several apart; `capturedAt` is when the evidence was captured, in
/// seconds since the epoch: the bundle's own word.
fn bundle_request(request: &str, attached: &mut Attached) -> Result<Value, ErrorAnswer> {
    let request = document(request)?;
    let fields = fields(&request, &["parts", "label", "capturedAt"])?;
    let parts = recognised(Bytes::read_all(&fields, "parts")?, attached)?;
    let instances = assemble(parts).map_err(|fault| error("unreadable", fault))?;
    let [evidence] = instances.as_slice() else {
        let message = format!("{} instances, and a bundle holds one", instances.len());
        return Err(error("bundle", message));
    };
    let mut bundle = Bundle::from_evidence(evidence).map_err(|fault| error("bundle", fault))?;
    bundle.label = maybe_string(&fields, "label")?.or(bundle.label);
    if let Some(at) = fields.maybe_whole("capturedAt")? {
        bundle.captured_at = Some(instant(at)?);
    }
    let text = bundle.to_json();
    // A label can break a rule of the format; nobody should find out later.
    Bundle::from_json(text.as_bytes()).map_err(|fault| error("bundle", fault))?;
    Ok(Value::from(text))
}

fn explain_request(request: &str) -> Result<Value, ErrorAnswer> {
    let policy = maybe_string(&fields(&document(request)?, &["policy"])?, "policy")?;
    let policy = policy_of(policy.as_deref())?;
    Ok(json!(explain_policy(&policy)))
}

/// `appCompose` is the exact bytes of the document, `image` the OS image, such as `dstack-0.5.6`,
/// `suppressions` are TOML, and `deny` is `note`, `warning`, `error` or `none`; `error` without it.
#[cfg(feature = "compose")]
fn lint_request(request: &str, attached: &mut Attached) -> Result<Value, ErrorAnswer> {
    use teeproof_compose::{AppCompose, LintOptions, Suppressions};
    use teeproof_core::LintSeverity;

    let known = [
        "schema",
        "name",
        "appCompose",
        "image",
        "suppressions",
        "deny",
    ];
    let request = document(request)?;
    let fields = fields(&request, &known)?;
    crate::request::check_schema(&fields.text("schema")?)?;
    let app_compose = Bytes::read(fields.node("appCompose")?)?.decode(attached)?;
    let deny = match fields.maybe_text("deny")?.as_deref() {
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
    let document = AppCompose::parse(&app_compose).map_err(|fault| error(fault.code(), &fault))?;
    let image = fields.maybe_text("image")?.map(|image| image.parse());
    let suppressions = fields.maybe_text("suppressions")?.unwrap_or_default();
    let options = LintOptions {
        image: image.transpose().map_err(|fault| error("image", fault))?,
        suppressions: Suppressions::parse(suppressions.as_bytes())
            .map_err(|fault| error(fault.code(), &fault))?,
    };
    let name = fields.maybe_text("name")?.unwrap_or_default();
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
