//! TCB evaluation by Intel's rules: level selection, convergence of components, relaunch advice.
//!
//! Sources: Intel SGX/TDX DCAP Quote Verification Library (`TcbLevelCheck`, `TdxModuleCheck`,
//! `EvaluateTcb`, `TDRelaunchCheck`) and PCS API v4. Which statuses are *accepted* is policy and is
//! decided elsewhere.

mod converge;
mod documents;
mod evaluate;

pub(crate) use documents::{DocumentError, ModuleIdentity, QeIdentity, TcbInfo};
pub use evaluate::{ComponentTcb, CurrentTcb, Shortfall, TcbEvaluation};
pub(crate) use evaluate::{PlatformVersions, evaluate, versioned_module};

#[cfg(test)]
mod tests;
