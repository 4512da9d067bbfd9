//! What may be, or belong to, a service: one shape for all that speaks of one.

use model::Placed;

use super::name::key;
use crate::{CatalogEntry, Declaration, Dockerfile, Reason, Workload};

/// Something in the tree that speaks of a service.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'f> {
    pub(super) fact: Fact<'f>,
    pub(super) source: Origin,
    /// The name, as written where it is written.
    pub(super) name: String,
    /// The name in the spelling that all share.
    pub(super) key: String,
    /// Other names that it may go by: labels, images.
    pub(super) aliases: Vec<String>,
    /// The image that it runs, where that is known and nobody else's.
    pub(super) image: Option<String>,
    /// The last folder of its registry that this image lies in, where it lies in one.
    pub(super) image_folder: Option<String>,
    /// The folder of its code, empty for the root; `None` where it tells of none.
    pub(super) home: Option<String>,
    pub(super) standing: Standing,
    /// Whether it ends by itself.
    pub(super) is_job: bool,
    /// Whether it is linked into others, or described for readers only.
    pub(super) is_library: bool,
    /// Whether it is an entry of a catalog whose word for it names nothing that runs, without code.
    pub(super) is_vague: bool,
    pub(super) reason: Reason,
}

/// The fact that a candidate was made from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact<'f> {
    Declaration(&'f Declaration),
    Entry(&'f CatalogEntry),
    Workload(&'f Workload),
    /// A chart, at its Chart.yaml.
    Chart(&'f Placed<String>),
    /// A chart that Flux releases.
    Release,
    Template,
    Dockerfile(&'f Dockerfile),
    Platform,
}

/// What speaks of a service, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    Declaration,
    Catalog,
    Kubernetes,
    Helm,
    Compose,
    Systemd,
    Dockerfile,
    Platform,
}

impl Origin {
    /// Whether a person wrote down that this is a service.
    pub(super) fn is_declared(self) -> bool {
        matches!(self, Self::Declaration | Self::Catalog)
    }
}

/// What a candidate is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It makes a service.
    Founds,
    /// It belongs to a service that others make; why it makes none.
    Follows(String),
    /// Software of others by where it is taken from: a declaration may claim it, nothing else.
    Foreign(String),
    /// Somebody else's software: it belongs only to a service of the very same name.
    Stranger(String),
}

impl<'f> Candidate<'f> {
    pub(super) fn new(fact: Fact<'f>, source: Origin, name: &Placed<String>, what: String) -> Self {
        Self {
            fact,
            source,
            name: name.value.clone(),
            key: key(&name.value),
            aliases: Vec::new(),
            image: None,
            image_folder: None,
            home: None,
            standing: Standing::Founds,
            is_job: false,
            is_library: false,
            is_vague: false,
            reason: Reason { what, place: name.place.clone() },
        }
    }

    pub(super) fn founds(&self) -> bool {
        self.standing == Standing::Founds
    }

    /// Whether it goes with the code that it stands beside: images of others that Compose runs do
    /// not.
    pub(super) fn goes_with_folder(&self) -> bool {
        self.founds() || (self.source == Origin::Kubernetes && !self.is_stranger())
    }

    pub(super) fn is_stranger(&self) -> bool {
        self.is_foreign() || matches!(self.standing, Standing::Stranger(_))
    }

    pub(super) fn is_foreign(&self) -> bool {
        matches!(self.standing, Standing::Foreign(_))
    }

    /// Why it makes no service.
    pub(super) fn doubt(&self) -> Option<Reason> {
        let doubt = match &self.standing {
            Standing::Founds => return None,
            Standing::Follows(doubt) | Standing::Foreign(doubt) | Standing::Stranger(doubt) => {
                doubt
            }
        };
        let what = format!("{} {doubt}", self.reason.what);
        Some(Reason { what, place: self.reason.place.clone() })
    }
}
