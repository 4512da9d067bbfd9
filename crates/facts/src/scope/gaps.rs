//! Whom a gap may concern: what was not read of one application says nothing of another.
//!
//! A gap whose place tells nothing stays one of all services.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::environment::is_rehearsal;
use super::owner::{Owner, Owners};
use super::owners::WATCHING;
use crate::discover::is_beside_services;
use crate::discover::name::{ancestors, folder_of, has_words, key, last_part};
use crate::discover::third_party::{self, ThirdParty};
use crate::{Facts, Gap, Platform, Service, Subject};

/// Folders of what applications share, whatever stands beside them.
const SHARED: &[&str] = &[
    "cluster",
    "common",
    "core",
    "gateway",
    "global",
    "globals",
    "ingress",
    "lib",
    "library",
    "namespace",
    "namespaces",
    "network",
    "networking",
    "networkpolicies",
    "networks",
    "platform",
    "policies",
    "policy",
    "security",
    "shared",
    "stack",
    "stacks",
    "system",
    "umbrella",
];

/// What else than services stands in the tree.
pub(super) struct Elsewhere<'a> {
    /// Keys of all that runs, of services and of others.
    running: HashSet<String>,
    /// The same of Compose services alone.
    composed: HashSet<String>,
    /// Keys of the services.
    names: Vec<String>,
    /// Folders right below which services, or their charts, have folders of their own.
    around: HashSet<&'a str>,
    /// Folders of charts with a template that is named after a service: they install several.
    shared: HashSet<&'a str>,
    /// Services that a cluster runs for users, beside which Compose and what is for other environments
    /// only serve development.
    deployed: HashSet<usize>,
    /// Who keeps the tree, by its remotes; empty where nobody told.
    keepers: HashSet<&'a str>,
    /// Files of Kustomize's, with the services of the workloads that come out of what takes them;
    /// none where no workload does.
    built: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(facts: &'a Facts, services: &'a [Service], owners: &Owners<'_>) -> Self {
        let is_composed = |platform| platform == Platform::Compose;
        let composed = facts.workloads.iter().filter(|w| is_composed(w.platform));
        let reasons = services.iter().flat_map(|service| &service.reasons);
        let charts = reasons.map(|r| &r.place).filter(|place| place.file_name() == "Chart.yaml");
        let folders = services.iter().map(|service| service.folder.as_str());
        let folders = folders.chain(charts.map(model::Place::folder));
        Self {
            running: facts.workloads.iter().map(|workload| key(&workload.name)).collect(),
            composed: composed.map(|workload| key(&workload.name)).collect(),
            names: services.iter().map(|service| key(&service.name)).collect(),
            around: folders.map(folder_of).filter(|folder| !folder.is_empty()).collect(),
            shared: shared_charts(facts, owners),
            deployed: deployed(facts, owners),
            keepers: facts.remotes.iter().filter_map(|remote| remote.split('/').nth(1)).collect(),
            built: built(facts, owners),
        }
    }

    /// A gap belongs to the service that it names, else to where it stands: the template of a chart
    /// for several services to the one that it is named after. To none where it is one of something
    /// else, to all where nothing tells.
    pub(super) fn owner(&self, gap: &Gap, owners: &Owners<'_>) -> Owner {
        if self.is_of_rehearsal(gap) {
            return Owner::These(Vec::new());
        }
        let owner = self.owner_by_place(gap, owners);
        let is_rehearsed = || is_deployed(gap) && is_rehearsal(&gap.place.path);
        if self.deployed.is_empty() || !(is_of_compose(gap) || is_rehearsed()) {
            return owner;
        }
        let services = match owner {
            Owner::All => (0..self.names.len()).collect(),
            Owner::These(services) => services,
        };
        Owner::These(services.into_iter().filter(|at| !self.deployed.contains(at)).collect())
    }

    fn owner_by_place(&self, gap: &Gap, owners: &Owners<'_>) -> Owner {
        if let Some(service) = gap.name.as_ref().and_then(|name| owners.of_name(name)) {
            return Owner::These(vec![service]);
        }
        match owners.of_file_or_path(&gap.place.path) {
            Owner::All if self.is_of_another(gap, owners) => Owner::These(Vec::new()),
            // What an overlay leaves open, it leaves open of what comes out of it.
            Owner::All if is_deployed(gap) => {
                let services = self.built.get(&*gap.place.path).cloned();
                services.map_or(Owner::All, Owner::These)
            }
            owner => owner,
        }
    }

    /// Whether a Compose file for developing or testing changes what another file starts: none of
    /// what it starts tells how something runs in production.
    fn is_of_rehearsal(&self, gap: &Gap) -> bool {
        let is_change = gap.name.as_ref().is_some_and(|name| self.composed.contains(&key(name)));
        is_of_compose(gap) && is_change && is_rehearsal(&gap.place.path)
    }

    fn is_of_another(&self, gap: &Gap, owners: &Owners<'_>) -> bool {
        if !is_deployed(gap) {
            return false;
        }
        if gap.name.as_deref().is_some_and(|name| self.is_of_others(name)) {
            return true;
        }
        let name = gap.name.as_deref().map(key).unwrap_or_default();
        self.running.contains(&name)
            || (!name.is_empty() && is_beside_services(&name))
            || third_party::named(&name) == Some(ThirdParty::Tool)
            || self.is_in_folder_of_another(gap, owners)
    }

    /// Whether `owner/repository`, from which an overlay takes objects beside its own, is kept by
    /// others than the tree: what they release changes nothing here.
    fn is_of_others(&self, name: &str) -> bool {
        let keeper = name.split_once('/').map(|(keeper, _)| keeper);
        let is_told = !self.keepers.is_empty();
        let is_own = |keeper: &str| self.keepers.iter().any(|own| own.eq_ignore_ascii_case(keeper));
        is_told && keeper.is_some_and(|keeper| !is_own(keeper))
    }

    /// Whether the gap stands in the folder of an application that is none of the services: one that
    /// is called like other people's software or what exercises services, or that stands among the
    /// folders of the services.
    fn is_in_folder_of_another(&self, gap: &Gap, owners: &Owners<'_>) -> bool {
        let is_layer = |folder: &&str| {
            let part = key(last_part(folder));
            WATCHING.contains(&part.as_str()) || SHARED.contains(&part.as_str())
        };
        let own = folder_of(&gap.place.path);
        let is_shared = ancestors(own).any(|folder| self.shared.contains(folder));
        let mut found = ancestors(own).filter(|folder| !is_shared && !is_layer(folder));
        found.any(|folder| {
            let part = key(last_part(folder));
            let is_called = third_party::named(&part).is_some() || is_beside_services(&part);
            let is_beside = self.around.contains(folder_of(folder));
            (is_called || is_beside) && !self.is_kin(&part) && owners.below(folder).is_empty()
        })
    }

    /// Whether a name is a part of the name of a service, or the other way round.
    fn is_kin(&self, part: &str) -> bool {
        self.names.iter().any(|name| has_words(name, part) || has_words(part, name))
    }
}

