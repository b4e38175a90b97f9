//! Where a guest's keys come from.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::error::PayloadFault;
use crate::bytes::{Bytes32, decode_hex, sha256};
use crate::json::{Fields, ShapeFault};
use crate::json_shape;
use crate::limits;

/// The measured key provider: the payload of the event `key-provider`, which is the JSON object
/// `{"name":"<kind>","id":"<hex>"}`.
///
/// Source: dstack, `dstack-types` `KeyProviderInfo`, and the guest's system setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProvider {
    kind: KeyProviderKind,
    id: Vec<u8>,
    digest: Bytes32,
}

/// The kind of a key provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyProviderKind {
    /// Keys are made anew at each boot.
    None,
    /// An SGX enclave on the host. Its id is the enclave's `MRENCLAVE`, 32 bytes.
    LocalSgx,
    /// A KMS. Its id is the DER `SubjectPublicKeyInfo` of the KMS's root key.
    Kms,
    /// A TPM.
    Tpm,
    /// A kind that this verifier does not know, by its name.
    Other(String),
}

impl KeyProviderKind {
    /// The kind of this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "none" => Self::None,
            "local-sgx" => Self::LocalSgx,
            "kms" => Self::Kms,
            "tpm" => Self::Tpm,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name, as measured. Untrusted text for [`KeyProviderKind::Other`].
    pub fn name(&self) -> &str {
        match self {
            Self::None => "none",
            Self::LocalSgx => "local-sgx",
            Self::Kms => "kms",
            Self::Tpm => "tpm",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for KeyProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl KeyProvider {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, PayloadFault> {
        let shape = |fault: ShapeFault| PayloadFault::Json(fault.into());
        let document = json_shape::read(payload).map_err(PayloadFault::Json)?;
        let fields =
            Fields::closed("the payload", document.root(), &["name", "id"]).map_err(shape)?;
        let name = fields.text("name").map_err(shape)?;
        let id = fields.text("id").map_err(shape)?;
        let id = decode_hex(&id, limits::EVENT_PAYLOAD).map_err(|_| PayloadFault::KeyProviderId)?;
        Ok(Self {
            kind: KeyProviderKind::from_name(&name),
            id,
            digest: sha256(payload),
        })
    }

    /// The kind.
    pub const fn kind(&self) -> &KeyProviderKind {
        &self.kind
    }

    /// The id; empty for `none`, and for `tpm` in some versions.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// SHA-256 of the payload: dstack's `mr_key_provider`.
    pub(super) const fn digest(&self) -> Bytes32 {
        self.digest
    }
}
