//! Stores that operators keep: the Secrets that they make for them, and how they back them up.

use model::Placed;

use crate::tree::Node;
use crate::{Facts, StoreBackup};

use super::manifest::Manifest;
use super::{field, secret};

/// Reads a `PostgresCluster` of Crunchy: a Secret for each user, and the schedules of pgBackRest.
pub(super) fn read_crunchy(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let cluster = &manifest.name.value;
    let mut users: Vec<String> = field::items(spec, &["users"])
        .iter()
        .filter_map(|user| Some(user.string("name")?.value))
        .collect();
    if users.is_empty() {
        users.push(cluster.clone());
    }
    let made = users.into_iter().map(|user| format!("{cluster}-pguser-{user}"));
    make(manifest, made, facts);
    let repositories = field::items(spec, &["backups", "pgbackrest", "repos"]);
    let schedules = repositories.iter().flat_map(|repository| {
        let schedules = repository.get("schedules").into_iter().flat_map(Node::entries);
        schedules.filter_map(|(_, _, schedule)| field::scalar(schedule))
    });
    facts.cluster.store_backups.extend(schedules.map(|schedule| StoreBackup {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        store: cluster.clone(),
        schedule,
        suspended: None,
    }));
}

/// Reads a `Cluster` of `CloudNativePG`, which makes a Secret for the application unless it is given
/// one.
pub(super) fn read_cloud_native(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let starts = ["initdb", "recovery", "pg_basebackup"];
    let given = |start: &&str| field::text(spec, &["bootstrap", start, "secret", "name"]).is_some();
    let cluster = &manifest.name.value;
    let application = (!starts.iter().any(given)).then(|| format!("{cluster}-app"));
    let has_superuser = spec.get("enableSuperuserAccess").and_then(Node::bool) == Some(true)
        && field::text(spec, &["superuserSecret", "name"]).is_none();
    let superuser = has_superuser.then(|| format!("{cluster}-superuser"));
    make(manifest, application.into_iter().chain(superuser), facts);
}

/// Reads a `ScheduledBackup` of `CloudNativePG`, whose schedules begin with a field for seconds.
pub(super) fn read_scheduled(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let store = field::text(spec, &["cluster", "name"]);
    let (Some(store), Some(schedule)) = (store, field::text(spec, &["schedule"])) else { return };
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let minutes = match fields.as_slice() {
        [_, minutes @ ..] if minutes.len() == 5 => minutes.join(" "),
        _ => schedule.value.clone(),
    };
    let suspended = spec.get("suspend").filter(|suspend| suspend.bool() == Some(true));
    facts.cluster.store_backups.push(StoreBackup {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        store: store.value,
        schedule: Placed::new(minutes, schedule.place),
        suspended: suspended.map(|suspend| suspend.place.clone()),
    });
}

fn make(manifest: &Manifest<'_>, secrets: impl Iterator<Item = String>, facts: &mut Facts) {
    let kind = manifest.header.kind;
    let sources = secrets.map(|name| secret::source(manifest, kind, Some(name)));
    facts.cluster.secret_sources.extend(sources);
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    /// The Secrets that are made, and store, schedule and place of each backup.
    fn kept(text: &str) -> (Vec<String>, Vec<(String, String, String)>) {
        let facts = facts_of(text);
        assert_eq!(facts.gaps, []);
        let secrets = facts.cluster.secret_sources.into_iter().filter_map(|source| source.target);
        let backups = facts.cluster.store_backups.into_iter().map(|backup| {
            let place = at(&backup.schedule.place);
            (backup.store, backup.schedule.value, place)
        });
        (secrets.collect(), backups.collect())
    }

    #[test]
    fn a_postgres_cluster_of_crunchy_makes_secrets_and_backs_itself_up() {
        let cluster = |users: &str| {
            format!(
                "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\nmetadata: {{name: till}}\nspec:\n{users}  \
                 backups:\n    pgbackrest:\n      repos:\n      - name: repo1\n        schedules:\n          full: '0 1 * * 0'\n          \
                 differential: '0 1 * * 1-6'\n      - name: repo2\n"
            )
        };
        let (secrets, backups) = kept(&cluster(""));
        assert_eq!(secrets, ["till-pguser-till"]);
        let backup = |schedule: &str, place: &str| {
            ("till".to_owned(), schedule.to_owned(), place.to_owned())
        };
        assert_eq!(backups, [backup("0 1 * * 0", "10:17"), backup("0 1 * * 1-6", "11:25")]);
        let users = "  users: [{name: app}, {name: reader}]\n";
        assert_eq!(kept(&cluster(users)).0, ["till-pguser-app", "till-pguser-reader"]);
    }

    #[test]
    fn a_cluster_of_cloud_native_pg_makes_the_secret_that_it_is_not_given() {
        let secrets = |spec: &str| {
            let cluster =
                "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: till}\n";
            kept(&format!("{cluster}spec: {spec}\n")).0
        };
        assert_eq!(secrets("{instances: 3}"), ["till-app"]);
        assert_eq!(secrets("{enableSuperuserAccess: true}"), ["till-app", "till-superuser"]);
        assert_eq!(secrets("{bootstrap: {initdb: {secret: {name: x}}}}"), [""; 0]);
        let other =
            "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {name: till}\nspec: {}\n";
        assert_eq!(kept(other).0, [""; 0]);
    }

    #[test]
    fn a_scheduled_backup_has_a_field_for_seconds_that_is_left_out() {
        let backup = |more: &str| {
            format!(
                "apiVersion: postgresql.cnpg.io/v1\nkind: ScheduledBackup\nmetadata: {{name: nightly}}\nspec: {{schedule: '0 0 2 * * *', cluster: {{name: till}}{more}}}\n"
            )
        };
        let expected = ("till".to_owned(), "0 2 * * *".to_owned(), "4:18".to_owned());
        assert_eq!(kept(&backup("")).1, [expected]);
        let suspended = facts_of(&backup(", suspend: true"));
        assert!(suspended.cluster.store_backups[0].suspended.is_some());
    }
}
