//! System facts: what the guest's OS measured while it booted.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{GrammarError, PayloadFault};
use super::grammar::{self, Generation};
use super::key_provider::{KeyProvider, KeyProviderKind};
use crate::bytes::{Bytes, Bytes32, Id20, Measurement};
use crate::compose::ComposeHash;
use crate::log::{Event, ReplayedLog};

/// What a replayed log is.
#[derive(Debug, Clone)]
pub enum Interpretation {
    /// The log of a dstack guest.
    Dstack(Box<DstackFacts>),
    /// A log without a single reserved event of dstack. There are no facts, which is neither a
    /// pass nor a fault of the log.
    NotDstack,
}

/// What a dstack guest measured into RTMR3 while it booted. Only [`ReplayedLog::interpret`] makes
/// one. All of it is the word of the guest's OS: it means something once the OS is identified.
///
/// Not comparable as a whole: two guests are compared fact by fact, and an absent fact is equal
/// to nothing.
#[derive(Debug, Clone)]
pub struct DstackFacts {
    generations: Vec<Generation>,
    registers: [Measurement; 4],
    app_id: Id20,
    compose_hash: ComposeHash,
    instance_id: InstanceId,
    key_provider: Option<KeyProvider>,
    os_image_hash: Option<Bytes32>,
    mr_kms: Option<Bytes32>,
    rootfs_hash: Option<Bytes32>,
    ca_cert_hash: Option<Bytes32>,
    storage_fs: Option<StorageFs>,
    init_script_hashes: Vec<Bytes32>,
    gpu_policy_hash: Option<Bytes32>,
    gpu_attestation: Option<Vec<u8>>,
    application_events: Vec<ApplicationEvent>,
}

/// A measured instance id. Deliberately without `PartialEq`: two guests that have none are not
/// the same instance.
#[derive(Debug, Clone, Copy)]
pub enum InstanceId {
    /// The app was deployed without instance ids (`no_instance_id`); the payload is empty.
    None,
    /// The id, 20 bytes.
    Id(Id20),
}

impl InstanceId {
    /// Whether two guests are the same instance; `None` if either has no id, which answers
    /// nothing.
    pub fn same_as(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Id(one), Self::Id(two)) => Some(one == two),
            (Self::None, _) | (_, Self::None) => None,
        }
    }
}

/// The file system of the data disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StorageFs {
    /// ZFS.
    Zfs,
    /// ext4.
    Ext4,
}

impl StorageFs {
    /// The name, as measured.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zfs => "zfs",
            Self::Ext4 => "ext4",
        }
    }
}

/// An event that the application itself wrote after the boot. It is measured, but by whatever ran
/// in the guest: it says nothing about the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationEvent {
    /// The name: never a reserved one.
    pub name: String,
    /// The payload.
    pub payload: Vec<u8>,
}

/// What the derived values of [`DstackFacts`] take from the TD report beside the RTMRs; 48 bytes
/// each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaunchRegisters {
    /// `MRTD`.
    pub mrtd: Measurement,
    /// `MRCONFIGID`.
    pub mr_config_id: Measurement,
    /// `MROWNER`.
    pub mr_owner: Measurement,
    /// `MROWNERCONFIG`.
    pub mr_owner_config: Measurement,
}

