//! The grammar of RFC 8259 over the bytes of a text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::Node;
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
}

/// A place in a text.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

type Walked = Result<(), Stop>;

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// Walks a text that has to be one value, with nothing after it. The offset is that of the fault.
    pub(super) fn check(text: &'a str) -> Result<(), (Stop, usize)> {
        let mut scan = Self::new(text, 0);
        let walked = scan.value(0).and_then(|()| {
            scan.space();
            scan.peek().map_or(Ok(()), |_| Err(Stop::Syntax))
        });
        walked.map_err(|stop| (stop, scan.at))
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
        match self.peek() {
            Some(b'"') => self.string(None),
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
        let mut keys = Vec::new();
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.fault());
            }
            self.string(None)?;
            if keys.len() >= limits::JSON_KEYS {
                return Err(Stop::Keys);
            }
            let raw = self.text.get(start..self.at).unwrap_or_default();
            keys.push((unquoted(raw).unwrap_or_default(), self.at));
            self.expect(b':')?;
            self.value(depth)?;
            if !self.comma(b'}')? {
                return self.distinct(keys);
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

    /// Refuses a key that stands there twice, at the end of the second.
    fn distinct(&mut self, mut keys: Vec<(Cow<'a, str>, usize)>) -> Walked {
        keys.sort_unstable();
        let pairs = keys.array_windows::<2>();
        let twice = pairs.filter(|[one, other]| one.0 == other.0);
        match twice.map(|[_, second]| second).min_by_key(|key| key.1) {
            None => Ok(()),
            Some((key, end)) => {
                self.at = end.saturating_sub(1);
                Err(Stop::Duplicate(key.clone().into_owned()))
            }
        }
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

    /// A string, from its first quote on; its text goes to `out`.
    fn string(&mut self, mut out: Option<&mut String>) -> Walked {
        self.step();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | ..b' ')) {
                self.step();
            }
            if let Some(out) = out.as_deref_mut() {
                out.push_str(self.text.get(start..self.at).unwrap_or_default());
            }
            match self.peek() {
                Some(b'"') => {
                    self.step();
                    return Ok(());
                }
                Some(b'\\') => {
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

    /// In a text that was checked: passes this byte and the white space before it.
    pub(super) fn pass(&mut self, byte: u8) {
        let _ = self.expect(byte);
    }

    /// In a text that was checked: whether another item comes before the end of this array or object.
    pub(super) fn more(&mut self, close: u8) -> bool {
        self.pass(b',');
        self.space();
        self.peek().is_some_and(|byte| byte != close)
    }

    /// In a text that was checked: the value that begins here. Ends somewhere in any other text, too.
    pub(super) fn value_in(&mut self, whole: &'a str) -> Node<'a> {
        self.space();
        let start = self.at;
        let mut open = 0_usize;
        loop {
            match self.peek() {
                None => break,
                Some(b'"') => self.pass_string(),
                Some(b'{' | b'[') => {
                    open = open.wrapping_add(1);
                    self.step();
                    continue;
                }
                Some(b'}' | b']') if open > 0 => {
                    open = open.wrapping_sub(1);
                    self.step();
                }
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'}' | b']') if open == 0 => {
                    break;
                }
                Some(_) => {
                    self.step();
                    continue;
                }
            }
            if open == 0 {
                break;
            }
        }
        Node {
            whole,
            start,
            end: self.at.min(whole.len()),
        }
    }

    /// In a text that was checked: passes a string.
    fn pass_string(&mut self) {
        self.step();
        loop {
            match self.peek() {
                Some(b'"') => return self.step(),
                Some(b'\\') => {
                    self.step();
                    self.step();
                }
                Some(_) => self.step(),
                None => return,
            }
        }
    }
}

/// The text of a string with its quotes. `None` of what is no string.
pub(super) fn unquoted(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?;
    if !inner.contains('\\') {
        return inner.strip_suffix('"').map(Cow::Borrowed);
    }
    let mut text = String::new();
    Scan::new(raw, 0).string(Some(&mut text)).ok()?;
    Some(Cow::Owned(text))
}
