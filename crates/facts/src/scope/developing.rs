//! Dockerfiles by which nothing is built but what those who write the code run.

use std::collections::HashSet;

use super::environment::{developed, is_rehearsal};
use super::owner::Owners;
use crate::discover::name::{folder_of, last_part};
use crate::discover::platform::deploying;
use crate::discover::{DockerfileName, dockerfile_name, dockerfile_path};
use crate::{Container, Dockerfile, Facts, ImageBuild, Pipeline, Platform, Section, Workload};

/// The paths of those that Compose services for developing build, where nothing that was read may
/// build them for more. Several stages are written for an image that ships; one that holds no file
/// and starts nothing is a bench for the code that Compose mounts, whatever else ships, and one beside
/// the plain `Dockerfile` that no pipeline and no page names is for trying something out. Where
/// buildpacks make what ships, a Dockerfile that starts nothing is nobody's but the developers', and so
/// is any beside code that a builder image or a build tool of its language makes into an image, and one
/// of a service for which pipelines build and keep an image by another.
pub(super) fn for_developing<'f>(facts: &'f Facts, owners: &Owners<'_>) -> HashSet<&'f str> {
    let developed = developed(facts);
    let by_buildpacks = is_by_buildpacks(facts).then(|| names_recipes(facts));
    let is_packed = by_buildpacks == Some(false);
    let is_idle = |file: &&Dockerfile| is_packed && file.lineage().all(|s| s.entry.is_none());
    // What pipelines build by the plain name is what ships, and not what stands beside it.
    let recipes = facts.builds.iter().filter_map(ImageBuild::recipe);
    let recipes = recipes.filter(|path| last_part(path) == "Dockerfile");
    let plain: HashSet<String> = recipes.map(|path| folder_of(&path).to_owned()).collect();
    let named = named_beside(facts, &plain);
    let is_unnamed = |file: &&Dockerfile| {
        let path = &*file.place.path;
        (plain.contains(folder_of(path)) && is_aside(path, facts))
            || (last_part(path) == "Dockerfile" && named.contains(folder_of(path)))
    };
    let sourced = from_source(facts);
    let tooled = by_build_tools(facts);
    let is_nobodys = |file: &&Dockerfile| {
        is_idle(file)
            || is_unnamed(file)
            || sourced.contains(&*file.place.path)
            || tooled.contains(file.place.folder())
    };
    let idle = facts.dockerfiles.iter().filter(is_nobodys).map(|file| &*file.place.path);
    if developed.is_empty() {
        return idle.collect();
    }
    let is_beside = |workload: &Workload| developed.contains(&*workload.name.place.path);
    let only_by = |is_for_developing: &dyn Fn(&Workload) -> bool| {
        let (by, others): (Vec<&Workload>, Vec<&Workload>) =
            facts.workloads.iter().partition(|workload| is_for_developing(workload));
        let built = |all: &[&Workload]| -> HashSet<String> {
            let containers = all.iter().flat_map(|workload| &workload.containers);
            containers.filter_map(Container::recipe).collect()
        };
        &built(&by) - &built(&others)
    };
    let benches = only_by(&is_beside);
    let written = only_by(&|workload| workload.develops.is_some() && is_beside(workload));
    let developing = if by_buildpacks.unwrap_or_else(|| may_ship(facts)) {
        HashSet::new()
    } else {
        written.iter().map(String::as_str).collect()
    };
    let unseen = only_by(&|workload| {
        let is_written = workload.develops.is_some() && is_beside(workload);
        is_written || is_rehearsal(&workload.name.place.path)
    });
    let replaced = beside_shipped(facts, owners, &unseen);
    let is_its = |file: &&Dockerfile| {
        let path = &*file.place.path;
        (benches.contains(path)
            && (is_bench(file) || is_aside(path, facts) || starts_writing(file)))
            || (file.stages.len() == 1 && developing.contains(path))
            || replaced.contains(path)
    };
    let its = facts.dockerfiles.iter().filter(is_its).map(|file| &*file.place.path);
    its.chain(idle).collect()
}

