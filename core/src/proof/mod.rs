//! Is it genuine? The engine that makes a [`VerifiedQuote`] out of a quote and collateral.
//!
//! Every step is a check of its own and every check that can be made is made: a wrong signature does
//! not hide a wrong revocation list. No opinion of a policy enters here. Steps and their sources
//! stand in the check table.

mod certified;
mod chain;
mod edges;
mod platform;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::anchor::TrustAnchor;
use crate::bytes::{Bytes, Bytes32, Fmspc};
use crate::collateral::{AuthenticCollateral, CollateralError, CollateralSet, Need, Selection};
use crate::finding::{Finding, Findings, Outcome};
use crate::quote::{Body, Quote, QuoteError, Tee, Trailing};
use crate::signature::SignatureVerifier;
use crate::tcb::TcbEvaluation;
use crate::time::{Instant, Window};
use crate::x509::{PckCa, PckFlags, PckTcb};
use crate::{CheckId, Reason, Value};
use certified::Certified;
use chain::Nothing;
pub use chain::{PckChain, PckChains};

/// The checks that every quote must pass to be verified; a TDX quote [`CheckId::TdxModule`] too. What
/// a policy thinks of it comes later.
const PROOF: [CheckId; 17] = [
    CheckId::QuoteFormat,
    CheckId::QuoteTrailing,
    CheckId::CollateralPresent,
    CheckId::CollateralAuthentic,
    CheckId::CollateralValid,
    CheckId::CollateralRevocation,
    CheckId::CollateralPlatform,
    CheckId::PckChain,
    CheckId::PckRoot,
    CheckId::PckExtension,
    CheckId::PckValid,
    CheckId::PckRevocation,
    CheckId::QeSignature,
    CheckId::QeBinding,
    CheckId::QuoteSignature,
    CheckId::QeIdentity,
    CheckId::TcbPlatform,
];

/// What a check of the proof rests on: the first of these that has not passed is why it was skipped.
pub(crate) const fn prerequisites(check: CheckId) -> &'static [CheckId] {
    match check {
        CheckId::QuoteFormat => &[],
        CheckId::CollateralAuthentic => &[CheckId::QuoteFormat, CheckId::CollateralPresent],
        CheckId::CollateralValid | CheckId::CollateralRevocation | CheckId::CollateralPlatform => {
            &[
                CheckId::QuoteFormat,
                CheckId::CollateralPresent,
                CheckId::CollateralAuthentic,
            ]
        }
        CheckId::PckRoot | CheckId::PckExtension | CheckId::PckValid | CheckId::QeSignature => {
            &[CheckId::QuoteFormat, CheckId::PckChain]
        }
        CheckId::PckRevocation => &[
            CheckId::QuoteFormat,
            CheckId::PckChain,
            CheckId::CollateralPresent,
            CheckId::CollateralAuthentic,
        ],
        CheckId::TcbEvaluationNumber | CheckId::CrlNumber => &[
            CheckId::QuoteFormat,
            CheckId::PckChain,
            CheckId::PckExtension,
            CheckId::CollateralPresent,
            CheckId::CollateralAuthentic,
        ],
        CheckId::QeIdentity
        | CheckId::TdxModule
        | CheckId::TcbPlatform
        | CheckId::TcbModule
        | CheckId::TcbQe
        | CheckId::TcbCurrent
        | CheckId::TcbStatus
        | CheckId::TcbAdvisories => &[
            CheckId::QuoteFormat,
            CheckId::CollateralPresent,
            CheckId::CollateralAuthentic,
            CheckId::CollateralValid,
            CheckId::CollateralRevocation,
            CheckId::CollateralPlatform,
            CheckId::TdxModule,
            CheckId::TcbPlatform,
            CheckId::TcbModule,
            CheckId::TcbQe,
            CheckId::TcbCurrent,
        ],
        _ => &[CheckId::QuoteFormat],
    }
}

/// What has to pass before the report in the quote is more than a claim: the signatures from the
/// trust anchor down to its bytes.
pub(crate) const SIGNED_BODY: [CheckId; 7] = [
    CheckId::QuoteFormat,
    CheckId::QuoteTrailing,
    CheckId::PckChain,
    CheckId::PckRoot,
    CheckId::QeSignature,
    CheckId::QeBinding,
    CheckId::QuoteSignature,
];

/// A quote that Intel's certified key signed, on a platform whose TCB is known: every check of the
/// proof has passed for one instant. Only [`Examination::of`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedQuote {
    quote: Arc<Quote>,
    platform: Platform,
    tcb: TcbEvaluation,
    collateral: AuthenticCollateral,
    window: Window,
    at: Instant,
}

/// Which platform made a quote, by its PCK certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Platform provisioning id.
    pub ppid: Bytes<16>,
    /// SHA-256 of the PPID: what dstack calls the device id.
    pub device_id: Bytes32,
    /// Family, model, stepping, platform and SKU.
    pub fmspc: Fmspc,
    /// Id of the provisioning certification enclave.
    pub pce_id: Bytes<2>,
    /// Which CA certified it.
    pub ca: PckCa,
    /// The TCB the certificate was issued for.
    pub tcb: PckTcb,
    /// Configuration flags.
    pub flags: PckFlags,
    /// Window common to the certificates of the chain.
    pub window: Window,
}

