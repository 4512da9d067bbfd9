//! From the kept documents to pipelines.

use std::collections::{HashMap, HashSet};
use std::mem::take;

use model::Place;

use super::budget::Budget;
use super::extend::Extender;
use super::include::{Files, Includer, files_of};
use super::job::{self, Defaults};
use super::reference::{self, Missing};
use super::{condition, stage};
use crate::path::join;
use crate::tree::Node;
use crate::{Facts, Gap, ImageBuild, Job, Pipeline, PipelineHost, Step, Subject};

/// The file that GitLab runs.
const ROOT: &str = ".gitlab-ci.yml";

/// Keys that are no jobs.
const KEYWORDS: [&str; 12] = [
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Pipelines that start one another.
const MAX_CHILDREN: usize = 50;

/// Puts the documents together: the configuration at the root with all that it includes and
/// starts. Without one, each file that no other file includes is a pipeline, but none where GitHub
/// runs the tree's, or where a generator wrote it for the tree that its work may be put into.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let documents = take(&mut facts.fragments.gitlab);
    let mut files = files_of(&documents);
    if !files.contains_key(ROOT) {
        let is_run = facts.pipelines.is_empty();
        files.retain(|path, _| is_run && !is_generated(path, facts));
    }
    let mut settler =
        Settler { files: &files, budget: Budget::new(), gaps: Vec::new(), builds: Vec::new() };
    let mut pipelines =
        if files.contains_key(ROOT) { settler.family(ROOT) } else { settler.strays() };
    if settler.budget.is_spent() {
        settler.gap(Place::file(ROOT), "is too large to be put together".to_owned());
    }
    for include in pipelines.iter().flat_map(|pipeline| &pipeline.includes) {
        let path = include.trim_start_matches("./").trim_start_matches('/');
        if facts.has_path(path) {
            let reason = format!("includes `{path}`, which was not read as a part of it");
            settler.gap(include.place.clone(), reason);
        }
    }
    facts.gaps.append(&mut settler.gaps);
    facts.pipelines.append(&mut pipelines);
    settler.builds.sort_unstable();
    settler.builds.dedup();
    facts.builds.append(&mut settler.builds);
}

/// Whether a generator of clients wrote the file with all that stands beside it.
fn is_generated(path: &str, facts: &Facts) -> bool {
    const MARKS: &[&str] = &[".openapi-generator-ignore", ".swagger-codegen-ignore"];
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    MARKS.iter().any(|mark| join(folder, mark).is_some_and(|mark| facts.has_path(&mark)))
}

struct Settler<'a> {
    files: &'a Files<'a>,
    budget: Budget,
    gaps: Vec<Gap>,
    builds: Vec<ImageBuild>,
}

