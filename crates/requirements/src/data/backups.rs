//! Backups run by themselves, as often as the data deserves.

use std::collections::{BTreeMap, BTreeSet};

use super::schedule;
use super::store::{in_words, without_data};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/backups",
    title: "backups run by themselves, as often as the data deserves",
    why: "Disks fail, migrations go wrong and people delete the wrong thing. A backup that \
          somebody has to remember is one that is missing on that day.",
    remedy: "Schedule the backup of each store at least as often as its recovery point asks \
             for, and declare it under `data:` in gonogo.yaml.",
    references: &[
        Reference {
            title: "AWS Well-Architected: back up data",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        },
        Reference {
            title: "PostgreSQL: backup and restore",
            url: "https://www.postgresql.org/docs/current/backup.html",
        },
        Reference {
            title: "Google SRE book: data integrity",
            url: "https://sre.google/sre-book/data-integrity/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::DatastoreVersion, Change::Configuration, Change::Manifest],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[Subject::Declaration, Subject::Workloads],
    proofs: &[
        Proof::Service(judge),
        Proof::Live("the backup storage: age and size of the newest backup of each store"),
    ],
    cases: include_str!("backups.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.data.as_ref());
    match declared {
        Some(stores) if stores.is_empty() => without_data(scope),
        Some(stores) => {
            let only = stores.len() == 1;
            let outcomes = stores.iter().map(|store| backup(store, only, scope));
            Outcome::all(outcomes).unwrap_or_else(|| without_data(scope))
        }
        None => undeclared(scope),
    }
}

fn undeclared(scope: &Scope<'_>) -> Outcome {
    let only = scope.datastores.len() == 1;
    let outcomes = scope.datastores.iter().map(|datastore| {
        let name = &datastore.name.value;
        job_of(name, only, scope).map_or_else(|| called(scope, unbacked(name)), by_job)
    });
    let operated = operated(scope).into_iter().map(|(store, backups)| by_operator(store, &backups));
    Outcome::all(outcomes.chain(operated)).unwrap_or_else(|| {
        called(
            scope,
            Outcome::unknown(
                "no backup was found: declare each store with its backup under `data:` in \
                 gonogo.yaml, or write `data: []` where nothing is kept",
            ),
        )
    })
}

/// What is not known of backups, with the job of a pipeline that is called after them: what it does
/// was not looked at.
fn called(scope: &Scope<'_>, outcome: Outcome) -> Outcome {
    let Outcome::Unknown(reason) = outcome else { return outcome };
    let is_it = |job: &&Job| {
        let names = [Some(&job.id), job.calls.as_ref()];
        names.into_iter().flatten().any(|name| prose::mentions(name, &["backup"]))
    };
    let jobs = scope.pipelines.iter().flat_map(|p| p.jobs.iter().map(|job| (&p.place.path, job)));
    let found = jobs.into_iter().find(|(_, job)| is_it(job));
    Outcome::Unknown(found.map_or(reason.clone(), |(path, job)| {
        let id = &job.id.value;
        format!("{reason}; what job `{id}` of `{path}` backs up, and how often, was not looked at")
    }))
}

/// How one store of gonogo.yaml is backed up.
fn backup<'a>(store: &'a Store, is_only: bool, scope: &Scope<'a>) -> Outcome {
    let name = &store.store.value;
    let job = || job_of(name, is_only, scope);
    if let Some(command) = store.backup_command.as_ref().filter(|command| does_nothing(command)) {
        let message = format!("the backup of `{name}` does nothing: `{}`", command.value);
        return Finding::at(&command.place, message)
            .help("name the command that backs it up")
            .into();
    }
    match (&store.backup_schedule, &store.backup_command) {
        (Some(schedule), _) => scheduled(store, schedule),
        (None, Some(command)) => job().map_or_else(
            || {
                Finding::at(&command.place, format!("the backup of `{name}` has no schedule"))
                    .help("add how often it runs:\n\nbackup: {schedule: \"0 2 * * *\"}")
                    .into()
            },
            by_job,
        ),
        (None, None) => job().map_or_else(|| of_operator(name, is_only, scope), by_job),
    }
}

/// How the operator that keeps the store `name` backs it up.
fn of_operator(name: &str, is_only: bool, scope: &Scope<'_>) -> Outcome {
    let stores = operated(scope);
    let is_meant =
        |store: &str| is_only || prose::mentions(&prose::plain(store), &[&prose::plain(name)]);
    let mut meant = stores.iter().filter(|(store, _)| is_meant(store));
    let found = meant.next().filter(|_| meant.next().is_none());
    found.map_or_else(|| unbacked(name), |(store, backups)| by_operator(store, backups))
}

/// The stores that operators keep for the service, each with how it is backed up: those whose Secret
/// it is given, and those that are called after it.
fn operated<'a>(scope: &Scope<'a>) -> BTreeMap<&'a str, Vec<&'a StoreBackup>> {
    let cluster = &scope.all.cluster;
    let given: BTreeSet<&str> = scope.workloads.iter().flat_map(|w| secrets_of(w)).collect();
    let is_given = |source: &&SecretSource| {
        source.target.as_deref().is_some_and(|target| given.contains(target))
    };
    let used = cluster.secret_sources.iter().filter(is_given);
    let used: BTreeSet<&str> = used.map(|source| source.name.value.as_str()).collect();
    let service = prose::plain(&scope.service.name);
    let mut stores: BTreeMap<&str, Vec<&StoreBackup>> = BTreeMap::new();
    for backup in &cluster.store_backups {
        let store = backup.store.as_str();
        if used.contains(store) || prose::mentions(&prose::plain(store), &[&service]) {
            stores.entry(store).or_default().push(backup);
        }
    }
    stores
}

