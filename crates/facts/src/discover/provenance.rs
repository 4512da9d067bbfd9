//! Whose an image is: what ties it to the tree, where no list of names knows the software.
//!
//! # What ties
//!
//! The registry's namespace is that of who keeps the tree: the owner of its remote, an organisation
//! or user of CODEOWNERS or of the catalog, the scope of its packages, the name of the tree itself,
//! the domain of its hosts; its pipelines or Compose files build images there; two images or more are taken from it by commit, as nobody
//! installs the software of others. Or the image bears the name of the tree or of code in it. An
//! image of a registry that is not for everybody is the team's too, and one without any namespace
//! that is no official image can only be built here.
//!
//! # What follows
//!
//! Everything else on a public registry is software of others, once it is known who keeps the tree.
//! Where nothing tells (a folder without remote, CODEOWNERS and pipelines), nothing is judged by this.

use std::collections::{BTreeMap, BTreeSet};

use model::Placed;

use super::code::code_folder;
use super::name::{extends, image_name, is_generic, is_templated, key, last_part, repository, tag};
use super::third_party::is_base;
use crate::{Facts, Step};

mod made;
mod official;

use made::Made;

/// Registries that everybody may publish on, below a namespace of his own.
const SHARED: &[&str] = &[
    "codeberg.org",
    "docker.io",
    "ghcr.io",
    "index.docker.io",
    "public.ecr.aws",
    "quay.io",
    "registry-1.docker.io",
    "registry.gitlab.com",
    "registry.hub.docker.com",
];

/// Registries on which only their keepers publish what everybody may install.
const VENDORS: &[&str] = &[
    "cgr.dev",
    "container-registry.oracle.com",
    "docker.elastic.co",
    "docker.gitea.com",
    "docker.n8n.io",
    "k8s.gcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "registry.access.redhat.com",
    "registry.k8s.io",
    "registry.redhat.io",
];

/// Hosts of code, whose own names say nothing of who keeps a tree.
const FORGES: &[&str] = &[
    "bitbucket.org",
    "codeberg.org",
    "dev.azure.com",
    "git.sr.ht",
    "gitea.com",
    "github.com",
    "gitlab.com",
    "ssh.dev.azure.com",
    "ssh.github.com",
];

/// Names of trees that say what they hold and not whose they are.
const PLAIN_TREES: &[&str] = &[
    "apps",
    "charts",
    "cluster",
    "clusters",
    "deploy",
    "deployment",
    "deployments",
    "docker",
    "flux",
    "gitops",
    "helm",
    "helm-charts",
    "home",
    "home-ops",
    "homelab",
    "infra",
    "infrastructure",
    "k8s",
    "kubernetes",
    "manifests",
    "ops",
    "platform",
    "services",
];

/// What ties images to one tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    /// Keys of who keeps the tree.
    owners: BTreeSet<String>,
    /// Keys of namespaces that are the tree's own.
    namespaces: BTreeSet<String>,
    /// Keys that the tree goes by.
    trees: BTreeSet<String>,
    /// Keys that the code in it goes by.
    names: BTreeSet<String>,
    /// Keys of the images without a registry that the tree builds.
    built: BTreeSet<String>,
    /// Keys of the images that a cluster copies from others.
    copied: BTreeSet<String>,
    /// Whether it is told who keeps the tree.
    is_told: bool,
    /// What everybody knows and the tree makes.
    made: Made,
}

/// Where an image is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source<'i> {
    /// A registry that is not for everybody, or a name that a variable gives.
    Own,
    /// Docker Hub without a namespace, or the registry inside of a cluster, where teams put copies of
    /// what they take from elsewhere beside what they build.
    Bare,
    /// A public registry, the namespace on it.
    Public(&'i str),
}

