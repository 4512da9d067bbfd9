//! Parts of files that wait for other files.

use super::github::Action;
use crate::tree::Node;

/// What was read and only makes sense together with other files of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fragments {
    /// Documents of GitLab CI, which include one another.
    pub(crate) gitlab: Vec<Node>,
    /// Actions that the steps of workflows use.
    pub(super) actions: Vec<Action>,
}

impl Fragments {
    /// Takes over all fragments of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        let Self { gitlab, actions } = other;
        self.gitlab.extend(gitlab);
        self.actions.extend(actions);
    }
}
