//! Secrets that a pipeline hands to a platform when it deploys there.

use facts::command::{Command, commands};

use super::secret_value::{Written, is_secret_name, written};
use crate::about::names;
use crate::gate;
use crate::prelude::*;

/// Commands that tell a platform what a program is given, by options or by words of their own.
static COMMANDS: &[&str] = &[
    "az containerapp create",
    "az containerapp up",
    "az containerapp update",
    "gcloud functions deploy",
    "gcloud run deploy",
    "gcloud run services update",
];

/// Options that name variables with their values.
static VARIABLES: &[&str] = &["--set-env-vars", "--update-env-vars"];

/// Options that name what a manager keeps.
static KEPT: &[&str] = &["--set-secrets", "--update-secrets"];

/// The action that does the same, by its inputs.
const ACTION: &str = "google-github-actions/deploy-cloudrun";

/// A short value may be a word of the program's own.
const SHORTEST: usize = 16;

/// What a deploy step says of the secrets of a service.
#[derive(Default)]
pub(super) struct Handed {
    /// The names of secrets that are written down, each at its line.
    pub(super) written: Vec<Placed<String>>,
    /// The names of secrets that are filled in when it runs.
    pub(super) filled_in: Vec<Placed<String>>,
    /// Where a manager of the platform's is told to bring them.
    pub(super) kept: Vec<Place>,
}

/// What the pipelines that deploy the service hand over with it.
pub(super) fn handed(scope: &Scope<'_>) -> Handed {
    let mut handed = Handed::default();
    for pipeline in &scope.pipelines {
        let jobs =
            pipeline.jobs.iter().filter(|job| gate::runs(job) && is_own(pipeline, job, scope));
        for step in jobs.flat_map(|job| &job.steps) {
            for line in &step.lines {
                let told = commands(line);
                for command in told.iter().filter(|command| deploys(command)) {
                    variables(command, &line.place, &mut handed);
                }
            }
            of_action(step, &mut handed);
        }
    }
    handed
}

/// Whether a job deploys the service: there is no other, or it or its file is called after this one.
fn is_own(pipeline: &Pipeline, job: &Job, scope: &Scope<'_>) -> bool {
    let own = names(scope.service);
    let mut heads = [pipeline.place.file_name(), job.id.value.as_str()].into_iter();
    let is_named = |head: &str| own.iter().any(|name| prose::mentions(head, &[name.as_str()]));
    scope.is_only_one || heads.any(is_named)
}

fn deploys(command: &Command) -> bool {
    COMMANDS.iter().any(|known| command.is(known))
}

fn variables(command: &Command, place: &Place, handed: &mut Handed) {
    for list in command.values(VARIABLES) {
        settings(list).for_each(|setting| handed.take(setting, place));
    }
    if command.program() == "az" {
        command.words.iter().for_each(|word| handed.take(word, place));
    }
    if command.values(KEPT).next().is_some() {
        handed.kept.push(place.clone());
    }
}

fn of_action(step: &Step, handed: &mut Handed) {
    let is_it = |uses: &Placed<String>| uses.split('@').next() == Some(ACTION);
    if !step.uses.as_ref().is_some_and(is_it) {
        return;
    }
    if let Some(list) = step.input("env_vars") {
        let lines = list.lines().flat_map(settings);
        lines.for_each(|setting| handed.take(setting.trim(), &list.place));
    }
    handed.kept.extend(step.input("secrets").map(|kept| kept.place.clone()));
}

/// The settings of a list: between commas, or between the signs that it names first: `^|^A=1|B=2`.
fn settings(list: &str) -> impl Iterator<Item = &str> {
    let named = list.strip_prefix('^').and_then(|rest| rest.split_once('^'));
    let (between, list) = named.filter(|(sign, _)| !sign.is_empty()).unwrap_or((",", list));
    list.split(between)
}

impl Handed {
    fn take(&mut self, setting: &str, place: &Place) {
        let Some((name, value)) = setting.split_once('=') else { return };
        let is_filled_in = value.contains('$');
        let name = || Placed::new(name.trim().to_owned(), place.clone());
        if is_filled_in && is_secret_name(&name()) {
            self.filled_in.push(name());
        } else if !is_filled_in
            && value.len() >= SHORTEST
            && written(&name(), value) == Written::Secret
        {
            self.written.push(name());
        }
    }
}
