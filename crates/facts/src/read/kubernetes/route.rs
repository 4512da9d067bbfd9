//! Ways into a cluster by gateways and meshes: Gateway API, Istio, Traefik.

use model::Placed;

use crate::tree::Node;
use crate::{Entrance, Facts};

use super::manifest::Manifest;
use super::traffic::entrance;
use super::{field, split};

/// Protocols of listeners that are encrypted.
const ENCRYPTED: &[&str] = &["HTTPS", "TLS", "MONGO-TLS"];

/// Reads a Gateway of Gateway API.
pub(super) fn read_gateway(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let mut entrance = entrance(manifest);
    let mut encrypted = Vec::new();
    for listener in field::items(spec, &["listeners"]) {
        let host = listener.string("hostname");
        let is_encrypted = is_encrypted(listener.get("protocol"));
        if is_encrypted {
            entrance.tls_hosts.push(host.clone().unwrap_or_else(|| anywhere(listener)));
        }
        entrance.hosts.extend(host);
        encrypted.push(is_encrypted);
    }
    entrance.is_encrypted = if_agreed(&encrypted);
    facts.cluster.entrances.push(entrance);
}

/// Reads a Gateway of Istio.
pub(super) fn read_istio_gateway(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let mut entrance = entrance(manifest);
    let mut encrypted = Vec::new();
    for server in field::items(spec, &["servers"]) {
        let hosts = field::list(server, "hosts");
        let is_encrypted = is_encrypted(server.at(&["port", "protocol"]));
        let redirects = server.at(&["tls", "httpsRedirect"]).and_then(Node::bool) == Some(true);
        if is_encrypted {
            entrance.tls_hosts.extend(hosts.clone());
        }
        entrance.hosts.extend(hosts);
        encrypted.push(is_encrypted || redirects);
    }
    entrance.is_encrypted = if_agreed(&encrypted);
    facts.cluster.entrances.push(entrance);
}

/// Reads a route of Gateway API; whether it is encrypted is its gateway's to say.
pub(super) fn read_route(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let rules = field::items(spec, &["rules"]).iter();
    let groups: Vec<&[Node]> = rules.map(|rule| field::items(rule, &["backendRefs"])).collect();
    let name = |backend: &Node| backend.string("name");
    let mut entrance = entrance(manifest);
    entrance.hosts = field::list(spec, "hostnames");
    entrance.backends = groups.iter().copied().flatten().filter_map(name).collect();
    split::push(manifest, &groups, name, facts);
    let parents = field::items(spec, &["parentRefs"]);
    let is_inside = |parent: &Node| parent.get("kind").and_then(Node::str) == Some("Service");
    if parents.is_empty() || !parents.iter().all(is_inside) {
        facts.cluster.entrances.push(entrance);
    }
}

/// Reads a `VirtualService`, which is an entrance where it is bound to a gateway.
pub(super) fn read_virtual_service(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let kinds = ["http", "tls", "tcp"].into_iter();
    let rules = kinds.flat_map(|kind| field::items(spec, &[kind]));
    let groups: Vec<&[Node]> = rules.map(|rule| field::items(rule, &["route"])).collect();
    let host = |backend: &Node| field::text(backend, &["destination", "host"]);
    split::push(manifest, &groups, host, facts);
    if field::list(spec, "gateways").iter().any(|gateway| gateway.value != "mesh") {
        let mut entrance = entrance(manifest);
        entrance.hosts = field::list(spec, "hosts");
        entrance.backends = groups.iter().copied().flatten().filter_map(host).collect();
        facts.cluster.entrances.push(entrance);
    }
}

/// Reads an `IngressRoute` of Traefik.
pub(super) fn read_ingress_route(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let routes = field::items(spec, &["routes"]);
    let services = routes.iter().flat_map(|route| field::items(route, &["services"]));
    let mut entrance = entrance(manifest);
    entrance.hosts = routes.iter().filter_map(|route| route.get("match")).flat_map(hosts).collect();
    entrance.backends = services.filter_map(|service| service.string("name")).collect();
    let tls = spec.get("tls");
    if tls.is_some() {
        entrance.tls_hosts.clone_from(&entrance.hosts);
    }
    entrance.is_encrypted = if tls.is_some() { Some(true) } else { plain_of(spec, &entrance) };
    facts.cluster.entrances.push(entrance);
}

/// An entry point may bring its own certificate; only `web` alone is known to have none, and even
/// there something may redirect.
fn plain_of(spec: &Node, entrance: &Entrance) -> Option<bool> {
    let routes = field::items(spec, &["routes"]);
    let has_middleware = |route: &Node| !field::items(route, &["middlewares"]).is_empty();
    let points = field::list(spec, "entryPoints");
    let is_web = matches!(points.as_slice(), [point] if point.value == "web");
    let is_plain = is_web && !routes.iter().any(has_middleware) && !entrance.hosts.is_empty();
    is_plain.then_some(false)
}