/// Whether what was not read may tell what runs.
fn is_deployed(gap: &Gap) -> bool {
    matches!(gap.subject, Some(Subject::Workloads | Subject::Images))
}

/// The services of the workloads that come out of each file of Kustomize's.
fn built<'a>(facts: &'a Facts, owners: &Owners<'_>) -> HashMap<&'a str, Vec<usize>> {
    let mut runs: HashMap<&str, Vec<Option<usize>>> = HashMap::new();
    for workload in &facts.workloads {
        let place = &workload.name.place;
        runs.entry(&*place.path).or_default().push(owners.of_reason(place));
    }
    let of_overlay = |files: &BTreeSet<Arc<str>>| {
        let mut found = files.iter().filter_map(|path| runs.get(&**path)).flatten().peekable();
        found.peek()?;
        Some(found.copied().flatten().collect())
    };
    let overlays = facts.overlays.iter();
    overlays.filter_map(|(path, files)| Some((&**path, of_overlay(files)?))).collect()
}

/// Whether what was not read is what a Compose file starts.
fn is_of_compose(gap: &Gap) -> bool {
    let name = key(last_part(&gap.place.path));
    gap.subject == Some(Subject::Workloads) && name.split('-').any(|word| word == "compose")
}

/// Services of which a manifest for clusters was read that runs them for users.
fn deployed(facts: &Facts, owners: &Owners<'_>) -> HashSet<usize> {
    let manifests = facts.workloads.iter().filter(|workload| {
        workload.platform == Platform::Kubernetes
            && workload.is_long_running()
            && !is_rehearsal(&workload.name.place.path)
    });
    manifests.filter_map(|workload| owners.of_reason(&workload.name.place)).collect()
}

/// Folders of charts that hold a template named after some service.
fn shared_charts<'a>(facts: &'a Facts, owners: &Owners<'_>) -> HashSet<&'a str> {
    let folders: HashSet<&str> = facts.charts.iter().map(|chart| chart.place.folder()).collect();
    let templates = facts.paths.iter().filter_map(|path| {
        let (folder, _) = path.split_once("/templates/")?;
        (folders.contains(folder) && owners.of_file(path).is_some()).then_some(folder)
    });
    templates.collect()
}

