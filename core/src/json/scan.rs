//! The grammar of RFC 8259 over the bytes of a text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::limits;

/// Why a walk ended before the text did. The place is where the scan stands.
pub(super) enum Stop {
    /// What stands there may not.
    Syntax,
    /// Something is missing at the end.
    End,
    Duplicate(String),
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

    /// Offset behind its last.
    fn end(self) -> usize {
        wide(self.end)
    }

    /// The first mark behind its own and those inside of it.
    pub(super) fn next(self) -> usize {
        wide(self.next)
    }

    /// What stands there.
    pub(super) fn raw_in(self, text: &str) -> &str {
        text.get(self.start()..self.end()).unwrap_or_default()
    }

    /// Whether the string that stands there is this text.
    pub(super) fn is_text_in(self, text: &str, wanted: &str) -> bool {
        if self.escaped {
            return self.string_in(text).is_some_and(|found| found == wanted);
        }
        let inner = self.start().saturating_add(1)..self.end().saturating_sub(1);
        text.as_bytes().get(inner) == Some(wanted.as_bytes())
    }

    /// The text of the string that stands there, if it is one.
    pub(super) fn string_in(self, text: &str) -> Option<Cow<'_, str>> {
        let raw = self.raw_in(text);
        let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
        if !self.escaped {
            return Some(Cow::Borrowed(inner));
        }
        let mut text = String::new();
        Scan::new(raw).string(Some(&mut text)).ok()?;
        Some(Cow::Owned(text))
    }
}

/// A place in a text, and what was seen on the way there.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    marks: Vec<Mark>,
    /// The keys of all objects that have not ended, and where each ends.
    keys: Vec<(Cow<'a, str>, usize)>,
}

type Walked = Result<(), Stop>;

