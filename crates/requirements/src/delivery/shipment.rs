//! Jobs that ship: those that deploy, and where there are none, those that publish.

use facts::command::{Command, commands};

use super::aim;
use super::by_name::{builds_for_others, is_beside, is_rollback, says_deploy, tends};
use super::called::{calls_for_less, deploy_call};
use super::checkout::{edits_manifests, is_for_changes, sends_on};
use super::fetched;
use super::script::{self, Named, make_target};
use super::session::{only_tends, runs_there};
use super::stage::{Stage, has_word, stage};
use super::whose::is_of_another;
use crate::gate;
use crate::prelude::*;

/// A job that ships.
#[derive(Clone, Debug)]
pub(super) struct Shipment<'a> {
    /// The pipeline that it is a job of.
    pub(super) pipeline: &'a Pipeline,
    /// The job.
    pub(super) job: &'a Job,
    /// What in it ships: "`helm upgrade`", "environment `production`".
    pub(super) how: String,
    /// Where that stands.
    pub(super) place: &'a Place,
    /// Index of the step that ships; `None`: the job as a whole.
    pub(super) step: Option<usize>,
    /// Where it ships to.
    pub(super) stage: Stage,
}

/// Commands that deploy.
static DEPLOYS: &[&str] = &[
    "ansible-playbook",
    "argocd app set",
    "argocd app sync",
    "aws cloudformation deploy",
    "aws deploy create-deployment",
    "aws ecs update-service",
    "aws elasticbeanstalk update-environment",
    "aws lambda update-function-code",
    "aws s3 sync",
    "az containerapp up",
    "az containerapp update",
    "az functionapp deployment",
    "az webapp deploy*",
    "cap deploy",
    "cdk deploy",
    "cf push",
    "docker service update",
    "docker stack deploy",
    "eb deploy",
    "ecs-deploy",
    "firebase deploy",
    "fly deploy",
    "flyctl deploy",
    "gcloud app deploy",
    "gcloud deploy releases create",
    "gcloud functions deploy",
    "gcloud run deploy",
    "gcloud run services replace",
    "helm install",
    "helm upgrade",
    "helmfile apply",
    "helmfile sync",
    "heroku container:release",
    "kamal deploy",
    "kapp deploy",
    "kubectl apply",
    "kubectl patch",
    "kubectl replace",
    "kubectl rollout restart",
    "kubectl set image",
    "netlify deploy",
    "nomad job run",
    "nomad run",
    "nuxthub deploy",
    "oc apply",
    "oc rollout latest",
    "opennextjs-cloudflare deploy",
    "partykit deploy",
    "pulumi up",
    "railway up",
    "sam deploy",
    "scw container deploy",
    "scw function deploy",
    "serverless deploy",
    "skaffold deploy",
    "skaffold run",
    "sls deploy",
    "sst deploy",
    "terraform apply",
    "terragrunt apply",
    "tofu apply",
    "vercel --prod",
    "vercel deploy",
    "wrangler deploy",
    "wrangler publish",
];

/// Commands that publish what others deploy.
static PUBLISHES: &[&str] = &[
    "buildah push",
    "cargo publish",
    "docker manifest push",
    "docker push",
    "docker buildx build --push",
    "docker buildx imagetools create",
    "docker build --push",
    "dotnet nuget push",
    "gem push",
    "goreleaser release",
    "gradle publish*",
    "gradlew publish*",
    "helm push",
    "jib",
    "ko build",
    "mvn deploy",
    "mvnw deploy",
    "npm publish",
    "pnpm publish",
    "podman push",
    "poetry publish",
    "skopeo copy",
    "twine upload",
    "uv publish",
    "yarn publish",
];

/// Actions that deploy, beside those whose name says so.
static DEPLOY_ACTIONS: &[&str] = &[
    "amondnet/vercel-action",
    "appleboy/ssh-action",
    "cloudflare/pages-action",
    "cloudflare/wrangler-action",
    "digitalocean/app_action",
    "nwtgck/actions-netlify",
    "netlify/actions",
];

/// Actions that publish.
static PUBLISH_ACTIONS: &[&str] = &[
    "docker/bake-action",
    "docker/build-push-action",
    "goreleaser/goreleaser-action",
    "js-devtools/npm-publish",
    "pypa/gh-action-pypi-publish",
    "redhat-actions/push-to-registry",
];

/// Signs of a cluster that lives no longer than the job.
static THROWAWAY: &[&str] = &[
    "k3d cluster",
    "k3d-action",
    "kind create",
    "kind load",
    "kind-action",
    "kubeval",
    "minikube start",
    "setup-minikube",
    "ct install",
    "chart-testing",
];

