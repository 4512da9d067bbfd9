//! composer.json.

use model::Place;

use super::{draft, node};
use crate::read::Source;
use crate::read::task::Task;
use crate::tree::Node;
use crate::{Facts, Package};

/// Reads a composer.json.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let Some(root) = node::parse(source, facts) else { return };
    facts.packages.push(Package {
        name: root.string("name"),
        dependencies: node::names(root.get("require"), |name| name.contains('/')),
        ..draft::empty(Place::file(source.path.clone()), "composer")
    });
    let scripts = root.get("scripts").into_iter().flat_map(Node::entries);
    let tasks = scripts.filter_map(|(name, _, lines)| Task::of_composer(name, lines.strings()));
    facts.fragments.tasks.extend(tasks);
}
