//! Scans of the pipeline: whether one is there, runs by itself and can fail.

use std::collections::BTreeSet;

use facts::command::commands;

use crate::gate::{self, Gate, GateKind, Opaque};
use crate::pipelines_elsewhere;
use crate::prelude::*;

/// What is asked of the pipelines.
#[derive(Debug)]
pub(super) struct Asked {
    /// What has to be scanned.
    pub(super) kind: GateKind,
    /// What a scan of it does, in words.
    pub(super) deed: &'static str,
    /// What to add where nothing does.
    pub(super) help: &'static str,
    /// Why a scan does not look at the service; `None`: it does.
    pub(super) passes_by: fn(&Gate<'_>, &Scope<'_>) -> Option<String>,
    /// What a linter of the pipelines is told to look for as well, in a file of its own.
    pub(super) switched_on: fn(&Gate<'_>, &Scope<'_>) -> Option<Sighting>,
    /// Files of the root by which a service scans the repository outside of the pipelines.
    pub(super) elsewhere: &'static [&'static str],
    /// Files by which scanners are set up that a program or a task of the tree starts.
    pub(super) configured: &'static [&'static str],
}

/// Whether some step of the pipelines scans, runs by itself, and fails on what it finds.
pub(super) fn scanned(asked: &Asked, scope: &Scope<'_>) -> Outcome {
    let pipelines: Vec<&Pipeline> = scope
        .pipelines
        .iter()
        .copied()
        .filter(|pipeline| !gate::is_called_only(pipeline))
        .collect();
    let gates: Vec<Gate<'_>> =
        pipelines.iter().flat_map(|pipeline| gate::gates(pipeline)).collect();
    let of_kind = || gates.iter().filter(|gate| gate.kind == asked.kind);
    let by = |gate: &&Gate<'_>| {
        (asked.passes_by)(gate, scope).or_else(|| in_another_folder(gate, scope))
    };
    let scans: Vec<&Gate<'_>> = of_kind().filter(|gate| by(gate).is_none()).collect();
    let good = scans.iter().filter(|scan| scan.flaw.is_none());
    let mut switched_on = gates.iter().filter(|gate| gate.flaw.is_none());
    let switched_on = switched_on.find_map(|gate| (asked.switched_on)(gate, scope));
    let seen: Vec<Sighting> = good
        .map(|scan| Sighting::at(scan.place, format!("`{}` {}", scan.what, asked.deed)))
        .chain(switched_on)
        .collect();
    if !seen.is_empty() {
        return Outcome::Met(seen);
    }
    let read = scans.iter().find_map(|scan| Some((scan, scan.flaw.as_ref()?.read_by?)));
    if let Some((scan, reader)) = read {
        return Outcome::Unknown(format!(
            "`{}` may fail, and a later step reads how it ended ({} line {}): whether somebody acts \
             on that is not written",
            scan.what, reader.path, reader.line
        ));
    }
    let flaws = scans.iter().filter_map(|scan| {
        let flaw = scan.flaw.as_ref()?;
        let message = format!("`{}` {}", scan.what, flaw.clause);
        Some(Finding::at(flaw.place, message).help(flaw.help))
    });
    let mut flaws: Vec<Finding> = flaws.collect();
    if let Some(reason) = of_kind().find_map(|gate| by(&gate)).filter(|_| flaws.is_empty()) {
        return Outcome::Unknown(reason);
    }
    flaws.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
    flaws.dedup();
    Outcome::unmet_or(flaws, || nothing(asked, &pipelines, &gates, scope))
}

/// Why a scan that runs in one folder, or looks into one image, sees nothing of the service.
fn in_another_folder(gate: &Gate<'_>, scope: &Scope<'_>) -> Option<String> {
    let steps = &gate.job?.steps;
    let is_at = |step: &Step| {
        let mut own = step.uses.iter().chain(&step.lines).map(|text| &text.place);
        own.any(|place| place == gate.place)
    };
    let at = steps.iter().position(is_at)?;
    let of_command = || folders_of_command(steps.get(at)?, gate, scope);
    if let Some(reason) = of_command() {
        return Some(reason);
    }
    let folder = scanned_folder(steps.get(at)?)
        .or_else(|| built_folder(steps.get(at)?, steps.get(..at).unwrap_or_default()))?;
    let (what, path) = (&gate.what, &gate.place.path);
    if !scope.all.has_folder(folder) {
        return Some(format!("`{what}` of `{path}` scans `{folder}`, which is not in the tree"));
    }
    let service = scope.service.folder.as_str();
    let is_its = path::is_below(service, folder)
        || (!service.is_empty() && path::is_below(folder, service))
        || scope.packages.is_empty()
        || scope.packages.iter().any(|package| path::is_below(package.place.folder(), folder));
    (!is_its)
        .then(|| format!("`{what}` of `{path}` scans `{folder}` alone, and nothing else scans it"))
}

