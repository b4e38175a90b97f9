//! Several instances against each other, and the answer about it.

use serde::Serialize;
use teeproof_core::{
    Begins, Claims, Comparison, Exchange, InstanceEvidence, Policy, Report, Row, Sameness,
    Shortcoming, Side, SignatureVerifier, compare as compare_reports,
};

use crate::answer::{Answer, PolicyAnswer, shapes};
use crate::exit::ExitCode;
use crate::headline::{as_of, compared};
use crate::judge::{Means, judge, signature_backend};
use crate::shared::SharedCollateral;
use crate::values::ValueAnswer;
use crate::verified::explain_policy;
use crate::verify::{self, VerifyOptions};

/// Schema of a comparison; the number after the slash is its major version.
pub const COMPARISON_SCHEMA: &str = "teeproof.comparison/1";

shapes! {
    /// What several instances are to each other.
    ComparisonAnswer {
        /// The name and major version of this shape: `teeproof.comparison/1`.
        schema: &'static str,
        /// `same-code`, `same-measurements`, `unproven` or `refuted`.
        result: String,
        /// Whether the trust anchor is not Intel's: then it proves nothing about hardware.
        simulated: bool,
        /// SHA-256 of the canonical comparison: the same for any order of the inputs. Null when the
        /// engines disagree about an instance.
        comparison_digest: Option<String>,
        /// The exit code of a process that compared just these.
        exit_code: u8,
        /// One sentence.
        headline: String,
        /// `clock`, `given` or `captured` (the bundles' own word).
        at_source: String,
        /// Whether the instant is not the present one.
        historical: bool,
        /// Whether it was claimed that each instance has a physical machine of its own.
        different_machines_claimed: bool,
        /// The policy in force for every instance.
        policy: PolicyAnswer,
        /// Every instance with its own full answer, in the order given.
        instances: Vec<Answer>,
        /// Instances whose facts match.
        groups: Vec<GroupAnswer>,
        /// What was given more than once.
        duplicates: Vec<DuplicateAnswer>,
        /// The facts, each across all instances.
        rows: Vec<RowAnswer>,
        /// Why no more was shown, the gravest first.
        shortcomings: Vec<ShortcomingAnswer>,
    }
    /// Instances whose facts match. Numbers are places in `instances`, from zero.
    GroupAnswer {
        /// Who belongs to it.
        members: Vec<usize>,
        /// Distinct quotes among them.
        quotes: usize,
        /// Distinct attestation keys.
        attestation_keys: usize,
        /// Distinct physical machines.
        machines: usize,
        /// Whether the policy approves it.
        approved: bool,
    }
    /// Instances that share what should be their own.
    DuplicateAnswer {
        /// The row that they share.
        shared: String,
        /// Who shares it.
        members: Vec<usize>,
    }
    /// One fact across all instances.
    RowAnswer {
        /// Stable id.
        id: String,
        /// For a self-reported row: what the instances call it.
        name: Option<String>,
        /// Short title.
        title: String,
        /// What the row says.
        about: String,
        /// `must-match`, `must-differ`, `expected-to-differ` or `informational`.
        relation: String,
        /// `holds`, `broken`, `not-evaluable`, `explained`, `unexplained` or `shown`.
        standing: String,
        /// One cell for each instance; null where there is no value.
        cells: Vec<Option<CellAnswer>>,
        /// Where a difference begins.
        begins: Option<BeginsAnswer>,
        /// The instances that the standing is about; empty if it is about all.
        sides: Vec<usize>,
    }
    /// One fact of one instance.
    CellAnswer {
        /// The value.
        value: ValueAnswer,
        /// What it rests on; null for a digest of the input itself.
        anchor: Option<String>,
    }
    /// Where a difference begins.
    BeginsAnswer {
        /// `MRTD` or `RTMR0` to `RTMR3`.
        register: String,
        /// The number of the event within the register, from zero.
        event: Option<usize>,
        /// The name of the event.
        event_name: Option<String>,
    }
    /// Why no more was shown.
    ShortcomingAnswer {
        /// Stable code.
        code: String,
        /// For a row: its id.
        row: Option<String>,
        /// The instances that it is about.
        sides: Vec<usize>,
        /// The reason as a sentence.
        because: String,
        /// What to do next.
        next: String,
    }
}

/// The JSON Schema (draft 2020-12) of a comparison.
#[cfg(feature = "schema")]
pub fn comparison_schema_json() -> String {
    crate::answer::schema_json::<ComparisonAnswer>(COMPARISON_SCHEMA)
}

/// One input of a comparison.
#[derive(Debug)]
pub struct ComparedInput {
    /// What the caller calls it.
    pub name: String,
    /// Its evidence, or why there is none.
    pub evidence: Result<InstanceEvidence, Box<Answer>>,
    /// For an instance that was asked by itself: what it was asked, and how the answer came.
    pub exchange: Option<Exchange>,
}

struct Judged<'a> {
    place: usize,
    evidence: &'a InstanceEvidence,
    report: Report,
}

