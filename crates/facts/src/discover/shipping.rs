//! Recipes that ship though they stand among what helps those who write the code.

use std::collections::{BTreeMap, BTreeSet};

use super::built::known_to_pipelines;
use super::name::repository;
use crate::read::build::fill;
use crate::scope::is_rehearsal;
use crate::{Facts, Platform, Workload};

/// What a cluster runs of images that pipelines build, by the paths of their recipes: of each the
/// first workload that keeps running, and the folder that the first image of that is built from.
pub(super) struct Shipping<'f> {
    by_recipe: BTreeMap<String, (&'f Workload, Option<String>)>,
}

impl<'f> Shipping<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let scope = known_to_pipelines(facts);
        let mut recipes: BTreeMap<String, BTreeSet<(String, &str)>> = BTreeMap::new();
        for build in &facts.builds {
            let image = fill(&build.image, &scope);
            let path = build.recipe().filter(|path| facts.has_path(path));
            if let Some(path) = path.filter(|_| !repository(&image).contains('$')) {
                let known = recipes.entry(repository(&image).to_owned()).or_default();
                known.insert((path, &build.context));
            }
        }
        let mut by_recipe: BTreeMap<String, (&Workload, Option<String>)> = BTreeMap::new();
        let mut led = BTreeSet::new();
        for (workload, image) in running(facts) {
            let made = recipes.get(repository(image)).map(|paths| paths.iter().collect::<Vec<_>>());
            // What several recipes are built to is one in production and another for trying out.
            if let Some([(path, context)]) = made.as_deref() {
                by_recipe.entry(path.clone()).or_insert_with(|| {
                    let leads = led.insert(&workload.name.place);
                    (workload, leads.then(|| (*context).to_owned()))
                });
            }
        }
        Self { by_recipe }
    }

    /// What runs the image that is made by the recipe at `path`, and the folder that it is built from,
    /// unless another image of the same workload tells that.
    pub(super) fn run(&self, path: &str) -> Option<(&'f Workload, Option<&str>)> {
        let (workload, context) = self.by_recipe.get(path)?;
        Some((workload, context.as_deref()))
    }
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
}
