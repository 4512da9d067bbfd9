//! As whom containers run.

use crate::decide;
use crate::prelude::*;

/// As whom something runs.
#[derive(Clone, Debug)]
pub(super) enum Runs {
    /// As root, evidently.
    AsRoot(Finding),
    /// As somebody else, evidently.
    AsOther(Sighting),
    /// Nothing that was read says it.
    Unclear(String),
}

/// Images that run as root where nobody says otherwise, by the last part of their name.
static ROOT_BASES: &[&str] = &[
    "alpine",
    "almalinux",
    "amazoncorretto",
    "amazonlinux",
    "buildpack-deps",
    "bun",
    "busybox",
    "centos",
    "composer",
    "debian",
    "deno",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "fedora",
    "golang",
    "gradle",
    "haskell",
    "httpd",
    "maven",
    "nginx",
    "node",
    "openjdk",
    "perl",
    "php",
    "pypy",
    "python",
    "rockylinux",
    "ruby",
    "rust",
    "swift",
    "ubuntu",
];

/// Words of images that do not run as root.
static OTHER_BASES: &[&str] = &["nonroot", "non-root", "rootless", "unprivileged"];

/// Programs that give root away when the container starts.
static DROPS: &[&str] = &["gosu", "setpriv", "su-exec", "runuser", "chpst", "s6-setuidgid"];

/// As whom each container of the service runs; without a workload as whom its images run.
pub(super) fn runs_as(scope: &Scope<'_>) -> Vec<Runs> {
    let mut all = Vec::new();
    for workload in &scope.workloads {
        for container in workload.containers.iter().chain(&workload.init_containers) {
            all.push(of_container(container, workload, scope));
        }
    }
    if scope.workloads.is_empty() {
        let user = user_of_chart(scope);
        let platform = manifest_of_nais(scope);
        let of_file = |file: &&Dockerfile| match (of_image(file), user) {
            (Runs::AsRoot(_), _) if platform.is_some() => Runs::Unclear(format!(
                "as whom nais starts the image of `{}` is for the platform to say, and `{}` was not \
                 rendered",
                file.place.path,
                platform.map_or("", |gap| &gap.place.path)
            )),
            // What a chart sets counts, whatever the image says.
            (Runs::AsRoot(_), Some(user)) => Runs::Unclear(format!(
                "`{}` says `{}`, and the chart was not rendered: whether it holds for the image of \
                 `{}` was not read",
                user.place.path, user.value, file.place.path
            )),
            (runs, _) => runs,
        };
        all.extend(scope.dockerfiles.iter().map(of_file));
        all.extend(scope.dockerfiles_aside.iter().filter_map(|file| of_aside(file)));
    }
    all
}

/// What nothing shows to ship is no finding, and nothing to call clean either.
fn of_aside(file: &Dockerfile) -> Option<Runs> {
    let Runs::AsRoot(_) = of_image(file) else { return None };
    Some(Runs::Unclear(decide::aside(&file.place.path, "the image runs as root")))
}

/// A manifest of nais that was not rendered: the platform starts no image as root.
fn manifest_of_nais<'a>(scope: &Scope<'a>) -> Option<&'a Gap> {
    let is_of_nais = |part: &str| part.trim_start_matches('.').starts_with("nais");
    scope.gaps_of(Subject::Workloads).find(|gap| gap.place.path.split('/').any(is_of_nais))
}

/// The user other than root that a Helm chart of the service names, which nothing rendered, or a
/// template of another chart that is called after it.
fn user_of_chart<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let gaps = scope.gaps_of(Subject::Workloads);
    let folders: Vec<&str> =
        gaps.filter_map(|gap| Some(gap.place.path.rsplit_once("/templates/")?.0)).collect();
    let is_own = |user: &&Placed<String>| {
        let is_within = || folders.iter().any(|folder| path::is_below(&user.place.path, folder));
        let kinds = ["cronjob", "daemonset", "deployment", "job", "statefulset", "workload"];
        match template(user) {
            None => is_within(),
            Some(name) => is_called(name, scope) || (kinds.contains(&name) && is_within()),
        }
    };
    scope.all.chart_users.iter().find(is_own)
}

/// What the template is called in which a user stands; the values of a chart are none.
fn template(user: &Placed<String>) -> Option<&str> {
    let is_template = user.place.path.contains("/templates/");
    is_template.then(|| user.place.file_name().split('.').next().unwrap_or_default())
}

fn is_called(name: &str, scope: &Scope<'_>) -> bool {
    let own = scope.service.aliases.iter().chain([&scope.service.name]);
    own.into_iter().any(|own| name.contains(own.as_str()))
}

fn of_container(container: &Container, workload: &Workload, scope: &Scope<'_>) -> Runs {
    let (name, security) = (&container.name.value, &container.security);
    if let Some(user) = &security.run_as_user {
        let uid = user.split(':').next().unwrap_or_default();
        if is_written_later(user) {
            return Runs::Unclear(format!(
                "`{name}` of `{}` runs as `{}`, which stands where a user is still to be written",
                user.place.path, user.value
            ));
        }
        if uid == "0" || uid == "root" {
            let help = "write the number of a user who owns nothing: `runAsUser: 10001`";
            let message = format!("`{name}` runs as root: user `{}`", user.value);
            return Runs::AsRoot(Finding::at(&user.place, message).help(help));
        }
        if !uid.contains(['$', '{']) {
            let message = format!("`{name}` runs as `{}`", user.value);
            return Runs::AsOther(Sighting::at(&user.place, message));
        }
    }
    if let Some(non_root) = security.run_as_non_root.as_ref().filter(|on| on.value) {
        let message = format!("`{name}` is not started as root");
        return Runs::AsOther(Sighting::at(&non_root.place, message));
    }
    if workload.of_user.is_some() {
        return Runs::Unclear(format!(
            "the unit `{name}` of `{}` is started by a user's own manager: as whom is not written",
            workload.specification.path
        ));
    }
    if workload.platform == Platform::Systemd {
        let message = format!("unit `{name}` runs as root: it names no user");
        let help = "add a user of its own:\n\n[Service]\nDynamicUser=yes";
        return Runs::AsRoot(Finding::at(&workload.specification, message).help(help));
    }
    own_image(container, workload, scope).map_or_else(
        || {
            Runs::Unclear(format!(
                "nothing says as whom `{name}` of `{}` runs: its image decides. Write \
                 `runAsNonRoot: true`, or `user:` in Compose",
                workload.name.value
            ))
        },
        of_image,
    )
}

