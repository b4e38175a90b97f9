//! What dstack measured: system facts from a replayed log, and `MRCONFIGID`.

mod error;
mod facts;
mod grammar;
mod key_provider;
mod mr_config;
mod td_hob;

pub use error::{GrammarError, PayloadFault};
pub use facts::{
    ApplicationEvent, DstackFacts, InstanceId, Interpretation, LaunchRegisters, StorageFs,
};
pub use grammar::Generation;
pub use key_provider::{KeyProvider, KeyProviderKind};
pub use mr_config::{MrConfig, MrConfigError, MrConfigField};
pub(crate) use td_hob::td_hob_digest;

#[cfg(test)]
mod mr_config_tests;
#[cfg(test)]
mod tests;
