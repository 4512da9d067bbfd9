//! Whether somebody runs what a tree makes, or it is there to be taken and run by others: a tool, a
//! library with a command.

use super::name::{last_part, without_version};
use super::sample::is_sample_manifest;
use crate::scope::{kept, says_production};
use crate::{Facts, Gap, Job, Script, Step, Subject};

/// Programs and actions that bring something to where it runs.
const DEPLOYING: &[&str] = &[
    "amazon-ecs",
    "ansible-playbook",
    "aws ecs",
    "aws lambda",
    "az containerapp",
    "az webapp",
    "capistrano",
    "cf push",
    "cloudrun",
    "deploy",
    "eb deploy",
    "flyctl",
    "gcloud app",
    "gcloud run",
    "helm upgrade",
    "helmfile",
    "heroku",
    "kamal",
    "kubectl",
    "kustomize",
    "nomad",
    "oc apply",
    "pulumi",
    "rsync",
    "serverless",
    "ssh ",
    "terraform",
    "tofu",
    "wrangler",
];

/// What is published by the same words and run by nobody: pages, packages.
const PUBLISHING: &[&str] = &[
    "brew",
    "chocolatey",
    "crates",
    "docker-hub",
    "dockerhub",
    "docs",
    "gh-pages",
    "github-pages",
    "marketplace",
    "npm",
    "pages",
    "pypi",
    "release",
    "snap",
    "winget",
];

/// Packages that only what runs for others, or for long, asks for.
const SERVING: &[&str] = &[
    "@fastify",
    "@hapi/hapi",
    "@nestjs/core",
    "actix-web",
    "aiohttp",
    "aiokafka",
    "amqplib",
    "axum",
    "bandit",
    "broadway",
    "bullmq",
    "celery",
    "chi",
    "cowboy",
    "discord.js",
    "discord.py",
    "django",
    "dramatiq",
    "echo",
    "express",
    "fastapi",
    "fastify",
    "fiber",
    "flask",
    "gin",
    "granian",
    "gunicorn",
    "hono",
    "hypercorn",
    "kafkajs",
    "koa",
    "ktor-server-core",
    "laravel",
    "micronaut-http-server-netty",
    "microsoft.net.sdk.web",
    "next",
    "nuxt",
    "oban",
    "phoenix",
    "plug_cowboy",
    "puma",
    "quarkus-rest",
    "quarkus-resteasy",
    "rails",
    "rocket",
    "sidekiq",
    "sinatra",
    "spring-boot-starter-web",
    "spring-boot-starter-webflux",
    "starlette",
    "symfony",
    "telegraf",
    "tonic",
    "uvicorn",
    "warp",
];

/// Whether something in the tree says that it is run: what an orchestrator, a platform or a cloud is
/// told, a catalog, alerts, a job that deploys, a package for servers. What was not read may say it.
pub(super) fn is_operated(facts: &Facts) -> bool {
    let is_told = !(facts.workloads.is_empty()
        && facts.charts.is_empty()
        && facts.templates.is_empty()
        && facts.hosted.is_empty()
        && facts.catalog.is_empty()
        && facts.declarations.is_empty()
        && facts.alerts.is_empty()
        && facts.objectives.is_empty()
        && facts.unread_pipelines.is_empty()
        && !facts.gaps.iter().chain(&facts.unread).any(is_of_operation));
    let packages = || facts.packages.iter().flat_map(|package| &package.dependencies);
    let locked = || facts.lockfiles.iter().filter(|lock| lock.ecosystem == "pip");
    is_told
        || facts.paths.iter().any(|path| is_of_cloud(path) && !is_sample_manifest(path))
        || facts.jobs().any(deploys)
        || packages().any(|name| serves(name))
        || locked().any(|lock| lock.packages.iter().any(|(name, _)| serves(name)))
}

/// Programs and actions that bring something to a cluster or a cloud, and to no machine of one's own.
const CLOUDS: &[&str] = &[
    "amazon-ecs",
    "aws ecs",
    "az containerapp",
    "az webapp",
    "azure/container-apps-deploy",
    "azure/webapps-deploy",
    "cf push",
    "cloudrun",
    "eb deploy",
    "ecs-deploy",
    "ecs_deploy",
    "flyctl",
    "gcloud app deploy",
    "gcloud run deploy",
    "helm upgrade",
    "helmfile",
    "heroku",
    "kubectl apply",
    "kubectl rollout",
    "kubectl set image",
    "oc apply",
];

/// What brings something to a machine, where Compose may start it.
const MACHINES: &[&str] =
    &["ansible", "compose pull", "compose up", "rsync", "ssh", "stack deploy"];

/// Whether pipelines bring what the tree makes to a cluster or a cloud, and nothing to a machine.
pub(crate) fn is_brought_to_cloud(facts: &Facts) -> bool {
    are_in_cloud(facts, |_| true)
}

