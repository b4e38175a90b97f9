//! The cells: one fact of one report, with what it rests on.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::rows::{Cell, Row, RowId};
use super::{Side, accepted};
use crate::Value;
use crate::dstack::InstanceId;
use crate::report::{Anchor, Measurements, OsMatch, Report, TdMeasurements};

/// The cell of a fact. `None` where the report does not have it, and for every fact of an instance
/// whose evidence fails.
pub(super) fn cell(id: RowId, side: &Side<'_>) -> Option<Cell> {
    let report = side.report;
    if id == RowId::Quote {
        return Some(Cell {
            value: Value::text(report.evidence().quote),
            anchor: None,
        });
    }
    if !accepted(report) {
        return None;
    }
    let facts = report.facts();
    let (value, anchor) = match id {
        RowId::ComposeHash => (Value::text(facts?.compose_hash()), report.log_anchor()),
        RowId::AppId => (Value::text(facts?.app_id()), report.log_anchor()),
        RowId::InstanceId => match facts?.instance_id() {
            InstanceId::Id(id) => (Value::text(id), report.log_anchor()),
            InstanceId::None => return None,
        },
        RowId::KeyProvider => {
            let provider = facts?.key_provider()?;
            let value = Value::Fields(Vec::from([
                ("kind", Value::quoted(provider.kind().name())),
                ("id", Value::text(crate::encode_hex(provider.id()))),
            ]));
            (value, report.log_anchor())
        }
        RowId::OsIdentity => (os(report)?, root(report)),
        RowId::Device => (Value::text(report.platform()?.device_id), root(report)),
        RowId::Fmspc => (Value::text(report.platform()?.fmspc), root(report)),
        RowId::AttestationKey => (Value::text(report.attestation_key()?), root(report)),
        RowId::ReportData => (Value::text(td(report)?.report_data), root(report)),
        RowId::MrConfigId => (Value::text(td(report)?.mr_config_id), root(report)),
        RowId::Rtmr3 => {
            let [_, _, _, rtmr3] = td(report)?.rtmr;
            (Value::text(rtmr3), root(report))
        }
        RowId::Rtmr0 => {
            let [rtmr0, ..] = td(report)?.rtmr;
            (Value::text(rtmr0), root(report))
        }
        RowId::TcbStatus => (Value::text(report.tcb_status().ok()?), root(report)),
        RowId::Channel => (Value::text(report.channel_word()), Anchor::CallerPin),
        RowId::Quote | RowId::SelfReported => return None,
    };
    Some(Cell {
        value,
        anchor: Some(anchor),
    })
}

pub(super) fn td(report: &Report) -> Option<&TdMeasurements> {
    match report.measurements()? {
        Measurements::Tdx(registers) => Some(registers),
        Measurements::Sgx(_) => None,
    }
}

/// MRTD, RTMR1 and RTMR2, and the name of the set that they are in.
fn os(report: &Report) -> Option<Value> {
    let registers = td(report)?;
    let [_, rtmr1, rtmr2, _] = registers.rtmr;
    let mut fields = Vec::from([
        ("mrtd", Value::text(registers.mrtd)),
        ("rtmr1", Value::text(rtmr1)),
        ("rtmr2", Value::text(rtmr2)),
    ]);
    if let Some(name) = os_name(report) {
        fields.insert(0, ("set", Value::quoted(name)));
    }
    Some(Value::Fields(fields))
}

pub(super) fn os_name(report: &Report) -> Option<&str> {
    match report.os()? {
        OsMatch::Member(name) => Some(name),
        OsMatch::Nearest { .. } => None,
    }
}

fn root(report: &Report) -> Anchor {
    if report.trust_anchor_is_intel() {
        Anchor::IntelRoot
    } else {
        Anchor::TestRoot
    }
}

/// A cell's value as a key for grouping. Operating systems of one named set have one key.
pub(super) fn key(row: &Row, index: usize) -> Option<String> {
    let cell = row.cells.get(index)?.as_ref()?;
    Some(match (&row.id, &cell.value) {
        (RowId::OsIdentity, Value::Fields(fields)) => match fields.first() {
            Some(("set", Value::Text(name))) => ["set ", name].concat(),
            _ => text(&cell.value),
        },
        (_, value) => text(value),
    })
}

/// A value on one line.
fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        Value::Fields(fields) => fields
            .iter()
            .map(|(_, value)| text(value))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// What the evidence says of something that an instance says of itself, by the last part of its
/// name; `None` where the evidence has no such thing.
pub(super) fn proven(name: &str, report: &Report) -> Option<String> {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    let last: String = last
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect();
    let facts = report.facts();
    let register = |index: usize| {
        td(report).and_then(|registers| registers.rtmr.get(index).map(ToString::to_string))
    };
    match last.as_str() {
        "composehash" => facts.map(|facts| facts.compose_hash().to_string()),
        "appid" => facts.map(|facts| facts.app_id().to_string()),
        "instanceid" => match facts?.instance_id() {
            InstanceId::Id(id) => Some(id.to_string()),
            InstanceId::None => None,
        },
        "mrtd" => td(report).map(|registers| registers.mrtd.to_string()),
        "rtmr0" => register(0),
        "rtmr1" => register(1),
        "rtmr2" => register(2),
        "rtmr3" => register(3),
        "mrconfigid" => td(report).map(|registers| registers.mr_config_id.to_string()),
        "fmspc" => report.platform().map(|platform| platform.fmspc.to_string()),
        "ppid" => report.platform().map(|platform| platform.ppid.to_string()),
        _ => None,
    }
}

/// Whether a self-reported value says something else than the evidence. A word such as `unknown`
/// says nothing.
pub(super) fn contradicts(stated: &str, proven: &str) -> bool {
    let stated = stated.trim_ascii();
    let digits = ["sha256:", "0x", "app_", "instance_"]
        .iter()
        .find_map(|prefix| stated.strip_prefix(prefix))
        .unwrap_or(stated);
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex && digits.len() == proven.len() && !digits.eq_ignore_ascii_case(proven)
}
