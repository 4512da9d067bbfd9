//! One object of a manifest file: what all kinds have in common.

use model::{Place, Placed};

use crate::tree::Node;
use crate::{Gap, Subject};

/// What a manifest says of itself first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    /// `apiVersion` up to the slash; empty for the core group.
    pub(super) group: &'a str,
    /// `kind`.
    pub(super) kind: &'a str,
}

impl<'a> Header<'a> {
    /// The header of `root`; items of a list may leave theirs to the list.
    pub(super) fn of(root: &'a Node, inherited: Option<Header<'a>>) -> Option<Self> {
        let text = |key| root.get(key).and_then(Node::str);
        Some(Self {
            group: text("apiVersion").map(group_of).or(inherited.map(|header| header.group))?,
            kind: text("kind").or(inherited.map(|header| header.kind))?,
        })
    }
}

/// `v1` has no group, `apps` as it stands in some patches has no version.
fn group_of(version: &str) -> &str {
    match version.split_once('/') {
        Some((group, _)) => group,
        None if version.starts_with('v') => "",
        None => version,
    }
}

/// An object with a header and a name.
#[derive(Clone, Debug)]
pub(super) struct Manifest<'a> {
    pub(super) root: &'a Node,
    pub(super) header: Header<'a>,
    pub(super) name: Placed<String>,
}

impl<'a> Manifest<'a> {
    /// The node that the keys in `path` lead to.
    pub(super) fn at(&self, path: &[&str]) -> Option<&'a Node> {
        self.root.at(path)
    }

    pub(super) fn spec(&self) -> Option<&'a Node> {
        self.root.get("spec")
    }

    pub(super) fn namespace(&self) -> Option<Placed<String>> {
        self.at(&["metadata"])?.string("namespace")
    }

    /// What a cluster alone writes into the metadata of an object. Where one was applied with it, the
    /// cluster would refuse it, or take it away at once as something whose owner is gone.
    pub(super) fn copied(&self) -> Option<Place> {
        let metadata = self.at(&["metadata"])?;
        let is_filled = |text: &Placed<String>| !text.trim().is_empty();
        let mut own = ["uid", "resourceVersion"].into_iter();
        let own = own.find_map(|key| metadata.string(key).filter(is_filled));
        let owner = || metadata.get("ownerReferences")?.items().first()?.string("uid");
        own.or_else(owner).map(|written| written.place)
    }

    /// What was not read of this object.
    pub(super) fn gap(&self, place: Place, reason: impl Into<String>) -> Gap {
        Gap { name: Some(self.name.value.clone()), ..gap(place, reason) }
    }
}

/// What was not read of some manifest.
pub(super) fn gap(place: Place, reason: impl Into<String>) -> Gap {
    Gap { subject: Some(Subject::Workloads), place, reason: reason.into(), name: None }
}

/// Name of an object, or what it is made from.
pub(super) fn name_of(root: &Node) -> Option<Placed<String>> {
    let metadata = root.get("metadata")?;
    let written = metadata.string("name").or_else(|| metadata.string("generateName"))?;
    (!written.value.is_empty()).then_some(written)
}

/// Whether a name is still to be filled in by a template.
pub(super) fn is_placeholder(name: &str) -> bool {
    let is_variable = name.starts_with("${") && name.find('}') == name.len().checked_sub(1);
    let is_word =
        name.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).is_some_and(|word| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        });
    is_variable || is_word || ["{{", "{%", "<%"].iter().any(|sign| name.contains(sign))
}
