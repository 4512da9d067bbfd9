//! Roles and their bindings.

use model::Placed;

use crate::cluster::Role;
use crate::tree::Node;
use crate::{Facts, RoleBinding, RoleRule};

use super::field;
use super::manifest::Manifest;

/// Reads a Role or `ClusterRole`.
pub(super) fn read_role(manifest: &Manifest<'_>, facts: &mut Facts) {
    facts.cluster.roles.push(Role {
        name: manifest.name.clone(),
        is_cluster_wide: is_cluster_wide(manifest),
        rules: field::items(manifest.root, &["rules"]).iter().map(rule).collect(),
    });
}

/// Reads a `RoleBinding` or `ClusterRoleBinding`.
pub(super) fn read_binding(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(role) = field::text(manifest.root, &["roleRef", "name"]) else { return };
    facts.cluster.role_bindings.push(RoleBinding {
        name: manifest.name.clone(),
        is_cluster_wide: is_cluster_wide(manifest),
        role,
        subjects: field::items(manifest.root, &["subjects"]).iter().filter_map(subject).collect(),
    });
}

fn is_cluster_wide(manifest: &Manifest<'_>) -> bool {
    manifest.header.kind.starts_with("Cluster")
}

fn rule(rule: &Node) -> RoleRule {
    RoleRule {
        groups: field::list(rule, "apiGroups"),
        resources: field::list(rule, "resources"),
        verbs: field::list(rule, "verbs"),
        place: rule.place.clone(),
    }
}

fn subject(subject: &Node) -> Option<Placed<String>> {
    let name = subject.string("name")?;
    let kind = subject.get("kind").and_then(Node::str)?;
    Some(Placed::new(format!("{kind}/{}", name.value), name.place))
}
