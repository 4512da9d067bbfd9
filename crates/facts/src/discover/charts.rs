//! Charts of Helm: which of them start something.

use std::collections::HashSet;

use model::Placed;

use super::name::{ancestors, folder_of};
use crate::Facts;

/// Folders of charts that start something, or may.
pub(super) struct Installing<'f> {
    /// Folders with a template or manifest of a workload somewhere below.
    starting: HashSet<&'f str>,
    /// Folders with any template below.
    templated: HashSet<&'f str>,
    /// Files that take charts from elsewhere.
    taking: HashSet<&'f str>,
}

impl<'f> Installing<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let templates = facts.templates.iter().map(|template| &template.place);
        let workloads = facts.workloads.iter().map(|workload| &workload.name.place);
        let is_template =
            |path: &&str| path.contains("/templates/") || path.starts_with("templates/");
        let paths = facts.paths.iter().map(|path| &**path);
        Self {
            starting: templates.chain(workloads).flat_map(|p| ancestors(p.folder())).collect(),
            taking: facts.gaps.iter().map(|gap| &*gap.place.path).collect(),
            templated: paths.filter(is_template).flat_map(|p| ancestors(folder_of(p))).collect(),
        }
    }

    /// Whether a chart starts something. One without templates takes other charts, and may.
    pub(super) fn has(&self, chart: &Placed<String>) -> bool {
        let folder = folder_of(&chart.place.path);
        let takes_others = self.taking.contains(&*chart.place.path);
        takes_others
            || folder.is_empty()
            || self.starting.contains(folder)
            || !self.templated.contains(folder)
    }
}
