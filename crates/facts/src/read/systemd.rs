//! systemd units: services, and the timers and sockets that start them.
//!
//! A `Type=oneshot` service, and one that only has Compose start things, is a [`WorkloadKind::Job`], one that a timer starts a
//! [`WorkloadKind::CronJob`], any other a [`WorkloadKind::Unit`]. Readiness is told by
//! `Type=notify`, liveness by `WatchdogSec`. Drop-ins (`NAME.service.d/*.conf`) change a unit of
//! another file and are gaps.

mod security;
mod service;
mod trigger;
mod unit;

pub(crate) use service::starts_compose;

use std::collections::HashMap;

use model::{Place, Placed};
use unit::Unit;

use super::vendored::is_vendored;
use crate::read::Source;
use crate::{Facts, Gap, Platform, Subject, Trigger, Workload, WorkloadKind};

const KINDS: [&str; 3] = ["service", "timer", "socket"];

/// Endings of templates.
const TEMPLATE_ENDINGS: [&str; 7] = ["j2", "in", "tmpl", "tpl", "erb", "template", "jinja"];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_template = TEMPLATE_ENDINGS.contains(&ending)
        && stem.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind));
    let is_unit = KINDS.contains(&ending) || is_template || changed_unit(path).is_some();
    is_unit && !is_vendored(path)
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let place = Place::file(source.path.clone());
    if let Some(unit) = changed_unit(source.path) {
        let reason = format!("changes the unit `{unit}`, and was not read");
        facts.gaps.push(gap(place, reason, unit.strip_suffix(".service")));
        return;
    }
    let (name, kind) = source.name.rsplit_once('.').unwrap_or((source.name, ""));
    if TEMPLATE_ENDINGS.contains(&kind) || is_templated(source.text) {
        facts.gaps.push(gap(place, "is an unrendered template of a systemd unit", None));
        return;
    }
    let unit = Unit::read(source);
    match kind {
        "service" if unit.section("Service").is_some() => {
            facts.workloads.push(service::workload(name, &unit, place));
        }
        "service" if unit.section("Unit").is_some() => {
            let name = name.trim_end_matches('@');
            facts.gaps.push(gap(place, "is a unit without a [Service] section", Some(name)));
        }
        "timer" => facts.triggers.extend(trigger::timer(name, &unit)),
        "socket" => facts.triggers.extend(trigger::socket(name, &unit)),
        _ => {}
    }
}

/// Gives timers and sockets to the services that they start: those of the same folder, else the
/// only one of that name. One that starts no service of the tree is a gap.
pub(super) fn settle(facts: &mut Facts) {
    let mut beside = HashMap::new();
    let mut only = HashMap::new();
    for (index, workload) in facts.workloads.iter().enumerate() {
        if workload.platform == Platform::Systemd {
            let Placed { value: name, place } = workload.name.clone();
            beside.insert((place.folder().to_owned(), name.clone()), index);
            only.entry(name).and_modify(|only| *only = None).or_insert(Some(index));
        }
    }
    for trigger in std::mem::take(&mut facts.triggers) {
        let Placed { value: name, place } = trigger.service.clone();
        let found = beside.get(&(place.folder().to_owned(), name.clone())).copied();
        let found = found.or_else(|| only.get(&name).copied().flatten());
        if let Some(workload) = found.and_then(|index| facts.workloads.get_mut(index)) {
            start(workload, trigger);
        } else {
            let reason = format!("starts the service `{name}`, whose unit is not in this tree");
            facts.gaps.push(gap(place, reason, Some(&name)));
        }
    }
}

fn start(workload: &mut Workload, mut trigger: Trigger) {
    if let Some(schedule) = trigger.schedule {
        workload.kind = WorkloadKind::CronJob;
        workload.schedule = Some(schedule);
    }
    if let Some(container) = workload.containers.first_mut() {
        container.ports.append(&mut trigger.ports);
    }
}

/// The unit that the file at `path` changes: `api.service` of `api.service.d/limits.conf`.
fn changed_unit(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_suffix(".conf")?.rsplit_once('/')?;
    let unit = folder.rsplit('/').next()?.strip_suffix(".d")?;
    unit.rsplit_once('.').filter(|(_, kind)| KINDS.contains(kind)).map(|_| unit)
}

/// Whether an action of a template stands where a line or a value begins.
fn is_templated(text: &str) -> bool {
    text.lines().any(|line| {
        let value = line.split_once('=').map_or("", |(_, value)| value.trim_start());
        [line.trim_start(), value]
            .iter()
            .any(|text| text.starts_with("{{") || text.starts_with("{%"))
    })
}

