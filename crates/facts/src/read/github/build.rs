//! Images that the jobs of workflows and the steps of actions build.

use std::collections::BTreeMap;

use super::step::local_path;
use crate::discover::dockerfile_path;
use crate::path::join;
use crate::read::build::{Scope, argument, built, fill, of_line};
use crate::read::script;
use crate::tree::Node;
use crate::{Facts, ImageBuild};

/// Runs of one job that are followed, and values that are followed into each other.
const MAX_RUNS: usize = 64;
const MAX_DEPTH: usize = 3;

/// Builds that one file may have, and one tree.
const MAX_BUILDS: usize = 4096;

/// Names that are looked through in one file, over all runs of all its steps.
const MAX_NAMES: usize = 1 << 19;

/// What a job or step gives to an action or workflow of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Call {
    /// The file of the workflow, or the folder of the action.
    path: String,
    /// The like of where it is used.
    from: String,
    inputs: Scope,
}

/// A build whose inputs stand where its file is used.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Awaiting {
    /// The file of the workflow, or the folder of the action.
    path: String,
    build: ImageBuild,
}

/// What the file at `path` builds: a workflow's jobs, or the steps of an action.
pub(super) fn read(path: &str, document: &Node, facts: &mut Facts) {
    let mut reading = Reading { path, facts, left: MAX_NAMES };
    let around = variables(document, &Scope::new());
    for (_, _, job) in document.get("jobs").into_iter().flat_map(Node::entries) {
        for run in runs(job) {
            let scope: Scope = around.clone().into_iter().chain(run).collect();
            reading.job(job, &variables(job, &scope));
        }
    }
    let steps = document.get("runs").and_then(|runs| runs.get("steps"));
    reading.steps(steps.map(Node::items).unwrap_or_default(), "", &around);
}

/// Puts what is given to workflows and actions into what they build.
pub(super) fn settle(facts: &mut Facts) {
    let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for call in std::mem::take(&mut facts.fragments.calls) {
        calls.entry(call.path.clone()).or_default().push(call);
    }
    let mut awaiting = std::mem::take(&mut facts.fragments.builds);
    for _ in 0..MAX_DEPTH {
        for Awaiting { path, build } in std::mem::take(&mut awaiting) {
            let Some(calls) = calls.get(&path) else {
                // Whoever starts it by hand gives the rest.
                facts.builds.push(build);
                continue;
            };
            for call in calls.iter().take(MAX_RUNS) {
                let Some(build) = filled(&build, &call.inputs) else { continue };
                if is_open(&build) {
                    awaiting.push(Awaiting { path: call.from.clone(), build });
                } else {
                    facts.builds.push(build);
                }
            }
        }
        awaiting.truncate(MAX_BUILDS);
    }
    facts.builds.sort_unstable();
    facts.builds.dedup();
    facts.builds.truncate(MAX_BUILDS);
}

/// Whether something in it stands only where its file is used.
fn is_open(build: &ImageBuild) -> bool {
    let texts = [Some(&build.image), Some(&build.context), build.dockerfile.as_ref()];
    texts.into_iter().flatten().any(|text| text.contains("inputs."))
}

fn filled(from: &ImageBuild, scope: &Scope) -> Option<ImageBuild> {
    let recipe = from.dockerfile.as_deref().map(|file| fill(file, scope));
    let given = from.arguments.iter().map(|(name, value)| (name.clone(), fill(value, scope)));
    let arguments = given.collect();
    let context = fill(&from.context, scope);
    let build = built(&fill(&from.image, scope), "", &context, recipe.as_deref())?;
    let (is_from_source, is_pushed) = (from.is_from_source, from.is_pushed);
    Some(ImageBuild { arguments, is_from_source, is_pushed, ..build })
}

struct Reading<'r> {
    path: &'r str,
    facts: &'r mut Facts,
    /// Names that may still be looked through.
    left: usize,
}

