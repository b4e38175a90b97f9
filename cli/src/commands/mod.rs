//! One file for each command: gather inputs, call one function, print.

pub(crate) mod bundle;
pub(crate) mod collateral;
pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod inspect;
pub(crate) mod policy;
pub(crate) mod verify;
