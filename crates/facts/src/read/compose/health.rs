//! The health check of a Compose service.

use model::Placed;

use super::resources;
use crate::tree::Node;
use crate::{Probe, ProbeAction};

/// The service's `healthcheck`; `None` also for one that has no `test` and so only changes the
/// times of the check in the image.
pub(super) fn check(service: &Node) -> Option<Probe> {
    let node = service.get("healthcheck")?;
    let is_disabled = node.get("disable").and_then(Node::bool) == Some(true);
    let action = if is_disabled { ProbeAction::None } else { action(node.get("test")?)? };
    Some(Probe {
        action,
        period_s: resources::seconds(node.get("interval")).map(|seconds| seconds.value),
        timeout_s: resources::seconds(node.get("timeout")).map(|seconds| seconds.value),
        failure_threshold: node.get("retries").and_then(resources::whole),
        initial_delay_s: resources::seconds(node.get("start_period")).map(|seconds| seconds.value),
        place: service.key("healthcheck")?.place.clone(),
    })
}

/// `test`: a shell command, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`.
fn action(test: &Node) -> Option<ProbeAction> {
    if let Some(text) = test.str() {
        return Some(exec(text.trim(), test));
    }
    let words: Vec<_> = test.items().iter().filter_map(Node::str).map(str::trim).collect();
    match words.as_slice() {
        [] => None,
        ["CMD" | "CMD-SHELL", command @ ..] => Some(exec(&command.join(" "), test)),
        words => Some(exec(&words.join(" "), test)),
    }
}

fn exec(command: &str, test: &Node) -> ProbeAction {
    if matches!(command, "" | "NONE") {
        return ProbeAction::None;
    }
    ProbeAction::Exec { command: Placed::new(command.to_owned(), test.place.clone()) }
}
