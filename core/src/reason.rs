//! Why a check failed or was skipped: a stable code, one sentence, one next step.
//!
//! There is no catch-all. A new way to fail is a new reason; where that feels wrong, a check is
//! missing a name. Values (what was found, what was expected) live in the check, not here.

use core::fmt;

/// What kind of refusal a reason is. It decides between `rejected` by evidence, `rejected` by
/// policy and `inconclusive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonKind {
    /// The evidence or an endorsement is wrong: no policy can accept it.
    Evidence,
    /// The evidence is sound and the policy does not accept it.
    Policy,
    /// The check could not be made. Such a reason only ever stands beside `skipped`.
    Unevaluated,
}

macro_rules! reasons {
    ($($kind:ident { $($variant:ident, $code:literal, $sentence:literal, $next:literal;)* })*) => {
        /// Why a check failed or was skipped.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $sentence] $variant,)*)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The stable code, such as `signature-invalid`.
            pub const fn code(self) -> &'static str {
                match self { $($(Self::$variant => $code,)*)* }
            }

            /// What kind of refusal it is.
            pub const fn kind(self) -> ReasonKind {
                match self { $($(Self::$variant => ReasonKind::$kind,)*)* }
            }

            /// What to do next.
            pub const fn next_step(self) -> &'static str {
                match self { $($(Self::$variant => $next,)*)* }
            }

            /// Why, in plain words.
            pub const fn sentence(self) -> &'static str {
                match self { $($(Self::$variant => $sentence,)*)* }
            }
        }
    };
}

