//! What a caller may keep between verdicts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use teeproof_core::{
    AuthenticCollateral, Bytes32, CollateralParts, Examination, HighWater, PckChain, PckChains,
    SignatureAnswer, SignatureVerifier,
};

/// Bytes that [`Memory::default`] keeps at most: some thousand platforms and their collateral.
const DEFAULT_LIMIT: usize = 32 * 1024 * 1024;

/// Bytes that an entry takes beside what it holds, about.
const OVERHEAD: usize = 128;

/// Facts about exact bytes that no instant changes, kept from one verdict to the next: that a
/// signature above the quote is valid, how a PCK chain reads, that collateral is authentic under a
/// trust anchor. Whatever depends on the instant or on the policy — windows, revocation, QE identity,
/// TCB, approval — is judged for every verdict anew, so a verdict with a memory is the verdict
/// without (but for [`Memory::refusing_older`]).
///
/// Everything is found by the very bytes it is about. A signature that is not valid is not kept, and
/// neither is one on a quote itself. What was not used for longest is forgotten first when more than
/// the limit is held. Threads may share one; dropping it forgets everything.
#[derive(Debug)]
pub struct Memory {
    limit: usize,
    kept: RwLock<Kept>,
    clock: AtomicU64,
    high_water: Option<Mutex<HighWater>>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: usize,
    /// By the signature: two triples of one signature are one entry, the newer.
    signatures: BTreeMap<[u8; 64], Slot<Signed>>,
    chains: BTreeMap<Vec<u8>, Slot<Arc<PckChain>>>,
    /// By the trust anchor's digest and the signature of the TCB info.
    collateral: BTreeMap<(Bytes32, Vec<u8>), Slot<AuthenticCollateral>>,
}

/// What a verdict asks of a memory. A build that makes no [`Memory`] carries none of it.
pub(crate) trait Recall: PckChains {
    /// A backend that asks `backend` for what is not remembered.
    fn over<'a>(&'a self, backend: &'a dyn SignatureVerifier) -> Box<dyn SignatureVerifier + 'a>;

    /// The collateral, if exactly these parts were authenticated under this anchor.
    fn collateral(&self, anchor: &Bytes32, parts: &CollateralParts) -> Option<AuthenticCollateral>;

    fn keep_collateral(&self, authentic: &AuthenticCollateral);

    /// Refuses what is older than something seen, if that was asked for.
    fn hold(&self, examination: &mut Examination);
}

/// What a valid signature is over, and by which key.
#[derive(Debug)]
struct Signed {
    key: [u8; 64],
    message: Vec<u8>,
}

#[derive(Debug)]
struct Slot<T> {
    value: T,
    size: usize,
    used: AtomicU64,
}

impl Default for Memory {
    fn default() -> Self {
        Self::of_bytes(DEFAULT_LIMIT)
    }
}

impl Memory {
    /// A memory of at most so many bytes, its own overhead included, about.
    pub const fn of_bytes(limit: usize) -> Self {
        Self {
            limit,
            kept: RwLock::new(Kept::new()),
            clock: AtomicU64::new(0),
            high_water: None,
        }
    }

    /// The same memory, which from now on also refuses endorsements that are older than some it has
    /// seen; see [`HighWater`]. A verdict then does depend on those before.
    #[must_use]
    pub fn refusing_older(self, seen: HighWater) -> Self {
        Self {
            high_water: Some(Mutex::new(seen)),
            ..self
        }
    }

