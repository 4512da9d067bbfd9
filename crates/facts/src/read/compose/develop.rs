//! Signs that a Compose service is started while its code is written.

use std::sync::Arc;

use model::{Place, Placed};

use super::build::joined;
use super::environment::pairs;
use crate::discover::only_waits;
use crate::path::{below, is_below};
use crate::read::variable;
use crate::tree::Node;
use crate::{Container, VariableValue};

/// Variables that name the environment, and what they say of one for developing.
const ENVIRONMENTS: &[&str] = &[
    "APP_ENV",
    "APP_ENVIRONMENT",
    "ASPNETCORE_ENVIRONMENT",
    "DJANGO_ENV",
    "DOTNET_ENVIRONMENT",
    "ENV",
    "ENVIRONMENT",
    "FLASK_ENV",
    "MIX_ENV",
    "NODE_ENV",
    "RACK_ENV",
    "RAILS_ENV",
];
const DEVELOPING: &[&str] = &["dev", "develop", "development", "local"];

/// Options and programs that wait for a debugger.
const DEBUGGERS: &[&str] =
    &["-agentlib:jdwp", "--inspect=", "--inspect-brk", "debugpy", "dlv debug"];

/// What is run by who changes the code: it restarts with every change.
const RUNS: &[&str] = &[
    "--reload",
    "dotnet watch",
    "make dev",
    "next dev",
    "nodemon",
    "pnpm dev",
    "run dev",
    "run development",
    "run-dev",
    "runserver",
    "start:dev",
    "watchexec",
    "webpack-dev-server",
    "yarn dev",
    "yarn development",
];

/// Where it stands that a service is started for developing.
pub(super) fn sign(service: &Node, container: &Container) -> Option<Place> {
    code(service, container)
        .or_else(|| environment(container))
        .or_else(|| command(container))
        .or_else(|| settings(container))
        .or_else(|| target(container))
}

/// Where code of the tree is mounted over that of which the image is built.
pub(super) fn mounted_code(container: &Container, paths: &[Arc<str>]) -> Option<Place> {
    let built = container.build.as_ref()?;
    let is_code = |bind: &&Placed<String>| {
        is_below(bind, built) && bind.value != built.value && holds_programs(bind, paths)
    };
    container.binds.iter().find(is_code).map(|bind| bind.place.clone())
}

/// Whether programs of a server stand in `folder`, and not what it only shows, is set by or calls.
fn holds_programs(folder: &str, paths: &[Arc<str>]) -> bool {
    const BESIDE: &[&str] = &[
        "assets",
        "bin",
        "config",
        "configs",
        "data",
        "db",
        "deploy",
        "docker",
        "hooks",
        "init",
        "initdb",
        "migrations",
        "plugins",
        "public",
        "scripts",
        "settings",
        "static",
        "templates",
        "tests",
        "theme",
        "themes",
    ];
    const PROGRAMS: &[&str] =
        &["cs", "ex", "go", "java", "kt", "php", "py", "rb", "rs", "scala", "ts", "tsx", "vue"];
    let is_beside = |part: &str| BESIDE.contains(&part.to_ascii_lowercase().as_str());
    !folder.split('/').any(is_beside)
        && below(paths, folder)
            .any(|path| path.rsplit_once('.').is_some_and(|(_, end)| PROGRAMS.contains(&end)))
}

/// Files and folders of the tree that are mounted.
pub(super) fn binds(service: &Node) -> Vec<Placed<String>> {
    let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
    let sources = volumes.iter().filter_map(|volume| Some((mount(volume)?.0, &volume.place)));
    let bind = |(source, place): (String, &Place)| {
        let source = variable::resolve(&source)?;
        let path = joined(place.folder(), &source).filter(|_| source.starts_with('.'))?;
        Some(Placed::new(path, place.clone()))
    };
    sources.filter_map(bind).collect()
}

