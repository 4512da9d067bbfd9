//! Charts of Helm: which of them start something.

use std::collections::HashSet;

use model::Placed;

use super::name::{ancestors, folder_of, last_part};
use crate::Facts;

/// Folders of charts that start something, or may.
pub(super) struct Installing<'f> {
    /// Folders with a template or manifest of a workload somewhere below.
    starting: HashSet<&'f str>,
    /// Folders with any template below.
    templated: HashSet<&'f str>,
    /// Folders with a template below that Helm fills in by itself, and not only for other charts.
    filled: HashSet<&'f str>,
    /// Files that take charts from elsewhere.
    taking: HashSet<&'f str>,
}

impl<'f> Installing<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let templates = facts.templates.iter().map(|template| &template.place);
        let workloads = facts.workloads.iter().map(|workload| &workload.name.place);
        let is_template =
            |path: &&str| path.contains("/templates/") || path.starts_with("templates/");
        let templates_of_charts = || facts.paths.iter().map(|path| &**path).filter(is_template);
        // A name that begins so holds definitions alone.
        let is_filled = |path: &&str| !last_part(path).starts_with('_');
        Self {
            starting: templates.chain(workloads).flat_map(|p| ancestors(p.folder())).collect(),
            taking: facts.gaps.iter().map(|gap| &*gap.place.path).collect(),
            templated: templates_of_charts().flat_map(|p| ancestors(folder_of(p))).collect(),
            filled: templates_of_charts()
                .filter(is_filled)
                .flat_map(|p| ancestors(folder_of(p)))
                .collect(),
        }
    }

    /// Whether all templates of a chart are definitions that other charts take.
    pub(super) fn is_library(&self, chart: &Placed<String>) -> bool {
        let folder = folder_of(&chart.place.path);
        self.templated.contains(folder) && !self.filled.contains(folder)
    }

    /// Whether a chart starts something by itself, and not only by charts that it takes.
    pub(super) fn starts(&self, chart: &Placed<String>) -> bool {
        self.starting.contains(folder_of(&chart.place.path))
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