impl ReplayedLog {
    /// Reads the log as dstack writes it.
    ///
    /// Reserved names are those of all known generations together. They may stand in RTMR3 only,
    /// in the order and as often as at least one generation writes them, and not after the end of
    /// the boot: `system-ready`, or `instance-id` in 0.3. Before that end nothing else may stand.
    ///
    /// Source: dstack, `dstack-util/src/system_setup.rs` (see [`Generation`]).
    ///
    /// # Errors
    /// [`GrammarError`] if the log holds a reserved event and fits no generation, or if a payload
    /// does not have its form.
    pub fn interpret(&self) -> Result<Interpretation, GrammarError> {
        let Some(events) = grammar::runtime_events(self.events())? else {
            return Ok(Interpretation::NotDstack);
        };
        // Some events are written for one kind of key provider only. Were there two key-provider
        // events, no generation would fit.
        let key_provider = Payloads(&events).one("key-provider", KeyProvider::parse)?;
        let kms = key_provider
            .as_ref()
            .is_some_and(|provider| *provider.kind() == KeyProviderKind::Kms);
        let (generations, length) = grammar::fit(&events, kms)?;
        let (boot, after) = events.split_at_checked(length).unwrap_or((&events, &[]));

        let boot = Payloads(boot);
        for name in ["system-preparing", "boot-mr-done", "system-ready"] {
            boot.one(name, bytes::<0>)?;
        }
        let facts = DstackFacts {
            generations,
            registers: *self.registers(),
            app_id: boot.needed("app-id", bytes)?,
            compose_hash: ComposeHash::new(boot.needed("compose-hash", bytes)?),
            instance_id: boot.needed("instance-id", |payload| match payload {
                [] => Ok(InstanceId::None),
                id => bytes(id).map(InstanceId::Id),
            })?,
            key_provider,
            os_image_hash: boot.one("os-image-hash", bytes)?,
            mr_kms: boot.one("mr-kms", bytes)?,
            rootfs_hash: boot.one("rootfs-hash", bytes)?,
            ca_cert_hash: boot.one("ca-cert-hash", bytes)?,
            storage_fs: boot.one("storage-fs", |payload| match payload {
                b"zfs" => Ok(StorageFs::Zfs),
                b"ext4" => Ok(StorageFs::Ext4),
                _ => Err(PayloadFault::StorageFs),
            })?,
            init_script_hashes: boot
                .all("init-script-hash", bytes)
                .collect::<Result<_, _>>()?,
            gpu_policy_hash: boot.one("gpu-policy-hash", bytes)?,
            gpu_attestation: boot.one("gpu-attestation", |payload| Ok(payload.to_owned()))?,
            application_events: after
                .iter()
                .map(|(_, event)| ApplicationEvent {
                    name: event.name().to_owned(),
                    payload: event.payload().to_owned(),
                })
                .collect(),
        };
        Ok(Interpretation::Dstack(Box::new(facts)))
    }
}

