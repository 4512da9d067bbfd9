//! Images that are only parts of others: what Compose makes of a recipe that starts nothing of its
//! own, so that other recipes of the tree take files out of it or build upon it.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Standing};
use super::name::repository;
use crate::{Container, Dockerfile, Facts};

/// Sets back such recipes and what Compose builds by them.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let stages = facts.dockerfiles.iter().flat_map(|file| &file.stages);
    let taken = stages.filter(|stage| !stage.is_local_base).flat_map(|stage| {
        stage.remote_sources.iter().map(|source| source.as_str()).chain([stage.base.as_str()])
    });
    let taken: BTreeSet<&str> = taken.filter(|base| !base.contains('/')).map(repository).collect();
    let files: BTreeMap<&str, &Dockerfile> =
        facts.dockerfiles.iter().map(|file| (&*file.place.path, file)).collect();
    let containers = facts.workloads.iter().flat_map(|workload| &workload.containers);
    let parts = containers.filter_map(|container| {
        let path = container.recipe()?;
        let image = container.image.as_deref().filter(|image| taken.contains(repository(image)))?;
        let file = files.get(path.as_str())?;
        let is_idle = file.lineage().all(|stage| stage.entry.is_none() && stage.ports.is_empty());
        (is_idle && !image.contains('/')).then_some(path)
    });
    let parts: BTreeSet<String> = parts.collect();
    if parts.is_empty() {
        return;
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let is_part = match candidate.fact {
            Fact::Dockerfile(file) => parts.contains(&*file.place.path),
            Fact::Workload(workload) => workload
                .containers
                .iter()
                .filter_map(Container::recipe)
                .any(|path| parts.contains(&path)),
            _ => false,
        };
        if is_part {
            let doubt = "starts nothing, and is a part of other images of the tree";
            candidate.standing = Standing::Follows(doubt.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    #[test]
    fn what_other_recipes_take_files_out_of_is_no_service_of_its_own() {
        let compose = "services:\n  packages: {build: packages, image: till-packages, restart: always}\n  \
                       till: {build: till, restart: always, ports: ['80:80']}\n";
        let found = |packages: &str, till: &str| {
            let files = [
                ("compose.yaml", compose),
                ("packages/Dockerfile", packages),
                ("till/Dockerfile", till),
                ("till/index.php", ""),
            ];
            let services = discover(&tree(&files)).services.into_iter();
            services.map(|service| service.name).collect::<Vec<_>>()
        };
        let till = "FROM till-packages AS packages\nFROM php:8-apache\nCOPY --from=packages /a /a\nCMD [\"a\"]\n";
        let other = "FROM php:8-apache\nCOPY . .\nCMD [\"a\"]\n";
        let composer = "FROM composer:2\nRUN composer install\n";
        assert_eq!(found(composer, till), ["till"]);
        assert_eq!(found(composer, other), ["packages", "till"]);
        assert_eq!(found("FROM composer:2\nCMD [\"serve\"]\n", till), ["packages", "till"]);
    }
}
