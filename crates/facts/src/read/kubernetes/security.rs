//! Security settings of containers, the pod's folded in.

use model::Placed;

use crate::Security;
use crate::tree::Node;

use super::field;

const CONTEXT: &str = "securityContext";

/// Settings of a container; where it is silent those of the pod hold.
pub(super) fn read(container: &Node, pod: &Node) -> Security {
    let own = container.get(CONTEXT);
    let shared = pod.get(CONTEXT);
    let switch = |key| own.and_then(|node| field::boolean(node, key));
    let capabilities = own.and_then(|node| node.get("capabilities"));
    Security {
        privileged: switch("privileged"),
        run_as_non_root: switch("runAsNonRoot").or_else(|| field::boolean(shared?, "runAsNonRoot")),
        run_as_user: user(own).or_else(|| user(shared)),
        allow_privilege_escalation: switch("allowPrivilegeEscalation"),
        read_only_root: switch("readOnlyRootFilesystem"),
        added_capabilities: list(capabilities, "add"),
        dropped_capabilities: list(capabilities, "drop"),
    }
}

fn user(context: Option<&Node>) -> Option<Placed<String>> {
    context?.string("runAsUser")
}

fn list(capabilities: Option<&Node>, key: &str) -> Vec<Placed<String>> {
    capabilities.map_or_else(Vec::new, |node| field::list(node, key))
}