/// The hosts that a rule such as ``Host(`a.example`) || Host(`b.example`)`` asks for.
fn hosts(rule: &Node) -> Vec<Placed<String>> {
    let text = rule.str().unwrap_or_default();
    let arguments = text.split("Host(").skip(1).filter_map(|rest| rest.split_once(')'));
    let quoted = arguments.flat_map(|(inside, _)| inside.split(','));
    let names = quoted.map(|name| name.trim().trim_matches(['`', '"', '\'']));
    names.map(|name| Placed::new(name.to_owned(), rule.place.clone())).collect()
}

fn is_encrypted(protocol: Option<&Node>) -> bool {
    let protocol = protocol.and_then(Node::str).unwrap_or_default().to_ascii_uppercase();
    ENCRYPTED.contains(&protocol.as_str())
}

/// What all listeners agree on. Where some are plain a route may still redirect them.
fn if_agreed(encrypted: &[bool]) -> Option<bool> {
    let first = *encrypted.first()?;
    encrypted.iter().all(|is_encrypted| *is_encrypted == first).then_some(first)
}

fn anywhere(node: &Node) -> Placed<String> {
    Placed::new(String::new(), node.place.clone())
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    #[test]
    fn a_gateway_is_encrypted_where_all_its_listeners_are() {
        let gateway = |listeners: &str| {
            let text = format!(
                "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: a}}\nspec:\n  \
                 listeners: [{listeners}]\n"
            );
            crate::Entrance::clone(&facts_of(&text).cluster.entrances[0])
        };
        let secure = gateway("{protocol: HTTPS, hostname: a.example}");
        assert_eq!(
            (secure.is_encrypted, at(&secure.tls_hosts[0].place)),
            (Some(true), "5:43".into())
        );
        assert_eq!(gateway("{protocol: HTTP}").is_encrypted, Some(false));
        assert_eq!(gateway("{protocol: HTTP}, {protocol: HTTPS}").is_encrypted, None);
    }

    #[test]
    fn routes_of_the_gateway_api_split_by_weight() {
        let text = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec:\n  \
                    hostnames: [a.example]\n  rules:\n  - backendRefs:\n    - {name: v1, weight: 90}\n    \
                    - {name: v2, weight: 10}\n";
        let facts = facts_of(text);
        let split = &facts.cluster.traffic_splits[0];
        assert_eq!(
            (split.kind.as_str(), split.is_gradual, split.targets.len()),
            ("HTTPRoute", true, 2)
        );
        let entrance = &facts.cluster.entrances[0];
        assert_eq!((entrance.is_encrypted, at(&entrance.hosts[0].place)), (None, "5:15".into()));
        let inside =
            text.replace("hostnames: [a.example]", "parentRefs: [{kind: Service, name: b}]");
        assert_eq!(facts_of(&inside).cluster.entrances, []);
    }

    #[test]
    fn istio_splits_inside_the_mesh_and_enters_by_its_gateways() {
        let text = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  \
                    hosts: [a]\n  http:\n  - route:\n    - {destination: {host: a, subset: v1}, weight: 90}\n    \
                    - {destination: {host: a, subset: v2}, weight: 10}\n";
        let facts = facts_of(text);
        assert_eq!((facts.cluster.entrances.len(), facts.cluster.traffic_splits.len()), (0, 1));
        let entered = text.replace("hosts: [a]", "hosts: [a.example]\n  gateways: [mesh, public]");
        assert_eq!(facts_of(&entered).cluster.entrances[0].hosts[0].value, "a.example");
        let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\nspec:\n  servers:\n  \
                       - {hosts: [a.example], port: {protocol: HTTP}, tls: {httpsRedirect: true}}\n  \
                       - {hosts: [a.example], port: {protocol: HTTPS}}\n";
        assert_eq!(facts_of(gateway).cluster.entrances[0].is_encrypted, Some(true));
    }

    #[test]
    fn routes_of_traefik_name_their_hosts_in_rules() {
        let text = "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\nspec:\n  \
                    entryPoints: [web]\n  routes:\n  - match: Host(`a.example`, `b.example`) && PathPrefix(`/`)\n    \
                    services: [{name: api, port: 80}]\n";
        let facts = facts_of(text);
        let entrance = &facts.cluster.entrances[0];
        let hosts: Vec<_> = entrance.hosts.iter().map(|host| host.value.as_str()).collect();
        assert_eq!(
            (hosts.as_slice(), entrance.is_encrypted),
            (["a.example", "b.example"].as_slice(), Some(false))
        );
        assert_eq!(at(&entrance.hosts[1].place), "7:12");
        assert_eq!(
            facts_of(&format!("{text}  tls: {{}}\n")).cluster.entrances[0].is_encrypted,
            Some(true)
        );
        let redirecting =
            text.replace("    services", "    middlewares: [{name: to-https}]\n    services");
        assert_eq!(facts_of(&redirecting).cluster.entrances[0].is_encrypted, None);
    }
}