impl Ties {
    pub(super) fn of(facts: &Facts) -> Self {
        let mut ties = Self::default();
        ties.add_remotes(facts);
        ties.add_codeowners(facts);
        ties.add_built(facts);
        ties.is_told = ties.owners.iter().chain(&ties.namespaces).any(|name| !name.is_empty());
        // What a tree serves ties more to it, and does not tell who keeps it: a platform has many users.
        ties.add_hosts(facts);
        ties.add_packages(facts);
        let users = facts.parties.iter().filter(|party| !party.is_group);
        ties.owners.extend(users.map(|user| key(&user.name)));
        ties.trees.insert(key(&facts.root_name));
        ties.names.extend(
            facts.dockerfiles.iter().map(|file| key(last_part(code_folder(file.place.folder())))),
        );
        ties.names.retain(|name| is_telling(name));
        ties.trees.retain(|name| is_telling(name));
        ties.owners.retain(|owner| !owner.is_empty());
        ties.add_taken_by_commit(facts);
        let bare = facts.builds.iter().filter(|build| !build.image.contains('/'));
        ties.built = bare.filter_map(|build| image_name(&build.image)).collect();
        ties.made = Made::of(facts);
        let (foreign, own): (Vec<_>, Vec<_>) =
            facts.cluster.image_copies.iter().partition(|(_, from)| ties.is_foreign(from));
        let keys = |all: Vec<&(Placed<String>, String)>| -> BTreeSet<String> {
            all.into_iter().map(|(name, _)| key(name)).collect()
        };
        ties.copied = &keys(foreign) - &keys(own);
        ties
    }

    /// Whether an image is known to be nobody's of those who keep the tree.
    pub(super) fn is_foreign(&self, image: &str) -> bool {
        let name = image_name(image);
        self.is_told
            && !is_base(image)
            && match source(repository(image)) {
                Source::Own => false,
                Source::Bare => name.is_some_and(|name| {
                    let is_copy = official::is_official(&name) || self.copied.contains(&name);
                    is_copy && !self.built.contains(&name)
                }),
                Source::Public(folders) => {
                    let is_own =
                        |name: String| self.bears_name(&name) || self.makes_by_last_words(&name);
                    !self.owns(folders) && !name.is_some_and(is_own)
                }
            }
    }

    /// Whether the chart `name` is taken from a repository for everybody that others keep: of a known
    /// publisher, of another account of a public registry, or at an address that bears its own name.
    pub(super) fn is_chart_of_others(&self, name: &str, repository: &str) -> bool {
        const PUBLISHERS: &[&str] = &[
            "charts.bitnami.com",
            "charts.helm.sh",
            "charts.jetstack.io",
            "helm.elastic.co",
            "helm.releases.hashicorp.com",
            "registry.k8s.io",
        ];
        const REGISTRIES: &[&str] =
            &["docker.io", "ghcr.io", "public.ecr.aws", "quay.io", "registry-1.docker.io"];
        let address = repository.split_once("://").map_or(repository, |(_, address)| address);
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let is_strange = match keeper(host, path, REGISTRIES.contains(&host)) {
            Some(keeper) => is_written(keeper) && !self.owns(keeper),
            // The address may bear the chart's own name: `charts.keeper.example` of `keeper`.
            None if host.split('.').any(|part| part == name) => !self.owns(name),
            None => PUBLISHERS.contains(&host),
        };
        self.is_told && is_strange
    }

    /// Whether a chart is taken from where those who keep the tree publish.
    pub(super) fn is_own_chart(&self, repository: &str) -> bool {
        let address = repository.split_once("://").map_or(repository, |(_, address)| address);
        let address = address.split_once('@').map_or(address, |(_, address)| address);
        let (host, path) = address.split_once(['/', ':']).unwrap_or((address, ""));
        let keeper = keeper(host, path, SHARED.contains(&host) || FORGES.contains(&host));
        self.is_told && keeper.is_some_and(|keeper| is_written(keeper) && self.owns(keeper))
    }

    /// Whether an image lies on a registry for everybody where those who keep the tree publish.
    pub(super) fn is_own_image(&self, image: &str) -> bool {
        let source = source(repository(image));
        self.is_told && matches!(source, Source::Public(folders) if self.owns(folders))
    }

    fn owns(&self, folders: &str) -> bool {
        folders.split('/').map(key).any(|folder| {
            self.namespaces.contains(&folder)
                || self.trees.contains(&folder)
                || self.owners.iter().any(|owner| is_related(owner, &folder))
        })
    }

    /// Whether a key is, or begins with, what the tree or code in it is called.
    pub(super) fn bears_name(&self, name: &str) -> bool {
        self.names.iter().chain(&self.trees).any(|own| name == own || extends(name, own))
    }

