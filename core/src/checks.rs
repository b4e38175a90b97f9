//! The check table: every question a report answers, in the order it answers them.
//!
//! Ids and numbers are frozen: they are written into reports, digests, policies and headers of
//! other languages. A check is never renamed and a number never reused; a retired one leaves a
//! comment. Adding a check raises [`TABLE_VERSION`].

use core::fmt;

/// Version of this table. Part of the verdict digest.
pub const TABLE_VERSION: u32 = 2;

macro_rules! checks {
    ($($variant:ident = $number:literal, $id:literal, $title:literal, $proves:literal, $source:literal;)*) => {
        /// A question about evidence, with a stable text id and a frozen number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        #[non_exhaustive]
        pub enum CheckId {
            $(#[doc = $title] $variant = $number,)*
        }

        impl CheckId {
            /// All checks in report order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text id, such as `quote.signature`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// A short title.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What a pass proves, in plain words.
            pub const fn proves(self) -> &'static str {
                match self { $(Self::$variant => $proves,)* }
            }

            /// Where the rule comes from.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)* }
            }
        }
    };
}

checks! {
    QuoteFormat = 101, "quote.format", "The quote is well formed",
        "Every length in the quote is consistent, nothing is left over inside one, and its version, TEE type, body type, key type and vendor are ones this verifier knows.",
        "Intel TDX DCAP Quoting Library API, appendix A; Intel SGX ECDSA Quote Library API, appendix A";
    QuoteTrailing = 102, "quote.trailing", "Nothing follows the quote but zeros",
        "No unsigned data rides along behind the signed quote. Zero padding is what the guest device adds and is reported.",
        "teeproof; every reference verifier ignores trailing bytes";
    CollateralPresent = 201, "collateral.present", "All endorsements are at hand",
        "TCB info, QE identity, both revocation lists and a PCK certificate chain are there for this platform.",
        "Intel SGX PCCS design guide; Intel PCS API v4";
    CollateralAuthentic = 202, "collateral.authentic", "The endorsements are signed by Intel",
        "Every signature on the endorsements verifies up to the trust anchor, each by the signer profile Intel gives it. Says nothing about time.",
        "Intel SGX PCK Certificate and CRL Profile Specification; Intel PCS API v4";
    CollateralValid = 203, "collateral.valid", "The endorsements are valid at the instant",
        "The instant of the verdict lies in the validity window of every endorsement and of every certificate that signs one.",
        "RFC 5280 sections 4.1.2.5 and 5.1.2; Intel PCS API v4 (issueDate, nextUpdate)";
    CollateralRevocation = 204, "collateral.revocation", "No endorsement signer is revoked",
        "Neither the TCB signing certificate nor the PCK CA that signs the revocation list stands on the root's revocation list.",
        "RFC 5280 section 5";
    CollateralPlatform = 205, "collateral.platform", "The endorsements are for this platform",
        "TCB info is for the TEE, the FMSPC and the PCE id in the platform's PCK certificate, and QE identity is of the right kind.",
        "Intel SGX DCAP Quote Verification Library, QuoteVerifier";
    PckChain = 301, "pck.chain", "The platform key chains to the trust anchor",
        "The PCK certificate was issued by Intel's PCK CA, which was issued by the trust anchor: Intel certified this platform key.",
        "Intel SGX PCK Certificate and CRL Profile Specification";
    PckRoot = 302, "pck.root", "The chain's root is the pinned root",
        "The root certificate inside the chain is byte for byte the trust anchor that was pinned.",
        "teeproof; reference verifiers accept any root in the chain and ignore it";
    PckExtension = 303, "pck.extension", "The PCK certificate names its platform",
        "The SGX extension of the PCK certificate is complete and unambiguous: PPID, TCB, PCE id, FMSPC.",
        "Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5";
    PckValid = 304, "pck.valid", "The PCK certificates are valid at the instant",
        "The instant lies in the validity window of every certificate of the chain, the root included.",
        "RFC 5280 section 4.1.2.5";
    PckRevocation = 305, "pck.revocation", "The platform key is not revoked",
        "Neither the PCK certificate nor its CA stands on the revocation list of its issuer.",
        "RFC 5280 section 5";
    QeSignature = 306, "qe.signature", "The platform key signed the quoting enclave's report",
        "The report of the quoting enclave was made on the platform that the PCK certificate names.",
        "Intel TDX DCAP Quoting Library API, appendix A.4";
    QeBinding = 307, "qe.binding", "The quoting enclave owns the attestation key",
        "The report data of the quoting enclave is the hash of the attestation key and the QE authentication data, followed by zeros.",
        "Intel TDX DCAP Quoting Library API, appendix A.4";
    QuoteSignature = 308, "quote.signature", "The attestation key signed the quote",
        "Header and body of the quote are exactly what the quoting enclave signed.",
        "Intel TDX DCAP Quoting Library API, appendix A.4";
    QeIdentity = 309, "qe.identity", "The quoting enclave is Intel's",
        "Signer, product id, misc select and attributes of the quoting enclave are those of Intel's QE identity, and it is not a debug enclave.",
        "Intel SGX DCAP Quote Verification Library, EnclaveReportVerifier";
    TdxModule = 310, "tdx.module", "The TDX module is one Intel signed",
        "The signer and the attributes of the TDX module in the quote are those of a module identity in the TCB info.",
        "Intel SGX DCAP Quote Verification Library, TdxModuleCheck";
    TcbPlatform = 401, "tcb.platform", "The platform's TCB level is acceptable",
        "Microcode and firmware versions of the platform reach a level in the TCB info whose own status the policy accepts.",
        "Intel TCB evaluation; Intel PCS API v4 (TCB info)";
    TcbModule = 402, "tcb.module", "The TDX module's TCB level is acceptable",
        "The version of the TDX module reaches a level of its module identity whose own status the policy accepts.",
        "Intel TCB evaluation; Intel PCS API v4 (tdxModuleIdentities)";
    TcbQe = 403, "tcb.qe", "The quoting enclave's TCB level is acceptable",
        "The version of the quoting enclave reaches a level of the QE identity whose own status the policy accepts.",
        "Intel TCB evaluation; Intel PCS API v4 (QE identity)";
    TcbCurrent = 404, "tcb.current", "The current TCB level is acceptable",
        "For a TD that outlived a module update: the TCB it runs on now, not only the one it was launched on, has a status the policy accepts.",
        "Intel DCAP Quote Verification Library, TDRelaunchCheck";
    TcbStatus = 405, "tcb.status", "The merged TCB status is acceptable",
        "Intel's convergence of platform, module and quoting enclave gives a status the policy accepts, within its grace period.",
        "Intel DCAP Quote Verification Library, EvaluateTcb";
    TcbAdvisories = 406, "tcb.advisories", "No refused advisory applies",
        "None of the security advisories of the matched levels is one that the policy refuses or does not tolerate.",
        "policy";
    TcbEvaluationNumber = 407, "tcb.evaluation-number", "The endorsements are recent enough",
        "The TCB evaluation data numbers are not below the policy's floor, so an attacker cannot replay older ones.",
        "policy; Intel PCS API v4 (tcbEvaluationDataNumber)";
    CrlNumber = 408, "crl.number", "The revocation lists are recent enough",
        "The CRL numbers are not below the policy's floor.",
        "policy; RFC 5280 section 5.2.3";
    TeeType = 501, "tee.type", "The TEE is of the kind asked for",
        "The evidence is of the TEE type that the policy names.",
        "policy";
    PlatformFmspc = 502, "platform.fmspc", "The platform's model is approved",
        "The FMSPC in the PCK certificate is one that the policy lists.",
        "policy";
    PlatformDevice = 503, "platform.device", "The machine is approved",
        "The PPID in the PCK certificate, or its SHA-256 (dstack's device id), is one that the policy lists.",
        "policy; dstack-attest (device id)";
    PlatformDynamic = 504, "platform.dynamic", "The dynamic-platform flag is as demanded",
        "The PCK certificate says whether packages may be added to the platform, as the policy demands.",
        "policy; Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5";
    PlatformCachedKeys = 505, "platform.cached-keys", "The cached-keys flag is as demanded",
        "The PCK certificate says whether Intel keeps the platform's root keys, as the policy demands.",
        "policy; Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5";
    PlatformSmt = 506, "platform.smt", "The SMT flag is as demanded",
        "The PCK certificate says whether simultaneous multithreading is on, as the policy demands.",
        "policy; Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5";
    TdDebug = 511, "td.debug", "The TD is not under debug",
        "The host cannot read or change the TD's memory through debug or profiling.",
        "Intel TDX Module ABI specification, TD attributes (bits 0, 4-6)";
    TdReserved = 512, "td.reserved", "Reserved TD attributes are zero",
        "No TD attribute is set whose meaning is not defined.",
        "Intel TDX Module ABI specification, TD attributes";
    TdSeptVeDisable = 513, "td.sept-ve-disable", "SEPT_VE_DISABLE is set",
        "The host cannot inject a fault into the TD by taking a private page away.",
        "Intel TDX Module ABI specification, TD attributes (bit 28)";
    TdMigratable = 514, "td.migratable", "The TD cannot be migrated",
        "The TD stays on the platform that was verified.",
        "Intel TDX Module ABI specification, TD attributes (bit 29)";
    TdService = 515, "td.service-td", "No service TD is bound",
        "No other TD, such as a migration TD, has access to this one.",
        "Intel TDX Module ABI specification, MRSERVICETD and SERVTD_EXT (bit 17)";
    TdAttributes = 516, "td.attributes", "TD attributes and XFAM are as demanded",
        "The TD attributes and the extended features mask are among those that the policy lists.",
        "policy";
    SgxDebug = 521, "sgx.debug", "The enclave is not under debug",
        "The host cannot read or change the enclave's memory through the debug instructions.",
        "Intel SGX Developer Reference, ATTRIBUTES.DEBUG";
    OsIdentity = 601, "os.identity", "The operating system is an approved one",
        "MRTD, RTMR1 and RTMR2 together equal one named reference set: firmware, kernel, command line and initrd are the approved ones. Only then do the measured log and MRCONFIGID mean anything, for the guest's own OS writes and enforces them.",
        "dstack attestation-tdx documentation; policy";
    Rtmr3Pinned = 602, "rtmr3.pinned", "RTMR3 has the pinned value",
        "What the OS measured at run time is exactly what the policy names.",
        "policy";
    LogReplay = 611, "log.replay", "The event log replays to the quote's registers",
        "Extending zero with the digests of the log, register by register, gives all four RTMRs of the quote.",
        "TCG PC Client Platform Firmware Profile; dstack cc-eventlog";
    LogDigests = 612, "log.digests", "Runtime event digests are those of their payloads",
        "Every RTMR3 event was hashed again from its name and payload: what the log says is what was measured.",
        "dstack cc-eventlog (V1 and V2 runtime events)";
    LogGrammar = 613, "log.grammar", "The runtime events follow dstack's order",
        "The reserved events of a known dstack generation occur in its order and as often as it allows; nothing poses as one of them.",
        "dstack-util system setup, generations 0.3 to 0.6";
    MrConfig = 614, "mr-config.agreement", "MRCONFIGID agrees with the log",
        "What the host configured (compose hash, app id, key provider) is what the guest measured.",
        "dstack-types mr_config (versions 1 to 3)";
    ComposeBinding = 621, "compose.binding", "The app-compose text is the measured one",
        "SHA-256 of the exact app-compose bytes equals the compose hash in the measured log.",
        "dstack (compose-hash event)";
    ComposeApproved = 622, "compose.approved", "The compose hash is approved",
        "The measured compose hash is one that the policy lists: the app is exactly the app that was approved.",
        "policy";
    AppId = 623, "app.id", "The app id is approved",
        "The measured app id is one that the policy lists. It alone says nothing about code.",
        "policy";
    KeyProvider = 624, "key-provider.approved", "The key provider is approved",
        "The measured key provider, by kind and id, is one that the policy lists.",
        "policy; dstack (key-provider event)";
    ComposeLint = 625, "compose.lint", "The app-compose has no finding that the policy refuses",
        "A lint of the app-compose that was measured found nothing as grave as the policy refuses. It knows the rules it was built with, and no others.",
        "policy; docs/compose-lint.md";
    Freshness = 701, "freshness.challenge", "The evidence answers the challenge",
        "All 64 bytes of report data derive from the caller's challenge by the one rule that the caller named, so the quote was made after the challenge.",
        "RFC 9334 section 10; caller";
    ReportData = 702, "report-data.pinned", "Report data has the pinned value",
        "All 64 bytes of report data are exactly what the policy names.",
        "policy";
    Channel = 711, "channel.binding", "The other end of the connection is the TD",
        "The key that the TLS connection ended with is in the quote's report data: the evidence was not passed on from another machine.",
        "teeproof; RFC 9334 section 7.4";
    Engines = 801, "engines.agreement", "A second engine agrees",
        "dcap-qvl, run on the same bytes, comes to the same refusal or to the same claims, but for a closed list of deliberate differences.",
        "teeproof; decision record 0002";
}

impl CheckId {
    /// The frozen number.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Finds a check by its text id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_ids_are_unique() {
        for pair in CheckId::ALL.windows(2) {
            assert!(
                pair[0].number() < pair[1].number(),
                "{} {}",
                pair[0],
                pair[1]
            );
        }
        for check in CheckId::ALL {
            assert_eq!(CheckId::from_id(check.id()), Some(*check));
        }
    }
}
