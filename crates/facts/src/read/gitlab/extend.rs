//! `extends:`: jobs merged over their bases.

use std::collections::{HashMap, HashSet};

use super::budget::Budget;
use super::merge::merge;
use super::reference::Missing;
use crate::tree::Node;

/// Bases of bases that are followed; GitLab allows eleven.
const MAX_DEPTH: usize = 11;

/// Merges jobs over their bases, each job once.
pub(super) struct Extender<'a, 'b> {
    top: HashMap<&'a str, &'a Node>,
    budget: &'b mut Budget,
    missing: &'b mut Vec<Missing>,
    done: HashMap<String, Node>,
    under_way: HashSet<String>,
}

impl<'a, 'b> Extender<'a, 'b> {
    pub(super) fn new(
        config: &'a Node,
        budget: &'b mut Budget,
        missing: &'b mut Vec<Missing>,
    ) -> Self {
        let top = config.entries().map(|(key, _, value)| (key, value)).collect();
        Self { top, budget, missing, done: HashMap::new(), under_way: HashSet::new() }
    }

    /// The job `name` with all that it takes from its bases; `None`: there is none.
    pub(super) fn job(&mut self, name: &str) -> Option<Node> {
        self.job_within(name, MAX_DEPTH)
    }

    fn job_within(&mut self, name: &str, depth: usize) -> Option<Node> {
        if let Some(done) = self.done.get(name) {
            return self.budget.copy(done);
        }
        let node = *self.top.get(name)?;
        if depth == 0 || !self.under_way.insert(name.to_owned()) {
            return None;
        }
        let mut whole: Option<Node> = None;
        for base in node.get("extends").into_iter().flat_map(Node::strings) {
            let Some(part) = self.job_within(&base, depth - 1) else {
                self.missing.push(Missing { place: base.place, name: base.value });
                continue;
            };
            whole = Some(match whole.take() {
                Some(before) => merge(before, part),
                None => part,
            });
        }
        self.under_way.remove(name);
        let own = self.budget.copy(node)?;
        let whole = match whole {
            Some(base) => merge(base, own),
            None => own,
        };
        self.done.extend(self.budget.copy(&whole).map(|copy| (name.to_owned(), copy)));
        Some(whole)
    }
}
