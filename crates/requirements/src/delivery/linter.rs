//! Jobs that call themselves linting, and run what nobody knows.

use crate::gate::{is_never, runs};
use crate::prelude::*;
use crate::tool::action;

/// An action of which nothing more is known, where its job, its pipeline or its step is called after linting
/// or formatting.
pub(super) fn called_like_a_linter(pipeline: &Pipeline) -> Option<&Placed<String>> {
    const WORDS: &[&str] = &[
        "eslint",
        "format",
        "formatting",
        "lint",
        "linter",
        "linters",
        "linting",
        "prettier",
        "style",
    ];
    const MAKERS: &[&str] = &["actions", "aws-actions", "docker", "google-github-actions"];
    let is_called = |text: &str| {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
    };
    let is_strange = |step: &&Step| {
        let Some(uses) = &step.uses else { return false };
        let maker = uses.split('/').next().unwrap_or_default();
        let others = ["cache", "checkout", "install", "login", "setup", "upload"];
        let has = |word: &str| uses.split(['-', '_', '/', '@']).any(|part| part == word);
        !uses.starts_with('.')
            && !MAKERS.contains(&maker)
            && !others.iter().any(|word| has(word))
            && action(uses, &step.with).is_empty()
    };
    pipeline.jobs.iter().filter(|job| runs(job)).find_map(|job| {
        let names = [Some(&pipeline.name), Some(&job.id.value), job.name.as_ref()];
        let is_of_lint = names.into_iter().flatten().any(|name| is_called(name));
        let mut steps = job.steps.iter().filter(|step| !is_never(step.condition.as_ref()));
        let is_it = |step: &&Step| {
            is_strange(step)
                && (is_of_lint || step.name.as_ref().is_some_and(|name| is_called(name)))
        };
        steps.find(is_it)?.uses.as_ref()
    })
}
