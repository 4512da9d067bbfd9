//! Images that do not tell themselves what they start: it stands in Compose, or in the image of
//! others that they are built upon.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::helps_writing;
use super::gather::{STARTS_NOTHING, base_of};
use super::name::is_templated;
use super::operated::{is_built_to_deploy, serves as serves_others};
use super::provenance::Ties;
use super::recipe::has_code;
use super::third_party::{ThirdParty, third_party};
use crate::path::is_below;
use crate::{Container, Dockerfile, Facts, Package, Platform, Reason, Workload};

/// Takes what Compose builds from a package of the tree, starts by a command and opens a port of
/// for a service, though its image starts nothing. Where the code is mounted into that image, it is
/// the developers': nobody ships it, and it is passed over.
pub(super) fn by_command(candidates: &mut Vec<Candidate<'_>>, facts: &Facts) -> Vec<Reason> {
    let is_package =
        |home: &str| facts.packages.iter().any(|package| package.place.folder() == home);
    let mut mounted: BTreeSet<String> = BTreeSet::new();
    let holding = facts.dockerfiles.iter().filter(|f| f.lineage().any(|stage| stage.takes_files));
    let holding: BTreeSet<&str> = holding.map(|file| &*file.place.path).collect();
    for candidate in candidates.iter_mut() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let is_silent = candidate.standing == Standing::Follows(STARTS_NOTHING.to_owned());
        if is_silent && workload.develops.is_none() && lasts_by_command(workload, &holding) {
            candidate.standing = Standing::Founds;
            continue;
        }
        let home = candidate.home.as_deref().filter(|home| !home.is_empty());
        if is_silent && home.is_some_and(is_package) && is_commanded(workload) {
            candidate.standing = Standing::Founds;
            mounted.extend(candidate.home.clone().filter(|_| workload.develops.is_some()));
        }
    }
    let is_mounted = |candidate: &Candidate<'_>| {
        candidate.source == Origin::Dockerfile
            && !candidate.founds()
            && candidate.home.as_ref().is_some_and(|home| mounted.contains(home))
    };
    let what = "Dockerfile for developing: it starts nothing, and Compose mounts the code";
    let over = candidates.iter().filter(|candidate| is_mounted(candidate));
    let over = over.map(|c| Reason { what: what.to_owned(), place: c.reason.place.clone() });
    let over = over.collect();
    candidates.retain(|candidate| !is_mounted(candidate));
    over
}

/// Whether Compose starts an image that holds the code by a command, for others or for good.
fn lasts_by_command(workload: &Workload, holding: &BTreeSet<&str>) -> bool {
    let is_kept = workload.restart.as_deref().is_some_and(|policy| policy != "no");
    workload.platform == Platform::Compose
        && workload.containers.iter().any(|container| {
            container.recipe().is_some_and(|path| holding.contains(path.as_str()))
                && (is_kept || container.ports.iter().any(|port| port.is_published))
                && container.command.as_deref().is_some_and(|command| serves(command))
        })
}

/// Whether a command starts something, and not what helps those who write the code.
fn serves(command: &str) -> bool {
    !command.is_empty() && helps_writing(command).is_none()
}

fn is_commanded(workload: &Workload) -> bool {
    workload.platform == Platform::Compose
        && workload.containers.iter().any(|container| {
            container.command.as_ref().is_some_and(|command| serves(command))
                && container.ports.iter().any(|port| port.is_published)
        })
}

/// An image that takes what its earlier stages built, of a package for servers or for a job that
/// deploys, is there to be started, though the command stands where it is run.
pub(super) fn by_package(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let silent = Standing::Follows(STARTS_NOTHING.to_owned());
    for candidate in candidates.iter_mut().filter(|candidate| candidate.standing == silent) {
        let Fact::Dockerfile(file) = candidate.fact else { continue };
        let home = candidate.home.as_deref().unwrap_or_default();
        let is_of_home = |package: &&Package| is_below(package.place.folder(), home);
        let mut packages = facts.packages.iter().filter(is_of_home);
        let mut is_meant =
            || packages.any(is_served) || is_built_to_deploy(&file.place.path, facts);
        if file.ships_built() && is_meant() {
            candidate.standing = Standing::Founds;
        }
    }
}

/// Whether a package is that of a server.
fn is_served(package: &Package) -> bool {
    package.dependencies.iter().any(|name| serves_others(name))
}

