//! The appraisal policy: what a verifier's user accepts.
//!
//! A policy is a plain, versioned document, in TOML or JSON. It is strict where it says nothing,
//! refuses what it does not know, and can bring neither a trust anchor nor an instant: who asks for
//! the verdict names those. Reading one makes a [`Policy`], which is valid by construction.

mod canonical;
mod document;
mod error;
mod fields;
mod order;
mod pins;
mod readers;
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod source;
mod statements;
mod what_if;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::bytes::{Bytes32, sha256};
use crate::quote::Tee;

pub use error::{PolicyError, PolicyErrorKind, Position};
pub use pins::Pins;
pub use rules::{
    AnyOf, AppRules, ChannelDemand, EngineDemand, FreshnessDemand, KeyProviderKind, KeyProviderRef,
    LintDemand, OsReference, PlatformRules, SgxRules, TcbRules, TdRules,
};
#[cfg(feature = "schema")]
pub use schema::policy_schema;
pub use source::{PolicyContent, PolicyValue};
pub use statements::{Statement, Tone};
pub use what_if::PolicyEdits;

/// A policy, valid by construction: made from a document, or [`Policy::default`], or one of these
/// narrowed by [`Policy::with_pins`] or [`Policy::with_edits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: Option<String>,
    tee: AnyOf<Tee>,
    engines: EngineDemand,
    freshness: FreshnessDemand,
    channel: ChannelDemand,
    tcb: TcbRules,
    platform: PlatformRules,
    td: TdRules,
    sgx: SgxRules,
    os: Option<Vec<OsReference>>,
    app: AppRules,
    seal: Seal,
}

/// What is made of all the rest, once: every report repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seal {
    digest: Bytes32,
    statements: Arc<Vec<Statement>>,
}

impl Seal {
    /// Of a policy that is not yet whole.
    fn none() -> Self {
        Self {
            digest: Bytes32::zero(),
            statements: Arc::default(),
        }
    }
}

/// The strict policy: TDX only, every part of the TCB up to date, no debug, no migration, no
/// service TD. It pins no operating system and no app, so nothing is more than genuine under it.
impl Default for Policy {
    fn default() -> Self {
        Self {
            name: None,
            tee: AnyOf::default(),
            engines: EngineDemand::default(),
            freshness: FreshnessDemand::default(),
            channel: ChannelDemand::default(),
            tcb: TcbRules::default(),
            platform: PlatformRules::default(),
            td: TdRules::default(),
            sgx: SgxRules::default(),
            os: None,
            app: AppRules::default(),
            seal: Seal::none(),
        }
        .sealed()
    }
}

impl Policy {
    /// The schema of the documents that this crate reads.
    pub const SCHEMA: &'static str = readers::SCHEMA;

    /// The strict policy as commented TOML, with every key of the schema: those without a default
    /// stand there behind a `#`.
    pub const TEMPLATE: &'static str = include_str!("template.toml");

    /// The label. It decides nothing and is not in the digest.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Accepted kinds of TEE.
    pub fn tee(&self) -> &AnyOf<Tee> {
        &self.tee
    }

    /// How many engines have to agree.
    pub fn engines(&self) -> EngineDemand {
        self.engines
    }

    /// Whether the evidence has to answer a challenge.
    pub fn freshness(&self) -> FreshnessDemand {
        self.freshness
    }

    /// Whether the other end of a live connection has to be the TD.
    pub fn channel(&self) -> ChannelDemand {
        self.channel
    }

    /// What is demanded of the TCB and of the collateral.
    pub fn tcb(&self) -> &TcbRules {
        &self.tcb
    }

    /// What is demanded of the machine.
    pub fn platform(&self) -> &PlatformRules {
        &self.platform
    }

    /// What is demanded of the TD's attributes.
    pub fn td(&self) -> &TdRules {
        &self.td
    }

    /// What is demanded of an SGX enclave.
    pub fn sgx(&self) -> &SgxRules {
        &self.sgx
    }

    /// Accepted operating systems, any of which will do. Not empty if present.
    pub fn os(&self) -> Option<&[OsReference]> {
        self.os.as_deref()
    }

    /// What is demanded of the app.
    pub fn app(&self) -> &AppRules {
        &self.app
    }

    /// The policy in canonical form: RFC 8785 JSON of every key, defaults and absent ones (`null`)
    /// included, each list sorted. Labels are left out, for they decide nothing: the policy's own
    /// name and those of the OS sets, whose entries are merged by MRTD, RTMR1 and RTMR2.
    pub fn canonical_json(&self) -> String {
        canonical::of(self).into_text()
    }

    /// SHA-256 of [`Policy::canonical_json`].
    pub const fn digest(&self) -> Bytes32 {
        self.seal.digest
    }

    /// The policy as sentences: one for every key of the schema, in its order, defaults included.
    pub fn statements(&self) -> &[Statement] {
        &self.seal.statements
    }

    /// The policy with its own digest and in its own words: the end of whatever makes or changes one.
    fn sealed(mut self) -> Self {
        self.seal = Seal {
            digest: sha256(self.canonical_json().as_bytes()),
            statements: Arc::new(self.stated()),
        };
        self
    }
}
