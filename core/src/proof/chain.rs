//! The chain of a platform key, read once for all quotes that bring the same bytes.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::x509::{Certificate, Der, PckCa, PckExtension, Role, X509Error, decode_chain};

/// A PCK chain in the form of the profile, as it was read from exactly the bytes it holds. Nothing
/// about it is proven: signatures, dates and revocation are judged for every verdict anew.
#[derive(Debug)]
pub struct PckChain {
    pem: Vec<u8>,
    pub(super) leaf: Certificate,
    pub(super) ca: Certificate,
    pub(super) ca_kind: PckCa,
    pub(super) root_der: Der,
    /// What the leaf says of the platform, if that can be read.
    pub(super) extension: Option<PckExtension>,
}

/// What a caller keeps of chains that were read. It cannot lend a wrong one: a chain is used for the
/// bytes that it holds and for no others.
pub trait PckChains {
    /// The chain that was read from these bytes (PEM, leaf first), if it was kept.
    fn recall(&self, pem: &[u8]) -> Option<Arc<PckChain>>;

    /// Offers a chain that was just read.
    fn keep(&self, chain: &Arc<PckChain>);
}

/// Keeps nothing.
pub(super) struct Nothing;

impl PckChains for Nothing {
    fn recall(&self, _: &[u8]) -> Option<Arc<PckChain>> {
        None
    }

    fn keep(&self, _: &Arc<PckChain>) {}
}

impl PckChain {
    /// The bytes it was read from.
    pub fn pem(&self) -> &[u8] {
        &self.pem
    }

    /// Bytes of memory that it takes, about.
    pub fn size(&self) -> usize {
        let certificates = [&self.leaf, &self.ca].map(|certificate| certificate.der().len());
        certificates
            .into_iter()
            .chain([self.pem.len(), self.root_der.len(), size_of::<Self>()])
            .fold(0, usize::saturating_add)
    }

    pub(super) fn recalled(pem: &[u8], chains: &dyn PckChains) -> Result<Arc<Self>, X509Error> {
        if let Some(known) = chains.recall(pem)
            && known.pem == pem
        {
            return Ok(known);
        }
        let read = Arc::new(Self::parse(pem)?);
        chains.keep(&read);
        Ok(read)
    }

    pub(super) fn parse(pem: &[u8]) -> Result<Self, X509Error> {
        let chain = decode_chain(pem, 3)?;
        let [leaf, ca, root_der] =
            <[Der; 3]>::try_from(chain).map_err(|chain| X509Error::ChainLength {
                found: chain.len(),
                expected: 3,
            })?;
        let leaf = Certificate::parse(&leaf)?;
        let ca = Certificate::parse(&ca)?;
        leaf.check_role(Role::Pck)?;
        let ca_kind = ca.pck_ca().unwrap_or(PckCa::Platform);
        ca.check_role(Role::PckCa(ca_kind))?;
        leaf.check_issuer(&ca)?;
        Ok(Self {
            extension: leaf
                .pck_extension()
                .and_then(|extension| PckExtension::parse(extension).ok()),
            pem: pem.to_vec(),
            leaf,
            ca,
            ca_kind,
            root_der,
        })
    }
}
