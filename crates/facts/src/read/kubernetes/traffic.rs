//! Services, and the plain ways into a cluster: Ingress and `OpenShift`'s Route.

use model::Placed;

use crate::tree::Node;
use crate::{ClusterService, Entrance, Facts, TrafficSplit};

use super::field;
use super::manifest::Manifest;

/// Words in classes of ingresses whose controllers hold the certificates themselves.
const TLS_ELSEWHERE: &[&str] =
    &["alb", "traefik", "tailscale", "cloudflare", "azure", "application-gateway", "istio"];

/// Words in annotations that name a certificate for an ingress without a TLS section.
const CERTIFICATES: &[&str] = &["certificate", "-cert", "router.tls"];

/// Whether a Service has ports, or needs none.
pub(super) fn is_whole_service(manifest: &Manifest<'_>) -> bool {
    manifest.spec().is_some_and(|spec| {
        !field::items(spec, &["ports"]).is_empty() || spec.get("externalName").is_some()
    })
}

/// Reads a Service.
pub(super) fn read_service(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let port = |port: &Node| port.string("targetPort").or_else(|| port.string("port"));
    facts.cluster.services.push(ClusterService {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        selector: field::plain_selector(spec.get("selector")),
        target_ports: field::items(spec, &["ports"]).iter().filter_map(port).collect(),
        kind: spec.string("type"),
    });
}

/// Whether an Ingress sends anything anywhere.
pub(super) fn is_whole_ingress(manifest: &Manifest<'_>) -> bool {
    let Some(spec) = manifest.spec() else { return false };
    let backends = ["defaultBackend", "backend"];
    let sends = |rule: &Node| rule.get("http").is_some() || rule.get("host").is_some();
    field::items(spec, &["rules"]).iter().any(sends)
        || backends.iter().any(|key| spec.get(key).is_some())
}

/// Reads an Ingress.
pub(super) fn read_ingress(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let mut entrance = entrance(manifest);
    let rules = field::items(spec, &["rules"]);
    entrance.hosts = rules.iter().filter_map(|rule| rule.string("host")).collect();
    entrance.backends = ingress_backends(spec, rules);
    entrance.tls_hosts = field::items(spec, &["tls"]).iter().flat_map(tls_hosts).collect();
    entrance.is_encrypted = ingress_encryption(spec, &entrance);
    let said = |name: &str| annotation(&entrance, name).map(|value| value.value.as_str());
    if said("nginx.ingress.kubernetes.io/canary") == Some("true") {
        let share = ["canary-weight", "canary-by-header", "canary-by-cookie"];
        let is_gradual =
            share.iter().any(|key| said(&format!("nginx.ingress.kubernetes.io/{key}")).is_some());
        facts.cluster.traffic_splits.push(TrafficSplit {
            kind: "Ingress".to_owned(),
            name: manifest.name.clone(),
            targets: entrance.backends.clone(),
            is_gradual,
        });
    }
    facts.cluster.entrances.push(entrance);
}

/// Whether a Route names the service that it sends to.
pub(super) fn is_whole_route(manifest: &Manifest<'_>) -> bool {
    manifest.at(&["spec", "to"]).is_some()
}

/// Reads a Route of `OpenShift`.
pub(super) fn read_route(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let others = field::items(spec, &["alternateBackends"]);
    let backends = field::text(spec, &["to", "name"]).into_iter();
    let mut entrance = entrance(manifest);
    entrance.hosts.extend(spec.string("host"));
    entrance.backends = backends.chain(others.iter().filter_map(|o| o.string("name"))).collect();
    let tls = spec.get("tls").filter(|tls| !tls.is_null());
    if let Some(tls) = tls {
        let any = || Placed::new(String::new(), tls.place.clone());
        entrance.tls_hosts.push(entrance.hosts.first().cloned().unwrap_or_else(any));
    }
    let insecure = tls.and_then(|tls| tls.get("insecureEdgeTerminationPolicy")?.str());
    entrance.is_encrypted = Some(tls.is_some() && insecure != Some("Allow"));
    if !others.is_empty() {
        facts.cluster.traffic_splits.push(TrafficSplit {
            kind: "Route".to_owned(),
            name: manifest.name.clone(),
            targets: entrance.backends.clone(),
            is_gradual: others.iter().any(|other| other.get("weight").is_some()),
        });
    }
    facts.cluster.entrances.push(entrance);
}

