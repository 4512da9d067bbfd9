//! One file of Kustomize's, and what it refers to.

use std::sync::Arc;

use model::Placed;

use crate::tree::Node;

use super::super::field;
use super::super::manifest::Header;

/// Keys that say what an overlay stands on.
const BASES: &[&str] = &["resources", "bases"];

/// Whether a file of this name is Kustomize's.
pub(in crate::read::kubernetes) fn is_named(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// Whether the document is meant for Kustomize: Flux has a kind of the same name.
pub(in crate::read::kubernetes) fn is_one(document: &Node) -> bool {
    Header::of(document, None).is_none_or(|header| header.group == "kustomize.config.k8s.io")
}

/// A file of Kustomize's.
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) path: Arc<str>,
    pub(super) root: Node,
}

impl Overlay {
    /// Its folder, empty for the root of the tree.
    pub(super) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether it only changes what others have.
    pub(super) fn is_component(&self) -> bool {
        self.root.get("kind").and_then(Node::str) == Some("Component")
    }

    /// What it takes as it is.
    pub(super) fn resources(&self) -> impl Iterator<Item = Placed<String>> + '_ {
        BASES.iter().flat_map(|key| field::list(&self.root, key))
    }

    /// What else changes the resources.
    pub(super) fn components(&self) -> Vec<Placed<String>> {
        field::list(&self.root, "components")
    }

    /// All that it takes or applies as a whole.
    pub(super) fn references(&self) -> impl Iterator<Item = Placed<String>> + '_ {
        self.resources().chain(self.components())
    }

    /// Files that it applies as patches.
    pub(super) fn patch_files(&self) -> impl Iterator<Item = Placed<String>> + '_ {
        let keys = ["patches", "patchesJson6902"].into_iter();
        let patches = keys.flat_map(|key| field::items(&self.root, &[key]));
        let named = patches.filter_map(|patch| patch.string("path"));
        let inline = |text: &Placed<String>| text.value.contains('\n');
        let merges = ["patches", "patchesStrategicMerge"].into_iter();
        let merges = merges.flat_map(|key| field::list(&self.root, key));
        named.chain(merges.filter(move |patch| !inline(patch)))
    }

    /// The path from the root of the tree that `reference` leads to; `None`: out of it.
    pub(super) fn resolve(&self, reference: &str) -> Option<String> {
        crate::path::join(self.folder(), reference)
    }
}

/// The repository of a well-known host that a resource stands in, as `owner/name`.
pub(super) fn repository(reference: &str) -> Option<String> {
    let hosts = ["github.com", "raw.githubusercontent.com", "gitlab.com", "bitbucket.org"];
    let rest = reference.rsplit_once("://").map_or(reference, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let path = hosts.iter().find_map(|host| rest.strip_prefix(host)?.strip_prefix(['/', ':']))?;
    let mut parts = path.split(['/', '?', '#']).filter(|part| !part.is_empty());
    let (owner, name) = (parts.next()?, parts.next()?);
    Some(format!("{owner}/{}", name.trim_end_matches(".git")))
}

/// Whether a resource stands in another repository.
pub(super) fn is_remote(reference: &str) -> bool {
    let hosts = ["github.com/", "gitlab.com/", "bitbucket.org/", "git@", "git::", "ssh:", "s3::"];
    reference.contains("://")
        || reference.contains("?ref=")
        || hosts.iter().any(|host| reference.starts_with(host))
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn the_repository_of_a_resource_is_told_by_its_address() {
        for (reference, expected) in [
            ("https://github.com/acme/disks/releases/download/v1/driver.yaml", Some("acme/disks")),
            ("github.com/acme/disks//deploy?ref=v1", Some("acme/disks")),
            ("https://raw.githubusercontent.com/acme/disks/main/a.yaml", Some("acme/disks")),
            ("git@github.com:acme/disks.git//deploy?ref=v1", Some("acme/disks")),
            ("https://example.org/disks/driver.yaml", None),
            ("https://github.com/acme", None),
            ("../base", None),
        ] {
            assert_eq!(repository(reference).as_deref(), expected, "{reference}");
        }
    }
}
