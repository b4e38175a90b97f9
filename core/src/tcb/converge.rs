//! Convergence: how the statuses of platform, TDX module and quoting enclave become one word.
//!
//! It is not "the worse wins". A component moves the platform's status only by being out of date or
//! revoked; a quoting enclave whose *configuration* wants a change leaves it alone.

use crate::tcb_status::TcbStatus;

/// The platform's status, moved by a component's (Intel `EvaluateTcb`).
pub(super) const fn converge(platform: TcbStatus, component: TcbStatus) -> TcbStatus {
    use TcbStatus::{
        ConfigurationAndSWHardeningNeeded, ConfigurationNeeded, OutOfDate,
        OutOfDateConfigurationNeeded, Revoked, SWHardeningNeeded, UpToDate,
    };
    match (platform, component) {
        (Revoked, _) | (_, Revoked) => Revoked,
        (UpToDate | SWHardeningNeeded, OutOfDate) => OutOfDate,
        (ConfigurationNeeded | ConfigurationAndSWHardeningNeeded, OutOfDate) => {
            OutOfDateConfigurationNeeded
        }
        (unmoved, _) => unmoved,
    }
}

/// The status of a TD that was launched on one TCB and runs on another (Intel `TDRelaunchCheck`).
pub(super) const fn relaunch(launch: TcbStatus, current: TcbStatus) -> TcbStatus {
    use TcbStatus::{
        ConfigurationAndSWHardeningNeeded, ConfigurationNeeded, OutOfDate,
        OutOfDateConfigurationNeeded, Revoked, SWHardeningNeeded, TDRelaunchAdvised,
        TDRelaunchAdvisedConfigurationNeeded, UpToDate,
    };
    match (launch, current) {
        (_, Revoked) => Revoked,
        (OutOfDate, UpToDate | SWHardeningNeeded) => TDRelaunchAdvised,
        (OutOfDate, ConfigurationNeeded | ConfigurationAndSWHardeningNeeded)
        | (
            OutOfDateConfigurationNeeded,
            UpToDate | SWHardeningNeeded | ConfigurationNeeded | ConfigurationAndSWHardeningNeeded,
        ) => TDRelaunchAdvisedConfigurationNeeded,
        (unmoved, _) => unmoved,
    }
}
