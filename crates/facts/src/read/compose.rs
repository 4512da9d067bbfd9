//! Compose files, those of Swarm stacks included.
//!
//! A service with a `build` of this tree is a [`WorkloadKind::ComposeService`], one with only an
//! `image` a [`WorkloadKind::ComposeImage`]. Each file is read by itself: `extends` is a gap, and
//! `include` of what is not read as it stands there; a service with neither `build` nor `image`, as
//! in override files, only patches one of another file and is a gap too. An override that repeats
//! the `image` or `build` is a second workload of the same name; one for developing tells how the file
//! below is started, where something else starts what users see. Of other files only a `.env` beside
//! it is taken into account, for images and the paths of builds.
//!
//! Compose knows one health check for each service. It stands in `readiness`, because what waits
//! for the service (`depends_on` with `service_healthy`) goes by it, and nothing restarts by it
//! but Swarm; `liveness` stays empty.
//!
//! [`WorkloadKind::ComposeService`]: crate::WorkloadKind::ComposeService
//! [`WorkloadKind::ComposeImage`]: crate::WorkloadKind::ComposeImage

mod aside;
mod build;
mod by_path;
mod develop;
mod environment;
mod health;
mod host;
mod ports;
mod resources;
mod service;

pub(super) use by_path::note;

use std::collections::{HashMap, HashSet};

use model::{Place, Placed};

use super::vendored::is_vendored;
use super::{dotenv, variable};
use crate::discover::name::folder_of;
use crate::discover::{is_started_by_script, only_prints};
use crate::read::{Source, file_name};
use crate::scope::says_production;
use crate::tree::Node;
use crate::{Container, Facts, Gap, Platform, Reason, Subject, Workload, WorkloadKind};

const TOP_LEVEL_KEYS: &[&str] =
    &["services", "include", "version", "volumes", "networks", "secrets", "configs"];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(is_stem) && !is_vendored(path)
}

/// Whether a file of this name becomes a Compose file when it is rendered.
pub(super) fn is_named_template(path: &str, name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(rendered, extension)| {
        matches!(extension, "j2" | "tmpl" | "tpl" | "erb" | "gotmpl") && is_named(path, rendered)
    })
}

/// Notes that the file is not read.
pub(super) fn read_template(source: Source<'_>, facts: &mut Facts) {
    let place = Place::file(source.path.clone());
    let told = gap(place, "is an unrendered template of a Compose file", None);
    // What begins with an indentation is put into another file, which is named where it counts.
    let mut lines = source.text.lines().filter(|line| !line.trim().is_empty());
    if lines.next().is_some_and(|line| line.starts_with([' ', '\t'])) {
        facts.unread.push(told);
    } else {
        facts.gaps.push(told);
    }
}

/// `docker-compose.prod`, `compose_dev`, `local.compose`, `docker-stack` and the like.
fn is_stem(stem: &str) -> bool {
    const SEPARATORS: [char; 3] = ['.', '-', '_'];
    let begins = ["docker-compose", "docker_compose", "compose", "docker-stack"].iter();
    let ends = ["compose", "docker-stack"].iter();
    begins
        .filter_map(|word| stem.strip_prefix(word))
        .any(|rest| rest.is_empty() || rest.starts_with(SEPARATORS))
        || ends.filter_map(|word| stem.strip_suffix(word)).any(|rest| rest.ends_with(SEPARATORS))
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    is_named(source.path, source.name) && read_services(source, document, facts)
}

fn read_services(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let project = document.string("name");
    let services = document.get("services");
    let dead = aside::dead_lines(source.text);
    for (name, key, node) in services.iter().flat_map(|services| services.entries()) {
        if !name.starts_with("x-") {
            let name = Placed::new(name.to_owned(), key.place.clone());
            if is_override(source) {
                let workload = service::workload(source, name.clone(), node, None);
                let place = workload.develops;
                let developed = place.map(|place| Placed::new(name.value.clone(), place));
                facts.fragments.developed.extend(developed);
            }
            read_service(source, name, node, project.as_ref(), &dead, facts);
        }
    }
    name_jobs(services, facts);
    develop::by_settings(services, facts);
    if let Some(key) = document.key("include") {
        match included(source, document) {
            Some(files) => facts.fragments.included.extend(files),
            None => facts.gaps.push(gap(key.place.clone(), INCLUDES, None)),
        }
    }
    let has_keys = TOP_LEVEL_KEYS.iter().any(|key| document.get(key).is_some());
    if !has_keys && is_first_format(document) {
        let reason = "is written in the first format of Compose files, which has no `services`";
        facts.gaps.push(gap(document.place.clone(), reason, None));
    }
    has_keys || is_first_format(document)
}