    /// What was seen, if it was asked to refuse what is older.
    pub fn high_water(&self) -> Option<HighWater> {
        self.high_water
            .as_ref()
            .map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Bytes held now, about.
    pub fn bytes(&self) -> usize {
        self.read().bytes
    }

    /// A backend that asks `backend` for what is not remembered.
    pub fn backend<'a>(
        &'a self,
        backend: &'a dyn SignatureVerifier,
    ) -> impl SignatureVerifier + 'a {
        Remembering {
            memory: self,
            backend,
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Kept> {
        // Nothing here panics while it holds the lock, and an entry is whole or absent.
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn touch<T>(&self, slot: &Slot<T>) {
        slot.used.store(self.now(), Ordering::Relaxed);
    }

    fn slot<T>(&self, value: T, size: usize) -> Slot<T> {
        Slot {
            value,
            size,
            used: AtomicU64::new(self.now()),
        }
    }

    /// Inserts by `insert`, which says how large what it replaced was.
    fn insert(&self, size: usize, insert: impl FnOnce(&mut Kept) -> Option<usize>) {
        if size > self.limit {
            return;
        }
        let mut kept = self.write();
        let replaced = insert(&mut kept).unwrap_or(0);
        kept.bytes = kept.bytes.saturating_add(size).saturating_sub(replaced);
        if kept.bytes > self.limit {
            kept.forget_down_to(self.limit);
        }
    }
}

impl Kept {
    const fn new() -> Self {
        Self {
            bytes: 0,
            signatures: BTreeMap::new(),
            chains: BTreeMap::new(),
            collateral: BTreeMap::new(),
        }
    }

    /// Forgets what was not used for longest, and a quarter more than is needed: so the work of
    /// finding it is done once for many entries.
    fn forget_down_to(&mut self, limit: usize) {
        fn uses<K, T>(map: &BTreeMap<K, Slot<T>>) -> impl Iterator<Item = (u64, usize)> {
            map.values()
                .map(|slot| (slot.used.load(Ordering::Relaxed), slot.size))
        }
        fn forget<K: Ord, T>(map: &mut BTreeMap<K, Slot<T>>, until: u64) {
            map.retain(|_, slot| slot.used.load(Ordering::Relaxed) > until);
        }
        let target = limit.saturating_sub(limit >> 2);
        let mut all: Vec<_> = uses(&self.signatures)
            .chain(uses(&self.chains))
            .chain(uses(&self.collateral))
            .collect();
        all.sort_unstable();
        let mut bytes = self.bytes;
        let mut until = None;
        for (used, size) in all {
            if bytes <= target {
                break;
            }
            bytes = bytes.saturating_sub(size);
            until = Some(used);
        }
        if let Some(until) = until {
            forget(&mut self.signatures, until);
            forget(&mut self.chains, until);
            forget(&mut self.collateral, until);
            self.bytes = bytes;
        }
    }
}

impl Recall for Memory {
    fn over<'a>(&'a self, backend: &'a dyn SignatureVerifier) -> Box<dyn SignatureVerifier + 'a> {
        Box::new(self.backend(backend))
    }

    fn collateral(&self, anchor: &Bytes32, parts: &CollateralParts) -> Option<AuthenticCollateral> {
        let kept = self.read();
        // The pair must be owned to be looked up: 64 bytes are copied.
        let slot = kept
            .collateral
            .get(&(*anchor, parts.tcb_info_signature.clone()))?;
        if slot.value.parts() != parts {
            return None;
        }
        self.touch(slot);
        Some(slot.value.clone())
    }

    fn keep_collateral(&self, authentic: &AuthenticCollateral) {
        let parts = authentic.parts();
        let texts = [
            &parts.pck_crl_issuer_chain,
            &parts.tcb_info_issuer_chain,
            &parts.tcb_info,
            &parts.qe_identity_issuer_chain,
            &parts.qe_identity,
        ];
        // Lists are held twice, once as given and once parsed; the statements are text and values.
        let size = texts
            .iter()
            .map(|text| text.len().saturating_mul(2))
            .chain([&parts.root_ca_crl, &parts.pck_crl].map(|list| list.len().saturating_mul(4)))
            .chain(parts.pck_certificate_chain.as_ref().map(String::len))
            .fold(OVERHEAD, usize::saturating_add);
        let key = (
            *authentic.anchor().digest(),
            parts.tcb_info_signature.clone(),
        );
        let slot = self.slot(authentic.clone().with_digest(), size);
        self.insert(size, |kept| {
            kept.collateral.insert(key, slot).map(|old| old.size)
        });
    }

    fn hold(&self, examination: &mut Examination) {
        if let Some(seen) = &self.high_water {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.hold(examination);
        }
    }
}

impl PckChains for Memory {
    fn recall(&self, pem: &[u8]) -> Option<Arc<PckChain>> {
        let kept = self.read();
        let slot = kept.chains.get(pem)?;
        self.touch(slot);
        Some(Arc::clone(&slot.value))
    }

    fn keep(&self, chain: &Arc<PckChain>) {
        let pem = chain.pem().to_vec();
        let size = chain
            .size()
            .saturating_add(pem.len())
            .saturating_add(OVERHEAD);
        let slot = self.slot(Arc::clone(chain), size);
        self.insert(size, |kept| {
            kept.chains.insert(pem, slot).map(|old| old.size)
        });
    }
}

struct Remembering<'a> {
    memory: &'a Memory,
    backend: &'a dyn SignatureVerifier,
}

impl SignatureVerifier for Remembering<'_> {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        self.backend.verify(key, message, signature)
    }

    fn verify_endorsement(
        &self,
        key: &[u8; 64],
        message: &[u8],
        signature: &[u8; 64],
    ) -> SignatureAnswer {
        if let Some(slot) = self.memory.read().signatures.get(signature)
            && slot.value.key == *key
            && slot.value.message == message
        {
            self.memory.touch(slot);
            return SignatureAnswer::Valid;
        }
        let answer = self.backend.verify_endorsement(key, message, signature);
        if answer == SignatureAnswer::Valid {
            let size = message
                .len()
                .saturating_add(key.len())
                .saturating_add(signature.len())
                .saturating_add(OVERHEAD);
            let slot = self.memory.slot(
                Signed {
                    key: *key,
                    message: message.to_vec(),
                },
                size,
            );
            self.memory.insert(size, |kept| {
                kept.signatures.insert(*signature, slot).map(|old| old.size)
            });
        }
        answer
    }
}
