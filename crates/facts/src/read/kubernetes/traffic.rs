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

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use super::*;

    fn ingress(annotations: &str, rest: &str) -> Entrance {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  \
             annotations: {{{annotations}}}\nspec:\n  rules:\n  - host: a.example\n    http:\n      \
             paths:\n      - backend: {{service: {{name: api}}}}\n{rest}"
        );
        facts_of(&text).cluster.entrances.remove(0)
    }

    #[test]
    fn a_service_names_its_pods_and_the_ports_that_it_sends_to() {
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  type: NodePort\n  \
                    selector: {app: a}\n  ports:\n  - {port: 80, targetPort: http}\n  - port: 81\n";
        let service = &facts_of(text).cluster.services[0];
        let ports: Vec<_> = service
            .target_ports
            .iter()
            .map(|port| (port.value.as_str(), at(&port.place)))
            .collect();
        assert_eq!(ports, [("http", "8:28".into()), ("81", "9:11".into())]);
        assert_eq!(service.selector, [("app".to_owned(), "a".to_owned())]);
        assert_eq!(at(&service.kind.as_ref().unwrap().place), "5:9");
    }

    #[test]
    fn an_ingress_is_encrypted_where_its_tls_section_covers_its_hosts() {
        let entrance = ingress("", "  tls:\n  - hosts: [a.example]\n");
        assert_eq!(
            (entrance.is_encrypted, at(&entrance.hosts[0].place)),
            (Some(true), "8:11".into())
        );
        assert_eq!(at(&entrance.tls_hosts[0].place), "13:13");
        assert_eq!(entrance.backends[0].value, "api");
        assert_eq!(ingress("", "  tls: [{hosts: ['*.example']}]\n").is_encrypted, Some(true));
        assert_eq!(ingress("", "  tls: [{secretName: x}]\n").tls_hosts[0].value, "");
        assert_eq!(ingress("", "  tls: [{hosts: [b.example]}]\n").is_encrypted, Some(false));
        assert_eq!(ingress("", "").is_encrypted, Some(false));
        let plain_too = "nginx.ingress.kubernetes.io/ssl-redirect: 'false'";
        assert_eq!(ingress(plain_too, "  tls: [{secretName: x}]\n").is_encrypted, Some(false));
    }

    #[test]
    fn load_balancers_of_clouds_hold_their_certificates_themselves() {
        let certificate = "alb.ingress.kubernetes.io/certificate-arn: arn";
        assert_eq!(ingress(certificate, "").is_encrypted, None);
        assert_eq!(ingress("", "  ingressClassName: alb\n").is_encrypted, None);
        let only = "alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\":443}]'";
        assert_eq!(ingress(only, "").is_encrypted, Some(true));
        let issuer = "cert-manager.io/cluster-issuer: letsencrypt";
        assert_eq!(ingress(issuer, "").is_encrypted, Some(false));
    }

    #[test]
    fn ingresses_of_old_versions_name_their_backends_elsewhere() {
        let text = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  \
                    backend: {serviceName: x}\n  rules:\n  - http: {paths: [{backend: {serviceName: y}}]}\n";
        let facts = facts_of(text);
        let names: Vec<_> =
            facts.cluster.entrances[0].backends.iter().map(|name| name.value.as_str()).collect();
        assert_eq!(names, ["y", "x"]);
    }

    #[test]
    fn a_canary_of_nginx_splits_traffic() {
        let annotations = "nginx.ingress.kubernetes.io/canary: 'true', \
                           nginx.ingress.kubernetes.io/canary-weight: '10'";
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, annotations: \
             {{{annotations}}}}}\nspec: {{rules: [{{host: a}}]}}\n"
        );
        let split = &facts_of(&text).cluster.traffic_splits[0];
        assert!(split.is_gradual && split.kind == "Ingress");
    }

    #[test]
    fn a_route_is_encrypted_unless_it_serves_plain_text_too() {
        let route = |tls: &str| {
            let text = format!(
                "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {{name: a}}\nspec:\n  \
                 host: a.example\n  to: {{kind: Service, name: api}}\n{tls}"
            );
            facts_of(&text).cluster.entrances.remove(0)
        };
        assert_eq!(route("").is_encrypted, Some(false));
        let secure = route("  tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}\n");
        assert_eq!(
            (secure.is_encrypted, secure.tls_hosts[0].value.as_str()),
            (Some(true), "a.example")
        );
        let both = route("  tls: {termination: edge, insecureEdgeTerminationPolicy: Allow}\n");
        assert_eq!(both.is_encrypted, Some(false));
        assert_eq!(both.backends[0].value, "api");
    }

    #[test]
    fn a_patch_of_a_service_is_a_gap() {
        let facts = facts_of(
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort}\n",
        );
        assert_eq!((facts.cluster.services.len(), facts.gaps.len()), (0, 1));
    }
}