/// What another service of the file waits for until it has ended is a job that runs once.
fn name_jobs(services: Option<&Node>, facts: &mut Facts) {
    let nodes = services.into_iter().flat_map(Node::entries);
    let awaited = nodes.filter_map(|(.., service)| service.get("depends_on"));
    let ended: HashSet<String> = awaited
        .flat_map(|after| after.entries().map(|(name, _, how)| (name.to_owned(), how)))
        .filter(|(_, how)| {
            how.get("condition").and_then(Node::str) == Some("service_completed_successfully")
        })
        .map(|(name, _)| name)
        .collect();
    for workload in &mut facts.workloads {
        if ended.contains(&workload.name.value) {
            workload.kind = WorkloadKind::Job;
        }
    }
}

const INCLUDES: &str = "includes other Compose files";

/// The files that a document includes as they are; `None` where some is merged with another, is
/// given other settings, or does not stand in the tree by its path.
fn included(source: Source<'_>, document: &Node) -> Option<Vec<Placed<String>>> {
    let entries = document.get("include")?.items();
    let files = entries.iter().map(|entry| {
        let is_plain = entry.entries().all(|(name, ..)| name == "path");
        let path = entry
            .string("path")
            .or_else(|| entry.str().map(|path| Placed::new(path.to_owned(), entry.place.clone())));
        let path = path.filter(|path| is_plain && !path.contains(['$', ':']))?;
        let led = crate::path::join(source.folder(), &path)?;
        Some(Placed::new(led, path.place))
    });
    files.collect::<Option<Vec<_>>>().filter(|files| !files.is_empty())
}

fn read_service(
    source: Source<'_>,
    name: Placed<String>,
    node: &Node,
    project: Option<&Placed<String>>,
    dead: &HashSet<u32>,
    facts: &mut Facts,
) {
    if let Some(why) = aside::why(name.place.line, node, dead) {
        let what = format!("Compose service `{}` {why}", *name);
        facts.set_aside.push(Reason { what, place: name.place });
        return;
    }
    if let Some(key) = node.key("extends") {
        let reason = format!("service `{}` extends another one", *name);
        facts.gaps.push(gap(key.place.clone(), reason, Some(&name)));
    } else if changes_build(source, node) {
        let reason = format!("service `{}` changes how another file builds it", *name);
        facts.gaps.push(gap(name.place.clone(), reason, Some(&name)));
        return;
    } else if !has_own_image(node) {
        let reason = format!(
            "service `{}` has neither `image` nor `build`: it changes a service of another file",
            *name
        );
        facts.gaps.push(gap(name.place.clone(), reason, Some(&name)));
    }
    if matches!(build::build(node, source.folder()), Some(build::Build::Elsewhere)) {
        let reason = format!("service `{}` is built from what is not in this tree", *name);
        let place = name.place.clone();
        facts.gaps.push(Gap { subject: Some(Subject::Images), ..gap(place, reason, Some(&name)) });
    }
    if !has_own_image(node) {
        return;
    }
    let workload = service::workload(source, name, node, project);
    if starts_nothing(&workload) {
        let what = format!(
            "Compose service `{}` is there to be built: its command prints a line and ends",
            *workload.name
        );
        facts.set_aside.push(Reason { what, place: workload.name.place });
    } else {
        facts.workloads.push(workload);
    }
}

/// Whether a service names an image for Compose to build, which something else starts.
fn starts_nothing(workload: &Workload) -> bool {
    let prints = |container: &Container| {
        container.command.as_ref().is_some_and(|command| only_prints(command))
    };
    workload.kind == WorkloadKind::ComposeService && workload.containers.iter().all(prints)
}

