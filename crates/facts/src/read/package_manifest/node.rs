//! package.json.

use model::{Place, Placed};

use super::{draft, gap};
use crate::read::Source;
use crate::read::task::Task;
use crate::tree::{self, Node};
use crate::{Facts, Package};

/// Reads a package.json.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let Some(root) = parse(source, facts) else { return };
    let has = |path: &[&str]| root.at(path).is_some_and(|node| !node.is_null());
    let keys = ["dependencies", "optionalDependencies"];
    facts.packages.push(Package {
        name: root.string("name"),
        dependencies: keys.iter().flat_map(|key| names(root.get(key), |_| true)).collect(),
        is_runnable: has(&["bin"]) || has(&["scripts", "start"]),
        ..draft::empty(Place::file(source.path.clone()), "npm")
    });
    let scripts = root.get("scripts").into_iter().flat_map(Node::entries);
    facts.fragments.tasks.extend(scripts.filter_map(|(name, _, value)| {
        let line = Placed::new(value.str()?.to_owned(), value.place.clone());
        Some(Task::script(name, line))
    }));
}

/// The JSON object in the file; what cannot be read becomes a gap.
pub(super) fn parse(source: Source<'_>, facts: &mut Facts) -> Option<Node> {
    let read = tree::read_json(source.path, source.text);
    facts.gaps.extend(
        read.troubles
            .into_iter()
            .map(|trouble| gap(trouble.place, format!("could not be read: {}", trouble.reason))),
    );
    read.documents.into_iter().next().map(|document| document.root)
}

/// The keys of an object of dependencies.
pub(super) fn names(object: Option<&Node>, is_wanted: fn(&str) -> bool) -> Vec<Placed<String>> {
    let entries = object.into_iter().flat_map(Node::entries);
    let wanted = entries.filter(|(name, _, _)| is_wanted(name));
    wanted.map(|(name, key, _)| Placed::new(name.to_owned(), key.place.clone())).collect()
}
