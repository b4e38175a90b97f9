//! Takes the cause of a difference away, so that dcap-qvl says what it thinks of the rest.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use teeproof_core::CollateralParts;

use crate::certificates::{Chain, extension, has_long_number};
use crate::claims::Claims;
use crate::context::Context;
use crate::engine::{self, Answer, Inputs};
use crate::extension::{SGX, components, entries};

/// A run of dcap-qvl that is being put together.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    quote: Vec<u8>,
    tcb_info: Json,
    qe_identity: Json,
    without_pck_chain: bool,
    /// The SGX extension as it is, and as dcap-qvl is shown it.
    extension: Option<(Vec<u8>, Vec<u8>)>,
    /// What was hashed, where dcap-qvl is shown something else.
    hashed: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether the short form of the claims will do.
    pub(crate) briefly: bool,
}

impl Trial {
    /// Everything as it came.
    pub(crate) fn new(context: &Context<'_>) -> Self {
        Self {
            quote: context.quote.to_vec(),
            tcb_info: context.tcb_info().clone(),
            qe_identity: context.qe_identity().clone(),
            without_pck_chain: false,
            extension: None,
            hashed: None,
            briefly: false,
        }
    }

    /// Whether dcap-qvl is shown what was submitted, if not all of it.
    pub(crate) fn is_unchanged(&self, context: &Context<'_>) -> bool {
        self.quote == context.quote
            && self.tcb_info == *context.tcb_info()
            && self.qe_identity == *context.qe_identity()
            && self.extension.is_none()
    }

    /// Runs dcap-qvl on it.
    pub(crate) fn run(self, context: &Context<'_>) -> Answer {
        let mut inputs = inputs(context);
        if let Some(layout) = &context.layout
            && self.quote != context.quote
        {
            let signed = |quote: &[u8]| quote.get(..layout.signed_end).map(<[u8]>::to_vec);
            inputs
                .amendments
                .messages
                .extend(signed(&self.quote).zip(signed(context.quote)));
            inputs.quote = Cow::Owned(self.quote);
        }
        inputs.amendments.messages.extend(self.hashed);
        let mut show =
            |shown: Json, original: &Json, part: fn(&mut CollateralParts) -> &mut String| {
                if shown != *original {
                    let shown = shown.to_string();
                    let signed = std::mem::replace(part(inputs.parts.to_mut()), shown.clone());
                    inputs
                        .amendments
                        .messages
                        .push((shown.into_bytes(), signed.into_bytes()));
                }
            };
        show(self.tcb_info, context.tcb_info(), |parts| {
            &mut parts.tcb_info
        });
        show(self.qe_identity, context.qe_identity(), |parts| {
            &mut parts.qe_identity
        });
        if self.without_pck_chain {
            inputs.parts.to_mut().pck_certificate_chain = None;
        }
        let restored = self.extension.is_some();
        inputs.amendments.extensions.extend(self.extension);
        let mut answer = inputs.run();
        if let Answer::Accepts(claims) | Answer::AcceptsBriefly(claims) = &mut answer {
            restore(context, claims, restored);
        }
        answer
    }
}

/// What dcap-qvl is given when nothing is taken away.
pub(crate) fn inputs<'a>(context: &Context<'a>) -> Inputs<'a> {
    Inputs {
        quote: Cow::Borrowed(context.quote),
        parts: Cow::Borrowed(context.parts),
        root: context.root,
        at: context.at.unix(),
        amendments: crate::amend::Amendments::default(),
    }
}

/// Where dcap-qvl was shown other bytes, its reading of the original ones is what counts.
fn restore(context: &Context<'_>, claims: &mut Claims, cpu_svn: bool) {
    claims.extend(engine::parsed_report(context.quote).unwrap_or_default());
    let original = cpu_svn
        .then(|| engine::parsed_cpu_svn(context.pck_chain_text()?))
        .flatten();
    claims.extend(original.map(|value| ("platform.cpuSvn", value)));
}

const RESERVED: u64 = 0x3fff_ffff_0780_ff8e;
const SERVTD_EXT: u64 = 1 << 17;
const SEPT_VE_DISABLE: u64 = 1 << 28;
const MIGRATABLE: u64 = 1 << 29;
const TD10: [u8; 2] = [2, 0];

/// Rewrites TDATTRIBUTES. False where that changes nothing.
fn rewrite_attributes(
    context: &Context<'_>,
    trial: &mut Trial,
    rewrite: impl FnOnce(u64) -> u64,
) -> bool {
    let bytes = context
        .layout
        .as_ref()
        .and_then(|layout| trial.quote.get_mut(layout.td_attributes.clone()?))
        .and_then(|bytes| bytes.first_chunk_mut::<8>());
    let Some(bytes) = bytes else {
        return false;
    };
    let before = u64::from_le_bytes(*bytes);
    let after = rewrite(before);
    *bytes = after.to_le_bytes();
    before != after
}

pub(crate) fn sept_ve_disable(context: &Context<'_>, trial: &mut Trial) -> bool {
    rewrite_attributes(context, trial, |bits| bits | SEPT_VE_DISABLE)
}

pub(crate) fn reserved(context: &Context<'_>, trial: &mut Trial) -> bool {
    rewrite_attributes(context, trial, |bits| bits & !RESERVED)
}

pub(crate) fn migratable(context: &Context<'_>, trial: &mut Trial) -> bool {
    rewrite_attributes(context, trial, |bits| bits & !MIGRATABLE)
}

pub(crate) fn service_td_in_td10(context: &Context<'_>, trial: &mut Trial) -> bool {
    let is_td10 = match context.quote.first_chunk() {
        Some([4, 0]) => true,
        Some([5, 0]) => context.quote.get(48..50) == Some(&TD10),
        _ => false,
    };
    is_td10 && rewrite_attributes(context, trial, |bits| bits & !SERVTD_EXT)
}

