//! A service unit as a workload.

use std::collections::HashSet;

use model::{Place, Placed};

use super::security;
use super::unit::Unit;
use crate::read::duration;
use crate::read::words::{self, unquoted};
use crate::{
    Container, Platform, Probe, ProbeAction, Resources, Variable, VariableValue, Workload,
    WorkloadKind,
};

const SERVICE: &str = "Service";

/// The workload that the service `name` (with `@` at its end, if it is a template) is.
pub(super) fn workload(name: &str, unit: &Unit, place: Place) -> Workload {
    let name = Placed::new(name.trim_end_matches('@').to_owned(), place.clone());
    let is_oneshot = unit.last(SERVICE, "Type").is_some_and(|kind| kind.value == "oneshot");
    let is_starter = unit.all(SERVICE, "ExecStart").iter().any(|command| starts_compose(command));
    let kind = if is_oneshot || is_starter { WorkloadKind::Job } else { WorkloadKind::Unit };
    let specification = unit.section(SERVICE).cloned().unwrap_or(place);
    Workload {
        annotations: ["Description", "Documentation"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), unit.last("Unit", key)?.clone())))
            .collect(),
        grace_period_s: grace_period(unit),
        restart: unit.last(SERVICE, "Restart").cloned(),
        depends_on: depends_on(unit),
        containers: vec![container(name.clone(), unit)],
        of_user: of_user(unit, &specification),
        ..Workload::new(name, Platform::Systemd, kind, specification)
    }
}

/// Where it shows that a user's own manager starts the unit: it is kept where that manager looks for
/// units, or in a folder `user` and not for the host, or started with all of a user's and out of the
/// user's home.
fn of_user(unit: &Unit, specification: &Place) -> Option<Place> {
    let targets = || unit.all("Install", "WantedBy").into_iter();
    let is_for = |name: &str| targets().any(|t| t.split_whitespace().any(|t| t == name));
    let mut folders = specification.folder().rsplit('/');
    let is_beside = folders.next() == Some("user");
    let is_installed = is_beside && folders.next() == Some("systemd");
    let is_of_home = || {
        let keys = ["ExecStart", "WorkingDirectory", "EnvironmentFile"];
        keys.iter().any(|key| unit.all(SERVICE, key).iter().any(|value| value.contains("%h")))
    };
    let is_started = is_for("default.target") && (is_beside || is_of_home());
    let is_hosts = is_for("multi-user.target") || unit.last(SERVICE, "User").is_some();
    ((is_installed || is_started) && !is_hosts).then(|| specification.clone())
}

fn container(name: Placed<String>, unit: &Unit) -> Container {
    let command = unit.all(SERVICE, "ExecStart").first().map(|command| without_signs(command));
    Container {
        liveness: watchdog(unit),
        readiness: notification(unit),
        limits: limits(unit),
        pre_stop: unit.last(SERVICE, "ExecStop").map(without_signs),
        stop_signal: unit.last(SERVICE, "KillSignal").cloned(),
        environment: environment(unit),
        secrets: secrets(unit),
        environment_files: unit
            .all(SERVICE, "EnvironmentFile")
            .into_iter()
            .map(|file| cut(file, file.len() - file.trim_start_matches('-').len()))
            .collect(),
        security: security::security(unit),
        command,
        ..Container::new(name)
    }
}

/// Whether a command only has Compose start what its file tells of, which is what runs.
pub(crate) fn starts_compose(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let program = words.next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let is_compose = match program {
        "docker-compose" | "podman-compose" => true,
        "docker" | "podman" => words.next() == Some("compose"),
        _ => false,
    };
    is_compose && words.any(|word| matches!(word, "up" | "start"))
}

/// A command without the signs before it that say how it is run (`-`, `@`, `+` …).
fn without_signs(command: &Placed<String>) -> Placed<String> {
    let bare = command.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    cut(command, command.len() - bare.len())
}