reasons! {
    Evidence {
        QuoteTooLarge, "quote-too-large", "the quote is larger than any real quote", "check that the file is a quote and not an archive of several";
        QuoteTruncated, "quote-truncated", "the quote ends before a length it declares", "capture the quote again and keep all of its bytes";
        QuoteVersionUnsupported, "quote-version-unsupported", "the quote version is not 3, 4 or 5", "ask for a quote of version 4 or 5 from the platform";
        QuoteTeeUnsupported, "quote-tee-unsupported", "the TEE type does not fit the quote version", "use SGX with version 3 and TDX with versions 4 and 5";
        QuoteKeyTypeUnsupported, "quote-key-type-unsupported", "the attestation key is not ECDSA with P-256", "ask the quoting enclave for an ECDSA P-256 quote";
        QuoteVendorUnknown, "quote-vendor-unknown", "the quoting enclave's vendor is not Intel", "only quotes of Intel's quoting enclaves can be verified";
        QuoteBodyType, "quote-body-type", "the body type of a version 5 quote is not a TD report", "ask for a quote with a TD 1.0, 1.5 or 1.5-extended body";
        QuoteBodySize, "quote-body-size", "the declared body size is not the size of the body type", "treat the quote as forged or damaged and capture a new one";
        QuoteCertificationType, "quote-certification-type", "the certification data are not of a type this verifier can use", "ask for a quote with a PCK chain (type 5) or supply the chain for types 2 and 3";
        QuoteInnerLength, "quote-inner-length", "data are left over inside a declared length", "treat the quote as forged or damaged and capture a new one";
        TrailingData, "trailing-data", "bytes other than zero follow the quote", "cut the file at the quote's declared end and ask who added the rest";
        TrailingTooLong, "trailing-too-long", "more zero padding follows the quote than any device adds", "cut the file at the quote's declared end";
        SignatureInvalid, "signature-invalid", "a signature does not verify", "treat what was signed as forged or damaged and capture it again";
        CertificateMalformed, "certificate-malformed", "a certificate cannot be read", "fetch the certificate chain again";
        CertificateProfile, "certificate-profile", "a certificate does not have the form Intel gives that role", "use the chain that Intel's service returns for this platform";
        ChainLength, "chain-length", "the certificate chain does not have the length its role has", "use leaf, PCK CA and root for a PCK, signer and root for collateral";
        ChainIssuer, "chain-issuer", "a certificate was not issued by the next one of its chain", "use the chain in the order leaf, issuer, root";
        RootMismatch, "root-mismatch", "the root in the chain is not the pinned trust anchor", "if this is a test setup, name its root with --root; otherwise treat the evidence as not Intel's";
        PckExtensionMalformed, "pck-extension-malformed", "the SGX extension of the PCK certificate is incomplete or ambiguous", "fetch the PCK certificate again from Intel's service";
        CrlMalformed, "crl-malformed", "a revocation list cannot be read", "fetch the revocation lists again";
        CrlProfile, "crl-profile", "a revocation list does not have the form Intel gives it", "fetch the revocation lists again from Intel's service or a PCCS";
        CrlIssuer, "crl-issuer", "a revocation list is not by the CA it is used for", "fetch the list for the CA (processor or platform) that issued the PCK certificate";
        CollateralMalformed, "collateral-malformed", "an endorsement document cannot be read", "fetch the collateral again and keep its bytes unchanged";
        CollateralVersion, "collateral-version", "an endorsement document has a version or id this verifier does not know", "fetch TCB info version 3 and QE identity version 2 from PCS API v4";
        CertificateRevoked, "certificate-revoked", "a certificate is revoked", "take the platform out of service and ask its owner for a new PCK certificate";
        CertificateNotYetValid, "certificate-not-yet-valid", "a certificate is not valid yet at the instant", "judge at an instant inside the certificate's window";
        CertificateExpired, "certificate-expired", "a certificate has expired at the instant", "judge at an instant inside the certificate's window, or get a new certificate";
        PckCertificateMismatch, "pck-certificate-mismatch", "the PCK certificate supplied is for another TCB than the quote asks", "request the PCK certificate with the CPUSVN and PCESVN in the quote";
        QeBindingMismatch, "qe-binding-mismatch", "the quoting enclave did not vouch for this attestation key", "treat the quote as forged";
        QeReportDataTail, "qe-report-data-tail", "the second half of the quoting enclave's report data is not zero", "treat the quote as forged";
        QeIdentityMismatch, "qe-identity-mismatch", "the quoting enclave is not the one in Intel's QE identity", "check that the QE identity is for the right TEE; otherwise treat the quote as forged";
        QeDebug, "qe-debug", "the quoting enclave is a debug enclave", "treat the quote as forged";
        FmspcMismatch, "fmspc-mismatch", "the TCB info is for another platform model", "fetch TCB info for the FMSPC of the PCK certificate";
        PceIdMismatch, "pce-id-mismatch", "the TCB info is for another PCE id", "fetch TCB info for the platform of the PCK certificate";
        TeeMismatch, "tee-mismatch", "an endorsement is for the other kind of TEE", "fetch TDX collateral for TDX quotes and SGX collateral for SGX quotes";
        ModuleUnknown, "module-unknown", "the TCB info knows no TDX module of this version", "fetch newer TCB info; if it still does not know the module, treat the platform as not Intel's";
        ModuleMismatch, "module-mismatch", "signer or attributes of the TDX module are not those Intel published", "treat the platform as not running Intel's TDX module";
        TcbUnsupported, "tcb-unsupported", "no TCB level fits the platform's versions", "update the platform, or fetch TCB info for its FMSPC";
        TcbStatusUnknown, "tcb-status-unknown", "a matched TCB level has a status that may not stand there", "fetch the collateral again";
        TcbRevoked, "tcb-revoked", "the TCB level is revoked", "update the platform; no policy can accept a revoked TCB";
        LogMalformed, "log-malformed", "the event log cannot be read", "capture the event log again from the guest agent";
        LogReplayMismatch, "log-replay-mismatch", "the event log does not replay to the quote's register", "capture quote and event log together, from the same instance and boot";
        LogDigestMismatch, "log-digest-mismatch", "an event's digest is not that of its payload", "treat the event log as forged";
        LogPreimageMismatch, "log-preimage-mismatch", "an event's preimage is not the canonical one of its payload", "treat the event log as forged";
        LogEventName, "log-event-name", "an event name may not stand in a runtime event", "treat the event log as forged: dstack's names hold no colon and no control characters";
        LogEventForeign, "log-event-foreign", "a reserved event stands in another register or under another type", "treat the event log as forged";
        LogEventDuplicate, "log-event-duplicate", "a reserved event occurs more often than dstack writes it", "treat the event log as forged";
        LogEventOrder, "log-event-order", "the reserved events are in no order that dstack writes", "treat the event log as forged, or update the verifier for a newer dstack";
        LogEventLate, "log-event-late", "a reserved event follows the end of the boot", "treat the event as the app's own and the log as forged";
        LogEventMissing, "log-event-missing", "a reserved event is missing", "capture the whole event log from the guest agent";
        LogEventPayload, "log-event-payload", "a reserved event's payload does not have the form dstack gives it", "treat the event log as forged";
        MrConfigMismatch, "mr-config-mismatch", "MRCONFIGID does not agree with the measured log", "treat the instance as misconfigured by its host";
        MrConfigVersion, "mr-config-version", "MRCONFIGID has a version or padding this verifier does not know", "update the verifier for a newer dstack";
        MrConfigDocument, "mr-config-document", "the MRCONFIGID document cannot be read or is not the hashed one", "supply the exact document that the host configured";
        ComposeTooLarge, "compose-too-large", "the compose text is larger than any real one", "check that the file is an app-compose.json and not an archive";
        ComposeMismatch, "compose-mismatch", "the app-compose text is not the measured one", "supply the exact bytes of app-compose.json; formatting and key order count";
    }
    Policy {
        StatusNotAccepted, "status-not-accepted", "the policy does not accept this TCB status", "update the platform, or accept the status in the policy with a grace in days";
        GraceExpired, "grace-expired", "the grace for this TCB status has run out", "update the platform; the report shows which component is short and by how much";
        AdvisoryRefused, "advisory-refused", "an advisory applies that the policy refuses", "update the platform to a level without the advisory";
        AdvisoryNotTolerated, "advisory-not-tolerated", "an advisory applies that the policy does not tolerate", "read the advisory, then update the platform or tolerate it by name";
        EvaluationNumberLow, "evaluation-number-low", "the collateral is older than the policy's floor", "fetch current collateral";
        CollateralReceded, "collateral-receded", "the endorsements are older than some that were seen before", "fetch current collateral, and ask whoever served this why it is not";
        CrlNumberLow, "crl-number-low", "a revocation list is older than the policy's floor", "fetch current revocation lists";
        TeeNotAccepted, "tee-not-accepted", "the policy does not accept this kind of TEE", "name the TEE in the policy, or bring evidence of the right kind";
        NotListed, "not-listed", "the value is not one that the policy lists", "if the value is right, add it to the policy; otherwise refuse the instance";
        FlagRefused, "flag-refused", "the PCK certificate's flag is not as the policy demands", "change the platform's configuration or the policy";
        FlagUndefined, "flag-undefined", "the PCK certificate does not state the flag that the policy demands", "only platform-CA certificates state it: drop the demand or refuse the platform";
        DebugEnabled, "debug-enabled", "debug is on: the host can read all memory", "run the workload without debug";
        ReservedAttributes, "reserved-attributes", "reserved TD attributes are set", "update the verifier if a newer TDX module defines them; otherwise refuse";
        SeptVeEnabled, "sept-ve-enabled", "SEPT_VE_DISABLE is not set", "launch the TD with SEPT_VE_DISABLE";
        Migratable, "migratable", "the TD can be migrated", "launch the TD without the MIGRATABLE attribute";
        ServiceTdBound, "service-td-bound", "a service TD is bound to this TD", "launch the TD without a service TD";
        OsNotListed, "os-not-listed", "the operating system is in no reference set of the policy", "if the image is right, add its MRTD, RTMR1 and RTMR2 as a named set; the report shows the nearest set";
        ChannelUnbound, "channel-unbound", "nothing ties the other end of the connection to the TD: another machine could have passed the evidence on", "serve the evidence over TLS that ends inside the TD, with its key in the report data, or do not demand `channel = \"bound\"`";
        LintFindings, "lint-findings", "the app-compose has findings that the policy refuses", "read them with `teeproof compose lint`, mend the app-compose and approve the new hash";
        ChallengeMismatch, "challenge-mismatch", "report data is not derived from the challenge", "capture a new quote for this challenge, and check the derivation rule";
    }
    Unevaluated {
        Dependency, "dependency", "a check that this one rests on did not pass", "mend the check named as found first";
        CollateralMissing, "collateral-missing", "endorsements are missing", "supply the listed collateral with --collateral or in the bundle";
        PckChainMissing, "pck-chain-missing", "the quote carries no PCK chain and none was supplied", "fetch the PCK certificate for this platform and supply it with the collateral";
        CollateralNotYetValid, "collateral-not-yet-valid", "an endorsement is not valid yet at the instant", "judge at an instant inside the window, or supply collateral of that day";
        CollateralLapsed, "collateral-lapsed", "an endorsement is no longer valid at the instant", "fetch current collateral, or judge at an instant inside its window with --at";
        LogMissing, "log-missing", "there is no event log", "capture the event log together with the quote";
        ComposeMissing, "compose-missing", "there is no app-compose text", "supply the exact app-compose bytes";
        LintMissing, "lint-missing", "no lint was run on the app-compose", "use a build that has the lint, and supply the exact app-compose bytes";
        LintOfAnother, "lint-of-another", "the lint was run on another app-compose than the measured one", "run the lint on the app-compose whose hash was measured";
        DocumentMissing, "document-missing", "the document behind MRCONFIGID is missing", "supply the exact document with the evidence";
        NotMeasured, "not-measured", "the measured log holds no such event", "refuse the instance, or drop the demand from the policy";
        OsNotEstablished, "os-not-established", "the operating system is not identified, so the log and MRCONFIGID are only its own word", "name the OS in the policy with an [[os]] set";
        NotApplicable, "not-applicable", "this TEE has no such thing", "drop the demand from the policy for this kind of TEE";
        ChannelUnseen, "channel-unseen", "the evidence was saved, so nobody saw whom the connection ended with", "capture the evidence from the instance, or do not demand `channel = \"bound\"`";
        ChallengeMissing, "challenge-missing", "the policy demands freshness and no challenge was given", "pass the challenge and its derivation rule";
        SignatureUnanswered, "signature-unanswered", "nobody checked a signature", "use a signature backend, or answer every collected signature";
        ChallengeUnusable, "challenge-unusable", "the challenge does not have a length that its derivation rule takes", "pass a challenge of the rule's length, or name the rule that the workload uses";
        EngineConflict, "engine-conflict", "the two engines disagree", "report this with the evidence: one of the two has a defect";
        EngineAbsent, "engine-absent", "the second engine could not run on this evidence", "use a build with the second engine";
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
