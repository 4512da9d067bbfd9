//! Images under other names than their folders: what a pipeline builds from a Dockerfile is that
//! Dockerfile's, whatever a cluster that runs it calls it.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::{code_folder, mirrored_folder, names_program};
use super::name::{
    folder_of, has_words, image_name, is_generic, is_templated, last_part, repository,
};
use super::recipe::has_code;
use super::workload::folder_of_image;
use crate::read::build::{Scope, fill};
use crate::{Facts, ImageBuild, WorkloadKind};

/// The name of an image, and where it lies if it is only called after a part (`acme/till/api`).
type Image = (String, Option<String>);

/// Gives each Dockerfile the one image of its that something runs, where nothing else makes that
/// image.
pub(super) fn name_images(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let of_charts = facts.chart_images.iter().filter_map(|named| {
        let image = named.image.as_str();
        Some(image_of(image_name(image)?, folder_of_image(image)))
    });
    let run: BTreeSet<Image> = candidates.iter().filter_map(run_image).chain(of_charts).collect();
    let all = made(facts);
    name_recipes(candidates, &all, facts);
    let made: BTreeMap<Image, String> =
        all.into_iter().filter(|(image, _)| run.contains(image)).collect();
    let mut images: BTreeMap<&str, Vec<&Image>> = BTreeMap::new();
    for (image, path) in &made {
        images.entry(path).or_default().push(image);
    }
    for candidate in candidates.iter_mut().filter(|c| c.source == Origin::Dockerfile) {
        if let Some([(name, folder)]) = images.get(&*candidate.reason.place.path).map(Vec::as_slice)
        {
            candidate.image = Some(name.clone());
            candidate.image_folder.clone_from(folder);
        }
    }
    found_composed(candidates, &made);
    found_unnamed(candidates, facts);
    house_sourced(candidates, facts);
}

/// What runs an image that is made of the code in one folder without a recipe is that code.
fn house_sourced(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let scope = known_to_pipelines(facts);
    let mut folders: BTreeMap<Image, BTreeSet<&str>> = BTreeMap::new();
    for build in facts.builds.iter().filter(|build| build.is_from_source) {
        let image = fill(&build.image, &scope);
        let is_known = build.context.is_empty() || facts.has_folder(&build.context);
        if let Some(name) = image_name(&image).filter(|_| is_known) {
            let folders = folders.entry(image_of(name, folder_of_image(&image))).or_default();
            folders.insert(&build.context);
        }
    }
    for candidate in candidates.iter_mut().filter(|_| !folders.is_empty()) {
        let made = run_image(candidate).and_then(|image| folders.get(&image));
        if let Some(only) = made.filter(|made| made.len() == 1).and_then(|made| made.first()) {
            candidate.home = Some(code_folder(only).to_owned());
        }
    }
}

/// The images that pipelines build of one Dockerfile each.
fn made(facts: &Facts) -> BTreeMap<Image, String> {
    let scope = known_to_pipelines(facts);
    let mut recipes: BTreeMap<Image, BTreeSet<String>> = BTreeMap::new();
    for build in &facts.builds {
        let image = fill(&build.image, &scope);
        let Some(name) = image_name(&image) else { continue };
        if let Some(path) = build.recipe().filter(|path| facts.has_path(path)) {
            let image = image_of(name, folder_of_image(&image));
            recipes.entry(image).or_default().insert(path);
        }
    }
    let made = recipes.into_iter().filter_map(|(image, mut paths)| {
        let path = paths.pop_first()?;
        paths.is_empty().then_some((image, path))
    });
    made.collect()
}