/// An image that starts nothing of its own and adds no code to software of others is that software.
/// One that adds nothing at all to an image is only another name for it, whosever that is. So is all
/// that is built beside it, unless another recipe there makes something.
pub(super) fn by_base(candidates: &mut [Candidate<'_>], facts: &Facts, ties: &Ties) {
    let mut strange: BTreeMap<String, Standing> = BTreeMap::new();
    let mut making: BTreeSet<String> = BTreeSet::new();
    let mut homes: BTreeMap<String, Standing> = BTreeMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.founds()) {
        let Fact::Dockerfile(file) = candidate.fact else { continue };
        let Some(home) = candidate.home.clone().filter(|home| !home.is_empty()) else { continue };
        match doubt_of_base(file, &home, facts, ties).map(Standing::Stranger) {
            None => drop(making.insert(home)),
            Some(standing) => {
                strange.insert(file.place.path.to_string(), standing.clone());
                homes.insert(home, standing);
            }
        }
    }
    homes.retain(|home, _| !making.contains(home));
    let built = candidates.iter_mut().filter(|c| c.founds() && !c.source.is_declared());
    for candidate in built {
        let recipe = match candidate.fact {
            Fact::Dockerfile(file) => Some(file.place.path.to_string()),
            Fact::Workload(workload) => workload.containers.iter().find_map(Container::recipe),
            _ => None,
        };
        let by_recipe = recipe.and_then(|path| strange.get(&path));
        let by_home = || candidate.home.as_deref().and_then(|home| homes.get(home));
        if let Some(standing) = by_recipe.or_else(by_home) {
            candidate.standing = standing.clone();
        }
    }
}

/// Why what a recipe makes is only what it is built upon.
fn doubt_of_base(file: &Dockerfile, home: &str, facts: &Facts, ties: &Ties) -> Option<String> {
    let base = base_of(file);
    let is_program = ties.is_foreign(base) && third_party(base) != Some(ThirdParty::Proxy);
    let is_silent = file.lineage().all(|stage| stage.entry.is_none());
    if is_bare(file) && !is_templated(base) && !base.contains("onbuild") {
        Some(format!("adds nothing to `{base}`, which is not built in this tree"))
    } else if is_program && is_silent && !has_code(home, facts) {
        Some(format!("adds no code to `{base}`, which is software of others"))
    } else {
        None
    }
}

