//! The version of a dstack OS image.

use std::fmt;
use std::str::FromStr;

/// The version of a dstack OS image: three numbers, each at most 65,535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageVersion {
    major: u16,
    minor: u16,
    patch: u16,
}

impl ImageVersion {
    /// A version from its three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for ImageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A text that is no version of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageVersionError;

impl fmt::Display for ImageVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the version of an image: write it as 0.5.6, or as the image is named, dstack-0.5.6")
    }
}

impl std::error::Error for ImageVersionError {}

impl FromStr for ImageVersion {
    type Err = ImageVersionError;

    /// Reads `0.5.6`, with a `v` before it, or the name of an image: `dstack-0.5.6`,
    /// `dstack-nvidia-dev-0.5.4.1`. What follows the third number is not compared.
    fn from_str(text: &str) -> Result<Self, ImageVersionError> {
        let start = text
            .rsplit('-')
            .find(|part| part.contains('.'))
            .ok_or(ImageVersionError)?;
        let start = start.strip_prefix('v').unwrap_or(start);
        let mut numbers = start.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        });
        let mut next = || numbers.next().flatten().ok_or(ImageVersionError);
        let version = Self::new(next()?, next()?, next()?);
        if numbers.all(|number: Option<u16>| number.is_some()) {
            Ok(version)
        } else {
            Err(ImageVersionError)
        }
    }
}

/// A dstack OS image, as far as its name says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OsImage {
    /// Its version.
    pub version: ImageVersion,
    /// Whether it is a development image, which its operator can log in to.
    pub dev: bool,
}

impl fmt::Display for OsImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dev = if self.dev { "dev-" } else { "" };
        write!(f, "dstack-{dev}{}", self.version)
    }
}

impl FromStr for OsImage {
    type Err = ImageVersionError;

    /// Reads what [`ImageVersion`] reads; a part `dev` of the name says that it is a development
    /// image.
    fn from_str(text: &str) -> Result<Self, ImageVersionError> {
        Ok(Self {
            version: text.parse()?,
            dev: text.split(['-', '_']).any(|part| part == "dev"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_image_says_whether_it_is_for_development() {
        for (text, dev) in [
            ("dstack-nvidia-dev-0.5.6.1", true),
            ("dstack-dev-0.5.6", true),
            ("dstack-0.5.6", false),
            ("0.5.6", false),
        ] {
            assert_eq!(text.parse::<OsImage>().unwrap().dev, dev, "{text}");
        }
        assert!("dstack-dev".parse::<OsImage>().is_err());
    }

    #[test]
    fn versions_are_read_from_numbers_and_from_names_of_images() {
        for text in [
            "0.5.6",
            "v0.5.6",
            "dstack-0.5.6",
            "dstack-nvidia-dev-0.5.6.1",
        ] {
            assert_eq!(text.parse(), Ok(ImageVersion::new(0, 5, 6)), "{text}");
        }
        assert!(ImageVersion::new(0, 5, 10) > ImageVersion::new(0, 5, 9));
        for wrong in [
            "",
            "0.5",
            "0.5.x",
            "dstack",
            "0.5.70000",
            "0.5.6.",
            "0.5.+6",
        ] {
            assert_eq!(
                wrong.parse::<ImageVersion>(),
                Err(ImageVersionError),
                "{wrong}"
            );
        }
    }
}