/// What pipelines call the only image of a Dockerfile is its name, where it had but that of a file or
/// of a folder among recipes that holds no code, and nothing else of the tree bears that.
fn name_recipes(candidates: &mut [Candidate<'_>], made: &BTreeMap<Image, String>, facts: &Facts) {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ((name, _), path) in made {
        names.entry(path).or_default().insert(name);
    }
    let mut borne: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in candidates.iter() {
        *borne.entry(candidate.key.clone()).or_default() += 1;
    }
    for candidate in candidates.iter_mut().filter(|c| c.source == Origin::Dockerfile) {
        let Some(home) = candidate.home.clone().filter(|_| !candidate.key.is_empty()) else {
            continue;
        };
        let is_of_file = candidate.name != last_part(&home);
        let of_path = names.get(&*candidate.reason.place.path);
        let name = of_path.filter(|names| names.len() == 1).and_then(|names| names.first());
        let is_akin = |name: &str| is_of_file || has_words(name, &candidate.key);
        let name = name.filter(|name| names_program(name) && !is_generic(name) && is_akin(name));
        let is_only = borne.get(&candidate.key) == Some(&1);
        let Some(name) = name.filter(|name| is_only && **name != candidate.key) else { continue };
        let is_of_recipes = mirrored_folder(&home).is_some() && !has_code(&home, facts);
        if is_of_file || is_of_recipes {
            candidate.aliases.push(candidate.key.clone());
            candidate.name = (*name).to_owned();
            candidate.key = (*name).to_owned();
            candidate.home = Some(code_beside(&home, name, facts).unwrap_or(home));
        }
    }
}

/// The folder called after an image, beside the one that holds the recipe: `bpdm-gate` for
/// `docker/gate`.
fn code_beside(home: &str, name: &str, facts: &Facts) -> Option<String> {
    let mirrored = mirrored_folder(home)?;
    let code = crate::path::join(folder_of(&mirrored), name)?;
    has_code(&code, facts).then_some(code)
}

