//! Distinguished names: compared as bytes, read for two of their parts, and written for people.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;

use super::Malformed;
use super::der::{Element, Reader, SEQUENCE, SET};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// What a name is told by.
#[derive(Default)]
pub(super) struct NameParts<'a> {
    pub(super) common_name: Option<Element<'a>>,
    pub(super) organization: Option<Element<'a>>,
}

/// Reads a name. A part that stands twice could be read as either, so it is refused.
pub(super) fn parts<'a>(name: &Element<'a>) -> Result<NameParts<'a>, Malformed> {
    let mut parts = NameParts::default();
    attributes(name.reader(), |oid, value| {
        let slot = if oid == COMMON_NAME.as_bytes() {
            &mut parts.common_name
        } else if oid == ORGANIZATION_NAME.as_bytes() {
            &mut parts.organization
        } else {
            return Ok(());
        };
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(Malformed),
        }
    })?;
    Ok(parts)
}

/// The name in the notation of RFC 4514: the last part first.
pub(super) fn display(name: &[u8]) -> String {
    let inside = Reader::new(name).element().map(|name| name.reader());
    let mut shown: Vec<String> = Vec::new();
    // What is malformed is the last.
    let _ = attributes(inside.unwrap_or(Reader::new(&[])), |oid, value| {
        let label = match oid {
            [0x55, 0x04, 0x03] => "CN".to_string(),
            [0x55, 0x04, 0x06] => "C".to_string(),
            [0x55, 0x04, 0x07] => "L".to_string(),
            [0x55, 0x04, 0x08] => "ST".to_string(),
            [0x55, 0x04, 0x0a] => "O".to_string(),
            [0x55, 0x04, 0x0b] => "OU".to_string(),
            other => dotted(other),
        };
        shown.push(alloc::format!("{label}={}", value.text().unwrap_or("?")));
        Ok(())
    });
    shown.reverse();
    shown.join(",")
}

/// An object identifier as people write it.
pub(super) fn dotted(oid: &[u8]) -> String {
    ObjectIdentifier::from_bytes(oid).map_or_else(|_| crate::encode_hex(oid), |oid| oid.to_string())
}

/// Shows the parts of a name in their order, up to the first that is malformed or not taken.
fn attributes<'a>(
    mut sets: Reader<'a>,
    mut take: impl FnMut(&'a [u8], Element<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    while !sets.is_empty() {
        let mut set = sets.inside(SET)?;
        loop {
            let mut pair = set.inside(SEQUENCE)?;
            let oid = pair.element()?.oid()?;
            let value = pair.element()?;
            // Nearly all is ASCII, and that is seen sooner than that it is UTF-8.
            if !value.content.is_ascii() || !value.is_of_a_string_type() {
                value.text()?;
            }
            pair.finish()?;
            take(oid, value)?;
            if set.is_empty() {
                break;
            }
        }
    }
    Ok(())
}