fn gap(place: Place, reason: impl Into<String>, service: Option<&str>) -> Gap {
    let name = service.map(str::to_owned);
    Gap { subject: Some(Subject::Workloads), place, reason: reason.into(), name }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::read::mutation::mutated;
    use crate::{Container, ProbeAction, Variable, VariableValue};

    const API: &str = "\
# The shop's API.
[Unit]
Description=Shop API
Documentation=https://example.org/api
Requires=postgresql.service api.socket
After=network-online.target postgresql.service \\
  ; a note
  cache.service

[Service]
Type=notify
ExecStart=/bin/true
ExecStart=
ExecStart=-/usr/bin/api --port 8080 \\
    --level info
ExecStop=/usr/bin/api drain
Environment=\"LEVEL=a b\" TOKEN=x
PassEnvironment=HOME
EnvironmentFile=-/etc/api.env
LoadCredential=password:/etc/password
Restart=on-failure
TimeoutStopSec=1min 30s
KillSignal=SIGINT
WatchdogSec=20
User=api
DynamicUser=yes
NoNewPrivileges=true
ProtectSystem=strict
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
AmbientCapabilities=CAP_NET_RAW
MemoryMax=512M
CPUQuota=50%
[Install]
WantedBy=multi-user.target
";

    fn read_at(path: &str, text: &str) -> Facts {
        crate::read::read(&Arc::from(path), text.as_bytes())
    }

    fn api() -> (Workload, Container) {
        let facts = read_at("units/api.service", API);
        assert_eq!(facts.gaps, []);
        let [workload] = facts.workloads.try_into().unwrap();
        let container = workload.containers[0].clone();
        (workload, container)
    }

    fn at(place: &Place) -> (u32, u32) {
        (place.line, place.column)
    }

    fn found(placed: &Placed<String>) -> (&str, (u32, u32)) {
        (placed.as_str(), at(&placed.place))
    }

    fn settled(files: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        for (path, text) in files {
            facts.append(read_at(path, text));
        }
        settle(&mut facts);
        facts
    }

    #[test]
    fn units_are_known_by_their_names() {
        let named = |path: &str| is_named(path, path.rsplit('/').next().unwrap());
        let units = ["a.service", "x/b@.service", "c.timer", "d.socket", "e.service.j2"];
        assert!(units.into_iter().all(named));
        assert!(named("x/api.service.d/override.conf"));
        let others = ["service", "a.service.ts", "x.conf", "conf.d/a.conf", "nginx.d/a.conf"];
        assert!(!others.into_iter().any(named));
    }

    #[test]
    fn a_service_is_a_workload_with_one_process() {
        let (workload, container) = api();
        assert_eq!((workload.kind, workload.name.as_str()), (WorkloadKind::Unit, "api"));
        assert_eq!(at(&workload.specification), (10, 1));
        let after: Vec<_> = workload.depends_on.iter().map(found).collect();
        assert_eq!(after, [("postgresql", (5, 10)), ("cache", (6, 7))]);
        let command = container.command.as_ref().unwrap();
        assert_eq!(found(command), ("/usr/bin/api --port 8080  --level info", (14, 12)));
        assert_eq!((command.place.end_line, command.place.end_column), (15, 17));
        assert_eq!(found(&container.pre_stop.unwrap()), ("/usr/bin/api drain", (16, 10)));
        assert_eq!(found(&container.stop_signal.unwrap()), ("SIGINT", (23, 12)));
        assert_eq!(found(&workload.restart.unwrap()), ("on-failure", (21, 9)));
        let grace = workload.grace_period_s.unwrap();
        assert_eq!((grace.value.to_string(), at(&grace.place)), ("90".to_owned(), (22, 16)));
        let (name, text) = workload.annotations.last().unwrap();
        assert_eq!((name.as_str(), text.as_str()), ("Documentation", "https://example.org/api"));
    }

    #[test]
    fn readiness_is_notified_and_liveness_watched() {
        let (_, container) = api();
        let readiness = container.readiness.unwrap();
        assert_eq!((readiness.action, at(&readiness.place)), (ProbeAction::Notify, (11, 6)));
        let liveness = container.liveness.unwrap();
        assert_eq!((liveness.period_s, at(&liveness.place)), (Some(20.0), (24, 13)));
    }

    #[test]
    fn the_environment_says_where_values_come_from() {
        let (_, container) = api();
        let [level, token, home] = container.environment.try_into().unwrap();
        let literal = |variable: Variable| match variable.value {
            VariableValue::Literal(value) => (variable.name.value, value.value),
            other => panic!("{other:?}"),
        };
        assert_eq!(at(&level.name.place), (17, 13));
        assert_eq!(literal(level), ("LEVEL".to_owned(), "a b".to_owned()));
        assert_eq!(literal(token), ("TOKEN".to_owned(), "x".to_owned()));
        assert_eq!((home.name.as_str(), home.value), ("HOME", VariableValue::Outer));
        assert_eq!(found(&container.environment_files[0]), ("/etc/api.env", (19, 18)));
        assert_eq!(found(&container.secrets[0]), ("password", (20, 16)));
    }

    #[test]
    fn security_and_limits_are_read() {
        let (_, container) = api();
        let security = container.security;
        assert_eq!(found(security.run_as_user.as_ref().unwrap()), ("api", (25, 6)));
        assert!(security.run_as_non_root.unwrap().value);
        assert!(!security.allow_privilege_escalation.unwrap().value);
        assert!(security.read_only_root.unwrap().value);
        let dropped: Vec<_> = security.dropped_capabilities.iter().map(found).collect();
        assert_eq!(dropped, [("ALL", (29, 1))]);
        let added: Vec<_> = security.added_capabilities.iter().map(|name| &**name).collect();
        assert_eq!(added, ["CAP_NET_BIND_SERVICE", "CAP_NET_RAW"]);
        assert_eq!(found(container.limits.memory.as_ref().unwrap()), ("512M", (31, 11)));
        assert_eq!(found(container.limits.cpu.as_ref().unwrap()), ("50%", (32, 10)));
    }

    #[test]
    fn capabilities_that_are_taken_back_are_dropped() {
        let read = |lines: &str| {
            let facts = read_at("a.service", &format!("[Service]\n{lines}"));
            let security = facts.workloads[0].containers[0].security.clone();
            let names = |list: Vec<Placed<String>>| {
                list.into_iter().map(|name| name.value).collect::<Vec<_>>()
            };
            (names(security.added_capabilities), names(security.dropped_capabilities))
        };
        let none = Vec::<String>::new;
        let all = || vec!["ALL".to_owned()];
        assert_eq!(read(""), (none(), none()));
        assert_eq!(read("CapabilityBoundingSet="), (none(), all()));
        assert_eq!(read("CapabilityBoundingSet=~A B"), (none(), vec!["A".into(), "B".into()]));
        let reset = "CapabilityBoundingSet=A\nCapabilityBoundingSet=\nCapabilityBoundingSet=B";
        assert_eq!(read(reset), (vec!["B".into()], all()));
    }

    #[test]
    fn a_unit_that_has_compose_start_things_is_none_of_them() {
        for (command, kind) in [
            ("/usr/bin/podman-compose -f a.yml up -d", WorkloadKind::Job),
            ("/usr/bin/docker compose up", WorkloadKind::Job),
            ("/usr/bin/docker run --name till acme/till", WorkloadKind::Unit),
            ("/usr/bin/till compose up", WorkloadKind::Unit),
        ] {
            let unit = format!("[Service]\nExecStart={command}\nRemainAfterExit=yes\n");
            let facts = settled(&[("till.service", unit.as_str())]);
            assert_eq!(facts.workloads[0].kind, kind, "{command}");
        }
    }

    #[test]
    fn timers_make_jobs_and_sockets_bring_ports() {
        let oneshot = "[Service]\nType=oneshot\nExecStart=/x\n";
        let facts = settled(&[
            ("a/backup.service", oneshot),
            ("a/backup.timer", "[Timer]\nOnCalendar=daily\n"),
            ("b/backup.service", oneshot),
            ("b/web@.service", "[Service]\nExecStart=/web\n"),
            ("c/web.socket", "[Socket]\nListenStream=0.0.0.0:8080\nListenStream=/run/web\n"),
            ("c/lost.timer", "[Timer]\nUnit=gone.service\nOnBootSec=5min\n"),
        ]);
        let kinds: Vec<_> = facts.workloads.iter().map(|workload| workload.kind).collect();
        assert_eq!(kinds, [WorkloadKind::CronJob, WorkloadKind::Job, WorkloadKind::Unit]);
        assert_eq!(found(facts.workloads[0].schedule.as_ref().unwrap()), ("daily", (2, 12)));
        let ports = &facts.workloads[2].containers[0].ports;
        assert_eq!(ports.iter().map(|port| port.number).collect::<Vec<_>>(), [Some(8080)]);
        let [gap] = facts.gaps.try_into().unwrap();
        assert_eq!((at(&gap.place), gap.name.as_deref()), ((2, 6), Some("gone")));
        assert!(facts.triggers.is_empty());
    }

    #[test]
    fn what_only_changes_or_makes_a_unit_is_a_gap() {
        for (path, text, name) in [
            ("x/api.service.d/a.conf", "[Service]\nUser=root\n", Some("api")),
            ("api.service.j2", "[Service]\n", None),
            ("api.service", "[Service]\nUser={{ user }}\n", None),
            ("api.service", "[Unit]\nDescription=x\n", Some("api")),
        ] {
            let facts = read_at(path, text);
            assert!(facts.workloads.is_empty(), "{path}");
            let [gap] = facts.gaps.try_into().unwrap();
            assert_eq!(gap.name.as_deref(), name, "{path}");
        }
        let bus = "[D-BUS Service]\nName=org.example\nExec=/x\n";
        assert_eq!(read_at("org.example.service", bus), Facts::default());
    }

    proptest! {
        #[test]
        fn no_mutation_makes_it_panic(text in mutated(API)) {
            read_at("api.service", &text);
        }
    }
}
