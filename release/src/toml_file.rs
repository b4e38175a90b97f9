//! The version in a TOML file. All but the version stays as it was written.

use toml_edit::{DocumentMut, Item, TableLike, Value};

/// One part of a key path.
struct Part<'a> {
    key: &'a str,
    /// The entry of a list that has this value under this key.
    entry: Option<(&'a str, &'a str)>,
}

/// The parts of a path: `package.version`, or `package[name=app].version`.
fn parts(path: &str) -> Result<Vec<Part<'_>>, String> {
    let malformed = || {
        format!(
            "`{path}` is no path of keys such as `package.version` or `package[name=app].version`"
        )
    };
    let mut parts = Vec::new();
    for text in path.split('.') {
        let (key, entry) = match text.split_once('[') {
            None => (text, None),
            Some((key, rest)) => {
                let inner = rest.strip_suffix(']').ok_or_else(malformed)?;
                (key, Some(inner.split_once('=').ok_or_else(malformed)?))
            }
        };
        if key.is_empty() {
            return Err(malformed());
        }
        parts.push(Part { key, entry });
    }
    Ok(parts)
}

fn document(text: &str) -> Result<DocumentMut, String> {
    text.parse()
        .map_err(|error: toml_edit::TomlError| error.message().to_owned())
}

/// The value at a path.
fn find<'d>(document: &'d mut DocumentMut, path: &str) -> Result<&'d mut Value, String> {
    let missing = |key: &str| format!("there is no `{path}`: `{key}` is missing");
    let parts = parts(path)?;
    let (last, inner) = parts.split_last().ok_or_else(|| missing(path))?;
    if last.entry.is_some() {
        return Err(format!(
            "`{path}` ends with an entry of a list, where a key was expected"
        ));
    }
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for part in inner {
        let item = table.get_mut(part.key).ok_or_else(|| missing(part.key))?;
        table = match part.entry {
            None => item.as_table_like_mut().ok_or_else(|| missing(part.key))?,
            Some((key, value)) => entry(item, key, value)?,
        };
    }
    table
        .get_mut(last.key)
        .and_then(Item::as_value_mut)
        .ok_or_else(|| missing(last.key))
}

/// The one entry of a list of tables that has this value under this key.
fn entry<'d>(item: &'d mut Item, key: &str, value: &str) -> Result<&'d mut dyn TableLike, String> {
    let list = item.as_array_of_tables_mut().ok_or_else(|| {
        format!("`[{key}={value}]` stands behind something that is no list of tables")
    })?;
    let mut matching: Vec<_> = list
        .iter_mut()
        .filter(|table| table.get(key).and_then(Item::as_str) == Some(value))
        .collect();
    let found = matching.len();
    match matching.pop() {
        Some(one) if found == 1 => Ok(one),
        _ => Err(format!(
            "{found} entries have {key} = \"{value}\", and one was expected"
        )),
    }
}

/// The text at a path.
pub(crate) fn read(text: &str, path: &str) -> Result<String, String> {
    let mut document = document(text)?;
    let value = find(&mut document, path)?;
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("`{path}` is no text"))
}

/// The text with another value at a path.
pub(crate) fn replace(text: &str, path: &str, version: &str) -> Result<String, String> {
    let mut document = document(text)?;
    let value = find(&mut document, path)?;
    // Comments and blanks around a value belong to it.
    let decor = value.decor().clone();
    *value = version.into();
    *value.decor_mut() = decor;
    Ok(document.to_string())
}
