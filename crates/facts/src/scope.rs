//! The facts that concern one service.
//!
//! A fact belongs to the service that it is a reason of, or whose name it bears (labels, selectors,
//! the name of its file); else to the one whose folder it stands in, the deepest first; else to
//! all services in common. What examples, tests and vendored code hold belongs to nobody.

mod assign;
mod datastores;
mod developing;
mod environment;
mod files;
mod gaps;
mod languages;
mod names;
mod namespace;
mod owner;
mod owners;
mod routing;
mod runbooks;
mod search;
mod site;
mod sitemap;
mod twin;

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use model::{Place, Placed};

use crate::{
    Alert, CatalogEntry, Dashboard, Declaration, Dockerfile, Document, Facts, Gap, Objective,
    Pipeline, Role, Section, Service, Subject, Workload,
};
use crate::{Api, Lockfile, Package};

pub use assign::scopes;
pub(crate) use developing::kept;
pub(crate) use environment::{
    developed, is_never_fetched, is_rehearsal_of_nais, says_production, set_back,
};
pub use environment::{is_rehearsal, is_word_of_rehearsal, never_restarts};
pub use files::Files;
pub use languages::Languages;
pub use names::{Names, Page, SHORTEST_NAME, Told};
pub use routing::Routing;
pub use runbooks::Runbooks;
pub use sitemap::Sitemap;
pub(crate) use twin::rehearsed;

/// The facts that concern one service: its own, and those that belong to no service in particular.
///
/// Objects of the cluster are matched by labels and names where a requirement needs them, in `all`.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The service.
    pub service: &'a Service,
    /// Whether it is the only service of the tree, so that what names no service is its own.
    pub is_only_one: bool,
    /// All services of the tree, this one included.
    pub services: &'a [Service],
    /// What they are called, and which of them the tree's texts name.
    pub names: Arc<Names<'a>>,
    /// The files of the tree by their names.
    pub files: Arc<Files<'a>>,
    /// In which languages the documents of the tree are written.
    pub languages: Arc<Languages<'a>>,
    /// Which services of the cluster may route to which workloads.
    pub routing: Arc<Routing<'a>>,
    /// Which runbooks of the tree name which alerts.
    pub runbooks: Arc<Runbooks<'a>>,
    /// Where the documents of the tree stand.
    pub sitemap: Arc<Sitemap<'a>>,
    /// All facts of the tree.
    pub all: &'a Facts,
    /// The day of the judgement.
    pub today: Date,
    /// Its gonogo.yaml document.
    pub declaration: Option<&'a Declaration>,
    /// Its catalog entries.
    pub entries: Vec<&'a CatalogEntry>,
    /// Its workloads, what it depends on in the same Compose file left out.
    pub workloads: Vec<&'a Workload>,
    /// Datastores and brokers that run beside it (Compose images, stateful sets of known images).
    pub datastores: Vec<&'a Workload>,
    /// Its Dockerfiles.
    pub dockerfiles: Vec<&'a Dockerfile>,
    /// Dockerfiles beside those by which pipelines build and keep its image: nothing shows whether
    /// these ship.
    pub dockerfiles_aside: Vec<&'a Dockerfile>,
    /// Pipelines that build or ship it.
    pub pipelines: Vec<&'a Pipeline>,
    /// Its alerts.
    pub alerts: Vec<&'a Alert>,
    /// Those of its alerts that speak of it, told apart when they are first asked for.
    pub own_alerts: OnceLock<Vec<&'a Alert>>,
    /// Those of its documents that tell how it is built and run, told apart likewise.
    pub telling: OnceLock<Vec<&'a Document>>,
    /// Its API descriptions.
    pub apis: Vec<&'a Api>,
    /// Its lock files.
    pub lockfiles: Vec<&'a Lockfile>,
    /// Its package manifests.
    pub packages: Vec<&'a Package>,
    /// Documents of its folder and of the folders above it that belong to no other service.
    pub documents: Vec<&'a Document>,
    /// Its dashboards.
    pub dashboards: Vec<&'a Dashboard>,
    /// Its objectives, those of gonogo.yaml included.
    pub objectives: Vec<&'a Objective>,
    /// What was not read and could have been about it.
    pub gaps: Vec<&'a Gap>,
    /// What is in a language that is not read and could hold what is not found elsewhere.
    pub unread: Vec<&'a Gap>,
}

impl<'a> Scope<'a> {
    /// The place that speaks for the service as a whole.
    pub fn place(&self) -> Place {
        self.service.place()
    }

    /// Gaps that could have brought facts of `subject`.
    pub fn gaps_of(&self, subject: Subject) -> impl Iterator<Item = &'a Gap> + '_ {
        self.gaps
            .iter()
            .copied()
            .filter(move |gap| gap.subject.is_none_or(|missing| missing == subject))
    }

    /// Files in which facts of `subject` may stand though none was found: gaps, and languages that
    /// are not read.
    pub fn hiding_places_of(&self, subject: Subject) -> impl Iterator<Item = &'a Gap> + '_ {
        let unread = self.unread.iter().copied();
        let may_hold = move |gap: &&Gap| gap.subject.is_none_or(|missing| missing == subject);
        self.gaps_of(subject).chain(unread.filter(may_hold))
    }

    /// Documents of `role`.
    pub fn documents_of(&self, role: Role) -> impl Iterator<Item = &'a Document> + '_ {
        self.documents.iter().copied().filter(move |document| document.role == role)
    }

    /// The link of gonogo.yaml for `what`: `runbooks`, `dashboards`, `on-call` …
    pub fn link(&self, what: &str) -> Option<&'a Placed<String>> {
        self.declaration?.links.iter().find(|(key, _)| key == what).map(|(_, link)| link)
    }

    /// Sections of all its documents whose title satisfies `is_wanted`.
    pub fn sections(
        &self,
        is_wanted: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a Document, &'a Section)> + '_ {
        let wanted = move |section: &&'a Section| is_wanted(&section.title.to_lowercase());
        self.documents.iter().copied().flat_map(move |document| {
            document.sections.iter().filter(&wanted).map(|s| (document, s)).collect::<Vec<_>>()
        })
    }
}

#[cfg(test)]
mod tests;
