//! Where the code of an image stands, and what the name of a Dockerfile says.

mod listed;

use std::collections::HashSet;

use listed::{BUILD_FOLDERS, DEVELOPMENT_FOLDERS, DEVELOPMENT_WORDS, LEFT_BEHIND, VARIANT_WORDS};

use super::name::{ancestors, folder_of, key, last_part};
use crate::Facts;

/// Folders in or below which something is built, the root (empty) included.
pub(crate) fn coded(facts: &Facts) -> HashSet<&str> {
    let packages = facts.packages.iter().map(|package| package.place.folder());
    let recipes = facts.dockerfiles.iter().map(|file| file.place.folder());
    packages.chain(recipes).flat_map(|folder| ancestors(folder).chain([""])).collect()
}

/// The folder of the code that is built in `folder`: what only holds the build is left out.
pub(super) fn code_folder(folder: &str) -> &str {
    let is_of_build = |folder: &str| BUILD_FOLDERS.contains(&key(last_part(folder)).as_str());
    // `docker/alpine` holds one of several ways to build the same.
    let is_variant = VARIANT_WORDS.contains(&key(last_part(folder)).as_str());
    let mut folder = folder;
    if is_variant && is_of_build(folder_of(folder)) {
        folder = folder_of(folder);
    }
    while !folder.is_empty() && is_of_build(folder) {
        folder = folder_of(folder);
    }
    folder
}

/// The folder beside `docker/` that `docker/till` builds: `till`; `None` where the folder does not
/// stand in one that only holds builds.
pub(super) fn mirrored_folder(folder: &str) -> Option<String> {
    let around = folder_of(folder);
    let beside = code_folder(around);
    let name = last_part(folder);
    (beside != around)
        .then(|| if beside.is_empty() { name.to_owned() } else { format!("{beside}/{name}") })
}

/// What the name of a Dockerfile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DockerfileName {
    /// Nothing, or only how it is built.
    Plain,
    /// What it starts: `worker` of `Dockerfile.worker`.
    Named(String),
    /// That it is for those who develop, build or test.
    Development,
}

/// Judges a Dockerfile by its path.
pub(crate) fn dockerfile_name(path: &str) -> DockerfileName {
    if folder_of(path).split('/').any(is_development_folder) || makes_packages(folder_of(path)) {
        return DockerfileName::Development;
    }
    let name = key(last_part(path));
    let words = || name.split('-').filter(|word| !matches!(*word, "dockerfile" | "containerfile"));
    // What is built to be deployed is for users: `prd-build-deploy.Dockerfile`.
    let is_deployed = words().any(|word| word == "deploy");
    let is_of_deploy = |word: &&str| is_deployed && matches!(*word, "build" | "deploy");
    if words().filter(|word| !is_of_deploy(word)).any(is_for_developing) {
        return DockerfileName::Development;
    }
    if words().next_back().is_some_and(|word| LEFT_BEHIND.contains(&word)) {
        return DockerfileName::Development;
    }
    let is_own = |word: &&str| !VARIANT_WORDS.contains(word) && !is_of_deploy(word);
    let own: Vec<&str> = words().filter(is_own).collect();
    if own.is_empty() { DockerfileName::Plain } else { DockerfileName::Named(own.join("-")) }
}

/// Whether some word of a name says that something is for those who develop, build or test.
pub(super) fn is_for_developing(key: &str) -> bool {
    key.split('-').any(|word| DEVELOPMENT_WORDS.contains(&word))
}

/// Whether no word of a name says how something is built, or that it is for developing.
pub(super) fn names_program(key: &str) -> bool {
    let is_other = |word: &str| VARIANT_WORDS.contains(&word) || DEVELOPMENT_WORDS.contains(&word);
    !key.split('-').any(is_other)
}

/// Whether a folder holds what makes packages of a system: `packaging/rpm`.
fn makes_packages(folder: &str) -> bool {
    const FORMATS: &[&str] = &["apk", "appimage", "aur", "deb", "flatpak", "msi", "rpm", "snap"];
    const PACKAGING: &[&str] = &["package", "packages", "packaging", "pkg"];
    let (part, around) = (key(last_part(folder)), key(last_part(folder_of(folder))));
    FORMATS.contains(&part.as_str()) || (part == "debian" && PACKAGING.contains(&around.as_str()))
}

fn is_development_folder(part: &str) -> bool {
    let part = key(part);
    DEVELOPMENT_FOLDERS.contains(&part.as_str())
        || part.starts_with("dev-")
        || part.starts_with("devcontainer-")
        || part.starts_with("ci-")
}

