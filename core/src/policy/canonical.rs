//! The policy in the form that is hashed.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::rules::{AnyOf, AppRules, KeyProviderRef, LintDemand, OsReference};
use super::{Policy, readers};
use crate::bytes::{Measurement, encode_hex};
use crate::canonical::Json;

/// Every key of the schema but the labels. A new key must be added here: two policies that differ
/// only in it would otherwise have one digest. It is added only where a policy sets it, so that the digests
/// of older policies stay.
pub(super) fn of(policy: &Policy) -> Json<'_> {
    let (tcb, platform, td, app) = (&policy.tcb, &policy.platform, &policy.td, &policy.app);
    object([
        ("schema", text(readers::SCHEMA)),
        ("tee", list(&policy.tee)),
        ("engines", text(policy.engines)),
        ("freshness", text(policy.freshness)),
        ("channel", text(policy.channel)),
        (
            "tcb",
            object([
                ("merged", list(&tcb.merged)),
                ("platform", list(&tcb.platform)),
                ("module", list(&tcb.module)),
                ("qe", list(&tcb.qe)),
                ("current", list(&tcb.current)),
                (
                    "out-of-date-grace-days",
                    number(tcb.out_of_date_grace_days.map(u64::from)),
                ),
                ("min-evaluation-number", number(tcb.min_evaluation_number)),
                ("min-root-crl-number", number(tcb.min_root_crl_number)),
                ("min-pck-crl-number", number(tcb.min_pck_crl_number)),
                ("tolerated-advisories", maybe(&tcb.tolerated_advisories)),
                ("denied-advisories", maybe(&tcb.denied_advisories)),
            ]),
        ),
        (
            "platform",
            object([
                ("fmspc", maybe(&platform.fmspc)),
                ("ppid", maybe(&platform.ppid)),
                ("device-ids", maybe(&platform.device_ids)),
                ("dynamic", flag(platform.dynamic)),
                ("cached-keys", flag(platform.cached_keys)),
                ("smt", flag(platform.smt)),
            ]),
        ),
        (
            "td",
            object([
                ("attributes", maybe(&td.attributes)),
                ("xfam", maybe(&td.xfam)),
                ("accept-debug-td-unsafe", flag(td.accept_debug_td_unsafe)),
                (
                    "accept-service-td-unsafe",
                    flag(td.accept_service_td_unsafe),
                ),
                (
                    "accept-migratable-td-unsafe",
                    flag(td.accept_migratable_td_unsafe),
                ),
                (
                    "accept-missing-sept-ve-disable-unsafe",
                    flag(td.accept_missing_sept_ve_disable_unsafe),
                ),
            ]),
        ),
        (
            "sgx",
            object([(
                "accept-debug-enclave-unsafe",
                flag(policy.sgx.accept_debug_enclave_unsafe),
            )]),
        ),
        ("os", os(policy.os.as_deref())),
        ("app", of_app(app)),
    ])
}

fn of_app(app: &AppRules) -> Json<'_> {
    let mut fields = Vec::from([
        ("compose-hashes", maybe(&app.compose_hashes)),
        ("app-ids", maybe(&app.app_ids)),
        ("rtmr3", maybe(&app.rtmr3)),
        ("report-data", maybe(&app.report_data)),
        ("key-providers", key_providers(app.key_providers.as_ref())),
    ]);
    if app.compose_lint != LintDemand::Any {
        fields.push(("compose-lint", text(app.compose_lint)));
    }
    Json::Object(fields)
}

/// MRTD, RTMR1 and RTMR2.
pub(super) type Triple = (Measurement, Measurement, Measurement);

/// What the OS sets accept, without their names: for each triple the accepted values of RTMR0, or
/// `None` for any.
pub(super) fn by_triple(references: &[OsReference]) -> Vec<(Triple, Option<AnyOf<Measurement>>)> {
    let mut entries: Vec<(Triple, Option<&AnyOf<Measurement>>)> = references
        .iter()
        .map(|os| ((os.mrtd, os.rtmr1, os.rtmr2), os.rtmr0.as_ref()))
        .collect();
    entries.sort_unstable_by_key(|(triple, _)| *triple);
    entries
        .chunk_by(|one, other| one.0 == other.0)
        .filter_map(|same| {
            let (triple, _) = same.first()?;
            // One that takes any RTMR0 takes those of the others too.
            let listed: Option<Vec<_>> = same.iter().map(|(_, values)| *values).collect();
            let values = listed.into_iter().flatten().flat_map(AnyOf::iter).copied();
            Some((*triple, AnyOf::of(values)))
        })
        .collect()
}

fn os(references: Option<&[OsReference]>) -> Json<'static> {
    let Some(references) = references else {
        return Json::Null;
    };
    let entries = by_triple(references)
        .into_iter()
        .map(|((mrtd, rtmr1, rtmr2), rtmr0)| {
            object([
                ("mrtd", text(mrtd)),
                ("rtmr1", text(rtmr1)),
                ("rtmr2", text(rtmr2)),
                (
                    "rtmr0",
                    rtmr0.map_or(Json::Null, |values| {
                        Json::List(values.iter().map(text).collect())
                    }),
                ),
            ])
        });
    Json::List(entries.collect())
}

fn key_providers(providers: Option<&AnyOf<KeyProviderRef>>) -> Json<'static> {
    let Some(providers) = providers else {
        return Json::Null;
    };
    // Sorted as text, so that the order does not hang on that of an enum's variants.
    let sorted = AnyOf::of(
        providers
            .iter()
            .map(|provider| (provider.kind.as_str(), provider.id.as_slice())),
    );
    let entries = sorted.iter().flat_map(AnyOf::iter);
    Json::List(
        entries
            .map(|(kind, id)| object([("kind", text(kind)), ("id", Json::text(encode_hex(id)))]))
            .collect(),
    )
}

fn object<'a, const N: usize>(fields: [(&'static str, Json<'a>); N]) -> Json<'a> {
    Json::Object(fields.into())
}

fn text(value: impl ToString) -> Json<'static> {
    Json::text(value.to_string())
}

fn number(value: Option<u64>) -> Json<'static> {
    value.map_or(Json::Null, Json::Number)
}

fn flag(value: impl Into<Option<bool>>) -> Json<'static> {
    value.into().map_or(Json::Null, Json::Flag)
}

fn list<T: Ord + ToString>(values: &AnyOf<T>) -> Json<'static> {
    let mut texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    // Sorted as text, so that the order does not hang on that of an enum's variants.
    texts.sort_unstable();
    texts.dedup();
    Json::List(texts.into_iter().map(Json::text).collect())
}

fn maybe<T: Ord + ToString>(values: &Option<AnyOf<T>>) -> Json<'static> {
    values.as_ref().map_or(Json::Null, list)
}
