//! Which workloads of a service tell how it runs in production.

use std::collections::{BTreeMap, HashSet};

use super::developing::unstarted;
use super::owner::Owners;
use super::twin::rehearsed;
use crate::discover::is_brought_to_cloud;
use crate::discover::name::{folder_of, key, last_part};
use crate::discover::optional::in_optional;
use crate::discover::platform::deploying;
use crate::discover::unfilled::{self, brings_only_charts};
use crate::read::starts_compose;
use crate::{Facts, Platform, Reason, Scope, Service, Workload};

/// Words of folders and Compose files that are not for production.
pub(super) const REHEARSAL: &[&str] = &[
    "ci",
    "debug",
    "dev",
    "devcontainer",
    "develop",
    "development",
    "e2e",
    "integration",
    "ithc",
    "kind",
    "local",
    "localhost",
    "minikube",
    "preprod",
    "preview",
    "qa",
    "sandbox",
    "sbox",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "tests",
    "tilt",
    "uat",
];

/// Words beside which the name of a folder still names nothing but an environment.
const KINDS_OF_FOLDER: &[&str] = &["base", "env", "environment", "overlay"];

/// Whether a word names an environment that users do not see.
pub fn is_word_of_rehearsal(word: &str) -> bool {
    REHEARSAL.binary_search(&word).is_ok()
}

/// Whether `path` is one of an environment that users do not see: `overlays/dev/`,
/// `docker-compose.test.yml`, `tilt.yaml`.
pub fn is_rehearsal(path: &str) -> bool {
    let is_word = is_word_of_rehearsal;
    let name = key(last_part(path));
    let is_compose = name.split('-').any(|word| word == "compose");
    // `base-preview` holds what previews are made from, `dev-env` what a developer has.
    let is_folder = |folder: &str| {
        let name = key(folder);
        let mut words = name.split('-').filter(|word| !KINDS_OF_FOLDER.contains(word)).peekable();
        words.peek().is_some() && words.all(is_word)
    };
    // Compose itself takes `compose.override.yaml` for changes that developers make.
    let is_productive = name.split('-').any(is_of_production);
    let is_override = |word: &str| word == "override" && !is_productive;
    let is_name = || name.split('-').any(|word| is_word(word) || is_override(word));
    let is_here = folder_of(path).split('/').any(is_folder) || (is_compose && is_name());
    is_here || is_of_tilt(path) || is_rehearsal_of_nais(path)
}

/// Whether a file is there for Tilt, which starts what people are writing.
fn is_of_tilt(path: &str) -> bool {
    matches!(last_part(path), "tilt.yaml" | "tilt.yml")
}

/// Whether a folder of `path` is called after production: `overlays/moc-prod/`.
pub(super) fn stands_in_production(path: &str) -> bool {
    folder_of(path).split('/').any(|folder| key(folder).split('-').any(is_of_production))
}

/// Whether a folder of `path` is called after a stage before production, whatever else its name says:
/// `overlays/ocp4-stage/`. That alone is weak: `load-test` may be a service.
pub(super) fn stands_in_rehearsal(path: &str) -> bool {
    let is_one = |folder: &str| {
        let name = key(folder);
        name.split('-').any(is_word_of_rehearsal) && !name.split('-').any(is_of_production)
    };
    folder_of(path).split('/').any(is_one)
}

/// The same of manifests for nais, which tell clusters apart by the names of files: `nais/dev.yaml`.
pub(crate) fn is_rehearsal_of_nais(path: &str) -> bool {
    let name = key(last_part(path));
    let mut words = name.split('-');
    let is_of_nais = folder_of(path).split('/').any(|folder| matches!(folder, "nais" | ".nais"))
        || words.clone().next().is_some_and(|first| first.starts_with("nais"));
    // Clusters for trying out are called q0 to q6 as well.
    let is_numbered =
        |word: &str| matches!(word.as_bytes(), [b'q' | b't', digit] if digit.is_ascii_digit());
    is_of_nais && words.any(|word| is_word_of_rehearsal(word) || is_numbered(word))
}

/// Whether it stands in a folder for showing what the product does: `compose/till-demo/`.
fn is_demonstration(workload: &Workload) -> bool {
    let folder = folder_of(&workload.name.place.path);
    folder.split('/').any(|part| key(part).split('-').any(|word| word == "demo"))
}

/// Whether it runs an image that is tagged for developing: `shop:dev`.
fn has_rehearsal_tag(workload: &Workload) -> bool {
    let mut tags = workload.images().filter_map(|image| image.rsplit_once(':')).map(|(_, tag)| tag);
    tags.any(is_word_of_rehearsal)
}

