//! Workloads as candidates.

use std::collections::{HashMap, HashSet};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::{DockerfileName, around_recipe, dockerfile_name, only_waits};
use super::gather::{base_of, build_home, dockerfile_path, standing, store_by_name};
use super::name::{has_words, image_name, is_templated, key, last_part, repository, tag};
use super::provenance::Ties;
use super::sample::is_sample_manifest;
use super::third_party::{ThirdParty, is_base, is_store_name, is_store_port, named, third_party};
use crate::scope::is_never_fetched;
use crate::{Container, Dockerfile, Platform, Workload, WorkloadKind};

/// Labels that name what a pod belongs to, the most exact first.
pub(super) const NAME_LABELS: &[&str] = &["app.kubernetes.io/name", "app", "k8s-app", "name"];

pub(super) fn candidate<'f>(
    workload: &'f Workload,
    images: &HashMap<&str, &Dockerfile>,
    shipped: &HashSet<String>,
    ties: &Ties,
) -> Candidate<'f> {
    let (source, what) = origin(workload);
    let name = &workload.name;
    let what = format!("{what} `{}`", **name);
    let mut candidate = Candidate::new(Fact::Workload(workload), source, name, what);
    let own = main_container(workload, ties);
    let build = own.and_then(|container| container.build.as_deref());
    let dockerfile = own.and_then(|container| container.dockerfile.as_deref().map(String::as_str));
    candidate.home = build.and_then(|context| build_home(context, dockerfile, images));
    candidate.standing = match build {
        Some(_) if workload.kind == WorkloadKind::Job => Standing::Follows("runs once".into()),
        Some(_) if workload.is_off() => {
            Standing::Follows("is switched off: no instance of it is started".into())
        }
        Some(context) => standing_of_build(context, dockerfile, images, shipped, ties),
        None => deployed(workload, own, ties),
    };
    candidate.is_job = !workload.is_long_running();
    candidate.image = own.and_then(|container| own_image(container, &candidate.key, ties));
    candidate.image_folder = own.and_then(image_folder);
    candidate.aliases = labels(workload).chain(candidate.image.clone()).collect();
    candidate
}

fn origin(workload: &Workload) -> (Origin, &'static str) {
    match (workload.platform, workload.kind) {
        (Platform::Compose, _) => (Origin::Compose, "Compose service"),
        (Platform::Systemd, _) => (Origin::Systemd, "systemd unit"),
        (Platform::Kubernetes, kind) => (Origin::Kubernetes, kind_name(kind)),
    }
}

fn kind_name(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::StatefulSet => "StatefulSet",
        WorkloadKind::DaemonSet => "DaemonSet",
        WorkloadKind::Pod => "Pod",
        WorkloadKind::Job => "Job",
        WorkloadKind::CronJob => "CronJob",
        _ => "Deployment",
    }
}

/// Keys of the labels that name what the pods belong to.
pub(crate) fn labels(workload: &Workload) -> impl Iterator<Item = String> {
    let label = |name: &&str| {
        let (_, value) = workload.labels.iter().find(|(label, _)| label == name)?;
        (!is_templated(value)).then(|| key(value))
    };
    NAME_LABELS.iter().filter_map(label)
}

/// The container that the workload is named after, else the first that is no third-party helper.
fn main_container<'w>(workload: &'w Workload, ties: &Ties) -> Option<&'w Container> {
    let containers = &workload.containers;
    let image = |container: &Container| container.image.as_ref().map(|image| image.value.clone());
    let is_own = |c: &&Container| image(c).is_none_or(|image| ties.third_party(&image).is_none());
    // What bears the name of its image is that software, whatever of the team's runs beside it.
    let is_itself = |c: &Container| {
        image(c).is_some_and(|image| {
            let kind = ties.third_party(&image);
            kind.is_some_and(|kind| kind != ThirdParty::Proxy)
                && image_name(&image).is_some_and(|name| name == key(&workload.name))
        })
    };
    containers
        .iter()
        .find(|container| container.name.value == workload.name.value)
        .filter(|container| is_own(container) || is_itself(container))
        .or_else(|| containers.iter().find(is_own))
        .or_else(|| containers.first())
}

/// The key of the image that a container runs, when it is nobody else's and one for the workload:
/// some keep the images of all services under one name and tell them by tags (`shop:1.2-cart`).
fn own_image(container: &Container, workload: &str, ties: &Ties) -> Option<String> {
    let image = container.image.as_deref()?;
    let is_own = ties.third_party(image).is_none() && !is_base(image);
    image_name(image).filter(|_| is_own && !has_words(&key(tag(image)), workload))
}

fn image_folder(container: &Container) -> Option<String> {
    folder_of_image(container.image.as_deref()?)
}