/// Whether the same is so of their jobs for production: what tests start on a machine is not.
pub(crate) fn is_production_in_cloud(facts: &Facts) -> bool {
    are_in_cloud(facts, |job| {
        says_production(&job.id)
            || job.environment.as_deref().is_some_and(|name| says_production(name))
    })
}

/// Whether some of the jobs that `is_wanted` takes bring something to a cluster or a cloud, and none
/// to a machine.
fn are_in_cloud(facts: &Facts, is_wanted: impl Fn(&Job) -> bool) -> bool {
    let says = |words: &[&str]| {
        let mut jobs = facts.jobs().filter(|job| is_wanted(job));
        jobs.any(|job| says(job, words))
    };
    says(CLOUDS) && !says(MACHINES)
}

fn says(job: &Job, words: &[&str]) -> bool {
    let calls = job.calls.iter().map(|call| call.value.as_str());
    let steps = job.steps.iter().flat_map(|step| {
        let uses = step.uses.iter().map(|uses| uses.value.as_str());
        uses.chain(step.lines.iter().map(|line| line.value.as_str()))
    });
    calls.chain(steps).any(|text| words.iter().any(|word| text.contains(word)))
}

/// Whether pipelines push an image that a script of the tree, which some job calls, has a machine run by
/// itself, and no job for an environment has Compose start something there.
pub(crate) fn is_started_by_script(facts: &Facts) -> bool {
    let is_run = |script: &Script| {
        let keeps = |line: &str| {
            let words = || line.split_whitespace();
            line.contains("docker run ")
                && words().any(|w| matches!(w, "-d" | "--detach") || w.starts_with("--restart"))
        };
        script.lines.iter().any(|line| keeps(line))
            && !script.lines.iter().any(|line| line.contains("compose"))
    };
    let is_called = |script: &Script| {
        let path = &*script.place.path;
        let mut lines = facts.steps().flat_map(|step| &step.lines);
        lines.any(|line| line.split_whitespace().any(|word| word.ends_with(path)))
    };
    let composes = |job: &Job| {
        let mut lines = job.steps.iter().flat_map(|step| &step.lines);
        job.environment.is_some() && lines.any(|line| line.contains("compose"))
    };
    kept(facts).next().is_some()
        && facts.scripts.iter().any(|script| is_run(script) && is_called(script))
        && !facts.jobs().any(composes)
}

/// Whether what was not read may be about something that runs.
fn is_of_operation(gap: &Gap) -> bool {
    let about = [Subject::Workloads, Subject::Catalog, Subject::Alerts, Subject::Pipelines];
    gap.subject.is_none_or(|subject| about.contains(&subject))
}

/// Whether a file tells a cloud or a machine what to run.
fn is_of_cloud(path: &str) -> bool {
    let name = last_part(path);
    let endings = [".tf", ".bicep", ".nomad", ".service"];
    let names = ["cdk.json", "Pulumi.yaml", "Procfile", "manifest.yml", "playbook.yml", "site.yml"];
    endings.iter().any(|ending| name.ends_with(ending)) || names.contains(&name)
}

/// Whether a job that deploys builds by the recipe at `path`: one of its steps names it.
pub(super) fn is_built_to_deploy(path: &str, facts: &Facts) -> bool {
    let names =
        |text: &str| text.split_whitespace().any(|word| word.trim_start_matches("./") == path);
    let builds = |step: &Step| {
        let mut values = step.with.iter().map(|(_, value)| value).chain(&step.lines);
        values.any(|text| names(text))
    };
    facts.jobs().any(|job| deploys(job) && job.steps.iter().any(builds))
}

fn deploys(job: &Job) -> bool {
    let is_published = |name: &str| {
        let name = name.to_ascii_lowercase();
        PUBLISHING.iter().any(|word| name.contains(word))
    };
    let is_to_run = job.environment.as_deref().is_some_and(|name| !is_published(name));
    is_to_run
        || (!is_published(&job.id) && job.steps.iter().any(|step| is_deploy(step, is_published)))
}

fn is_deploy(step: &Step, is_published: impl Fn(&str) -> bool) -> bool {
    let action = step.uses.as_deref().map(String::as_str).filter(|action| !is_published(action));
    let lines = step.lines.iter().map(|line| line.as_str()).filter(|line| !is_published(line));
    let mut texts = action.into_iter().chain(lines);
    texts.any(|text| DEPLOYING.iter().any(|word| text.contains(word)))
}

/// Whether a package is one that only what runs for others, or for long, asks for.
pub(super) fn serves(name: &str) -> bool {
    let name = without_version(name).to_ascii_lowercase();
    SERVING.contains(&name.as_str()) || name.split('/').any(|part| SERVING.contains(&part))
}
