//! Network policies: those of Kubernetes, of Cilium, of Calico.

use model::{Place, Placed};

use crate::tree::Node;
use crate::{Facts, NetworkPolicy};

use super::field;
use super::manifest::Manifest;

/// Everything, as addresses.
const ANYWHERE: &[&str] = &["0.0.0.0/0", "::/0"];

/// Names of Cilium for everything, or everything outside.
const ENTITIES: &[&str] = &["all", "world"];

/// The two directions: key of the rules, key of the peers, name of the policy type, in words.
const DIRECTIONS: [Direction; 2] = [
    Direction { rules: "ingress", peers: "from", kind: "Ingress", words: "ingress from anywhere" },
    Direction { rules: "egress", peers: "to", kind: "Egress", words: "egress to anywhere" },
];

struct Direction {
    rules: &'static str,
    peers: &'static str,
    kind: &'static str,
    words: &'static str,
}

impl Direction {
    fn open(&self, place: &Place) -> Placed<String> {
        Placed::new(self.words.to_owned(), place.clone())
    }
}

/// Whether a policy says which pods it is about.
pub(super) fn is_whole(manifest: &Manifest<'_>) -> bool {
    manifest.at(&["spec", "podSelector"]).is_some()
}

/// Reads a policy of Kubernetes.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let mut policy = policy(manifest, field::selector(spec.get("podSelector")));
    let kinds = spec.get("policyTypes").map(|_| field::list(spec, "policyTypes"));
    // Without types a policy is about what comes in, and about what goes out if it has such rules.
    let is_about = |direction: &Direction| match &kinds {
        Some(kinds) => kinds.iter().any(|kind| kind.value == direction.kind),
        None => direction.rules == "ingress" || spec.get(direction.rules).is_some(),
    };
    let [ingress, egress] = &DIRECTIONS;
    policy.restricts_ingress = is_about(ingress);
    policy.restricts_egress = is_about(egress);
    for direction in DIRECTIONS.iter().filter(|direction| is_about(direction)) {
        let rules = field::items(spec, &[direction.rules]).iter();
        policy.open_rules.extend(rules.filter_map(|rule| open_rule(rule, direction)));
    }
    facts.cluster.network_policies.push(policy);
}

/// Reads a policy of Cilium, which may hold several.
pub(super) fn read_cilium(manifest: &Manifest<'_>, facts: &mut Facts) {
    let several = field::items(manifest.root, &["specs"]).iter();
    for spec in manifest.spec().into_iter().chain(several) {
        let mut selector = field::selector(spec.get("endpointSelector"));
        for (key, _) in &mut selector {
            let plain = ["k8s:", "any:"].iter().find_map(|prefix| key.strip_prefix(prefix));
            if let Some(plain) = plain {
                *key = plain.to_owned();
            }
        }
        if spec.get("nodeSelector").is_some() {
            selector.push(("nodeSelector".to_owned(), String::new()));
        }
        let mut policy = policy(manifest, selector);
        let has = |keys: [&str; 2]| keys.iter().any(|key| spec.get(key).is_some());
        policy.restricts_ingress = has(["ingress", "ingressDeny"]);
        policy.restricts_egress = has(["egress", "egressDeny"]);
        for direction in &DIRECTIONS {
            let rules = field::items(spec, &[direction.rules]).iter();
            policy.open_rules.extend(rules.filter_map(|rule| open_cilium(rule, direction)));
        }
        facts.cluster.network_policies.push(policy);
    }
}

/// Reads a policy of Calico.
pub(super) fn read_calico(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let selector = spec.get("selector").and_then(Node::str).map_or("", str::trim);
    let labels = match selector {
        "" | "all()" => Vec::new(),
        other => vec![calico_label(other)],
    };
    let mut policy = policy(manifest, labels);
    let kinds = field::list(spec, "types");
    let [ingress, egress] = &DIRECTIONS;
    let is_about = |direction: &Direction| {
        kinds.iter().any(|kind| kind.value == direction.kind)
            || (kinds.is_empty() && spec.get(direction.rules).is_some())
    };
    policy.restricts_ingress = is_about(ingress);
    policy.restricts_egress = is_about(egress);
    facts.cluster.network_policies.push(policy);
}

fn policy(manifest: &Manifest<'_>, selector: Vec<(String, String)>) -> NetworkPolicy {
    NetworkPolicy {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        selector,
        restricts_ingress: false,
        restricts_egress: false,
        open_rules: Vec::new(),
    }
}

/// A rule that lets everything through: an empty one, or all addresses on all ports.
fn open_rule(rule: &Node, direction: &Direction) -> Option<Placed<String>> {
    if !field::items(rule, &["ports"]).is_empty() {
        return None;
    }
    let peers = field::items(rule, &[direction.peers]);
    if peers.is_empty() {
        return Some(direction.open(&rule.place));
    }
    let block = peers.iter().filter_map(|peer| peer.get("ipBlock")).find(|block| {
        let is_excepting = !field::items(block, &["except"]).is_empty();
        !is_excepting && block.get("cidr").and_then(Node::str).is_some_and(is_anywhere)
    })?;
    let place = block.get("cidr").map_or(&block.place, |cidr| &cidr.place);
    Some(direction.open(place))
}

/// The same for Cilium, where an empty rule lets nothing through.
fn open_cilium(rule: &Node, direction: &Direction) -> Option<Placed<String>> {
    if !field::items(rule, &["toPorts"]).is_empty() {
        return None;
    }
    let entities = field::list(rule, &format!("{}Entities", direction.peers));
    let addresses = field::list(rule, &format!("{}CIDR", direction.peers));
    let is_open = |entity: &Placed<String>| ENTITIES.contains(&entity.value.as_str());
    let entity = entities.into_iter().find(is_open);
    let open = entity.or_else(|| addresses.into_iter().find(|a| is_anywhere(&a.value)))?;
    Some(direction.open(&open.place))
}

fn is_anywhere(address: &str) -> bool {
    ANYWHERE.contains(&address)
}

/// `app == 'api'` as a label; any other expression as one that no pod bears.
fn calico_label(selector: &str) -> (String, String) {
    let parts = selector.split_once("==").filter(|_| !selector.contains("&&"));
    let bare = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
    parts.map_or_else(
        || ("selector".to_owned(), selector.to_owned()),
        |(key, value)| (bare(key), bare(value)),
    )
}