    fn add_remotes(&mut self, facts: &Facts) {
        for remote in &facts.remotes {
            let mut parts: Vec<&str> = remote.split('/').collect();
            self.trees.extend(parts.pop().map(key));
            let host = parts.first().copied().unwrap_or_default();
            if !FORGES.contains(&host) {
                // `git.acme.example` is kept by acme.
                let domain = host.rsplit_once('.').map_or("", |(domain, _)| domain);
                self.owners.insert(key(domain.rsplit('.').next().unwrap_or_default()));
            }
            self.owners.extend(parts.iter().skip(1).map(|part| key(part)));
        }
    }

    /// Who is named in CODEOWNERS, with the organisation of each team.
    fn add_codeowners(&mut self, facts: &Facts) {
        let rules = facts.codeowners.iter().flat_map(|file| &file.rules);
        let owners = rules.flat_map(|rule| &rule.owners);
        let names = owners.filter_map(|owner| owner.strip_prefix('@'));
        self.owners.extend(names.filter_map(|name| name.split('/').next()).map(key));
    }

    /// Namespaces that pipelines push to, and those of images that Compose builds.
    fn add_built(&mut self, facts: &Facts) {
        let containers = facts.workloads.iter().flat_map(|workload| &workload.containers);
        let built = containers.filter(|container| container.build.is_some());
        let composed = built.filter_map(|container| container.image.as_deref());
        let pushed = facts.steps().flat_map(pushed);
        for image in composed.map(String::as_str).chain(pushed) {
            if let Source::Public(folders) = source(repository(image)) {
                let own = folders.split('/').filter(|folder| !is_templated(folder));
                self.namespaces.extend(own.map(key));
            }
        }
    }

    /// The domains that the tree serves: who keeps `shop.acme.example` publishes as `acme`.
    fn add_hosts(&mut self, facts: &Facts) {
        let hosts = facts.cluster.entrances.iter().flat_map(|entrance| &entrance.hosts);
        let domains = hosts.filter_map(|host| {
            let (domain, _) = host.value.rsplit_once('.')?;
            let (_, label) = domain.rsplit_once('.')?;
            Some(label).filter(|label| !is_templated(label)).map(key)
        });
        self.namespaces.extend(domains.filter(|label| is_telling(label)));
    }

    fn add_packages(&mut self, facts: &Facts) {
        for package in &facts.packages {
            self.names.insert(key(last_part(package.place.folder())));
            let Some(name) = &package.name else { continue };
            let (group, own) = name.rsplit_once(['/', ':']).unwrap_or(("", name));
            self.names.insert(key(own));
            let parts = group.split('/').filter(|part| !part.contains('.'));
            self.owners.extend(parts.map(|part| key(part.trim_start_matches('@'))));
        }
    }

    /// Two images or more of one namespace that are taken by commit.
    fn add_taken_by_commit(&mut self, facts: &Facts) {
        let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for container in facts.workloads.iter().flat_map(|workload| &workload.containers) {
            let Some(image) = container.image.as_deref().filter(|i| is_by_commit(i)) else {
                continue;
            };
            let Source::Public(folders) = source(repository(image)) else { continue };
            let namespace = folders.split('/').next().map(key).unwrap_or_default();
            taken.entry(namespace).or_default().extend(image_name(image));
        }
        let own = taken.into_iter().filter(|(_, images)| images.len() > 1);
        self.namespaces.extend(own.map(|(namespace, _)| namespace));
    }
}

/// Who keeps what `host` publishes below `path`: by the name of its pages, or the first folder where
/// the host `is_shared` by all.
fn keeper<'r>(host: &'r str, path: &'r str, is_shared: bool) -> Option<&'r str> {
    let of_pages = host.strip_suffix(".github.io").or(host.strip_suffix(".gitlab.io"));
    of_pages.or_else(|| path.split('/').next().filter(|_| is_shared))
}

fn is_written(keeper: &str) -> bool {
    !keeper.is_empty() && !is_templated(keeper)
}

/// Whether a name tells which product is meant.
fn is_telling(name: &str) -> bool {
    !name.is_empty() && !is_generic(name) && !PLAIN_TREES.contains(&name)
}