/// Replaces what variables were left in images and paths by the values of the `.env` that stands
/// beside each file: Compose takes them when nothing else sets them.
pub(super) fn settle(facts: &mut Facts) {
    by_path::settle(facts);
    for file in std::mem::take(&mut facts.fragments.included) {
        let name = file.rsplit('/').next().unwrap_or_default();
        if !facts.has_path(&file) || !is_named(&file, name) {
            facts.gaps.push(gap(file.place, INCLUDES, None));
        }
    }
    let mut known = HashMap::new();
    for file in facts.environment_files.iter().filter(|file| file.place.file_name() == ".env") {
        known.insert(file.place.folder().to_owned(), dotenv::resolved(file));
    }
    let written = dotenv::written_by_pipelines(facts);
    let own = facts.workloads.iter_mut().filter(|own| own.platform == Platform::Compose);
    for container in own.flat_map(|workload| &mut workload.containers) {
        build::in_small_letters(container, &facts.paths);
        let values = known.get(container.name.place.folder());
        let value_of = |name: &str| values?.get(name).cloned();
        build::settle(container, &value_of);
        // Neither the file nor a default tells what is written where it is deployed.
        let tag_of = |name: &str| {
            if written.contains(name) { Some(format!("${{{name}}}")) } else { value_of(name) }
        };
        if let (Some(image), Some(_)) = (&mut container.image, values) {
            image.value = variable::expand(image, &tag_of).unwrap_or_else(|| image.to_string());
        }
    }
    for workload in facts.workloads.iter_mut().filter(|own| own.platform == Platform::Compose) {
        let mut mounted = workload.containers.iter();
        let mounted = mounted.find_map(|container| develop::mounted_code(container, &facts.paths));
        workload.develops = workload.develops.take().or(mounted);
    }
    lay_over(facts);
}

/// What Compose lays over a file by itself says how people start that: for developing, where a script
/// starts what users see and no file for production stands beside it.
fn lay_over(facts: &mut Facts) {
    let developed = std::mem::take(&mut facts.fragments.developed);
    if developed.is_empty() || !is_started_by_script(facts) {
        return;
    }
    let composes = facts.paths.iter().filter(|path| is_named(path, file_name(path)));
    let productive: HashSet<&str> =
        composes.filter(|path| says_production(path)).map(|path| folder_of(path)).collect();
    let mut places: HashMap<(String, String), Place> = HashMap::new();
    for Placed { value: name, place } in developed {
        if !productive.contains(place.folder()) {
            places.insert((place.path.replace(".override.", "."), name), place);
        }
    }
    for workload in facts.workloads.iter_mut().filter(|own| own.platform == Platform::Compose) {
        let name = (workload.name.place.path.to_string(), workload.name.value.clone());
        workload.develops = workload.develops.take().or_else(|| places.remove(&name));
    }
}

fn has_own_image(service: &Node) -> bool {
    ["image", "build"].iter().any(|key| service.get(key).is_some_and(|node| !node.is_null()))
}

/// Whether a file is called one that Compose lays over another.
fn is_override(source: Source<'_>) -> bool {
    source.name.split(['.', '-', '_']).any(|word| word == "override")
}

/// Whether an override only adds to a build: it names neither a folder nor a Dockerfile.
fn changes_build(source: Source<'_>, service: &Node) -> bool {
    let names = |build: &Node| {
        let keys = ["context", "dockerfile", "dockerfile_inline"];
        build.str().is_some() || keys.iter().any(|key| build.get(key).is_some())
    };
    is_override(source)
        && service.get("image").is_none()
        && service.get("build").is_some_and(|build| !build.is_null() && !names(build))
}

/// Before 2016 the services stood at the top level.
fn is_first_format(document: &Node) -> bool {
    document.entries().any(|(_, _, service)| has_own_image(service))
}

fn gap(place: Place, reason: impl Into<String>, service: Option<&Placed<String>>) -> Gap {
    let name = service.map(|name| name.value.clone());
    Gap { subject: Some(Subject::Workloads), place, reason: reason.into(), name }
}

#[cfg(test)]
mod laid_over;
#[cfg(test)]
mod tests;
