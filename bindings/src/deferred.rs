//! An answer whose signatures are checked elsewhere and later, as by a browser's WebCrypto.

use std::cell::RefCell;
use std::fmt;

use teeproof_core::{AnsweredSignatures, SignatureAnswer, SignatureTriple, SignatureVerifier};

/// Performs an operation with the backend that it is given; each time on the same bytes.
type Run = Box<dyn Fn(&dyn SignatureVerifier) -> String>;

/// An operation that was performed, before anybody checked its signatures.
///
/// It ran on the supposition that each signature is valid, and what it came to is held in here. If
/// every signature that it asked about is then found to be valid, the supposition was true, and what
/// is held is the answer. If a single one is not, or nobody checked it, what is held is dropped and the
/// operation performed again with what is known. Nothing else gives it away.
pub struct Deferred {
    supposed: String,
    triples: Vec<SignatureTriple>,
    run: Run,
}

impl Deferred {
    pub(crate) fn of(run: impl Fn(&dyn SignatureVerifier) -> String + 'static) -> Self {
        let recorder = Recorder::default();
        Self {
            supposed: run(&recorder),
            triples: recorder.0.into_inner(),
            run: Box::new(run),
        }
    }

    /// Every signature that has to be checked, once.
    pub fn signatures(&self) -> &[SignatureTriple] {
        &self.triples
    }

    /// The operation's answer. `valid` says of each of [`Deferred::signatures`], in their order,
    /// whether it is valid; `None` where nobody checked. Those are checked by `backend`, and so is
    /// what is asked only because another was not valid.
    pub fn answer(self, valid: &[Option<bool>], backend: &dyn SignatureVerifier) -> String {
        let each = || valid.iter().copied().chain(std::iter::repeat(None));
        let every = self.triples.len();
        if each().take(every).all(|answer| answer == Some(true)) {
            return self.supposed;
        }
        drop(self.supposed);
        let answers = self.triples.into_iter().zip(each());
        let answers = answers.filter_map(|(triple, valid)| Some((triple, valid?)));
        let answered = AnsweredSignatures::new(answers);
        (self.run)(&Answered { answered, backend })
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred")
            .field("triples", &self.triples)
            .finish_non_exhaustive()
    }
}

/// Writes down every triple, once, and supposes it to be valid.
#[derive(Default)]
struct Recorder(RefCell<Vec<SignatureTriple>>);

impl SignatureVerifier for Recorder {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        let mut triples = self.0.borrow_mut();
        let triple = SignatureTriple {
            key: *key,
            message: message.to_vec(),
            signature: *signature,
        };
        if !triples.contains(&triple) {
            triples.push(triple);
        }
        SignatureAnswer::Valid
    }
}

/// The answers there are, and for all else a backend.
struct Answered<'a> {
    answered: AnsweredSignatures,
    backend: &'a dyn SignatureVerifier,
}

impl SignatureVerifier for Answered<'_> {
    fn verify(&self, key: &[u8; 64], message: &[u8], signature: &[u8; 64]) -> SignatureAnswer {
        match self.answered.verify(key, message, signature) {
            SignatureAnswer::Unanswered => self.backend.verify(key, message, signature),
            answer => answer,
        }
    }
}
