//! Which level a platform reaches, and how far it is from the next good one.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::converge::{converge, relaunch};
use super::documents::{Level, PlatformLevel, QeIdentity, SvnLevel, TcbInfo, VersionedModule};
use crate::bytes::Bytes;
use crate::quote::Tee;
use crate::tcb_status::TcbStatus;
use crate::time::Instant;
use crate::x509::PckTcb;
use crate::{CheckId, Reason, Value};

/// The status of platform, TDX module or quoting enclave on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentTcb {
    /// Its own status.
    pub status: TcbStatus,
    /// Date of the level that it reaches.
    pub date: Instant,
    /// Advisories of that level, as Intel spells them.
    pub advisories: Vec<String>,
    /// For an out-of-date component: the day from which a grace is counted, which is the date of the
    /// earliest newer level that is up to date. Where there is no such level, the date of the level
    /// that is reached: nothing later can excuse waiting.
    pub grace_from: Instant,
    /// Which version numbers are short of that newer level; empty when none is or none exists.
    pub shortfall: Vec<Shortfall>,
}

/// A version number that is too low for an up-to-date level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// `sgx[0]`…`sgx[15]`, `tdx[0]`…`tdx[15]`, `pceSvn` or `isvSvn`.
    pub component: String,
    /// The number the platform has.
    pub have: u16,
    /// The number the level needs.
    pub need: u16,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}<{}", self.component, self.have, self.need)
    }
}

/// All of a TCB evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcbEvaluation {
    /// Microcode, firmware and PCE.
    pub platform: ComponentTcb,
    /// The TDX module; `None` for SGX and for modules without a version (major version 0), which
    /// the platform's level judges.
    pub module: Option<ComponentTcb>,
    /// The quoting enclave.
    pub qe: ComponentTcb,
    /// TD 1.5 and later: platform and module at TEE_TCB_SVN_2, and their status merged with the
    /// quoting enclave's.
    pub current: Option<CurrentTcb>,
    /// Intel's convergence of all of them.
    pub status: TcbStatus,
    /// Union of the advisories of platform, module and quoting enclave at launch, sorted.
    pub advisories: Vec<String>,
}

/// The TCB that a TD runs on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTcb {
    /// Microcode, firmware and PCE.
    pub platform: ComponentTcb,
    /// The TDX module.
    pub module: Option<ComponentTcb>,
    /// The two converged with the quoting enclave's status.
    pub status: TcbStatus,
}

/// The version numbers that a platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlatformVersions {
    /// From the PCK certificate.
    pub(crate) pck: PckTcb,
    /// TEE_TCB_SVN of the TD report; `None` for SGX.
    pub(crate) tee_tcb_svn: Option<Bytes<16>>,
    /// TEE_TCB_SVN_2; `None` before TD 1.5.
    pub(crate) tee_tcb_svn2: Option<Bytes<16>>,
    /// ISVSVN of the quoting enclave.
    pub(crate) qe_isv_svn: u16,
}

/// Why a TCB cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TcbError {
    /// No level fits.
    Unsupported { check: CheckId, found: Value },
    /// No identity for the module's major version.
    ModuleUnknown { version: u8 },
    /// A status stands in a matched level where it may not stand.
    Status { check: CheckId, found: TcbStatus },
}

impl TcbError {
    pub(crate) const fn check(&self) -> CheckId {
        match self {
            Self::Unsupported { check, .. } | Self::Status { check, .. } => *check,
            Self::ModuleUnknown { .. } => CheckId::TdxModule,
        }
    }

    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Unsupported { .. } => Reason::TcbUnsupported,
            Self::ModuleUnknown { .. } => Reason::ModuleUnknown,
            Self::Status { .. } => Reason::TcbStatusUnknown,
        }
    }

    pub(crate) fn found(&self) -> Value {
        match self {
            Self::Unsupported { found, .. } => found.clone(),
            Self::ModuleUnknown { version } => Value::Text(alloc::format!("TDX_{version:02X}")),
            Self::Status { found, .. } => Value::text(found),
        }
    }
}