/// Names of the Secrets that the containers of a workload are given.
fn secrets_of(workload: &Workload) -> impl Iterator<Item = &str> {
    let containers = workload.containers.iter().chain(&workload.init_containers);
    containers.flat_map(Container::secret_names)
}

/// Whether the operator that keeps a store backs it up: what runs most often speaks for it.
fn by_operator(store: &str, backups: &[&StoreBackup]) -> Outcome {
    let running = backups.iter().filter(|backup| backup.suspended.is_none());
    let timed =
        running.filter_map(|backup| Some((schedule::longest_pause_s(&backup.schedule)?, *backup)));
    if let Some((pause_s, backup)) = timed.min_by_key(|(pause_s, _)| *pause_s) {
        let (kind, pause) = (&backup.kind, in_words(pause_s.into()));
        let seen = format!("{kind} `{}` backs up `{store}` every {pause}", backup.name.value);
        return Outcome::met(&backup.schedule.place, seen);
    }
    let stopped = backups.iter().find_map(|backup| backup.suspended.as_ref());
    match (stopped, backups.first()) {
        (Some(place), _) => Finding::at(place, format!("the backup of `{store}` is suspended"))
            .help("let it run again: take `suspend: true` away")
            .into(),
        (None, Some(backup)) => {
            let schedule = &backup.schedule;
            let message = format!("the backup of `{store}` never runs: `{}`", schedule.value);
            Finding::at(&schedule.place, message)
                .help("write a cron expression, such as `0 2 * * *`")
                .into()
        }
        (None, None) => unbacked(store),
    }
}

fn unbacked(name: &str) -> Outcome {
    Outcome::Unknown(format!(
        "no backup of `{name}` was found: declare it under `data:` in gonogo.yaml with its \
         `backup: {{command, schedule}}`"
    ))
}

/// Whether the schedule runs as often as the recovery point asks.
fn scheduled(store: &Store, schedule: &Placed<String>) -> Outcome {
    let name = &store.store.value;
    let Some(pause_s) = schedule::longest_pause_s(schedule) else {
        let message = format!("the backup of `{name}` never runs: `{}`", schedule.value);
        return Finding::at(&schedule.place, message)
            .help("write a cron expression, such as `0 2 * * *`")
            .into();
    };
    let pause = in_words(pause_s.into());
    match &store.rpo_s {
        Some(target) if f64::from(pause_s) > target.value => {
            let target_words = in_words(target.value);
            let message = format!(
                "`{name}` is backed up every {pause} at worst, but may lose {target_words} at most"
            );
            Finding::at(&schedule.place, message)
                .help("back it up more often, or ship its log continuously")
                .related(&target.place, "the recovery point")
                .into()
        }
        _ => Outcome::met(&schedule.place, format!("`{name}` is backed up every {pause}")),
    }
}