/// The key of the last folder that an image lies in, the registry left out.
pub(super) fn folder_of_image(image: &str) -> Option<String> {
    let (folder, _) = repository(image).rsplit_once('/')?;
    let last = folder.rsplit('/').next().filter(|part| !part.contains(['.', ':']))?;
    Some(key(last)).filter(|folder| !folder.is_empty())
}

/// Keys of the folders that the image of a Compose service lies in, the registry left out.
pub(super) fn registry_folders(workload: &Workload) -> Vec<String> {
    let is_image = workload.kind == WorkloadKind::ComposeImage;
    let image = main_container(workload, &Ties::default())
        .filter(|_| is_image)
        .and_then(|c| c.image.as_deref());
    let (folder, _) =
        image.and_then(|image| repository(image).rsplit_once('/')).unwrap_or_default();
    let is_registry = |part: &str| part.contains(['.', ':']);
    folder.split('/').filter(|part| !part.is_empty() && !is_registry(part)).map(key).collect()
}

/// What a Compose service that is built here is good for; `shipped`: the recipes of pipelines.
fn standing_of_build(
    context: &str,
    dockerfile: Option<&str>,
    images: &HashMap<&str, &Dockerfile>,
    shipped: &HashSet<String>,
    ties: &Ties,
) -> Standing {
    let path = dockerfile_path(context, dockerfile);
    let is_shipped = around_recipe(&path).is_some() && shipped.contains(&path);
    match dockerfile_name(if is_shipped { last_part(&path) } else { &path }) {
        _ if is_sample_manifest(&path) => return developed(),
        DockerfileName::Development => return developed(),
        DockerfileName::Named(name) if is_store_name(&key(&name)) => return store_by_name(),
        _ => {}
    }
    images.get(path.as_str()).map_or(Standing::Founds, |file| standing(file, ties))
}

fn developed() -> Standing {
    Standing::Stranger("is built for developing or testing".into())
}

fn deployed(workload: &Workload, container: Option<&Container>, ties: &Ties) -> Standing {
    let image = container.and_then(|container| container.image.as_deref());
    if workload.platform == Platform::Systemd {
        let is_once = workload.kind == WorkloadKind::Job;
        return if is_once { Standing::Follows("runs once".into()) } else { Standing::Founds };
    }
    if kind_of_stranger(workload, ties).is_some() {
        let image = image.map_or("", String::as_str);
        if ties.third_party(image).is_none() && container.is_some_and(listens_as_store) {
            return Standing::Stranger("listens only where databases do".into());
        }
        if ties.third_party(image).is_none() && container.is_some_and(keeps_data) {
            return Standing::Stranger("keeps the files of a database".into());
        }
        return Standing::Stranger(format!("runs the third-party image `{image}`"));
    }
    if workload.platform == Platform::Kubernetes && is_foreign(workload, ties) {
        let image = image.map_or("", String::as_str);
        return Standing::Foreign(format!(
            "runs `{image}`, which nothing ties to this tree: software of others; a gonogo.yaml \
             beside it with `service: {}` makes it a service",
            *workload.name
        ));
    }
    if is_never_fetched(workload) {
        return Standing::Follows(NEVER_FETCHED.into());
    }
    if workload.platform == Platform::Kubernetes && workload.is_off() {
        return Standing::Follows("is switched off: its `replicas` are 0".into());
    }
    let command = container.and_then(|container| container.command.as_deref());
    if workload.platform == Platform::Kubernetes && command.is_some_and(|c| only_waits(c)) {
        return Standing::Follows("only waits for people to come in".into());
    }
    match (workload.kind, image) {
        (_, None) => Standing::Follows("names no image: it changes another".into()),
        (WorkloadKind::Job, _) => Standing::Follows("runs once".into()),
        (WorkloadKind::ComposeImage, Some(image)) if image_name(image).is_none() => {
            let why = "whose name is filled in later: whether it is built in this tree is not told";
            Standing::Follows(format!("runs `{image}`, {why}"))
        }
        (WorkloadKind::ComposeImage, Some(image)) => {
            Standing::Follows(format!("runs `{image}`, which is not built in this tree"))
        }
        _ => Standing::Founds,
    }
}

/// Why what only a machine for trying out can run makes no service.
pub(super) const NEVER_FETCHED: &str =
    "runs an image that is never fetched (`imagePullPolicy: Never`)";

/// Whether all that a workload runs is software of others, by where it is taken from.
fn is_foreign(workload: &Workload, ties: &Ties) -> bool {
    let images = || workload.containers.iter().map(|container| container.image.as_deref());
    let is_strange = |image: Option<&String>| {
        image.is_some_and(|image| ties.third_party(image).is_some() || ties.is_foreign(image))
    };
    !workload.containers.is_empty() && images().all(is_strange)
}

fn listens_as_store(container: &Container) -> bool {
    is_store_port(container.ports.iter().map(|port| port.number))
}

