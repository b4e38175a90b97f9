//! The grammar of RFC 8259 over the bytes of a text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::limits;

/// Why a walk ended before the text did. The place is where the scan stands.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// What stands there may not.
    Syntax,
    /// Something is missing at the end.
    End,
    /// A key stands twice.
    Duplicate,
    Depth,
    Keys,
    Values,
}

/// Where a value or a key stands. There can be millions, so it is small.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    start: u32,
    end: u32,
    next: u32,
    /// Whether it is a string with a backslash in it.
    escaped: bool,
}

impl Mark {
    /// Offset of its first byte.
    pub(super) fn start(self) -> usize {
        wide(self.start)
    }

    /// The first mark behind its own and those inside of it.
    pub(super) fn next(self) -> usize {
        wide(self.next)
    }

    /// What stands there.
    pub(super) fn raw_in(self, text: &str) -> &str {
        text.get(self.start()..wide(self.end)).unwrap_or_default()
    }

    /// Whether the string that stands there is this text.
    #[inline]
    pub(super) fn is_text_in(self, text: &str, wanted: &str) -> bool {
        if self.escaped {
            return self.string_in(text).is_some_and(|found| found == wanted);
        }
        // Most keys differ in their length already.
        self.length() == wanted.len().wrapping_add(2) && self.inner_in(text) == wanted.as_bytes()
    }

    /// Whether two strings without escapes are one text.
    fn is_same_in(self, text: &str, other: Self) -> bool {
        self.length() == other.length() && self.inner_in(text) == other.inner_in(text)
    }

    /// Bytes that it takes, quotes included.
    fn length(self) -> usize {
        wide(self.end.wrapping_sub(self.start))
    }

    /// What stands between the quotes.
    fn inner_in(self, text: &str) -> &[u8] {
        let inner = self.start().wrapping_add(1)..wide(self.end).wrapping_sub(1);
        text.as_bytes().get(inner).unwrap_or_default()
    }

    /// The text of the string that stands there, if it is one.
    pub(super) fn string_in(self, text: &str) -> Option<Cow<'_, str>> {
        let raw = self.raw_in(text);
        let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
        if !self.escaped {
            return Some(Cow::Borrowed(inner));
        }
        let (_, escaped) = raw.as_bytes().split_first()?;
        let mut text = String::with_capacity(inner.len());
        string(escaped, Some(&mut text)).ok()?;
        Some(Cow::Owned(text))
    }
}

/// A walk through a text, and what was seen on the way. What is left of the text goes from one step
/// to the next.
pub(super) struct Scan<'a> {
    text: &'a str,
    marks: Vec<Mark>,
    /// The keys of all objects that have not ended; where a key stands twice, the second.
    keys: Vec<Mark>,
}

/// Why a walk ended, and how many bytes of the text were left.
#[derive(Clone, Copy)]
struct Fault {
    stop: Stop,
    left: u32,
}

/// What is left of a text behind what was taken.
type Taken<'a> = Result<&'a [u8], Fault>;

/// An offset or a number of marks: [`Scan::walk`] refuses a text that is too long for it.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn fault(stop: Stop, rest: &[u8]) -> Fault {
    let left = narrow(rest.len());
    Fault { stop, left }
}

/// What to say of a byte that may not stand where it does, or is not there.
fn wrong(rest: &[u8]) -> Fault {
    let ends = rest.is_empty();
    fault(if ends { Stop::End } else { Stop::Syntax }, rest)
}

// Called between any two tokens, also in builds for size.
#[inline(always)]
fn behind_space(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', after @ ..] = rest {
        rest = after;
    }
    rest
}

impl<'a> Scan<'a> {
    /// Walks a text that has to be one value, with nothing after it. With what stopped it come the
    /// place and, where a key stands twice, the second.
    pub(super) fn walk(text: &'a str) -> Result<Vec<Mark>, (Stop, usize, Mark)> {
        // No offset is too large for a mark. Small texts get all their marks at once.
        if u32::try_from(text.len()).is_err() {
            return Err((Stop::Values, 0, Mark::default()));
        }
        let mut scan = Self {
            text,
            marks: Vec::with_capacity((text.len() / 4).min(1024)),
            keys: Vec::with_capacity((text.len() / 16).min(64)),
        };
        let walked = scan.value(text.as_bytes(), 0).map(behind_space);
        match walked.and_then(|rest| match rest {
            [] => Ok(()),
            _ => Err(fault(Stop::Syntax, rest)),
        }) {
            Ok(()) => Ok(scan.marks),
            Err(Fault { stop, left }) => {
                let place = text.len().saturating_sub(wide(left));
                Err((stop, place, scan.keys.pop().unwrap_or_default()))
            }
        }
    }

    /// Where this rest of the text begins.
    fn offset(&self, rest: &[u8]) -> u32 {
        narrow(self.text.len().saturating_sub(rest.len()))
    }

