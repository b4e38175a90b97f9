//! On sound evidence no entry of the table explains anything, whatever a defective core might say.

use teeproof_core::{CollateralParts, CollateralSet, Examination, Instant, Reason, TrustAnchor};
use teeproof_crypto_ring::RingVerifier;
use teeproof_forge::{Issued, Scenario};

use crate::context::{Context, Open};
use crate::engine::Answer;
use crate::remedies::{Trial, inputs};
use crate::table::{Mechanism, ROWS};

const PARTS: [Option<&str>; 12] = [
    None,
    Some("pck_crl_issuer_chain"),
    Some("tcb_info_issuer_chain"),
    Some("qe_identity_issuer_chain"),
    Some("root_ca_crl"),
    Some("pck_crl"),
    Some("tcb_info"),
    Some("tcb_info_signature"),
    Some("qe_identity"),
    Some("qe_identity_signature"),
    Some("pck_crl_issuer"),
    Some("root_ca"),
];

fn examine(issued: &Issued) -> (CollateralParts, Examination) {
    let file = issued.collateral_json.as_deref().unwrap();
    let parts = CollateralParts::from_json(file.as_bytes()).unwrap();
    let mut set = CollateralSet::new(TrustAnchor::from_der(&issued.root_der).unwrap());
    set.add(&parts, &RingVerifier).unwrap();
    let at = Instant::from_unix(issued.at).unwrap();
    let examination = Examination::of(&issued.quote, &set, at, &RingVerifier);
    (parts, examination)
}

fn scenarios() -> Vec<Scenario> {
    let mut with_chain = Scenario::tdx_v5_td15ex();
    with_chain.chain_in_collateral = true;
    vec![
        Scenario::sgx_v3(),
        Scenario::tdx_v4(),
        Scenario::tdx_v5_td10(),
        Scenario::tdx_v5_td15(),
        with_chain,
    ]
}

#[test]
fn no_condition_holds_on_sound_evidence() {
    for issued in scenarios().iter().map(Scenario::issue) {
        let (parts, examination) = examine(&issued);
        let context = Context::new(&issued.quote, &parts, &examination);
        let Answer::Accepts(theirs) = inputs(&context).run() else {
            panic!("sound evidence")
        };
        for row in ROWS {
            let Mechanism::Condition(holds) = row.mechanism else {
                continue;
            };
            for reason in Reason::ALL {
                for part in PARTS {
                    let open = Open {
                        reason: *reason,
                        part,
                        theirs: &theirs,
                    };
                    let id = row.difference.id;
                    assert!(!holds(&context, &open), "{id}: {reason:?} {part:?}");
                }
            }
        }
    }
}

#[test]
fn no_remedy_has_anything_to_take_away_from_sound_evidence() {
    for issued in scenarios().iter().map(Scenario::issue) {
        let (parts, examination) = examine(&issued);
        let context = Context::new(&issued.quote, &parts, &examination);
        for row in ROWS {
            let Mechanism::Remedy(take_away) = row.mechanism else {
                continue;
            };
            let mut trial = Trial::new(&context);
            assert!(!take_away(&context, &mut trial), "{}", row.difference.id);
        }
    }
}
