//! Which services of a cluster may route to which workloads: a tree of many holds many of both.

use std::collections::HashMap;

use crate::cluster::ClusterService;
use crate::{Facts, Workload};

/// The services of the cluster, by the first label that each asks for.
#[derive(Debug)]
pub struct Routing<'a> {
    services: &'a [ClusterService],
    by_label: HashMap<(&'a str, &'a str), Vec<usize>>,
}

impl<'a> Routing<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let services = facts.cluster.services.as_slice();
        let mut by_label: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (at, service) in services.iter().enumerate() {
            if let Some((key, wanted)) = service.selector.first() {
                by_label.entry((key, wanted)).or_default().push(at);
            }
        }
        Self { services, by_label }
    }

    /// Services whose selectors may fit the pods of `workload`, in their order. One without a selector
    /// routes to what somebody says elsewhere.
    pub fn candidates(&self, workload: &Workload) -> impl Iterator<Item = &'a ClusterService> {
        let labels =
            workload.labels.iter().map(|(key, label)| (key.as_str(), label.value.as_str()));
        let candidates = labels.filter_map(|label| self.by_label.get(&label)).flatten();
        let mut at: Vec<usize> = candidates.copied().collect();
        at.sort_unstable();
        at.dedup();
        let services = self.services;
        at.into_iter().filter_map(move |at| services.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::tests::tree;

    #[test]
    fn services_may_route_to_pods_that_bear_their_first_label() {
        let service = |name: &str, selector: &str| {
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec:\n  selector: {selector}\n  \
                 ports: [{{port: 80}}]\n---\n"
            )
        };
        let text = [
            service("till", "{app: till}"),
            service("stock", "{app: stock}"),
            service("both", "{app: till, part: web}"),
            service("none", "{}"),
        ]
        .concat()
            + "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till}\nspec:\n  selector: {matchLabels: {app: till}}\n  template:\n    \
               metadata: {labels: {part: web, app: till}}\n    spec: {containers: [{name: a, image: b}]}\n";
        let facts = tree(&[("k8s/all.yaml", &text)]);
        let routing = Routing::of(&facts);
        let mut names = routing.candidates(&facts.workloads[0]).map(|service| &*service.name.value);
        assert_eq!(names.next(), Some("till"));
        assert_eq!(names.collect::<Vec<_>>(), ["both"]);
    }
}
