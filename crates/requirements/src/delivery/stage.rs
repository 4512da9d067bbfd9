//! Where a job brings what it ships: to users, to those who try it out, or nobody says where.

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
    "tests",
    "tst",
    "uat",
];

pub(super) fn stage(pipeline: &Pipeline, job: &Job) -> Stage {
    let texts = || {
        let environment = job.environment.as_ref().map(|environment| environment.value.as_str());
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
            let is_ahead = is_preview || is_of_every_branch(pipeline, job);
            if is_ahead { Stage::Rehearsal } else { Stage::Unnamed }
        })
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
