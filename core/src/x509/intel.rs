//! Certificates of Intel's that are known byte for byte. With few exceptions every chain is made of
//! them, below a leaf.

/// Intel SGX Root CA, valid 2018-05-21 to 2049-12-31, as Intel publishes it
/// (certificates.trustedservices.intel.com).
pub(crate) const INTEL_SGX_ROOT_CA: &[u8] = include_bytes!("intel/IntelSgxRootCa.der");

/// Certificates, in DER, that are known to bear a signature of Intel's root: the tests check it. What
/// else stands in them (dates, names, roles), and whether they are revoked, is checked for them as for
/// any other.
pub(crate) const ISSUED_BY_INTEL: [&[u8]; 3] = [
    // Intel SGX PCK Platform CA, 2018-05-21 to 2033-05-21.
    include_bytes!("intel/IntelSgxPckPlatformCa.der"),
    // Intel SGX PCK Processor CA, 2018-05-21 to 2033-05-21.
    include_bytes!("intel/IntelSgxPckProcessorCa.der"),
    // Intel SGX TCB Signing, 2025-05-06 to 2032-05-06.
    include_bytes!("intel/IntelSgxTcbSigning.der"),
];

/// The same certificates in PEM, as Intel writes them, each with its DER. None of them in WebAssembly:
/// to load them takes longer there than to decode them.
const IN_PEM: &[(&str, &[u8])] = if cfg!(target_family = "wasm") {
    &[]
} else {
    let [platform, processor, tcb_signing] = ISSUED_BY_INTEL;
    &[
        (
            include_str!("intel/IntelSgxRootCa.pem").trim_ascii(),
            INTEL_SGX_ROOT_CA,
        ),
        (
            include_str!("intel/IntelSgxPckPlatformCa.pem").trim_ascii(),
            platform,
        ),
        (
            include_str!("intel/IntelSgxPckProcessorCa.pem").trim_ascii(),
            processor,
        ),
        (
            include_str!("intel/IntelSgxTcbSigning.pem").trim_ascii(),
            tcb_signing,
        ),
    ]
};

/// The certificate in DER that a text begins with, if it is one of these and need not be decoded, and
/// what stands behind it.
pub(super) fn known_text(text: &str) -> Option<(&'static [u8], &str)> {
    IN_PEM
        .iter()
        .find_map(|(pem, der)| Some((*der, text.strip_prefix(pem)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::decode_chain;

    #[test]
    fn what_is_known_in_pem_is_what_stands_there() {
        for (pem, der) in IN_PEM {
            let after = alloc::format!("{pem}\n");
            assert_eq!(known_text(&after), Some((*der, "\n")));
            // With other line ends the text is not known, and decoded.
            let decoded = pem.replace('\n', "\r\n");
            assert_eq!(known_text(&decoded), None);
            assert_eq!(decode_chain(decoded.as_bytes(), 1).unwrap(), [*der]);
            assert_eq!(known_text(&pem.replacen('A', "B", 1)), None);
            assert_eq!(known_text(pem.trim_end_matches('-')), None);
        }
    }
}
