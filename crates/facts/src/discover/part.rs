//! Images that are only parts of others: what Compose makes of a recipe that starts nothing of its
//! own, so that other recipes of the tree take files out of it or build upon it; and what it starts
//! while the code is written that reaches users within another image.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Standing};
use super::name::{folder_of, repository};
use crate::path::join;
use crate::scope::kept;
use crate::{Container, Dockerfile, Facts, ImageBuild};

/// Sets back such recipes and what Compose builds by them.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let idle = idle(facts);
    follow(candidates, &idle, |_| {
        "starts nothing, and is a part of other images of the tree".into()
    });
    let taken = taken_in(facts);
    let recipes: BTreeSet<String> = taken.keys().cloned().collect();
    follow(candidates, &recipes, |recipe| {
        let by = taken.get(recipe).map_or("", String::as_str);
        format!("is for developing: pipelines build its code into the image of `{by}`")
    });
}

/// Recipes of code that Compose starts while it is written, which no pipeline builds, each with the
/// one that pipelines build and keep and that takes this code in.
fn taken_in(facts: &Facts) -> BTreeMap<String, String> {
    let built: BTreeSet<String> = facts.builds.iter().filter_map(ImageBuild::recipe).collect();
    // What a matrix fills in, or a pipeline that was not read does, may build any.
    if !facts.unread_pipelines.is_empty() || built.iter().any(|path| path.contains('$')) {
        return BTreeMap::new();
    }
    let developed = facts.workloads.iter().filter(|workload| workload.develops.is_some());
    let developed: BTreeSet<&str> = developed.map(|w| &*w.name.place.path).collect();
    let mut started: BTreeMap<String, bool> = BTreeMap::new();
    for workload in &facts.workloads {
        let is_written = developed.contains(&*workload.name.place.path);
        for path in workload.containers.iter().filter_map(Container::recipe) {
            *started.entry(path).or_insert(true) &= is_written;
        }
    }
    started.retain(|path, is_written| *is_written && !built.contains(path));
    if started.is_empty() {
        return BTreeMap::new();
    }
    let files: BTreeMap<&str, &Dockerfile> =
        facts.dockerfiles.iter().map(|file| (&*file.place.path, file)).collect();
    let mut by: BTreeMap<String, String> = BTreeMap::new();
    for build in kept(facts) {
        let recipe = build.recipe();
        let Some(file) = recipe.as_deref().and_then(|recipe| files.get(recipe)) else { continue };
        for source in file.shipped_stages().flat_map(|stage| &stage.sources) {
            let folder = join(&build.context, source).filter(|folder| !folder.is_empty());
            by.extend(folder.map(|folder| (folder, file.place.path.to_string())));
        }
    }
    let taken = started.into_keys().filter_map(|path| {
        let by = by.get(folder_of(&path))?.clone();
        Some((path, by))
    });
    taken.collect()
}

/// Recipes that start nothing and that others take files out of or build upon.
fn idle(facts: &Facts) -> BTreeSet<String> {
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
    parts.collect()
}

/// Lets the recipes among `parts`, and what Compose builds by them, found nothing.
fn follow(
    candidates: &mut [Candidate<'_>],
    parts: &BTreeSet<String>,
    doubt: impl Fn(&str) -> String,
) {
    if parts.is_empty() {
        return;
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let part = match candidate.fact {
            Fact::Dockerfile(file) => parts.get(&*file.place.path).cloned(),
            Fact::Workload(workload) => {
                let mut recipes = workload.containers.iter().filter_map(Container::recipe);
                recipes.find(|path| parts.contains(path))
            }
            _ => None,
        };
        if let Some(part) = part {
            candidate.standing = Standing::Follows(doubt(&part));
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

    #[test]
    fn code_that_is_shipped_within_another_image_is_no_service_where_it_is_written() {
        let compose = "services:\n  backend: {build: ./server, command: python manage.py runserver, ports: ['8000:8000']}\n  \
                       frontend: {build: ./frontend, volumes: ['./frontend:/app'], ports: ['3000:3000']}\n";
        let found = |step: &str, compose: &str, copies: &str| {
            let image = "FROM node:22\nCOPY . .\nEXPOSE 3000\nCMD [\"node\", \"a.js\"]\n";
            let whole = format!("FROM python:3\n{copies}EXPOSE 80\nCMD [\"gunicorn\"]\n");
            let workflow = format!("on: push\njobs:\n  a:\n    steps:\n    - run: {step}\n");
            let files = [
                ("compose.yaml", compose),
                ("Dockerfile.prod", whole.as_str()),
                ("server/Dockerfile", image),
                ("server/manage.py", ""),
                ("frontend/Dockerfile", image),
                ("frontend/package.json", "{\"name\": \"frontend\"}"),
                (".github/workflows/a.yml", workflow.as_str()),
            ];
            let services = discover(&tree(&files)).services.into_iter();
            services.map(|service| service.name).collect::<Vec<_>>()
        };
        let build = "docker build -f Dockerfile.prod -t acme/till .";
        let copies = "COPY server/ .\nCOPY --chown=1:1 frontend ./pages/\n";
        assert_eq!(found(build, compose, copies).len(), 1);
        assert_eq!(found(build, compose, "COPY server/ .\n").len(), 2);
        assert_eq!(found("make", compose, copies).len(), 3);
        let all = format!("{build} && docker build -t acme/pages frontend");
        assert_eq!(found(&all, compose, copies).len(), 2);
        let kept = compose.replace("python manage.py runserver", "gunicorn");
        let kept = kept.replace("volumes: ['./frontend:/app'], ", "");
        assert_eq!(found(build, &kept, copies).len(), 3);
    }
}
