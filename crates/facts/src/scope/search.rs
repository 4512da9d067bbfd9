//! A search for many names at once.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::words::{are_whole, stands_in};

/// Names that are looked for together: a text is gone through once, however many there are.
#[derive(Debug)]
pub(super) struct Search {
    /// In plain words, none empty and none twice.
    names: Vec<Arc<str>>,
    /// Finds them in a text; `None` where there are too many for one search.
    automaton: Option<AhoCorasick>,
}

impl Search {
    pub(super) fn of(names: Vec<Arc<str>>) -> Self {
        let automaton = AhoCorasick::new(names.iter().map(|name| name.as_bytes())).ok();
        Self { names, automaton }
    }

    /// The names that stand in `text`, which is in plain words, as whole words, a plural "s" allowed
    /// for; each as often as it is met.
    pub(super) fn names_in(&self, text: &str) -> Vec<&Arc<str>> {
        let Some(automaton) = &self.automaton else {
            return self.names.iter().filter(|name| stands_in(text, name)).collect();
        };
        let found = automaton.find_overlapping_iter(text);
        let whole = found.filter(|found| are_whole(text, found.start(), found.end()));
        whole.filter_map(|found| self.names.get(found.pattern().as_usize())).collect()
    }

    /// The same names, looked for one by one.
    #[cfg(test)]
    pub(super) fn one_by_one(&mut self) {
        self.automaton = None;
    }
}
