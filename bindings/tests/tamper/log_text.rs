//! Where a byte stands in the text of an event log, as the forge writes it: compact, and with no
//! escape in any value.

/// The value that a byte belongs to.
pub(crate) struct Place<'a> {
    /// The register of the event.
    pub(crate) register: u8,
    /// The key of the value.
    pub(crate) key: &'a str,
}

/// `None` for a byte outside of all values: keys and punctuation.
pub(crate) fn locate(log: &[u8], offset: usize) -> Option<Place<'_>> {
    let text = std::str::from_utf8(log).unwrap();
    let start = text[..=offset].rfind('{')?;
    let event = &text[start..start + text[start..].find('}')?];
    let digit = event.strip_prefix("{\"imr\":")?.chars().next()?;
    let register = u8::try_from(digit.to_digit(10)?).ok()?;
    let mut at = start + 1;
    // `"key":value` up to the next comma: values hold none.
    for pair in event[1..].split(',') {
        let (key, value) = pair.split_once(':')?;
        let inner = value.trim_matches('"');
        let first = at + key.len() + 1 + usize::from(value.starts_with('"'));
        if (first..first + inner.len()).contains(&offset) {
            return Some(Place {
                register,
                key: key.trim_matches('"'),
            });
        }
        at += pair.len() + 1;
    }
    None
}