/// An entrance of which only its object is known.
pub(super) fn entrance(manifest: &Manifest<'_>) -> Entrance {
    Entrance {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        kind: manifest.header.kind.to_owned(),
        hosts: Vec::new(),
        tls_hosts: Vec::new(),
        is_encrypted: None,
        annotations: field::texts(manifest.at(&["metadata", "annotations"])).collect(),
        backends: Vec::new(),
    }
}

fn ingress_backends(spec: &Node, rules: &[Node]) -> Vec<Placed<String>> {
    let name = |backend: &Node| {
        field::text(backend, &["service", "name"]).or_else(|| backend.string("serviceName"))
    };
    let paths = rules.iter().flat_map(|rule| field::items(rule, &["http", "paths"]));
    let of_paths = paths.filter_map(|path| name(path.get("backend")?));
    let default = ["defaultBackend", "backend"].into_iter().filter_map(|key| name(spec.get(key)?));
    of_paths.chain(default).collect()
}

/// The hosts of one entry of a TLS section; one empty where it has none.
fn tls_hosts(tls: &Node) -> Vec<Placed<String>> {
    let hosts = field::list(tls, "hosts");
    if hosts.is_empty() { vec![Placed::new(String::new(), tls.place.clone())] } else { hosts }
}

fn ingress_encryption(spec: &Node, entrance: &Entrance) -> Option<bool> {
    if !entrance.tls_hosts.is_empty() {
        let serves_plain = annotation(entrance, "nginx.ingress.kubernetes.io/ssl-redirect")
            .is_some_and(|value| value.value == "false");
        return Some(!serves_plain && is_covered(entrance));
    }
    let class = spec.get("ingressClassName").and_then(Node::str).or_else(|| {
        annotation(entrance, "kubernetes.io/ingress.class").map(|class| class.value.as_str())
    });
    let decides = |class: &str| TLS_ELSEWHERE.iter().any(|word| class.contains(word));
    if is_plain_refused(entrance) {
        return Some(true);
    }
    let is_elsewhere = class.is_some_and(decides) || names_certificate(entrance);
    (!is_elsewhere).then_some(false)
}

/// Whether the TLS section covers every host of the rules.
fn is_covered(entrance: &Entrance) -> bool {
    let covered: std::collections::HashSet<&str> =
        entrance.tls_hosts.iter().map(|host| host.value.as_str()).collect();
    let has_wildcard = |host: &str| {
        host.split_once('.').is_some_and(|(_, domain)| covered.contains(&*format!("*.{domain}")))
    };
    let is_covered = |host: &str| covered.contains(host) || has_wildcard(host);
    covered.contains("") || entrance.hosts.iter().all(|host| is_covered(&host.value))
}

fn names_certificate(entrance: &Entrance) -> bool {
    entrance.annotations.iter().any(|(key, value)| {
        CERTIFICATES.iter().any(|word| key.contains(word)) || value.value.contains("HTTPS")
    })
}

/// Whether annotations of a load balancer leave no unencrypted port open.
fn is_plain_refused(entrance: &Entrance) -> bool {
    let load_balancer = |key| annotation(entrance, &format!("alb.ingress.kubernetes.io/{key}"));
    let ports = load_balancer("listen-ports").map(|ports| ports.value.as_str());
    let is_secure_only =
        ports.is_some_and(|ports| ports.contains("HTTPS") && !ports.contains("\"HTTP\""));
    is_secure_only
        || load_balancer("ssl-redirect").is_some()
        || annotation(entrance, "kubernetes.io/ingress.allow-http")
            .is_some_and(|value| value.value == "false")
}

fn annotation<'a>(entrance: &'a Entrance, name: &str) -> Option<&'a Placed<String>> {
    entrance.annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
