//! A stop signal drains in-flight requests.

use super::image;
use super::shell::{Signal, signal as signal_to};
use super::stop::{Stop, seconds};
use crate::decide::{NO_WORKLOAD, of_workload};
use crate::pod;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/graceful-shutdown",
    title: "a stop signal drains in-flight requests",
    why: "Instances are stopped with every deploy, every scaling down and every drained node; \
          where they do not finish what they hold, users see errors each time.",
    remedy: "Wait a few seconds before the stop signal so that no new request arrives, let the \
             process itself receive the signal, and give it longer than the slowest request.",
    references: &[
        Reference {
            title: "Kubernetes: termination of pods",
            url: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        },
        Reference {
            title: "Docker: shell and exec form",
            url: "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form",
        },
        Reference {
            title: "systemd: how processes are killed",
            url: "https://www.freedesktop.org/software/systemd/man/latest/systemd.kill.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Code, Change::Image],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::ALWAYS_ON,
    reads: &[Subject::Workloads],
    proofs: &[Proof::Service(judge), Proof::Drill("lifecycle")],
    cases: include_str!("graceful_shutdown.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let of_each = scope.workloads.iter().map(|workload| of_workload(of_one, workload, scope));
    Outcome::all(of_each).unwrap_or_else(|| {
        // A manifest that was not read may start something else.
        let is_hidden = scope.hiding_places_of(Subject::Workloads).next().is_some();
        let images = scope.dockerfiles.iter().filter(|_| !is_hidden);
        let findings = images.filter_map(|file| below_shell(file)).collect();
        Outcome::unmet_or(findings, || Outcome::unknown(NO_WORKLOAD))
    })
}

/// What an image starts below a shell, whoever runs it.
fn below_shell(file: &Dockerfile) -> Option<Finding> {
    let stages: Vec<&Stage> = file.lineage().collect();
    let (entry, is_shell) = stages.iter().find_map(|stage| stage.entry.as_ref())?;
    let message = "what the image starts runs below a shell, which keeps the stop signal to itself";
    (*is_shell && signal_to(entry, &stages) == Signal::Kept)
        .then(|| Finding::at(&entry.place, message).help(without_shell(entry)))
}

fn of_one(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    if !workload.is_long_running() {
        return Outcome::not_applicable(format!("`{}` is a job that ends", *workload.name));
    }
    let stop = Stop::of(workload);
    let too_short = stop.too_short().or_else(|| stop.shorter_than_promised(workload, scope));
    let wrong: Vec<Finding> = too_short
        .into_iter()
        .chain(workload.containers.iter().filter_map(|c| signal(c, workload, scope)))
        .chain(empty_hook(workload))
        .collect();
    let missing = missing_hooks(workload, scope);
    let missing = missing.into_iter().map(|finding| {
        if pod::is_worker_by_name(workload, scope) {
            return Outcome::unknown(format!(
                "`{}` is a worker by its name and stands behind a service: whether requests \
                 arrive there, or only what watches it, is not written",
                *workload.name
            ));
        }
        if pod::is_exporter_by_name(workload, scope) {
            return Outcome::unknown(format!(
                "`{}` is an exporter by its name: whether anything but what scrapes it sends \
                 requests there is not written",
                *workload.name
            ));
        }
        Outcome::missing(finding, &[Subject::Workloads], scope)
    });
    let wrong = (!wrong.is_empty()).then_some(Outcome::Unmet(wrong));
    let unclear = unclear_shell(workload, scope);
    Outcome::all(wrong.into_iter().chain(missing).chain(unclear))
        .unwrap_or_else(|| seen(&stop, workload, scope))
}

/// What keeps the signal from the process: one that cannot be caught, or a shell before it.
fn signal(container: &Container, workload: &Workload, scope: &Scope<'_>) -> Option<Finding> {
    let name = container.name.as_str();
    let stages = image::stages(container, workload, scope);
    let of_image = || stages.iter().find_map(|stage| stage.stop_signal.as_ref());
    if let Some(signal) = container.stop_signal.as_ref().or_else(of_image) {
        let number = signal.trim().trim_start_matches("SIG");
        if matches!(number, "KILL" | "9") {
            let message = format!("`{name}` is stopped by `{}`, which cannot be caught", **signal);
            return Some(Finding::at(&signal.place, message).help("use SIGTERM"));
        }
    }
    if container.command.is_some() {
        return None;
    }
    let (entry, is_shell) = stages.iter().find_map(|stage| stage.entry.as_ref())?;
    if !is_shell || signal_to(entry, &stages) != Signal::Kept {
        return None;
    }
    let message = format!("`{name}` runs below a shell, which keeps the stop signal to itself");
    Some(
        Finding::at(&entry.place, message)
            .help(without_shell(entry))
            .related(&workload.name.place, "what is started by it"),
    )
}

/// A shell of which is not known whether it gives its place to what it runs.
fn unclear_shell(workload: &Workload, scope: &Scope<'_>) -> Option<Outcome> {
    workload.containers.iter().filter(|c| c.command.is_none()).find_map(|container| {
        let stages = image::stages(container, workload, scope);
        let (entry, is_shell) = stages.iter().find_map(|stage| stage.entry.as_ref())?;
        let is_unclear = *is_shell && signal_to(entry, &stages) == Signal::Unclear;
        is_unclear.then(|| {
            Outcome::Unknown(format!(
                "`{}` runs below a shell ({} line {}), and whether that of its base image gives its \
                 place to what it runs was not to be told: {}",
                *container.name,
                entry.place.path,
                entry.place.line,
                without_shell(entry)
            ))
        })
    })
}

fn without_shell(entry: &str) -> String {
    let words: Vec<String> = entry.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    if entry.contains(['$', '&', '|', ';', '"', '\'']) {
        "begin the last command with `exec`".to_owned()
    } else {
        format!("write it as a list: [{}]", words.join(", "))
    }
}

/// A hook before the stop signal that waits for nothing.
fn empty_hook(workload: &Workload) -> Option<Finding> {
    let hooks = workload
        .containers
        .iter()
        .filter_map(|container| Some((&container.name, container.pre_stop.as_ref()?)));
    let mut empty = hooks.filter(|(_, hook)| {
        let words: Vec<&str> = hook.split_whitespace().collect();
        matches!(
            words.as_slice(),
            ["true" | "/bin/true" | ":"] | ["echo", ..] | ["sleep" | "/bin/sleep", "0" | "0s"]
        )
    });
    let (name, hook) = empty.next()?;
    let message =
        format!("what runs before `{}` is stopped, `{}`, waits for nothing", **name, **hook);
    Some(Finding::at(&hook.place, message).help(HOOK))
}

/// Containers that take requests of a service and are stopped while some still arrive.
fn missing_hooks(workload: &Workload, scope: &Scope<'_>) -> Vec<Finding> {
    if workload.platform != Platform::Kubernetes {
        return Vec::new();
    }
    let route = pod::routes(workload, scope).into_iter().next();
    if route.is_none() && !scope.all.cluster.services.is_empty() {
        // Others stand behind a service: what opens a port beside them may only be watched there.
        return Vec::new();
    }
    let serving = pod::serving(workload, scope).into_iter();
    let without = serving.filter(|container| container.pre_stop.is_none());
    let finding = |container: &Container| {
        let name = &container.name;
        let message = format!(
            "container `{}` has no `preStop` hook: requests still arrive when it is told to stop",
            **name
        );
        let finding =
            Finding::at(&name.place, message).help(format!("add to the container:\n\n{HOOK}"));
        match route {
            Some(route) => finding.related(&route.name.place, "the service that routes to it"),
            None => finding,
        }
    };
    without.map(finding).collect()
}

const HOOK: &str = "lifecycle:\n  preStop:\n    sleep: {seconds: 5}";

/// Whether something stands between the signal and the process: a script, or what runs scripts of
/// packages, of which some end at once and some wait for what they started.
fn is_between(entry: &str) -> bool {
    let program = entry.split_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    program.rsplit('.').next() == Some("sh")
        || program.contains("entrypoint")
        || matches!(name, "npm" | "npx" | "pnpm" | "yarn")
}

/// What was written of how it stops; defaults alone say nothing, and that the signal arrives does
/// not say what is made of it.
fn seen(stop: &Stop<'_>, workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = workload.name.as_str();
    let grace = stop.written.map(|written| {
        Sighting::at(&written.place, format!("`{name}` has {} to stop", seconds(stop.grace_s)))
    });
    let meant = meant(workload, scope);
    let hooks = meant.iter().filter_map(|container| {
        let hook = container.pre_stop.as_ref()?;
        let message = format!("`{}` of `{}` runs before it is stopped", **hook, *container.name);
        Some(Sighting::at(&hook.place, message))
    });
    // What a framework drains is requests, and none come by ports that are there to watch the process.
    let is_watched = |container: &Container| {
        !container.ports.is_empty() && pod::serving(workload, scope).is_empty()
    };
    let started: Vec<(&Placed<String>, bool)> = meant
        .iter()
        .filter_map(|container| {
            let stages = image::stages(container, workload, scope);
            let entry = stages.iter().find_map(|stage| stage.entry.as_ref());
            let (entry, _) = entry.filter(|_| container.command.is_none())?;
            let drains = is_known_to_drain(entry)
                || (is_of_framework(entry, &stages, container) && !is_watched(container));
            (!is_between(entry)).then_some((entry, drains))
        })
        .collect();
    let is_written = grace.is_some() || hooks.clone().next().is_some();
    let arrives = |entry: &str| format!("`{entry}` gets the stop signal itself");
    let of_entries = started.iter().filter(|(_, drains)| is_written || *drains);
    let of_entries = of_entries.map(|(entry, _)| Sighting::at(&entry.place, arrives(entry)));
    let seen: Vec<Sighting> = grace.into_iter().chain(hooks).chain(of_entries).collect();
    if !seen.is_empty() {
        return Outcome::Met(seen);
    }
    if let Some(unclear) = hook_beside(workload, &meant) {
        return unclear;
    }
    match started.first() {
        Some((entry, _)) => Outcome::unknown(format!(
            "{}; whether it ends what it has begun before it stops is not written; `gonogo drill \
             lifecycle` measures it",
            arrives(entry)
        )),
        None => Outcome::unknown(format!(
            "how `{name}` stops: neither the time that it has ({} by default) nor how the stop \
             signal reaches it is written; `gonogo drill lifecycle` measures it",
            seconds(stop.grace_s)
        )),
    }
}

/// The containers whose end is asked for: those that take requests, else the first one. What stands
/// beside them ends for itself.
fn meant<'w>(workload: &'w Workload, scope: &Scope<'_>) -> Vec<&'w Container> {
    let serving = pod::serving(workload, scope);
    if serving.is_empty() { workload.containers.first().into_iter().collect() } else { serving }
}

/// What runs before a container beside them is stopped, where that is all that is written.
fn hook_beside(workload: &Workload, meant: &[&Container]) -> Option<Outcome> {
    let first = meant.first()?;
    let mut beside = workload.containers.iter().filter(|c| meant.iter().all(|m| m.name != c.name));
    let (other, hook) = beside.find_map(|c| Some((&c.name, c.pre_stop.as_ref()?)))?;
    Some(Outcome::unknown(format!(
        "`{}` runs before `{}` is stopped ({} line {}), which says nothing of how `{}` stops; \
         `gonogo drill lifecycle` measures it",
        **hook, **other, hook.place.path, hook.place.line, *first.name
    )))
}

/// Whether what is started is a server that is known to end what it has begun on the stop signal.
fn is_known_to_drain(entry: &str) -> bool {
    programs(entry).any(|word| SERVERS.contains(&word))
}

/// The words of what is started, without the folders that they stand in.
fn programs(entry: &str) -> impl Iterator<Item = &str> {
    entry.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word))
}

/// Whether what is started is by its framework a server that ends what it has begun on the stop signal.
fn is_of_framework(entry: &str, stages: &[&Stage], container: &Container) -> bool {
    let words = || programs(entry);
    let is_run_by = |programs: &[&str]| words().any(|word| programs.contains(&word));
    let is_archive = |word: &str| word.rsplit_once('.').is_some_and(|(_, ending)| ending == "jar");
    let is_java = is_run_by(&["java"]) || words().any(is_archive);
    let is_web_of_dotnet =
        is_run_by(&["dotnet"]) && stages.iter().any(|stage| stage.base.contains("/aspnet"));
    let opens_port =
        || !container.ports.is_empty() || stages.iter().any(|stage| !stage.ports.is_empty());
    (is_java || is_web_of_dotnet) && opens_port()
}

/// Servers that stop taking requests on SIGTERM and end those that they hold.
static SERVERS: &[&str] = &[
    "caddy",
    "celery",
    "daphne",
    "granian",
    "gunicorn",
    "hypercorn",
    "nginx",
    "puma",
    "sidekiq",
    "uvicorn",
    "waitress-serve",
];