/// Judges every input by itself, then compares what was proven.
pub fn compare(
    inputs: &[ComparedInput],
    options: &VerifyOptions,
    different_machines: bool,
) -> ComparisonAnswer {
    compare_judged(
        inputs,
        options,
        None,
        different_machines,
        signature_backend(),
    )
}

/// As [`compare`], with collateral that was authenticated before beside that of the options.
pub fn compare_shared(
    inputs: &[ComparedInput],
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
    different_machines: bool,
) -> ComparisonAnswer {
    compare_judged(
        inputs,
        options,
        shared,
        different_machines,
        signature_backend(),
    )
}

/// As [`compare`], with signatures answered by the caller's backend.
pub fn compare_with(
    inputs: &[ComparedInput],
    options: &VerifyOptions,
    different_machines: bool,
    signatures: &dyn SignatureVerifier,
) -> ComparisonAnswer {
    compare_judged(inputs, options, None, different_machines, signatures)
}

fn compare_judged(
    inputs: &[ComparedInput],
    options: &VerifyOptions,
    shared: Option<&SharedCollateral>,
    different_machines: bool,
    signatures: &dyn SignatureVerifier,
) -> ComparisonAnswer {
    let mut instances = Vec::new();
    let mut judged = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let evidence = match &input.evidence {
            Ok(evidence) => evidence,
            Err(answer) => {
                instances.push(answer.as_ref().clone());
                continue;
            }
        };
        let mut options = options.clone();
        if let Some(exchange) = &input.exchange {
            options.exchange = exchange.clone();
        }
        instances.push(
            match judge(evidence, &options, Means::of(shared, signatures)) {
                Ok(report) => {
                    let answer = verify::answer(&input.name, evidence, &options, &report);
                    judged.push(Judged {
                        place,
                        evidence,
                        report,
                    });
                    answer
                }
                Err(error) => {
                    Answer::Unreadable(verify::unreadable(&input.name, Some(evidence), error))
                }
            },
        );
    }
    let sides: Vec<Side<'_>> = judged
        .iter()
        .map(|judged| Side {
            name: inputs
                .get(judged.place)
                .map(|input| input.name.as_str())
                .unwrap_or_default(),
            report: &judged.report,
            app_compose: judged.evidence.app_compose.as_deref(),
            vm_config: judged.evidence.vm_config.as_deref(),
            self_reported: &judged.evidence.self_reported,
        })
        .collect();
    let claims = Claims {
        different_machines,
        absent: inputs.len().saturating_sub(sides.len()),
    };
    match compare_reports(&sides, &options.policy, claims) {
        Ok(comparison) => {
            let places: Vec<usize> = judged.iter().map(|judged| judged.place).collect();
            answer(&comparison, &places, instances, &sides, options)
        }
        // Every report here was made just now, under one policy, one root and this evidence.
        Err(error) => nothing(instances, options, different_machines, error.to_string()),
    }
}

fn nothing(
    instances: Vec<Answer>,
    options: &VerifyOptions,
    different_machines_claimed: bool,
    because: String,
) -> ComparisonAnswer {
    ComparisonAnswer {
        schema: COMPARISON_SCHEMA,
        result: Sameness::Unproven.to_string(),
        simulated: false,
        comparison_digest: None,
        exit_code: ExitCode::Inconclusive.number(),
        headline: format!("UNPROVEN: {because}"),
        at_source: options.instant.word().to_owned(),
        historical: options.instant.is_historical(),
        different_machines_claimed,
        policy: policy(&options.policy),
        instances,
        groups: Vec::new(),
        duplicates: Vec::new(),
        rows: Vec::new(),
        shortcomings: Vec::new(),
    }
}

fn policy(policy: &Policy) -> PolicyAnswer {
    explain_policy(policy)
}

