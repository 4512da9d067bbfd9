//! `ports` and `expose` of a Compose service.

use crate::Port;
use crate::read::variable;
use crate::tree::Node;

/// Ports of one range that are listed.
const MAX_RANGE: i64 = 64;

/// The ports inside the container that `service` publishes or exposes.
pub(super) fn ports(service: &Node) -> Vec<Port> {
    let published = service.get("ports").map(Node::items).unwrap_or_default();
    let exposed = service.get("expose").map(Node::items).unwrap_or_default();
    let published = published.iter().flat_map(|node| port(node, true));
    published.chain(exposed.iter().flat_map(|node| port(node, false))).collect()
}

fn port(node: &Node, is_published: bool) -> Vec<Port> {
    let name = node.get("name").and_then(Node::str).map(str::to_owned);
    let Some(target) = node.str().or_else(|| node.get("target")?.str()) else { return Vec::new() };
    let of = |number| {
        let place = node.place.clone();
        Port { name: name.clone(), number, is_published, place }
    };
    match range(target) {
        Some((first, last)) => {
            (first..=last.min(first.saturating_add(MAX_RANGE))).map(|n| of(Some(n))).collect()
        }
        None => vec![of(None)],
    }
}

/// First and last port inside the container of `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`.
fn range(text: &str) -> Option<(i64, i64)> {
    let target = variable::split(text, ':').pop()?;
    let target = variable::resolve(target)?;
    let target = target.split('/').next()?;
    let (first, last) = target.split_once('-').unwrap_or((target, target));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_port_inside_the_container_stands_last() {
        let texts = ["80", "8080:81", "127.0.0.1:8080:82/udp", "${PORT:-8080}:83", "[::1]:1:84"];
        assert_eq!(texts.map(range), [80, 81, 82, 83, 84].map(|n| Some((n, n))));
        assert_eq!(range("9090-9091:8080-8081"), Some((8080, 8081)));
        assert_eq!(range("8080:${PORT}"), None);
        assert_eq!(range("8080:${PORT:-80}/tcp"), Some((80, 80)));
    }
}
