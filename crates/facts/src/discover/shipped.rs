//! What pipelines build, push and deploy.

use std::collections::{BTreeSet, HashSet};

use model::Place;

use super::candidate::Candidate;
use super::name::{has_words, image_name, is_generic, is_templated, key, last_part, stem};
use super::provenance::words;
use crate::read::kamal_folder;
use crate::{Dockerfile, Facts, Step};

/// What the steps of pipelines say that build, push or deploy.
pub(super) struct Shipped<'f> {
    words: BTreeSet<String>,
    paths: BTreeSet<&'f str>,
    /// What files of templates that start something are called, without their endings.
    templates: Vec<String>,
    /// Keys of the folders that recipes stand in.
    recipes: BTreeSet<String>,
    /// Folders of what Kamal deploys.
    by_kamal: Vec<&'f str>,
    /// Whether pipelines were not read.
    is_partial: bool,
    /// Whether a cluster runs images whose code was not found.
    pub(super) has_homeless: bool,
    /// Where Compose files by which people only develop and test name what no other of them does, where
    /// something else runs for users.
    pub(super) tried: HashSet<&'f Place>,
    /// The recipes that these build, and nothing else that Compose starts.
    pub(super) tried_recipes: HashSet<String>,
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
            recipes: facts.dockerfiles.iter().map(|f| key(last_part(f.place.folder()))).collect(),
            by_kamal: facts.paths.iter().filter_map(|path| kamal_folder(path)).collect(),
            is_partial: !facts.unread_pipelines.is_empty(),
            has_homeless: false,
            tried: HashSet::new(),
            tried_recipes: HashSet::new(),
        };
        for text in texts {
            let mut is_inside = false;
            for word in words(text).filter(|word| !word.is_empty()) {
                let is_plain = !is_inside && !is_templated(word) && !word.contains("}}");
                is_inside = match (word.rfind("${{"), word.rfind("}}")) {
                    (None, None) => is_inside,
                    (opens, closes) => opens > closes,
                };
                shipped.words.extend(image_name(word).filter(|_| is_plain));
                shipped.paths.insert(word.trim_start_matches("./").trim_end_matches('/'));
            }
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

    /// Whether a step names an image that is called so. What is called after a part (`worker`) is not
    /// meant by any image with that word: it is the one of the product (`shop-worker`), unless a
    /// recipe of its own makes that.
    pub(super) fn is_named(&self, key: &str) -> bool {
        self.is_partial || self.names(key)
    }

    /// The same, of what was read alone.
    pub(super) fn names(&self, key: &str) -> bool {
        let is_part = is_generic(key);
        let is_its = |word: &String| {
            has_words(word, key)
                && (!is_part
                    || word == key
                    || (word.ends_with(&format!("-{key}")) && !self.recipes.contains(word)))
        };
        self.words.iter().any(is_its)
    }

    /// Whether a step names the image of a Dockerfile (its path, its folder, or the name), or may do
    /// so in a pipeline that was not read.
    pub(super) fn has(&self, candidate: &Candidate<'_>, file: &Dockerfile) -> bool {
        self.is_partial || self.shows(candidate, file)
    }

    /// Whether only people who develop build the image of a Dockerfile, as far as was read.
    pub(super) fn is_only_tried(&self, candidate: &Candidate<'_>, file: &Dockerfile) -> bool {
        self.tried_recipes.contains(&*file.place.path) && !self.shows(candidate, file)
    }

    /// The same as [`Self::has`], of what was read alone.
    pub(super) fn shows(&self, candidate: &Candidate<'_>, file: &Dockerfile) -> bool {
        let home = candidate.home.as_deref().filter(|home| !home.is_empty());
        self.paths.contains(&*file.place.path)
            || home.is_some_and(|home| self.paths.contains(home))
            || self.names(&candidate.key)
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
    // What a session on another machine starts there.
    const STARTS: &[&str] = &[" up -d", "docker run ", "stack deploy", "systemctl restart"];
    let starts =
        || step.with.iter().any(|(_, value)| STARTS.iter().any(|start| value.contains(start)));
    let is_of_action = |action: &str| {
        ACTIONS.iter().any(|word| action.contains(word)) || (action.contains("ssh") && starts())
    };
    step.uses.as_deref().is_some_and(|action| is_of_action(action))
        || step.lines.iter().any(|line| COMMANDS.iter().any(|command| line.contains(command)))
}
