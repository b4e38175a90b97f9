//! Times dcap-rs on a saved pair: `dcap-rs QUOTE COLLATERAL VERDICTS` prints the microseconds of
//! processor time that one verdict took, the quote's and the collateral's bytes ready.

#![forbid(unsafe_code)]

use std::{env, fs, hint::black_box};

use dcap_rs::types::TcbStatus;
use dcap_rs::types::collaterals::IntelCollateral;
use dcap_rs::types::quotes::version_4::QuoteV4;
use dcap_rs::utils::quotes::version_4::verify_quote_dcapv4;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;

/// The instant of the sample's verdict.
const AT: u64 = 1_751_000_000;

#[derive(Deserialize)]
struct File {
    root_ca_crl: String,
    pck_crl: String,
    tcb_info_issuer_chain: String,
    tcb_info: String,
    tcb_info_signature: String,
    qe_identity: String,
    qe_identity_signature: String,
}

/// The collateral as dcap-rs is given it, in the form in which Intel's service answers.
fn collateral(json: &[u8]) -> IntelCollateral {
    let file: File = serde_json::from_slice(json).expect("a collateral file");
    let bytes = |text: &str| hex::decode(text).expect("hex digits");
    let issuers = pem::parse_many(&file.tcb_info_issuer_chain).expect("certificates");
    let [signer, root] = issuers.as_slice() else {
        panic!("a signer and a root");
    };
    let statement = |name: &str, text: &str, signature: &str| {
        format!("{{\"{name}\":{text},\"signature\":\"{signature}\"}}")
    };
    let info = statement("tcbInfo", &file.tcb_info, &file.tcb_info_signature);
    let identity = statement(
        "enclaveIdentity",
        &file.qe_identity,
        &file.qe_identity_signature,
    );
    let mut collateral = IntelCollateral::new();
    collateral.set_tcbinfo_bytes(info.as_bytes());
    collateral.set_qeidentity_bytes(identity.as_bytes());
    collateral.set_intel_root_ca_der(root.contents());
    collateral.set_sgx_tcb_signing_der(signer.contents());
    collateral.set_sgx_intel_root_ca_crl_der(&bytes(&file.root_ca_crl));
    collateral.set_sgx_platform_crl_der(&bytes(&file.pck_crl));
    collateral
}

fn microseconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e6 + now.tv_nsec as f64 / 1e3
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [quote, file, verdicts] = arguments.as_slice() else {
        panic!("dcap-rs QUOTE COLLATERAL VERDICTS");
    };
    let read = |path: &String| fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (quote, collateral) = (read(quote), collateral(&read(file)));
    let verdicts: u32 = verdicts.parse().expect("a number of verdicts");
    let verify = || {
        let quote = QuoteV4::from_bytes(black_box(&quote));
        let verified = verify_quote_dcapv4(&quote, &collateral, AT);
        assert_eq!(verified.tcb_status, TcbStatus::OK);
    };
    // Once for the caches of the processor.
    verify();
    let start = microseconds();
    (0..verdicts).for_each(|_| verify());
    println!("{:.1} µs", (microseconds() - start) / f64::from(verdicts));
}
