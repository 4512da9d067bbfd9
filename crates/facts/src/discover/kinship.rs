//! Joins what is one service by name, folder, label and image.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin};
use super::code::{DockerfileName, dockerfile_name};
use super::group::{Bond, Group, Groups};
use super::name::{ancestors, core, extends, is_generic, key, last_part};
use crate::command::commands;
use crate::{Container, Dockerfile};

type Buckets<K> = BTreeMap<K, Vec<usize>>;

/// Joins all that is one service without anybody's declaration.
pub(super) fn join(groups: &mut Groups<'_>) {
    by_home(groups);
    by_name_in_home(groups);
    by_name(groups);
    by_home_around(groups);
    by_alias(groups);
    by_label(groups);
    by_image(groups);
    by_core(groups);
    by_program(groups);
    leftover_dockerfiles(groups);
}

fn bucket<'c, K: Ord>(
    groups: &Groups<'c>,
    key: impl Fn(&'c Candidate<'c>) -> Option<K>,
) -> Buckets<K> {
    let mut buckets: Buckets<K> = BTreeMap::new();
    for (at, candidate) in groups.candidates.iter().enumerate() {
        if let Some(key) = key(candidate) {
            buckets.entry(key).or_default().push(at);
        }
    }
    buckets
}

/// Whether a Dockerfile has a name of its own, which may be that of another service.
fn is_named_dockerfile(candidate: &Candidate<'_>) -> bool {
    let home = candidate.home.as_deref().unwrap_or_default();
    candidate.source == Origin::Dockerfile && candidate.name != last_part(home)
}

/// What is built from one folder is one service: its processes. What is built there by a recipe
/// that is called after something else is that.
fn by_home(groups: &mut Groups<'_>) {
    let homes = bucket(groups, |candidate| {
        let home = candidate.home.as_deref()?;
        let is_open = !candidate.source.is_declared() && !candidate.is_stranger();
        let recipe = named_recipe(candidate);
        let home = if recipe.is_some() { "" } else { home };
        (is_open && (recipe.is_some() || !is_named_dockerfile(candidate))).then_some((home, recipe))
    });
    for ids in homes.values() {
        groups.join_all(ids, Bond::Kinship);
    }
}

/// The path of the recipe by which a candidate is built, where that is called after a service.
fn named_recipe(candidate: &Candidate<'_>) -> Option<String> {
    let path = match candidate.fact {
        Fact::Dockerfile(file) => file.place.path.to_string(),
        Fact::Workload(workload) => workload.containers.iter().find_map(Container::recipe)?,
        _ => return None,
    };
    let name = dockerfile_name(last_part(&path));
    matches!(name, DockerfileName::Named(name) if !is_process(&name)).then_some(path)
}

/// Whether a name is that of a process of something else.
fn is_process(key: &str) -> bool {
    const PROCESSES: &[&str] = &[
        "beat",
        "celery",
        "consumer",
        "cron",
        "job",
        "jobs",
        "queue",
        "scheduler",
        "sidekiq",
        "task",
        "tasks",
        "worker",
        "workers",
    ];
    key.split('-').any(|word| PROCESSES.contains(&word))
}

/// The candidate of the deepest home around each manifest that tells of no home itself.
fn homes_around(groups: &Groups<'_>) -> Vec<(usize, usize)> {
    let mut homes: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, candidate) in groups.candidates.iter().enumerate() {
        let is_code = !candidate.source.is_declared() && !candidate.is_stranger();
        if let Some(home) = candidate.home.as_deref().filter(|home| is_code && !home.is_empty()) {
            homes.entry(home).or_insert(at);
        }
    }
    let around = |candidate: &Candidate<'_>| {
        ancestors(candidate.reason.place.folder()).find_map(|folder| homes.get(folder).copied())
    };
    let manifests = groups.candidates.iter().enumerate().filter(|(_, c)| c.home.is_none());
    manifests.filter_map(|(at, candidate)| Some((at, around(candidate)?))).collect()
}

/// A manifest inside of a code folder belongs to it when it bears its name, whoever else does.
fn by_name_in_home(groups: &mut Groups<'_>) {
    for (manifest, home) in homes_around(groups) {
        let candidate = |at: usize| groups.candidates.get(at);
        let key = candidate(manifest).map(|c| c.key.as_str());
        if key == candidate(home).map(|c| c.key.as_str()) {
            groups.join(home, manifest, Bond::Name);
        }
    }
}