impl VerifiedQuote {
    /// The report, proven.
    pub fn body(&self) -> &Body {
        self.quote.claimed_body()
    }

    /// The quote, for its bytes.
    pub fn quote(&self) -> &Quote {
        &self.quote
    }

    /// The platform.
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Its TCB.
    pub const fn tcb(&self) -> &TcbEvaluation {
        &self.tcb
    }

    /// `tcbEvaluationDataNumber` of TCB info and of QE identity.
    pub fn evaluation_numbers(&self) -> (u32, u32) {
        self.collateral.evaluation_numbers()
    }

    /// CRL numbers of the root's and of the PCK CA's list.
    pub fn crl_numbers(&self) -> (u64, u64) {
        self.collateral.crl_numbers()
    }

    /// The intersection of all windows of collateral and PCK chain: with the same collateral, the
    /// proof holds for any instant inside.
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The collateral it rests on.
    pub const fn collateral(&self) -> &AuthenticCollateral {
        &self.collateral
    }

    /// The instant it was verified for.
    pub const fn at(&self) -> Instant {
        self.at
    }
}

/// All that was found about a quote: every check of the proof, and the proof itself when all passed.
#[derive(Debug, Clone)]
pub struct Examination {
    pub(crate) findings: Findings,
    /// The bytes that were examined.
    pub(crate) quote_bytes: Vec<u8>,
    pub(crate) quote: Result<Arc<Quote>, QuoteError>,
    pub(crate) verified: Option<VerifiedQuote>,
    pub(crate) tcb: Option<TcbEvaluation>,
    pub(crate) platform: Option<Platform>,
    pub(crate) needs: Vec<Need>,
    pub(crate) collateral: Option<AuthenticCollateral>,
    pub(crate) anchor: TrustAnchor,
    pub(crate) at: Instant,
}

impl Examination {
    /// Examines a quote for an instant.
    pub fn of(
        quote: &[u8],
        collateral: &CollateralSet,
        at: Instant,
        signatures: &dyn SignatureVerifier,
    ) -> Self {
        Self::remembering(quote, collateral, at, signatures, &Nothing)
    }

    /// As [`Examination::of`], with a memory of PCK chains that the caller keeps. The outcome is the
    /// same; only the work differs.
    pub fn remembering(
        quote: &[u8],
        collateral: &CollateralSet,
        at: Instant,
        signatures: &dyn SignatureVerifier,
        chains: &dyn PckChains,
    ) -> Self {
        let mut examination = Self {
            findings: Findings::default(),
            quote_bytes: quote.to_vec(),
            quote: Quote::parse(quote).map(Arc::new),
            verified: None,
            tcb: None,
            platform: None,
            needs: Vec::new(),
            collateral: None,
            anchor: collateral.anchor().clone(),
            at,
        };
        match examination.quote.clone() {
            Err(error) => examination.record(
                CheckId::QuoteFormat,
                Finding::failed(error.reason())
                    .found(error.found())
                    .expected(error.expected()),
            ),
            Ok(quote) => {
                examination.record(
                    CheckId::QuoteFormat,
                    Finding::passed().found(Value::Fields(Vec::from([
                        ("version", Value::Number(quote.version().into())),
                        ("tee", Value::text(quote.tee())),
                        ("bytes", Value::count(quote.length())),
                    ]))),
                );
                examination.trailing(quote.trailing());
                examination.prove(&quote, collateral, signatures, chains);
            }
        }
        examination
    }

    /// The proof, when every check of it passed.
    pub const fn verified(&self) -> Option<&VerifiedQuote> {
        self.verified.as_ref()
    }

    /// What became of a check of the proof; `None` when it was never reached.
    pub fn finding(&self, check: CheckId) -> Option<&Finding> {
        self.findings.get(check)
    }

    /// Whether the proof was refused because something is wrong, not because something is missing.
    pub fn refused(&self) -> bool {
        self.findings.any(Outcome::Failed)
    }

    /// The quote as parsed: claims.
    pub fn claimed_quote(&self) -> Option<&Quote> {
        self.quote.as_deref().ok()
    }

    /// What the collateral set lacks for this quote.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The instant.
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// The trust anchor that the collateral set was made with.
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// The bytes that were examined, whatever follows the quote included.
    pub fn quote_bytes(&self) -> &[u8] {
        &self.quote_bytes
    }

    /// The TCB, where all its levels were found, even if another check refused the quote.
    pub const fn tcb(&self) -> Option<&TcbEvaluation> {
        self.tcb.as_ref()
    }

    /// The platform, as the PCK certificate of a chain to the trust anchor names it.
    pub const fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// The collateral that was used.
    pub const fn collateral(&self) -> Option<&AuthenticCollateral> {
        self.collateral.as_ref()
    }