fn by_job(job: &Workload) -> Outcome {
    let name = &job.name.value;
    if let Some(place) = &job.suspended {
        return Finding::at(place, format!("the backup job `{name}` is suspended"))
            .help("let it run again: take `suspend: true` away")
            .into();
    }
    let when = job.schedule.as_ref().map_or("", |schedule| schedule.value.as_str());
    Outcome::met(&job.name.place, format!("job `{name}` at `{when}`"))
}

/// The job that backs up the store `name`, one that runs before one that is suspended.
fn job_of<'a>(name: &'a str, is_only: bool, scope: &Scope<'a>) -> Option<&'a Workload> {
    let runs = jobs(name, is_only, scope).find(|job| job.suspended.is_none());
    runs.or_else(|| jobs(name, is_only, scope).next())
}

/// Scheduled jobs that back up the store `name`: they say so, and name it unless it is the only one.
fn jobs<'a>(
    name: &'a str,
    is_only: bool,
    scope: &Scope<'a>,
) -> impl Iterator<Item = &'a Workload> + use<'a> {
    let (service, all) = (scope.service.name.as_str(), &scope.all.workloads);
    all.iter().filter(move |job| {
        let text = text_of(job);
        let mine: &[&str] = if is_only { &[name, service] } else { &[name] };
        let is_meant = mine.iter().any(|name| prose::mentions(&text, &[&prose::plain(name)]));
        job.schedule.is_some() && is_backup(job, &text) && is_meant
    })
}

fn text_of(job: &Workload) -> String {
    let mut text = job.name.value.clone();
    for container in &job.containers {
        let parts = [container.image.as_ref(), container.command.as_ref()];
        let values = container.environment.iter().filter_map(|variable| match &variable.value {
            VariableValue::Literal(value) => Some(value),
            VariableValue::Secret(name) | VariableValue::Config(name) => Some(name),
            _ => None,
        });
        for part in parts.into_iter().flatten().chain(values) {
            text.push('\n');
            text.push_str(part);
        }
    }
    text
}

fn is_backup(job: &Workload, text: &str) -> bool {
    let commands = job.containers.iter().filter_map(|container| container.command.as_ref());
    let has_command = commands.clone().next().is_some();
    let is_idle = has_command && commands.clone().all(|command| does_nothing(command));
    !is_idle
        && (prose::mentions(text, TOOLS)
            || prose::mentions(&job.name, &["backup", "dump", "snapshot"]))
}

static TOOLS: &[&str] = &[
    "barman",
    "borg create",
    "duplicity",
    "etcdctl snapshot",
    "mariadb dump",
    "mongodump",
    "mysqldump",
    "pg basebackup",
    "pg dump",
    "pg dumpall",
    "pgbackrest",
    "redis cli rdb",
    "restic",
    "velero backup",
    "wal g",
    "xtrabackup",
];

/// Whether a command only pretends: `true`, `echo done`, `exit 0`, `sleep 1`.
fn does_nothing(command: &str) -> bool {
    let command = command.trim();
    let shell = ["sh -c ", "bash -c ", "/bin/sh -c ", "/bin/bash -c "];
    let inner = shell.iter().find_map(|start| command.strip_prefix(start)).unwrap_or(command);
    let inner = inner.trim_matches(['"', '\'', ' ']);
    let joins = [";", "&&", "||", "|", "\n", "$(", ">"];
    let first = inner.split_whitespace().next().unwrap_or_default();
    let is_idle = ["true", "/bin/true", ":", "echo", "exit", "sleep", "date"].contains(&first);
    inner.is_empty() || (is_idle && !joins.iter().any(|join| inner.contains(join)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::judged;

    #[test]
    fn a_job_that_is_called_after_backups_is_named() {
        let said = |job: &str| {
            let text = format!(
                "on: push\njobs:\n  {job}:\n    uses: shop/actions/.github/workflows/{job}.yaml@main\n"
            );
            let files = [
                ("gonogo.yaml", "service: till\nkind: web\n"),
                (".github/workflows/a.yaml", text.as_str()),
            ];
            match judged(&files, judge) {
                Outcome::Unknown(reason) => reason,
                other => format!("{other:?}"),
            }
        };
        assert!(said("cloud-db-backup").contains("job `cloud-db-backup` of"));
        assert!(!said("cloud-db-copy").contains("job `"));
    }
}
