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
        is_assumed: false,
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

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use super::*;

    fn policy(spec: &str) -> NetworkPolicy {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: a}}\nspec:\n  \
             podSelector: {{matchLabels: {{app: a}}}}\n{spec}"
        );
        facts_of(&text).cluster.network_policies.remove(0)
    }

    #[test]
    fn the_directions_follow_from_types_or_rules() {
        let both = |policy: &NetworkPolicy| (policy.restricts_ingress, policy.restricts_egress);
        assert_eq!(both(&policy("")), (true, false));
        assert_eq!(both(&policy("  egress: []\n")), (true, true));
        assert_eq!(both(&policy("  policyTypes: [Egress]\n")), (false, true));
    }

    #[test]
    fn rules_that_let_everything_through_are_open() {
        let empty = policy("  ingress:\n  - {}\n");
        assert_eq!(empty.open_rules[0].value, "ingress from anywhere");
        assert_eq!(at(&empty.open_rules[0].place), "7:5");
        let addresses =
            policy("  policyTypes: [Egress]\n  egress:\n  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]\n");
        assert_eq!(at(&addresses.open_rules[0].place), "8:27");
        let bounded = [
            "  ingress: [{ports: [{port: 80}]}]\n",
            "  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]\n",
            "  ingress: [{from: [{podSelector: {}}]}]\n",
            "  ingress: []\n",
            "  policyTypes: [Ingress]\n  egress: [{}]\n",
        ];
        for spec in bounded {
            assert_eq!(policy(spec).open_rules, [], "{spec}");
        }
    }

    #[test]
    fn policies_of_cilium_and_calico_have_selectors_of_their_own() {
        let cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\nspec:\n  \
                      endpointSelector: {matchLabels: {'k8s:app': a}}\n  ingress: [{}]\n  \
                      egress: [{toEntities: [world]}]\n";
        let policy = facts_of(cilium).cluster.network_policies.remove(0);
        assert_eq!(policy.selector, [("app".to_owned(), "a".to_owned())]);
        assert!(policy.restricts_ingress && policy.restricts_egress);
        assert_eq!((policy.open_rules.len(), at(&policy.open_rules[0].place)), (1, "7:26".into()));
        let calico = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  \
                      selector: app == 'a'\n  types: [Ingress]\n";
        let policy = facts_of(calico).cluster.network_policies.remove(0);
        assert_eq!(policy.selector, [("app".to_owned(), "a".to_owned())]);
        assert!(policy.restricts_ingress && !policy.restricts_egress);
    }
}