/// Whether two names are of one organisation: `acme-gis` publishes as `acme`, `dfds` as `dfdsdk`.
fn is_related(owner: &str, namespace: &str) -> bool {
    const LEAST: usize = 4;
    let squeeze = |name: &str| name.replace('-', "");
    let (own, other) = (squeeze(owner), squeeze(namespace));
    let begins = |long: &str, short: &str| short.len() >= LEAST && long.starts_with(short);
    let is_word = || namespace.len() >= LEAST && owner.split('-').any(|word| word == namespace);
    own == other || begins(&own, &other) || begins(&other, &own) || is_word()
}

/// Where the image of a repository is taken from.
fn source(repository: &str) -> Source<'_> {
    if is_templated(repository) {
        return Source::Own;
    }
    let Some((first, rest)) = repository.split_once('/') else { return Source::Bare };
    let is_host = first.contains(['.', ':']) || first == "localhost";
    let path = if is_host { rest } else { repository };
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    if !is_host || SHARED.contains(&first) || is_in_cluster(first) {
        let is_official = folders.is_empty() || folders == "library" || is_in_cluster(first);
        return if is_official { Source::Bare } else { Source::Public(folders) };
    }
    if VENDORS.contains(&first) || is_of_maker(first, path) {
        return Source::Public(path);
    }
    Source::Own
}

/// Whether a registry is that inside of a cluster of `OpenShift`.
fn is_in_cluster(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    let name = name.strip_suffix(".cluster.local").unwrap_or(name);
    matches!(name, "docker-registry.default.svc" | "image-registry.openshift-image-registry.svc")
}

/// Whether a project of Google's registry publishes for everybody: it is called like the tool that
/// it publishes, or known for it. All others are somebody's own.
fn is_of_maker(host: &str, path: &str) -> bool {
    const PROJECTS: &[&str] = &[
        "cloud-sql-connectors",
        "cloudsql-docker",
        "distroless",
        "google-containers",
        "google-samples",
        "google.com",
        "google_containers",
        "kaniko-project",
        "kubebuilder",
        "ml-pipeline",
    ];
    let (project, image) = path.split_once('/').unwrap_or((path, ""));
    host == "gcr.io" && (PROJECTS.contains(&project) || project == image)
}

/// Whether an image is taken from a registry that is not for everybody.
pub(super) fn is_private(image: &str) -> bool {
    let repository = repository(image);
    let host = repository.split('/').next().unwrap_or_default();
    is_in_cluster(host) || source(repository) == Source::Own
}

/// Whether the tag of an image is the id of a commit.
pub(super) fn is_by_commit(image: &str) -> bool {
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    let tag = tag(image).trim_start_matches(':');
    let is_hex = tag.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    let has_both = tag.bytes().any(|byte| byte.is_ascii_digit())
        && tag.bytes().any(|byte| byte.is_ascii_lowercase());
    (7..=40).contains(&tag.len()) && is_hex && has_both
}

/// Images that a step builds or pushes.
fn pushed(step: &Step) -> impl Iterator<Item = &str> {
    const INPUTS: &[&str] = &["image", "image-name", "image_name", "images", "repository", "tags"];
    const TOOLS: &[&str] =
        &["buildah ", "docker build", "docker push", "docker tag", "kaniko", "podman push"];
    let is_build = step.uses.as_deref().is_some_and(|action| {
        ["docker", "build", "push", "kaniko"].iter().any(|word| action.contains(word))
    });
    let inputs = step
        .with
        .iter()
        .filter(move |(name, _)| is_build && INPUTS.contains(&name.to_ascii_lowercase().as_str()));
    let lines = step.lines.iter().filter(|line| TOOLS.iter().any(|tool| line.contains(tool)));
    let texts = inputs.map(|(_, value)| value.as_str()).chain(lines.map(|line| line.as_str()));
    texts.flat_map(words).filter(|word| is_reference(word))
}

/// The words of a command or of an input: options, paths, images.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '='))
}

/// Whether a word looks like an image with a namespace and is no path or option.
fn is_reference(word: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphanumeric();
    word.contains('/') && word.starts_with(is_start) && !word.contains("//") && !word.ends_with('/')
}

#[cfg(test)]
mod tests;
