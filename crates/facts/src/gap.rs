//! What was not read: the fact that keeps an unread file from counting as a clean one.

use model::Place;

/// What a fact is about. A requirement names the subjects that it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// gonogo.yaml.
    Declaration,
    /// Catalog entries of Backstage, Cortex, OpsLevel, Datadog and Compass.
    Catalog,
    /// CODEOWNERS.
    Owners,
    /// Kubernetes manifests, Compose files and systemd units.
    Workloads,
    /// Ingresses, routes and gateways: where traffic enters a cluster.
    Entrances,
    /// Dockerfiles.
    Images,
    /// GitHub Actions and GitLab CI.
    Pipelines,
    /// Prometheus rules.
    Alerts,
    /// Alertmanager configuration.
    Routes,
    /// OpenAPI descriptions.
    Apis,
    /// Lock files and package manifests.
    Packages,
    /// Markdown and plain text documents.
    Documents,
    /// Grafana dashboards.
    Dashboards,
    /// OpenSLO, Sloth and Pyrra files.
    Objectives,
}

impl Subject {
    /// The subject in words, plural, as in "3 of the MANIFESTS could not be read".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Declaration => "gonogo.yaml",
            Self::Catalog => "catalog files",
            Self::Owners => "CODEOWNERS files",
            Self::Workloads => "manifests",
            Self::Entrances => "ingresses and routes",
            Self::Images => "Dockerfiles",
            Self::Pipelines => "pipelines",
            Self::Alerts => "alert rules",
            Self::Routes => "Alertmanager configurations",
            Self::Apis => "API descriptions",
            Self::Packages => "lock files",
            Self::Documents => "documents",
            Self::Dashboards => "dashboards",
            Self::Objectives => "objectives",
        }
    }
}

/// Something that would have brought facts of `subject` and was not, or not wholly, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What the facts would have been about; `None`: could have been anything.
    pub subject: Option<Subject>,
    /// Where reading stopped.
    pub place: Place,
    /// Why, as a clause: "is an unrendered Helm template", "is not valid YAML: …".
    pub reason: String,
    /// The service that it belongs to, where its content or place says so (a chart's name).
    pub name: Option<String>,
}
