//! Whether a tree only deploys a service: what it is built from stands elsewhere, and with it what is
//! written beside code.

use facts::{Document, Package, Platform, Scope, Section, path};
use model::{Place, Sighting};

use crate::Outcome;
use crate::about::names;
use crate::page::SCRIPTS;
use crate::prose;

/// Whether a tree holds manifests or a chart of the service, and nothing that it is built from.
pub(crate) fn has_code_elsewhere(scope: &Scope<'_>) -> bool {
    scope.all.dockerfiles.is_empty()
        && !scope.packages.iter().any(|package| is_around(package, scope))
        && is_deployed(scope)
}

/// Whether a package may be that of the service by its folder. The pages of a tree, and the scripts
/// that tend it, may have packages of their own.
fn is_around(package: &Package, scope: &Scope<'_>) -> bool {
    let folder = package.place.folder();
    let is_script = folder.split('/').any(|part| SCRIPTS.contains(&part));
    folder.is_empty() || (path::is_below(folder, &scope.service.folder) && !is_script)
}

/// Whether a tree of several services holds a folder of this one with its settings and entries alone:
/// no recipe, no package that may be its own, no line of code. What else the tree holds is that of whoever
/// brings all of them to users.
pub(crate) fn is_only_set_up(scope: &Scope<'_>) -> bool {
    let own = scope.service.folder.as_str();
    let last = own.rsplit('/').next().unwrap_or_default();
    let bears_name = |text: &str| text == last || text == scope.service.name;
    let is_called_so = |package: &Package| {
        let folder = package.place.folder();
        let name = package.name.as_ref().map_or("", |name| name.as_str());
        let parts = [folder, name].map(|text| text.rsplit('/').next().unwrap_or_default());
        parts.into_iter().any(bears_name)
    };
    let is_its = |package: &&Package| is_around(package, scope) || is_called_so(package);
    !own.is_empty()
        && !scope.is_only_one
        && scope.dockerfiles.is_empty()
        && scope.workloads.iter().all(|workload| workload.platform == Platform::Kubernetes)
        && !scope.packages.iter().any(is_its)
        && scope.all.below(own).all(is_setting)
}

/// Whether what READMEs say of working with the code is said of such a tree: they stand outside of the folder
/// of the service, and name neither it nor that in a heading or in what is to be called.
pub(crate) fn is_of_tree(said: &Outcome, readmes: &[&Document], scope: &Scope<'_>) -> bool {
    let Outcome::Met(seen) = said else { return false };
    let own = scope.service.folder.as_str();
    let folder = own.rsplit('/').next().map(prose::plain);
    let names = names(scope.service);
    let names: Vec<&str> = names.iter().chain(&folder).map(String::as_str).collect();
    let is_named = |text: &str| prose::mentions(text, &names);
    let is_on_it = |section: &Section| {
        is_named(&section.title) || section.code.iter().any(|(_, code)| is_named(code))
    };
    let is_its = |seen: &Sighting| {
        let mut saying = readmes.iter().filter(|readme| readme.place.path == seen.place.path);
        path::is_below(&seen.place.path, own)
            || saying.any(|readme| readme.sections.iter().any(is_on_it))
    };
    is_only_set_up(scope) && !seen.iter().any(is_its)
}

/// Whether a file holds settings, pages or pictures.
fn is_setting(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "conf",
        "env",
        "gitignore",
        "gitkeep",
        "helmignore",
        "json",
        "md",
        "png",
        "properties",
        "svg",
        "tpl",
        "txt",
        "yaml",
        "yml",
    ];
    const NAMES: &[&str] = &["CODEOWNERS", "LICENSE", "OWNERS", "README"];
    let name = path.rsplit('/').next().unwrap_or(path);
    NAMES.contains(&name) || name.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end))
}

/// Whether all that speaks of it is for a cluster.
fn is_deployed(scope: &Scope<'_>) -> bool {
    if !scope.workloads.is_empty() {
        return scope.workloads.iter().all(|workload| workload.platform == Platform::Kubernetes);
    }
    let reasons = &scope.service.reasons;
    let is_chart = |place: &Place| scope.all.charts.iter().any(|chart| chart.place == *place);
    !reasons.is_empty() && reasons.iter().all(|reason| is_chart(&reason.place))
}
