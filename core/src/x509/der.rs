//! The part of DER (ITU-T X.690) that the profile uses: definite lengths in their shortest form and
//! tags of one byte. Everything is borrowed from the input, and nothing is decoded twice.

use core::ops::Range;

use ::der::DateTime;

use super::Malformed;
use crate::time::Instant;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// `[number]`, holding other values.
pub(super) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// `[number]`, in place of a primitive tag.
pub(super) const fn primitive(number: u8) -> u8 {
    0x80 | number
}

/// Where something stands in the input.
pub(super) type Span = Range<usize>;

/// One value: its tag, what it holds, and all of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    pub(super) whole: &'a [u8],
    /// Offset of `whole` in the input.
    at: usize,
}

/// Reads values one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads an input from its start.
    pub(super) const fn new(input: &'a [u8]) -> Self {
        Self { rest: input, at: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next value.
    pub(super) fn element(&mut self) -> Result<Element<'a>, Malformed> {
        let [tag, first, ..] = *self.rest else {
            return Err(Malformed);
        };
        // A number of 31 and more continues in the bytes that follow: the profile has none.
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (length, header) = match (first, self.rest) {
            (0..=0x7f, _) => (usize::from(first), 2),
            (0x81, [_, _, length @ 0x80..=0xff, ..]) => (usize::from(*length), 3),
            (0x82, [_, _, high @ 1..=0xff, low, ..]) => {
                (usize::from(u16::from_be_bytes([*high, *low])), 4)
            }
            (0x83, [_, _, high @ 1..=0xff, middle, low, ..]) => {
                let length = u32::from_be_bytes([0, *high, *middle, *low]);
                (usize::try_from(length).map_err(|_| Malformed)?, 5)
            }
            _ => return Err(Malformed),
        };
        let (whole, rest) = self
            .rest
            .split_at_checked(length.saturating_add(header))
            .ok_or(Malformed)?;
        let element = Element {
            tag,
            content: whole.get(header..).unwrap_or_default(),
            whole,
            at: self.at,
        };
        *self = Self {
            rest,
            at: self.at.saturating_add(whole.len()),
        };
        Ok(element)
    }

    /// The next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.element()?.tagged(tag)
    }

    /// The next value, if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) {
            self.element().map(Some)
        } else {
            Ok(None)
        }
    }

    /// What the next value of this tag holds.
    pub(super) fn inside(&mut self, tag: u8) -> Result<Self, Malformed> {
        self.expect(tag).map(|element| element.reader())
    }

    /// Nothing may follow.
    pub(super) const fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