/// An offset or a number of marks: [`Scan::walk`] refuses a text that is too long for it.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl<'a> Scan<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            marks: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Walks a text that has to be one value, with nothing after it. The offset is that of the fault.
    pub(super) fn walk(text: &'a str) -> Result<Vec<Mark>, (Stop, usize)> {
        let mut scan = Self::new(text);
        // No offset is too large for a mark. Small texts get all their marks at once.
        if u32::try_from(text.len()).is_err() {
            return Err((Stop::Values, 0));
        }
        scan.marks.reserve((text.len() / 4).min(1024));
        let walked = scan.value(0).and_then(|()| {
            scan.space();
            scan.peek().map_or(Ok(()), |_| Err(Stop::Syntax))
        });
        match walked {
            Ok(()) => Ok(scan.marks),
            Err(stop) => Err((stop, scan.at)),
        }
    }

    // Called for every byte: without this a build for size would make two calls of each.
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    fn step(&mut self) {
        // Never past one more than the text's length.
        self.at = self.at.wrapping_add(1);
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.step();
        }
    }

    /// What to say of the byte that stands here.
    fn fault(&self) -> Stop {
        match self.peek() {
            Some(_) => Stop::Syntax,
            None => Stop::End,
        }
    }

    /// Takes this byte, after white space.
    fn expect(&mut self, byte: u8) -> Walked {
        self.space();
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.step();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Walked {
        self.space();
        if self.peek() == Some(b'"') {
            return self.marked(|scan| scan.string(None)).map(|_| ());
        }
        let other = self.marked(|scan| scan.other(depth).map(|()| false));
        other.map(|_| ())
    }

    /// Takes what begins here, and notes where it stands and whether it is escaped.
    fn marked(&mut self, take: impl FnOnce(&mut Self) -> Result<bool, Stop>) -> Result<Mark, Stop> {
        let index = self.marks.len();
        if index >= limits::JSON_VALUES {
            return Err(Stop::Values);
        }
        let start = narrow(self.at);
        self.marks.push(Mark::default());
        let escaped = take(self)?;
        let mark = Mark {
            start,
            end: narrow(self.at),
            next: narrow(self.marks.len()),
            escaped,
        };
        if let Some(noted) = self.marks.get_mut(index) {
            *noted = mark;
        }
        Ok(mark)
    }

    /// A value that is no string.
    fn other(&mut self, depth: usize) -> Walked {
        match self.peek() {
            Some(open @ (b'{' | b'[')) => {
                if depth >= limits::JSON_DEPTH {
                    return Err(Stop::Depth);
                }
                self.step();
                let depth = depth.saturating_add(1);
                match open {
                    b'{' => self.object(depth),
                    _ => self.array(depth),
                }
            }
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: usize) -> Walked {
        self.space();
        if self.peek() == Some(b']') {
            self.step();
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if !self.comma(b']')? {
                return Ok(());
            }
        }
    }

    fn object(&mut self, depth: usize) -> Walked {
        self.space();
        if self.peek() == Some(b'}') {
            self.step();
            return Ok(());
        }
        let first = self.keys.len();
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault());
            }
            let key = self.marked(|scan| scan.string(None))?;
            if self.keys.len().saturating_sub(first) >= limits::JSON_KEYS {
                return Err(Stop::Keys);
            }
            let text = key.string_in(self.text).unwrap_or_default();
            self.keys.push((text, key.end()));
            self.expect(b':')?;
            self.value(depth)?;
            if !self.comma(b'}')? {
                return self.distinct(first);
            }
        }
    }

    /// Whether a comma stands here, and not the end.
    fn comma(&mut self, close: u8) -> Result<bool, Stop> {
        self.space();
        let found = self.peek();
        if found != Some(b',') && found != Some(close) {
            return Err(self.fault());
        }
        self.step();
        Ok(found == Some(b','))
    }

    /// Forgets the keys from this one on; refuses one that stands there twice, at the end of the
    /// second.
    fn distinct(&mut self, first: usize) -> Walked {
        let keys = self.keys.get_mut(first..).unwrap_or_default();
        keys.sort_unstable();
        let pairs = keys.array_windows::<2>();
        let twice = pairs.filter(|[one, other]| one.0 == other.0);
        if let Some((key, end)) = twice.map(|[_, second]| second).min_by_key(|key| key.1) {
            self.at = end.saturating_sub(1);
            return Err(Stop::Duplicate(key.clone().into_owned()));
        }
        self.keys.truncate(first);
        Ok(())
    }

    fn word(&mut self, word: &str) -> Walked {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.fault());
            }
            self.step();
        }
        Ok(())
    }

    fn digits(&mut self) -> Walked {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.fault());
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.step();
        }
        Ok(())
    }

    fn number(&mut self) -> Walked {
        if self.peek() == Some(b'-') {
            self.step();
        }
        if self.peek() == Some(b'0') {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.step();
            if let Some(b'+' | b'-') = self.peek() {
                self.step();
            }
            self.digits()?;
        }
        Ok(())
    }

    /// A string, from its first quote on; its text goes to `out`. Whether a backslash stands in it.
    fn string(&mut self, mut out: Option<&mut String>) -> Result<bool, Stop> {
        let mut escaped = false;
        self.step();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let mut bytes = rest.bytes();
            let plain = bytes.position(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
            let plain = plain.unwrap_or(rest.len());
            if let Some(out) = out.as_deref_mut() {
                out.push_str(rest.get(..plain).unwrap_or_default());
            }
            self.at = self.at.wrapping_add(plain);
            match self.peek() {
                Some(b'"') => {
                    self.step();
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.step();
                    let character = self.escape()?;
                    if let Some(out) = out.as_deref_mut() {
                        out.push(character);
                    }
                }
                _ => return Err(self.fault()),
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Stop> {
        let character = match self.peek() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'u') => {
                self.step();
                let unit = self.unit()?;
                if !(0xd800..0xdc00).contains(&unit) {
                    // The second half of a pair alone is no character either.
                    return char::from_u32(unit).ok_or(Stop::Syntax);
                }
                self.word("\\u")?;
                let second = self.unit()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(Stop::Syntax);
                }
                let pair = (unit & 0x3ff) << 10 | (second & 0x3ff);
                return char::from_u32(pair.saturating_add(0x1_0000)).ok_or(Stop::Syntax);
            }
            _ => return Err(self.fault()),
        };
        self.step();
        Ok(character)
    }

    /// Four hex digits.
    fn unit(&mut self) -> Result<u32, Stop> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.fault())?;
            self.step();
        }
        Ok(unit)
    }
}
