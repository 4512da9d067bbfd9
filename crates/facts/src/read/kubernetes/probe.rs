//! Probes of containers.

use model::Placed;

use crate::tree::Node;
use crate::{Probe, ProbeAction};

use super::field;

/// Reads the probe under `key`.
pub(super) fn read(container: &Node, key: &str) -> Option<Probe> {
    let place = container.key(key)?.place.clone();
    let probe = container.get(key).filter(|probe| !probe.is_null())?;
    let seconds = |key| probe.get(key).and_then(Node::float);
    Some(Probe {
        action: action(probe),
        period_s: seconds("periodSeconds"),
        timeout_s: seconds("timeoutSeconds"),
        failure_threshold: probe.get("failureThreshold").and_then(Node::int),
        initial_delay_s: seconds("initialDelaySeconds"),
        place,
    })
}

fn action(probe: &Node) -> ProbeAction {
    if let Some(get) = probe.get("httpGet").filter(|node| field::is_filled(node)) {
        return http(probe, get);
    }
    if let Some(socket) = probe.get("tcpSocket").filter(|node| field::is_filled(node)) {
        return ProbeAction::Tcp { port: socket.string("port") };
    }
    if let Some(grpc) = probe.get("grpc").filter(|node| field::is_filled(node)) {
        return ProbeAction::Grpc { port: grpc.string("port") };
    }
    let command = probe.get("exec").and_then(|exec| field::joined(exec, &["command"]));
    command.map_or(ProbeAction::None, |command| ProbeAction::Exec { command })
}

fn http(probe: &Node, get: &Node) -> ProbeAction {
    let place = probe.key("httpGet").map_or(&get.place, |key| &key.place).clone();
    let path = get.string("path").unwrap_or_else(|| Placed::new("/".to_owned(), place));
    ProbeAction::Http { path, port: get.string("port") }
}