impl<'a> Element<'a> {
    /// What it holds, to be read on.
    pub(super) const fn reader(&self) -> Reader<'a> {
        Reader {
            rest: self.content,
            at: self.span().start,
        }
    }

    /// Where the content stands.
    pub(super) const fn span(&self) -> Span {
        let end = self.at.saturating_add(self.whole.len());
        end.saturating_sub(self.content.len())..end
    }

    /// Where all of it stands.
    pub(super) const fn whole_span(&self) -> Span {
        self.at..self.at.saturating_add(self.whole.len())
    }

    /// The same value, if it has this tag.
    pub(super) fn tagged(self, tag: u8) -> Result<Self, Malformed> {
        if self.tag == tag {
            Ok(self)
        } else {
            Err(Malformed)
        }
    }

    /// The content of an `INTEGER`: at least one byte, and no sign byte that says nothing.
    pub(super) fn integer(&self) -> Result<&'a [u8], Malformed> {
        match self.content {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(Malformed),
            content if self.tag == INTEGER => Ok(content),
            _ => Err(Malformed),
        }
    }

    /// The magnitude of an `INTEGER` that is not negative, without its sign byte.
    pub(super) fn unsigned(&self) -> Result<&'a [u8], Malformed> {
        match self.integer()? {
            [0x80..=0xff, ..] => Err(Malformed),
            [0x00, rest @ ..] if !rest.is_empty() => Ok(rest),
            content => Ok(content),
        }
    }

    /// An `INTEGER` of at most 64 bits that is not negative; `None` when it is larger.
    pub(super) fn number(&self) -> Result<Option<u64>, Malformed> {
        let bytes = self.unsigned()?;
        let mut wide = [0; 8];
        let Some(start) = wide.len().checked_sub(bytes.len()) else {
            return Ok(None);
        };
        let (_, low) = wide.split_at_mut(start);
        low.copy_from_slice(bytes);
        Ok(Some(u64::from_be_bytes(wide)))
    }

    /// The content of an `OBJECT IDENTIFIER`: arcs of which each is in its shortest form and whole,
    /// and the first two in one byte, as all of the profile's are.
    pub(super) fn oid(&self) -> Result<&'a [u8], Malformed> {
        let content = self.tagged(OBJECT_IDENTIFIER)?.content;
        if content.first().is_none_or(|first| *first >= 0x80) {
            return Err(Malformed);
        }
        let mut starts = true;
        for byte in content {
            if starts && *byte == 0x80 {
                return Err(Malformed);
            }
            starts = *byte < 0x80;
        }
        if !starts {
            return Err(Malformed);
        }
        Ok(content)
    }

    /// The text of a string type in which ASCII is ASCII.
    pub(super) fn text(&self) -> Result<&'a str, Malformed> {
        if !self.is_of_a_string_type() {
            return Err(Malformed);
        }
        core::str::from_utf8(self.content).map_err(|_| Malformed)
    }

    /// Whether its type is a string in which ASCII is ASCII.
    pub(super) const fn is_of_a_string_type(&self) -> bool {
        matches!(
            self.tag,
            UTF8_STRING | PRINTABLE_STRING | TELETEX_STRING | IA5_STRING
        )
    }

    /// A `BOOLEAN`: all bits or none.
    pub(super) const fn boolean(&self) -> Result<bool, Malformed> {
        match (self.tag, self.content) {
            (BOOLEAN, [0x00]) => Ok(false),
            (BOOLEAN, [0xff]) => Ok(true),
            _ => Err(Malformed),
        }
    }

    /// A `BIT STRING` of whole bytes.
    pub(super) const fn whole_bytes(&self) -> Result<&'a [u8], Malformed> {
        match (self.tag, self.content) {
            (BIT_STRING, [0, bytes @ ..]) => Ok(bytes),
            _ => Err(Malformed),
        }
    }

    /// The first byte of a `BIT STRING` of named bits. Bits that do not belong to it are zero.
    pub(super) fn first_bits(&self) -> Result<u8, Malformed> {
        match (self.tag, self.content) {
            (BIT_STRING, [0]) => Ok(0),
            (BIT_STRING, [unused @ 0..=7, bits @ ..]) => {
                let last = bits.last().ok_or(Malformed)?;
                if last.trailing_zeros() < u32::from(*unused) {
                    return Err(Malformed);
                }
                Ok(bits.first().copied().unwrap_or_default())
            }
            _ => Err(Malformed),
        }
    }

    /// A `UTCTime` or a `GeneralizedTime`, in the one form that X.509 knows of each: whole seconds
    /// and `Z` (RFC 5280, 4.1.2.5).
    pub(super) fn instant(&self) -> Result<Instant, Malformed> {
        let (year, rest) = match (self.tag, self.content) {
            (UTC_TIME, [a, b, rest @ ..]) => {
                let year = u16::from(pair(*a, *b)?);
                // Two digits reach from 1950 to 2049.
                let century = if year < 50 { 2000 } else { 1900 };
                (year.saturating_add(century), rest)
            }
            (GENERALIZED_TIME, [a, b, c, d, rest @ ..]) => {
                let century = u16::from(pair(*a, *b)?).saturating_mul(100);
                (century.saturating_add(u16::from(pair(*c, *d)?)), rest)
            }
            _ => return Err(Malformed),
        };
        let [m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, b'Z'] = rest else {
            return Err(Malformed);
        };
        DateTime::new(
            year,
            pair(*m0, *m1)?,
            pair(*d0, *d1)?,
            pair(*h0, *h1)?,
            pair(*n0, *n1)?,
            pair(*s0, *s1)?,
        )
        .map(Instant::from_date_time)
        .map_err(|_| Malformed)
    }
}