/// The jobs that ship the service to where users are: those that name production, else those that
/// name no environment. What the clock starts tends what runs, where something else deploys too.
pub(super) fn deploys<'a>(scope: &Scope<'a>) -> Vec<Shipment<'a>> {
    let mut all = shipments(scope);
    let is_of_clock = |shipment: &Shipment<'_>| is_by_clock(shipment.pipeline);
    if all.iter().any(|shipment| shipment.stage >= Stage::Unnamed && !is_of_clock(shipment)) {
        all.retain(|shipment| !is_of_clock(shipment));
    }
    let nearest = all.iter().map(|shipment| shipment.stage).max();
    let is_deploy = |stage: &Stage| *stage >= Stage::Unnamed;
    let nearest = nearest.filter(is_deploy);
    all.into_iter().filter(|shipment| Some(shipment.stage) == nearest).collect()
}

/// All jobs that ship, in the order of the files.
pub(super) fn shipments<'a>(scope: &Scope<'a>) -> Vec<Shipment<'a>> {
    let pipelines = scope.pipelines.iter().filter(|pipeline| !gate::is_called_only(pipeline));
    let jobs = pipelines
        .flat_map(|pipeline| pipeline.jobs.iter().map(move |job| (*pipeline, job)))
        .filter(|(_, job)| gate::runs(job) && !is_throwaway(job))
        .filter(|(pipeline, job)| !is_of_another(pipeline, job, scope));
    let all = jobs.filter_map(|(pipeline, job)| shipment(pipeline, job, scope));
    let all = all.filter(|shipment| !aim::is_beside(shipment, scope));
    // Where a cluster fetches manifests, what makes machines and networks brings it no service.
    let is_fetched = !scope.all.cluster.deliveries.is_empty();
    let is_ground = |s: &Shipment<'_>| fetched::makes_ground(&s.how) && is_fetched;
    let all: Vec<Shipment<'a>> = all.filter(|shipment| !is_ground(shipment)).collect();
    let by_name: Vec<bool> = all.iter().map(|shipment| is_by_name(shipment, &all)).collect();
    all.into_iter().zip(by_name).filter(|(_, by_name)| !by_name).map(|(s, _)| s).collect()
}

/// Whether only its environment says that a job deploys, while another job of the pipeline does so
/// by a command or a call: what stands around a deploy, such as a snapshot before it, names where it goes too.
fn is_by_name(shipment: &Shipment<'_>, all: &[Shipment<'_>]) -> bool {
    let deploys = |other: &Shipment<'_>| {
        !other.how.starts_with("environment ")
            && other.stage >= Stage::Unnamed
            && other.pipeline.place == shipment.pipeline.place
    };
    shipment.step.is_none() && shipment.how.starts_with("environment ") && all.iter().any(deploys)
}

fn shipment<'a>(pipeline: &'a Pipeline, job: &'a Job, scope: &Scope<'_>) -> Option<Shipment<'a>> {
    let is_frontend = scope.service.kind == Kind::Frontend;
    let stage = stage(pipeline, job);
    let is_proposal = is_for_changes(pipeline, job, stage == Stage::Production);
    if is_proposal || is_rollback(job) || is_beside(pipeline, job) {
        return None;
    }
    let found = deploy_step(pipeline, job, scope).or_else(|| deploy_call(job, is_frontend));
    if let Some((step, how, place)) = found {
        if how.contains(" rollout restart") && is_of_operators(pipeline) {
            return None;
        }
        return Some(Shipment { pipeline, job, how, place, step, stage });
    }
    let published = publish_step(job);
    let does_less = (!is_frontend && job.steps.iter().any(brings_out))
        || calls_for_less(job)
        || tends(pipeline, job)
        || is_by_clock(pipeline)
        || builds_for_others(pipeline, job);
    let is_named =
        stage == Stage::Production && published.is_none() && !does_less && says_deploy(job);
    if let Some(environment) = job.environment.as_ref().filter(|_| is_named) {
        let how = format!("environment `{}`", environment.value);
        let place = &environment.place;
        return Some(Shipment { pipeline, job, how, place, step: None, stage });
    }
    let (step, how, place) = published?;
    Some(Shipment { pipeline, job, how, place, step: Some(step), stage: Stage::Registry })
}

/// Whether a step deploys, be it a program that answers or pages that browsers fetch.
pub(super) fn brings_out(step: &Step) -> bool {
    let mut lines = step.lines.iter().flat_map(|line| commands(line));
    step.uses.as_ref().is_some_and(|uses| is_deploy_action(uses, step, true))
        || lines.any(|command| deploys_itself(&command, true))
}

