//! Parts of files that wait for other files.

use std::sync::Arc;

use model::Placed;

use super::github::{Action, Awaiting, Call};
use super::kubernetes::{Cloned, Folders, Renaming};
use super::openslo::{Awaited, Sli};
use super::task::Task;
use crate::tree::Node;

/// What was read and only makes sense together with other files of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fragments {
    /// Documents of GitLab CI, which include one another.
    pub(crate) gitlab: Vec<Node>,
    /// Actions that the steps of workflows use.
    pub(super) actions: Vec<Action>,
    /// API descriptions whose paths stand in other files.
    pub(crate) apis: Vec<Node>,
    /// Paths of API descriptions that are files of their own.
    pub(crate) paths: Vec<Node>,
    /// Indicators of OpenSLO.
    pub(super) slis: Vec<Sli>,
    /// Objectives of OpenSLO that refer to one.
    pub(super) awaited: Vec<Awaited>,
    /// Builds whose names are given by those that use their files.
    pub(super) builds: Vec<Awaiting>,
    /// Builds of `OpenShift`, which may be of other repositories.
    pub(super) cloned: Vec<Cloned>,
    /// What Kustomizations of Flux make of images.
    pub(super) renamings: Vec<Renaming>,
    /// Shell scripts of the tree, with the lines by which they build images.
    pub(super) building: Vec<(Arc<str>, Vec<String>)>,
    /// Folders that an `ApplicationSet` of Argo CD looks for.
    pub(super) folders: Vec<Folders>,
    /// What workflows and their jobs give to the actions and workflows of the tree that they use.
    pub(super) calls: Vec<Call>,
    /// Compose files that others include as they are, each where its folder and path lead to.
    pub(super) included: Vec<Placed<String>>,
    /// Files that look like those of Compose and are not called so, with their texts: a pipeline may
    /// start one by its path.
    pub(super) composed: Vec<(Arc<str>, String)>,
    /// Compose services that an override starts for developing, by name, each where that shows.
    pub(super) developed: Vec<Placed<String>>,
    /// Tasks that pipelines may start by name.
    pub(super) tasks: Vec<Task>,
    /// Templates that are YAML as they stand, and were read.
    pub(super) plain_templates: Vec<Arc<str>>,
}

impl Fragments {
    /// Takes over all fragments of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        let Self {
            gitlab,
            actions,
            apis,
            paths,
            slis,
            awaited,
            builds,
            cloned,
            renamings,
            building,
            folders,
            calls,
            included,
            composed,
            developed,
            tasks,
            plain_templates,
        } = other;
        self.gitlab.extend(gitlab);
        self.actions.extend(actions);
        self.apis.extend(apis);
        self.paths.extend(paths);
        self.slis.extend(slis);
        self.awaited.extend(awaited);
        self.builds.extend(builds);
        self.cloned.extend(cloned);
        self.renamings.extend(renamings);
        self.building.extend(building);
        self.folders.extend(folders);
        self.calls.extend(calls);
        self.included.extend(included);
        self.composed.extend(composed);
        self.developed.extend(developed);
        self.tasks.extend(tasks);
        self.plain_templates.extend(plain_templates);
    }
}