/// Folders of which pipelines build a recipe of another name to an image of a registry or team, and
/// neither they nor Compose for more than developing the plain `Dockerfile`.
fn named_beside(facts: &Facts, plain: &HashSet<String>) -> HashSet<String> {
    if !facts.unread_pipelines.is_empty() {
        return HashSet::new();
    }
    let developed = developed(facts);
    let composed = facts.workloads.iter().filter(|w| !developed.contains(&*w.name.place.path));
    let composed: HashSet<String> =
        composed.flat_map(|w| &w.containers).filter_map(Container::recipe).collect();
    let recipes = kept(facts).filter_map(ImageBuild::recipe).filter(|path| {
        let is_other = dockerfile_name(path) != DockerfileName::Development;
        is_other && last_part(path) != "Dockerfile" && facts.has_path(path)
    });
    let folders = recipes.map(|path| folder_of(&path).to_owned());
    folders
        .filter(|folder| {
            !plain.contains(folder) && !composed.contains(&dockerfile_path(folder, None))
        })
        .collect()
}

/// The recipes beside code that a builder image makes an image of, and that no pipeline builds by them.
fn from_source(facts: &Facts) -> HashSet<String> {
    let (sourced, others): (Vec<&ImageBuild>, Vec<&ImageBuild>) =
        facts.builds.iter().partition(|build| build.is_from_source);
    if sourced.is_empty() {
        return HashSet::new();
    }
    let built: HashSet<String> = others.into_iter().filter_map(ImageBuild::recipe).collect();
    let plain = sourced.into_iter().map(|build| dockerfile_path(&build.context, None));
    plain.filter(|path| !built.contains(path)).collect()
}

/// Those of `written` whose service has another recipe that pipelines build and keep, where neither
/// they nor a page for those who run it name this one.
fn beside_shipped<'f>(
    facts: &'f Facts,
    owners: &Owners<'_>,
    written: &HashSet<String>,
) -> HashSet<&'f str> {
    let recipes: HashSet<String> = facts.builds.iter().filter_map(ImageBuild::recipe).collect();
    // What a matrix fills in may be any.
    let is_open = recipes.iter().any(|path| path.contains('$'));
    if written.is_empty() || is_open || !facts.unread_pipelines.is_empty() {
        return HashSet::new();
    }
    let kept: HashSet<String> = kept(facts).filter_map(ImageBuild::recipe).collect();
    let files = || facts.dockerfiles.iter();
    let shipped = files().filter(|file| kept.contains(&*file.place.path));
    let shipped: HashSet<usize> =
        shipped.filter_map(|file| owners.of_reason(&file.place)).collect();
    let is_replaced = |file: &&Dockerfile| {
        let path = &*file.place.path;
        let is_plain = last_part(path) == "Dockerfile" && path.contains('/');
        let name = if is_plain { folder_of(path) } else { last_part(path) };
        written.contains(path)
            && !recipes.contains(path)
            && owners.of_reason(&file.place).is_some_and(|owner| shipped.contains(&owner))
            && !is_named(facts, |text| text.contains(name))
    };
    files().filter(is_replaced).map(|file| &*file.place.path).collect()
}

/// What pipelines build and keep: it bears the name of a registry or a team, or is given another name
/// once it is built, as what is pushed is.
pub(crate) fn kept(facts: &Facts) -> impl Iterator<Item = &ImageBuild> {
    let tagged: HashSet<&str> = facts.pipelines.iter().flat_map(texts).filter_map(tagged).collect();
    let is_kept = move |build: &&ImageBuild| {
        build.image.contains('/') || tagged.contains(build.image.as_str())
    };
    facts.builds.iter().filter(is_kept)
}

/// The image that a line of a script gives another name: `docker tag till:latest $IMAGE`.
fn tagged(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("docker tag ")?;
    rest.split_whitespace().next().map(|image| image.trim_matches(['"', '\'']))
}

/// Folders of code that a build tool of its language may make an image of without a Dockerfile, where
/// pipelines call that tool and nothing that was read may build one by a Dockerfile.
fn by_build_tools(facts: &Facts) -> HashSet<&str> {
    let mut ecosystems: HashSet<&str> = HashSet::new();
    for text in facts.pipelines.iter().flat_map(texts) {
        ecosystems.extend(made_by_tool(text));
    }
    let is_elsewhere = !facts.unread_pipelines.is_empty() || deploying(facts).next().is_some();
    if ecosystems.is_empty() || is_elsewhere || names_recipes(facts) {
        return HashSet::new();
    }
    let packages = facts.packages.iter().filter(|package| ecosystems.contains(package.ecosystem));
    packages.map(|package| package.place.folder()).collect()
}

