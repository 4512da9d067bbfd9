//! Databases, brokers and caches: whose they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::environment::is_rehearsal;
use super::owner::Owners;
use super::twin::rehearsed;
use crate::discover::name::{ancestors, folder_of};
use crate::discover::workload::is_datastore;
use crate::{Dockerfile, Facts, Platform, Scope, VariableValue, Workload};

/// Gives datastores to the services that name them, else to those that they stand beside.
///
/// One of a cluster that stands beside none belongs to all, unless it stands nearer to software of
/// others that the tree runs. One of a Compose file without a service is a developer's.
pub(super) fn give<'a>(scopes: &mut [Scope<'a>], facts: &'a Facts, owners: &Owners<'_>) {
    let images: HashMap<&str, &Dockerfile> =
        facts.dockerfiles.iter().map(|file| (&*file.place.path, file)).collect();
    let rehearsed = rehearsed(facts);
    let is_open = |workload: &&Workload| {
        owners.of_reason(&workload.name.place).is_none()
            && is_datastore(workload, &images)
            && !is_rehearsal(&workload.name.place.path)
            && !rehearsed.contains(&*workload.name.place.path)
    };
    let stores: Vec<&Workload> = facts.workloads.iter().filter(is_open).collect();
    let mut surroundings = Surroundings::of(scopes, &stores);
    let is_of_others = |workload: &&Workload| {
        workload.platform == Platform::Kubernetes
            && owners.of_reason(&workload.name.place).is_none()
            && !is_datastore(workload, &images)
    };
    let others = facts.workloads.iter().filter(is_of_others);
    surroundings.others =
        others.flat_map(|workload| ancestors(workload.name.place.folder())).collect();
    for store in stores {
        for service in surroundings.users(store, owners) {
            if let Some(scope) = scopes.get_mut(service) {
                scope.datastores.push(store);
            }
        }
    }
}

type Services = BTreeSet<usize>;

/// Where services run and what they name.
#[derive(Default)]
struct Surroundings<'a> {
    all: Services,
    /// Folders around the workloads of services.
    own: BTreeSet<String>,
    /// Folders around what runs and belongs to no service.
    others: BTreeSet<&'a str>,
    names: BTreeMap<(Platform, String), Services>,
    files: BTreeMap<(Platform, String), Services>,
    folders: BTreeMap<(Platform, String), Services>,
    namespaces: BTreeMap<String, Services>,
}

impl Surroundings<'_> {
    fn of(scopes: &[Scope<'_>], stores: &[&Workload]) -> Self {
        let wanted: BTreeSet<&str> = stores.iter().map(|store| store.name.as_str()).collect();
        let mut surroundings = Self::default();
        for (at, scope) in scopes.iter().enumerate() {
            surroundings.all.insert(at);
            for workload in &scope.workloads {
                surroundings.note(at, workload, &wanted);
            }
        }
        surroundings
    }

    fn note(&mut self, service: usize, workload: &Workload, wanted: &BTreeSet<&str>) {
        let platform = workload.platform;
        let path = &*workload.name.place.path;
        self.files.entry((platform, path.to_owned())).or_default().insert(service);
        let folder = folder_of(path).to_owned();
        self.own.extend(ancestors(&folder).map(str::to_owned));
        self.folders.entry((platform, folder)).or_default().insert(service);
        if let Some(namespace) = &workload.namespace {
            self.namespaces.entry(namespace.value.clone()).or_default().insert(service);
        }
        let named = named_by(workload).filter(|name| wanted.contains(name));
        for name in named {
            self.names.entry((platform, name.to_owned())).or_default().insert(service);
        }
    }

    fn users(&self, store: &Workload, owners: &Owners<'_>) -> Services {
        let platform = store.platform;
        let path = &*store.name.place.path;
        let file = self.files.get(&(platform, path.to_owned()));
        let named = self.names.get(&(platform, store.name.value.clone()));
        let folder = || self.folders.get(&(platform, folder_of(path).to_owned()));
        if let Some(known) = named.or(file) {
            return known.clone();
        }
        if platform != Platform::Kubernetes {
            return folder().cloned().unwrap_or_default();
        }
        let owner = owners.of_path(path).or_else(|| owners.of_words(&store.name));
        let namespace = || self.namespaces.get(&store.namespace.as_ref()?.value);
        match owner {
            Some(owner) => BTreeSet::from([owner]),
            None => match folder().or_else(namespace) {
                Some(known) => known.clone(),
                None if self.is_among_others(path) => Services::new(),
                None => self.all.clone(),
            },
        }
    }

    /// Whether what stands nearest to `path` belongs to no service.
    fn is_among_others(&self, path: &str) -> bool {
        let is_own = |folder: &str| self.own.contains(folder);
        let mut around = ancestors(folder_of(path));
        let nearest = around.find(|folder| is_own(folder) || self.others.contains(folder));
        nearest.is_some_and(|folder| !is_own(folder))
    }
}

/// Words of a workload's settings that may be names of hosts, and what it waits for.
fn named_by(workload: &Workload) -> impl Iterator<Item = &str> {
    let variables = workload.containers.iter().flat_map(|container| &container.environment);
    let values = variables.filter_map(|variable| match &variable.value {
        VariableValue::Literal(value) => Some(value.value.as_str()),
        _ => None,
    });
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    values
        .flat_map(move |value| value.split(move |letter| !is_part(letter)))
        .chain(workload.depends_on.iter().map(|name| name.value.as_str()))
}