    /// Notes what stands from here to there, and returns which mark it is.
    fn note(&mut self, from: &[u8], to: &[u8], escaped: bool) -> Result<usize, Fault> {
        let index = self.marks.len();
        if index >= limits::JSON_VALUES {
            return Err(fault(Stop::Values, from));
        }
        self.marks.push(Mark {
            start: self.offset(from),
            end: self.offset(to),
            next: narrow(index.saturating_add(1)),
            escaped,
        });
        Ok(index)
    }

    fn value(&mut self, rest: &'a [u8], depth: usize) -> Taken<'a> {
        let rest = behind_space(rest);
        let after = match rest {
            [b'"', inner @ ..] => return self.string(rest, inner),
            [open @ (b'{' | b'['), inner @ ..] => return self.nested(rest, *open, inner, depth),
            [b't', ..] => word(rest, b"true"),
            [b'f', ..] => word(rest, b"false"),
            [b'n', ..] => word(rest, b"null"),
            _ => number(rest),
        }?;
        self.note(rest, after, false)?;
        Ok(after)
    }

    /// A string, be it a key or a value.
    fn string(&mut self, rest: &'a [u8], inner: &'a [u8]) -> Taken<'a> {
        let plain = inner.get(plain_length(inner)..).unwrap_or_default();
        let (after, escaped) = match plain {
            [b'"', after @ ..] => (after, false),
            _ => (string(inner, None)?, true),
        };
        self.note(rest, after, escaped)?;
        Ok(after)
    }

    /// An object or an array.
    fn nested(&mut self, rest: &'a [u8], open: u8, inner: &'a [u8], depth: usize) -> Taken<'a> {
        let index = self.note(rest, rest, false)?;
        if depth >= limits::JSON_DEPTH {
            return Err(fault(Stop::Depth, rest));
        }
        let depth = depth.saturating_add(1);
        let after = match open {
            b'{' => self.object(inner, depth),
            _ => self.array(inner, depth),
        }?;
        let (end, next) = (self.offset(after), narrow(self.marks.len()));
        if let Some(mark) = self.marks.get_mut(index) {
            *mark = Mark { end, next, ..*mark };
        }
        Ok(after)
    }

    fn array(&mut self, mut rest: &'a [u8], depth: usize) -> Taken<'a> {
        if let [b']', after @ ..] = behind_space(rest) {
            return Ok(after);
        }
        loop {
            let after = self.value(rest, depth)?;
            rest = match behind_space(after) {
                [b',', more @ ..] => more,
                [b']', after @ ..] => return Ok(after),
                other => return Err(wrong(other)),
            };
        }
    }

    fn object(&mut self, mut rest: &'a [u8], depth: usize) -> Taken<'a> {
        if let [b'}', after @ ..] = behind_space(rest) {
            return Ok(after);
        }
        let first = self.keys.len();
        loop {
            let key = behind_space(rest);
            let [b'"', inner @ ..] = key else {
                return Err(wrong(key));
            };
            let after = self.string(key, inner)?;
            if self.keys.len().saturating_sub(first) >= limits::JSON_KEYS {
                return Err(fault(Stop::Keys, after));
            }
            self.keys.extend(self.marks.last());
            let after = behind_space(after);
            let [b':', value @ ..] = after else {
                return Err(wrong(after));
            };
            let after = self.value(value, depth)?;
            rest = match behind_space(after) {
                [b',', more @ ..] => more,
                [b'}', after @ ..] => {
                    self.distinct(first)?;
                    return Ok(after);
                }
                other => return Err(wrong(other)),
            };
        }
    }

    /// Forgets the keys from this one on; refuses one that stands there twice, at the end of the
    /// second.
    fn distinct(&mut self, first: usize) -> Result<(), Fault> {
        let text = self.text;
        let keys = match self.keys.get_mut(first..).unwrap_or_default() {
            [_] => {
                self.keys.truncate(first);
                return Ok(());
            }
            keys => keys,
        };
        let twice = match keys.iter().any(|key| key.escaped) {
            false if keys.len() <= FEW => {
                let mut after = keys.iter().enumerate();
                let second = after.find(|(index, key)| {
                    let mut before = keys.iter().take(*index);
                    before.any(|other| other.is_same_in(text, **key))
                });
                second.map(|(_, key)| *key)
            }
            false => second_of_equals(keys, |key| key.inner_in(text)),
            true => second_of_equals(keys, |key| key.string_in(text)),
        };
        self.keys.truncate(first);
        let Some(second) = twice else {
            return Ok(());
        };
        self.keys.push(second);
        let quote = text.len().saturating_sub(wide(second.end));
        Err(Fault {
            stop: Stop::Duplicate,
            left: narrow(quote.saturating_add(1)),
        })
    }
}

fn word<'a>(rest: &'a [u8], word: &[u8]) -> Taken<'a> {
    let pairs = rest.iter().zip(word);
    let same = pairs.take_while(|(found, byte)| found == byte).count();
    let after = rest.get(same..).unwrap_or_default();
    match same == word.len() {
        true => Ok(after),
        false => Err(wrong(after)),
    }
}

