//! What the conditions of the table look at: the bytes as they came, and views of them that share no
//! code with the core.

use std::cell::OnceCell;

use serde_json::Value as Json;
use teeproof_core::{CollateralParts, Examination, Instant};

use crate::certificates::Chain;
use crate::claims::Claims;
use crate::layout::Layout;

/// PCK_CERT_CHAIN of the quoting library.
const PCK_CHAIN: u16 = 5;

pub(crate) struct Context<'a> {
    pub(crate) quote: &'a [u8],
    pub(crate) parts: &'a CollateralParts,
    pub(crate) layout: Option<Layout>,
    pub(crate) root: &'a [u8],
    pub(crate) at: Instant,
    // Read only where the two engines differ.
    tcb_info: OnceCell<Json>,
    qe_identity: OnceCell<Json>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        quote: &'a [u8],
        parts: &'a CollateralParts,
        examination: &'a Examination,
    ) -> Self {
        Self {
            quote,
            parts,
            layout: Layout::of(quote),
            root: examination.anchor().der(),
            at: examination.at(),
            tcb_info: OnceCell::new(),
            qe_identity: OnceCell::new(),
        }
    }

    pub(crate) fn tcb_info(&self) -> &Json {
        let read = || serde_json::from_str(&self.parts.tcb_info).unwrap_or_default();
        self.tcb_info.get_or_init(read)
    }

    pub(crate) fn qe_identity(&self) -> &Json {
        let read = || serde_json::from_str(&self.parts.qe_identity).unwrap_or_default();
        self.qe_identity.get_or_init(read)
    }

    /// The PCK chain in the quote, where it is of the type that carries one.
    pub(crate) fn own_chain(&self) -> Option<&'a [u8]> {
        let layout = self.layout.as_ref()?;
        (layout.certification_type == PCK_CHAIN)
            .then(|| self.quote.get(layout.certification.clone()))
            .flatten()
    }

    /// The text of the chain that the core uses: the quote's own before that of the collateral.
    pub(crate) fn pck_chain_text(&self) -> Option<&'a [u8]> {
        self.own_chain().or_else(|| {
            self.parts
                .pck_certificate_chain
                .as_deref()
                .map(str::as_bytes)
        })
    }

    /// The same chain, read.
    pub(crate) fn pck_chain(&self) -> Chain {
        self.pck_chain_text()
            .map_or_else(Chain::default, Chain::read)
    }

    /// The PCK CA: in every chain that dcap-qvl accepts, the only certificate that is neither the
    /// leaf nor the root.
    pub(crate) fn pck_ca(&self) -> Option<Vec<u8>> {
        self.pck_chain().certificates.into_iter().nth(1)
    }
}

/// A finding of the core that stands open, cut down to one part of the collateral where it speaks of
/// parts.
pub(crate) struct Open<'a> {
    pub(crate) reason: teeproof_core::Reason,
    pub(crate) part: Option<&'a str>,
    /// What dcap-qvl claims, which accepted.
    pub(crate) theirs: &'a Claims,
}