/// What the command of an image does, when it starts no service: it shows documents while they are
/// written, makes packages, or runs tests.
pub(super) fn helps_writing(command: &str) -> Option<&'static str> {
    const PAGES: &[&[&str]] = &[
        &["docsify", "serve"],
        &["gitbook", "serve"],
        &["hugo", "serve"],
        &["hugo", "server"],
        &["jekyll", "serve"],
        &["mdbook", "serve"],
        &["mkdocs", "serve"],
        &["sphinx-autobuild"],
    ];
    const PACKAGES: &[&str] = &["build.sh", "debuild", "dpkg-buildpackage", "rpmbuild"];
    const TESTS: &[&[&str]] = &[
        &["cargo", "test"],
        &["cypress", "run"],
        &["dotnet", "test"],
        &["go", "test"],
        &["playwright", "test"],
        &["pytest"],
        &["rspec"],
    ];
    let words: Vec<&str> = command
        .split(|c: char| c.is_whitespace() || "[],\"'".contains(c))
        .filter(|word| !word.is_empty())
        .map(last_part)
        .collect();
    let runs = |tool: &[&str]| words.windows(tool.len()).any(|window| window == tool);
    if PAGES.iter().any(|tool| runs(tool)) {
        return Some("shows documents while they are written");
    }
    let of_package = words.split_first().filter(|(first, _)| is_package_manager(first));
    let script = of_package.and_then(|(_, rest)| rest.iter().find(|word| **word != "run"));
    let is_test =
        |script: &&str| script.split(':').next().is_some_and(|s| matches!(s, "e2e" | "test"));
    if script.is_some_and(is_test) || TESTS.iter().any(|tool| words.starts_with(tool)) {
        return Some("runs tests");
    }
    let makes_packages = words.first().is_some_and(|word| PACKAGES.contains(word));
    makes_packages.then_some("makes packages, and starts nothing")
}

fn is_package_manager(program: &str) -> bool {
    matches!(program, "bun" | "npm" | "pnpm" | "yarn")
}

/// Whether a command only prints a line and ends: Compose has no other way to name an image that it
/// is to build and that something else starts.
pub(crate) fn only_prints(command: &str) -> bool {
    let shells = ["bash -c ", "sh -c ", "/bin/bash -c ", "/bin/sh -c "];
    let script = shells.iter().find_map(|shell| command.trim().strip_prefix(shell));
    let script = script.map_or("", |script| script.trim().trim_matches(['"', '\'']));
    let is_one = !script.contains([';', '&', '|', '\n', '`', '$', '>']);
    let program = script.split_whitespace().next().unwrap_or_default();
    matches!(command.trim(), "true" | "/bin/true")
        || (is_one && matches!(program, "echo" | "printf" | "true"))
}

/// Whether a command only keeps a container there until somebody comes in to work: it sleeps, or is
/// a shell without a script.
pub(crate) fn only_waits(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let Some((program, rest)) = words.split_first() else { return false };
    match last_part(program) {
        "sleep" => rest.len() == 1,
        "tail" => matches!(rest, ["-f" | "-F", "/dev/null"]),
        "ash" | "bash" | "sh" | "zsh" => rest.iter().all(|word| matches!(*word, "-i" | "-l")),
        _ => false,
    }
}

/// Whether a command keeps a container there for good and does nothing else.
pub(super) fn only_lasts(command: &str) -> bool {
    let last = command.split_whitespace().next_back().unwrap_or_default();
    only_waits(command) && matches!(last, "/dev/null" | "inf" | "infinity")
}

/// Whether a name is that of a tool which makes what browsers load, out of the code of another.
pub(super) fn is_bundler(key: &str) -> bool {
    const NAMES: &[&str] = &[
        "esbuild",
        "gulp",
        "parcel",
        "rollup",
        "sass",
        "tailwind",
        "tailwindcss",
        "vite",
        "webpack",
    ];
    NAMES.contains(&key)
}

/// Whether a name is that of a tool which people and scripts run.
pub(super) fn is_command(key: &str) -> bool {
    matches!(key, "bash" | "curl" | "git" | "jq" | "make" | "sh" | "shellcheck" | "wget" | "yq")
}

/// Whether a name is that of something which prepares the start of a service.
pub(super) fn is_of_start(key: &str) -> bool {
    let parts = [
        "cloud-init",
        "create-bucket",
        "create-buckets",
        "createbuckets",
        "db-migrate",
        "init-container",
        "initcontainer",
        "migration",
        "migrations",
        "migrator",
    ];
    parts.iter().any(|part| super::name::has_words(key, part))
}