/// Equal names are one service, unless they are built from different folders or run different
/// images. Where several folders bear the name, a manifest outside of them tells of none.
fn by_name(groups: &mut Groups<'_>) {
    let names = bucket(groups, |c| Some(c.key.as_str()).filter(|key| !key.is_empty()));
    for (name, ids) in names {
        let has_home = |at: &usize| {
            let group = groups.get(groups.id(*at));
            group.is_some_and(|group| !group.homes.is_empty())
        };
        let (housed, homeless): (Vec<usize>, Vec<usize>) = ids.iter().partition(|at| has_home(at));
        let distinct: BTreeSet<usize> = housed.iter().map(|at| groups.id(*at)).collect();
        for ids in by_distinct_image(groups, name, homeless) {
            let housed = housed.first().filter(|_| distinct.len() == 1);
            let ids: Vec<usize> = housed.into_iter().copied().chain(ids).collect();
            groups.join_all(&ids, Bond::Name);
        }
        if distinct.len() > 1 {
            groups.join_all(&housed, Bond::Name);
        }
    }
}

/// Workloads of one name are several services when they run different images; those that tell of
/// no image go with the first.
fn by_distinct_image(groups: &Groups<'_>, name: &str, ids: Vec<usize>) -> Vec<Vec<usize>> {
    let image = |at: usize| groups.candidates.get(at)?.image.as_deref();
    let mut images: BTreeSet<&str> = ids.iter().filter_map(|at| image(*at)).collect();
    // `shop` and `shop-debug`: in the order of the alphabet the shorter one comes first.
    let all: Vec<&str> = images.iter().copied().collect();
    images.retain(|image| !all.iter().any(|other| other != image && image.starts_with(other)));
    if images.len() < 2 || images.contains(name) {
        return vec![ids];
    }
    let first = images.first().copied();
    let parts = images.iter().map(|part| {
        let is_part =
            |at: &usize| image(*at).or(first).is_some_and(|image| image.starts_with(part));
        ids.iter().copied().filter(is_part).collect()
    });
    parts.collect()
}

/// A manifest inside of a code folder belongs to it when its name leads nowhere else.
fn by_home_around(groups: &mut Groups<'_>) {
    for (manifest, home) in homes_around(groups) {
        let goes = groups.candidates.get(manifest).is_some_and(Candidate::goes_with_folder);
        let group = groups.get(groups.id(manifest)).filter(|_| goes);
        if group.is_some_and(|group| !group.has_code() && !group.is_declared()) {
            groups.join(home, manifest, Bond::Kinship);
        }
    }
}

/// The one group that each name belongs to.
pub(super) fn names<'c>(groups: &Groups<'c>) -> BTreeMap<&'c str, Option<usize>> {
    let mut names: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (at, candidate) in groups.candidates.iter().enumerate() {
        if candidate.key.is_empty() || candidate.is_stranger() {
            continue;
        }
        let id = groups.id(at);
        let known = names.entry(&candidate.key).or_insert(Some(id));
        if *known != Some(id) {
            *known = None;
        }
    }
    names
}

/// A workload whose label or image bears the name of a service belongs to it.
fn by_alias(groups: &mut Groups<'_>) {
    let names = names(groups);
    for (at, candidate) in groups.candidates.iter().enumerate() {
        let is_open = |group: &Group<'_>| !group.has_code() && !group.is_declared();
        if !groups.get(groups.id(at)).is_some_and(is_open) {
            continue;
        }
        let mut known = candidate.aliases.iter().filter(|alias| **alias != candidate.key);
        let target = known.find_map(|alias| names.get(alias.as_str()).copied().flatten());
        if let Some(target) = target {
            groups.join(target, at, Bond::Kinship);
        }
    }
}

/// Workloads `shop-api` and `shop-worker` with the label `shop` are processes of one service.
fn by_label(groups: &mut Groups<'_>) {
    let labels = bucket(groups, |candidate| {
        let is_open = candidate.source == Origin::Kubernetes && !candidate.is_stranger();
        let label = candidate.aliases.iter().find(|alias| {
            extends(&candidate.key, alias) && Some(*alias) != candidate.image.as_ref()
        });
        label.map(String::as_str).filter(|_| is_open)
    });
    for ids in labels.values() {
        groups.join_all(ids, Bond::Kinship);
    }
}