/// Why a scan whose command names the folders that it looks through (`gosec ./src/till/...`) sees nothing
/// of a service that has a folder of its own.
fn folders_of_command(step: &Step, gate: &Gate<'_>, scope: &Scope<'_>) -> Option<String> {
    let service = scope.service.folder.as_str();
    let line = step.lines.iter().find(|line| line.place == *gate.place)?;
    let commands = commands(line);
    let command = commands.iter().find(|command| command.short() == gate.what)?;
    let before = command.words.iter();
    let given: Vec<&str> = before
        .zip(command.words.iter().skip(1))
        .filter(|(before, _)| !WITH_VALUE.contains(&before.as_str()))
        .map(|(_, word)| word.trim_end_matches("..."))
        .collect();
    if given.iter().any(|word| matches!(*word, "." | "./" | "")) {
        return None;
    }
    let folders = given.into_iter().filter_map(plain_folder);
    let folders: Vec<&str> = folders.filter(|folder| scope.all.has_folder(folder)).collect();
    let is_seen = |own: &str| {
        folders.iter().any(|folder| path::is_below(own, folder) || path::is_below(folder, own))
    };
    let own = own_packages(scope);
    // The code of the only service may stand wherever it is scanned.
    let is_known = !scope.is_only_one || !own.is_empty();
    let is_apart = is_known && !service.is_empty() && !is_seen(service);
    let is_its = || own.iter().any(|package| is_seen(package.place.folder()));
    (!folders.is_empty() && is_apart && !is_its()).then(|| {
        format!(
            "`{}` of `{}` scans {} alone, and nothing else scans it",
            gate.what,
            gate.place.path,
            folders.iter().map(|folder| format!("`{folder}`")).collect::<Vec<_>>().join(", ")
        )
    })
}

/// Options of scanners that are told a file, or a folder that is left out.
static WITH_VALUE: &[&str] = &[
    "--baseline",
    "--config",
    "--exclude",
    "--exclude-dir",
    "--exclude-path",
    "--ignore",
    "--include",
    "--output",
    "--skip",
    "-b",
    "-c",
    "-e",
    "-exclude-dir",
    "-f",
    "-o",
    "-x",
];

/// The packages that a service is written in: its own, else all that stand in no folder of a service.
pub(super) fn packages_of<'a>(scope: &Scope<'a>) -> Vec<&'a Package> {
    let own = own_packages(scope);
    if own.is_empty() { scope.packages.clone() } else { own }
}

/// The packages in the folder of a service, else those of the tree in folders that are called as it is.
fn own_packages<'a>(scope: &Scope<'a>) -> Vec<&'a Package> {
    let folder = scope.service.folder.as_str();
    if folder.is_empty() {
        return Vec::new();
    }
    let last = |folder: &str| folder.rsplit('/').next().map(prose::plain).unwrap_or_default();
    let own = [prose::plain(&scope.service.name), last(folder)];
    let is_within = |package: &&Package| path::is_below(package.place.folder(), folder);
    let is_called = |package: &&Package| own.contains(&last(package.place.folder()));
    let within: Vec<&Package> = scope.packages.iter().copied().filter(is_within).collect();
    if within.is_empty() { scope.all.packages.iter().filter(is_called).collect() } else { within }
}

/// The folder that a step runs in or is told to look through; `None`: the whole tree, or what is filled
/// in when it runs.
fn scanned_folder(step: &Step) -> Option<&str> {
    let mut inputs = ["scan-ref", "path", "working-directory"].into_iter();
    let told = inputs.find_map(|name| step.input(name));
    plain_folder(told.or(step.working_folder.as_ref())?)
}

/// The folder whose image a scan of one looks into: that of the recipe by which the job built it.
fn built_folder<'a>(scan: &Step, before: &'a [Step]) -> Option<&'a str> {
    let is_of_image =
        |(key, _): &(String, Placed<String>)| matches!(key.as_str(), "image" | "image-ref");
    let is_build = |step: &&Step| {
        step.uses.as_ref().is_some_and(|uses| uses.starts_with("docker/build-push-action@"))
    };
    let mut builds = before.iter().filter(is_build).filter(|_| scan.with.iter().any(is_of_image));
    let (step, None) = (builds.next()?, builds.next()) else { return None };
    match step.input("file") {
        Some(file) => plain_folder(file)?.rsplit_once('/').map(|(folder, _)| folder),
        None => plain_folder(step.input("context")?),
    }
}

fn plain_folder(text: &str) -> Option<&str> {
    let folder = text.trim().trim_start_matches("./").trim_end_matches('/');
    let is_plain =
        !folder.is_empty() && folder != "." && !folder.contains(['$', '{', '*', '\n', ' ']);
    is_plain.then_some(folder)
}

/// What scans and holds a change back, as it is called in its step.
pub(super) fn scanners(asked: &Asked, scope: &Scope<'_>) -> Vec<String> {
    let pipelines = scope.pipelines.iter().filter(|pipeline| !gate::is_called_only(pipeline));
    let gates = pipelines.flat_map(|pipeline| gate::gates(pipeline));
    let good = gates.filter(|gate| {
        gate.kind == asked.kind && gate.flaw.is_none() && in_another_folder(gate, scope).is_none()
    });
    good.map(|gate| gate.what).collect()
}