    fn record(&mut self, check: CheckId, finding: Finding) {
        self.findings.record(check, finding);
    }

    /// Records a failure that was found after the proof: it is none any more.
    pub(crate) fn refuse(&mut self, check: CheckId, failure: Finding) {
        self.record(check, failure);
        self.verified = None;
    }

    fn trailing(&mut self, trailing: Trailing) {
        let finding = match trailing {
            Trailing::Zeros(count) => Finding::passed().found(Value::count(count)),
            Trailing::TooManyZeros(count) => Finding::failed(Reason::TrailingTooLong)
                .found(Value::count(count))
                .expected(Value::count(crate::limits::QUOTE_PADDING)),
            Trailing::Data { offset } => Finding::failed(Reason::TrailingData)
                .found(Value::Fields(Vec::from([("offset", Value::count(offset))])))
                .expected(Value::from("zeros")),
        };
        self.record(CheckId::QuoteTrailing, finding);
    }

    fn prove(
        &mut self,
        quote: &Arc<Quote>,
        set: &CollateralSet,
        signatures: &dyn SignatureVerifier,
        chains: &dyn PckChains,
    ) {
        let findings = &mut self.findings;
        let certified = Certified::examine(quote, set, self.at, signatures, chains, findings);
        self.platform.clone_from(&certified.platform);
        let Some(collateral) = self.select(quote, &certified, set) else {
            return;
        };
        self.collateral = Some(collateral.clone());
        self.collateral_at_instant(collateral);
        platform::examine(quote, &certified, collateral, self);
        let module_missing = quote.tee() == Tee::Tdx && !self.findings.passed(CheckId::TdxModule);
        if module_missing
            || self.findings.first_not_passed(&PROOF).is_some()
            || !self.findings.all_passed()
        {
            return;
        }
        if let (Some(platform), Some(tcb)) = (certified.platform, self.tcb.clone()) {
            self.verified = Some(VerifiedQuote {
                quote: Arc::clone(quote),
                window: collateral.window().intersect(&platform.window),
                collateral: collateral.clone(),
                platform,
                tcb,
                at: self.at,
            });
        }
    }

    /// Finds the collateral for the platform, or records what is missing.
    fn select<'a>(
        &mut self,
        quote: &Quote,
        certified: &Certified,
        set: &'a CollateralSet,
    ) -> Option<&'a AuthenticCollateral> {
        let Some((fmspc, ca)) = certified.claimed_platform else {
            let finding = match (set.refused().first(), Need::pck_certificate(quote)) {
                (Some(error), _) => return self.collateral_refused(error),
                (None, Some(need)) => {
                    self.needs.push(need);
                    Finding::skipped(Reason::CollateralMissing)
                        .found(Value::list(["pck-certificate"]))
                }
                (None, None) => Finding::depends_on(CheckId::PckExtension),
            };
            self.record(CheckId::CollateralPresent, finding);
            return None;
        };
        match set.select(quote.tee(), fmspc, ca, self.at) {
            Selection::Found(collateral) => {
                self.record(CheckId::CollateralPresent, Finding::passed());
                // Its digest is found with the report: a proof alone has no use for it.
                self.record(CheckId::CollateralAuthentic, Finding::passed());
                Some(collateral)
            }
            Selection::Refused(error) => self.collateral_refused(error),
            Selection::Missing => {
                self.needs = set.missing(quote.tee(), fmspc, ca);
                let kinds = Value::list(self.needs.iter().map(Need::kind));
                self.record(
                    CheckId::CollateralPresent,
                    Finding::skipped(Reason::CollateralMissing).found(kinds),
                );
                None
            }
        }
    }

    fn collateral_refused<'a>(
        &mut self,
        error: &CollateralError,
    ) -> Option<&'a AuthenticCollateral> {
        self.record(CheckId::CollateralPresent, Finding::passed());
        self.record(
            CheckId::CollateralAuthentic,
            Finding::refused(error.reason())
                .found(error.found())
                .expected(error.expected().cloned()),
        );
        None
    }

    fn collateral_at_instant(&mut self, collateral: &AuthenticCollateral) {
        let window = collateral.window();
        let valid = self
            .verdict_on(&collateral.outside_windows(self.at))
            .unwrap_or_else(|| {
                Finding::passed().found(Value::Fields(Vec::from([
                    ("notBefore", Value::text(window.not_before)),
                    ("notAfter", Value::text(window.not_after)),
                ])))
            });
        self.record(CheckId::CollateralValid, valid);
        let revocation = self
            .verdict_on(&collateral.revoked_signers())
            .unwrap_or_else(Finding::passed);
        self.record(CheckId::CollateralRevocation, revocation);
    }

    fn verdict_on(&self, errors: &[CollateralError]) -> Option<Finding> {
        let first = errors.first()?;
        Some(
            Finding::refused(first.reason())
                .found(Value::List(
                    errors.iter().map(CollateralError::found).collect(),
                ))
                .expected(Value::List(
                    errors
                        .iter()
                        .filter_map(|error| error.expected().cloned())
                        .collect(),
                )),
        )
    }
}