/// Whether no cluster could run it but one into which its images were put by hand.
pub(crate) fn is_never_fetched(workload: &Workload) -> bool {
    !workload.containers.is_empty()
        && workload.containers.iter().all(|container| container.is_never_pulled)
}

/// Why nothing runs it as it is written.
fn untaken(workload: &Workload, around: &Around<'_>) -> Option<&'static str> {
    if around.unstarted.contains(&*workload.name.place.path) {
        return Some(
            "stands in a file that nothing which was read starts: a job for production brings what the \
             tree makes to a cloud",
        );
    }
    if is_of_tilt(&workload.name.place.path) {
        return Some("is for development: Tilt starts it");
    }
    if workload.platform == Platform::Compose && workload.is_off() {
        return Some("is switched off: no instance of it is started");
    }
    let is_unfilled = around.brings_only_charts && unfilled::image(workload).is_some();
    let unfilled = "runs an image that a shell fills in, and no pipeline does: those that deploy \
                    bring a chart";
    let never = "runs an image that is never fetched (`imagePullPolicy: Never`), as on a machine \
                 where it is tried out";
    is_unfilled.then_some(unfilled).or_else(|| is_never_fetched(workload).then_some(never))
}

/// Whether it is a unit that says not what it starts: who takes it is to fill that in.
fn is_form(workload: &Workload) -> bool {
    workload.platform == Platform::Systemd
        && workload.containers.iter().all(|c| c.command.is_none())
}

/// Whether it is a unit that only has Compose start something.
fn is_starter(workload: &Workload) -> bool {
    let mut commands = workload.containers.iter().filter_map(|c| c.command.as_deref());
    workload.platform == Platform::Systemd && commands.any(|command| starts_compose(command))
}

/// Whether `policy` of a Compose service leaves it where it died.
pub fn never_restarts(policy: &str) -> bool {
    matches!(policy, "no" | "false" | "none")
}

impl Scope<'_> {
    /// Whether somebody wrote the file of `workload` for more than trying things out: of a Compose
    /// file, whether some service of it is restarted, or its number of instances is set.
    pub fn is_operated(&self, workload: &Workload) -> bool {
        let path = &workload.name.place.path;
        let mut beside = self.all.workloads.iter().filter(|w| w.name.place.path == *path);
        let is_kept = |workload: &Workload| {
            let policy = workload.restart.as_ref();
            workload.replicas.is_some() || policy.is_some_and(|policy| !never_restarts(policy))
        };
        workload.platform != Platform::Compose || beside.any(is_kept)
    }

    /// What the Compose files for production beside that of `workload` say of the same service, where
    /// it is of another file: they are laid over that, or stand in place of it.
    pub fn in_production<'s>(
        &'s self,
        workload: &'s Workload,
    ) -> impl Iterator<Item = &'s Workload> {
        let path = &*workload.name.place.path;
        let is_beside = move |other: &str| {
            folder_of(other) == folder_of(path) && says_production(other) && !says_production(path)
        };
        let is_its = move |other: &&Workload| {
            other.platform == Platform::Compose
                && other.name.value == workload.name.value
                && is_beside(&other.name.place.path)
        };
        self.workloads.iter().copied().filter(is_its)
    }
}

/// The workloads of a service.
#[derive(Default)]
pub(super) struct Workloads<'a> {
    /// Those that tell how it runs in production.
    pub(super) productive: Vec<&'a Workload>,
    /// Those that do not, each with the reason.
    pub(super) set_back: Vec<(&'a Workload, &'static str)>,
    /// Whether a cluster or a platform runs it, beside which Compose only serves development.
    is_deployed_otherwise: bool,
}

/// The workloads of each service, by its index.
pub(super) fn workloads_of<'a>(
    facts: &'a Facts,
    owners: &Owners<'_>,
) -> BTreeMap<usize, Workloads<'a>> {
    let mut all: BTreeMap<usize, Workloads<'a>> = BTreeMap::new();
    for workload in &facts.workloads {
        if let Some(owner) = owners.of_reason(&workload.name.place) {
            let workloads = all.entry(owner).or_default();
            workloads.productive.push(workload);
            workloads.is_deployed_otherwise |= workload.platform == Platform::Kubernetes;
        }
    }
    let charts = facts.charts.iter().map(|chart| owners.of_reason(&chart.place));
    let templates = facts.templates.iter().map(|template| owners.of_template(template));
    let platforms = deploying(facts).map(|place| owners.of_reason(&place)).collect::<Vec<_>>();
    for owner in charts.chain(templates).chain(platforms).flatten() {
        if let Some(workloads) = all.get_mut(&owner) {
            workloads.is_deployed_otherwise = true;
        }
    }
    let around = Around {
        developed: developed(facts),
        rehearsed: rehearsed(facts),
        charts: facts.charts.iter().map(|chart| chart.place.folder()).collect(),
        stale: stale(facts),
        unstarted: unstarted(facts),
        is_brought_to_cloud: is_brought_to_cloud(facts),
        brings_only_charts: brings_only_charts(facts),
    };
    for workloads in all.values_mut() {
        workloads.set_back(&around);
    }
    all
}

