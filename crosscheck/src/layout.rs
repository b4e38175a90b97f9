//! Where the parts of a quote stand: a walk of its lengths that shares nothing with the core's
//! parser and is as lenient as dcap-qvl's, for the conditions of the table.

use std::ops::Range;

/// Offsets into the bytes of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What the attestation key signed ends here.
    pub(crate) signed_end: usize,
    /// TDATTRIBUTES, for a TD.
    pub(crate) td_attributes: Option<Range<usize>>,
    /// Where the length prefixes around the QE authentication data stand: width in bytes and
    /// offset, outermost first.
    pub(crate) lengths: Vec<(usize, usize)>,
    /// The outer certification type of versions 4 and 5.
    pub(crate) outer_type: Option<u16>,
    /// REPORTDATA of the quoting enclave.
    pub(crate) qe_report_data: Range<usize>,
    /// QE authentication data.
    pub(crate) qe_auth_data: Range<usize>,
    /// The certification data type that says how the PCK is certified.
    pub(crate) certification_type: u16,
    /// Its content.
    pub(crate) certification: Range<usize>,
    /// Bytes that a declared length covers and no field uses.
    pub(crate) left_over: usize,
    /// The declared end.
    pub(crate) end: usize,
}

const ATTESTATION_KEY: usize = 64;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn skip(&mut self, count: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(count)?;
        self.bytes.get(self.at..end)?;
        let range = self.at..end;
        self.at = end;
        Some(range)
    }

    fn u16(&mut self) -> Option<u16> {
        let range = self.skip(2)?;
        let bytes = self.bytes.get(range)?.try_into().ok()?;
        Some(u16::from_le_bytes(bytes))
    }

    fn u32(&mut self) -> Option<usize> {
        let range = self.skip(4)?;
        let bytes = self.bytes.get(range)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }
}

impl Layout {
    /// `None` where the lengths lead past the end.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut walk = Walk { bytes, at: 0 };
        let version = walk.u16()?;
        walk.skip(46)?;
        let body = match version {
            3 => 384,
            4 => 584,
            5 => {
                walk.skip(2)?;
                walk.u32()?
            }
            _ => return None,
        };
        let body = walk.skip(body)?;
        let signed_end = walk.at;
        let auth_at = walk.at;
        let auth_length = walk.u32()?;
        let end = walk.at.checked_add(auth_length)?;
        walk.skip(64)?;
        walk.skip(ATTESTATION_KEY)?;
        let mut lengths = vec![(4, auth_at)];
        let (outer_type, certified_end) = if version == 3 {
            (None, end)
        } else {
            let outer_type = walk.u16()?;
            lengths.push((4, walk.at));
            let length = walk.u32()?;
            (Some(outer_type), walk.at.checked_add(length)?)
        };
        walk.skip(320)?;
        let qe_report_data = walk.skip(64)?;
        walk.skip(64)?;
        lengths.push((2, walk.at));
        let qe_auth_length = walk.u16()?;
        let qe_auth_data = walk.skip(qe_auth_length.into())?;
        let certification_type = walk.u16()?;
        let certification_length = walk.u32()?;
        let certification = walk.skip(certification_length)?;
        bytes.get(..end)?;
        let left_over = certified_end
            .checked_sub(walk.at)?
            .checked_add(end.checked_sub(certified_end)?)?;
        let td_attributes = (version != 3)
            .then(|| Some(body.start.checked_add(120)?..body.start.checked_add(128)?))
            .flatten();
        Some(Self {
            signed_end,
            td_attributes,
            lengths,
            outer_type,
            qe_report_data,
            qe_auth_data,
            certification_type,
            certification,
            left_over,
            end,
        })
    }
}
