//! Whose job it is, where one pipeline ships several services.

use facts::SHORTEST_NAME;

use crate::about;
use crate::prelude::*;

/// Whether a job or its pipeline is called after another service of the tree, and nothing in it or
/// around it names this one: `release-till` does not ship `stock`, nor does a job of `backend.yml`
/// the frontend.
pub(super) fn is_of_another(pipeline: &Pipeline, job: &Job, scope: &Scope<'_>) -> bool {
    let own = names(scope.service);
    let names_own = || texts(pipeline, job).any(|text| own.iter().any(|own| names_it(text, own)));
    if scope.is_only_one {
        return is_of_other_side(pipeline, job, &own) && !names_own();
    }
    let is_part_of_own = |name: &str| own.iter().any(|own| begins(own, name));
    let is_of_other = |name: &str| {
        let mut bearers = scope.names.bearers(name);
        bearers.any(|other| other.name != scope.service.name && prose::plain(&other.name) == name)
    };
    let names = scope.names.named_in(&job.id);
    let around = scope.names.named_in(pipeline.place.file_name());
    let is_called = names.iter().chain(around.iter()).any(|name| {
        name.len() >= SHORTEST_NAME
            && !COMMON.contains(&&**name)
            && !is_part_of_own(name)
            && is_of_other(name)
    });
    (is_called || is_of_other_side(pipeline, job, &own)) && !names_own()
}

/// Whether a job is that of the frontend by its name or its pipeline's, and the service the backend,
/// or the other way round.
fn is_of_other_side(pipeline: &Pipeline, job: &Job, own: &[String]) -> bool {
    let has =
        |text: &str, side: &str| text.split(|c: char| !c.is_alphanumeric()).any(|w| w == side);
    let heads = [pipeline.place.file_name(), &job.id].map(str::to_lowercase);
    [("backend", "frontend"), ("frontend", "backend")].into_iter().any(|(side, other)| {
        heads.iter().any(|head| has(head, other))
            && !heads.iter().any(|head| has(head, side))
            && own.iter().any(|name| has(name, side))
            && !own.iter().any(|name| has(name, other))
    })
}

/// All that may name a service: the pipeline, the job, and what it does.
fn texts<'a>(pipeline: &'a Pipeline, job: &'a Job) -> impl Iterator<Item = &'a str> {
    let heads = [pipeline.place.file_name(), &pipeline.name, &job.id];
    let of_step = |step: &'a Step| {
        let uses = step.uses.iter().map(|uses| uses.value.as_str());
        let with = step.with.iter().map(|(_, value)| value.value.as_str());
        uses.chain(with).chain(step.lines.iter().map(|line| line.value.as_str()))
    };
    heads
        .into_iter()
        .chain(job.name.as_deref().map(AsRef::as_ref))
        .chain(job.steps.iter().flat_map(of_step))
}

fn names_it(text: &str, name: &str) -> bool {
    prose::mentions(text, &[name])
}

/// What a service is called, its folder too, in plain words.
fn names(service: &Service) -> Vec<String> {
    let folder = prose::plain(service.folder.rsplit('/').next().unwrap_or_default());
    let folder = Some(folder).filter(|name| name.len() >= SHORTEST_NAME);
    about::names(service).into_iter().chain(folder).collect()
}

fn begins(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Names of services that are words of jobs more often than names.
static COMMON: &[&str] = &[
    "app",
    "application",
    "build",
    "core",
    "deploy",
    "deployment",
    "dev",
    "docs",
    "infra",
    "infrastructure",
    "main",
    "platform",
    "prod",
    "production",
    "release",
    "server",
    "service",
    "site",
    "staging",
    "test",
];
