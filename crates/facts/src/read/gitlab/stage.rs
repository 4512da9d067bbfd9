//! The stages of a configuration, and which jobs wait for which through them.

use std::collections::HashMap;

use model::Placed;

use super::budget::Budget;
use crate::Job;
use crate::tree::Node;

/// What stands for `stages:` where it is not written.
const DEFAULT: [&str; 3] = ["build", "test", "deploy"];

/// Gives each job that does not say what it `needs` all jobs of the stages before its own.
pub(super) fn wait_for_earlier_stages(
    config: &Node,
    jobs: &mut [Job],
    has_needs: &[bool],
    budget: &mut Budget,
) {
    let order = order(config);
    let index = |job: &Job| order.get(job.stage.as_deref()?).copied();
    let mut by_stage: Vec<(usize, String)> =
        jobs.iter().filter_map(|job| Some((index(job)?, job.id.value.clone()))).collect();
    by_stage.sort_by_key(|(stage, _)| *stage);
    for (job, has_needs) in jobs.iter_mut().zip(has_needs) {
        let Some(stage) = index(job).filter(|_| !has_needs) else {
            continue;
        };
        let earlier = by_stage.partition_point(|(other, _)| *other < stage);
        let earlier = by_stage.get(..earlier).unwrap_or_default();
        if !budget.spend(earlier.len() * size_of::<Placed<String>>()) {
            return;
        }
        let place = &job.id.place;
        job.needs = earlier.iter().map(|(_, id)| Placed::new(id.clone(), place.clone())).collect();
    }
}

/// Stages by their position.
fn order(config: &Node) -> HashMap<String, usize> {
    let written = config.get("stages").map(|stages| stages.strings().map(|stage| stage.value));
    let stages: Vec<String> = match written {
        Some(written) => written.collect(),
        None => DEFAULT.map(str::to_owned).to_vec(),
    };
    let first = std::iter::once(".pre".to_owned());
    let all = first.chain(stages).chain(std::iter::once(".post".to_owned()));
    let mut order = HashMap::new();
    for (index, stage) in all.enumerate() {
        order.entry(stage).or_insert(index);
    }
    order
}