/// Evaluates a platform against TCB info and QE identity. Which of the documents are for this
/// platform has been checked before.
pub(crate) fn evaluate(
    versions: &PlatformVersions,
    tcb_info: &TcbInfo,
    qe_identity: &QeIdentity,
) -> Result<TcbEvaluation, Vec<TcbError>> {
    let qe = svn_component(
        &qe_identity.levels,
        versions.qe_isv_svn,
        CheckId::TcbQe,
        TcbStatus::in_qe_identity,
    );
    let launch = Tcb::at(
        versions,
        versions.tee_tcb_svn,
        tcb_info,
        CheckId::TcbPlatform,
        CheckId::TcbModule,
    );
    let current = versions.tee_tcb_svn2.map(|svn| {
        Tcb::at(
            versions,
            Some(svn),
            tcb_info,
            CheckId::TcbCurrent,
            CheckId::TcbCurrent,
        )
    });
    let mut errors = Vec::new();
    let qe = qe.map_err(|error| errors.push(error)).ok();
    let launch = launch.map_err(|error| errors.extend(error)).ok();
    let current = current
        .transpose()
        .map_err(|error| errors.extend(error))
        .ok();
    let (Some(qe), Some(launch), Some(current)) = (qe, launch, current) else {
        return Err(errors);
    };

    let launch_status = launch.merged(qe.status);
    let current = current.map(|tcb| CurrentTcb {
        status: tcb.merged(qe.status),
        platform: tcb.platform,
        module: tcb.module,
    });
    let status = current.as_ref().map_or(launch_status, |current| {
        relaunch(launch_status, current.status)
    });
    let mut advisories: Vec<String> = [Some(&launch.platform), launch.module.as_ref(), Some(&qe)]
        .into_iter()
        .flatten()
        .flat_map(|component| component.advisories.iter().cloned())
        .collect();
    advisories.sort();
    advisories.dedup();
    Ok(TcbEvaluation {
        platform: launch.platform,
        module: launch.module,
        qe,
        current,
        status,
        advisories,
    })
}

/// Platform and module at one TEE_TCB_SVN.
struct Tcb {
    platform: ComponentTcb,
    module: Option<ComponentTcb>,
}

impl Tcb {
    fn at(
        versions: &PlatformVersions,
        svn: Option<Bytes<16>>,
        tcb_info: &TcbInfo,
        platform_check: CheckId,
        module_check: CheckId,
    ) -> Result<Self, Vec<TcbError>> {
        let svn = svn.map(|svn| *svn.as_array());
        let platform = platform_component(&versions.pck, svn, tcb_info, platform_check);
        let module = svn
            .and_then(versioned_module)
            .map(|(version, isv_svn)| {
                let module = tcb_info
                    .module_of_version(version)
                    .ok_or(TcbError::ModuleUnknown { version })?;
                module_component(module, isv_svn, module_check)
            })
            .transpose();
        match (platform, module) {
            (Ok(platform), Ok(module)) => Ok(Self { platform, module }),
            (platform, module) => Err([platform.err(), module.err()]
                .into_iter()
                .flatten()
                .collect()),
        }
    }

    fn merged(&self, qe: TcbStatus) -> TcbStatus {
        let module = self
            .module
            .as_ref()
            .map_or(TcbStatus::UpToDate, |module| module.status);
        converge(converge(self.platform.status, module), qe)
    }
}

/// Major version and SVN of a TDX module, for one that has a version: bytes 1 and 0 of TEE_TCB_SVN.
pub(crate) const fn versioned_module(tee_tcb_svn: [u8; 16]) -> Option<(u8, u8)> {
    let [svn, version, ..] = tee_tcb_svn;
    if version == 0 {
        None
    } else {
        Some((version, svn))
    }
}

/// The components of a TD's TCB that a platform level judges. Bytes 0 and 1 of a versioned module
/// are on the scale of its own identity, not on that of the platform's levels.
fn judged_by_platform(tdx: [u8; 16], svn: [u8; 16]) -> impl Iterator<Item = (usize, u8, u8)> {
    let first = if versioned_module(svn).is_some() {
        2
    } else {
        0
    };
    tdx.into_iter()
        .zip(svn)
        .enumerate()
        .skip(first)
        .map(|(index, (need, have))| (index, have, need))
}

