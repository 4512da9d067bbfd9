//! What was found to be a service, and why.

use model::{Kind, Place, Placed, Tier};

/// A service of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its folder, empty for the root of the tree.
    pub folder: String,
    /// Its kind: declared, else judged by what was found.
    pub kind: Kind,
    /// Whether the kind is only judged by what was found.
    pub is_kind_assumed: bool,
    /// Its tier, where something declares it.
    pub tier: Option<Placed<Tier>>,
    /// Names that it goes by in manifests, labels, images and folders, in the spelling of keys:
    /// lower case, `-` between words.
    pub aliases: Vec<String>,
    /// What made it a service, the strongest first, and every workload and Dockerfile of it.
    pub reasons: Vec<Reason>,
    /// What says that it has been taken down, where its catalog entry does.
    pub retired: Option<Reason>,
    /// Why it may be none: but one sign speaks of it, in a tree of services that more speaks of.
    pub doubt: Option<Reason>,
}

/// Something that made a service of what stands in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A clause: "Deployment `api`", "Backstage component `api`".
    pub what: String,
    /// Where it stands.
    pub place: Place,
}

impl Service {
    /// Whether it is judged without being asked for by name.
    pub fn is_judged(&self) -> bool {
        self.retired.is_none() && self.doubt.is_none()
    }

    /// The place that speaks for the service as a whole: that of the strongest reason.
    pub fn place(&self) -> Place {
        self.reasons.first().map_or_else(|| Place::file(self.folder.as_str()), |r| r.place.clone())
    }
}
