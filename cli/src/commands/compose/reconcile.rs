//! `teeproof compose reconcile`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use teeproof_bindings::ExitCode;
use teeproof_compose::{
    Explanation, FieldDifference, Predictor, Reconciliation, Sources, Text, TextDifference,
    reconcile,
};

use super::args::ReconcileArgs;
use crate::args::Format;
use crate::failure::{Failure, shown};
use crate::input::{self, Kind, read};
use crate::output::Output;
use crate::paint::Line;

/// Explanations of one hash that are printed.
const SHOWN: usize = 4;

pub(crate) fn run(args: &ReconcileArgs, output: &mut Output) -> Result<ExitCode, Failure> {
    let optional = |path: &Option<PathBuf>, kind| {
        let read = path.as_ref().map(|path| read(path, kind));
        read.transpose()
    };
    let yaml = optional(&args.yaml, Kind::DockerCompose)?;
    let platform = optional(&args.platform, Kind::Answer)?;
    let served = optional(&args.served, Kind::Answer)?;
    let chain = optional(&args.chain, Kind::Answer)?;
    let evidence = match &args.bundle {
        Some(path) => Some(one(path)?),
        None => None,
    };
    let mut scripts = Vec::new();
    for path in &args.script {
        let bytes = read(path, Kind::Settings)?;
        scripts.push((
            path.display().to_string(),
            String::from_utf8_lossy(&bytes).into_owned(),
        ));
    }
    let sources = Sources {
        yaml: yaml.as_deref(),
        platform: platform.as_deref(),
        served: served.as_deref(),
        evidence: evidence.as_ref(),
        chain: chain.as_deref(),
        expected: args.expect.as_deref(),
        scripts: &scripts,
    };
    let found = reconcile(&sources).map_err(|error| Failure::Reconcile { error })?;
    match args.format {
        Format::Text => text(&found, output)?,
        Format::Json => output.json(&answer(&found))?,
    }
    Ok(if found.measured.is_err() {
        ExitCode::Inconclusive
    } else if found.agrees() {
        ExitCode::Trusted
    } else {
        ExitCode::RejectedPolicy
    })
}

/// The evidence of one machine.
fn one(path: &Path) -> Result<teeproof_core::InstanceEvidence, Failure> {
    let mut instances = input::evidence(path)?;
    match (instances.pop(), instances.len()) {
        (Some(one), 0) => Ok(one),
        (_, others) => Err(Failure::Argument {
            name: "--bundle",
            problem: format!(
                "{} holds {} instances",
                shown(path),
                others.saturating_add(1)
            ),
            next: "give the evidence of one machine",
        }),
    }
}

fn label(found: &Reconciliation, text: usize) -> String {
    found.texts.get(text).map(Text::label).unwrap_or_default()
}

fn by(predictor: Predictor) -> String {
    format!("as {} writes it ({})", predictor.id(), predictor.source())
}

fn explained(found: &Reconciliation, one: &Explanation) -> String {
    match one {
        Explanation::Exact { text } => format!("the bytes of {}", label(found, *text)),
        Explanation::Predicted { text, predictor } => {
            format!("{}, {}", label(found, *text), by(*predictor))
        }
        Explanation::Yaml => "the docker-compose file: no compose hash".to_owned(),
        Explanation::YamlNearly => {
            "the docker-compose file with another end or other line ends: no compose hash"
                .to_owned()
        }
        Explanation::YamlBase64 => "the docker-compose file in base64: no compose hash".to_owned(),
        Explanation::OtherScript {
            text,
            script,
            predictor,
        } => format!(
            "{} with another pre-launch script ({script}), {}",
            label(found, *text),
            predictor.map_or("its bytes as they are".to_owned(), by)
        ),
        Explanation::OtherYaml { text, predictor } => format!(
            "{} with the docker-compose file put in, {}",
            label(found, *text),
            by(*predictor)
        ),
        Explanation::Without {
            text,
            fields,
            predictor,
        } => format!(
            "{} without {}, {}",
            label(found, *text),
            fields.join(", "),
            by(*predictor)
        ),
        _ => "other bytes".to_owned(),
    }
}

fn differs(path: &str, kind: &FieldDifference) -> String {
    let path = if path.is_empty() {
        "the document"
    } else {
        path
    };
    match kind {
        FieldDifference::OnlyFirst => format!("{path}: only in the first"),
        FieldDifference::OnlySecond => format!("{path}: only in the second"),
        FieldDifference::Value {
            first,
            second,
            line,
        } => {
            let line = line.map_or(String::new(), |line| format!(" line {line}"));
            format!("{path}{line}: {first} / {second}")
        }
        FieldDifference::Order { first, second } => {
            format!("{path}: keys in another order, {first:?} / {second:?}")
        }
        _ => path.to_owned(),
    }
}