/// Whether an image is what it is built upon, and nothing more.
fn is_bare(file: &Dockerfile) -> bool {
    file.lineage().all(|stage| stage.entry.is_none() && stage.runs.is_empty() && !stage.takes_files)
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{kept_by_acme as found, tree};

    #[test]
    fn an_image_that_holds_the_code_is_started_by_the_commands_of_compose() {
        let compose = |more: &str| {
            format!(
                "services:\n  web: {{build: ., entrypoint: [gunicorn, app]{more}}}\n  tasks: {{build: ., entrypoint: [celery]}}\n"
            )
        };
        let services = |dockerfile: &str, more: &str| {
            let compose = compose(more);
            found(&[("compose.yaml", &compose), ("Dockerfile", dockerfile), ("app.py", "")]).len()
        };
        let image = "FROM python:3.13\nCOPY . /app\n";
        assert_eq!(services(image, ", ports: ['80:80']"), 1);
        assert_eq!(services(image, ", restart: always"), 1);
        assert_eq!(services(image, ""), 0);
        assert_eq!(services("FROM python:3.13\n", ", ports: ['80:80']"), 0);
    }

    #[test]
    fn another_name_for_an_image_says_nothing_of_what_is_made_by_the_recipe_beside_it() {
        let bare = ("till/Dockerfile.final", "FROM ghcr.io/acme/shop:main\n");
        let judged =
            |files: &[(&str, &str)]| found(&[files, &[("till/app.py", ""), bare]].concat());
        assert_eq!(judged(&[]), [""; 0]);
        let image = "FROM python:3.13\nCOPY . .\nEXPOSE 8000\nCMD [\"serve\"]\n";
        assert_eq!(judged(&[("till/Dockerfile", image)]), ["till"]);
    }

    #[test]
    fn what_compose_starts_by_a_command_is_a_service_though_its_image_starts_nothing() {
        let compose = "services:\n  till: {build: till, command: sh run.sh, ports: ['80:8080']}\n  \
                       stock: {build: stock, ports: ['81:8080']}\n  \
                       mocktax: {build: mocktax, command: sh run.sh, ports: ['82:8080']}\n  \
                       lint: {build: lint, command: go test ./..., ports: ['83:80']}\n";
        let mut files = vec![("compose.yaml".to_owned(), compose)];
        for name in ["till", "stock", "mocktax", "lint"] {
            files.push((format!("{name}/Dockerfile"), "FROM eclipse-temurin:21\n"));
            files.push((format!("{name}/go.mod"), "module shop\n"));
        }
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        assert_eq!(found(&files), ["till"]);
        let without_code: Vec<_> =
            files.into_iter().filter(|(path, _)| !path.ends_with("go.mod")).collect();
        assert_eq!(found(&without_code), [""; 0]);
    }

    #[test]
    fn an_image_of_a_server_that_was_built_is_started_where_it_is_run() {
        let judged = |dockerfile: &str, mix: &str, more: &[(&str, &str)]| {
            let files = [("Dockerfile", dockerfile), ("mix.exs", mix), ("lib/till.ex", "")];
            let services = discover(&tree(&[&files[..], more].concat())).services.into_iter();
            let judged = services.filter(crate::Service::is_judged);
            judged.map(|service| service.folder).collect::<Vec<_>>()
        };
        let built = "FROM elixir:1.18 AS build\nCOPY . .\nRUN mix release\nFROM debian:13 AS app\n\
                     COPY --from=build /till ./\n";
        let server = "def deps do\n{:bandit, \"~> 1.0\"}\nend\n";
        assert_eq!(judged(built, server, &[]), [""]);
        assert_eq!(judged(built, "def deps do\n{:jason, \"~> 1.0\"}\nend\n", &[]), [""; 0]);
        for aside in [
            "FROM elixir:1.18\nCOPY . .\nRUN mix deps.get\n",
            "FROM elixir:1.18 AS build\nCOPY . .\nFROM build AS test\nCOPY test test\n",
            "FROM elixir:1.18 AS build\nCOPY . .\nFROM debian:13\nRUN make\n",
        ] {
            assert_eq!(judged(aside, server, &[]), [""; 0], "{aside}");
        }
        let firm = [
            ("tax/Dockerfile", "FROM rust:1\nEXPOSE 80\nCMD [\"/tax\"]\n"),
            ("compose.yaml", "services: {tax: {build: tax, ports: ['80:80']}}\n"),
        ];
        assert_eq!(judged(built, server, &firm), ["tax"]);
    }

    #[test]
    fn a_server_or_what_a_job_deploys_is_started_where_it_runs() {
        let kit = |kit: &str| format!("<Project Sdk=\"{kit}\"></Project>");
        let recipe = "FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build\nRUN dotnet publish -o /app\n\
                      FROM mcr.microsoft.com/dotnet/aspnet:10.0\nCOPY --from=build /app /app\n";
        let job = |uses: &str, recipe: &str| {
            format!(
                "on: push\njobs:\n  a:\n    steps:\n    - uses: acme/build@v1\n      with: {{file: {recipe}}}\n    \
                 - uses: {uses}\n"
            )
        };
        let judged = |project: &str, job: &str| {
            let files = [
                ("till/till.csproj", project),
                ("till/Dockerfile", recipe),
                (".github/workflows/a.yml", job),
                ("main.tf", ""),
            ];
            found(&files).len()
        };
        let plain = kit("Microsoft.NET.Sdk");
        assert_eq!(judged(&kit("Microsoft.NET.Sdk.Web"), ""), 1);
        assert_eq!(judged(&kit("Microsoft.NET.Sdk.WebAssembly"), ""), 0);
        assert_eq!(judged(&plain, &job("acme/deploy-container-apps@v1", "./till/Dockerfile")), 1);
        assert_eq!(judged(&plain, &job("acme/deploy-container-apps@v1", "./mail/Dockerfile")), 0);
        assert_eq!(judged(&plain, &job("acme/tests@v1", "./till/Dockerfile")), 0);
    }

    #[test]
    fn what_compose_only_builds_runs_nothing() {
        let compose = "services:\n  press: {build: press, command: sh -c \"echo built\"}\n";
        let files =
            [("compose.yaml", compose), ("press/Dockerfile", "FROM rust:1\nCMD [\"/press\"]\n")];
        let found = discover(&tree(&files));
        let paths = found.services[0].reasons.iter().map(|reason| &*reason.place.path);
        assert_eq!(paths.collect::<Vec<_>>(), ["press/Dockerfile"]);
    }

    #[test]
    fn an_image_that_developers_mount_the_code_into_is_not_what_ships() {
        let compose = "services: {till: {build: till, command: sh run.sh, ports: ['80:8080'], \
                       volumes: ['./:/app']}}";
        let found = discover(&tree(&[
            ("compose.yaml", compose),
            ("till/Dockerfile", "FROM eclipse-temurin:21\n"),
            ("till/go.mod", "module shop\n"),
        ]));
        assert_eq!(found.services[0].reasons.len(), 1);
        let over = "Dockerfile for developing: it starts nothing, and Compose mounts the code";
        assert!(found.passed_over.iter().any(|reason| reason.what == over));
    }

    #[test]
    fn software_of_others_with_settings_of_the_tree_stays_software_of_others() {
        let compose = "services: {blog: {build: journal}, till: {build: till}}";
        let files = [
            ("compose.yaml", compose),
            ("journal/Dockerfile", "FROM ghost:5\nCOPY config.json /var/lib/ghost/\n"),
            ("till/Dockerfile", "FROM rust:1\nCMD [\"/till\"]\n"),
        ];
        assert_eq!(found(&files), ["till"]);
        let with_code = [&files[..], &[("journal/theme/post.js", "")]].concat();
        assert_eq!(found(&with_code), ["blog", "till"]);
    }

    #[test]
    fn an_image_that_adds_nothing_is_another_name_for_what_it_is_built_upon() {
        let compose =
            "services:\n  till: {build: .}\n  mailer: {build: docker/mailer, ports: ['25:25']}\n";
        let files = |mailer: &'static str| {
            [
                ("compose.yaml", compose),
                ("till/Dockerfile", "FROM rust:1\nCOPY . .\nCMD [\"/till\"]\n"),
                ("docker/mailer/Dockerfile", mailer),
            ]
        };
        let base = "FROM registry.acme.example/tools/mailer:3@sha256:00\n";
        assert_eq!(found(&files(base)), ["till"]);
        for more in ["COPY rules /etc/rules\n", "RUN make\n", "CMD [\"/mailer\"]\n"] {
            let more: &'static str = format!("{base}{more}").leak();
            assert_eq!(found(&files(more)), ["mailer", "till"], "{more}");
        }
        assert_eq!(found(&files("ARG OF=x\nFROM ${BASE}\n")), ["mailer", "till"]);
    }

    #[test]
    fn a_program_that_is_put_beside_a_small_tool_is_the_programs_own() {
        let files = |stages: &'static str| {
            [
                ("compose.yaml", "services: {till: {build: till, ports: ['80:80']}}"),
                ("till/Dockerfile", stages),
            ]
        };
        let built = "FROM rust:1 AS build\nRUN make\nFROM quay.io/x/curl:8\nCOPY --from=build /till /till\nENTRYPOINT [\"/till\"]\n";
        assert_eq!(found(&files(built)), ["till"]);
        let asked = "FROM quay.io/x/curl:8\nCOPY ask.sh /\nENTRYPOINT [\"/ask.sh\"]\n";
        assert_eq!(found(&files(asked)), [""; 0]);
    }

    #[test]
    fn what_is_built_upon_a_stand_in_is_one() {
        let files = |base: &'static str| {
            [
                ("compose.yaml", "services: {sign-in: {build: docker/sign-in}}"),
                ("till/Dockerfile", "FROM rust:1\nCMD [\"/till\"]\n"),
                ("docker/sign-in/Dockerfile", base),
            ]
        };
        let with = |base: &str| -> &'static str {
            format!("FROM {base}\nCOPY users.json /users.json\nCMD [\"/run\"]\n").leak()
        };
        assert_eq!(found(&files(with("acme/sign-in-testprovider:1"))), ["till"]);
        assert_eq!(found(&files(with("acme/sign-in-server:1"))), ["sign-in", "till"]);
    }

    #[test]
    fn what_listens_only_where_databases_do_is_one() {
        let manifest = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: ledger}\nspec: {selector: {}, \
                        template: {spec: {containers: [{name: a, image: registry.example/x/ledger:1, \
                        ports: [{containerPort: 5432}]}]}}}\n";
        let files = [
            ("ledger.yaml", manifest),
            ("till/Dockerfile", "FROM rust:1\nEXPOSE 8080\nCMD [\"/till\"]\n"),
            ("books/Dockerfile", "FROM debian:13\nEXPOSE 3306/tcp\nCMD [\"/serve\"]\n"),
        ];
        assert_eq!(found(&files), ["till"]);
    }
}
