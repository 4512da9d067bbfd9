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
            if is_preview { Stage::Rehearsal } else { Stage::Unnamed }
        })
}

pub(super) fn has_word(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part))
}
