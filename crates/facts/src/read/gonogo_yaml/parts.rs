//! Dependencies, stores, and how the service runs and is deployed.

use model::Placed;

use super::numbered;
use crate::schema::Fields;
use crate::{Dependency, Deploy, Identity, Run, Store};

/// The dependencies of a service; none where the key is missing.
pub(super) fn dependencies(service: Fields<'_>) -> Option<Vec<Dependency>> {
    let items = service.list("dependencies")?.into_iter().enumerate();
    Some(items.map(|(position, fields)| dependency(fields, position)).collect())
}

fn dependency(fields: Fields<'_>, position: usize) -> Dependency {
    let place = fields.place();
    let stand_in = fields.inside("run");
    Dependency {
        name: fields.text("name").unwrap_or_else(|| numbered("dependency", position, &place)),
        kind: fields.text("kind"),
        is_critical: fields.flag("critical"),
        address: fields.text("address"),
        proxy: fields.text("proxy"),
        stand_in: stand_in.map_or_else(Vec::new, |run| run.words("command")),
        stand_in_environment: stand_in.map_or_else(Vec::new, |run| run.texts("env")),
        timeout_s: fields.duration_s("timeout"),
        max_retries: fields.inside("retries").and_then(|retries| retries.whole("max")),
        on_failure: fields.text("on-failure"),
        place,
    }
}

/// How the service is started.
pub(super) fn run(fields: Fields<'_>) -> Run {
    let stop = fields.inside("stop");
    let environment = fields.named_texts("env").into_iter();
    Run {
        command: fields.command("command"),
        arguments: fields.words("command"),
        environment: environment.map(|(name, text)| (name.value, text)).collect(),
        url: fields.text("url"),
        ready: fields.text("ready"),
        live: fields.text("live"),
        metrics: fields.text("metrics"),
        logs: fields.text("logs"),
        stop_signal: stop.and_then(|stop| stop.text("signal")),
        stop_within_s: stop.and_then(|stop| stop.duration_s("within")),
        place: fields.place(),
    }
}

/// Whose requests journeys make.
pub(super) fn identities(service: Fields<'_>) -> Vec<Identity> {
    let identities = service.named("identities").into_iter();
    identities.map(|(name, fields)| Identity { name, headers: fields.texts("headers") }).collect()
}

/// What the service keeps; none where the key is missing.
pub(super) fn stores(service: Fields<'_>) -> Option<Vec<Store>> {
    let items = service.list("data")?.into_iter().enumerate();
    Some(items.map(|(position, fields)| store(fields, position)).collect())
}

fn store(fields: Fields<'_>, position: usize) -> Store {
    let place = fields.place();
    let backup = fields.inside("backup");
    let targets = fields.inside("targets");
    let retention = fields.duration_s("retention");
    Store {
        store: fields.text("store").unwrap_or_else(|| numbered("store", position, &place)),
        owner: fields.text("owner"),
        classification: fields.text("classification"),
        retention_d: retention.map(|kept| Placed::new(kept.value / 86_400.0, kept.place)),
        deletion: fields.text("deletion"),
        backup_command: backup.and_then(|backup| backup.command("command")),
        backup_schedule: backup.and_then(|backup| backup.text("schedule")),
        backup_to: backup.and_then(|backup| backup.text("to")),
        restore_command: fields.inside("restore").and_then(|restore| restore.command("command")),
        smoke: fields.text("smoke"),
        rto_s: targets.and_then(|targets| targets.duration_s("rto")),
        rpo_s: targets.and_then(|targets| targets.duration_s("rpo")),
        migrations: fields.text("migrations"),
        place,
    }
}

/// How the service is deployed.
pub(super) fn deploy(fields: Fields<'_>) -> Deploy {
    Deploy {
        command: fields.command("command"),
        rollback: fields.command("rollback"),
        version: fields.inside("version").and_then(|version| version.text("path")),
        place: fields.place(),
    }
}

/// Where to find what is about the service.
pub(super) fn links(fields: Fields<'_>) -> Vec<(String, Placed<String>)> {
    fields.named_texts("links").into_iter().map(|(name, link)| (name.value, link)).collect()
}