/// What else of the tree tells how its workloads run.
struct Around<'f> {
    /// Compose files by which somebody develops.
    developed: HashSet<&'f str>,
    /// Files beside which one for production is called the same.
    rehearsed: HashSet<&'f str>,
    /// Folders of charts.
    charts: HashSet<&'f str>,
    /// Compose files that build from folders which are not in the tree.
    stale: HashSet<&'f str>,
    /// Compose files for production that nothing starts, where that is brought to a cloud.
    unstarted: HashSet<&'f str>,
    /// Whether pipelines bring what the tree makes to a cluster or a cloud.
    is_brought_to_cloud: bool,
    /// Whether pipelines bring charts and no manifest.
    brings_only_charts: bool,
}

/// Compose files nothing of which could be built: the folders were renamed or moved away. What Git
/// checks out beside the tree may hold them.
fn stale(facts: &Facts) -> HashSet<&str> {
    let mut files: BTreeMap<&str, bool> = BTreeMap::new();
    let composed = facts.workloads.iter().filter(|w| w.platform == Platform::Compose);
    for workload in composed.filter(|_| facts.submodules.is_empty()) {
        for build in workload.containers.iter().filter_map(|container| container.build.as_ref()) {
            let is_gone = !matches!(build.as_str(), "" | ".")
                && !build.contains('$')
                && !facts.has_folder(build);
            *files.entry(&workload.name.place.path).or_insert(true) &= is_gone;
        }
    }
    files.into_iter().filter(|(_, is_gone)| *is_gone).map(|(path, _)| path).collect()
}

/// The name of a workload without the environment that it is for: `till` of `till-dev`.
pub(super) fn of_all_environments(workload: &Workload) -> String {
    let name = key(&workload.name);
    let is_environment = |word: &&str| is_word_of_rehearsal(word) || is_of_production(word);
    let words: Vec<&str> = name.split('-').filter(|word| !is_environment(word)).collect();
    words.join("-")
}

/// Compose files some service of which is started while its code is written: so are the others. A
/// file that is named after production is believed.
pub(crate) fn developed(facts: &Facts) -> HashSet<&str> {
    let signed = facts.workloads.iter().filter(|workload| workload.develops.is_some());
    let paths = signed.map(|workload| &*workload.name.place.path);
    paths.filter(|path| !says_production(path)).collect()
}

/// Whether one machine runs it by itself.
fn is_of_machine(workload: &Workload) -> bool {
    matches!(workload.platform, Platform::Compose | Platform::Systemd)
}

fn is_of_production(word: &str) -> bool {
    matches!(word, "prod" | "production")
}

/// Whether a file is named after production, and not after what comes close to it: `near-prod`.
pub(crate) fn says_production(path: &str) -> bool {
    const SHORT_OF_IT: &[&str] = &["like", "near", "non", "pre", "pseudo"];
    let words = || last_part(path).split(['.', '-', '_']);
    words().any(is_of_production) && !words().any(|word| SHORT_OF_IT.contains(&word))
}

/// Why a Compose file does not tell how a service runs that something else brings out.
fn beside_others(path: &str) -> &'static str {
    if says_production(path) {
        "is named after production, as a chart, manifests for a cluster or files of a platform stand \
         beside it: which of them runs what users see is not told"
    } else {
        "is for development: a chart, manifests for a cluster or files of a platform stand beside it"
    }
}

