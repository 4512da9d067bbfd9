//! Which runbooks of a tree name which of its alerts.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::search::Search;
use crate::words::plain;
use crate::{Alert, Document, Facts, Role};

/// Finds the runbooks of a tree that name an alert. They are searched once, for all alerts together,
/// when they are first asked for.
#[derive(Debug)]
pub struct Runbooks<'a> {
    facts: &'a Facts,
    /// Runbooks in order, by the names of alerts in plain words.
    naming: OnceLock<HashMap<Arc<str>, Vec<&'a Document>>>,
}

impl<'a> Runbooks<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        Self { facts, naming: OnceLock::new() }
    }

    /// The runbooks that name `alert` anywhere, in order: in the name of the file, in headings or in
    /// words.
    pub fn naming(&self, alert: &Alert) -> &[&'a Document] {
        let naming = self.naming.get_or_init(|| self.search());
        naming.get(plain(&alert.name).as_str()).map_or(&[], Vec::as_slice)
    }

    fn search(&self) -> HashMap<Arc<str>, Vec<&'a Document>> {
        let names: BTreeSet<Arc<str>> =
            self.facts.alerts.iter().map(|alert| plain(&alert.name).into()).collect();
        let search = Search::of(names.into_iter().filter(|name| !name.is_empty()).collect());
        let is_runbook = |page: &&Document| page.role == Role::Runbook && !page.is_aside;
        let mut naming: HashMap<Arc<str>, Vec<&'a Document>> = HashMap::new();
        for runbook in self.facts.documents.iter().filter(is_runbook) {
            let met = search.names_in(&words(runbook)).into_iter().collect::<BTreeSet<_>>();
            for name in met {
                naming.entry(name.clone()).or_default().push(runbook);
            }
        }
        naming
    }
}

/// All that stands in a runbook, in plain words.
fn words(runbook: &Document) -> String {
    let title = runbook.title.iter().map(|title| title.value.as_str());
    let sections = runbook.sections.iter();
    let sections = sections.flat_map(|section| [section.title.value.as_str(), &section.text]);
    let all: Vec<&str> =
        [runbook.place.file_name()].into_iter().chain(title).chain(sections).collect();
    plain(&all.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    fn tree(files: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        for (path, text) in files {
            facts.append(read(&(*path).into(), text.as_bytes()));
        }
        facts
    }

    #[test]
    fn runbooks_are_found_by_the_alerts_that_they_name() {
        let rules = "groups:\n  - name: shop\n    rules:\n      - {alert: QueueStuck, expr: up == 0}\n      \
                     - {alert: Stuck, expr: up == 0}\n      - {alert: disk-full, expr: up == 0}\n";
        let facts = tree(&[
            ("ops/rules.yaml", rules),
            ("docs/runbooks/queue.md", "# Queue\n\n## QueueStuck\n\nRestart it.\n"),
            ("docs/runbooks/disk_full.md", "# Disks\n\nAsk for more.\n"),
            ("docs/notes.md", "# Notes\n\nQueueStuck fires often.\n"),
        ]);
        let runbooks = Runbooks::of(&facts);
        let named: Vec<Vec<&str>> = facts
            .alerts
            .iter()
            .map(|alert| runbooks.naming(alert).iter().map(|page| page.place.file_name()).collect())
            .collect();
        assert_eq!(named, [vec!["queue.md"], vec![], vec!["disk_full.md"]]);
    }
}
