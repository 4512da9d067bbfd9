//! Only what must talk can talk.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/network-policy",
    title: "only what must talk can talk",
    why: "In a flat network whoever gets into the least important pod reaches the most \
          important database.",
    remedy: "Deny by default in the namespace, and let in by label the callers that have \
             to reach the service.",
    references: &[
        Reference {
            title: "Kubernetes: network policies",
            url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        },
        Reference {
            title: "OWASP: Kubernetes security",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Kubernetes_Security_Cheat_Sheet.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Dependency],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::EachWorkload(judge)],
    cases: include_str!("network_policy.md"),
};

fn judge(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = &workload.name.value;
    if workload.platform != Platform::Kubernetes {
        return Outcome::unknown(format!(
            "who can reach `{name}` is decided by the host and its firewall, which were not read"
        ));
    }
    let is_near =
        |policy: &&NetworkPolicy| policy.restricts_ingress && is_same_namespace(policy, workload);
    let near: Vec<&NetworkPolicy> =
        scope.all.cluster.network_policies.iter().filter(is_near).collect();
    let selecting: Vec<&NetworkPolicy> =
        near.iter().copied().filter(|policy| selects(policy, workload)).collect();
    if selecting.is_empty() {
        return unselected(workload, &near, scope);
    }
    let open: Vec<Finding> = selecting.iter().flat_map(|policy| open(policy, workload)).collect();
    if open.is_empty() && selecting.iter().all(|policy| policy.is_assumed) {
        return Outcome::unknown(format!(
            "whether the platform makes a network policy for `{name}` is decided by the settings of \
             the cluster: write `accessPolicy` in its manifest to say who may call it"
        ));
    }
    Outcome::unmet_or(open, || {
        let written = selecting.iter().filter(|policy| !policy.is_assumed);
        let seen = written.map(|policy| {
            let message = format!("policy `{}` says who reaches `{name}`", policy.name.value);
            Sighting::at(&policy.name.place, message)
        });
        Outcome::Met(seen.collect())
    })
}

/// Policies add to one another: one that lets everything in is enough.
fn open(policy: &NetworkPolicy, workload: &Workload) -> Vec<Finding> {
    let rules = policy.open_rules.iter().filter(|rule| rule.value.contains("ingress"));
    let finding = |rule: &Placed<String>| {
        let (policy, name) = (&policy.name.value, &workload.name.value);
        Finding::at(&rule.place, format!("policy `{policy}` lets everything reach `{name}`")).help(
            "name the callers and the port:\n\ningress:\n  - from:\n      - podSelector: \
                   {matchLabels: {app: <caller>}}\n    ports:\n      - port: <port>",
        )
    };
    rules.map(finding).collect()
}

fn unselected(workload: &Workload, near: &[&NetworkPolicy], scope: &Scope<'_>) -> Outcome {
    let name = &workload.name.value;
    let unclear =
        near.iter().find(|policy| policy.selector.iter().any(|label| !is_equality(label)));
    if let Some(policy) = unclear {
        return Outcome::unknown(format!(
            "whether policy `{}` selects `{name}` depends on more than equal labels",
            policy.name.value
        ));
    }
    let message = format!("no network policy selects the pods of `{name}`");
    let help = "deny by default, then let the callers in:\n\napiVersion: networking.k8s.io/v1\n\
                kind: NetworkPolicy\nmetadata:\n  name: default-deny\nspec:\n  \
                podSelector: {}\n  policyTypes: [Ingress]";
    let finding = Finding::at(&workload.name.place, message).help(help);
    Outcome::missing(finding, &[Subject::Workloads], scope)
}

/// Namespaces that are not written are set when the manifests are applied, alike for all of them.
fn is_same_namespace(policy: &NetworkPolicy, workload: &Workload) -> bool {
    match (&policy.namespace, &workload.namespace) {
        (Some(of_policy), Some(of_workload)) => of_policy.value == of_workload.value,
        _ => true,
    }
}

fn selects(policy: &NetworkPolicy, workload: &Workload) -> bool {
    policy.selector.iter().all(|(key, value)| {
        workload.labels.iter().any(|(label, written)| label == key && written.value == *value)
    })
}

/// Whether a label of a selector is one that pods can carry: operators keep a blank.
fn is_equality((key, value): &(String, String)) -> bool {
    !value.contains(' ') && key != "nodeSelector"
}