/// Whether it stands where a user is still to be written: `<your user>`, `USER-TO-CHANGE`, `UID:GID`.
fn is_written_later(user: &str) -> bool {
    if matches!(user.split(':').next(), Some("PUID" | "UID")) {
        return true;
    }
    let signs = [
        "change me",
        "changeme",
        "replace me",
        "tbd",
        "to change",
        "to replace",
        "todo",
        "your user",
        "your username",
    ];
    (user.contains('<') && user.contains('>')) || prose::mentions(user, &signs)
}

/// The Dockerfile that the image of the container is built by.
fn own_image<'a>(
    container: &Container,
    workload: &Workload,
    scope: &Scope<'a>,
) -> Option<&'a Dockerfile> {
    let by_name = |path: &str| scope.dockerfiles.iter().find(|file| &*file.place.path == path);
    if let Some(path) = container.recipe() {
        return by_name(&path).copied();
    }
    let image = container.image.as_ref()?;
    let last = image.split(['@', ':']).next().unwrap_or(image).rsplit('/').next()?;
    let is_own = last == workload.name.value
        || last == scope.service.name
        || scope.service.aliases.iter().any(|alias| alias == last);
    match scope.dockerfiles.as_slice() {
        [only] if is_own => Some(only),
        _ => None,
    }
}

fn of_image(file: &Dockerfile) -> Runs {
    if let Some(user) = file.lineage().find_map(|stage| stage.user.as_ref()) {
        let uid = user.split(':').next().unwrap_or_default();
        let is_root = uid == "0" || uid == "root";
        // Who is not root cannot become somebody else by a start script.
        if is_root && drops_root(file) {
            return unclear(file);
        }
        if is_root {
            let help = "end with a user who owns nothing: `USER 10001`";
            let finding =
                Finding::at(&user.place, "the image runs as root: its last `USER` is root");
            return Runs::AsRoot(finding.help(help));
        }
        if uid.contains('$') || is_written_later(user) {
            return unclear(file);
        }
        let message = format!("the image runs as `{}`", user.value);
        return Runs::AsOther(Sighting::at(&user.place, message));
    }
    let Some(base) = file.lineage().last().map(|stage| &stage.base) else { return unclear(file) };
    let lower = base.to_lowercase();
    let is_other = OTHER_BASES.iter().any(|word| lower.contains(word));
    if is_other || lower.starts_with("cgr.dev/chainguard/") {
        let message = format!("the base image `{}` does not run as root", base.value);
        return Runs::AsOther(Sighting::at(&base.place, message));
    }
    if is_of_lambda(file, &lower) {
        return Runs::Unclear(format!(
            "`{}` is made for AWS Lambda, which chooses the user that it runs as",
            file.place.path
        ));
    }
    if is_root_base(&lower) && !drops_root(file) {
        let message = format!("the image runs as root: no `USER`, and `{}` names none", base.value);
        let help = "end the last stage with a user who owns nothing: `USER 10001`";
        return Runs::AsRoot(Finding::at(&base.place, message).help(help));
    }
    unclear(file)
}

fn unclear(file: &Dockerfile) -> Runs {
    Runs::Unclear(format!("as whom the image of `{}` runs is not written in it", file.place.path))
}

/// Official images, by their plain name or that of Docker Hub's library; `scratch` is root as well.
fn is_root_base(base: &str) -> bool {
    let path = base.split(['@', ':']).next().unwrap_or(base);
    let plain = [
        "docker.io/library/",
        "docker.io/",
        "library/",
        "public.ecr.aws/docker/library/",
        "oven/",
        "denoland/",
    ]
    .iter()
    .find_map(|prefix| path.strip_prefix(prefix))
    .unwrap_or(path);
    ROOT_BASES.contains(&plain) || plain == "scratch" || base.starts_with("gcr.io/distroless/")
}

/// Whether AWS Lambda runs the image, with the fewest rights where it names no user.
fn is_of_lambda(file: &Dockerfile, base: &str) -> bool {
    let clients = ["awslambdaric", "aws-lambda-ric", "aws_lambda_ric"];
    // Some install it in a stage that the last one only copies from.
    let has_client = file.stages.iter().any(|stage| {
        let entry = stage.entry.iter().map(|(entry, _)| entry.value.as_str());
        let mut texts = entry.chain(stage.runs.iter().map(|run| run.value.as_str()));
        texts.any(|text| clients.iter().any(|client| text.contains(client)))
    });
    has_client || base.starts_with("public.ecr.aws/lambda/")
}

/// Whether something in the image gives root away when it starts.
fn drops_root(file: &Dockerfile) -> bool {
    file.lineage().any(|stage| {
        let entry = stage.entry.iter().map(|(entry, _)| entry.value.as_str());
        let runs = stage.runs.iter().map(|run| run.value.as_str());
        entry.chain(runs).any(|text| DROPS.iter().any(|program| text.contains(program)))
            || stage.entry.as_ref().is_some_and(|(entry, _)| entry.contains("entrypoint"))
    })
}