/// Nothing scans: that is wrong where a pipeline builds, was read, and leaves nothing open.
fn nothing(
    asked: &Asked,
    pipelines: &[&Pipeline],
    gates: &[Gate<'_>],
    scope: &Scope<'_>,
) -> Outcome {
    let deed = asked.deed;
    if let Some(elsewhere) = pipelines_elsewhere::unread(scope) {
        return Outcome::unknown(format!("no step that {deed} was found, and {elsewhere}"));
    }
    let opaque = pipelines.iter().flat_map(|pipeline| gate::opaque_in(pipeline));
    let opaque = opaque.filter(|opaque| !brings_out(&opaque.what));
    // What is called like what is looked for is the likeliest, and tells a reader the most.
    if let Some(opaque) = opaque.min_by_key(|opaque| unlikeness(asked.kind, opaque)) {
        return Outcome::unknown(format!(
            "no step that {deed} was found, but what {} of `{}` runs was not read",
            opaque.what, opaque.place.path
        ));
    }
    let mut named = pipelines.iter().filter_map(|pipeline| gate::called_like_a_scanner(pipeline));
    if let Some(scanner) = named.next() {
        let name = &scanner.value;
        return Outcome::unknown(format!(
            "no step that {deed} was recognised, but what `{name}` does was not read"
        ));
    }
    let building = gates.iter().find(|gate| {
        matches!(gate.kind, GateKind::Tests | GateKind::Lint)
            && gate.job.is_some_and(|job| !job.steps.is_empty())
    });
    let Some(job) = building.and_then(|gate| gate.job) else {
        return Outcome::unknown(format!(
            "no pipeline that tests it was found, and none that {deed}"
        ));
    };
    if let Some(file) = asked.elsewhere.iter().find(|file| scope.all.has_path(file)) {
        return Outcome::unknown(format!(
            "`{file}` sets up a scan outside of the pipelines, which was not looked at"
        ));
    }
    if let Some(path) = configuration(asked, scope) {
        return Outcome::unknown(format!(
            "no step that {deed} was found, but `{path}` sets up one that does: what starts it was \
             not found"
        ));
    }
    let finding = Finding::at(&job.id.place, format!("no step of the pipelines {deed}"));
    Outcome::missing(finding.help(asked.help), &[Subject::Pipelines], scope)
}

/// Whether what was not read is called after what is done when all is built: a script that deploys, and
/// what writes down by what an image was built.
fn brings_out(what: &str) -> bool {
    let what = what.trim_matches('`');
    let script = what.split(' ').find(|word| word.contains('/')).unwrap_or_default();
    let name = script.rsplit('/').next().unwrap_or(script);
    let is_deploy = name.rsplit_once('.').is_some_and(|(stem, ending)| {
        let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric());
        ending == "sh" && words.any(|word| matches!(word, "deploy" | "undeploy"))
    });
    is_deploy || what.starts_with("slsa-framework/slsa-github-generator/")
}

/// How little what was not read is called like a scan of this kind: 0 where it bears the name of one.
fn unlikeness(kind: GateKind, opaque: &Opaque<'_>) -> usize {
    let own: &[&str] = match kind {
        GateKind::Code => &["bandit", "brakeman", "codeql", "gosec", "sast", "semgrep", "veracode"],
        _ => &["audit", "dependency", "grype", "osv", "owasp", "snyk", "trivy"],
    };
    let names = [opaque.what.as_str(), &opaque.place.path].map(str::to_lowercase);
    let has = |words: &[&str]| {
        let mut parts = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        parts.any(|part| words.contains(&part))
    };
    if has(own) {
        0
    } else if has(&["scan", "security", "vulnerabilities", "vulnerability"]) {
        1
    } else {
        2
    }
}

/// The ecosystems of the packages that a scanner reads alone, by the first of the `bound` scanners whose
/// name its own begins with.
pub(super) fn read_by(
    scanner: &str,
    bound: &[(&str, &'static [&'static str])],
) -> Option<&'static [&'static str]> {
    let scanner = scanner.to_lowercase();
    bound.iter().find(|(start, _)| scanner.starts_with(start)).map(|(_, reads)| *reads)
}

/// A file that sets up a scanner: in the root, beside a package of the service, or in its folder.
fn configuration(asked: &Asked, scope: &Scope<'_>) -> Option<String> {
    let own = scope.packages.iter().map(|package| package.place.folder());
    let folders: BTreeSet<&str> = own.chain(["", scope.service.folder.as_str()]).collect();
    let paths = folders.into_iter().flat_map(|folder| {
        asked.configured.iter().map(move |name| match folder {
            "" => (*name).to_owned(),
            folder => format!("{folder}/{name}"),
        })
    });
    paths.into_iter().find(|path| scope.all.has_path(path))
}
