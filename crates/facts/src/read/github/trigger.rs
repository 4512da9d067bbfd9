//! What starts a workflow.

use model::Placed;

use crate::tree::Node;

/// The events, whether written as one name, a list, or a mapping.
pub(super) fn triggers(workflow: &Node) -> Vec<Placed<String>> {
    let Some(on) = workflow.get("on") else {
        return Vec::new();
    };
    let keys = on.entries().map(|(key, node, _)| Placed::new(key.to_owned(), node.place.clone()));
    on.strings().chain(keys).collect()
}

/// The branches that a push has to go to: patterns, `!` before those that are left out, and
/// `refs/tags/` before those of tags.
pub(super) fn branches(workflow: &Node) -> Vec<Placed<String>> {
    let filters = [
        ("branches", ""),
        ("branches-ignore", "!"),
        ("tags", "refs/tags/"),
        ("tags-ignore", "!refs/tags/"),
    ];
    let push = workflow.at(&["on", "push"]);
    let filters = filters.iter().filter_map(|(key, prefix)| Some((push?.get(key)?, prefix)));
    let patterns = filters.flat_map(|(patterns, prefix)| {
        patterns
            .strings()
            .map(move |pattern| Placed::new(format!("{prefix}{}", pattern.value), pattern.place))
    });
    patterns.collect()
}

/// The patterns of branches into which a change has to be proposed.
pub(super) fn proposed_into(workflow: &Node) -> Vec<Placed<String>> {
    let branches = workflow.at(&["on", "pull_request", "branches"]);
    branches.into_iter().flat_map(Node::strings).collect()
}

/// The patterns of files that a push, or else a proposed change, has to touch.
pub(super) fn paths(workflow: &Node) -> Vec<Placed<String>> {
    let on = |event| workflow.at(&["on", event, "paths"]);
    on("push").or_else(|| on("pull_request")).into_iter().flat_map(Node::strings).collect()
}

/// The names of the workflows that it waits for.
pub(super) fn follows(workflow: &Node) -> Vec<Placed<String>> {
    let names = workflow.at(&["on", "workflow_run", "workflows"]);
    names.into_iter().flat_map(Node::strings).collect()
}
