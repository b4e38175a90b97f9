//! Reading JSON whose shape is known: straight into a type, with the place of what does not fit. See
//! [`crate::json`] for text that has to be kept byte for byte.

use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFault {
    /// It is not JSON, or something follows its end.
    Syntax,
    /// It is JSON of another shape: a field is missing, unknown, given twice or of another type.
    Shape,
    /// It ends too early.
    Truncated,
}

/// A JSON text that cannot be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonShapeError {
    /// What is wrong.
    pub fault: JsonFault,
    /// The line, from 1; 0 if it is not known.
    pub line: usize,
    /// The column in bytes, from 1; 0 if it is not known.
    pub column: usize,
}

impl fmt::Display for JsonShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            JsonFault::Syntax => "not JSON",
            JsonFault::Shape => "JSON of another shape",
            JsonFault::Truncated => "JSON that ends too early",
        };
        write!(f, "{fault} (line {}, column {})", self.line, self.column)
    }
}

impl core::error::Error for JsonShapeError {}

/// Reads one JSON value that fills `bytes`. The derived `Deserialize` of a struct refuses a field
/// that is given twice; `deny_unknown_fields` is up to the struct.
pub(crate) fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, JsonShapeError> {
    use serde_json::error::Category;
    serde_json::from_slice(bytes).map_err(|error| JsonShapeError {
        fault: match error.classify() {
            Category::Data => JsonFault::Shape,
            Category::Eof => JsonFault::Truncated,
            // A slice has no input errors.
            Category::Syntax | Category::Io => JsonFault::Syntax,
        },
        line: error.line(),
        column: error.column(),
    })
}

/// A `T` that is written as a JSON object. A derived `Deserialize` also takes an array of the
/// fields in their order, which no other reader of these formats means.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapOnly<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MapOnly<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(MapOnly(PhantomData))
    }
}
