//! How the reference of an image changed.

use super::kind::ChangeKind;
use crate::services::has_variable;

/// A reference to an image, taken apart.
struct Reference<'a> {
    repository: &'a str,
    /// The digest, if it alone decides what runs.
    digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn of(image: &'a str) -> Self {
        let (name, digest) = match image.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (image, None),
        };
        // The port of a registry has a colon, too.
        let repository = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => repository,
            _ => name,
        };
        let pins = |digest: &&str| {
            !has_variable(image)
                && digest.strip_prefix("sha256:").is_some_and(|hex| {
                    hex.len() == 64 && hex.bytes().all(|one| one.is_ascii_hexdigit())
                })
        };
        Self {
            repository,
            digest: digest.filter(pins),
        }
    }
}

/// What kind of change it is from one reference to another, which differ.
pub(super) fn moved(old: &str, new: &str) -> ChangeKind {
    // Behind a variable may be any repository.
    let known = !has_variable(old) && !has_variable(new);
    let (old, new) = (Reference::of(old), Reference::of(new));
    if known && old.repository != new.repository {
        return ChangeKind::ImageRepository;
    }
    match (old.digest, new.digest) {
        (Some(_), None) => ChangeKind::ImageUnpinned,
        (None, Some(_)) => ChangeKind::ImagePinned,
        (None, None) => ChangeKind::ImageTag,
        (Some(one), Some(two)) if one == two => ChangeKind::ImageLabel,
        (Some(_), Some(_)) => ChangeKind::ImageDigest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_the_code_decides_the_kind() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let at = |name: &str, digest: &str| format!("{name}@sha256:{digest}");
        for (old, new, kind) in [
            (at("a", &one), at("a", &two), ChangeKind::ImageDigest),
            (at("a:1", &one), at("a:2", &one), ChangeKind::ImageLabel),
            (at("a:1", &one), at("a:2", &two), ChangeKind::ImageDigest),
            ("a:1".into(), at("a:1", &one), ChangeKind::ImagePinned),
            (at("a", &one), "a:1".into(), ChangeKind::ImageUnpinned),
            (at("a", &one), "b:1".into(), ChangeKind::ImageRepository),
            (at("a", &one), "${A}".into(), ChangeKind::ImageUnpinned),
            (at("a", &one), at("${A}", &one), ChangeKind::ImageUnpinned),
            (
                at("a", &one),
                "a@sha256:1".into(),
                ChangeKind::ImageUnpinned,
            ),
            ("a:1".into(), "a:2".into(), ChangeKind::ImageTag),
            ("a".into(), "a:${V}".into(), ChangeKind::ImageTag),
            (at("a", &one), at("b", &one), ChangeKind::ImageRepository),
            (
                "r:5000/a".into(),
                "r:5001/a".into(),
                ChangeKind::ImageRepository,
            ),
            ("a:1".into(), at("b", &one), ChangeKind::ImageRepository),
        ] {
            assert_eq!(moved(&old, &new), kind, "{old} {new}");
            assert_eq!(moved(&new, &old), kind.mirrored(), "{new} {old}");
        }
    }
}
