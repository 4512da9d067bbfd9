//! What a job ships, as far as the folders that it names tell.

use std::collections::BTreeSet;

use facts::command::{Command, commands};

use super::shipment::{Shipment, is_deploy, is_deploy_action};
use super::stage::has_word;
use crate::prelude::*;

/// Parts of the names of inputs that take a folder.
static FOLDER_INPUTS: &[&str] =
    &["context", "directory", "dir", "folder", "location", "path", "workingdirectory"];

/// Words of folders that bring out or try out what stands in other folders.
static BESIDE: &[&str] = &[
    "cdk",
    "cypress",
    "deploy",
    "deployment",
    "e2e",
    "iac",
    "infra",
    "infrastructure",
    "integration",
    "ops",
    "playwright",
    "pulumi",
    "scripts",
    "smoke",
    "terraform",
    "test",
    "tests",
    "tools",
];

/// Beginnings of packages by which code describes what is deployed, wherever that stands.
static DESCRIBERS: &[&str] =
    &["@aws-cdk", "@pulumi", "aws-cdk", "cdktf", "pulumi", "serverless", "sst"];

/// Whether all the code that a job builds and ships by its steps stands in folders beside that of
/// the service: what deploys one program of the tree says nothing about another.
pub(super) fn is_beside(shipment: &Shipment<'_>, scope: &Scope<'_>) -> bool {
    if brings_others(shipment, scope) || only_runs_once(shipment, scope) {
        return true;
    }
    let own = scope.service.folder.as_str();
    if own.is_empty() {
        return false;
    }
    let step = shipment.step.and_then(|at| shipment.job.steps.get(at));
    if let Some(folder) = step.and_then(Step::folder_of_matrix) {
        return !path::is_below(own, folder);
    }
    if let Some(folder) = platform_folder(shipment, scope) {
        return !folder.is_empty() && !path::is_below(own, &folder);
    }
    let end = shipment.step.map_or(usize::MAX, |step| step.saturating_add(1));
    let steps = shipment.job.steps.iter().take(end);
    if steps.clone().any(|step| builds_below(step, own)) {
        return false;
    }
    let folders = steps.flat_map(|step| folders(step).into_iter().chain(sent(step)));
    let folders: Vec<&str> = folders.filter(|f| is_program(f, scope)).collect();
    let is_apart = |folder: &&str| !path::is_below(own, folder) && !path::is_below(folder, own);
    !folders.is_empty() && folders.iter().all(is_apart)
}

/// Programs that bring the charts or manifests to a cluster which they are told by path.
static BY_PATH: &[&str] = &["helm", "kubectl", "kustomize", "oc"];

/// Whether a job brings charts or manifests, by their paths, and none of those by which this service
/// is deployed.
fn brings_others(shipment: &Shipment<'_>, scope: &Scope<'_>) -> bool {
    if scope.is_only_one {
        return false;
    }
    let lines = shipment.job.steps.iter().flat_map(|step| &step.lines);
    let by_path = lines.flat_map(|line| commands(line)).filter(|c| BY_PATH.contains(&c.program()));
    let words: BTreeSet<String> = by_path.flat_map(|command| command.words).collect();
    let paths = words.iter().map(|word| word.trim_start_matches("./").trim_end_matches('/'));
    let paths: Vec<&str> = paths.filter(|path| !path.is_empty()).collect();
    let is_brought = |place: &Place| paths.iter().any(|path| path::is_below(&place.path, path));
    if !manifests(scope.all).any(is_brought) {
        return false;
    }
    let reasons: BTreeSet<&Place> = scope.service.reasons.iter().map(|r| &r.place).collect();
    let mut own = manifests(scope.all).filter(|place| reasons.contains(place)).peekable();
    own.peek().is_some() && !own.any(is_brought)
}

/// Whether all that a job brings to a cluster ends by itself and is not the service, such as a pod that
/// copies secrets, or is a secret: what runs there for users stays as it was.
fn only_runs_once(shipment: &Shipment<'_>, scope: &Scope<'_>) -> bool {
    if shipment.step.is_none() {
        return false;
    }
    let is_frontend = scope.service.kind == Kind::Frontend;
    let steps = || shipment.job.steps.iter();
    let deploys = |step: &Step| {
        step.uses.as_ref().is_some_and(|uses| is_deploy_action(uses, step, is_frontend))
    };
    let lines = steps().flat_map(|step| &step.lines).map(|line| commands(line));
    let mut lines =
        lines.filter(|line| line.iter().any(|command| is_deploy(command, scope))).peekable();
    lines.peek().is_some()
        && !steps().any(deploys)
        && lines.all(|line| brings_what_ends(&line, scope))
}

/// Whether a line makes a secret, or brings by their paths only manifests of what ends.
fn brings_what_ends(line: &[Command], scope: &Scope<'_>) -> bool {
    if line.iter().any(|command| command.is("kubectl create secret")) {
        return true;
    }
    let words = line.iter().flat_map(|command| &command.words);
    let paths = words.map(|word| word.trim_start_matches('<').trim_start_matches("./"));
    let files = paths.filter(|path| scope.all.has_path(path));
    let mut known = files.filter_map(|path| ends(path, scope)).peekable();
    known.peek().is_some() && known.all(|ends| ends)
}