impl Workloads<'_> {
    /// Manifests of other environments are set back where the workload has one outside of them.
    /// Compose files are for development where the service has manifests for a cluster, a chart or
    /// files of a platform, or pipelines bring it to a cloud; those that bear the name of such an
    /// environment, or start what is being written, always are; as are files beside which one for
    /// production is called the same, and demonstrations of what others run too.
    fn set_back(&mut self, around: &Around<'_>) {
        let all = std::mem::take(&mut self.productive);
        let is_productive = |workload: &Workload| {
            !is_rehearsal(&workload.name.place.path) && !has_rehearsal_tag(workload)
        };
        let has_twin = |workload: &Workload| around.rehearsed.contains(&*workload.name.place.path);
        let is_optional = |workload: &Workload| {
            is_demonstration(workload) || in_optional(&workload.name.place.path).is_some()
        };
        let outside = all.iter().filter(|w| is_productive(w) && !is_optional(w));
        let outside: HashSet<_> = outside.map(|w| (w.platform, of_all_environments(w))).collect();
        for workload in all {
            let name = (workload.platform, of_all_environments(workload));
            let is_compose = workload.platform == Platform::Compose;
            let path = &*workload.name.place.path;
            if is_compose && self.is_deployed_otherwise {
                self.set_back.push((workload, beside_others(path)));
            } else if is_compose && around.developed.contains(&*workload.name.place.path) {
                self.set_back.push((
                    workload,
                    "is for development: some service of its file runs code that is mounted, is \
                     debugged or restarts with each change, or names such an environment",
                ));
            } else if is_form(workload) {
                self.set_back.push((workload, "says not what it starts: it has no `ExecStart`"));
            } else if is_starter(workload) {
                self.set_back.push((
                    workload,
                    "only has Compose start what its file tells of, which is what runs",
                ));
            } else if around.stale.contains(path) {
                self.set_back.push((
                    workload,
                    "stands in a file that builds from folders which are not in the tree",
                ));
            } else if around.is_brought_to_cloud
                && is_of_machine(workload)
                && !says_production(path)
            {
                self.set_back.push((
                    workload,
                    "is not what users see: pipelines bring what the tree makes to a cluster or a cloud",
                ));
            } else if !is_compose && around.charts.contains(folder_of(path)) {
                self.set_back.push((
                    workload,
                    "stands beside a chart, which only brings what stands in `templates/`",
                ));
            } else if let Some(why) = untaken(workload, around) {
                self.set_back.push((workload, why));
            } else if is_demonstration(workload) && outside.contains(&name) {
                self.set_back.push((workload, "is for a demonstration"));
            } else if in_optional(path).is_some() && outside.contains(&name) {
                self.set_back.push((workload, "is a variant that stands among what is optional"));
            } else if !has_twin(workload)
                && (is_productive(workload) || (!is_compose && !outside.contains(&name)))
            {
                self.productive.push(workload);
            } else {
                self.set_back.push((workload, "is of an environment that users do not see"));
            }
        }
    }
}

/// Workloads of services that do not tell how they run in production, and why.
pub(crate) fn set_back(facts: &Facts, services: &[Service]) -> Vec<Reason> {
    let owners = Owners::new(services);
    let all = workloads_of(facts, &owners).into_values().flat_map(|workloads| workloads.set_back);
    all.map(|(workload, why)| Reason {
        what: format!("`{}` {why}", *workload.name),
        place: workload.name.place.clone(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_has_compose_start_the_service_is_not_what_runs() {
        let found = |command: &str| {
            let unit = format!("[Service]\nExecStart={command}\n");
            let facts = crate::discover::tests::tree(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("till.service", &unit),
            ]);
            let services = crate::discover(&facts).services;
            let scopes = super::super::scopes(&facts, &services, jiff::civil::date(2026, 11, 20));
            scopes.iter().map(|scope| scope.workloads.len()).sum::<usize>()
        };
        assert_eq!(found("/usr/bin/podman-compose -f a.yml up -d"), 0);
        assert_eq!(found("/usr/bin/till serve"), 1);
        assert_eq!(found("\n#ExecStart=/usr/bin/till"), 0, "a form to fill in");
    }

    #[test]
    fn environments_are_told_by_folder_and_by_the_name_of_a_compose_file() {
        assert!(REHEARSAL.is_sorted());
        for path in [
            "k/overlays/dev/a.yaml",
            "k/base-preview/a.yaml",
            "docker-compose.test.yml",
            "compose-dev.yaml",
            ".nais/dev-gcp.yaml",
            "nais-q1.yml",
            "deploy/tilt.yaml",
        ] {
            assert!(is_rehearsal(path), "{path}");
        }
        for path in [
            "k/base/test.yaml",
            "k/test-results/a.yaml",
            "docker-compose.yml",
            "compose.prod.yaml",
            "compose.override.prod.yaml",
            "nais/nais-prod-gcp.yaml",
        ] {
            assert!(!is_rehearsal(path), "{path}");
        }
    }
}