/// `text` without its first `length` bytes, which are ASCII.
fn cut(text: &Placed<String>, length: usize) -> Placed<String> {
    let column = text.place.column.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
    let value = text.get(length..).unwrap_or_default().to_owned();
    Placed::new(value, Place { column, ..text.place.clone() })
}

/// `TimeoutStopSec`, else `TimeoutSec`, which sets it too.
fn grace_period(unit: &Unit) -> Option<Placed<f64>> {
    let keys = ["TimeoutStopSec", "TimeoutSec"];
    let written = keys.iter().find_map(|key| unit.last(SERVICE, key))?;
    let seconds = match written.as_str() {
        "infinity" => f64::INFINITY,
        text => duration::seconds(text)?,
    };
    Some(Placed::new(seconds, written.place.clone()))
}

fn watchdog(unit: &Unit) -> Option<Probe> {
    let written = unit.last(SERVICE, "WatchdogSec")?;
    let period_s = duration::seconds(written).filter(|seconds| *seconds > 0.0)?;
    Some(Probe { period_s: Some(period_s), ..notify(&written.place) })
}

/// `Type=notify`: the service says itself when it is ready.
fn notification(unit: &Unit) -> Option<Probe> {
    let kind = unit.last(SERVICE, "Type")?;
    matches!(kind.as_str(), "notify" | "notify-reload").then(|| notify(&kind.place))
}

fn notify(place: &Place) -> Probe {
    Probe {
        action: ProbeAction::Notify,
        period_s: None,
        timeout_s: None,
        failure_threshold: None,
        initial_delay_s: None,
        place: place.clone(),
    }
}

fn limits(unit: &Unit) -> Resources {
    let memory = unit.last(SERVICE, "MemoryMax").or_else(|| unit.last(SERVICE, "MemoryLimit"));
    let memory = memory.filter(|limit| limit.value != "infinity").cloned();
    let cpu = unit.last(SERVICE, "CPUQuota").cloned();
    let place = memory.as_ref().or(cpu.as_ref()).map(|limit| limit.place.clone());
    Resources { cpu, memory, place }
}

/// `Environment`, whose values are written there, and `PassEnvironment`.
fn environment(unit: &Unit) -> Vec<Variable> {
    let written = unit.all(SERVICE, "Environment");
    let passed = unit.all(SERVICE, "PassEnvironment");
    let written = written.into_iter().flat_map(|line| {
        words::words(line).filter_map(|word| {
            let assignment = unquoted(word.text);
            let (name, value) = assignment.split_once('=')?;
            let placed = |text: &str| Placed::new(text.to_owned(), line.place.clone());
            Some(Variable { name: placed(name), value: VariableValue::Literal(placed(value)) })
        })
    });
    let passed = passed.into_iter().flat_map(|line| {
        line.split_whitespace().map(|name| {
            let name = Placed::new(name.to_owned(), line.place.clone());
            Variable { name, value: VariableValue::Outer }
        })
    });
    written.chain(passed).collect()
}

/// Names of the credentials that it is given.
fn secrets(unit: &Unit) -> Vec<Placed<String>> {
    let keys =
        ["LoadCredential", "LoadCredentialEncrypted", "SetCredentialEncrypted", "ImportCredential"];
    keys.iter()
        .flat_map(|key| unit.all(SERVICE, key))
        .map(|credential| {
            let name = credential.split(':').next().unwrap_or_default();
            Placed::new(name.to_owned(), credential.place.clone())
        })
        .collect()
}

/// Services that it starts after or cannot do without; targets, mounts and devices are left out.
fn depends_on(unit: &Unit) -> Vec<Placed<String>> {
    let mut known = HashSet::new();
    ["Requires", "BindsTo", "Requisite", "Wants", "After"]
        .iter()
        .flat_map(|key| unit.all("Unit", key))
        .flat_map(|line| line.split_whitespace().map(|name| (name, &line.place)))
        .filter_map(|(name, place)| Some((name.strip_suffix(".service")?, place)))
        .filter(|(name, _)| known.insert((*name).to_owned()))
        .map(|(name, place)| Placed::new(name.to_owned(), place.clone()))
        .collect()
}
