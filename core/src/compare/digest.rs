//! The comparison digest: the same for any order of the inputs.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Comparison, Side};
use crate::bytes::{Bytes32, sha256};
use crate::canonical::Json;
use crate::report::REPORT_SCHEMA_MAJOR;
use crate::{TABLE_VERSION, Value};

/// In: schema and check table, the canonical verdict of every instance, the claims, the result, the
/// standing of every row and its values. Out: names, sentences, the order of inputs.
pub(super) fn of(comparison: &Comparison, sides: &[Side<'_>]) -> Bytes32 {
    let mut instances: Vec<(String, usize)> = sides
        .iter()
        .enumerate()
        .map(|(index, side)| {
            let text = side.report.canonical_json();
            (sha256(text.as_bytes()).to_string(), index)
        })
        .collect();
    instances.sort();
    let rows = comparison.rows.iter().map(|row| {
        let cells = instances.iter().map(|(_, index)| {
            row.cells
                .get(*index)
                .and_then(Option::as_ref)
                .map_or(Json::Null, |cell| value(&cell.value))
        });
        Json::Object(Vec::from([
            ("id", Json::text(row.id.to_string())),
            ("name", row.name.as_deref().map_or(Json::Null, Json::text)),
            ("relation", Json::text(row.relation.as_str())),
            ("standing", Json::text(row.standing.as_str())),
            ("values", Json::List(cells.collect())),
        ]))
    });
    let claims = comparison.claims;
    let absent = u64::try_from(claims.absent).unwrap_or(Json::MAX_NUMBER);
    let document = Json::Object(Vec::from([
        ("schema", Json::Number(REPORT_SCHEMA_MAJOR.into())),
        ("checkTable", Json::Number(TABLE_VERSION.into())),
        ("result", Json::text(comparison.sameness.as_str())),
        ("differentMachines", Json::Flag(claims.different_machines)),
        ("absent", Json::Number(absent)),
        ("rows", Json::List(rows.collect())),
        (
            "instances",
            Json::List(
                instances
                    .iter()
                    .map(|(digest, _)| Json::text(digest))
                    .collect(),
            ),
        ),
    ]));
    sha256(document.into_text().as_bytes())
}

fn value(value: &Value) -> Json<'_> {
    match value {
        Value::Text(text) => Json::text(text),
        Value::Number(number) => Json::text(number.to_string()),
        Value::Flag(flag) => Json::Flag(*flag),
        Value::List(items) => Json::List(items.iter().map(self::value).collect()),
        Value::Fields(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| (*name, self::value(value)))
                .collect(),
        ),
    }
}
