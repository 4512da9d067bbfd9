//! Recipes that ship though they stand among what helps those who write the code.

use std::collections::{BTreeMap, BTreeSet};

use super::built::known_to_pipelines;
use super::code::{DockerfileName, dockerfile_name, is_for_developing};
use super::gather::dockerfile_path;
use super::name::{folder_of, image_name, key, repository};
use crate::read::build::fill;
use crate::scope::is_rehearsal;
use crate::{Facts, ImageBuild, Platform, Workload};

/// What a cluster runs of images that pipelines build, by the paths of their recipes: of each the
/// first workload that keeps running, and the folder that the first image of that is built from.
pub(super) struct Shipping<'f> {
    by_recipe: BTreeMap<String, (&'f Workload, Option<String>)>,
    pushed: BTreeSet<String>,
}

impl<'f> Shipping<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let made = made(facts);
        let mut recipes: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for Made { build, path, image } in &made {
            let repository = repository(image);
            if facts.has_path(path) && !repository.contains('$') {
                recipes.entry(repository).or_default().insert((path, &build.context));
            }
        }
        let mut by_recipe: BTreeMap<String, (&Workload, Option<String>)> = BTreeMap::new();
        let mut led = BTreeSet::new();
        for (workload, image) in running(facts) {
            let made = recipes.get(repository(image)).map(|paths| paths.iter().collect::<Vec<_>>());
            // What several recipes are built to is one in production and another for trying out.
            if let Some([(path, context)]) = made.as_deref() {
                by_recipe.entry((*path).to_owned()).or_insert_with(|| {
                    let leads = led.insert(&workload.name.place);
                    (workload, leads.then(|| (*context).to_owned()))
                });
            }
        }
        Self { by_recipe, pushed: pushed(&made, facts) }
    }

    /// Whether a pipeline pushes what it makes by the recipe at `path`, which ships by that, whatever it is
    /// called.
    pub(super) fn is_pushed(&self, path: &str) -> bool {
        self.pushed.contains(path)
    }

    /// What runs the image that is made by the recipe at `path`, and the folder that it is built from,
    /// unless another image of the same workload tells that.
    pub(super) fn run(&self, path: &str) -> Option<(&'f Workload, Option<&str>)> {
        let (workload, context) = self.by_recipe.get(path)?;
        Some((workload, context.as_deref()))
    }
}

/// What a pipeline makes by a recipe.
struct Made<'f> {
    build: &'f ImageBuild,
    /// The path of the recipe.
    path: String,
    /// The image, with what pipelines know of it put in.
    image: String,
}

fn made<'f>(facts: &'f Facts) -> Vec<Made<'f>> {
    let scope = known_to_pipelines(facts);
    let made = |build: &'f ImageBuild| {
        Some(Made { build, path: build.recipe()?, image: fill(&build.image, &scope) })
    };
    facts.builds.iter().filter_map(made).collect()
}

/// The recipes whose names say that they are for developing, building or testing, by which pipelines make
/// and push an image all the same whose own name and tags say nothing of that. Where they build another
/// recipe of the folder, or the image by another one, that may be what ships.
fn pushed(made: &[Made<'_>], facts: &Facts) -> BTreeSet<String> {
    let mut by_folder: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut by_image: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Made { path, image, .. } in made {
        by_folder.entry(folder_of(path)).or_default().insert(path);
        by_image.entry(repository(image)).or_default().insert(path);
    }
    let is_only = |of: Option<&BTreeSet<&str>>| of.is_some_and(|paths| paths.len() == 1);
    let ships = |Made { build, image, .. }: &&Made<'_>| {
        let repository = repository(image);
        let tag = image.strip_prefix(repository).unwrap_or_default();
        let is_plain = image_name(image).is_some_and(|name| !is_for_developing(&name));
        is_plain
            && build.is_pushed
            && !is_for_developing(&key(tag))
            && is_only(by_image.get(repository))
    };
    let paths = made.iter().filter(ships).map(|made| made.path.as_str());
    let is_its = |path: &&str| {
        let folder = folder_of(path);
        let is_by_name = dockerfile_name(path) == DockerfileName::Development
            && dockerfile_name(&dockerfile_path(folder, None)) != DockerfileName::Development;
        is_by_name && is_only(by_folder.get(folder)) && facts.has_path(path)
    };
    paths.filter(is_its).map(str::to_owned).collect()
}

