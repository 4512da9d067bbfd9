//! What workflows take from other files of the tree: actions and reusable workflows.

use std::collections::HashMap;
use std::mem::take;

use model::Placed;

use super::build;
use super::step::{Action, local_path};
use crate::{Facts, Job, Pipeline, PipelineHost, Step};

/// Files that are followed one into the other.
const MAX_DEPTH: usize = 4;

/// Bytes of the jobs and steps that are taken over from other files, in all.
const MAX_BYTES: usize = 64 << 20;

/// Puts the steps of local actions behind the steps that use them, and the steps of local
/// reusable workflows into the jobs that call them. What is not followed is named as included.
pub(in crate::read) fn settle(facts: &mut Facts) {
    build::settle(facts);
    let actions = take(&mut facts.fragments.actions);
    let actions = actions.into_iter().map(|Action { folder, steps }| {
        let weight = steps.iter().map(Step::weight).sum();
        (folder, Weighed { items: steps, weight })
    });
    let actions = actions.collect();
    let mut inliner = Inliner { actions, workflows: HashMap::new(), left: MAX_BYTES };
    let is_workflow = |pipeline: &&mut Pipeline| pipeline.host == PipelineHost::GitHub;
    for pipeline in facts.pipelines.iter_mut().filter(is_workflow) {
        for job in &mut pipeline.jobs {
            job.steps = inliner.with_actions(take(&mut job.steps), MAX_DEPTH);
        }
    }
    for pipeline in facts.pipelines.iter_mut().filter(is_workflow) {
        let items = pipeline.jobs.clone();
        let weight = items.iter().map(weight_of).sum();
        inliner.workflows.insert(pipeline.place.path.to_string(), Weighed { items, weight });
    }
    for pipeline in facts.pipelines.iter_mut().filter(is_workflow) {
        for job in &mut pipeline.jobs {
            inliner.call(job, MAX_DEPTH);
        }
        pipeline.includes = inliner.not_followed(pipeline);
    }
}

struct Inliner {
    /// Steps of actions by their folder.
    actions: HashMap<String, Weighed<Step>>,
    /// Jobs of workflows by their path.
    workflows: HashMap<String, Weighed<Job>>,
    /// Bytes that may still be taken over.
    left: usize,
}

/// What may be taken over, and its bytes.
struct Weighed<T> {
    items: Vec<T>,
    weight: usize,
}

/// A copy of what was found, as long as there are bytes left.
fn afford<T: Clone>(found: Option<&Weighed<T>>, left: &mut usize) -> Vec<T> {
    let Some(found) = found.filter(|found| found.weight <= *left) else {
        return Vec::new();
    };
    *left -= found.weight;
    found.items.clone()
}

/// Where a workflow with jobs for several environments brings what it ships in the end: to
/// production, where one of them is called so, else to the first.
fn nearest(known: Option<Placed<String>>, other: Option<Placed<String>>) -> Option<Placed<String>> {
    let is_production = |name: &Placed<String>| {
        let words = || name.split(|letter: char| !letter.is_ascii_alphanumeric());
        let has = |all: &[&str]| {
            words().any(|word| all.iter().any(|known| word.eq_ignore_ascii_case(known)))
        };
        has(&PRODUCTION) && !has(&["pre", "non"])
    };
    if known.as_ref().is_some_and(is_production) {
        return known;
    }
    other.clone().filter(is_production).or(known).or(other)
}

const PRODUCTION: [&str; 4] = ["live", "prd", "prod", "production"];

fn weight_of(job: &Job) -> usize {
    let texts = job.images.len() + job.needs.len() + job.permissions.len();
    let steps: usize = job.steps.iter().map(Step::weight).sum();
    size_of::<Job>() + texts * size_of::<Placed<String>>() + steps
}

impl Inliner {
    fn with_actions(&mut self, steps: Vec<Step>, depth: usize) -> Vec<Step> {
        let mut all = Vec::with_capacity(steps.len());
        for step in steps {
            let used = step.uses.as_ref().and_then(|uses| local_path(uses)).filter(|_| depth > 0);
            let used = used.and_then(|folder| self.actions.get(folder));
            let inner = afford(used, &mut self.left);
            let outer = step.clone();
            all.push(step);
            let inner = self.with_actions(inner, depth.saturating_sub(1));
            let inner = inner.into_iter().map(|step| Step {
                may_fail: step.may_fail.or_else(|| outer.may_fail.clone()),
                condition: step.condition.or_else(|| outer.condition.clone()),
                ..step
            });
            all.extend(inner);
        }
        all
    }

    /// Gives `job` what stands in the workflow that it calls.
    fn call(&mut self, job: &mut Job, depth: usize) {
        let called = job.calls.as_ref().and_then(|call| local_path(call)).filter(|_| depth > 0);
        let called = called.and_then(|path| self.workflows.get(path));
        let own = job.environment.take();
        for mut inner in afford(called, &mut self.left) {
            self.call(&mut inner, depth.saturating_sub(1));
            let Job { steps, may_fail, condition, environment, images, .. } = inner;
            job.environment = nearest(job.environment.take(), environment);
            job.images.extend(images);
            job.steps.extend(steps.into_iter().map(|step| Step {
                may_fail: step.may_fail.or_else(|| may_fail.clone()),
                condition: step.condition.or_else(|| condition.clone()),
                ..step
            }));
        }
        job.environment = own.or(job.environment.take());
    }

    /// The actions and workflows outside of the tree, and those of it that were not found.
    fn not_followed(&self, pipeline: &Pipeline) -> Vec<Placed<String>> {
        let is_known = |job: &Job| {
            let path = job.calls.as_ref().and_then(|call| local_path(call));
            path.is_some_and(|path| self.workflows.contains_key(path))
        };
        let calls = pipeline.jobs.iter().filter(|job| !is_known(job));
        let calls = calls.filter_map(|job| job.calls.clone());
        let uses = pipeline.steps().filter_map(|step| step.uses.as_ref());
        let uses = uses.filter(|uses| {
            local_path(uses).is_some_and(|folder| !self.actions.contains_key(folder))
        });
        calls.chain(uses.cloned()).collect()
    }
}
