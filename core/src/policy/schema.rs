//! The JSON Schema of a policy, from the types that read it.

use alloc::borrow::Cow;
use alloc::string::String;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::document::PolicyTable;
use super::fields::{Days, Defaulted, Given, List, One, Reader, Rows, Set, Table, Whole};
use crate::limits;

/// The JSON Schema (draft 2020-12) of a policy in JSON. It holds names, types, forms and lengths;
/// rules between keys, such as the grace, are in the text only.
pub fn policy_schema() -> String {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<PolicyTable>();
    schema.insert("title".into(), super::Policy::SCHEMA.into());
    let mut text = serde_json::to_string_pretty(schema.as_value()).unwrap_or_default();
    text.push('\n');
    text
}

/// A schema that is that of another type.
macro_rules! same_schema {
    ($($wrapper:ident)*) => {
        $(
            impl<T: JsonSchema> JsonSchema for $wrapper<T> {
                fn inline_schema() -> bool {
                    true
                }
                fn schema_name() -> Cow<'static, str> {
                    T::schema_name()
                }
                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    T::json_schema(generator)
                }
            }
        )*
    };
}

same_schema! { Given Defaulted Table }

impl<R: Reader> JsonSchema for One<R> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        R::schema()
    }
}

impl<R: Reader> JsonSchema for List<R> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "List".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        list_of(R::schema())
    }
}

macro_rules! lists_of_tables {
    ($($list:ident)*) => {
        $(
            impl<T: JsonSchema> JsonSchema for $list<T> {
                fn inline_schema() -> bool {
                    true
                }
                fn schema_name() -> Cow<'static, str> {
                    stringify!($list).into()
                }
                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    list_of(T::json_schema(generator))
                }
            }
        )*
    };
}

lists_of_tables! { Rows Set }

fn list_of(items: Schema) -> Schema {
    json_schema!({
        "type": "array",
        "items": items,
        "minItems": 1,
        "maxItems": limits::POLICY_ENTRIES,
        "uniqueItems": true,
    })
}

macro_rules! numbers {
    ($($number:ident: $kind:ident)*) => {
        $(
            impl<const MAX: $kind> JsonSchema for $number<MAX> {
                fn inline_schema() -> bool {
                    true
                }
                fn schema_name() -> Cow<'static, str> {
                    stringify!($number).into()
                }
                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "integer", "minimum": 0, "maximum": MAX })
                }
            }
        )*
    };
}

numbers! { Whole: u64 Days: u32 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_refuses_unknown_keys_in_every_table() {
        let schema: serde_json::Value = serde_json::from_str(&policy_schema()).unwrap();
        let mut tables = 0_u32;
        let mut stack = alloc::vec![&schema];
        while let Some(value) = stack.pop() {
            if value
                .get("properties")
                .is_some_and(|p| p.get("type").is_none())
            {
                assert_eq!(value["additionalProperties"], false, "{value}");
                tables = tables.saturating_add(1);
            }
            match value {
                serde_json::Value::Object(map) => stack.extend(map.values()),
                serde_json::Value::Array(items) => stack.extend(items),
                _ => {}
            }
        }
        assert_eq!(tables, 8);
    }

    #[test]
    fn the_schema_names_every_key_with_its_form() {
        let schema: serde_json::Value = serde_json::from_str(&policy_schema()).unwrap();
        assert_eq!(schema["required"], serde_json::json!(["schema"]));
        let hashes = &schema["properties"]["app"]["properties"]["compose-hashes"];
        assert_eq!(hashes["minItems"], 1);
        assert_eq!(hashes["items"]["pattern"], "^[0-9a-fA-F]{64}$");
        let module = &schema["properties"]["tcb"]["properties"]["module"];
        assert_eq!(
            module["items"]["enum"],
            serde_json::json!(["UpToDate", "OutOfDate"])
        );
        let os = &schema["properties"]["os"]["items"];
        assert_eq!(
            os["required"],
            serde_json::json!(["name", "mrtd", "rtmr1", "rtmr2"])
        );
    }
}