impl Reading<'_> {
    fn job(&mut self, job: &Node, scope: &Scope) {
        self.action(job, &[], scope);
        let folder = |node: &Node| super::job::working_folder(node).map(|folder| folder.value);
        let steps = job.get("steps").map(Node::items).unwrap_or_default();
        self.steps(steps, &folder(job).unwrap_or_default(), scope);
    }

    fn steps(&mut self, steps: &[Node], folder: &str, around: &Scope) {
        let mut named = Vec::new();
        let known = self.facts.builds.len();
        let awaited = self.facts.fragments.builds.len();
        self.steps_as_written(steps, folder, around, &mut named);
        let Some(root) = root_of(steps) else { return };
        let found = self.facts.builds.iter_mut().skip(known);
        let open = self.facts.fragments.builds.iter_mut().skip(awaited).map(|a| &mut a.build);
        found.chain(open).for_each(|build| within(build, &root));
    }

    /// What steps build, as it is seen from the folder that the host starts them in.
    fn steps_as_written(
        &mut self,
        steps: &[Node],
        folder: &str,
        around: &Scope,
        named: &mut Vec<String>,
    ) {
        for step in steps {
            let Some(left) = self.left.checked_sub(around.len() + 1) else { return };
            self.left = left;
            let scope = variables(step, around);
            let uses = step.get("uses").and_then(Node::str).unwrap_or_default();
            if uses.contains("metadata-action") {
                *named =
                    inputs(step, &scope).get("images").map(|text| images(text)).unwrap_or_default();
            } else if !uses.is_empty() {
                self.action(step, named, &scope);
            }
            let builds = |script: &&Node| script.str().is_some_and(|text| text.contains("build"));
            if let Some(script) = step.get("run").filter(builds) {
                let own = step.get("working-directory").and_then(Node::str).unwrap_or(folder);
                let own = fill(own, &scope);
                let lines = script::lines(script, &[]);
                let lines = lines.iter().filter(|line| line.contains("build"));
                let lines = lines.map(|line| fill(line, &scope));
                self.add(lines.flat_map(|line| of_line(&line, &own)).collect());
            }
        }
    }

    /// What an action builds, or a workflow that a job calls, by what is given to it; `named` is how
    /// an earlier step names the images of those that take their names from it.
    fn action(&mut self, step: &Node, named: &[String], scope: &Scope) {
        let Some(uses) = step.get("uses").and_then(Node::str) else { return };
        let inputs = inputs(step, scope);
        if let Some(path) = local_path(uses) {
            let inputs = inputs.into_iter().map(|(name, value)| (format!("inputs.{name}"), value));
            let (path, from) = (path.to_owned(), self.path.to_owned());
            self.facts.fragments.calls.push(Call { path, from, inputs: inputs.collect() });
            return;
        }
        if !["build", "docker", "image", "kaniko", "push"].iter().any(|word| uses.contains(word)) {
            return;
        }
        let first = |names: &[&str]| names.iter().find_map(|name| inputs.get(*name));
        let file = first(&["file", "dockerfile", "docker-file", "docker_file", "containerfiles"]);
        let context =
            first(&["context", "docker-context", "docker_context", "path", "path_context"]);
        let is_from_source = uses.contains("s2i-build");
        let written = first(&["tags", "images", "image", "image-name", "image_name", "name"]);
        let written = written.map(|text| images(text)).unwrap_or_default();
        let is_told = written.iter().any(|image| !image.contains("steps."));
        let is_recipe = context.is_some() || file.is_some() || uses.contains("build-push");
        let is_named = !is_told && is_recipe && !named.is_empty();
        let images = if is_named { named.to_vec() } else { written };
        let (context, file) = (context.map_or(".", String::as_str), file.map(String::as_str));
        let given = first(&["build-args", "build_args", "buildargs"]).map_or("", String::as_str);
        let given: Vec<(String, String)> = given.lines().filter_map(argument).collect();
        let builds = images.iter().filter_map(|image| built(image, "", context, file));
        // What is called after pushing does it, unless it is told not to.
        let is_pushing = uses.contains("push") && !uses.starts_with("docker/");
        let is_pushed = first(&["push"]).map_or(is_pushing, |told| told != "false");
        let as_given =
            |build| ImageBuild { arguments: given.clone(), is_from_source, is_pushed, ..build };
        self.add(builds.map(as_given).collect());
    }

    fn add(&mut self, builds: Vec<ImageBuild>) {
        for build in builds {
            if self.facts.builds.len() + self.facts.fragments.builds.len() >= MAX_BUILDS {
                return;
            }
            if is_open(&build) {
                let path = self.path.to_owned();
                self.facts.fragments.builds.push(Awaiting { path, build });
            } else {
                self.facts.builds.push(build);
            }
        }
    }
}

/// The folder that the tree itself is checked out into, where that is not the one that steps start in.
fn root_of(steps: &[Node]) -> Option<String> {
    let own = steps.iter().filter(|step| {
        let uses = step.get("uses").and_then(Node::str).unwrap_or_default();
        let repository = step.at(&["with", "repository"]).and_then(Node::str);
        uses.starts_with("actions/checkout")
            && repository.is_none_or(|name| name.contains("github.repository }}"))
    });
    let folders = own.map(|step| step.at(&["with", "path"]).and_then(Node::str).unwrap_or("."));
    let mut folders: Vec<String> = folders.filter_map(|folder| join("", folder)).collect();
    folders.dedup();
    let [only] = folders.as_slice() else { return None };
    (!only.is_empty() && !only.contains('$')).then(|| only.clone())
}

