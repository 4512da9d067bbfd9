//! Databases, brokers and caches: whose they are.

mod called;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::called::{Leads, Settings};
use super::environment::is_rehearsal;
use super::owner::Owners;
use super::twin::rehearsed;
use crate::discover::name::{ancestors, folder_of};
use crate::discover::workload::is_datastore;
use crate::{Dockerfile, Facts, Platform, Scope, Workload};

/// Gives datastores to the services that name them, else to those that they stand beside, of these
/// to those that take the same secret where some do, and of a Compose file to those that share a
/// network with it.
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
            // A job that runs the image of one copies, cleans or migrates what another holds.
            && workload.is_long_running()
            && !is_rehearsal(&workload.name.place.path)
            && !rehearsed.contains(&*workload.name.place.path)
    };
    let stores: Vec<&Workload> = facts.workloads.iter().filter(is_open).collect();
    let settings = Settings::of(facts);
    let leads = Leads::of(facts);
    let wanted: BTreeSet<&str> = stores.iter().flat_map(|store| leads.to(store)).collect();
    let mut surroundings = Surroundings::of(scopes, &wanted, &settings);
    let is_of_others = |workload: &&Workload| {
        workload.platform == Platform::Kubernetes
            && owners.of_reason(&workload.name.place).is_none()
            && !is_datastore(workload, &images)
    };
    let others = facts.workloads.iter().filter(is_of_others);
    let aside = facts.workloads.iter().filter(|w| owners.of_reason(&w.name.place).is_some());
    for workload in aside.filter(|workload| workload.platform == Platform::Compose) {
        let path = &workload.name.place.path;
        let named = settings.named_by(workload).into_iter().filter(|name| wanted.contains(name));
        surroundings.composed.extend(named.map(|name| (path.to_string(), name.to_owned())));
    }
    surroundings.others =
        others.flat_map(|workload| ancestors(workload.name.place.folder())).collect();
    for store in stores {
        let hosts = leads.to(store);
        for service in surroundings.users(store, &hosts, owners) {
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
    /// What something of a service names in its Compose file, whether it tells how that runs or not.
    composed: BTreeSet<(String, String)>,
    files: BTreeMap<(Platform, String), Services>,
    folders: BTreeMap<(Platform, String), Services>,
    namespaces: BTreeMap<String, Services>,
    /// Who takes a secret.
    secrets: BTreeMap<(Platform, String), Services>,
    /// Networks of the workloads of a service in a file, each with those of one.
    networks: BTreeMap<(usize, String), Vec<Vec<String>>>,
}

impl Surroundings<'_> {
    fn of(scopes: &[Scope<'_>], wanted: &BTreeSet<&str>, settings: &Settings<'_>) -> Self {
        let mut surroundings = Self::default();
        for (at, scope) in scopes.iter().enumerate() {
            surroundings.all.insert(at);
            for workload in &scope.workloads {
                surroundings.note(at, workload, wanted, settings);
            }
        }
        surroundings
    }

    fn note(
        &mut self,
        service: usize,
        workload: &Workload,
        wanted: &BTreeSet<&str>,
        settings: &Settings<'_>,
    ) {
        let platform = workload.platform;
        let path = &*workload.name.place.path;
        self.files.entry((platform, path.to_owned())).or_default().insert(service);
        let networks = self.networks.entry((service, path.to_owned())).or_default();
        networks.push(workload.networks.clone());
        let folder = folder_of(path).to_owned();
        self.own.extend(ancestors(&folder).map(str::to_owned));
        self.folders.entry((platform, folder)).or_default().insert(service);
        if let Some(namespace) = &workload.namespace {
            self.namespaces.entry(namespace.value.clone()).or_default().insert(service);
        }
        let named = settings.named_by(workload);
        for name in named.into_iter().filter(|name| wanted.contains(name)) {
            self.names.entry((platform, name.to_owned())).or_default().insert(service);
        }
        for secret in called::secrets_of(workload) {
            self.secrets.entry((platform, secret.to_owned())).or_default().insert(service);
        }
    }

    fn users(&self, store: &Workload, hosts: &BTreeSet<&str>, owners: &Owners<'_>) -> Services {
        let platform = store.platform;
        let path = &*store.name.place.path;
        let file = self.files.get(&(platform, path.to_owned()));
        let named = hosts.iter().filter_map(|host| self.names.get(&(platform, (*host).to_owned())));
        let named: Services = named.flatten().copied().collect();
        if !named.is_empty() {
            return named;
        }
        let is_composed = |host: &&str| {
            platform == Platform::Compose
                && self.composed.contains(&(path.to_owned(), (**host).to_owned()))
        };
        // It is that of a service which something else than this file brings out.
        if hosts.iter().any(is_composed) {
            return Services::new();
        }
        if let Some(known) = file {
            return known
                .iter()
                .copied()
                .filter(|service| self.may_reach(*service, store))
                .collect();
        }
        let beside = self.beside(store, owners);
        let sharing = called::secrets_of(store).into_iter();
        let sharing = sharing.filter_map(|s| self.secrets.get(&(platform, s.to_owned())));
        let sharing: Services = sharing.flatten().copied().filter(|s| beside.contains(s)).collect();
        if sharing.is_empty() { beside } else { sharing }
    }

    /// Whether some workload of a service shares a network with a store of its file, or one of both
    /// names none.
    fn may_reach(&self, service: usize, store: &Workload) -> bool {
        let named = self.networks.get(&(service, store.name.place.path.to_string()));
        let is_shared = |own: &Vec<String>| {
            own.is_empty() || own.iter().any(|network| store.networks.contains(network))
        };
        store.networks.is_empty() || named.is_none_or(|all| all.iter().any(is_shared))
    }

    /// The services that a store stands beside, in a folder or a namespace.
    fn beside(&self, store: &Workload, owners: &Owners<'_>) -> Services {
        let platform = store.platform;
        let path = &*store.name.place.path;
        let folder = || self.folders.get(&(platform, folder_of(path).to_owned()));
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