/// Whether a container is a database by what it is told and what it keeps, whatever its image is
/// called: it is told what only such are, and a volume is mounted where they keep their files.
fn keeps_data(container: &Container) -> bool {
    let is_told = container.environment.iter().any(|variable| {
        let name = variable.name.as_str();
        DATABASE_VARIABLES.contains(&name)
    });
    let is_kept = |path: &String| {
        DATA_FOLDERS.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    is_told && container.mounts.iter().any(is_kept)
}

/// Variables by which the images of databases are told what to make, or which others they join.
const DATABASE_VARIABLES: &[&str] = &[
    "ELASTIC_PASSWORD",
    "MARIADB_DATABASE",
    "MARIADB_ROOT_PASSWORD",
    "MARIADB_USER",
    "MONGO_INITDB_DATABASE",
    "MONGO_INITDB_ROOT_USERNAME",
    "MYSQL_DATABASE",
    "MYSQL_ROOT_PASSWORD",
    "MYSQL_USER",
    "PGDATA",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
    "POSTGRES_USER",
    "discovery.type",
];

/// Where databases keep their files.
const DATA_FOLDERS: &[&str] = &[
    "/data/db",
    "/usr/share/elasticsearch/data",
    "/usr/share/opensearch/data",
    "/var/lib/mysql",
    "/var/lib/pgsql",
    "/var/lib/postgresql",
];

/// Whose software a workload is, when all that it runs is known to be somebody else's.
fn kind_of_stranger(workload: &Workload, ties: &Ties) -> Option<ThirdParty> {
    let container = main_container(workload, ties)?;
    let image = container.image.as_deref()?;
    if container.build.is_some() {
        return None;
    }
    let is_store = || listens_as_store(container) || keeps_data(container);
    let store = || is_store().then_some(ThirdParty::Datastore);
    ties.third_party(image).or_else(store).or_else(|| {
        // A variable for an image is named after the product: `$POSTGRES_IMAGE`.
        let variable = is_templated(image).then(|| key(image.trim_matches(['$', '{', '}'])));
        let names = [variable.unwrap_or_default(), key(&workload.name)];
        let is_datastore = |word: &str| named(word) == Some(ThirdParty::Datastore);
        let is_named = is_datastore(&names[1])
            || (is_templated(image)
                && names
                    .iter()
                    .any(|name| name.split('-').any(|w| is_datastore(w) && has_words(name, w))));
        is_named.then_some(ThirdParty::Datastore)
    })
}

/// Whether a workload keeps data or passes messages on by somebody else's software, which may be
/// built upon in this tree.
pub(crate) fn is_datastore(workload: &Workload, images: &HashMap<&str, &Dockerfile>) -> bool {
    let ties = Ties::default();
    let built_upon = || {
        let path = main_container(workload, &ties)?.recipe()?;
        third_party(base_of(images.get(path.as_str())?))
    };
    let is_store = |kind: Option<ThirdParty>| kind == Some(ThirdParty::Datastore);
    let is_named = || named(&key(&workload.name)) == Some(ThirdParty::Datastore);
    is_store(kind_of_stranger(workload, &ties)) || is_store(built_upon()) || is_named()
}

/// Whether it runs more than a shell or a language, so that it can be taken for a service.
pub(super) fn runs_service(workload: &Workload) -> bool {
    let image =
        main_container(workload, &Ties::default()).and_then(|container| container.image.as_deref());
    image.is_some_and(|image| !is_base(image))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Facts, read};

    fn is_store(text: &str) -> bool {
        let mut facts = Facts::default();
        facts.append(read(&"deploy/stock.yaml".into(), text.as_bytes()));
        crate::settle(&mut facts);
        assert_eq!(facts.gaps, []);
        is_datastore(&facts.workloads[0], &HashMap::new())
    }

    #[test]
    fn what_makes_a_database_and_keeps_its_files_is_one_whatever_its_image_is_called() {
        let text = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: stock-geo}
spec:
  selector: {matchLabels: {app: stock-geo}}
  template:
    metadata: {labels: {app: stock-geo}}
    spec:
      containers:
      - name: stock-geo
        image: ghcr.io/acme/elephant-geo:3
        env: [{name: POSTGRES_DB, value: stock}]
        volumeMounts: [{name: d, mountPath: /var/lib/postgresql/data}]
";
        assert!(is_store(text));
        assert!(!is_store(&text.replace("/var/lib/postgresql/data", "/uploads")));
        assert!(!is_store(&text.replace("/var/lib/postgresql/data", "/var/lib/postgresqlite")));
        assert!(!is_store(&text.replace("POSTGRES_DB", "POSTGRES_HOST")));
        let search = text.replace("/var/lib/postgresql/data", "/usr/share/elasticsearch/data");
        assert!(is_store(&search.replace("POSTGRES_DB", "discovery.type")));
        assert!(!is_store(&search.replace("POSTGRES_DB", "ELASTIC_URL")));
    }
}