/// Names what a build takes as it stands in the tree, whose root is the folder `root` there.
fn within(build: &mut ImageBuild, root: &str) {
    let inside = |path: &str| {
        let rest = path.strip_prefix(root)?;
        if rest.is_empty() {
            Some(String::new())
        } else {
            rest.strip_prefix('/').map(str::to_owned)
        }
    };
    let recipe = build.recipe().and_then(|recipe| inside(&recipe));
    let context = inside(&build.context);
    if let Some(recipe) = recipe {
        let is_plain = context.as_deref().is_some_and(|c| dockerfile_path(c, None) == recipe);
        build.dockerfile = (!is_plain).then_some(recipe);
    }
    if let Some(context) = context {
        build.context = context;
    }
}

/// The images that a text of several lines names: `name=acme/till,enable=true`, `acme/till:1`.
fn images(text: &str) -> Vec<String> {
    let parts = text.lines().flat_map(|line| line.split(','));
    let parts = parts.map(|part| part.trim().trim_start_matches("name="));
    let is_image =
        |part: &&str| !part.is_empty() && !part.starts_with('#') && !part.contains("enable=");
    parts.filter(is_image).map(str::to_owned).collect()
}

/// What is given to an action, by names in lower case.
fn inputs(step: &Node, scope: &Scope) -> Scope {
    let given = step.get("with").into_iter().flat_map(Node::entries);
    let given = given.filter_map(|(name, _, value)| Some((name, value.str()?)));
    given.map(|(name, value)| (name.to_ascii_lowercase(), fill(value, scope))).collect()
}

/// `around` and the variables that `node` sets.
fn variables(node: &Node, around: &Scope) -> Scope {
    let mut scope = around.clone();
    let set = node.get("env").into_iter().flat_map(Node::entries);
    for (name, _, value) in set {
        let Some(value) = value.str() else { continue };
        let mut value = fill(value, &scope);
        for _ in 1..MAX_DEPTH {
            value = fill(&value, &scope);
        }
        scope.insert(format!("env.{name}"), value);
    }
    scope
}

/// What tells the runs of a job apart: the values of its matrix, one by one.
fn runs(job: &Node) -> Vec<Scope> {
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let mut all = vec![Scope::new()];
    for (name, _, values) in matrix.into_iter().flat_map(Node::entries) {
        if matches!(name, "include" | "exclude") || values.items().is_empty() {
            continue;
        }
        let values: Vec<Scope> =
            values.items().iter().map(|value| flat(&format!("matrix.{name}"), value)).collect();
        let with = |run: &Scope| {
            let run = run.clone();
            let one = move |value: &Scope| run.clone().into_iter().chain(value.clone()).collect();
            values.iter().map(one).collect::<Vec<Scope>>()
        };
        all = all.iter().flat_map(with).take(MAX_RUNS).collect();
    }
    let more = matrix.and_then(|matrix| matrix.get("include")).map(Node::items).unwrap_or_default();
    for more in more.iter().take(MAX_RUNS) {
        include(&mut all, &flat("matrix", more));
    }
    all.truncate(MAX_RUNS);
    all
}

/// Adds what is included: to the runs that it says nothing else of, else as a run of its own.
fn include(all: &mut Vec<Scope>, more: &Scope) {
    let is_alike = |run: &Scope| {
        run.iter().all(|(name, value)| more.get(name).is_none_or(|other| other == value))
    };
    let is_first = all.len() == 1 && all.iter().all(BTreeMap::is_empty);
    let told: Vec<usize> = (0..all.len()).filter(|at| all.get(*at).is_some_and(is_alike)).collect();
    if is_first || told.is_empty() {
        all.retain(|run| !run.is_empty());
        all.push(more.clone());
        return;
    }
    for at in told {
        if let Some(run) = all.get_mut(at) {
            run.extend(more.clone());
        }
    }
}

/// The scalars of a value under their names, `matrix.part.name`.
fn flat(name: &str, value: &Node) -> Scope {
    let one = value.str().map(|text| (name.to_owned(), text.to_owned()));
    let parts = value
        .entries()
        .filter_map(|(part, _, inner)| Some((format!("{name}.{part}"), inner.str()?.to_owned())));
    one.into_iter().chain(parts).collect()
}
