//! Signs that a Compose service is started while its code is written.

use std::sync::Arc;

use model::{Place, Placed};

use super::build::joined;
use super::environment::pairs;
use crate::discover::only_waits;
use crate::path::{below, is_below};
use crate::read::variable;
use crate::tree::Node;
use crate::{Container, Facts, VariableValue};

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

/// What variables begin with whose values browsers are given.
const OF_BROWSERS: &[&str] =
    &["EXPO_PUBLIC_", "NEXT_PUBLIC_", "NUXT_PUBLIC_", "REACT_APP_", "VITE_"];

/// Networks of blockchains and clouds that run on the machine of who writes the code.
const PRETENDED: &[&str] =
    &["anvil", "azurite", "emulator", "emulators", "ganache", "hardhat", "katana", "localstack"];

/// Marks the services of a file whose settings only hold on the machine of who writes the code, where
/// no service of the file says that it is in production.
pub(super) fn by_settings(services: Option<&Node>, facts: &mut Facts) {
    let nodes = || services.into_iter().flat_map(Node::entries);
    if nodes().any(|(.., service)| says_production(service)) {
        return;
    }
    for (name, _, service) in nodes() {
        let Some(place) = own_machine(service) else { continue };
        let named = facts.workloads.iter_mut().filter(|workload| workload.name.value == name);
        for workload in named {
            workload.develops.get_or_insert_with(|| place.clone());
        }
    }
}

/// A variable by which a browser is to ask the machine that it runs on, or that leads to what stands in
/// for a chain or a cloud. What others may set, as a default, says nothing.
fn own_machine(service: &Node) -> Option<Place> {
    let is_own = |host: &str| matches!(host, "localhost" | "127.0.0.1");
    let is_pretended = |host: &str| host.split(['-', '_']).any(|word| PRETENDED.contains(&word));
    let mut signs = given(service).filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty() && !value.contains('$'))?;
        let is_shown = OF_BROWSERS.iter().any(|start| name.starts_with(start));
        let is_sign = (is_shown && hosts(&value).any(is_own))
            || name.ends_with("_EMULATOR_HOST")
            || hosts(&value).chain(bare_host(&value)).any(is_pretended);
        is_sign.then_some(value.place)
    });
    signs.next()
}

/// The hosts of the addresses in a text.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let ends = move |rest: &str| rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    text.split("://").skip(1).filter_map(move |rest| rest.get(..ends(rest)))
}

/// The host of `katana:5050`.
fn bare_host(text: &str) -> Option<&str> {
    let (host, port) = text.split_once(':')?;
    port.bytes().all(|letter| letter.is_ascii_digit()).then_some(host)
}

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
    given(service).any(|(name, value)| value.is_some_and(|value| says(&name, &value)))
}

/// The variables of a service and the arguments of its image.
fn given(service: &Node) -> impl Iterator<Item = (Placed<String>, Option<Placed<String>>)> {
    let given = [service.get("environment"), service.at(&["build", "args"])];
    given.into_iter().flatten().flat_map(pairs)
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

#[cfg(test)]
mod tests {
    use crate::discover::tests::tree;

    /// Whether a stack is for developing some service of which is given `setting`.
    fn is_developed(setting: &str, more: &str) -> bool {
        let text = format!(
            "services:\n  till:\n    build: .\n    restart: always\n    environment: ['{setting}']\n\
             \x20 stock: {{image: acme/stock:1, restart: always{more}}}\n"
        );
        tree(&[("compose.yaml", &text)]).workloads.iter().any(|w| w.develops.is_some())
    }

    #[test]
    fn what_only_holds_on_the_machine_of_who_writes_the_code_is_a_sign() {
        for setting in [
            "NEXT_PUBLIC_API=http://localhost:3000",
            "VITE_SOCKET=wss://127.0.0.1/live",
            "CHAIN=http://katana:5050",
            "CHAIN=shop-anvil:8545",
            "FILES=Protocol=http;BlobEndpoint=http://azurite:10000/a",
            "FIRESTORE_EMULATOR_HOST=documents:8080",
        ] {
            assert!(is_developed(setting, ""), "{setting}");
            let productive = ", environment: {NODE_ENV: production}";
            assert!(!is_developed(setting, productive), "{setting}");
        }
        for setting in [
            "NEXT_PUBLIC_API=https://shop.example",
            "NEXT_PUBLIC_API=${API:-http://localhost:3000}",
            "NEXT_PUBLIC_NAME=localhost",
            "API=http://localhost:3000",
            "CHAIN=https://anvil.works",
            "CHAIN=katana",
            "FIRESTORE_EMULATOR_HOST=",
        ] {
            assert!(!is_developed(setting, ""), "{setting}");
        }
    }

    #[test]
    fn arguments_of_images_are_settings_too() {
        let text = "services:\n  till:\n    build: {context: ., args: [VITE_API=http://localhost:1]}\n    \
                    restart: always\n";
        assert!(tree(&[("compose.yaml", text)]).workloads.iter().all(|w| w.develops.is_some()));
    }
}
