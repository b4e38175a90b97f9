//! A cursor over untrusted bytes: every read is checked, every length is explicit.

use super::QuoteError;

pub(super) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    /// Bytes consumed so far.
    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// What has not been read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], QuoteError> {
        let (head, tail) = self
            .rest
            .split_at_checked(length)
            .ok_or(QuoteError::Truncated {
                offset: self.offset,
                wanted: length,
                left: self.rest.len(),
            })?;
        self.rest = tail;
        self.offset = self.offset.saturating_add(length);
        Ok(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], QuoteError> {
        let offset = self.offset;
        let left = self.rest.len();
        <[u8; N]>::try_from(self.take(N)?).map_err(|_| QuoteError::Truncated {
            offset,
            wanted: N,
            left,
        })
    }

    pub(super) fn u16(&mut self) -> Result<u16, QuoteError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, QuoteError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A length prefix of 32 bits, as a size of this machine.
    pub(super) fn length(&mut self) -> Result<usize, QuoteError> {
        // On a 16-bit machine the cast may fail; there the length exceeds every cap anyway.
        self.u32()
            .map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Refuses anything left over inside a declared length.
    pub(super) fn finish(self, field: &'static str) -> Result<(), QuoteError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(QuoteError::Leftover {
                field,
                bytes: self.rest.len(),
            })
        }
    }
}
