//! Compose files that are not called so: what deploys starts them by their path.

use std::collections::BTreeSet;

use super::{is_named, read_services};
use crate::command::commands;
use crate::path::join;
use crate::read::vendored::is_vendored;
use crate::read::{Source, file_name, has_line};
use crate::tree;
use crate::{Facts, Pipeline, Step};

/// Keeps what looks like a Compose file until it is known what pipelines start.
pub(in crate::read) fn note(source: Source<'_>, facts: &mut Facts) {
    let ending = source.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let has = |key: &str| source.text.contains(key);
    let is_like = || has_line(source.text, "services:") && (has(" image:") || has(" build:"));
    if matches!(ending, "yaml" | "yml")
        && !is_named(source.path, source.name)
        && !is_vendored(source.path)
        && is_like()
    {
        facts.fragments.composed.push((source.path.clone(), source.text.to_owned()));
    }
}

/// Reads those that a pipeline starts in order to deploy.
pub(super) fn settle(facts: &mut Facts) {
    let kept = std::mem::take(&mut facts.fragments.composed);
    if kept.is_empty() {
        return;
    }
    let pipelines = facts.pipelines.iter();
    let started: BTreeSet<String> = pipelines.flat_map(started).collect();
    for (path, text) in kept.iter().filter(|(path, _)| started.contains(&**path)) {
        let source = Source { path, name: file_name(path), text };
        for document in &tree::read_yaml(path, text).documents {
            read_services(source, &document.root, facts);
        }
    }
}

/// The files that `docker compose -f` starts in what deploys by its name.
fn started(pipeline: &Pipeline) -> impl Iterator<Item = String> {
    let name = file_name(&pipeline.place.path);
    pipeline.jobs.iter().flat_map(move |job| {
        let is_deploy = says_deploy(name) || says_deploy(&job.id);
        let files = job.steps.iter().flat_map(files);
        files.filter(move |file| is_deploy || says_deploy(file))
    })
}

fn files(step: &Step) -> impl Iterator<Item = String> {
    let folder = step.working_folder.as_ref().map_or("", |folder| folder.as_str());
    let lines = step.lines.iter().filter(|line| line.contains("compose"));
    let started = lines.flat_map(|line| commands(line)).filter(|command| {
        let is_compose = command.program() == "docker-compose" || command.is("docker compose");
        is_compose && command.has(&["up"])
    });
    started.flat_map(move |command| {
        let given = command.values(&["-f", "--file"]);
        given.filter_map(|path| join(folder, path)).collect::<Vec<_>>()
    })
}

fn says_deploy(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word, "deploy" | "prd" | "prod" | "production"))
}

#[cfg(test)]
mod tests {
    use crate::discover::discover;
    use crate::discover::tests::tree;

    const COMPOSE: &str = "services:\n  till:\n    build: {context: ../.., dockerfile: ops/prd/prd-build-deploy.Dockerfile}\n    \
                           ports: ['80:80']\n";
    const RECIPE: &str = "FROM eclipse-temurin:25\nCOPY a.jar .\nEXPOSE 80\nENTRYPOINT [\"java\", \"-jar\", \"a.jar\"]\n";

    /// The services of a tree whose workflow `name` runs `line`.
    fn found(name: &str, line: &str) -> Vec<String> {
        let workflow = format!("on: push\njobs:\n  a:\n    steps:\n    - run: {line}\n");
        let facts = tree(&[
            ("ops/prd/job.yml", COMPOSE),
            ("ops/prd/prd-build-deploy.Dockerfile", RECIPE),
            ("pom.xml", "<project><artifactId>shop</artifactId></project>"),
            (&format!(".github/workflows/{name}.yml"), &workflow),
        ]);
        let composed = facts.workloads.iter().map(|workload| workload.name.value.clone());
        let services = discover(&facts).services;
        assert_eq!(services.len(), 1, "{services:?}");
        composed.collect()
    }

    #[test]
    fn what_a_deploy_starts_by_its_path_is_read_whatever_it_is_called() {
        for line in [
            "docker-compose -f ops/prd/job.yml up -d --build",
            "sudo docker compose --file ./ops/prd/job.yml up -d",
            "docker compose --file=ops/prd/job.yml up -d",
        ] {
            assert_eq!(found("prd-deploy", line), ["till"], "{line}");
        }
        for (name, line) in [
            ("prd-deploy", "docker compose -f ops/job.yml up -d"),
            ("prd-deploy", "docker compose -f ops/prd/job.yml config"),
            ("prd-deploy", "cat -f ops/prd/job.yml up"),
        ] {
            assert_eq!(found(name, line), [""; 0], "{line}");
        }
    }
}