fn text(found: &Reconciliation, output: &mut Output) -> Result<(), Failure> {
    output.line(
        Line::new().bold("nothing was verified here: judge the evidence with `teeproof verify`"),
    )?;
    output.line("")?;
    match &found.measured {
        Ok(measured) => {
            output.line(Line::new().bold(format!("measured  {}", measured.hash)))?;
            output.line(if measured.replays {
                "          the event compose-hash in RTMR3; the log replays to the quote beside it"
            } else {
                "          the event compose-hash of the log; there is no quote to hold it to"
            })?;
            explanations(found, &found.measured_is, "          ", output)?;
        }
        Err(why) => output.line(Line::new().bold(format!("measured  unknown: {why}")))?,
    }
    if let Some(yaml) = &found.yaml {
        output.line(format!("yaml      {yaml}"))?;
        output.line("          digest of the docker-compose file: never a compose hash")?;
    }
    if !found.texts.is_empty() {
        output.line("")?;
        output.line(Line::new().bold("documents"))?;
        for text in &found.texts {
            let hash = text.document.hash();
            let count = text.document.bytes().len();
            output.line(format!("  {hash}  {}, {count} bytes", text.label()))?;
            if !text.exact {
                output.line("      written again on its way: its bytes may be nobody's")?;
            }
        }
    }
    if !found.stated.is_empty() {
        output.line("")?;
        output.line(Line::new().bold("stated hashes"))?;
        for one in &found.stated {
            let hash = match (&found.measured, one.written.hash) {
                (_, None) => format!("{:?}", one.written.text),
                (Ok(measured), Some(hash)) if hash == *measured.hash.as_bytes() => {
                    format!("{hash} (measured)")
                }
                (_, Some(hash)) => hash.to_string(),
            };
            output.line(format!("  {hash}  {}", one.label()))?;
            explanations(found, &one.explanations, "      ", output)?;
        }
    }
    for one in &found.differences {
        output.line("")?;
        difference(found, one, output)?;
    }
    output.line("")?;
    if !found.complete {
        output.line("the documents are so large that not every way to write them was tried")?;
    }
    match (&found.measured, found.culprits.as_slice()) {
        (Err(_), _) => output.line("what the hardware measured is not known, so nothing is judged"),
        (Ok(_), []) => output.line("everything agrees with what was measured"),
        (Ok(_), culprits) => {
            output.line(Line::new().bold("what is wrong"))?;
            for one in culprits {
                output.line(format!("  {}: {one}", one.code()))?;
            }
            Ok(())
        }
    }
}

fn explanations(
    found: &Reconciliation,
    all: &[Explanation],
    indent: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    if all.is_empty() {
        return output.line(format!("{indent}of no bytes at hand, in any known way"));
    }
    for one in all.iter().take(SHOWN) {
        output.line(format!("{indent}of {}", explained(found, one)))?;
    }
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        output.line(format!("{indent}and in {more} other ways"))?;
    }
    Ok(())
}

fn difference(
    found: &Reconciliation,
    one: &TextDifference,
    output: &mut Output,
) -> Result<(), Failure> {
    output.line(Line::new().bold(format!(
        "{} / {}: byte {} is the first that differs",
        label(found, one.first),
        label(found, one.second),
        one.byte
    )))?;
    if one.fields.is_empty() {
        output.line("  no field differs: blanks, escapes or line ends")?;
    }
    for (path, kind) in &one.fields {
        output.line(format!("  {}", differs(path, kind)))?;
    }
    Ok(())
}

fn answer(found: &Reconciliation) -> Value {
    let ways = |all: &[Explanation]| -> Vec<String> {
        all.iter().map(|one| explained(found, one)).collect()
    };
    let measured = match &found.measured {
        Ok(measured) => json!({
            "hash": measured.hash.to_string(),
            "replaysToQuote": measured.replays,
            "of": ways(&found.measured_is),
        }),
        Err(why) => json!({ "unknown": why.to_string() }),
    };
    let texts: Vec<_> = found
        .texts
        .iter()
        .map(|text| {
            json!({
                "name": text.label(),
                "exactBytes": text.exact,
                "bytes": text.document.bytes().len(),
                "hash": text.document.hash().to_string(),
            })
        })
        .collect();
    let stated: Vec<_> = found
        .stated
        .iter()
        .map(|one| {
            json!({
                "name": one.label(),
                "text": one.written.text,
                "hash": one.written.hash.map(|hash| hash.to_string()),
                "spelling": one.written.spelling.words(),
                "of": ways(&one.explanations),
            })
        })
        .collect();
    let differences: Vec<_> = found
        .differences
        .iter()
        .map(|one| {
            let fields = one.fields.iter();
            json!({
                "first": label(found, one.first),
                "second": label(found, one.second),
                "byte": one.byte,
                "fields": fields.map(|(path, kind)| differs(path, kind)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let culprits: Vec<_> = found
        .culprits
        .iter()
        .map(|one| json!({ "code": one.code(), "message": one.to_string() }))
        .collect();
    json!({
        "verified": false,
        "measured": measured,
        "dockerComposeDigest": found.yaml.map(|digest| digest.to_string()),
        "documents": texts,
        "stated": stated,
        "differences": differences,
        "complete": found.complete,
        "agrees": found.agrees(),
        "culprits": culprits,
    })
}
