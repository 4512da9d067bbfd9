//! Whom facts of each sort belong to.

use std::collections::HashSet;
use std::sync::LazyLock;

use model::Placed;
use regex::Regex;

use super::environment::is_rehearsal;
use super::owner::{Owner, Owners};
use crate::discover::coded;
use crate::discover::name::{ancestors, folder_of, key, last_part};
use crate::path::is_below;
use crate::{
    Alert, Api, Dashboard, Document, Facts, Objective, Pipeline, Role, Section, Service, Step,
};

/// Labels of alerts and series that name a service.
const LABELS: &[&str] =
    &["service", "app", "application", "job", "service_name", "component", "slo"];

static SELECTOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = "service|service_name|app|application|job|deployment|container|workload";
    Regex::new(&format!(r#"\b(?:{label})\s*=~?\s*"([^"]*)""#)).ok()
});

/// Folders that hold what is written about the folder around them.
const WRITTEN: &[&str] = &[
    ".github",
    ".gitlab",
    "adr",
    "adrs",
    "doc",
    "docs",
    "documentation",
    "handbook",
    "incidents",
    "oncall",
    "on-call",
    "playbooks",
    "postmortems",
    "runbook",
    "runbooks",
    "wiki",
];

/// Folders that tell rules, or environments, apart from what stands around them.
pub(super) const WATCHING: &[&str] = &[
    "alert",
    "alerting",
    "alertmanager",
    "alerts",
    "base",
    "charts",
    "common",
    "config",
    "deploy",
    "deployment",
    "development",
    "dev",
    "docker",
    "files",
    "grafana",
    "helm",
    "infra",
    "infrastructure",
    "k8s",
    "kubernetes",
    "kustomize",
    "manifests",
    "metrics",
    "mixin",
    "monitoring",
    "observability",
    "operations",
    "ops",
    "overlays",
    "prod",
    "production",
    "prometheus",
    "prometheus-rules",
    "prometheusrules",
    "recording-rules",
    "resources",
    "rules",
    "slo",
    "slos",
    "staging",
    "telemetry",
    "templates",
];

/// The folder that a document is about: that around the innermost folder of documents, else its own.
fn documented_folder(path: &str) -> &str {
    let own = folder_of(path);
    let is_written = |folder: &&str| WRITTEN.contains(&last_part(folder).to_lowercase().as_str());
    let mut about = ancestors(own).find(is_written).map_or(own, folder_of);
    while is_written(&about) {
        about = folder_of(about);
    }
    about
}

/// Heading and lines of a section, blocks of code left out: commands take some service for an example,
/// and are in no language.
pub(super) fn spoken(section: &Section) -> impl Iterator<Item = &str> {
    let code = section.code.iter().flat_map(|(_, code)| code.value.lines()).map(str::trim);
    let code: HashSet<&str> = code.collect();
    let lines = section.text.lines().filter(move |line| !code.contains(line.trim()));
    std::iter::once(section.title.value.as_str()).chain(lines)
}

