//! The SGX extension of a PCK certificate, flattened, for the conditions of the table.

use std::collections::BTreeMap;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag};

/// `1.2.840.113741.1.13.1`
pub(crate) const SGX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1");

/// Entries by what follows the extension's own arc, such as `2.18`, each with the values it has.
pub(crate) type Entries = BTreeMap<String, Vec<(Tag, Vec<u8>)>>;

/// Reads all entries; `None` where the structure itself is broken.
pub(crate) fn entries(extension: &[u8]) -> Option<Entries> {
    let mut out = Entries::new();
    let whole = AnyRef::from_der(extension).ok()?;
    collect(whole.value(), &mut out, 0)?;
    Some(out)
}

fn collect(sequence: &[u8], out: &mut Entries, depth: u8) -> Option<()> {
    let mut reader = SliceReader::new(sequence).ok()?;
    while !reader.is_finished() {
        let (id, value): (ObjectIdentifier, AnyRef<'_>) = reader
            .sequence(|inner| {
                Ok::<_, der::Error>((ObjectIdentifier::decode(inner)?, AnyRef::decode(inner)?))
            })
            .ok()?;
        let id = id.to_string();
        let id = id.strip_prefix("1.2.840.113741.1.13.1.").unwrap_or(&id);
        let tag = value.header().tag();
        out.entry(id.to_owned())
            .or_default()
            .push((tag, value.value().to_vec()));
        if tag == Tag::Sequence && depth == 0 {
            collect(value.value(), out, 1)?;
        }
    }
    Some(())
}

/// Whether the extension says something twice, leaves something out that names the platform, or
/// says it in another form: what dcap-qvl reads past and the core refuses.
pub(crate) fn is_ambiguous(entries: &Entries) -> bool {
    let octets = |id: &str, length: usize| {
        matches!(entries.get(id).map(Vec::as_slice),
            Some([(Tag::OctetString, value)]) if value.len() == length)
    };
    let number = |id: &str| {
        matches!(entries.get(id).map(Vec::as_slice),
            Some([(Tag::Integer, value)]) if is_shortest(value))
    };
    let flag = |id: &str| match entries.get(id).map(Vec::as_slice) {
        None => true,
        Some([(Tag::Boolean, value)]) => matches!(value.as_slice(), [0x00 | 0xff]),
        Some(_) => false,
    };
    let names_platform = octets("1", 16)
        && octets("2.18", 16)
        && octets("3", 2)
        && octets("4", 6)
        && (1..=17).all(|arc| number(&format!("2.{arc}")))
        && ["7.1", "7.2", "7.3"].into_iter().all(flag);
    let twice = ["2", "7"]
        .into_iter()
        .any(|id| entries.get(id).is_some_and(|values| values.len() > 1));
    let foreign = entries.keys().any(|id| {
        id.strip_prefix("2.")
            .is_some_and(|arc| !arc.parse().is_ok_and(|arc| (1..=18_u8).contains(&arc)))
    });
    !names_platform || twice || foreign
}

/// The 16 component SVNs, in order, where each stands once and fits a byte.
pub(crate) fn components(entries: &Entries) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    for (arc, component) in (1_u8..).zip(&mut out) {
        let [(Tag::Integer, value)] = entries.get(&format!("2.{arc}"))?.as_slice() else {
            return None;
        };
        *component = match value.as_slice() {
            [svn] if *svn < 0x80 => *svn,
            [0, svn] => *svn,
            _ => return None,
        };
    }
    Some(out)
}

/// DER writes an integer in as few bytes as it needs.
fn is_shortest(value: &[u8]) -> bool {
    match value {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [first, ..] => *first < 0x80,
    }
}
