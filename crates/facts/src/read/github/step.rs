//! One step of a job or of a composite action.

use super::job::may_fail;
use super::pairs;
use crate::Step;
use crate::read::{Source, script};
use crate::tree::Node;

/// An action of the tree that is made of steps.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Action {
    /// The folder that its file stands in.
    pub(super) folder: String,
    /// Its steps.
    pub(super) steps: Vec<Step>,
}

/// Reads an action file; `None`: it is none.
pub(super) fn read_action(source: Source<'_>, document: &Node, lines: &[&str]) -> Option<Action> {
    let steps = document.get("runs")?.get("steps").map(Node::items).unwrap_or_default();
    let steps = steps.iter().map(|step| read(step, lines)).collect();
    Some(Action { folder: source.folder().to_owned(), steps })
}

/// Reads a step.
pub(super) fn read(step: &Node, lines: &[&str]) -> Step {
    let script = step.get("run");
    Step {
        id: step.get("id").and_then(Node::str).map(str::to_owned),
        name: step.get("name").and_then(Node::str).map(str::to_owned),
        uses: step.string("uses"),
        with: step.get("with").map(pairs).unwrap_or_default(),
        env: step.get("env").map(pairs).unwrap_or_default(),
        lines: script.map(|script| script::lines(script, lines)).unwrap_or_default(),
        tasks: Vec::new(),
        working_folder: step.string("working-directory"),
        may_fail: may_fail(step),
        condition: step.string("if"),
        place: step.place.clone(),
    }
}

/// The address of an action or workflow of the tree, as a path: `./` is the folder of the checkout,
/// `$/` the repository at the commit of the workflow.
pub(super) fn local_path(uses: &str) -> Option<&str> {
    let path = ["./", "$/"].iter().find_map(|own| uses.strip_prefix(own))?.trim_end_matches('/');
    (!path.split('/').any(|part| part == "..")).then_some(path)
}