/// The images that clusters keep running for users.
fn running(facts: &Facts) -> impl Iterator<Item = (&Workload, &str)> {
    let kept = facts.workloads.iter().filter(|workload| {
        workload.platform == Platform::Kubernetes
            && workload.is_long_running()
            && !is_rehearsal(&workload.name.place.path)
    });
    kept.flat_map(|workload| workload.images().map(move |image| (workload, image.as_str())))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::discover;
    use super::super::tests::tree;

    const IMAGE: &str = "FROM python:3.14\nCOPY . .\nEXPOSE 8000\nCMD [\"serve\"]\n";
    const BENCH: &str =
        "FROM ghcr.io/acme/till-base:latest\nCOPY setup.sh .\nRUN ./setup.sh\nUSER dev\n";
    const COMPOSE: &str = "services:\n  app:\n    build: {context: ., dockerfile: docker/app.Dockerfile}\n    \
                           command: sleep infinity\n    volumes: ['.:/till']\n    environment: [STAGE=development]\n";

    /// The Dockerfiles of the one service of a tree whose pipeline checks the tree out into `folder`
    /// and builds images by `recipe`.
    fn shipped(folder: &str, recipe: &str) -> Vec<String> {
        let workflow = format!(
            "on: push\njobs:\n  ship:\n    steps:\n    - uses: actions/checkout@v6\n      with: {{path: {folder}}}\n    \
             - uses: actions/checkout@v6\n      with: {{repository: acme/stock, path: stock}}\n    \
             - uses: docker/build-push-action@v6\n      with: {{context: ./till, file: ./till/{recipe}, tags: 'ghcr.io/acme/till-api:1'}}\n    \
             - run: docker build -t ghcr.io/acme/till-web -f till/dev/build/web.Dockerfile till\n"
        );
        let cluster = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  selector: {}\n  \
                       template:\n    spec:\n      containers:\n      - {name: api, image: 'ghcr.io/acme/till-api:1'}\n      \
                       - {name: web, image: 'ghcr.io/acme/till-web:1'}\n";
        let facts = tree(&[
            ("k8s/shop.yaml", cluster),
            ("dev/build/api.Dockerfile", IMAGE),
            ("dev/build/web.Dockerfile", IMAGE),
            ("docker/app.Dockerfile", BENCH),
            ("docker-compose.yml", COMPOSE),
            ("manage.py", ""),
            (".github/workflows/ship.yml", &workflow),
        ]);
        let services = discover(&facts).services;
        let names: Vec<_> = services.iter().map(|service| service.name.as_str()).collect();
        assert_eq!(names, ["shop"]);
        let scopes = crate::scopes(&facts, &services, date(2026, 11, 21));
        let files = scopes.iter().flat_map(|scope| &scope.dockerfiles);
        files.map(|file| file.place.path.to_string()).collect()
    }

    #[test]
    fn what_the_cluster_runs_ships_wherever_its_recipe_stands_and_the_bench_beside_it_does_not() {
        let both = ["dev/build/api.Dockerfile", "dev/build/web.Dockerfile"];
        assert_eq!(shipped("till", "dev/build/api.Dockerfile"), both);
    }

    #[test]
    fn what_is_checked_out_elsewhere_or_that_no_pipeline_builds_is_not_seen_to_ship() {
        assert_eq!(shipped("other", "dev/build/api.Dockerfile"), [""; 0]);
        assert_eq!(shipped("till", "dev/build/jobs.Dockerfile"), ["dev/build/web.Dockerfile"]);
    }

    /// The Dockerfiles of the services of a tree with a plain one and `Dockerfile.ci`, whose pipeline does
    /// `step`.
    fn pushed(step: &str) -> Vec<String> {
        let workflow = format!("on: push\njobs:\n  a:\n    steps:\n    - {step}\n");
        let facts = tree(&[
            ("Dockerfile", IMAGE),
            ("Dockerfile.ci", IMAGE),
            ("manage.py", ""),
            (".github/workflows/ship.yml", &workflow),
        ]);
        let services = discover(&facts).services;
        assert_eq!(services.len(), 1);
        let reasons = services.iter().flat_map(|service| &service.reasons);
        reasons.map(|reason| reason.place.path.to_string()).collect()
    }

    #[test]
    fn what_a_pipeline_pushes_ships_whatever_its_recipe_is_called() {
        let both = ["Dockerfile", "Dockerfile.ci"];
        let given = |push: &str, name: &str| {
            pushed(&format!(
                "{{uses: acme/image-build@v1, with: {{name: {name}, dockerfile: Dockerfile.ci, push: {push}}}}}"
            ))
        };
        assert_eq!(given("true", "till"), both);
        assert_eq!(given("\"${{ github.ref_name == 'main' }}\"", "till"), both);
        assert_eq!(pushed("run: docker buildx build --push -f Dockerfile.ci -t acme/till ."), both);
        for (push, name) in [("false", "till"), ("true", "till-ci"), ("true", "'till:dev'")] {
            assert_eq!(given(push, name), ["Dockerfile"], "{push} {name}");
        }
        let plain = "run: docker buildx build --push -f Dockerfile.ci -t acme/till . && docker build -t acme/b .";
        for line in ["run: docker build -f Dockerfile.ci -t acme/till .", plain] {
            assert_eq!(pushed(line), ["Dockerfile"], "{line}");
        }
    }
}