fn shortfall(pck: &PckTcb, svn: Option<[u8; 16]>, level: &PlatformLevel) -> Vec<Shortfall> {
    let sgx = pck
        .components
        .into_iter()
        .zip(level.sgx)
        .enumerate()
        .map(|(index, (have, need))| ("sgx", index, have, need));
    let tdx = svn
        .into_iter()
        .flat_map(|svn| judged_by_platform(level.tdx, svn))
        .map(|(index, have, need)| ("tdx", index, have, need));
    let mut short: Vec<Shortfall> = sgx
        .chain(tdx)
        .filter(|(_, _, have, need)| have < need)
        .map(|(kind, index, have, need)| Shortfall {
            component: alloc::format!("{kind}[{index}]"),
            have: have.into(),
            need: need.into(),
        })
        .collect();
    if pck.pce_svn < level.pce_svn {
        short.push(Shortfall {
            component: String::from("pceSvn"),
            have: pck.pce_svn,
            need: level.pce_svn,
        });
    }
    short
}

fn platform_component(
    pck: &PckTcb,
    svn: Option<[u8; 16]>,
    tcb_info: &TcbInfo,
    check: CheckId,
) -> Result<ComponentTcb, TcbError> {
    debug_assert_eq!(svn.is_some(), tcb_info.tee == Tee::Tdx);
    let reached = tcb_info
        .levels
        .iter()
        .position(|level| shortfall(pck, svn, level).is_empty())
        .and_then(|index| tcb_info.levels.split_at_checked(index));
    let Some((newer, [matched, ..])) = reached else {
        return Err(TcbError::Unsupported {
            check,
            found: Value::Fields(Vec::from([
                ("sgx", Value::text(Bytes::new(pck.components))),
                ("pceSvn", Value::Number(pck.pce_svn.into())),
                (
                    "teeTcbSvn",
                    svn.map_or(Value::List(Vec::new()), |svn| Value::text(Bytes::new(svn))),
                ),
                (
                    "shortOfLowestLevel",
                    Value::list(
                        tcb_info
                            .levels
                            .last()
                            .map(|lowest| shortfall(pck, svn, lowest))
                            .unwrap_or_default(),
                    ),
                ),
            ])),
        });
    };
    status_may_stand(&matched.level, check, TcbStatus::in_tcb_info)?;
    let target = earliest_up_to_date(newer, |level| &level.level);
    Ok(component(
        &matched.level,
        target.map(|level| &level.level),
        target.map_or_else(Vec::new, |level| shortfall(pck, svn, level)),
    ))
}

fn module_component(
    module: &VersionedModule,
    isv_svn: u8,
    check: CheckId,
) -> Result<ComponentTcb, TcbError> {
    svn_component(
        &module.levels,
        isv_svn.into(),
        check,
        TcbStatus::in_module_identity,
    )
}

fn svn_component(
    levels: &[SvnLevel],
    isv_svn: u16,
    check: CheckId,
    may_stand: fn(TcbStatus) -> bool,
) -> Result<ComponentTcb, TcbError> {
    let reached = levels
        .iter()
        .position(|level| level.isv_svn <= isv_svn)
        .and_then(|index| levels.split_at_checked(index));
    let Some((newer, [matched, ..])) = reached else {
        return Err(TcbError::Unsupported {
            check,
            found: Value::Number(isv_svn.into()),
        });
    };
    status_may_stand(&matched.level, check, may_stand)?;
    let target = earliest_up_to_date(newer, |level| &level.level);
    let shortfall = target
        .map(|level| Shortfall {
            component: String::from("isvSvn"),
            have: isv_svn,
            need: level.isv_svn,
        })
        .into_iter()
        .collect();
    Ok(component(
        &matched.level,
        target.map(|level| &level.level),
        shortfall,
    ))
}

fn status_may_stand(
    level: &Level,
    check: CheckId,
    may_stand: fn(TcbStatus) -> bool,
) -> Result<(), TcbError> {
    if may_stand(level.status) {
        Ok(())
    } else {
        Err(TcbError::Status {
            check,
            found: level.status,
        })
    }
}

fn earliest_up_to_date<T>(newer: &[T], level: impl Fn(&T) -> &Level) -> Option<&T> {
    newer
        .iter()
        .filter(|candidate| level(candidate).status == TcbStatus::UpToDate)
        .min_by_key(|candidate| level(candidate).date)
}

fn component(matched: &Level, target: Option<&Level>, shortfall: Vec<Shortfall>) -> ComponentTcb {
    ComponentTcb {
        status: matched.status,
        date: matched.date,
        advisories: matched.advisories.clone(),
        grace_from: target.map_or(matched.date, |target| target.date),
        shortfall,
    }
}