impl Owners<'_> {
    pub(super) fn of_file_or_path(&self, path: &str) -> Owner {
        let owner = self.of_path(path).or_else(|| self.of_file(path));
        owner.map_or(Owner::All, |service| Owner::These(vec![service]))
    }

    /// Whom what stands at `path` belongs to, judged by its folder alone.
    pub(super) fn of_folder(&self, path: &str) -> Owner {
        self.of_path(path).map_or(Owner::All, |service| Owner::These(vec![service]))
    }

    /// A document speaks for the folder that it stands in: for the service there, else for those
    /// below it. What stands in a folder of none of them, such as a library's README, speaks for
    /// none; in the root or in its folder of documents, for all.
    pub(super) fn of_document(&self, path: &str) -> Owner {
        if let Some(service) = self.of_path(path) {
            return Owner::These(vec![service]);
        }
        let home = documented_folder(path);
        if self.is_only_one() || home.is_empty() {
            return Owner::All;
        }
        Owner::These(self.below(home))
    }

    /// A runbook for all that names some of the services speaks for those alone.
    pub(super) fn of_page(&self, document: &Document) -> Owner {
        let owner = self.of_document(&document.place.path);
        let is_for_some = matches!(document.role, Role::Runbook | Role::Troubleshooting);
        if owner != Owner::All || !is_for_some || self.is_only_one() {
            return owner;
        }
        let texts = document.sections.iter().flat_map(spoken);
        let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        // One word alone is a word of English more often than the name of a service.
        let names = texts.flat_map(|text| text.split(move |c: char| !is_of_name(c)));
        let names = names.filter(|name| name.contains(['-', '_']));
        Owner::these(names.filter_map(|name| self.of_name(name)).collect())
    }

    /// An alert belongs to the services that its labels name, else to those that its expression
    /// selects, else to where it stands.
    pub(super) fn of_alert(&self, alert: &Alert) -> Owner {
        let labels = LABELS.iter().filter_map(|name| {
            alert.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value)
        });
        let labelled: Vec<usize> = labels.filter_map(|value| self.of_name(value)).collect();
        let selected = || self.selected(&alert.expression);
        match Some(labelled).filter(|l| !l.is_empty()).unwrap_or_else(selected) {
            services if services.is_empty() => self.of_rules(&alert.place.path),
            services => Owner::these(services),
        }
    }

    /// Rules in the folder of something else, such as an operator that is installed beside the
    /// services, watch that; in a folder that only tells rules or environments apart, all.
    fn of_rules(&self, path: &str) -> Owner {
        let own = folder_of(path);
        let is_about = |folder: &&str| !WATCHING.contains(&key(last_part(folder)).as_str());
        match (self.of_file_or_path(path), ancestors(own).find(is_about)) {
            (Owner::All, Some(folder)) if !self.is_only_one() && own == folder => {
                Owner::These(self.below(folder))
            }
            (owner, _) => owner,
        }
    }

    fn selected(&self, expression: &str) -> Vec<usize> {
        let Some(selector) = SELECTOR.as_ref() else { return Vec::new() };
        let values = selector.captures_iter(expression).filter_map(|found| found.get(1));
        let names = values.flat_map(|value| value.as_str().split(['|', '(', ')']));
        names.filter_map(|name| self.of_selected(name)).collect()
    }

    /// `checkout`, `checkout.*`, `shop/checkout`.
    fn of_selected(&self, name: &str) -> Option<usize> {
        let name = name.trim_matches(['^', '$', '.', '*', '+', '-', '?', '\\']);
        let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
        self.of_name(last)
    }

    /// An objective belongs to the service that it names; where that is none of the tree's and
    /// nothing else tells, to nobody: it would speak for services that it is not about.
    pub(super) fn of_objective(&self, objective: &Objective) -> Owner {
        let named = objective.service.as_ref();
        if let Some(service) = named.and_then(|name| self.of_name(name)) {
            return Owner::These(vec![service]);
        }
        match self.of_file_or_path(&objective.place.path) {
            Owner::All if named.is_some() && !self.is_only_one() => Owner::These(Vec::new()),
            owner => owner,
        }
    }

    /// A dashboard belongs to where it stands, else to the service of its title.
    pub(super) fn of_dashboard(&self, dashboard: &Dashboard) -> Owner {
        let title = || self.of_words(dashboard.title.as_ref()?);
        match self.of_file_or_path(&dashboard.place.path) {
            Owner::All => title().map_or(Owner::All, |service| Owner::These(vec![service])),
            owner @ Owner::These(_) => owner,
        }
    }

    /// An API description belongs to where it stands, else to the service of its title.
    pub(super) fn of_api(&self, api: &Api) -> Owner {
        let title = || self.of_words(api.title.as_ref()?);
        match self.of_file_or_path(&api.place.path) {
            Owner::All => title().map_or(Owner::All, |service| Owner::These(vec![service])),
            owner @ Owner::These(_) => owner,
        }
    }

    /// A pipeline belongs to the service of its file's name, else to all but those whose code no change
    /// that starts it touches.
    pub(super) fn of_pipeline(
        &self,
        pipeline: &Pipeline,
        packages: &Packages<'_>,
        services: &[Service],
    ) -> Owner {
        let path = &pipeline.place.path;
        if let Some(service) = self.of_file(path).or_else(|| self.of_path(path)) {
            return Owner::These(vec![service]);
        }
        let touched = touched(pipeline);
        let is_of_some = || touched.iter().all(|folder| packages.is_inside_one(folder));
        if touched.is_empty() || !(is_of_some() || works_by_matrix(pipeline, &touched)) {
            return Owner::All;
        }
        let is_apart = |service: &Service| {
            let own = &*service.folder;
            !own.is_empty()
                && packages.coded.contains(own)
                && touched.iter().all(|folder| !is_below(folder, own) && !is_below(own, folder))
        };
        let near = services.iter().enumerate().filter(|(_, service)| !is_apart(service));
        let near: Vec<usize> = near.map(|(index, _)| index).collect();
        let is_judged = |index: &usize| services.get(*index).is_some_and(Service::is_judged);
        // Code that is nobody's and is not deployed by itself is what all may be built with.
        if !near.iter().any(is_judged) && !speaks_of_deploying(pipeline) {
            return Owner::All;
        }
        Owner::These(near)
    }

    /// The service that an unrendered template starts: the one that it names, else the one that its
    /// file is named after; the only one of the tree where its name is filled in too. What a chart
    /// brings is told by the chart.
    pub(super) fn of_template(&self, template: &Placed<String>) -> Option<usize> {
        let named = || self.of_name(template).filter(|_| !template.is_empty());
        let path = &template.place.path;
        let is_of_chart = || folder_of(path).split('/').any(|folder| folder == "templates");
        let is_of_only_one =
            || self.is_only_one() && template.is_empty() && !is_rehearsal(path) && !is_of_chart();
        self.of_reason(&template.place)
            .or_else(named)
            .or_else(|| self.of_path(path))
            .or_else(|| self.of_file(path))
            .or_else(|| is_of_only_one().then_some(0))
    }
}