/// The ecosystems of the code that a line of a pipeline makes an image of, by a tool that needs no
/// Dockerfile: Jib, the plug-ins of Spring Boot, ko.
fn made_by_tool(line: &str) -> &'static [&'static str] {
    const JAVA: &[&str] = &["jib", "bootBuildImage"];
    let mut words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_java =
        words.any(|word| JAVA.contains(&word)) || line.contains("spring-boot:build-image");
    let mut commands = line.split(['&', '|', ';', '(']).map(str::trim_start);
    let is_ko = |command: &str| {
        ["ko apply ", "ko build ", "ko publish ", "ko resolve "]
            .iter()
            .any(|ko| command.starts_with(ko))
    };
    if is_java {
        &["gradle", "maven"]
    } else if commands.any(is_ko) {
        &["go"]
    } else {
        &[]
    }
}

fn is_bench(file: &Dockerfile) -> bool {
    file.lineage()
        .all(|stage| stage.entry.is_none() && !stage.takes_files && stage.ports.is_empty())
}

/// Whether an image starts what runs while its code is written: `php bin/console --env=dev server:run`.
fn starts_writing(file: &Dockerfile) -> bool {
    let entries = file.lineage().filter_map(|stage| stage.entry.as_ref());
    let mut words = entries.flat_map(|(entry, _)| {
        entry.split(|letter: char| letter.is_whitespace() || "[],\"'".contains(letter))
    });
    words.any(|word| matches!(word, "--env=dev" | "--env=development" | "nodemon"))
}

/// Whether a plain `Dockerfile` stands beside one of a longer name, which nothing names that may ship:
/// `Dockerfile.next`.
fn is_aside(path: &str, facts: &Facts) -> bool {
    let (folder, name) = (folder_of(path), last_part(path));
    let plain =
        if folder.is_empty() { "Dockerfile".into() } else { format!("{folder}/Dockerfile") };
    // A name that is put together, such as `Dockerfile.${{ matrix.part }}`, may be this one.
    let names_it = |text: &str| {
        text.contains(name)
            || text.match_indices("Dockerfile").any(|(at, word)| {
                let rest = text.get(at + word.len()..).unwrap_or_default();
                rest.get(1..).is_some_and(|rest| rest.starts_with('$'))
            })
    };
    name != "Dockerfile" && facts.has_path(&plain) && !is_named(facts, names_it)
}

/// Whether a pipeline, or a page that is not for those who write the code, names a recipe.
fn is_named(facts: &Facts, names_it: impl Fn(&str) -> bool) -> bool {
    let pages = facts.documents.iter().filter(|page| !is_of_developers(&page.place.path));
    let mut sections = pages.flat_map(|document| &document.sections);
    let is_told = |section: &Section| {
        !is_of_developers(&section.title)
            && (names_it(&section.text) || section.code.iter().any(|(_, code)| names_it(code)))
    };
    facts.pipelines.iter().flat_map(texts).any(&names_it) || sections.any(is_told)
}

/// Whether a heading or a path says that people read it who write or test the code.
fn is_of_developers(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "contributing",
        "developer",
        "developers",
        "developing",
        "development",
        "testing",
        "tests",
    ];
    let text = text.to_ascii_lowercase();
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Whether anything of the tree may bring an image to users; what was not read may, too.
fn may_ship(facts: &Facts) -> bool {
    let is_deployed = facts.workloads.iter().any(|w| w.platform != Platform::Compose);
    is_deployed
        || !facts.charts.is_empty()
        || !facts.templates.is_empty()
        || !facts.unread_pipelines.is_empty()
        || deploying(facts).next().is_some()
        || facts.pipelines.is_empty()
        || facts.pipelines.iter().any(makes_images)
        || facts.documents.iter().flat_map(|document| &document.sections).any(|section| {
            says_build(&section.text) || section.code.iter().any(|(_, code)| says_build(code))
        })
}

