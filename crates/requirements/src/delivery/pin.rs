//! Whether a reference names bytes, or a name that may be given to others.

use crate::prose;

/// How firm a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    /// It names the bytes.
    Firm,
    /// It names a version that may be given to other bytes, or none.
    None,
    /// It is filled in later on.
    LaterOn,
}

/// How firm the reference of an image is.
pub(super) fn image_pin(image: &str) -> Pin {
    let digest = image.rsplit_once("@sha256:").map(|(_, digest)| digest);
    if digest.is_some_and(|digest| is_hex(digest, 64)) {
        Pin::Firm
    } else if image.contains(['$', '{', '<', '%']) || prose::is_placeholder(image) {
        Pin::LaterOn
    } else {
        Pin::None
    }
}

/// Whether what is called asks to be called by the tag of a version, and fails by a commit: it holds
/// the tag against what it builds.
pub(super) fn is_by_tag(uses: &str) -> bool {
    let Some((path, version)) = uses.split_once('@') else { return false };
    let number = version.strip_prefix('v').and_then(|rest| rest.split('-').next());
    let is_whole = number.is_some_and(|number| {
        let is_digits = |part: &str| part.parse::<u32>().is_ok();
        number.split('.').count() == 3 && number.split('.').all(is_digits)
    });
    is_whole && path.starts_with("slsa-framework/slsa-github-generator/")
}

/// How firm the reference of an action or of a called workflow is.
pub(super) fn action_pin(uses: &str) -> Pin {
    if let Some(image) = uses.strip_prefix("docker://") {
        return image_pin(image);
    }
    let version = uses.rsplit_once('@').map_or("", |(_, version)| version);
    if is_hex(version, 40) || is_hex(version, 64) { Pin::Firm } else { Pin::None }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_digest_or_commit_is_firm() {
        let digest = "a".repeat(64);
        assert_eq!(image_pin(&format!("redis:7@sha256:{digest}")), Pin::Firm);
        assert_eq!(image_pin("redis@sha256:abc"), Pin::None);
        assert_eq!(image_pin("redis:7"), Pin::None);
        assert_eq!(image_pin("shop/api:${TAG}"), Pin::LaterOn);
        assert_eq!(image_pin("placeholder"), Pin::LaterOn);
        assert_eq!(action_pin(&format!("actions/checkout@{}", "0".repeat(40))), Pin::Firm);
        assert_eq!(action_pin("actions/checkout@v4"), Pin::None);
        assert_eq!(action_pin("actions/checkout@0a1b2c3"), Pin::None);
    }

    #[test]
    fn the_generator_of_provenance_is_called_by_the_tag_of_a_version() {
        let generator = "slsa-framework/slsa-github-generator/.github/workflows/builder.yml";
        assert!(is_by_tag(&format!("{generator}@v2.1.0")));
        assert!(is_by_tag(&format!("{generator}@v2.1.0-rc.1")));
        assert!(!is_by_tag(&format!("{generator}@v2")));
        assert!(!is_by_tag(&format!("{generator}@main")));
        assert!(!is_by_tag("actions/checkout@v4.1.0"));
    }
}