/// Whether people start a pipeline that publishes nothing: what it restarts is what ran before.
fn is_of_operators(pipeline: &Pipeline) -> bool {
    let publishes = |job: &Job| publish_step(job).is_some();
    gate::only_by_hand(pipeline).is_some() && !pipeline.jobs.iter().any(publishes)
}

/// The step that ships, if it is one; what in it does; where that stands.
pub(super) type Found<'a> = (Option<usize>, String, &'a Place);

/// Whether a task that is called after deploying deploys by what it runs: `yarn site-deploy`.
fn is_task(command: &Command, call: &TaskCall, is_frontend: bool) -> bool {
    let is_called = command.words.iter().skip(1).any(|word| has_word(word, &["deploy"]));
    let deploys = |command: &Command| deploys_itself(command, is_frontend);
    is_called && call.lines.iter().any(|line| commands(line).iter().any(deploys))
}

/// Whether a job for deploying leaves containers running on a machine of those who keep it.
fn starts_for_good(command: &Command, pipeline: &Pipeline, job: &Job) -> bool {
    let is_compose = command.is("docker compose up") || command.is("docker-compose up");
    let names = [pipeline.place.file_name(), job.id.as_str()];
    job.is_on_own_machine
        && is_compose
        && command.has(&["-d", "--detach"])
        && !is_dry(command)
        && names.iter().any(|name| has_word(name, &["deploy"]))
}

fn deploy_step<'a>(pipeline: &Pipeline, job: &'a Job, scope: &Scope<'_>) -> Option<Found<'a>> {
    let is_frontend = scope.service.kind == Kind::Frontend;
    let found = job.steps.iter().enumerate().filter_map(|(at, step)| {
        // A host of pages runs functions beside them, which stand in the folder that is sent.
        let is_page =
            || is_frontend || (sends_pages(step) && aim::works_in(step, &scope.service.folder));
        let action = step.uses.as_ref().filter(|uses| is_deploy_action(uses, step, is_page()));
        if let Some(uses) = action {
            return Some((Some(at), format!("`{}`", uses.value), &uses.place));
        }
        step.lines.iter().enumerate().find_map(|(number, line)| {
            let commands = commands(line);
            let called = |index: usize| TaskCall::at(&step.tasks, number, index);
            let is_it = |(index, command): &(usize, &Command)| {
                (is_deploy(command, scope)
                    || starts_for_good(command, pipeline, job)
                    || called(*index).is_some_and(|call| is_task(command, call, is_frontend)))
                    && (!edits_manifests(command) || sends_on(job))
            };
            let (_, command) = commands.iter().enumerate().find(is_it)?;
            let target = make_target(command).map(|target| format!("make {target}"));
            let how = target.unwrap_or_else(|| command.short());
            Some((Some(at), format!("`{how}`"), &line.place))
        })
    });
    // Of several, the one that works where the service stands is its own.
    let found: Vec<Found<'a>> = found.collect();
    let is_own = |(at, ..): &&Found<'a>| {
        let step = at.and_then(|at| job.steps.get(at));
        step.is_some_and(|step| aim::works_in(step, &scope.service.folder))
    };
    found.iter().find(is_own).or(found.first()).cloned()
}

/// Whether the clock starts a pipeline, or else a person: what is new is deployed when it arrives.
fn is_by_clock(pipeline: &Pipeline) -> bool {
    let triggers = || pipeline.triggers.iter().map(|trigger| trigger.value.as_str());
    triggers().any(|trigger| trigger == "schedule")
        && triggers().all(|trigger| matches!(trigger, "schedule" | "workflow_dispatch"))
}

fn publish_step(job: &Job) -> Option<(usize, String, &Place)> {
    job.steps.iter().enumerate().find_map(|(at, step)| {
        if let Some(uses) = step.uses.as_ref().filter(|uses| is_publish_action(uses, step)) {
            return Some((at, format!("`{}`", uses.value), &uses.place));
        }
        step.lines.iter().find_map(|line| {
            let commands = commands(line);
            let is_publish =
                |command: &&Command| PUBLISHES.iter().any(|pattern| command.is(pattern));
            let command =
                commands.iter().filter(|c| !c.has_start(&["--dry-run"])).find(is_publish)?;
            Some((at, format!("`{}`", command.short()), &line.place))
        })
    })
}

pub(super) fn is_deploy(command: &Command, scope: &Scope<'_>) -> bool {
    deploys_itself(command, scope.service.kind == Kind::Frontend)
        || (!is_dry(command) && matches!(script::named(command, scope), Some(Named::Deploying)))
}

/// Whether a command only shows what it would do, or its own version: before a value `--version` says
/// which one to bring, as of a chart.
fn is_dry(command: &Command) -> bool {
    command.has_start(&["--dry-run", "--help", "--noop", "--check"])
        || command.words.last().is_some_and(|word| word == "--version")
}

