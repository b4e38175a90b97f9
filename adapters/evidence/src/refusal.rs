//! Why a request is not answered.

use std::fmt;
use std::time::Duration;

use hyper::StatusCode;

use crate::agent::AgentError;

macro_rules! codes {
    ($($variant:ident, $code:literal, $status:ident, $message:literal;)*) => {
        /// The kinds of refusals. Codes never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RefusalCode {
            $(#[doc = $message] $variant,)*
        }

        impl RefusalCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// A sentence for people. It is one of this table and so tells no secret.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

codes! {
    ChallengeMissing, "challenge-missing", BAD_REQUEST, "The parameter `challenge` is missing: 16 to 64 random bytes in hex.";
    ChallengeRepeated, "challenge-repeated", BAD_REQUEST, "The parameter `challenge` is there more than once.";
    ChallengeNotHex, "challenge-not-hex", BAD_REQUEST, "The challenge is not an even number of hex digits.";
    ChallengeLength, "challenge-length", BAD_REQUEST, "The challenge has not 16 to 64 bytes.";
    NotFound, "not-found", NOT_FOUND, "There is nothing at this path.";
    Method, "method-not-allowed", METHOD_NOT_ALLOWED, "This path does not take this method.";
    Rate, "rate-exceeded", TOO_MANY_REQUESTS, "More challenges than are answered in this time.";
    Busy, "busy", SERVICE_UNAVAILABLE, "As many requests as are answered at once are under way.";
    AgentUnavailable, "agent-unavailable", SERVICE_UNAVAILABLE, "The guest agent cannot be reached.";
    AgentTimeout, "agent-timeout", GATEWAY_TIMEOUT, "The guest agent does not answer in time.";
    AgentRefused, "agent-refused", BAD_GATEWAY, "The guest agent refuses the request.";
    AgentAnswer, "agent-answer", BAD_GATEWAY, "The guest agent's answer cannot be used.";
    NoCompose, "no-compose", NOT_FOUND, "The guest agent does not say what the app-compose is.";
}

/// A request that is not answered, and why.
///
/// What the caller is shown is the code and its sentence. The cause is for the app's own log: it can
/// name paths and addresses of the guest.
#[derive(Debug)]
pub struct Refusal {
    code: RefusalCode,
    retry_after: Option<Duration>,
    cause: Option<AgentError>,
}

impl Refusal {
    pub(crate) const fn for_now(code: RefusalCode, retry_after: Duration) -> Self {
        Self {
            code,
            retry_after: Some(retry_after),
            cause: None,
        }
    }

    /// Which kind of refusal it is.
    pub const fn code(&self) -> RefusalCode {
        self.code
    }

    /// When it is worth while to ask again.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self {
            code,
            retry_after: None,
            cause: None,
        }
    }
}

impl From<AgentError> for Refusal {
    fn from(error: AgentError) -> Self {
        let code = match error {
            AgentError::Unreachable(_) => RefusalCode::AgentUnavailable,
            AgentError::TimedOut => RefusalCode::AgentTimeout,
            AgentError::Status(_) => RefusalCode::AgentRefused,
            AgentError::Protocol(_)
            | AgentError::TooLarge { .. }
            | AgentError::NotUnderstood(_)
            | AgentError::OtherReportData => RefusalCode::AgentAnswer,
        };
        Self {
            code,
            retry_after: None,
            cause: Some(error),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.message())
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