#[cfg(test)]
mod tests {
    use super::super::scopes;
    use crate::discover::discover;
    use crate::discover::tests::{deployment, tree};

    /// Whether each service of the tree has a gap that stands in `path`.
    fn concerned(files: &[(&str, &str)], path: &str) -> Vec<(String, bool)> {
        let facts = tree(files);
        let services = discover(&facts).services;
        let today = jiff::civil::date(2026, 11, 21);
        let all = scopes(&facts, &services, today).into_iter().map(|scope| {
            let is_concerned = scope.gaps.iter().any(|gap| &*gap.place.path == path);
            (scope.service.name.clone(), is_concerned)
        });
        all.collect()
    }

    const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: \
                           panel}\nspec:\n  chart: {spec: {chart: panel, sourceRef: {kind: \
                           HelmRepository, name: x}}}\n";

    fn two<'f>(till: &'f str, stock: &'f str) -> Vec<(&'f str, &'f str)> {
        vec![("apps/till/deployment.yaml", till), ("apps/stock/deployment.yaml", stock)]
    }

    #[test]
    fn the_chart_of_one_application_concerns_no_other() {
        let till = deployment("till", "registry.example/till:1");
        let stock = deployment("stock", "registry.example/stock:1");
        let none = vec![("stock".to_owned(), false), ("till".to_owned(), false)];
        let all = vec![("stock".to_owned(), true), ("till".to_owned(), true)];
        for path in ["apps/panel/release.yaml", "infra/redis/release.yaml"] {
            let files = [two(&till, &stock), vec![(path, RELEASE)]].concat();
            assert_eq!(concerned(&files, path), none, "{path}");
        }
        let watching = RELEASE.replace("panel", "kube-prometheus-stack");
        let files = [two(&till, &stock), vec![("release.yaml", &*watching)]].concat();
        assert_eq!(concerned(&files, "release.yaml"), none);
        for path in ["apps/common/release.yaml", "infra/panel/release.yaml", "release.yaml"] {
            let files = [two(&till, &stock), vec![(path, RELEASE)]].concat();
            assert_eq!(concerned(&files, path), all, "{path}");
        }
        let path = "apps/till/release.yaml";
        let files = [two(&till, &stock), vec![(path, RELEASE)]].concat();
        assert_eq!(concerned(&files, path)[1], ("till".to_owned(), true));
    }

    #[test]
    fn what_others_release_concerns_nobody_and_what_the_keeper_does_all() {
        let till = deployment("till", "registry.example/till:1");
        let stock = deployment("stock", "registry.example/stock:1");
        let taken = |owner: &str| {
            format!("resources: ['https://github.com/{owner}/disks/releases/download/v1/a.yaml']\n")
        };
        let path = "cluster/disks/kustomization.yaml";
        for (owner, is_concerned) in [("oak", false), ("Acme", true)] {
            let text = taken(owner);
            let files = [two(&till, &stock), vec![(path, &*text)]].concat();
            let mut facts = tree(&files);
            facts.remotes = vec!["github.com/acme/shop".into()];
            let services = discover(&facts).services;
            let scopes = scopes(&facts, &services, jiff::civil::date(2026, 11, 21));
            let gaps: Vec<usize> = scopes.iter().map(|scope| scope.gaps.len()).collect();
            assert_eq!(gaps, [usize::from(is_concerned); 2], "{owner}");
        }
    }

    #[test]
    fn what_is_for_developers_concerns_no_service_that_a_cluster_runs_for_users() {
        let till = deployment("till", "registry.example/till:1");
        let broken = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a\n";
        let entry = "service: stock\nkind: web\ntier: 2\n";
        for (path, is_concerned) in [("dev/env/a.yaml", false), ("env/a.yaml", true)] {
            let files = [("k8s/till.yaml", &*till), ("stock/gonogo.yaml", entry), (path, broken)];
            let expected = vec![("stock".to_owned(), true), ("till".to_owned(), is_concerned)];
            assert_eq!(concerned(&files, path), expected, "{path}");
        }
    }

    #[test]
    fn what_an_overlay_leaves_open_concerns_what_comes_out_of_it() {
        let till = deployment("till", "registry.example/till:1");
        let bridge = deployment("bridge", "keeper/bridge:1");
        let generated = "resources: [deployment.yaml]\ngenerators: [made.yaml]\n";
        let made = "apiVersion: acme.example/v1\nkind: Stamper\nmetadata: {name: a}\n";
        let plain = "resources: [deployment.yaml]\n";
        let concerned = |overlay: &str| {
            let files = [
                ("till/deployment.yaml", &*till),
                ("till/kustomization.yaml", plain),
                ("bridge/deployment.yaml", &*bridge),
                ("bridge/made.yaml", made),
                ("bridge/kustomization.yaml", generated),
                ("all/kustomization.yaml", overlay),
            ];
            let mut facts = tree(&files);
            facts.remotes = vec!["github.com/acme/shop".into()];
            let services = discover(&facts).services;
            assert_eq!(services.len(), 1);
            scopes(&facts, &services, jiff::civil::date(2026, 11, 23))[0].gaps.len()
        };
        assert_eq!(concerned("resources: [../till]\n"), 0);
        assert_eq!(concerned("resources: [../till, ../bridge]\n"), 1);
    }

    #[test]
    fn what_stands_in_production_comes_first() {
        let till = deployment("till", "registry.example/till:1");
        let template = "apiVersion: v1\nkind: Service\nmetadata: {name: {name}}\n";
        let files = [
            ("k8s/hpa.yaml", template),
            ("k8s/production/service.yaml", template),
            ("k8s/till.yaml", &*till),
        ];
        let facts = tree(&files);
        let services = discover(&facts).services;
        let scopes = scopes(&facts, &services, jiff::civil::date(2026, 11, 22));
        let told: Vec<&str> = scopes[0].gaps.iter().map(|gap| &*gap.place.path).collect();
        assert_eq!(told, ["k8s/production/service.yaml", "k8s/hpa.yaml"]);
    }

    #[test]
    fn a_chart_of_tests_concerns_not_the_only_service() {
        let till = deployment("till", "registry.example/till:1");
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n";
        let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let (of_tests, shared) = (chart("e2e-stack"), chart("settings"));
        let path = ".helm/e2e-stack/templates/deployment.yaml";
        let files = [
            ("k8s/till.yaml", &*till),
            (".helm/e2e-stack/Chart.yaml", &*of_tests),
            (path, template),
        ];
        assert_eq!(concerned(&files, path), [("till".to_owned(), false)]);
        let path = "charts/settings/templates/config.yaml";
        let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: {{ .Values.name }}}\n";
        let files =
            [("k8s/till.yaml", &*till), ("charts/settings/Chart.yaml", &*shared), (path, budget)];
        assert_eq!(concerned(&files, path), [("till".to_owned(), true)]);
    }

    #[test]
    fn a_chart_that_installs_several_services_concerns_all() {
        let till = deployment("till", "registry.example/till:1");
        let stock = deployment("stock", "registry.example/stock:1");
        let chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n";
        let path = "apps/shop/templates/policies.yaml";
        let files = [
            two(&till, &stock),
            vec![
                ("apps/shop/Chart.yaml", chart),
                ("apps/shop/templates/till.yaml", template),
                ("apps/shop/templates/stock.yaml", template),
                (path, template),
            ],
        ]
        .concat();
        let all = vec![("stock".to_owned(), true), ("till".to_owned(), true)];
        assert_eq!(concerned(&files, path), all);
    }

    #[test]
    fn what_compose_starts_concerns_no_service_that_a_cluster_runs() {
        let till = deployment("till", "registry.example/till:1");
        let broken = "services:\n  till: {ports: [\n";
        let entry = "service: stock\nkind: web\ntier: 2\n";
        let files = [
            ("k8s/till.yaml", till.as_str()),
            ("stock/gonogo.yaml", entry),
            ("docker/docker-compose.extend.yml", broken),
        ];
        let expected = vec![("stock".to_owned(), true), ("till".to_owned(), false)];
        assert_eq!(concerned(&files, "docker/docker-compose.extend.yml"), expected);
    }

    #[test]
    fn the_chart_of_an_operator_of_others_concerns_nobody() {
        let till = deployment("till", "registry.example/till:1");
        let path = "base/infra/db/release.yaml";
        for (chart, is_concerned) in [("cloudnative-pg", false), ("panel", true)] {
            let chart = RELEASE.replace("chart: panel", &format!("chart: {chart}"));
            let files = [("apps/till.yaml", till.as_str()), (path, chart.as_str())];
            assert_eq!(concerned(&files, path), [("till".to_owned(), is_concerned)]);
        }
    }

    #[test]
    fn a_change_for_developers_concerns_nobody_and_another_its_service() {
        let base = "services:\n  till: {image: registry.example/till:1, build: .}\n";
        let change = "services:\n  till: {ports: ['1:1']}\n";
        let docker = "FROM rust:1\nCMD [\"/serve\"]\n";
        for (path, is_concerned) in [("compose.dev.yaml", false), ("compose.prod.yaml", true)] {
            let files = [("compose.yaml", base), ("Dockerfile", docker), (path, change)];
            assert_eq!(concerned(&files, path), [("till".to_owned(), is_concerned)], "{path}");
        }
    }
}
