//! What a README hints at of how its service is deployed, and does not say.

use super::commands;
use super::need::{DEPLOY, Need};
use super::readme::AT_HOME;
use crate::open_choice::open_choice;
use crate::prelude::*;

/// That a chapter leads to a page which leaves the choice between ways open.
pub(super) fn left_open(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<Outcome> {
    let path = &open_choice(chapter, scope)?.place.path;
    Some(Outcome::Unknown(format!("`{path}` weighs ways to deploy and leaves the choice open")))
}

/// What may answer `need` although nothing is headed so.
pub(super) fn hints(need: &Need, readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    if need.what == DEPLOY.what {
        hints_at_deploying(readme, scope)
    } else {
        hints_by_command(need, readme)
    }
}

/// What may be how it is deployed although nothing is headed so: that it goes out by itself in a
/// sentence, or how it is installed with containers.
fn hints_at_deploying(readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    let is_on_cluster = is_on_cluster(scope.all);
    let path = &readme.place.path;
    let by_itself = |chapter: &Chapter<'_>| {
        let own = chapter.sections().next();
        own.is_some_and(|section| prose::mentions(&section.text, DEPLOYED_BY_ITSELF))
    };
    let by_containers = |chapter: &Chapter<'_>| {
        let title = chapter.title();
        let is_to_start = |text: &str| prose::mentions(text, STARTING);
        chapter.has_code()
            && prose::mentions(title, CONTAINERS)
            && (is_to_start(title) || chapter.headings_above().any(is_to_start))
            && !prose::mentions(title, AT_HOME)
    };
    let by_compose = |chapter: &Chapter<'_>| {
        let lines = chapter.sections().take(1).flat_map(|section| &section.code);
        let mut lines = lines.flat_map(|(_, code)| code.value.lines());
        !is_on_cluster
            && !chapter.is_of_local_work()
            && !prose::mentions(chapter.title(), AT_HOME)
            && lines.any(|line| {
                line.contains("compose") && (line.contains(" up -d") || line.contains("--detach"))
            })
    };
    // What comes back after a crash is meant to stay.
    let by_container = |chapter: &Chapter<'_>| {
        let mut code = chapter.sections().take(1).flat_map(|section| &section.code);
        let stays = |code: &str| {
            ["docker run ", "podman run "].iter().any(|run| code.contains(run))
                && code.contains("--restart")
        };
        !is_on_cluster && !chapter.is_of_local_work() && code.any(|(_, code)| stays(code))
    };
    chapters(readme).find_map(|chapter| {
        let title = chapter.title();
        if by_itself(&chapter) {
            return Some(Outcome::Unknown(format!(
                "`{title}` of `{path}` says that it is deployed by itself, and not how"
            )));
        }
        let by_script = || {
            let mut items = chapter.sections().take(1).flat_map(|section| &section.items);
            !chapter.is_of_local_work() && items.any(|item| starts_production(item, scope.all))
        };
        (by_containers(&chapter) || by_compose(&chapter) || by_container(&chapter) || by_script())
            .then(|| Outcome::Unknown(format!("`{title}` of `{path}` may be how it is deployed")))
    })
}

/// Whether a step has a script of the tree started for production: "Start it with `bin/start.sh prod`".
fn starts_production(item: &str, all: &Facts) -> bool {
    let is_script = |word: &str| {
        let path = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        path.rsplit_once('.').is_some_and(|(_, end)| end == "sh") && all.has_path(path)
    };
    prose::mentions(item, &["prod", "production"]) && item.split_whitespace().any(is_script)
}

/// Whether the tree holds manifests or charts, beside which Compose deploys nothing.
fn is_on_cluster(facts: &Facts) -> bool {
    let mut workloads = facts.workloads.iter();
    !facts.charts.is_empty()
        || !facts.templates.is_empty()
        || workloads.any(|workload| workload.platform == Platform::Kubernetes)
}

/// That a command which answers `need` stands among the sentences, where nothing is headed or set
/// apart.
fn hints_by_command(need: &Need, readme: &Document) -> Option<Outcome> {
    let is_told = |section: &&Section| {
        commands::begins_a_line(section, need.commands)
            || commands::is_among_steps(section, need.commands)
    };
    let section = readme.sections.iter().find(is_told)?;
    let (title, path) = (&section.title.value, &readme.place.path);
    Some(Outcome::Unknown(format!(
        "a command among the sentences of `{title}` of `{path}` may say {}",
        need.what
    )))
}

static CONTAINERS: &[&str] = &["compose", "container", "docker", "helm", "kubernetes", "podman"];

static STARTING: &[&str] = &["install*", "run", "running", "start", "starting"];

static DEPLOYED_BY_ITSELF: &[&str] = &[
    "auto deploy*",
    "automatically be deployed",
    "automatically deploy*",
    "automatically released",
    "deployed automatically",
    "deploys automatically",
    "gets deployed",
];
