//! Dockerfiles by which nothing is built but what those who write the code run.

use std::collections::HashSet;

use super::environment::{is_rehearsal, says_production};
use super::owner::Owners;
use crate::discover::name::{folder_of, last_part};
use crate::discover::platform::deploying;
use crate::discover::{dockerfile_path, is_production_in_cloud};
use crate::{Container, Dockerfile, Facts, ImageBuild, Pipeline, Platform, Section, Workload};

/// The paths of those that Compose services for developing build (of `developed` files), where nothing that was read may
/// build them for more. Several stages are written for an image that ships; one that holds no file
/// and starts nothing is a bench for the code that Compose mounts, whatever else ships, and one beside
/// the plain `Dockerfile` that no pipeline and no page names is for trying something out. Where
/// buildpacks make what ships, a Dockerfile that starts nothing is nobody's but the developers', and so
/// is any beside code that a builder image or a build tool of its language makes into an image.
pub(super) fn for_developing<'f>(facts: &'f Facts, developed: &HashSet<&str>) -> HashSet<&'f str> {
    let by_buildpacks = is_by_buildpacks(facts).then(|| names_recipes(facts));
    let is_packed = by_buildpacks == Some(false);
    let is_idle = |file: &&Dockerfile| is_packed && file.lineage().all(|s| s.entry.is_none());
    // What pipelines build by the plain name is what ships, and not what stands beside it.
    let recipes = facts.builds.iter().filter_map(ImageBuild::recipe);
    let recipes = recipes.filter(|path| last_part(path) == "Dockerfile");
    let plain: HashSet<String> = recipes.map(|path| folder_of(&path).to_owned()).collect();
    let is_unnamed = |file: &&Dockerfile| {
        let path = &*file.place.path;
        plain.contains(folder_of(path)) && is_aside(path, facts)
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
    let is_its = |file: &&Dockerfile| {
        let path = &*file.place.path;
        (benches.contains(path)
            && (is_bench(file) || is_aside(path, facts) || starts_writing(file)))
            || (file.stages.len() == 1 && developing.contains(path))
    };
    let its = facts.dockerfiles.iter().filter(is_its).map(|file| &*file.place.path);
    its.chain(idle).collect()
}

/// Recipes of a service for which pipelines build and keep an image by another, and plain ones in whose
/// place Compose builds another of the folder, where nothing that was read builds one by these for more
/// than developing: whether they ship is not shown.
pub(super) fn doubtful<'f>(
    facts: &'f Facts,
    developed: &HashSet<&str>,
    owners: &Owners<'_>,
) -> HashSet<&'f str> {
    let recipes: HashSet<String> = facts.builds.iter().filter_map(ImageBuild::recipe).collect();
    // What a matrix fills in may be any.
    if recipes.iter().any(|path| path.contains('$')) {
        return HashSet::new();
    }
    let is_for_users = |workload: &&Workload| {
        let path = &workload.name.place.path;
        !developed.contains(&**path) && !is_rehearsal(path)
    };
    let composed = facts.workloads.iter().filter(is_for_users);
    let composed: Vec<&Container> = composed.flat_map(|w| &w.containers).collect();
    let replaced = replaced(&composed, facts);
    let composed: HashSet<String> = composed.into_iter().filter_map(Container::recipe).collect();
    let shipped = owners_of_kept(facts, owners);
    let is_doubtful = |file: &&Dockerfile| {
        let path = &*file.place.path;
        !recipes.contains(path)
            && !composed.contains(path)
            && (replaced.contains(path)
                || owners.of_reason(&file.place).is_some_and(|owner| shipped.contains(&owner)))
    };
    facts.dockerfiles.iter().filter(is_doubtful).map(|file| &*file.place.path).collect()
}

/// The plain recipes of folders which are built by another recipe in them that is not called after
/// developing. A platform may build by the plain one, as may a pipeline that was not read.
fn replaced(built: &[&Container], facts: &Facts) -> HashSet<String> {
    if !facts.unread_pipelines.is_empty() || deploying(facts).next().is_some() {
        return HashSet::new();
    }
    let another = built.iter().filter_map(|container| {
        let context = container.build.as_ref()?.trim_end_matches('/');
        let (path, plain) = (container.recipe()?, dockerfile_path(context, None));
        let words = last_part(&path).split(['.', '-', '_']);
        let is_of_developers = words.map(str::to_ascii_lowercase).any(|word| {
            matches!(
                &*word,
                "debug" | "dev" | "devel" | "develop" | "development" | "local" | "test"
            )
        });
        let is_beside = path != plain && folder_of(&path) == folder_of(&plain);
        (is_beside && !is_of_developers && facts.has_path(&path)).then_some(plain)
    });
    another.collect()
}

/// The services of which pipelines build and keep an image by a recipe of the tree.
fn owners_of_kept(facts: &Facts, owners: &Owners<'_>) -> HashSet<usize> {
    let kept: HashSet<String> = kept(facts).filter_map(ImageBuild::recipe).collect();
    let shipped = facts.dockerfiles.iter().filter(|file| kept.contains(&*file.place.path));
    shipped.filter_map(|file| owners.of_reason(&file.place)).collect()
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

/// What pipelines build and keep: it is pushed by what builds it, bears the name of a registry or a team,
/// or is given another name once it is built, as what is pushed is.
pub(crate) fn kept(facts: &Facts) -> impl Iterator<Item = &ImageBuild> {
    let tagged: HashSet<&str> = facts.pipelines.iter().flat_map(texts).filter_map(tagged).collect();
    let is_kept = move |build: &&ImageBuild| {
        build.is_pushed || build.image.contains('/') || tagged.contains(build.image.as_str())
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

/// Compose files called after production that nothing which was read names, where a job for production
/// brings what the tree makes to a cloud.
pub(super) fn unstarted(facts: &Facts) -> HashSet<&str> {
    let composed = facts.workloads.iter().filter(|w| w.platform == Platform::Compose);
    let paths = composed.map(|workload| &*workload.name.place.path);
    let mut called: HashSet<&str> = paths.filter(|path| says_production(path)).collect();
    if called.is_empty() || !is_production_in_cloud(facts) {
        return HashSet::new();
    }
    called.retain(|path| !is_named(facts, |text| text.contains(last_part(path))));
    called
}

/// Whether a pipeline, a script that deploys, or a page that is not for those who write the code, names
/// a file.
fn is_named(facts: &Facts, names_it: impl Fn(&str) -> bool) -> bool {
    let pages = facts.documents.iter().filter(|page| !is_of_developers(&page.place.path));
    let mut sections = pages.flat_map(|document| &document.sections);
    let is_told = |section: &Section| {
        !is_of_developers(&section.title)
            && (names_it(&section.text) || section.code.iter().any(|(_, code)| names_it(code)))
    };
    let mut scripts = facts.scripts.iter().flat_map(|script| &script.lines);
    facts.pipelines.iter().flat_map(texts).any(&names_it)
        || scripts.any(|line| names_it(line))
        || sections.any(is_told)
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
    let uses = pipeline.steps().filter_map(|step| step.uses.as_ref());
    let lines = pipeline.steps().flat_map(|step| &step.lines);
    let inputs = pipeline.steps().flat_map(|step| &step.with).map(|(_, value)| value);
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
mod tests;
