//! Scripts and targets that deploy by their names, and what is known of what they do.

use facts::command::{Command, commands};

use super::checkout::edits_manifests;
use super::shipment::deploys_itself;
use super::stage::PRODUCTION;
use crate::prelude::*;

/// What a job starts that is called after deploying.
pub(super) enum Named<'a> {
    /// A script of the tree, in which nothing was found that deploys.
    Idle(&'a Script),
    /// What was not read, or does what it is called after.
    Deploying,
}

/// `make deploy`, `npm run deploy:prod`, `./scripts/deploy.sh`. A script that stands in the tree is
/// not believed by its name.
pub(super) fn named<'a>(command: &Command, scope: &Scope<'a>) -> Option<Named<'a>> {
    if !is_called_deploy(command) {
        return None;
    }
    let is_frontend = scope.service.kind == Kind::Frontend;
    let mut scripts = started(command, scope).peekable();
    let first = scripts.peek().copied();
    let idle = first.filter(|_| scripts.all(|script| !deploys(script, is_frontend)));
    Some(idle.map_or(Named::Deploying, Named::Idle))
}

/// The script of a job of `scope` that is called after deploying, and in which nothing does.
pub(super) fn idle<'a>(scope: &Scope<'a>) -> Option<(&'a Job, &'a Script)> {
    if scope.all.scripts.is_empty() {
        return None;
    }
    let mut jobs = scope.pipelines.iter().flat_map(|pipeline| &pipeline.jobs);
    jobs.find_map(|job| {
        let lines = job.steps.iter().flat_map(|step| &step.lines);
        let mut scripts = lines.flat_map(|line| commands(line)).filter_map(|command| {
            match named(&command, scope) {
                Some(Named::Idle(script)) => Some(script),
                _ => None,
            }
        });
        scripts.next().map(|script| (job, script))
    })
}

/// The scripts of the tree that a command may start: the folder in which it stands then is not known.
fn started<'a>(command: &Command, scope: &Scope<'a>) -> impl Iterator<Item = &'a Script> {
    let path = target(command).unwrap_or_default();
    let known = path.rsplit_once(['$', '}']).map_or(path, |(_, rest)| rest);
    let known: String = known.trim_start_matches(['.', '/']).to_owned();
    scope.all.scripts.iter().filter(move |script| {
        let before = script.place.path.strip_suffix(known.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    })
}

fn deploys(script: &Script, is_frontend: bool) -> bool {
    let all = || script.lines.iter().flat_map(|line| commands(line));
    let is_sent = || all().any(|command| command.is("git push"));
    all().any(|command| {
        let starts = ["docker compose up", "docker-compose up", "docker run", "systemctl restart"];
        let does = deploys_itself(&command, is_frontend)
            || is_called_deploy(&command)
            || starts.iter().any(|pattern| command.is(pattern));
        does && (!edits_manifests(&command) || is_sent())
    })
}

fn is_called_deploy(command: &Command) -> bool {
    if command.program() == "make" {
        return make_target(command).is_some();
    }
    target(command).is_some_and(|target| {
        let name = target.rsplit('/').next().unwrap_or(target);
        let first = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        first == Some("deploy")
    })
}

/// What a command starts: the task of a runner, or the program that it names by its path.
fn target(command: &Command) -> Option<&str> {
    let runners = ["just", "npm", "pnpm", "task", "yarn", "mage", "rake", "bash", "sh"];
    let mut words = command.words.iter().map(String::as_str);
    if runners.contains(&command.program()) {
        words.skip(1).find(|word| !word.starts_with('-') && *word != "run")
    } else {
        let is_text =
            |word: &str| [".json", ".md", ".yaml", ".yml"].iter().any(|end| word.ends_with(end));
        words.next().filter(|word| word.contains('/') && !is_text(word))
    }
}

/// The target of make that deploys, among its targets: `make production terraform-apply`.
pub(super) fn make_target(command: &Command) -> Option<&str> {
    let words = command.words.iter().skip(1).filter(|_| command.program() == "make");
    let mut targets = words.filter(|word| !word.starts_with('-') && !word.contains('='));
    let target = targets.find(|target| {
        let first = target.split(|c: char| !c.is_ascii_alphanumeric()).next();
        first == Some("deploy")
            || matches!(target.as_str(), "terraform-apply" | "tf-apply")
            || deploys_by(target)
    });
    target.map(String::as_str)
}

/// Whether a target names after its tool or its aim that it deploys: `helm-deploy`, `prod_deploy`.
fn deploys_by(target: &str) -> bool {
    let before = target.strip_suffix("-deploy").or_else(|| target.strip_suffix("_deploy"));
    let tools = ["app", "argo", "aws", "cf", "cloud", "gcp", "helm", "k8s", "kube", "stack"];
    before.is_some_and(|before| tools.contains(&before) || PRODUCTION.contains(&before))
}
