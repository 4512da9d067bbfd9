//! How a workload passes from one version to the next.

use model::Placed;

use crate::Workload;
use crate::tree::Node;

use super::field;

/// Reads `strategy` of deployments and rollouts, `updateStrategy` of the others.
pub(super) fn read(spec: &Node, workload: &mut Workload) {
    let Some(strategy) = spec.get("strategy").or_else(|| spec.get("updateStrategy")) else {
        return;
    };
    workload.strategy = strategy.string("type");
    workload.max_unavailable = ["rollingUpdate", "rollingParams", "canary"]
        .iter()
        .find_map(|key| field::text(strategy, &[key, "maxUnavailable"]));
    for (key, name) in [("canary", "Canary"), ("blueGreen", "BlueGreen")] {
        if let Some(key) = strategy.key(key) {
            workload.strategy = Some(Placed::new(name.to_owned(), key.place.clone()));
        }
    }
    workload.progressive = progressive(strategy).map(|node| node.place.clone());
}

/// What makes a Rollout of Argo go step by step: a canary without steps is a rolling update.
pub(super) fn progressive(strategy: &Node) -> Option<&Node> {
    let steps =
        strategy.get("canary").filter(|canary| !field::items(canary, &["steps"]).is_empty());
    match steps {
        Some(canary) => canary.key("steps"),
        None => strategy.key("blueGreen"),
    }
}
