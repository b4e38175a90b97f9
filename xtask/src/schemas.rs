//! The published JSON Schemas, generated from the types that read and write the documents.

use teeproof_bindings::{
    answer_schema_json, comparison_schema_json, compose_diff_schema_json, fleet_schema_json,
    lint_schema_json,
};
use teeproof_core::bundle_schema_json;
use teeproof_core::policy::policy_schema;

use crate::Generated;

struct Schema {
    path: &'static str,
    text: fn() -> String,
}

const SCHEMAS: &[Schema] = &[
    Schema {
        path: "docs/schema/answer.schema.json",
        text: answer_schema_json,
    },
    Schema {
        path: "docs/schema/bundle.schema.json",
        text: bundle_schema_json,
    },
    Schema {
        path: "docs/schema/comparison.schema.json",
        text: comparison_schema_json,
    },
    Schema {
        path: "docs/schema/compose-diff.schema.json",
        text: compose_diff_schema_json,
    },
    Schema {
        path: "docs/schema/fleet.schema.json",
        text: fleet_schema_json,
    },
    Schema {
        path: "docs/schema/lint.schema.json",
        text: lint_schema_json,
    },
    Schema {
        path: "docs/schema/policy.schema.json",
        text: policy_schema,
    },
];

pub(crate) fn files() -> Vec<Generated> {
    SCHEMAS
        .iter()
        .map(|schema| Generated {
            path: schema.path,
            text: (schema.text)(),
        })
        .collect()
}
