//! Every size the core is willing to handle, in one place.
//!
//! Work is bounded before it is started: a field longer than its cap is refused by its length
//! alone, before anything is allocated for it. Each cap is several times what real evidence needs.

/// Bytes of a quote, trailing zeros included. Real quotes are about 5 kB; a quote whose
/// certification data carries a long PEM chain stays under 20 kB.
pub const QUOTE: usize = 128 * 1024;

/// Zero bytes tolerated (and reported) after the declared end of a quote. The guest device hands
/// out quotes in a fixed buffer of 8 kB that is zero padded.
pub const QUOTE_PADDING: usize = 16 * 1024;

/// Bytes of one collateral file (all of its nine or ten fields together).
pub const COLLATERAL: usize = 4 * 1024 * 1024;

/// Collateral files in one bundle or beside one quote.
pub const COLLATERAL_FILES: usize = 256;

/// Bytes of one certificate revocation list in DER.
pub const CRL: usize = 2 * 1024 * 1024;

/// Bytes of one TCB info or QE identity document.
pub const SIGNED_JSON: usize = 1024 * 1024;

/// Bytes of the signature over one TCB info or QE identity document: P-256 needs 64.
pub const SIGNATURE: usize = 128;

/// Bytes of one PEM certificate chain.
pub const PEM_CHAIN: usize = 32 * 1024;

/// Certificates in one PEM chain: leaf, intermediate, root.
pub const CHAIN_CERTIFICATES: usize = 3;

/// TCB levels in one TCB info, module identity or QE identity.
pub const TCB_LEVELS: usize = 256;

/// Advisory ids in one TCB level.
pub const ADVISORIES: usize = 512;

/// Levels of nesting in a JSON document. The JSON parser's own stop is at 128.
pub const JSON_DEPTH: usize = 64;

/// Keys of one JSON object.
pub const JSON_KEYS: usize = 4 * 1024;

/// Keys and values of one JSON document, nested ones included: each takes 16 bytes of memory while the
/// document is read.
pub const JSON_VALUES: usize = 2 * 1024 * 1024;
/// Bytes of an event log as JSON text.
pub const EVENT_LOG: usize = 8 * 1024 * 1024;

/// Events in one log.
pub const EVENTS: usize = 8 * 1024;

/// Bytes of one event's payload after hex decoding.
pub const EVENT_PAYLOAD: usize = 1024 * 1024;

/// Bytes of an event's name.
pub const EVENT_NAME: usize = 256;

/// Bytes of an app-compose document.
pub const APP_COMPOSE: usize = 4 * 1024 * 1024;

/// Bytes of the document behind `MRCONFIGID` version 3. Real ones are under 1 kB.
pub const MR_CONFIG_DOCUMENT: usize = 64 * 1024;

/// Bytes of a `vm_config` document.
pub const VM_CONFIG: usize = 1024 * 1024;

/// Bytes of one bundle, or of one input file of any kind.
pub const BUNDLE: usize = 32 * 1024 * 1024;

/// Instances in one answer of a cloud, and parts in one directory.
pub const INSTANCES: usize = 1024;

/// Bytes of one name or value that an instance says of itself, and of a label.
pub const SELF_REPORTED: usize = 16 * 1024;

/// Bytes of a dstack versioned attestation, the cap that dstack itself sets.
pub const DSTACK_ATTESTATION: usize = 10 * 1024 * 1024;

/// Bytes of the name of a rule that derives report data from a challenge.
pub const RULE_NAME: usize = 64;

/// Bytes of a policy file.
pub const POLICY: usize = 1024 * 1024;

/// Entries in any one list of a policy.
pub const POLICY_ENTRIES: usize = 64 * 1024;

/// Bytes of a key provider's id. The longest is a public key in DER, under 100 bytes.
pub const KEY_PROVIDER_ID: usize = 1024;

/// Bytes of a challenge before derivation.
pub const CHALLENGE: usize = 1024;

/// Characters of untrusted text that a message or a report value repeats.
pub const QUOTED_TEXT: usize = 120;