/// Whether a name is that of a page which stands in for a service while that is away.
pub(super) fn is_stand_in_page(key: &str) -> bool {
    let parts = [
        "error-page",
        "error-pages",
        "failwhale",
        "holding-page",
        "maintenance-page",
        "sorry-page",
    ];
    parts.iter().any(|part| super::name::has_words(key, part))
}

/// The folder of what a Dockerfile among scripts builds; `None` where it does not stand there.
pub(super) fn beside_scripts(path: &str) -> Option<&str> {
    let folder = folder_of(path);
    let is_of_scripts = matches!(key(last_part(folder)).as_str(), "script" | "scripts");
    let around = folder_of(folder);
    let is_plain = matches!(last_part(path), "Dockerfile" | "Containerfile");
    let is_elsewhere = around.split('/').any(is_development_folder);
    (is_of_scripts && is_plain && !is_elsewhere).then_some(around)
}

/// The folder of what a recipe for pipelines, or one among scripts, may build: that around `ci/` of
/// `ci/Dockerfile`, around `scripts/` of `scripts/docker/Dockerfile.frontend`.
pub(super) fn around_recipe(path: &str) -> Option<&str> {
    let folder = code_folder(folder_of(path));
    let around = folder_of(folder);
    let is_among_scripts = matches!(last_part(folder), "script" | "scripts");
    let is_elsewhere = around.split('/').any(is_development_folder);
    ((is_of_pipelines(path) || is_among_scripts) && !is_elsewhere).then_some(around)
}

/// Whether a recipe is that of a folder for pipelines.
pub(super) fn is_of_pipelines(path: &str) -> bool {
    let is_plain = matches!(last_part(path), "Dockerfile" | "Containerfile");
    is_plain && matches!(last_part(code_folder(folder_of(path))), "ci" | ".ci")
}

/// Whether a name is that of something which exercises services and is none itself.
pub(super) fn is_exerciser(key: &str) -> bool {
    const WHOLE: &[&str] = &[
        "cypress",
        "json-server",
        "k6",
        "load",
        "locust",
        "mock",
        "mocks",
        "pact",
        "playwright",
        "seed",
        "seeder",
        "seeding",
        "wiremock",
        "zap",
        "zaproxy",
    ];
    const PARTS: &[&str] = &[
        "data-generator",
        "e2e",
        "load-gen",
        "load-generator",
        "load-test",
        "load-tester",
        "loadgen",
        "loadgenerator",
        "loadtest",
        "loadtester",
        "mock",
        "test",
        "testing-framework",
        "testing-suite",
        "tests",
        "traffic-generator",
    ];
    const WORDS: &[&str] = &["emulator", "emulators", "testprovider", "testserver"];
    // `mocktax`, `api-mockserver`, `fakesentry`, `tax-testenv2`.
    const STARTS: &[&str] = &["fake", "mock", "testenv"];
    let is_stand_in = |word: &str| {
        STARTS.iter().any(|start| word.starts_with(start))
            || is_glued(word)
            || WORDS.contains(&word)
    };
    key.split('-').any(is_stand_in)
        || matches!(key.rsplit('-').next(), Some("seeder" | "seeding"))
        || WHOLE.contains(&key)
        || PARTS.iter().any(|part| super::name::has_words(key, part))
}

/// Whether a word ends in what stands in for something: `taxmock`, `stub`.
fn is_glued(word: &str) -> bool {
    const ENDS: &[&str] = &["fake", "fakes", "mock", "mocks", "stub", "stubs"];
    const OTHERS: &[&str] = &["deepfake", "deepfakes", "hammock", "hammocks", "smock", "smocks"];
    ENDS.iter().any(|end| word.ends_with(end)) && !OTHERS.contains(&word)
}

/// Whether a name is that of a machine which runs the jobs of pipelines.
pub(super) fn is_runner(key: &str) -> bool {
    let parts =
        ["actions-runner", "ci-runner", "github-runner", "gitlab-runner", "self-hosted-runner"];
    parts.iter().any(|part| super::name::has_words(key, part)) || is_jenkins(key)
}

/// Whether a name is that of Jenkins or one of its machines.
fn is_jenkins(key: &str) -> bool {
    const PARTS: &[&str] = &[
        "agent",
        "basic",
        "controller",
        "main",
        "master",
        "node",
        "primary",
        "prod",
        "secondary",
        "slave",
        "worker",
    ];
    let mut words = key.split('-');
    words.next() == Some("jenkins") && words.all(|word| PARTS.contains(&word))
}

/// Whether a name is that of something which stands beside services and is none: it exercises them
/// or runs the jobs of their pipelines.
pub(crate) fn is_beside_services(key: &str) -> bool {
    is_exerciser(key) || is_runner(key)
}

#[cfg(test)]
mod tests;