/// Whether a command deploys by what it is, whatever it is told to start.
pub(super) fn deploys_itself(command: &Command, is_frontend: bool) -> bool {
    let name = command.program();
    let adds_plugin = name == "helm" && command.words.get(1).is_some_and(|word| word == "plugin");
    // `vercel build --prod` makes on the machine of the job what `vercel deploy` brings out.
    let only_builds = name == "vercel"
        && command.has(&["build", "env", "link", "pull"])
        && !command.has(&["deploy"]);
    if is_dry(command) || adds_plugin || only_builds {
        return false;
    }
    let copies = matches!(name, "rsync" | "scp")
        && command.words.iter().skip(1).any(|word| word.contains(':') && !word.contains("://"));
    let is_site = command.is("aws s3 sync");
    copies
        || runs_there(command)
        || (DEPLOYS.iter().any(|pattern| command.is(pattern)) && (!is_site || is_frontend))
        || is_push_of_manifests(command)
}

/// The image of a manifest is changed: what Argo CD or Flux then fetches.
fn is_push_of_manifests(command: &Command) -> bool {
    edits_manifests(command) || command.is("git push heroku") || command.is("git push dokku")
}

pub(super) fn is_deploy_action(uses: &str, step: &Step, is_frontend: bool) -> bool {
    let name = uses.split('@').next().unwrap_or_default().to_lowercase();
    if name.starts_with("./") {
        return false;
    }
    let with = |key: &str| step.input(key).map(|value| value.value.as_str());
    let is_pages =
        name.contains("pages") || sends_pages(step) || has_word(&name, &["docs", "storybook"]);
    let arguments = with("args").unwrap_or_default();
    let is_plan = with("preview") == Some("true") || arguments.contains("--dry-run");
    let only_tends = with("script").is_some_and(only_tends);
    let deploys = has_word(&name, &["deploy"])
        || DEPLOY_ACTIONS.iter().any(|known| name.starts_with(known))
        || (name.starts_with("superfly/flyctl-actions") && arguments.starts_with("deploy"));
    // `can-i-deploy` asks a Pact broker whether one may; a deploy key opens a repository.
    deploys
        && !["can-i-deploy", "deploy-key"].iter().any(|other| name.contains(other))
        && !only_pushes(&name)
        && !only_builds(&name)
        && !only_tells(&name)
        && !is_plan
        && !only_tends
        && (!is_pages || is_frontend)
}

/// Whether a step of Wrangler sends pages to Cloudflare.
fn sends_pages(step: &Step) -> bool {
    step.input("command").is_some_and(|command| command.value.trim().starts_with("pages "))
}

/// Whether an action of a repository for deploys only pushes, by its own name:
/// `acme/deploy-actions/docker-push`.
fn only_pushes(action: &str) -> bool {
    let own = action.rsplit('/').next().unwrap_or_default();
    has_word(own, &["push", "publish"]) && !has_word(own, &["deploy"])
}

/// Whether an action of a repository for deploys only makes what another of it brings out:
/// `acme/deploy-actions/build`.
fn only_builds(action: &str) -> bool {
    let own = action.rsplit('/').next().unwrap_or_default();
    has_word(own, &["build", "import"]) && !has_word(own, &["deploy"])
}

/// Whether an action only tells others of a deploy: `acme/report-deploy`, `acme/deploy-notification`.
fn only_tells(action: &str) -> bool {
    let own = action.rsplit('/').find(|part| has_word(part, &["deploy", "deployment"]));
    let telling =
        ["announce", "event", "marker", "notification", "notify", "record", "report", "track"];
    own.is_some_and(|own| has_word(own, &telling))
}

fn is_publish_action(uses: &str, step: &Step) -> bool {
    let name = uses.split('@').next().unwrap_or_default().to_lowercase();
    let of_images = ["docker", "image", "images", "container"];
    let is_known = PUBLISH_ACTIONS.iter().any(|known| name == *known)
        || (only_pushes(&name) && has_word(&name, &of_images));
    let push = step.input("push").map(|push| push.value.trim());
    // `inputs.push` is decided by whoever calls; `github.event_name != 'pull_request'` ships.
    let only_builds = ["docker/bake-action", "docker/build-push-action"].contains(&name.as_str())
        && push.is_none_or(|push| push == "false" || push.contains("inputs."));
    is_known && !only_builds
}

/// Whether what a job starts is gone when it ends.
fn is_throwaway(job: &Job) -> bool {
    let uses = job.steps.iter().filter_map(|step| step.uses.as_ref());
    let lines = job.steps.iter().flat_map(|step| &step.lines);
    uses.chain(lines).any(|text| THROWAWAY.iter().any(|sign| text.contains(sign)))
}
