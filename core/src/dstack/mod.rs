//! What dstack measured: system facts from a replayed log, and `MRCONFIGID`.

mod error;
mod facts;
mod grammar;
mod key_provider;

pub use error::{GrammarError, PayloadFault};
pub use facts::{
    ApplicationEvent, DstackFacts, InstanceId, Interpretation, LaunchRegisters, StorageFs,
};
pub use grammar::Generation;
pub use key_provider::{KeyProvider, KeyProviderKind};

#[cfg(test)]
mod tests;