/// Two decimal digits.
const fn pair(high: u8, low: u8) -> Result<u8, Malformed> {
    match (high, low) {
        (b'0'..=b'9', b'0'..=b'9') => {
            Ok((high & 0x0f).saturating_mul(10).saturating_add(low & 0x0f))
        }
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(bytes: &[u8]) -> Result<Element<'_>, Malformed> {
        let mut reader = Reader::new(bytes);
        let element = reader.element()?;
        reader.finish().map(|()| element)
    }

    #[test]
    fn every_value_knows_where_it_stands() {
        let input = [0x30, 0x08, 0x04, 0x01, 0xaa, 0x30, 0x03, 0x04, 0x01, 0xbb];
        let mut sequence = Reader::new(&input).inside(SEQUENCE).unwrap();
        let first = sequence.expect(OCTET_STRING).unwrap();
        assert_eq!((first.span(), first.whole_span()), (4..5, 2..5));
        let second = sequence.element().unwrap();
        assert_eq!((second.span(), second.whole_span()), (7..10, 5..10));
        let inner = second.reader().element().unwrap();
        assert_eq!((inner.span(), inner.content), (9..10, &[0xbb][..]));
    }

    #[test]
    fn lengths_have_one_form() {
        let long = |header: &[u8], length: usize| {
            let mut bytes = alloc::vec::Vec::from(header);
            bytes.resize(header.len() + length, 0);
            element(&bytes).map(|element| element.content.len())
        };
        assert_eq!(long(&[0x04, 0x7f], 127), Ok(127));
        assert_eq!(long(&[0x04, 0x81, 0x80], 128), Ok(128));
        assert_eq!(long(&[0x04, 0x82, 0x01, 0x00], 256), Ok(256));
        assert_eq!(long(&[0x04, 0x83, 0x01, 0x00, 0x00], 65_536), Ok(65_536));
        for (header, length) in [
            // A longer form than is needed.
            (&[0x04, 0x81, 0x7f][..], 127),
            (&[0x04, 0x82, 0x00, 0x80], 128),
            (&[0x04, 0x83, 0x00, 0x01, 0x00], 256),
            // Indefinite, of four bytes, cut, and too short for what it says.
            (&[0x04, 0x80], 0),
            (&[0x04, 0x84, 0x00, 0x00, 0x00, 0x00], 0),
            (&[0x04, 0x82, 0x01], 0),
            (&[0x04], 0),
            (&[], 0),
            (&[0x04, 0x05], 4),
            (&[0x04, 0x05], 6),
            // A tag that goes on in the next byte.
            (&[0x1f, 0x01], 1),
        ] {
            assert_eq!(long(header, length), Err(Malformed), "{header:?}");
        }
    }

    #[test]
    fn integers_have_one_form() {
        let unsigned = |bytes: &'static [u8]| element(bytes).unwrap().unsigned();
        assert_eq!(unsigned(&[2, 1, 0]), Ok(&[0][..]));
        assert_eq!(unsigned(&[2, 2, 0, 0x80]), Ok(&[0x80][..]));
        for wrong in [
            &[2, 0][..],
            &[2, 1, 0x80],
            &[2, 2, 0x00, 0x7f],
            &[2, 2, 0xff, 0x80],
            &[4, 1, 1],
        ] {
            assert_eq!(
                element(wrong).unwrap().unsigned(),
                Err(Malformed),
                "{wrong:?}"
            );
        }
        let number = |bytes: &'static [u8]| element(bytes).unwrap().number();
        assert_eq!(number(&[2, 3, 1, 0, 0]), Ok(Some(65_536)));
        assert_eq!(
            number(&[2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
            Ok(Some(u64::MAX))
        );
        assert_eq!(number(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Ok(None));
    }

    #[test]
    fn identifiers_are_whole() {
        let oid = |bytes: &'static [u8]| element(bytes).unwrap().oid();
        assert_eq!(oid(&[6, 3, 0x55, 0x84, 0x03]), Ok(&[0x55, 0x84, 0x03][..]));
        for wrong in [
            &[6, 0][..],
            &[6, 2, 0x55, 0x84],
            &[6, 3, 0x55, 0x80, 0x03],
            &[6, 1, 0x80],
            &[6, 2, 0x88, 0x37],
            &[4, 1, 0x55],
        ] {
            assert_eq!(oid(wrong), Err(Malformed), "{wrong:?}");
        }
    }

    #[test]
    fn bits_that_do_not_count_are_zero() {
        let bits = |bytes: &'static [u8]| element(bytes).unwrap().first_bits();
        assert_eq!(bits(&[3, 2, 1, 0x06]), Ok(0x06));
        assert_eq!(bits(&[3, 1, 0]), Ok(0));
        assert_eq!(bits(&[3, 2, 2, 0x06]), Err(Malformed));
        assert_eq!(bits(&[3, 2, 8, 0x00]), Err(Malformed));
        assert_eq!(bits(&[3, 1, 1]), Err(Malformed));
        assert_eq!(bits(&[3, 0]), Err(Malformed));
        let flag = |bytes: &'static [u8]| element(bytes).unwrap().boolean();
        assert_eq!(flag(&[1, 1, 0xff]), Ok(true));
        assert_eq!(flag(&[1, 1, 0x01]), Err(Malformed));
        assert_eq!(flag(&[1, 2, 0xff, 0xff]), Err(Malformed));
    }

    #[test]
    fn dates_are_read_in_both_forms() {
        let instant = |tag: u8, text: &str| {
            let mut bytes = alloc::vec![tag, u8::try_from(text.len()).unwrap()];
            bytes.extend_from_slice(text.as_bytes());
            let element = element(&bytes)?;
            element.instant().map(|instant| alloc::format!("{instant}"))
        };
        assert_eq!(
            instant(UTC_TIME, "491231235959Z").unwrap(),
            "2049-12-31T23:59:59Z"
        );
        assert_eq!(
            instant(UTC_TIME, "700101000000Z").unwrap(),
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(
            instant(GENERALIZED_TIME, "20500101000000Z").unwrap(),
            "2050-01-01T00:00:00Z"
        );
        for (tag, wrong) in [
            // Before the epoch, no such day, no such hour, an offset, fractions, no seconds.
            (UTC_TIME, "500101000000Z"),
            (UTC_TIME, "250230000000Z"),
            (UTC_TIME, "250228240000Z"),
            (UTC_TIME, "250228000000+0000"),
            (GENERALIZED_TIME, "20250228000000.5Z"),
            (UTC_TIME, "2502280000Z"),
            (UTC_TIME, "25022800000aZ"),
            (UTC_TIME, "20250228000000Z"),
            (GENERALIZED_TIME, "250228000000Z"),
            (PRINTABLE_STRING, "250228000000Z"),
        ] {
            assert_eq!(instant(tag, wrong), Err(Malformed), "{wrong}");
        }
    }
}
