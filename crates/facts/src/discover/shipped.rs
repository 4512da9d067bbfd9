//! What pipelines build, push and deploy.

use std::collections::BTreeSet;

use super::candidate::Candidate;
use super::name::{has_words, image_name, is_templated, stem};
use super::provenance::words;
use crate::read::kamal_folder;
use crate::{Dockerfile, Facts, Step};

/// What the steps of pipelines say that build, push or deploy.
pub(super) struct Shipped<'f> {
    words: BTreeSet<String>,
    paths: BTreeSet<&'f str>,
    /// What files of templates that start something are called, without their endings.
    templates: Vec<String>,
    /// Folders of what Kamal deploys.
    by_kamal: Vec<&'f str>,
    /// Whether pipelines were not read.
    is_partial: bool,
    /// Whether a cluster runs images whose code was not found.
    pub(super) has_homeless: bool,
}

impl<'f> Shipped<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let steps = facts.steps().filter(|step| ships(step));
        let texts = steps.flat_map(|step| {
            let values = step.with.iter().map(|(_, value)| value.as_str());
            values.chain(step.lines.iter().map(|line| line.as_str()))
        });
        let mut shipped = Self {
            words: BTreeSet::new(),
            paths: BTreeSet::new(),
            templates: facts.templates.iter().map(|template| stem(&template.place)).collect(),
            by_kamal: facts.paths.iter().filter_map(|path| kamal_folder(path)).collect(),
            is_partial: !facts.unread_pipelines.is_empty(),
            has_homeless: false,
        };
        for word in texts.flat_map(words).filter(|word| !word.is_empty()) {
            shipped.words.extend(image_name(word).filter(|_| !is_templated(word)));
            shipped.paths.insert(word.trim_start_matches("./").trim_end_matches('/'));
        }
        shipped
    }

    /// Whether a chart has a template that is called so: `frontend-deployment.yaml`.
    pub(super) fn is_in_chart(&self, key: &str) -> bool {
        self.templates.iter().any(|stem| has_words(stem, key))
    }

    pub(super) fn is_by_kamal(&self, candidate: &Candidate<'_>) -> bool {
        candidate.home.as_deref().is_some_and(|home| self.by_kamal.contains(&home))
    }

    /// Whether a step names an image that is called so.
    pub(super) fn is_named(&self, key: &str) -> bool {
        self.is_partial || self.words.iter().any(|word| has_words(word, key))
    }

    /// Whether a step names the image of a Dockerfile (its path, its folder, or the name), or may do
    /// so in a pipeline that was not read.
    pub(super) fn has(&self, candidate: &Candidate<'_>, file: &Dockerfile) -> bool {
        let home = candidate.home.as_deref().filter(|home| !home.is_empty());
        self.paths.contains(&*file.place.path)
            || home.is_some_and(|home| self.paths.contains(home))
            || self.is_named(&candidate.key)
    }
}

/// Whether a step builds an image, pushes or deploys one.
fn ships(step: &Step) -> bool {
    const ACTIONS: &[&str] = &["build-push", "buildah", "deploy", "docker", "kaniko", "push"];
    const COMMANDS: &[&str] = &[
        "buildah ",
        "buildx bake",
        "deploy",
        "docker build",
        "docker compose build",
        "docker push",
        "kaniko",
        "podman push",
    ];
    step.uses.as_deref().is_some_and(|action| ACTIONS.iter().any(|word| action.contains(word)))
        || step.lines.iter().any(|line| COMMANDS.iter().any(|command| line.contains(command)))
}