/// Workloads that run one image are processes of one service. Jobs alone are not joined by it:
/// images with tools are used for all sorts of jobs. Images called after a part (`backend`) are one
/// only where they lie in one folder of a registry.
fn by_image(groups: &mut Groups<'_>) {
    let images = bucket(groups, |c| {
        let image = c.image.as_deref().filter(|_| !c.is_stranger())?;
        let folder = c.image_folder.as_deref().filter(|_| is_generic(image));
        Some((image, folder.unwrap_or_default()))
    });
    for ids in images.values() {
        let is_job = |at: &usize| groups.candidates.get(*at).is_none_or(|c| c.is_job);
        let (jobs, lasting): (Vec<usize>, Vec<usize>) = ids.iter().partition(|at| is_job(at));
        groups.join_all(&lasting, Bond::Kinship);
        if let Some(first) = lasting.first() {
            let all: Vec<usize> = Some(*first).into_iter().chain(jobs).collect();
            groups.join_all(&all, Bond::Kinship);
        }
    }
}

/// `checkout` of a Dockerfile and `checkout-service` of a manifest are one, if nothing else is
/// nearly called so and no source tells of both.
fn by_core(groups: &mut Groups<'_>) {
    let mut cores: Buckets<&str> = BTreeMap::new();
    for (id, group) in groups.iter() {
        let keys: BTreeSet<&str> = groups
            .members(group)
            .filter(|candidate| !candidate.is_stranger() && !candidate.key.is_empty())
            .map(|candidate| core(&candidate.key))
            .collect();
        for key in keys {
            cores.entry(key).or_default().push(id);
        }
    }
    for ids in cores.values() {
        let [one, other] = ids[..] else { continue };
        let sources = |id: usize| groups.get(groups.id(id)).map(|group| group.sources().clone());
        let (Some(own), Some(others)) = (sources(one), sources(other)) else { continue };
        if own.is_disjoint(&others) {
            groups.join(one, other, Bond::Kinship);
        }
    }
}

/// An image of which nothing else tells, and that starts a program called like a service without code, is
/// that service's: of `acme-stock` with `/bin/stock`, where a manifest runs `stock`.
fn by_program(groups: &mut Groups<'_>) {
    let names = names(groups);
    let joins: Vec<(usize, usize)> = (groups.candidates.iter().enumerate())
        .filter(|(at, _)| {
            let group = groups.get(groups.id(*at));
            group.is_some_and(|group| group.sources().iter().all(|of| *of == Origin::Dockerfile))
        })
        .filter_map(|(at, candidate)| {
            let Fact::Dockerfile(file) = candidate.fact else { return None };
            let program = program(file).filter(|program| !is_generic(program))?;
            Some((names.get(program.as_str()).copied().flatten()?, at))
        })
        .collect();
    for (target, at) in joins {
        let is_open = |group: &Group<'_>| !group.has_code() && !group.is_declared();
        if groups.get(groups.id(target)).is_some_and(is_open) {
            groups.join(target, at, Bond::Kinship);
        }
    }
}

/// What an image starts, without its folder.
fn program(file: &Dockerfile) -> Option<String> {
    let (entry, _) = file.lineage().find_map(|stage| stage.entry.as_ref())?;
    let first = commands(entry).into_iter().next()?;
    Some(key(first.program()))
}

/// A Dockerfile that nothing else names belongs to the code around it.
fn leftover_dockerfiles(groups: &mut Groups<'_>) {
    let mut homes: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, candidate) in groups.candidates.iter().enumerate() {
        let is_code = !candidate.source.is_declared() && !candidate.is_stranger();
        let home = candidate.home.as_deref().filter(|_| is_code);
        if let Some(home) = home.filter(|_| !is_named_dockerfile(candidate)) {
            homes.entry(home).or_insert(at);
        }
    }
    let mut joins = Vec::new();
    for (_, group) in groups.iter() {
        let is_alone = group.sources().iter().all(|source| *source == Origin::Dockerfile);
        let first = group.members.first().and_then(|at| Some((*at, groups.candidates.get(*at)?)));
        let Some((at, candidate)) = first.filter(|_| is_alone) else { continue };
        let home = candidate.home.as_deref().unwrap_or_default();
        let beside = is_named_dockerfile(candidate).then(|| homes.get(home)).flatten();
        let around = || ancestors(home).skip(1).find_map(|folder| homes.get(folder));
        joins.extend(beside.or_else(around).map(|target| (*target, at)));
    }
    for (target, at) in joins {
        groups.join(target, at, Bond::Kinship);
    }
}