/// Shows 32 zero bytes, hashed as what is there.
pub(crate) fn qe_auth_data_length(context: &Context<'_>, trial: &mut Trial) -> bool {
    const SHOWN: [u8; 32] = [0; 32];
    let Some(layout) = &context.layout else {
        return false;
    };
    let auth_data = layout.qe_auth_data.clone();
    if auth_data.len() == SHOWN.len() {
        return false;
    }
    let key = layout
        .signed_end
        .checked_add(68)
        .and_then(|start| context.quote.get(start..start.checked_add(64)?));
    let (Some(key), Some(original)) = (key, context.quote.get(auth_data.clone())) else {
        return false;
    };
    trial.hashed = Some(([key, &SHOWN].concat(), [key, original].concat()));
    // The prefixes stand before the data, so their offsets hold.
    for (width, at) in &layout.lengths {
        let prefix = at
            .checked_add(*width)
            .and_then(|end| trial.quote.get_mut(*at..end));
        let Some(prefix) = prefix else {
            return false;
        };
        let mut number = [0; 8];
        for (to, from) in number.iter_mut().zip(&*prefix) {
            *to = *from;
        }
        let longer = u64::from_le_bytes(number).saturating_add(32);
        let fitted = longer.saturating_sub(u64::try_from(auth_data.len()).unwrap_or(u64::MAX));
        for (to, from) in prefix.iter_mut().zip(fitted.to_le_bytes()) {
            *to = from;
        }
    }
    trial.quote.splice(auth_data, SHOWN);
    true
}

/// Writes version 2 as version 3: an id, and the components as a list.
pub(crate) fn tcb_info_version_2(context: &Context<'_>, trial: &mut Trial) -> bool {
    if context.tcb_info().get("version") != Some(&json!(2)) {
        return false;
    }
    let Some(document) = trial.tcb_info.as_object_mut() else {
        return false;
    };
    document.insert("version".to_owned(), json!(3));
    document.insert("id".to_owned(), json!("SGX"));
    let levels = document.get_mut("tcbLevels").and_then(Json::as_array_mut);
    for level in levels.into_iter().flatten() {
        let Some(tcb) = level.get_mut("tcb").and_then(Json::as_object_mut) else {
            return false;
        };
        let components: Vec<Json> = (1..=16)
            .map(|number| tcb.remove(&format!("sgxtcbcomp{number:02}svn")))
            .map(|svn| json!({ "svn": svn }))
            .collect();
        tcb.insert("sgxtcbcomponents".to_owned(), Json::Array(components));
    }
    true
}

/// Leaves the collateral's PCK chain out, where the quote carries another one.
pub(crate) fn pck_chain_of_collateral(context: &Context<'_>, trial: &mut Trial) -> bool {
    let (Some(own), Some(other)) = (context.own_chain(), &context.parts.pck_certificate_chain)
    else {
        return false;
    };
    trial.without_pck_chain = true;
    Chain::read(own) != Chain::read(other.as_bytes())
}

/// Sorts levels by ISVSVN, highest first. False where they are.
fn sort_levels(identity: Option<&mut Json>) -> bool {
    let levels = identity
        .and_then(|identity| identity.get_mut("tcbLevels"))
        .and_then(Json::as_array_mut);
    let Some(levels) = levels else {
        return false;
    };
    let isv_svn = |level: &Json| {
        let tcb = level.get("tcb")?;
        tcb.get("isvsvn")?.as_u64()
    };
    let sorted = levels.is_sorted_by_key(|level| std::cmp::Reverse(isv_svn(level)));
    levels.sort_by_key(|level| std::cmp::Reverse(isv_svn(level)));
    !sorted
}

pub(crate) fn qe_level_order(_: &Context<'_>, trial: &mut Trial) -> bool {
    sort_levels(Some(&mut trial.qe_identity))
}

pub(crate) fn module_level_order(_: &Context<'_>, trial: &mut Trial) -> bool {
    let modules = trial
        .tcb_info
        .get_mut("tdxModuleIdentities")
        .and_then(Json::as_array_mut);
    let mut any = false;
    for module in modules.into_iter().flatten() {
        any |= sort_levels(Some(module));
    }
    any
}

/// Shows the component SVNs in the place of CPUSVN.
pub(crate) fn svn_components(context: &Context<'_>, trial: &mut Trial) -> bool {
    let leaf = context.pck_chain().certificates.into_iter().next();
    trial.extension = leaf.and_then(|leaf| {
        let value = extension(&leaf, SGX)?;
        let shown = with_components(&value)?;
        (value != shown).then_some((value, shown))
    });
    trial.extension.is_some()
}

/// The OID of CPUSVN, then the head of an OCTET STRING of 16 bytes.
const CPU_SVN: [u8; 15] = [
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, 0x02, 0x12, 0x04, 0x10,
];

fn with_components(extension: &[u8]) -> Option<Vec<u8>> {
    let components = components(&entries(extension)?)?;
    let at = extension
        .windows(CPU_SVN.len())
        .position(|window| window == CPU_SVN)?
        .checked_add(CPU_SVN.len())?;
    let mut shown = extension.to_vec();
    let cpu_svn = shown.get_mut(at..)?.first_chunk_mut()?;
    *cpu_svn = components;
    Some(shown)
}

/// There is nothing to take away: what dcap-qvl can state is compared.
pub(crate) fn crl_number_width(context: &Context<'_>, trial: &mut Trial) -> bool {
    let parts = context.parts;
    trial.briefly = has_long_number(&parts.root_ca_crl) || has_long_number(&parts.pck_crl);
    trial.briefly
}