/// Reads payloads by event name.
#[derive(Clone, Copy)]
struct Payloads<'a>(&'a [(usize, &'a Event)]);

impl<'a> Payloads<'a> {
    fn all<T>(
        self,
        name: &'static str,
        read: impl Fn(&'a [u8]) -> Result<T, PayloadFault>,
    ) -> impl Iterator<Item = Result<T, GrammarError>> {
        self.0
            .iter()
            .filter(move |(_, event)| event.name() == name)
            .map(move |(index, event)| {
                read(event.payload()).map_err(|fault| GrammarError::Payload {
                    index: *index,
                    name,
                    fault,
                })
            })
    }

    fn one<T>(
        self,
        name: &'static str,
        read: impl Fn(&'a [u8]) -> Result<T, PayloadFault>,
    ) -> Result<Option<T>, GrammarError> {
        self.all(name, read).next().transpose()
    }

    fn needed<T>(
        self,
        name: &'static str,
        read: impl Fn(&'a [u8]) -> Result<T, PayloadFault>,
    ) -> Result<T, GrammarError> {
        self.one(name, read)?
            .ok_or(GrammarError::Missing { expected: name })
    }
}

fn bytes<const N: usize>(payload: &[u8]) -> Result<Bytes<N>, PayloadFault> {
    Bytes::from_slice(payload).ok_or(PayloadFault::Length {
        found: payload.len(),
        expected: N,
    })
}

impl DstackFacts {
    /// The generations of dstack that write such a log, oldest first; never empty.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The app id, 20 bytes. It says nothing about code.
    pub const fn app_id(&self) -> Id20 {
        self.app_id
    }

    /// The compose hash.
    pub const fn compose_hash(&self) -> ComposeHash {
        self.compose_hash
    }

    /// The instance id.
    pub const fn instance_id(&self) -> InstanceId {
        self.instance_id
    }

    /// The key provider. Not measured by 0.3.
    pub const fn key_provider(&self) -> Option<&KeyProvider> {
        self.key_provider.as_ref()
    }

    /// What the KMS said the OS image hash is. It identifies no OS: the KMS computed it, or took
    /// it from the host.
    pub const fn os_image_hash(&self) -> Option<Bytes32> {
        self.os_image_hash
    }

    /// The aggregated measurement of the KMS that gave the keys.
    pub const fn mr_kms(&self) -> Option<Bytes32> {
        self.mr_kms
    }

    /// The root file system's hash (0.3 only).
    pub const fn rootfs_hash(&self) -> Option<Bytes32> {
        self.rootfs_hash
    }

    /// The hash of the app's CA certificate (0.3 only).
    pub const fn ca_cert_hash(&self) -> Option<Bytes32> {
        self.ca_cert_hash
    }

    /// The file system of the data disk (from 0.5.5).
    pub const fn storage_fs(&self) -> Option<StorageFs> {
        self.storage_fs
    }

    /// SHA-256 of each init script, in order of execution (0.6).
    pub fn init_script_hashes(&self) -> &[Bytes32] {
        &self.init_script_hashes
    }

    /// The hash of the app's GPU policy (0.6).
    pub const fn gpu_policy_hash(&self) -> Option<Bytes32> {
        self.gpu_policy_hash
    }

    /// The guest's own statement that it attested its GPUs (0.6): JSON text, not interpreted.
    pub fn gpu_attestation(&self) -> Option<&[u8]> {
        self.gpu_attestation.as_deref()
    }

    /// What the application wrote after the boot. Never a system fact, whatever its name.
    pub fn application_events(&self) -> &[ApplicationEvent] {
        &self.application_events
    }

    /// dstack's `mr_key_provider`: SHA-256 of the `key-provider` payload, or 32 zero bytes
    /// without that event.
    pub fn mr_key_provider(&self) -> Bytes32 {
        self.key_provider
            .as_ref()
            .map_or(Bytes32::zero(), KeyProvider::digest)
    }

    /// dstack's `mr_system`: SHA-256 of MRTD, RTMR0, RTMR1, RTMR2 and `mr_key_provider`.
    ///
    /// Source: dstack, `dstack-attest/src/attestation.rs`.
    pub fn mr_system(&self, launch: &LaunchRegisters) -> Bytes32 {
        let [rtmr0, rtmr1, rtmr2, _] = &self.registers;
        sha256_of(&[
            launch.mrtd.as_slice(),
            rtmr0.as_slice(),
            rtmr1.as_slice(),
            rtmr2.as_slice(),
            self.mr_key_provider().as_slice(),
        ])
    }

    /// dstack's `mr_aggregated`: SHA-256 of MRTD and RTMR0 to RTMR3, followed by MRCONFIGID,
    /// MROWNER and MROWNERCONFIG if any of these three is not zero.
    ///
    /// Source: dstack, `dstack-attest/src/attestation.rs`.
    pub fn mr_aggregated(&self, launch: &LaunchRegisters) -> Bytes32 {
        let [rtmr0, rtmr1, rtmr2, rtmr3] = &self.registers;
        let registers = [&launch.mrtd, rtmr0, rtmr1, rtmr2, rtmr3];
        let config = [
            &launch.mr_config_id,
            &launch.mr_owner,
            &launch.mr_owner_config,
        ];
        let config: &[&Measurement] = if config.iter().all(|value| value.is_zero()) {
            &[]
        } else {
            &config
        };
        let parts: Vec<&[u8]> = registers
            .iter()
            .chain(config)
            .map(|value| value.as_slice())
            .collect();
        sha256_of(&parts)
    }
}

fn sha256_of(parts: &[&[u8]]) -> Bytes32 {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Bytes32::new(hash.finalize().into())
}
