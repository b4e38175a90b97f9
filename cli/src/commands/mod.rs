//! One file for each command: gather inputs, call one function, print.

pub(crate) mod bundle;
#[cfg(feature = "network")]
pub(crate) mod capture;
pub(crate) mod collateral;
pub(crate) mod compare;
pub(crate) mod compose;
pub(crate) mod explain;
pub(crate) mod fleet;
pub(crate) mod generate;
pub(crate) mod inspect;
pub(crate) mod policy;
pub(crate) mod verify;
#[cfg(feature = "release")]
pub(crate) mod version;
