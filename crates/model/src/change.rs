//! What can change about a service and thereby take the ground from under its evidence.

use serde::{Deserialize, Serialize};

/// A change that invalidates evidence before its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A commit that touches the code which the evidence covers.
    Code,
    /// A new image digest.
    Image,
    /// A changed manifest, unit or Compose file.
    Manifest,
    /// A changed pipeline.
    Pipeline,
    /// A changed alert, route, objective or dashboard.
    Monitoring,
    /// A changed document.
    Document,
    /// A changed configuration or environment variable.
    Configuration,
    /// A schema migration.
    Migration,
    /// Another major version of a datastore.
    DatastoreVersion,
    /// A new or removed dependency.
    Dependency,
    /// A new region.
    Region,
    /// A new public endpoint.
    Endpoint,
    /// Another owner.
    Owner,
    /// A failed incident: one that the evidence should have prevented.
    Incident,
}

impl Change {
    /// The change in words, to stand after "invalidated by".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Code => "a commit that touches the code it covers",
            Self::Image => "a new image digest",
            Self::Manifest => "a changed manifest",
            Self::Pipeline => "a changed pipeline",
            Self::Monitoring => "a changed alert, route, objective or dashboard",
            Self::Document => "a changed document",
            Self::Configuration => "changed configuration",
            Self::Migration => "a schema migration",
            Self::DatastoreVersion => "another major version of a datastore",
            Self::Dependency => "a new or removed dependency",
            Self::Region => "a new region",
            Self::Endpoint => "a new public endpoint",
            Self::Owner => "another owner",
            Self::Incident => "a failed incident",
        }
    }
}