/// Folders of packages.
pub(super) struct Packages<'f> {
    /// Those with a package of their own, the root left out.
    own: HashSet<&'f str>,
    /// Those in or below which something is built.
    coded: HashSet<&'f str>,
}

impl<'f> Packages<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let folders = facts.packages.iter().map(|package| package.place.folder());
        Self { own: folders.filter(|folder| !folder.is_empty()).collect(), coded: coded(facts) }
    }

    fn is_inside_one(&self, folder: &str) -> bool {
        ancestors(folder).any(|above| self.own.contains(above))
    }
}

/// The folders to which the changes that start a pipeline are limited, those of its host left out:
/// `web` of `paths: ["web/**", ".github/workflows/web.yml"]`. A pattern of a file in the root is of the
/// root, the empty folder.
fn touched(pipeline: &Pipeline) -> Vec<&str> {
    let patterns = pipeline.paths.iter().map(|pattern| pattern.trim_start_matches("./"));
    let patterns = patterns.filter(|pattern| !pattern.starts_with(['!', '.']));
    let fixed = patterns.map(|pattern| pattern.split(['*', '?', '[']).next().unwrap_or_default());
    fixed.map(folder_of).collect()
}

/// Whether a pipeline works in what stands below one of the folders whose changes start it, one after the
/// other: whatever else starts it, that is what it is for.
fn works_by_matrix(pipeline: &Pipeline, touched: &[&str]) -> bool {
    let mut folders = pipeline.steps().filter_map(Step::folder_of_matrix).peekable();
    folders.peek().is_some() && folders.all(|folder| touched.contains(&folder))
}

/// Whether a step of a pipeline deploys by its action or a command, as far as their words tell.
fn speaks_of_deploying(pipeline: &Pipeline) -> bool {
    let says = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w.eq_ignore_ascii_case("deploy"))
    };
    pipeline.steps().any(|step| step.uses.iter().chain(&step.lines).any(|text| says(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_about_the_folder_around_the_innermost_folder_of_documents() {
        let about = documented_folder;
        assert_eq!(about("README.md"), "");
        assert_eq!(about("docs/guides/deploy.md"), "");
        assert_eq!(about(".github/docs/deploy.md"), "");
        assert_eq!(about("libraries/pages/README.md"), "libraries/pages");
        assert_eq!(about("apps/docs/runbooks/deploy.md"), "apps");
        assert_eq!(about("docs/content/kafka/docs/runbook.md"), "docs/content/kafka");
    }

    fn service(name: &str) -> Service {
        Service {
            name: name.to_owned(),
            folder: format!("apps/{name}"),
            kind: model::Kind::Web,
            is_kind_assumed: true,
            tier: None,
            aliases: Vec::new(),
            reasons: Vec::new(),
            retired: None,
            doubt: None,
        }
    }

    #[test]
    fn rules_beside_something_else_watch_that_and_no_service() {
        let services = [service("till"), service("stock")];
        let owners = Owners::new(&services);
        let these = |services: &[usize]| Owner::These(services.to_vec());
        assert_eq!(owners.of_rules("monitoring/alerts.yaml"), Owner::All);
        assert_eq!(owners.of_rules("apps/alerts.yaml"), these(&[0, 1]));
        assert_eq!(owners.of_rules("apps/stock/alerts.yaml"), these(&[1]));
        assert_eq!(owners.of_rules("addons/vault/alerts.yaml"), these(&[]));
    }

    #[test]
    fn the_folder_that_the_host_looks_in_is_named_after_no_service() {
        let services = [service("workflows"), service("stock")];
        let owners = Owners::new(&services);
        assert_eq!(owners.of_path(".github/workflows/ci.yml"), None);
        assert_eq!(owners.of_path(".github/actions/stock/action.yml"), Some(1));
        assert_eq!(owners.of_path("charts/workflows/values.yaml"), Some(0));
    }
}