/// What a volume is, and where it is mounted.
pub(super) fn mount(volume: &Node) -> Option<(String, String)> {
    if let Some(text) = volume.str() {
        let parts = variable::split(text, ':');
        return Some((parts.first().copied()?.to_owned(), parts.get(1).copied()?.to_owned()));
    }
    let part = |key: &str| Some(volume.get(key)?.str()?.to_owned());
    Some((part("source")?, part("target")?))
}

/// The stage of a recipe that is there for who changes the code: `target: ${STAGE:-debug}`.
fn target(container: &Container) -> Option<Place> {
    let target = container.build_target.as_ref()?;
    let stage = variable::resolve(target)?;
    let mut words = stage.split(['-', '_', '.']);
    let is_for = |word: &str| word == "debug" || DEVELOPING.contains(&word);
    words.any(is_for).then(|| target.place.clone())
}

/// The mount of the folder that the image is built from, or of one around it, over what is in the
/// image. What is restarted is meant to last, what is told that it is in production is believed, and
/// settings are mounted there as well.
fn code(service: &Node, container: &Container) -> Option<Place> {
    let is_lasting = service.get("restart").is_some() || says_production(service);
    let built = container.build.as_ref().filter(|_| !is_lasting)?;
    let volumes = service.get("volumes")?.items().iter();
    let mut mounts = volumes.filter_map(|volume| {
        let (source, target) = mount(volume)?;
        let source = variable::resolve(&source)?;
        let is_code = source.starts_with('.') && !target.starts_with("/etc/");
        let folder = joined(built.place.folder(), &source)?;
        (is_code && is_below(&built.value, &folder)).then(|| volume.place.clone())
    });
    mounts.next()
}

/// Whether a variable, or an argument of its image, says that it is in production: `SHOP_PRODUCTION: "true"`,
/// `NODE_ENV: production`.
fn says_production(service: &Node) -> bool {
    let is_word = |text: &str| matches!(text, "prod" | "production");
    let says = |name: &str, value: &str| {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        let is_on = matches!(value.as_str(), "1" | "on" | "true" | "yes");
        let is_environment = ENVIRONMENTS.iter().any(|known| known.eq_ignore_ascii_case(&name));
        (is_on && name.split('_').any(is_word)) || (is_environment && is_word(&value))
    };
    let given = [service.get("environment"), service.at(&["build", "args"])];
    let mut pairs = given.into_iter().flatten().flat_map(pairs);
    pairs.any(|(name, value)| value.is_some_and(|value| says(&name, &value)))
}

/// A variable that names an environment for developing, or opens a debugger.
fn environment(container: &Container) -> Option<Place> {
    container.environment.iter().find_map(|variable| {
        let VariableValue::Literal(value) = &variable.value else { return None };
        let is_environment = ENVIRONMENTS.contains(&variable.name.as_str())
            && DEVELOPING.contains(&value.to_ascii_lowercase().as_str());
        (is_environment || debugs(value)).then(|| value.place.clone())
    })
}

fn debugs(text: &str) -> bool {
    DEBUGGERS.iter().any(|sign| text.contains(sign))
}

fn command(container: &Container) -> Option<Place> {
    let command = container.command.as_ref()?;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-:".contains(letter);
    let words = || command.split(|letter| !is_part(letter)).filter(|word| !word.is_empty());
    let runs = |known: &str| match known.split_once(' ') {
        Some((one, two)) => words().zip(words().skip(1)).any(|(a, b)| (a, b) == (one, two)),
        None => words().any(|word| word == known),
    };
    // What waits with no code of the tree in it only holds the network that others join.
    let has_code = container.build.is_some() || !container.binds.is_empty();
    let is_waiting = || has_code && only_waits(command);
    let is_sign = debugs(command) || is_waiting() || RUNS.iter().any(|known| runs(known));
    is_sign.then(|| command.place.clone())
}

/// A file of settings that bears the name of such an environment: `local.env`, `dev-env/till.env`.
fn settings(container: &Container) -> Option<Place> {
    let is_local =
        |file: &&Placed<String>| file.split(['/', '.', '-', '_']).any(|w| DEVELOPING.contains(&w));
    container.environment_files.iter().find(is_local).map(|file| file.place.clone())
}
