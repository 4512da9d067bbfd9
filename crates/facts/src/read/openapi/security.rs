//! Who may call: security schemes and requirements.

use model::Placed;

use crate::tree::Node;

/// Names of the declared security schemes.
pub(super) fn schemes(root: &Node) -> Vec<Placed<String>> {
    let declared = root.at(&["components", "securitySchemes"]);
    let declared = declared.or_else(|| root.get("securityDefinitions"));
    let entries = declared.into_iter().flat_map(Node::entries);
    entries.map(|(name, key, _)| Placed::new(name.to_owned(), key.place.clone())).collect()
}

/// What `security:` of a description or operation asks for: `None` where it is not written,
/// `false` where nothing will do as well.
pub(super) fn requirement(node: &Node) -> Option<bool> {
    let written = node.get("security")?.items();
    Some(!written.is_empty() && written.iter().all(|it| it.entries().next().is_some()))
}
