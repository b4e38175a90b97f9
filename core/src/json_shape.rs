//! What is wrong with a JSON text whose shape is known, and where.

use core::fmt;

use crate::json::{Document, JsonError, ShapeFault};

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

impl From<ShapeFault> for JsonShapeError {
    fn from(fault: ShapeFault) -> Self {
        let (line, column) = fault.place();
        Self {
            fault: JsonFault::Shape,
            line,
            column,
        }
    }
}

impl From<JsonError> for JsonShapeError {
    fn from(error: JsonError) -> Self {
        let (fault, line, column) = match error {
            JsonError::Encoding { .. } => (JsonFault::Syntax, 0, 0),
            JsonError::Syntax {
                line,
                column,
                ends_early: true,
            } => (JsonFault::Truncated, line, column),
            JsonError::Syntax { line, column, .. } => (JsonFault::Syntax, line, column),
            JsonError::DuplicateKey { line, column, .. }
            | JsonError::TooDeep { line, column }
            | JsonError::TooManyKeys { line, column }
            | JsonError::TooManyValues { line, column } => (JsonFault::Shape, line, column),
        };
        Self {
            fault,
            line,
            column,
        }
    }
}

/// The one JSON value that fills `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Result<Document<'_>, JsonShapeError> {
    Ok(Document::read(bytes)?)
}