/// Whether what is shipped is made from the code by buildpacks, and by no Dockerfile.
fn is_by_buildpacks(facts: &Facts) -> bool {
    let packs = |text: &str| text.contains("pack build ") || text.contains("buildpacks/pack");
    !facts.pushed.is_empty() || facts.pipelines.iter().flat_map(texts).any(packs)
}

/// Whether a pipeline builds an image by a Dockerfile all the same.
fn names_recipes(facts: &Facts) -> bool {
    const WORDS: &[&str] = &["Dockerfile", "bake-action", "buildah", "build-push", "kaniko"];
    let names = |text: &str| says_build(text) || WORDS.iter().any(|word| text.contains(word));
    facts.pipelines.iter().flat_map(texts).any(names)
}

fn makes_images(pipeline: &Pipeline) -> bool {
    const WORDS: &[&str] = &["buildah", "container", "docker", "image", "jib", "kaniko", "podman"];
    texts(pipeline).any(|text| {
        let text = text.to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    })
}

/// What a pipeline calls, uses and runs, with what it gives to that.
fn texts(pipeline: &Pipeline) -> impl Iterator<Item = &str> {
    let steps = || pipeline.jobs.iter().flat_map(|job| &job.steps);
    let uses = steps().filter_map(|step| step.uses.as_ref());
    let lines = steps().flat_map(|step| &step.lines);
    let inputs = steps().flat_map(|step| &step.with).map(|(_, value)| value);
    let all = pipeline.includes.iter().chain(uses).chain(lines).chain(inputs);
    all.map(|text| text.value.as_str())
}

