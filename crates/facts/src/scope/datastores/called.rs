//! What datastores are called, and what the settings of a workload name.

use std::collections::{BTreeSet, HashMap};

use crate::{ClusterService, Container, Facts, Platform, VariableValue, Workload};

/// What the services of the cluster lead to, by one of the labels that they select.
pub(super) struct Leads<'a>(HashMap<&'a (String, String), Vec<&'a ClusterService>>);

impl<'a> Leads<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut leads: HashMap<_, Vec<&ClusterService>> = HashMap::new();
        for service in &facts.cluster.services {
            if let Some(label) = service.selector.first() {
                leads.entry(label).or_default().push(service);
            }
        }
        Self(leads)
    }

    /// The names that a datastore answers to: its own, and those of the services that lead to it.
    pub(super) fn to(&self, store: &'a Workload) -> BTreeSet<&'a str> {
        let is_near = |service: &&ClusterService| match (&service.namespace, &store.namespace) {
            (Some(one), Some(other)) => one.value == other.value,
            _ => true,
        };
        let has = |(key, value): &(String, String)| {
            store.labels.iter().any(|(own, label)| own == key && label.value == *value)
        };
        let is_in_cluster = store.platform == Platform::Kubernetes;
        let labels = store.labels.iter().filter(|_| is_in_cluster);
        let labels = labels.map(|(key, value)| (key.clone(), value.value.clone()));
        let services = labels.filter_map(|label| self.0.get(&label)).flatten().copied();
        let leading = services.filter(is_near).filter(|service| service.selector.iter().all(has));
        leading.map(|service| service.name.as_str()).chain([store.name.as_str()]).collect()
    }
}

/// The names of the secrets that a workload of a cluster takes, whole or by a key.
pub(super) fn secrets_of(workload: &Workload) -> BTreeSet<&str> {
    let is_in_cluster = workload.platform == Platform::Kubernetes;
    let containers = workload.containers.iter().filter(|_| is_in_cluster);
    containers.flat_map(Container::secret_names).collect()
}

/// What stands in the settings of the tree.
pub(super) struct Settings<'a> {
    /// Keys and values of the plain `ConfigMap`s of a name.
    maps: HashMap<&'a str, Vec<(&'a str, &'a str)>>,
}

impl<'a> Settings<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut maps: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
        for map in &facts.cluster.config_maps {
            let entries = map.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            maps.entry(map.name.as_str()).or_default().extend(entries);
        }
        Self { maps }
    }

    /// Words of a workload's settings that may be names of hosts, and what it waits for.
    pub(super) fn named_by<'w>(&self, workload: &'w Workload) -> BTreeSet<&'w str>
    where
        'a: 'w,
    {
        let values = workload.containers.iter().flat_map(|container| self.values(container));
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        values
            .flat_map(move |value| value.split(move |letter| !is_part(letter)))
            .chain(workload.depends_on.iter().map(|name| name.value.as_str()))
            .collect()
    }

    /// The values of a container's variables, those of the `ConfigMap`s that it takes among them.
    fn values<'w>(&self, container: &'w Container) -> Vec<&'w str>
    where
        'a: 'w,
    {
        let mut values: Vec<&str> = Vec::new();
        for variable in &container.environment {
            match &variable.value {
                VariableValue::Literal(value) => values.push(value.as_str()),
                VariableValue::Config(config) => {
                    let (map, key) = config.split_once('/').unwrap_or((config.as_str(), ""));
                    let entries = self.maps.get(map).into_iter().flatten();
                    values.extend(entries.filter(|(own, _)| *own == key).map(|(_, value)| *value));
                }
                _ => {}
            }
        }
        for map in &container.environment_files {
            let entries = self.maps.get(map.as_str()).into_iter().flatten();
            values.extend(entries.map(|(_, value)| *value));
        }
        values
    }
}