fn answer(
    comparison: &Comparison,
    places: &[usize],
    instances: Vec<Answer>,
    sides: &[Side<'_>],
    options: &VerifyOptions,
) -> ComparisonAnswer {
    let placed = |members: &[usize]| -> Vec<usize> {
        members
            .iter()
            .filter_map(|side| places.get(*side).copied())
            .collect()
    };
    let conflict = sides.iter().any(|side| side.report.digest().is_none());
    ComparisonAnswer {
        schema: COMPARISON_SCHEMA,
        result: comparison.sameness().to_string(),
        simulated: comparison.simulated(),
        comparison_digest: (!conflict).then(|| comparison.digest().to_string()),
        exit_code: exit_code(comparison, &instances).number(),
        headline: as_of(compared(comparison, sides), options.instant),
        at_source: options.instant.word().to_owned(),
        historical: options.instant.is_historical(),
        different_machines_claimed: comparison.claims().different_machines,
        policy: policy(&options.policy),
        groups: comparison
            .groups()
            .iter()
            .map(|group| GroupAnswer {
                members: placed(&group.members),
                quotes: group.quotes,
                attestation_keys: group.attestation_keys,
                machines: group.machines,
                approved: group.approved,
            })
            .collect(),
        duplicates: comparison
            .duplicates()
            .iter()
            .map(|duplicate| DuplicateAnswer {
                shared: duplicate.shared.to_string(),
                members: placed(&duplicate.members),
            })
            .collect(),
        rows: comparison
            .rows()
            .iter()
            .map(|row| row_answer(row, places, instances.len(), placed(&row.sides)))
            .collect(),
        shortcomings: comparison
            .shortcomings()
            .iter()
            .map(|one| shortcoming(one, &instances, &placed))
            .collect(),
        instances,
    }
}

fn row_answer(row: &Row, places: &[usize], count: usize, sides: Vec<usize>) -> RowAnswer {
    let mut cells = vec![None; count];
    for (place, cell) in places.iter().zip(&row.cells) {
        if let Some(free) = cells.get_mut(*place) {
            *free = cell.as_ref().map(|cell| CellAnswer {
                value: ValueAnswer(cell.value.clone()),
                anchor: cell.anchor.map(|anchor| anchor.to_string()),
            });
        }
    }
    RowAnswer {
        id: row.id.to_string(),
        name: row.name.clone(),
        title: row
            .name
            .clone()
            .unwrap_or_else(|| row.id.title().to_owned()),
        about: row.id.about().to_owned(),
        relation: row.relation.as_str().to_owned(),
        standing: row.standing.as_str().to_owned(),
        cells,
        begins: row.begins.as_ref().map(begins),
        sides,
    }
}

fn begins(begins: &Begins) -> BeginsAnswer {
    BeginsAnswer {
        register: begins.register.to_owned(),
        event: begins.event.as_ref().map(|(number, _)| *number),
        event_name: begins
            .event
            .as_ref()
            .map(|(_, name)| name.clone())
            .filter(|name| !name.is_empty()),
    }
}

fn shortcoming(
    one: &Shortcoming,
    instances: &[Answer],
    placed: &impl Fn(&[usize]) -> Vec<usize>,
) -> ShortcomingAnswer {
    let named = |sides: &[usize]| {
        let names: Vec<&str> = placed(sides)
            .iter()
            .filter_map(|place| instances.get(*place))
            .map(Answer::name)
            .collect();
        names.join(", ")
    };
    let (sides, because) = match one {
        Shortcoming::RowBroken { row, name } => (
            Vec::new(),
            match name {
                Some(name) => {
                    format!("what an instance says of itself (`{name}`) contradicts its evidence")
                }
                None => format!("{} does not stand as it has to", row.title()),
            },
        ),
        Shortcoming::NothingToCompare => (
            Vec::new(),
            "there are not two instances to compare".to_owned(),
        ),
        Shortcoming::SameEvidence { members } => (
            placed(members),
            format!("one quote was given more than once: {}", named(members)),
        ),
        Shortcoming::Absent { count } => {
            (Vec::new(), format!("{count} of the inputs gave no report"))
        }
        Shortcoming::NotAccepted { side, verdict } => (
            placed(&[*side]),
            format!("{} is {verdict} by itself", named(&[*side])),
        ),
        Shortcoming::RowNotEvaluable { row } => (
            Vec::new(),
            format!("{} is absent on an instance", row.title()),
        ),
        Shortcoming::NotTrusted { side } => (
            placed(&[*side]),
            format!("{} is genuine and not trusted", named(&[*side])),
        ),
        Shortcoming::ComposeNotBound { side } => (
            placed(&[*side]),
            format!("the app-compose of {} was not supplied", named(&[*side])),
        ),
        Shortcoming::CodeNotPinned { fault } => (Vec::new(), fault.to_string()),
        other => (Vec::new(), other.code().to_owned()),
    };
    let row = match one {
        Shortcoming::RowBroken { row, .. } | Shortcoming::RowNotEvaluable { row } => {
            Some(row.to_string())
        }
        _ => None,
    };
    ShortcomingAnswer {
        code: one.code().to_owned(),
        row,
        sides,
        because,
        next: one.next_step().to_owned(),
    }
}

/// The code of the comparison, and before it those of the instances that could not take part.
fn exit_code(comparison: &Comparison, instances: &[Answer]) -> ExitCode {
    let own = match comparison.sameness() {
        Sameness::Refuted => ExitCode::InstancesDiffer,
        Sameness::Unproven => ExitCode::Inconclusive,
        Sameness::SameMeasurements | Sameness::SameCode if comparison.simulated() => {
            ExitCode::Simulated
        }
        Sameness::SameMeasurements => ExitCode::Genuine,
        Sameness::SameCode => ExitCode::Trusted,
    };
    let of_instances = instances
        .iter()
        .filter_map(|answer| ExitCode::from_number(answer.exit_code()))
        .filter(|code| {
            !matches!(
                code,
                ExitCode::Genuine | ExitCode::Simulated | ExitCode::Trusted
            )
        });
    ExitCode::of_all(of_instances.chain([own]))
}
