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

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    #[test]
    fn roles_and_bindings_are_read_with_their_places() {
        let text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\nrules:\n\
                    - apiGroups: ['']\n  resources: [pods]\n  verbs: ['*']\n---\n\
                    apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n\
                    roleRef: {kind: ClusterRole, name: all}\nsubjects:\n- {kind: ServiceAccount, name: api}\n";
        let facts = facts_of(text);
        let role = &facts.cluster.roles[0];
        assert!(role.is_cluster_wide);
        assert_eq!(
            (role.rules[0].verbs[0].value.as_str(), at(&role.rules[0].verbs[0].place)),
            ("*", "7:11".into())
        );
        assert_eq!(
            (role.rules[0].groups[0].value.as_str(), at(&role.rules[0].place)),
            ("", "5:3".into())
        );
        let binding = &facts.cluster.role_bindings[0];
        assert!(!binding.is_cluster_wide);
        assert_eq!((binding.role.value.as_str(), at(&binding.role.place)), ("all", "12:36".into()));
        assert_eq!(binding.subjects[0].value, "ServiceAccount/api");
    }
}
