//! Intel's words for the state of a TCB.

use core::fmt;
use core::str::FromStr;

macro_rules! statuses {
    ($($variant:ident, $doc:literal;)*) => {
        /// The status of a TCB level, of one component or of Intel's convergence of all of them.
        /// Spelled as Intel spells it, in text and in JSON.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TcbStatus {
            $(#[doc = $doc] $variant,)*
        }

        impl TcbStatus {
            /// All nine words.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Intel's spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }
    };
}

statuses! {
    UpToDate, "Patched and configured as Intel advises.";
    SWHardeningNeeded, "Patched; the software inside has to be hardened against a known attack.";
    ConfigurationNeeded, "Patched; the platform's configuration needs a change.";
    ConfigurationAndSWHardeningNeeded, "Patched; configuration and software both need a change.";
    OutOfDate, "Not patched.";
    OutOfDateConfigurationNeeded, "Not patched, and the configuration needs a change.";
    Revoked, "The TCB is revoked: nothing it signs can be believed.";
    TDRelaunchAdvised, "The platform was patched underneath a running TD: only a relaunch makes its whole life up to date.";
    TDRelaunchAdvisedConfigurationNeeded, "As `TDRelaunchAdvised`, and the configuration needs a change.";
}

impl TcbStatus {
    /// Whether the status says that something is, or was at launch, not patched. A policy that
    /// accepts such a status has to say for how long.
    pub const fn needs_grace(self) -> bool {
        matches!(
            self,
            Self::OutOfDate
                | Self::OutOfDateConfigurationNeeded
                | Self::TDRelaunchAdvised
                | Self::TDRelaunchAdvisedConfigurationNeeded
        )
    }

    /// Whether a platform level of a TCB info may have the status. The two relaunch words are
    /// results of an evaluation and stand in no signed document.
    pub const fn in_tcb_info(self) -> bool {
        !matches!(
            self,
            Self::TDRelaunchAdvised | Self::TDRelaunchAdvisedConfigurationNeeded
        )
    }

    /// Whether a level of a TDX module identity may have the status.
    pub const fn in_module_identity(self) -> bool {
        matches!(self, Self::UpToDate | Self::OutOfDate | Self::Revoked)
    }

    /// Whether a level of a QE identity may have the status.
    pub const fn in_qe_identity(self) -> bool {
        matches!(
            self,
            Self::UpToDate
                | Self::OutOfDate
                | Self::ConfigurationNeeded
                | Self::OutOfDateConfigurationNeeded
                | Self::Revoked
        )
    }
}

impl fmt::Display for TcbStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is none of Intel's nine words, letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcbStatusError;

impl fmt::Display for TcbStatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a TCB status in Intel's spelling")
    }
}

impl core::error::Error for TcbStatusError {}

impl FromStr for TcbStatus {
    type Err = TcbStatusError;

    fn from_str(text: &str) -> Result<Self, TcbStatusError> {
        Self::ALL
            .iter()
            .copied()
            .find(|status| status.as_str() == text)
            .ok_or(TcbStatusError)
    }
}

impl serde::Serialize for TcbStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for TcbStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = TcbStatus;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a TCB status in Intel's spelling")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TcbStatus, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn each_word_is_read_as_it_is_written() {
        assert_eq!(TcbStatus::ALL.len(), 9);
        for status in TcbStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            let json = format!("\"{status}\"");
            assert_eq!(serde_json::to_string(status).unwrap(), json);
            assert_eq!(serde_json::from_str::<TcbStatus>(&json).unwrap(), *status);
        }
    }

    #[test]
    fn another_spelling_is_no_status() {
        for wrong in [
            "",
            "uptodate",
            "UpToDate ",
            "SwHardeningNeeded",
            "TdRelaunchAdvised",
            "OutOfDateConfigNeeded",
        ] {
            assert_eq!(wrong.parse::<TcbStatus>(), Err(TcbStatusError), "{wrong}");
            let json = format!("\"{wrong}\"");
            assert!(serde_json::from_str::<TcbStatus>(&json).is_err(), "{wrong}");
        }
        assert!(serde_json::from_str::<TcbStatus>("0").is_err());
    }

    #[test]
    fn relaunch_words_stand_in_no_signed_document() {
        for status in TcbStatus::ALL {
            let relaunch = status.as_str().starts_with("TDRelaunch");
            assert_eq!(status.in_tcb_info(), !relaunch);
            assert!(!relaunch || !status.in_module_identity() && !status.in_qe_identity());
        }
    }
}