fn says_build(text: &str) -> bool {
    // `docker buildx imagetools` copies what is made already.
    let mut builds = text.split("docker build").skip(1);
    builds.any(|rest| !rest.starts_with("x imagetools"))
        || ["docker push", "podman build"].iter().any(|command| text.contains(command))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::discover;
    use crate::discover::tests::tree;

    const COMPOSE: &str = "services:\n  till:\n    build: .\n    environment: {NODE_ENV: development}\n    ports: ['3000:3000']\n";

    /// The Dockerfiles of all services of a tree.
    fn paths(files: &[(&str, &str)]) -> Vec<String> {
        let facts = tree(files);
        let services = discover(&facts).services;
        assert_eq!(services.len(), 1);
        let scopes = super::super::scopes(&facts, &services, date(2026, 11, 20));
        let files = scopes.iter().flat_map(|scope| &scope.dockerfiles);
        files.map(|file| file.place.path.to_string()).collect()
    }

    /// How many Dockerfiles all services of a tree have whose pipeline runs `line`.
    fn dockerfiles(stages: &str, line: &str) -> usize {
        let pipeline = format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: {line}}}]}}}}\n");
        let files = [
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", stages),
            ("docker-compose.yml", COMPOSE),
            ("package.json", "{\"name\": \"till\"}\n"),
            (".github/workflows/release.yml", &pipeline),
        ];
        paths(&files).len()
    }

    #[test]
    fn the_recipe_that_pipelines_name_ships_and_not_the_unnamed_one_beside_it() {
        let one = "FROM node:22\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
        let found = |line: &str| {
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: {line}}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", one),
                ("Dockerfile.static", one),
                ("package.json", "{\"name\": \"till\"}\n"),
                (".github/workflows/release.yml", &pipeline),
            ])
        };
        let build = |file: &str| format!("docker build -t acme/till -f {file} .");
        assert_eq!(found(&build("Dockerfile.static")), ["Dockerfile.static"]);
        assert_eq!(found(&build("Dockerfile.test")).len(), 2);
        assert_eq!(found("docker build -t scratch -f Dockerfile.static .").len(), 2);
        let both = format!("{} && {}", build("Dockerfile.static"), build("Dockerfile"));
        assert!(found(&both).contains(&"Dockerfile".to_owned()));
    }

    #[test]
    fn an_image_that_only_developers_build_is_not_the_one_that_ships() {
        let one = "FROM node:22\nCOPY . .\nCMD [\"node\", \"till.js\"]\n";
        assert_eq!(dockerfiles(one, "clever deploy"), 0);
        assert_eq!(dockerfiles(one, "docker build -t till ."), 1);
        assert_eq!(dockerfiles(one, "pack build $IMAGE --publish"), 0);
        assert_eq!(dockerfiles(one, "pack build $IMAGE; docker build -t till ."), 1);
        assert_eq!(dockerfiles(one, "copy $IMAGE"), 1);
        let idle = "FROM node:22\nCOPY . .\n";
        assert_eq!(dockerfiles(idle, "pack build $IMAGE --publish"), 0);
        let two = "FROM node:22 AS build\nRUN make\nFROM node:22\nCOPY --from=build /a /a\n";
        assert_eq!(dockerfiles(two, "clever deploy"), 1);
    }

    #[test]
    fn a_recipe_beside_code_that_its_build_tool_makes_an_image_of_is_for_developers() {
        let found = |manifest: (&str, &str), lines: &str| -> usize {
            let image = "FROM eclipse-temurin:25\nCOPY a.jar .\nEXPOSE 80\nCMD [\"java\"]\n";
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{lines}'}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", image),
                manifest,
                (".github/workflows/release.yml", &pipeline),
            ])
            .len()
        };
        let maven =
            ("pom.xml", "<project><groupId>a</groupId><artifactId>till</artifactId></project>");
        let gradle = ("build.gradle", "plugins { id 'java' }\n");
        let go = ("go.mod", "module acme.example/till\n");
        for (manifest, lines, count) in [
            (maven, "mvn compile com.google.cloud.tools:jib-maven-plugin:build", 0),
            (maven, "mvn jib:build && docker buildx imagetools create -t a/b:1 a/b:2", 0),
            (maven, "mvn spring-boot:build-image -Dspring-boot.build-image.publish=true", 0),
            (gradle, "./gradlew :till:jib", 0),
            (gradle, "./gradlew bootBuildImage --publishImage", 0),
            (go, "ko build ./cmd/till", 0),
            (go, "mvn jib:build", 1),
            (gradle, "ko build ./cmd/till", 1),
            (gradle, "./gradlew build", 1),
            (maven, "mvn jib:build; docker build -t acme/till .", 1),
            (maven, "mvn jib:build; docker buildx build -t acme/till .", 1),
        ] {
            assert_eq!(found(manifest, lines), count, "{lines}");
        }
    }

    #[test]
    fn a_longer_name_beside_the_one_that_a_pipeline_builds_ships_nothing() {
        let found = |line: &str| -> Vec<String> {
            let image = "FROM golang:1.25\nCOPY . .\nEXPOSE 80\nCMD [\"/till\"]\n";
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", image),
                ("Dockerfile.cgo", image),
                (".github/workflows/release.yml", &pipeline),
            ])
        };
        assert_eq!(found("docker build -f Dockerfile -t till ."), ["Dockerfile"]);
        assert_eq!(found("docker build -t till ."), ["Dockerfile"]);
        assert_eq!(found("make"), ["Dockerfile", "Dockerfile.cgo"]);
        assert_eq!(
            found("docker build -f Dockerfile.cgo -t till ."),
            ["Dockerfile", "Dockerfile.cgo"]
        );
    }

    #[test]
    fn a_longer_name_beside_the_plain_one_is_for_trying_out_where_nothing_else_names_it() {
        let found = |line: &str| -> Vec<String> {
            let compose = "services:\n  till:\n    build: {context: ., dockerfile: Dockerfile.next}\n    \
                           environment: {RAILS_ENV: development}\n    volumes: ['.:/till']\n";
            let image = "FROM ruby:3.4\nCOPY . .\nCMD [\"puma\"]\n";
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", image),
                ("Dockerfile.next", image),
                ("docker-compose-next.yml", compose),
                (".github/workflows/release.yml", &pipeline),
            ])
        };
        assert_eq!(found("docker build -t till ."), ["Dockerfile"]);
        for line in ["docker build -f Dockerfile.next .", "docker build -f Dockerfile.$PART ."] {
            assert_eq!(found(line), ["Dockerfile", "Dockerfile.next"], "{line}");
        }
    }

    #[test]
    fn pages_for_developers_ship_nothing() {
        let found = |path: &str, heading: &str| {
            let image = "FROM php:8\nCOPY . .\nCMD [\"apache2\"]\n";
            let pipeline =
                "on: push\njobs: {x: {runs-on: a, steps: [{run: 'docker build -t till .'}]}}\n";
            let page = format!(
                "# Till\n\n## {heading}\n\n```sh\ndocker build -f Dockerfile-Oldest .\n```\n"
            );
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", image),
                ("Dockerfile-Oldest", image),
                (path, &page),
                (".github/workflows/release.yml", pipeline),
            ])
        };
        assert_eq!(found("README.md", "Special development images"), ["Dockerfile"]);
        assert_eq!(found("handbook/developers/a.md", "Oldest"), ["Dockerfile"]);
        assert_eq!(found("README.md", "Old systems"), ["Dockerfile", "Dockerfile-Oldest"]);
    }

    #[test]
    fn a_recipe_that_only_developers_build_ships_nothing_where_pipelines_keep_another() {
        let image = "FROM node:22\nCOPY . .\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
        let compose = "services:\n  till:\n    build: {context: ., dockerfile: docker/till/Dockerfile}\n    \
                       environment: {NODE_ENV: development}\n    ports: ['80:80']\n";
        let found = |line: &str| {
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("Dockerfile", image),
                ("docker/till/Dockerfile", image),
                ("docker-compose.yml", compose),
                ("package.json", "{\"name\": \"till\"}\n"),
                (".github/workflows/release.yml", &pipeline),
            ])
        };
        assert_eq!(found("docker build -t acme/till ."), ["Dockerfile"]);
        let both = ["Dockerfile", "docker/till/Dockerfile"];
        assert_eq!(found("docker build -t till ."), both);
        assert_eq!(found("docker build -t acme/till -f docker/$PART/Dockerfile ."), both);
        assert_eq!(
            found("docker build -t acme/till . && docker build -t acme/b docker/till"),
            both
        );
        assert_eq!(found("docker build -t till . && docker tag till $IMAGE"), ["Dockerfile"]);
        assert_eq!(found("docker build -t till . && docker tag other $IMAGE"), both);
    }

    #[test]
    fn a_recipe_of_developers_and_of_stages_before_production_ships_nothing_beside_the_kept_one() {
        let found = |name: &str| {
            let image = "FROM node:22\nCOPY . .\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
            let build =
                "services:\n  till:\n    build: {context: ., dockerfile: docker/Dockerfile.next}\n";
            let written = format!("{build}    volumes: ['${{CODE:-.}}:/till']\n");
            let staged = format!("{build}    restart: always\n");
            let line = "docker build -f docker/Dockerfile.base1 -t acme/till .";
            let pipeline =
                format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
            paths(&[
                ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
                ("docker/Dockerfile.base1", image),
                ("docker/Dockerfile.next", image),
                ("compose.override.yaml", written.as_str()),
                (name, staged.as_str()),
                (".github/workflows/release.yml", &pipeline),
            ])
        };
        assert_eq!(found("compose.staging.yaml"), ["docker/Dockerfile.base1"]);
        assert_eq!(found("compose.live.yaml").len(), 2);
    }

    #[test]
    fn an_image_that_starts_what_is_being_written_is_for_that() {
        let stages = |command: &str| {
            format!("FROM php:8 AS base\nCOPY a /a\nCMD {command}\nFROM base\nUSER 1000\n")
        };
        let line = "docker build -f other/Dockerfile .";
        assert_eq!(dockerfiles(&stages("php bin/console --env=dev server:run"), line), 0);
        assert_eq!(dockerfiles(&stages("php bin/console --env=prod server:run"), line), 1);
    }

    #[test]
    fn a_bench_for_mounted_code_is_not_the_image_that_ships() {
        let bench = "FROM node:22\nRUN apt-get install -y chromium\nWORKDIR /till\n";
        assert_eq!(dockerfiles(bench, "docker build -t till ."), 0);
        let tools = "FROM node:22\nRUN apt-get install -y chromium\nCOPY . /till\n";
        assert_eq!(dockerfiles(tools, "docker build -t till ."), 1);
    }
}