/// What Compose runs by the name of an image that a Dockerfile is built to is a service of the tree,
/// and its code is that of the Dockerfile.
fn found_composed(candidates: &mut [Candidate<'_>], made: &BTreeMap<Image, String>) {
    let recipes = candidates.iter().filter(|c| c.source == Origin::Dockerfile && c.founds());
    let homes = recipes.filter_map(|c| Some((c.reason.place.path.to_string(), c.home.clone()?)));
    let homes: BTreeMap<String, String> = homes.collect();
    for candidate in candidates {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let image = run_image(candidate).filter(|_| workload.kind == WorkloadKind::ComposeImage);
        let path = image.and_then(|image| made.get(&image));
        if let Some(home) = path.and_then(|path| homes.get(path)) {
            candidate.home = Some(home.clone());
            candidate.standing = Standing::Founds;
        }
    }
}

/// What Compose runs by nothing but variables on a registry, where pipelines build one recipe alone and
/// name what they push there likewise, is that image.
fn found_unnamed(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let [only] = facts.dockerfiles.as_slice() else { return };
    let paths: BTreeSet<String> = facts.builds.iter().filter_map(ImageBuild::recipe).collect();
    if paths.len() != 1 || !paths.contains(&*only.place.path) {
        return;
    }
    let scope = known_to_pipelines(facts);
    let host_of = |image: &str| {
        let (host, name) = repository(image).split_once('/')?;
        let is_open = is_templated(name) && image_name(image).is_none();
        (is_open && host.contains('.') && !is_templated(host)).then(|| host.to_owned())
    };
    let hosts: BTreeSet<String> =
        facts.builds.iter().filter_map(|build| host_of(&fill(&build.image, &scope))).collect();
    let mut recipes = candidates.iter().filter(|c| c.source == Origin::Dockerfile && c.founds());
    let Some(home) = recipes.next().and_then(|recipe| recipe.home.clone()) else { return };
    for candidate in candidates.iter_mut().filter(|candidate| !candidate.is_stranger()) {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let is_image = workload.kind == WorkloadKind::ComposeImage && candidate.home.is_none();
        let mut images = workload.images().filter(|_| is_image);
        if images.any(|image| host_of(image).is_some_and(|host| hosts.contains(&host))) {
            candidate.home = Some(home.clone());
            candidate.standing = Standing::Founds;
        }
    }
}

fn image_of(name: String, folder: Option<String>) -> Image {
    let folder = folder.filter(|_| is_generic(&name));
    (name, folder)
}

/// The image that a workload runs which tells of no code.
fn run_image(candidate: &Candidate<'_>) -> Option<Image> {
    let is_run = matches!(candidate.fact, Fact::Workload(_)) && candidate.home.is_none();
    let name = candidate.image.clone().filter(|_| is_run && !candidate.is_stranger())?;
    Some(image_of(name, candidate.image_folder.clone()))
}

/// What the hosts of pipelines call the tree.
pub(super) fn known_to_pipelines(facts: &Facts) -> Scope {
    let remote = facts.remotes.first().map_or("", String::as_str);
    let Some((_, repository)) = remote.split_once('/') else { return Scope::new() };
    let (owner, name) = repository.rsplit_once('/').unwrap_or(("", repository));
    let known = [
        ("env.CI_PROJECT_NAME", name),
        ("env.CI_PROJECT_PATH", repository),
        ("env.CI_REGISTRY_IMAGE", repository),
        ("env.GITHUB_REPOSITORY", repository),
        ("github.event.repository.name", name),
        ("github.repository", repository),
        ("github.repository_owner", owner),
    ];
    known.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};
    use crate::Scope;

    const IMAGE: &str = "FROM rust:1.95\nEXPOSE 8080\nCMD [\"/serve\"]\n";

    /// Names and folders of the services of a tree whose cluster runs `acme/till-api` as `till`,
    /// which a pipeline builds as `steps` say.
    fn found(steps: &str) -> Vec<(String, String)> {
        let till = deployment("till", "ghcr.io/acme/till-api:1");
        let workflow =
            format!("on: push\nenv: {{IMAGE: ghcr.io/acme/till-api}}\njobs:\n  ship:\n{steps}");
        let mut facts = tree(&[
            ("deploy/till.yaml", till.as_str()),
            ("backend/Dockerfile", IMAGE),
            ("backend/main.rs", ""),
            ("frontend/Dockerfile", IMAGE),
            ("frontend/main.rs", ""),
            (".github/workflows/ship.yml", workflow.as_str()),
        ]);
        facts.remotes = vec!["github.com/acme/till".into()];
        let services = discover(&facts).services.into_iter();
        services.map(|service| (service.name, service.folder)).collect()
    }

    fn is_joined(steps: &str) -> bool {
        let found = found(steps);
        found.contains(&("till".to_owned(), "backend".to_owned()))
            && !found.iter().any(|(name, _)| name == "backend")
    }

    /// What is passed over of a tree whose pipeline builds `built` and whose Compose file runs `run`.
    fn passed_over(built: &str, run: &str, recipes: &[&str]) -> usize {
        let flow = format!(
            "on: push\njobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n      \
             with: {{context: ., push: true, tags: '{built}'}}\n"
        );
        let compose = format!("services:\n  front:\n    image: {run}\n    restart: always\n");
        let mut files = vec![(".github/workflows/a.yml", &*flow), ("compose.yml", &*compose)];
        files.extend(recipes.iter().map(|path| (*path, IMAGE)));
        let discovery = discover(&tree(&files));
        discovery.passed_over.iter().filter(|reason| reason.what.contains(" runs `")).count()
    }

    #[test]
    fn compose_may_name_an_image_of_the_tree_by_variables() {
        let one = ["Dockerfile"];
        let open = "ghcr.io/${{ env.NAME }}:1";
        for (built, run, recipes, count) in [
            ("acme/till:${{ env.TAG }}", "${IMAGE:-acme/till}:${TAG:-latest}", &one[..], 0),
            ("acme/till:1", "${IMAGE:-acme/stock}:1", &one, 1),
            (open, "ghcr.io/${REPO}:${V}", &one, 0),
            (open, "quay.io/${REPO}:${V}", &one, 1),
            (open, "ghcr.io/keeper/server:${V}", &one, 1),
            (open, "ghcr.io/${REPO}:${V}", &["Dockerfile", "web/Dockerfile"], 1),
        ] {
            assert_eq!(passed_over(built, run, recipes), count, "{built} {run}");
        }
    }

    #[test]
    fn what_a_pipeline_builds_joins_the_image_that_runs_with_its_code() {
        for steps in [
            "    steps:\n    - run: docker build -t $IMAGE:1 backend\n",
            "    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: backend, tags: '${{ steps.login.outputs.registry }}/till-api:1'}\n",
            "    steps:\n    - run: |\n        docker build --pull \\\n          --tag ghcr.io/${GITHUB_REPOSITORY}-api \\\n          -f backend/Dockerfile .\n",
            "    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: backend, tags: '${{ env.IMAGE }}:1'}\n",
            "    steps:\n    - uses: docker/metadata-action@v5\n      with: {images: '${{ env.IMAGE }}'}\n    - uses: docker/build-push-action@v6\n      with: {context: ., file: ./backend/Dockerfile, tags: '${{ steps.meta.outputs.tags }}'}\n",
            "    strategy: {matrix: {include: [{image: till-api, folder: backend}, {image: x, folder: y}]}}\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: '${{ matrix.folder }}', tags: 'acme/${{ matrix.image }}'}\n",
            "    strategy: {matrix: {part: [{image: till-api, folder: backend}, {image: x, folder: y}]}}\n    steps:\n    - working-directory: ${{ matrix.part.folder }}\n      run: docker build . -t acme/${{ matrix.part.image }}\n",
        ] {
            assert!(is_joined(steps), "{steps} {:?}", found(steps));
        }
    }

    #[test]
    fn what_a_cluster_builds_for_itself_is_the_code_in_the_folder_that_it_is_built_from() {
        let found = |strategy: &str, folder: &str| {
            let till = deployment(
                "till",
                "image-registry.openshift-image-registry.svc:5000/acme-tools/till-api:1",
            );
            let build = format!(
                "apiVersion: build.openshift.io/v1\nkind: BuildConfig\nmetadata: {{name: x}}\nspec:\n  \
                 output: {{to: {{name: 'till-api:1'}}}}\n  source: {{contextDir: {folder}}}\n  strategy: {{{strategy}: {{}}}}\n"
            );
            let facts = tree(&[
                ("openshift/till.yaml", till.as_str()),
                ("openshift/build.yaml", build.as_str()),
                ("backend/Dockerfile", IMAGE),
                ("backend/main.rs", ""),
                ("frontend/Dockerfile", IMAGE),
                ("frontend/main.rs", ""),
            ]);
            let services = discover(&facts).services;
            let scopes = crate::scopes(&facts, &services, jiff::civil::date(2026, 11, 22));
            let found = scopes.iter().map(|scope| {
                let Scope { service, dockerfiles, .. } = scope;
                (service.name.clone(), service.folder.clone(), dockerfiles.len())
            });
            found.collect::<Vec<_>>()
        };
        let own =
            |name: &str, folder: &str, files: usize| (name.to_owned(), folder.to_owned(), files);
        let others = own("frontend", "frontend", 1);
        let joined = |files: usize| [others.clone(), own("till", "backend", files)];
        assert_eq!(found("dockerStrategy", "backend"), joined(1));
        assert_eq!(found("sourceStrategy", "backend"), joined(0));
        assert_eq!(found("sourceStrategy", "elsewhere").len(), 3);
    }

    #[test]
    fn an_image_of_two_recipes_or_of_another_name_tells_nothing() {
        for steps in [
            "    steps: []\n",
            "    steps:\n    - run: docker build -t acme/other backend\n",
            "    steps:\n    - run: docker build -t $IMAGE backend; docker build -t $IMAGE frontend\n",
            "    steps:\n    - run: docker build -t $IMAGE backend && docker build -t $IMAGE frontend\n",
            "    steps:\n    - run: docker build -t acme/${{ matrix.x }} backend\n",
        ] {
            assert!(!is_joined(steps), "{steps}");
        }
    }

    #[test]
    fn compose_runs_what_the_pipeline_builds_of_the_tree() {
        let compose =
            "services: {counter: {image: 'ghcr.io/acme/counting:${TAG}', restart: always}}\n";
        let workflow = "on: push\njobs:\n  ship:\n    steps:\n    - uses: docker/metadata-action@v5\n      \
                        with: {images: 'ghcr.io/${{ github.repository_owner }}/counting'}\n    \
                        - uses: docker/build-push-action@v6\n      with: {context: .}\n";
        let files = [
            ("compose.yaml", compose),
            ("Dockerfile", IMAGE),
            ("main.rs", ""),
            (".github/workflows/ship.yml", workflow),
        ];
        let mut facts = tree(&files);
        facts.remotes = vec!["github.com/acme/till".into()];
        let reasons = |facts: &crate::Facts| {
            let services = discover(facts).services.into_iter();
            services.map(|s| (s.name, s.reasons.len())).collect::<Vec<_>>()
        };
        assert_eq!(reasons(&facts), [("counter".to_owned(), 2)]);
        facts.builds.clear();
        assert_eq!(reasons(&facts), [("till".to_owned(), 1)]);
    }

    #[test]
    fn a_recipe_among_those_of_pipelines_that_one_of_them_builds_is_that_of_the_tree() {
        let workflow = |step: &str| format!("on: push\njobs:\n  a:\n    steps:\n    - {step}\n");
        let found = |step: &str| {
            let workflow = workflow(step);
            let files = [
                ("ci/Dockerfile", IMAGE),
                ("main.rs", ""),
                (".github/workflows/a.yml", workflow.as_str()),
            ];
            let services = discover(&tree(&files)).services.into_iter();
            services.map(|service| service.folder).collect::<Vec<_>>()
        };
        assert_eq!(found("run: docker build -f ci/Dockerfile -t acme/till ."), [""]);
        assert_eq!(found("run: make"), [""; 0]);
        let build = workflow("run: docker build -f ci/Dockerfile -t acme/till .");
        let mut facts = tree(&[
            ("ci/Dockerfile", IMAGE),
            ("migrations/Dockerfile", IMAGE),
            (".github/workflows/a.yml", build.as_str()),
        ]);
        facts.remotes = vec!["github.com/acme/till".into()];
        assert_eq!(discover(&facts).services[0].name, "till");
    }

    #[test]
    fn an_image_names_what_only_a_file_or_a_folder_without_code_named() {
        let workflow = "on: push\njobs:\n  a:\n    steps:\n    \
                        - run: docker build -f docker/gate/Dockerfile -t acme/shop-gate .\n    \
                        - run: docker build -f docker/desk/Dockerfile -t acme/shop-desk-arm64 .\n    \
                        - run: docker build -f stock/Dockerfile -t acme/shop-stock stock\n    \
                        - run: docker build -f tax/Dockerfile.sums -t acme/wages tax\n";
        let files = [
            ("docker/gate/Dockerfile", IMAGE),
            ("docker/desk/Dockerfile", IMAGE),
            ("shop-gate/main.rs", ""),
            ("stock/Dockerfile", IMAGE),
            ("stock/main.rs", ""),
            ("tax/Dockerfile.sums", IMAGE),
            ("tax/main.rs", ""),
            (".github/workflows/a.yml", workflow),
        ];
        let found = |more: &[(&str, &str)]| {
            let services = discover(&tree(&[&files[..], more].concat())).services.into_iter();
            services.map(|service| (service.name, service.folder)).collect::<Vec<_>>()
        };
        let own = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(name, folder)| ((*name).into(), (*folder).into())).collect()
        };
        let others = [("stock", "stock"), ("wages", "tax")];
        let desk = ("desk", "docker/desk");
        assert_eq!(found(&[]), own(&[desk, ("shop-gate", "shop-gate"), others[0], others[1]]));
        let gate = deployment("gate", "registry.acme.example/other:1");
        let named = found(&[("deploy/gate.yaml", gate.as_str())]);
        assert_eq!(named, own(&[desk, ("gate", "docker/gate"), others[0], others[1]]));
    }

    #[test]
    fn a_chart_within_a_chart_is_the_trees_own_where_a_pipeline_builds_its_image() {
        let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let (shop, gate, store) = (chart("shop"), chart("shop-gate"), chart("shop-store"));
        let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n";
        let workflow = "on: push\njobs:\n  a:\n    steps:\n    \
                        - run: docker build -f docker/gate/Dockerfile -t acme/shop-gate .\n";
        let facts = tree(&[
            ("charts/shop/Chart.yaml", shop.as_str()),
            ("charts/shop/charts/shop-gate/Chart.yaml", gate.as_str()),
            ("charts/shop/charts/shop-gate/templates/a.yaml", template),
            ("charts/shop/charts/shop-store/Chart.yaml", store.as_str()),
            ("charts/shop/charts/shop-store/templates/a.yaml", template),
            ("docker/gate/Dockerfile", IMAGE),
            (".github/workflows/a.yml", workflow),
        ]);
        let found = discover(&facts).services.into_iter().find(|s| s.name == "shop-gate").unwrap();
        let reasons: Vec<_> = found.reasons.iter().map(|reason| reason.what.as_str()).collect();
        assert_eq!(reasons, ["Helm chart `shop-gate`", "Dockerfile"]);
        let charts: Vec<_> = facts.charts.iter().map(|chart| chart.as_str()).collect();
        assert_eq!(charts, ["shop", "shop-gate"]);
    }

    #[test]
    fn scripts_of_gitlab_tell_it_too() {
        let till = deployment("till", "registry.acme.example/till/counter:1");
        let pipeline = "variables: {PART: counter}\nship:\n  script:\n  - docker build -t $CI_REGISTRY_IMAGE/$PART -f backend/Dockerfile .\n";
        let files = [
            ("deploy/till.yaml", till.as_str()),
            ("backend/Dockerfile", IMAGE),
            ("backend/main.rs", ""),
            ("frontend/Dockerfile", IMAGE),
            ("frontend/main.rs", ""),
            (".gitlab-ci.yml", pipeline),
        ];
        let named = |files: &[(&str, &str)]| {
            let services = discover(&tree(files)).services.into_iter();
            services.map(|service| (service.name, service.folder)).collect::<Vec<_>>()
        };
        let joined = [("frontend", "frontend"), ("till", "backend")];
        let joined = joined.map(|(name, folder)| (name.to_owned(), folder.to_owned()));
        assert_eq!(named(&files), joined);
        assert_eq!(named(files.split_last().unwrap().1).len(), 3);
    }

    #[test]
    fn what_is_given_to_a_workflow_of_the_tree_names_what_it_builds() {
        let till = deployment("till", "ghcr.io/acme/till-api:1");
        let called = "on: workflow_call\njobs:\n  a:\n    steps:\n    - uses: ./.github/actions/image\n      \
                      with: {name: '${{ inputs.image }}', from: '${{ inputs.folder }}'}\n";
        let direct = "on: workflow_call\njobs:\n  a:\n    steps:\n    - run: docker build -t acme/${{ inputs.image }} ${{ inputs.folder }}\n";
        let calls = "on: push\njobs:\n  ship:\n    uses: ./.github/workflows/image.yml\n    with: {image: till-api, folder: backend}\n";
        let action = "runs:\n  using: composite\n  steps:\n  - uses: docker/build-push-action@v6\n    \
                      with: {context: '${{ inputs.from }}', tags: 'acme/${{ inputs.name }}'}\n";
        for image in [called, direct] {
            let facts = tree(&[
                ("deploy/till.yaml", till.as_str()),
                ("backend/Dockerfile", IMAGE),
                ("backend/main.rs", ""),
                ("frontend/Dockerfile", IMAGE),
                ("frontend/main.rs", ""),
                (".github/workflows/image.yml", image),
                (".github/workflows/ship.yml", calls),
                (".github/actions/image/action.yml", action),
            ]);
            let services = discover(&facts).services;
            let found: Vec<_> =
                services.iter().map(|s| (s.name.as_str(), s.folder.as_str())).collect();
            assert_eq!(found, [("frontend", "frontend"), ("till", "backend")], "{image}");
        }
    }
}
