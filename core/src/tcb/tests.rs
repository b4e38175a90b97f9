//! Intel's tables for convergence and relaunch.

use super::converge::{converge, relaunch};
use crate::tcb_status::TcbStatus::{self, *};

// Intel's table, cell by cell: rows are the platform, columns UpToDate, OutOfDate, Revoked and the
// two configuration words that only a quoting enclave has.
#[test]
fn convergence_is_intels_table() {
    let rows: [(TcbStatus, [TcbStatus; 4]); 7] = [
        (UpToDate, [UpToDate, OutOfDate, Revoked, UpToDate]),
        (
            SWHardeningNeeded,
            [SWHardeningNeeded, OutOfDate, Revoked, SWHardeningNeeded],
        ),
        (
            ConfigurationNeeded,
            [
                ConfigurationNeeded,
                OutOfDateConfigurationNeeded,
                Revoked,
                ConfigurationNeeded,
            ],
        ),
        (
            ConfigurationAndSWHardeningNeeded,
            [
                ConfigurationAndSWHardeningNeeded,
                OutOfDateConfigurationNeeded,
                Revoked,
                ConfigurationAndSWHardeningNeeded,
            ],
        ),
        (OutOfDate, [OutOfDate, OutOfDate, Revoked, OutOfDate]),
        (
            OutOfDateConfigurationNeeded,
            [
                OutOfDateConfigurationNeeded,
                OutOfDateConfigurationNeeded,
                Revoked,
                OutOfDateConfigurationNeeded,
            ],
        ),
        (Revoked, [Revoked, Revoked, Revoked, Revoked]),
    ];
    for (platform, expected) in rows {
        let [up, out, revoked, configuration] = expected;
        assert_eq!(converge(platform, UpToDate), up);
        assert_eq!(converge(platform, OutOfDate), out);
        assert_eq!(converge(platform, Revoked), revoked);
        assert_eq!(converge(platform, ConfigurationNeeded), configuration);
        assert_eq!(
            converge(platform, OutOfDateConfigurationNeeded),
            configuration
        );
    }
}

#[test]
fn relaunch_is_advised_only_for_an_outdated_launch_on_a_good_current_tcb() {
    for current in [UpToDate, SWHardeningNeeded] {
        assert_eq!(relaunch(OutOfDate, current), TDRelaunchAdvised);
        assert_eq!(
            relaunch(OutOfDateConfigurationNeeded, current),
            TDRelaunchAdvisedConfigurationNeeded
        );
    }
    for current in [ConfigurationNeeded, ConfigurationAndSWHardeningNeeded] {
        for launch in [OutOfDate, OutOfDateConfigurationNeeded] {
            assert_eq!(
                relaunch(launch, current),
                TDRelaunchAdvisedConfigurationNeeded
            );
        }
    }
    for current in [OutOfDate, OutOfDateConfigurationNeeded] {
        for launch in [OutOfDate, OutOfDateConfigurationNeeded, UpToDate] {
            assert_eq!(relaunch(launch, current), launch);
        }
    }
    for launch in TcbStatus::ALL {
        assert_eq!(relaunch(*launch, Revoked), Revoked);
    }
}