fn digits(rest: &[u8]) -> Taken<'_> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    match digits.count() {
        0 => Err(wrong(rest)),
        count => Ok(rest.get(count..).unwrap_or_default()),
    }
}

fn number(rest: &[u8]) -> Taken<'_> {
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let rest = match rest {
        [b'0', after @ ..] => after,
        _ => digits(rest)?,
    };
    let rest = match rest {
        [b'.', after @ ..] => digits(after)?,
        _ => rest,
    };
    match rest {
        [b'e' | b'E', b'+' | b'-', after @ ..] | [b'e' | b'E', after @ ..] => digits(after),
        _ => Ok(rest),
    }
}

/// A string with escapes, from behind its first quote on; its text goes to `out`.
fn string<'a>(mut rest: &'a [u8], mut out: Option<&mut String>) -> Taken<'a> {
    loop {
        let (plain, special) = rest
            .split_at_checked(plain_length(rest))
            .unwrap_or_default();
        if let Some(out) = out.as_deref_mut() {
            out.push_str(core::str::from_utf8(plain).unwrap_or_default());
        }
        match special {
            [b'"', after @ ..] => return Ok(after),
            [b'\\', after @ ..] => {
                let (character, after) = escape(after)?;
                if let Some(out) = out.as_deref_mut() {
                    out.push(character);
                }
                rest = after;
            }
            _ => return Err(wrong(special)),
        }
    }
}

/// What stands behind a backslash.
fn escape(rest: &[u8]) -> Result<(char, &[u8]), Fault> {
    let (character, after) = match rest {
        [b'b', after @ ..] => ('\u{8}', after),
        [b'f', after @ ..] => ('\u{c}', after),
        [b'n', after @ ..] => ('\n', after),
        [b'r', after @ ..] => ('\r', after),
        [b't', after @ ..] => ('\t', after),
        [plain @ (b'"' | b'\\' | b'/'), after @ ..] => (char::from(*plain), after),
        [b'u', after @ ..] => {
            let (unit, after) = unit(after)?;
            let (code, after) = match unit {
                0xd800..0xdc00 => second_unit(unit, after)?,
                // The second half of a pair alone is no character either.
                _ => (unit, after),
            };
            let character = char::from_u32(code).ok_or_else(|| fault(Stop::Syntax, after))?;
            (character, after)
        }
        _ => return Err(wrong(rest)),
    };
    Ok((character, after))
}

/// The second half of a pair, and what the two are together.
fn second_unit(first: u32, rest: &[u8]) -> Result<(u32, &[u8]), Fault> {
    let (second, after) = unit(word(rest, b"\\u")?)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(fault(Stop::Syntax, after));
    }
    let pair = (first & 0x3ff) << 10 | (second & 0x3ff);
    Ok((pair.saturating_add(0x1_0000), after))
}

/// Four hex digits.
fn unit(mut rest: &[u8]) -> Result<(u32, &[u8]), Fault> {
    let mut unit = 0;
    for _ in 0..4 {
        let (digit, after) = rest.split_first().ok_or_else(|| wrong(rest))?;
        let digit = char::from(*digit).to_digit(16);
        unit = unit << 4 | digit.ok_or_else(|| wrong(rest))?;
        rest = after;
    }
    Ok((unit, rest))
}

/// Up to so many keys are compared each with each, and more of them sorted first.
const FEW: usize = 16;

/// Of marks that are equal by this order, the first that is a second one.
fn second_of_equals<T: Ord>(marks: &mut [Mark], by: impl Fn(Mark) -> T) -> Option<Mark> {
    marks
        .sort_unstable_by(|one, other| by(*one).cmp(&by(*other)).then(one.start.cmp(&other.start)));
    let pairs = marks.array_windows::<2>();
    pairs
        .filter(|[one, other]| by(*one) == by(*other))
        .map(|[_, second]| *second)
        .min_by_key(|second| second.start)
}

/// How many bytes stand before the first that no string holds as it is: a quote, a backslash or a
/// control character. Eight are looked at together, as the lanes of one number.
pub(crate) fn plain_length(text: &[u8]) -> usize {
    const fn lanes(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // The highest bit of each lane that is below a limit of at most 0x80. What a lane borrows makes
    // lanes above it wrong, and never the lowest that is found.
    const fn below(word: u64, limit: u8) -> u64 {
        word.wrapping_sub(lanes(limit)) & !word & lanes(0x80)
    }
    let (words, rest) = text.as_chunks::<8>();
    let mut length = 0_usize;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let quote = below(word ^ lanes(b'"'), 1);
        let backslash = below(word ^ lanes(b'\\'), 1);
        let found = below(word, b' ') | quote | backslash;
        if found != 0 {
            let lane = found.trailing_zeros() / u8::BITS;
            return length.saturating_add(usize::try_from(lane).unwrap_or_default());
        }
        length = length.saturating_add(8);
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..b' ');
    length.saturating_add(rest.iter().position(special).unwrap_or(rest.len()))
}