/// Whether all that the manifests of a file start ends by itself and is no part of the service; `None` where
/// it is no file that starts anything.
fn ends(path: &str, scope: &Scope<'_>) -> Option<bool> {
    if scope.all.templates.iter().any(|template| &*template.place.path == path) {
        return Some(false);
    }
    let is_once = |policy: &Placed<String>| matches!(policy.as_str(), "Never" | "OnFailure");
    let ends = |workload: &Workload| match workload.kind {
        WorkloadKind::Job => true,
        WorkloadKind::Pod => workload.restart.as_ref().is_some_and(is_once),
        _ => false,
    };
    let mut there = scope.all.workloads.iter().filter(|w| &*w.name.place.path == path).peekable();
    there.peek()?;
    let is_own = scope.service.reasons.iter().any(|reason| &*reason.place.path == path);
    Some(!is_own && there.all(ends))
}

/// Where charts and manifests of clusters stand.
fn manifests(facts: &Facts) -> impl Iterator<Item = &Place> {
    let charts = facts.charts.iter().chain(&facts.templates).map(|name| &name.place);
    let workloads = facts.workloads.iter().filter(|w| w.platform == Platform::Kubernetes);
    charts.chain(workloads.map(|w| &w.name.place))
}

/// Commands that deploy what their platform's file says, which stands where they run.
static BY_FILE: &[&str] = &["fly deploy", "flyctl deploy", "wrangler deploy", "wrangler publish"];

/// The folder of the file by which a platform is told what to run; `None` where the job is deployed
/// by no such file, or does not say where that stands. A folder that the tree does not have is what an
/// earlier job left for this one, laid out as the tree is.
fn platform_folder(shipment: &Shipment<'_>, scope: &Scope<'_>) -> Option<String> {
    let step = shipment.job.steps.get(shipment.step?)?;
    let commands = step.lines.iter().flat_map(|line| commands(line));
    let deploy = commands.into_iter().find(|c| BY_FILE.iter().any(|pattern| c.is(pattern)))?;
    let file = deploy.values(&["--config", "-c"]).next();
    let file = file.map(|file| file.rsplit_once('/').map_or("", |(folder, _)| folder));
    let around = step.working_folder.as_ref().map_or("", |folder| folder.value.as_str());
    let parts = [around, file.unwrap_or_default()].map(|part| part.trim_matches(['.', '/']));
    let is_plain = parts.iter().all(|part| !part.contains(['$', '{']) && !part.contains(".."));
    let [around, file] = parts;
    let is_of_tree = scope.all.has_folder(around);
    let parts = [if is_of_tree { around } else { "" }, file];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    is_plain.then(|| parts.join("/"))
}

/// Whether a step is told to build an image by a recipe in or below `folder`, whatever it takes for that.
fn builds_below(step: &Step, folder: &str) -> bool {
    let recipes = step.with.iter().filter(|(name, _)| matches!(&**name, "dockerfile" | "file"));
    let mut recipes = recipes.map(|(_, path)| path.trim().trim_start_matches("./"));
    recipes.any(|recipe| path::is_below(recipe, folder))
}

/// Whether a step works in `folder`, one of the tree's, or below it.
pub(super) fn works_in(step: &Step, folder: &str) -> bool {
    let around = step.working_folder.iter().map(|around| around.trim().trim_start_matches("./"));
    let mut all = around.chain(folders(step));
    !folder.is_empty() && all.any(|inner| path::is_below(inner.trim_end_matches('/'), folder))
}

/// Folders that a step is told by its inputs, or goes into.
fn folders(step: &Step) -> Vec<&str> {
    let inputs = step.with.iter().filter(|(name, _)| has_word(name, FOLDER_INPUTS));
    let inputs = inputs.map(|(_, value)| value.value.as_str());
    let lines = step.lines.iter().filter_map(|line| line.trim().strip_prefix("cd "));
    let lines = lines.filter_map(|rest| rest.split([' ', ';', '&']).next());
    let plain = |folder: &'_ str| -> bool { !folder.is_empty() && !folder.contains('$') };
    inputs
        .chain(lines)
        .map(|folder| folder.trim().trim_matches(['"', '\'']))
        .map(|folder| folder.trim_start_matches("./").trim_end_matches('/'))
        .filter(|folder| plain(folder))
        .collect()
}

/// Folders that a site's host is sent, and those around them, in which they are built:
/// `netlify deploy --dir=web/build`.
fn sent(step: &Step) -> Vec<&str> {
    let lines = step.lines.iter().filter(|line| line.contains("netlify deploy"));
    let words = || lines.clone().flat_map(|line| line.split_whitespace());
    let given = words().zip(words().skip(1)).filter(|(option, _)| *option == "--dir");
    let given = given.map(|(_, folder)| folder);
    let joined = words().filter_map(|word| word.strip_prefix("--dir="));
    let folders = given.chain(joined).filter(|folder| !folder.contains('$'));
    folders
        .map(|folder| folder.trim_start_matches("./").trim_end_matches('/'))
        .flat_map(|folder| [Some(folder), folder.rsplit_once('/').map(|(around, _)| around)])
        .flatten()
        .collect()
}

/// Whether a folder holds a program of its own.
fn is_program(folder: &str, scope: &Scope<'_>) -> bool {
    let mut packages = scope.all.packages.iter().filter(|p| p.place.folder() == folder).peekable();
    let describes = |package: &Package| {
        let names = || package.dependencies.iter();
        names().any(|name| DESCRIBERS.iter().any(|start| name.starts_with(start)))
    };
    packages.peek().is_some() && !has_word(folder, BESIDE) && !packages.any(describes)
}