impl Settler<'_> {
    fn gap(&mut self, place: Place, reason: String) {
        self.gaps.push(Gap { subject: Some(Subject::Pipelines), place, reason, name: None });
    }

    /// The pipeline of the file at `path`, and those of the tree that it starts.
    fn family(&mut self, path: &str) -> Vec<Pipeline> {
        let mut pipelines: Vec<Pipeline> = Vec::new();
        let mut known = HashSet::new();
        let mut waiting = vec![path.to_owned()];
        while let Some(path) = waiting.pop().filter(|_| pipelines.len() < MAX_CHILDREN) {
            if !known.insert(path.clone()) {
                continue;
            }
            let Some((pipeline, _)) = self.pipeline(&path) else {
                continue;
            };
            waiting.extend(pipeline.jobs.iter().filter_map(|job| self.child(job)));
            pipelines.push(pipeline);
        }
        self.take_over_children(&mut pipelines);
        pipelines
    }

    /// Gives jobs the steps of the pipelines of the tree that they start.
    fn take_over_children(&mut self, pipelines: &mut [Pipeline]) {
        let steps = |pipeline: &Pipeline| -> Vec<Step> {
            pipeline.jobs.iter().flat_map(|job| job.steps.clone()).collect()
        };
        let by_path: HashMap<String, Vec<Step>> =
            pipelines.iter().map(|it| (it.place.path.to_string(), steps(it))).collect();
        for job in pipelines.iter_mut().flat_map(|pipeline| &mut pipeline.jobs) {
            let steps = self.child(job).and_then(|path| by_path.get(&path));
            let bytes = steps.map_or(0, |steps| steps.iter().map(Step::weight).sum());
            if self.budget.spend(bytes) {
                job.steps.extend(steps.into_iter().flatten().cloned());
            }
        }
    }

    /// The file of the tree with the pipeline that the job starts.
    fn child(&self, job: &Job) -> Option<String> {
        let path = job.calls.as_ref()?.trim_start_matches("./").trim_start_matches('/');
        self.files.contains_key(path).then(|| path.to_owned())
    }

    fn strays(&mut self) -> Vec<Pipeline> {
        let is_configuration = |path: &&str| path.ends_with(".gitlab-ci.yml");
        let mut paths: Vec<_> = self.files.keys().copied().filter(is_configuration).collect();
        paths.sort_unstable();
        let mut included = HashSet::new();
        let mut pipelines = Vec::new();
        for path in paths {
            let Some((pipeline, followed)) = self.pipeline(path) else {
                continue;
            };
            included.extend(followed);
            pipelines.push(pipeline);
        }
        pipelines.retain(|pipeline| !included.contains(&*pipeline.place.path));
        pipelines
    }

    /// The pipeline of one file, and the files that it includes.
    fn pipeline(&mut self, path: &str) -> Option<(Pipeline, HashSet<String>)> {
        let mut follower = Includer::new(self.files, &mut self.budget);
        let config = follower.assemble(path)?;
        let Includer { not_followed, followed, .. } = follower;
        let mut missing = Vec::new();
        let config = reference::expand(&config, &mut self.budget);
        let nodes = resolved_jobs(&config, &mut self.budget, &mut missing);
        for (_, job) in &nodes {
            reference::find_missing(job, &mut missing);
        }
        let jobs = self.jobs(&config, &nodes);
        for it in missing {
            self.miss(it);
        }
        let bodies: Vec<_> = nodes.into_iter().map(|(_, job)| job).collect();
        let first = self.files.get(path)?.first()?.entries().next();
        let name = config.at(&["workflow", "name"]).and_then(Node::str);
        let pipeline = Pipeline {
            host: PipelineHost::GitLab,
            place: first.map_or_else(|| Place::file(path), |(_, key, _)| key.place.clone()),
            name: name.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path)).to_owned(),
            triggers: condition::triggers(&config, &bodies),
            branches: Vec::new(),
            proposed_into: Vec::new(),
            paths: Vec::new(),
            follows: Vec::new(),
            permissions: Vec::new(),
            includes: not_followed,
            jobs,
        };
        Some((pipeline, followed))
    }

    fn miss(&mut self, missing: Missing) {
        let Missing { place, name } = missing;
        self.gap(place, format!("takes over `{name}`, which stands in no file that was read"));
    }

    fn jobs(&mut self, config: &Node, nodes: &[(Node, Node)]) -> Vec<Job> {
        let defaults = Defaults::new(config);
        let read = nodes.iter().filter_map(|(id, node)| {
            let job = job::read(id, node, &defaults)?;
            if self.budget.spend(job.steps.iter().map(Step::weight).sum()) {
                self.builds.extend(job::builds(config, node, &job));
            }
            Some((job, node.get("needs").is_some()))
        });
        let (mut jobs, has_needs): (Vec<_>, Vec<_>) = read.unzip();
        stage::wait_for_earlier_stages(config, &mut jobs, &has_needs, &mut self.budget);
        jobs
    }
}

/// The jobs of a configuration, their bases merged in, by their keys.
fn resolved_jobs(
    config: &Node,
    budget: &mut Budget,
    missing: &mut Vec<Missing>,
) -> Vec<(Node, Node)> {
    let mut extender = Extender::new(config, budget, missing);
    let jobs = config.entries().filter(|(name, _, job)| {
        let is_job = !name.starts_with('.') && !KEYWORDS.contains(name);
        is_job && job.entries().next().is_some()
    });
    jobs.filter_map(|(name, key, _)| Some((key.clone(), extender.job(name)?))).collect()
}
