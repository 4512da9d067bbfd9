//! Where a job brings what it ships: to users, to those who try it out, or nobody says where.

use super::shipment::brings_out;
use crate::prelude::*;

/// Where a job ships to, the nearest to users last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// To a registry: an image or a package.
    Registry,
    /// To an environment that users do not see.
    Rehearsal,
    /// To where its name does not tell.
    Unnamed,
    /// To production.
    Production,
}

pub(super) static PRODUCTION: &[&str] = &["live", "prd", "prod", "production"];

static REHEARSAL: &[&str] = &[
    "acc",
    "acceptance",
    "beta",
    "canary",
    "demo",
    "dev",
    "develop",
    "development",
    "devnet",
    "e2e",
    "integration",
    "nonprod",
    "perf",
    "performance",
    "playground",
    "pr",
    "preprod",
    "preview",
    "previews",
    "qa",
    "review",
    "sandbox",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "testnet",
    "tests",
    "tst",
    "uat",
];

pub(super) fn stage(pipeline: &Pipeline, job: &Job) -> Stage {
    let is_rehearsed = |text: &str| has_word(text, REHEARSAL) && !has_word(text, PRODUCTION);
    // A job that says by its id and its name that it rehearses takes no more than secrets from there.
    let borrows = is_rehearsed(&job.id) && job.name.as_deref().is_some_and(is_rehearsed);
    let texts = || {
        let environment = job.environment.as_ref().map(|environment| environment.value.as_str());
        let environment = environment.filter(|_| !borrows);
        let own = environment.into_iter().chain([job.id.value.as_str()]).chain(job.name.as_deref());
        own.chain([pipeline.place.file_name()])
    };
    // The environment decides, then the names: `deploy-dev` of environment `production` is rare.
    texts()
        .find_map(|text| {
            let is_rehearsal = has_word(text, REHEARSAL);
            let is_production = has_word(text, PRODUCTION) && !has_word(text, &["pre", "non"]);
            match (is_production, is_rehearsal) {
                (true, _) => Some(Stage::Production),
                (false, true) => Some(Stage::Rehearsal),
                (false, false) => None,
            }
        })
        .unwrap_or_else(|| {
            // Names of whole pipelines tell what else they do, too: "Test and deploy".
            let is_preview = has_word(&pipeline.name, &["preview", "previews"]);
            let is_ahead = is_preview || is_of_every_branch(pipeline, job) || is_by_its_steps(job);
            if is_ahead { Stage::Rehearsal } else { Stage::Unnamed }
        })
}

/// Whether each step of a job that deploys says by itself that it goes to a rehearsal: by its name, by
/// the cluster or environment that it is given, or by the file of settings.
fn is_by_its_steps(job: &Job) -> bool {
    let mut steps = job.steps.iter().filter(|step| brings_out(step)).peekable();
    steps.peek().is_some() && steps.all(says_rehearsal)
}

fn says_rehearsal(step: &Step) -> bool {
    const PLACES: &[&str] = &["cluster", "env", "environment", "stage"];
    const SETTINGS: &[&str] = &[".env", ".json", ".tfvars", ".yaml", ".yml"];
    let given = step.with.iter().chain(&step.env).filter(|(name, value)| {
        let is_word = !value.trim().contains(char::is_whitespace) && !value.contains("${{");
        is_word && (has_word(name, PLACES) || SETTINGS.iter().any(|end| value.ends_with(end)))
    });
    let given = || given.clone().map(|(_, value)| value.value.as_str());
    let aim = step.name.as_ref().and_then(|name| aim(name));
    let mut texts = given().chain(aim);
    let is_production =
        step.name.as_deref().into_iter().chain(given()).any(|t| has_word(t, PRODUCTION));
    !is_production && texts.any(|text| has_word(text, REHEARSAL))
}

/// Where the name of a step says that it goes: "Deploy to nais (dev)", "Deploy to staging".
fn aim(name: &str) -> Option<&str> {
    let (_, aim) = name.rsplit_once('(').or_else(|| name.rsplit_once(" to "))?;
    Some(aim)
}

/// Whether a push to any branch starts a job, by a pattern that says so, and neither it nor what it
/// waits for tells branches apart: what is being written goes to users from one of them only.
fn is_of_every_branch(pipeline: &Pipeline, job: &Job) -> bool {
    let mut branches = pipeline.branches.iter().map(|branch| branch.value.as_str());
    let is_all = branches.clone().any(|branch| matches!(branch, "*" | "**"))
        && !branches.any(|branch| branch.starts_with('!') || branch.starts_with("refs/"));
    let tells = |text: &Placed<String>| {
        let signs = ["GITHUB_REF", "default_branch", "ref == ", "ref_name == ", "refs/"];
        signs.iter().any(|sign| text.contains(sign))
    };
    let waits = |other: &&Job| other.id == job.id || job.needs.contains(&other.id);
    let mut jobs = pipeline.jobs.iter().filter(waits);
    is_all
        && !jobs.any(|job| {
            let conditions = job.steps.iter().filter_map(|step| step.condition.as_ref());
            let lines = job.steps.iter().flat_map(|step| &step.lines);
            job.condition.iter().chain(conditions).chain(lines).any(tells)
        })
}

pub(super) fn has_word(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part))
}
