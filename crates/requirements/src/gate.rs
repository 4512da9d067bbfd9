//! Steps of pipelines that hold a change back: tests, lint, scans, and what takes their teeth.

use std::collections::{BTreeMap, BTreeSet};

use facts::command::{Command, commands};
use facts::{Job, Pipeline, PipelineHost, Step, TaskCall};
use model::{Place, Placed};

pub(crate) use crate::tool::GateKind;
use crate::tool::{action, bare_image, idles, is_known, looseness, opaque, program, report};
use crate::tool_names::RUNNERS;

/// A step that holds a change back where it fails.
#[derive(Clone, Debug)]
pub(crate) struct Gate<'a> {
    /// What it looks at.
    pub(crate) kind: GateKind,
    /// The command or the action, to name it by.
    pub(crate) what: String,
    /// The command that starts the task which it is a part of, where it is: `npm run ci`.
    pub(crate) task: Option<String>,
    /// Where it is started: the line of the pipeline.
    pub(crate) place: &'a Place,
    /// The job that it is a step of; `None` for what a template brings.
    pub(crate) job: Option<&'a Job>,
    /// Why it holds nothing back.
    pub(crate) flaw: Option<Flaw<'a>>,
}

impl Gate<'_> {
    /// The command or the action as the pipeline has it.
    pub(crate) fn written(&self) -> &str {
        self.task.as_ref().unwrap_or(&self.what)
    }
}

/// Why a gate holds nothing back.
#[derive(Clone, Debug)]
pub(crate) struct Flaw<'a> {
    /// A clause without its subject: "may fail: `continue-on-error: true`".
    pub(crate) clause: String,
    /// Where that is written.
    pub(crate) place: &'a Place,
    /// What to do about it.
    pub(crate) help: &'static str,
    /// The step that reads how it ended, where one does: what comes of that is for it to say.
    pub(crate) read_by: Option<&'a Place>,
}

/// Something that runs and may be a gate, which its name does not tell.
#[derive(Clone, Debug)]
pub(crate) struct Opaque<'a> {
    /// The command or the file.
    pub(crate) what: String,
    /// The command that starts the task which it is a part of, where it is.
    pub(crate) task: Option<String>,
    /// Where it is started: the line of the pipeline.
    pub(crate) place: &'a Place,
}

impl Opaque<'_> {
    /// The command or the file as the pipeline has it.
    pub(crate) fn written(&self) -> &str {
        self.task.as_ref().unwrap_or(&self.what)
    }
}

/// All gates of a pipeline in the order of the file.
pub(crate) fn gates(pipeline: &Pipeline) -> Vec<Gate<'_>> {
    let mut gates: Vec<Gate<'_>> = pipeline
        .jobs
        .iter()
        .filter(|job| runs(job))
        .flat_map(|job| gates_of(job, pipeline.host))
        .collect();
    gates.extend(pipeline.includes.iter().filter_map(template));
    if let Some((trigger, clause)) = hardly_starts(pipeline) {
        let help = "start it by `pull_request`, `push` or `schedule`";
        for gate in gates.iter_mut().filter(|gate| !holds_a_deploy(gate, pipeline)) {
            let flaw = Flaw { clause: clause.clone(), place: &trigger.place, help, read_by: None };
            gate.flaw.get_or_insert(flaw);
        }
    }
    gates
}

/// Whether what goes to an environment waits for the gate: nothing gets there around it, whoever
/// starts the pipeline.
fn holds_a_deploy(gate: &Gate<'_>, pipeline: &Pipeline) -> bool {
    let deploys = pipeline.jobs.iter().filter(|job| job.environment.is_some());
    let mut needed = deploys.flat_map(|job| needed(pipeline, job));
    gate.job.is_some_and(|job| needed.any(|id| id == job.id.value))
}

/// Ids of all jobs that `job` waits for.
pub(crate) fn needed<'a>(pipeline: &'a Pipeline, job: &'a Job) -> BTreeSet<&'a str> {
    let jobs: BTreeMap<&str, &Job> =
        pipeline.jobs.iter().map(|job| (job.id.value.as_str(), job)).collect();
    let mut known = BTreeSet::new();
    let mut open: Vec<&Job> = vec![job];
    while let Some(job) = open.pop() {
        for id in job.needs.iter().map(|id| id.value.as_str()) {
            if known.insert(id) {
                open.extend(jobs.get(id));
            }
        }
    }
    known
}

/// Ids of all jobs that wait for `job`, or for one that does.
pub(crate) fn waiting_for<'a>(pipeline: &'a Pipeline, job: &'a Job) -> BTreeSet<&'a str> {
    let mut waiting: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
    for job in &pipeline.jobs {
        for id in &job.needs {
            waiting.entry(id.value.as_str()).or_default().push(job);
        }
    }
    let mut known = BTreeSet::new();
    let mut open = vec![job.id.value.as_str()];
    while let Some(id) = open.pop() {
        for job in waiting.remove(id).into_iter().flatten() {
            if known.insert(job.id.value.as_str()) {
                open.push(&job.id.value);
            }
        }
    }
    known
}

/// The gates among the steps of a job.
pub(crate) fn gates_of<'a>(job: &'a Job, host: PipelineHost) -> Vec<Gate<'a>> {
    let mut gates = Vec::new();
    for (at, step) in job.steps.iter().enumerate() {
        if is_never(step.condition.as_ref()) {
            continue;
        }
        let rest = job.steps.get(at + 1..).unwrap_or_default();
        if let Some(uses) = &step.uses {
            for kind in action(&uses.value, &step.with) {
                let what = uses.value.split('@').next().unwrap_or_default().to_owned();
                let loose = looseness(&uses.value, None, &step.with)
                    .filter(|_| !is_judged(report(None, &step.with), rest));
                let flaw = flaw(job, step, host, rest);
                let flaw = flaw.or_else(|| loose_flaw(loose, &uses.place));
                let (task, place) = (None, &uses.place);
                gates.push(Gate { kind: *kind, what, task, place, job: Some(job), flaw });
            }
        }
        for (n, (line, place)) in shell_of(step).enumerate() {
            for (m, command) in commands(line).iter().enumerate() {
                let flaw = |command: &Command, place: &'a Place| {
                    command_flaw(command, place, job, (step, rest), host)
                        .filter(|_| !is_judged(report(Some(command), &[]), rest))
                };
                let task = TaskCall::at(&step.tasks, n, m);
                let found = looks(command, place, task, &flaw);
                gates.extend(found.into_iter().map(|Look { kind, what, flaw }| {
                    let task = (what != command.short()).then(|| command.short());
                    Gate { kind, what, task, place, job: Some(job), flaw }
                }));
            }
        }
    }
    gates.extend(bare_image(job).into_iter().map(|(kind, image)| Gate {
        kind,
        what: image.value.clone(),
        task: None,
        place: &image.place,
        job: Some(job),
        flaw: None,
    }));
    gates
}

/// What a command looks at.
struct Look<'a> {
    kind: GateKind,
    /// The command, which may be one of a task that another starts.
    what: String,
    flaw: Option<Flaw<'a>>,
}

/// What a command looks at: by its name, and by what it starts where it is the name of a task. What
/// that task is seen to do counts more than what it is called, and one that does nothing is none.
fn looks<'a>(
    command: &Command,
    place: &'a Place,
    task: Option<&'a TaskCall>,
    flaw: &dyn Fn(&Command, &'a Place) -> Option<Flaw<'a>>,
) -> Vec<Look<'a>> {
    let own = flaw(command, place);
    let mut inside = Vec::new();
    let mut is_idle = task.is_some();
    for (n, line) in task.iter().flat_map(|task| task.lines.iter().enumerate()) {
        for (m, command) in commands(line).iter().enumerate() {
            let inner = task.and_then(|task| TaskCall::at(&task.tasks, n, m));
            is_idle &= idles(command);
            inside.extend(looks(command, &line.place, inner, flaw));
        }
    }
    for look in &mut inside {
        // Who forgives the failure of a task forgives what fails in it.
        look.flaw = own.clone().or(look.flaw.take());
    }
    let named = program(command).into_iter().filter(|_| !is_idle);
    let named: Vec<GateKind> =
        named.filter(|kind| inside.iter().all(|look| look.kind != *kind)).collect();
    let named =
        named.into_iter().map(|kind| Look { kind, what: command.short(), flaw: own.clone() });
    inside.extend(named);
    inside
}

/// What runs in a job and may be a gate, which its name does not tell.
pub(crate) fn opaque_of(job: &Job) -> Vec<Opaque<'_>> {
    let called = job.calls.iter().filter(|_| job.steps.is_empty());
    let called = called.map(|call| Opaque { what: of_file(call), task: None, place: &call.place });
    called.chain(job.steps.iter().flat_map(opaque_lines)).collect()
}

/// Commands of a step that may be gates; in place of one that starts a task of the tree, what that runs
/// and nobody knows.
fn opaque_lines(step: &Step) -> Vec<Opaque<'_>> {
    let mut found = Vec::new();
    for (n, line) in step.lines.iter().enumerate() {
        for (m, command) in commands(line).iter().enumerate().filter(|(_, command)| opaque(command))
        {
            let (what, place) = (format!("`{}`", command.short()), &line.place);
            let task = TaskCall::at(&step.tasks, n, m);
            found.extend(match task.map(unknown_of) {
                None => Some(Opaque { what, task: None, place }),
                Some(None) => None,
                Some(Some(inner)) => Some(Opaque { what: inner, task: Some(what), place }),
            });
        }
    }
    found
}

/// The first command of a task that is none of those which are known.
fn unknown_of(task: &TaskCall) -> Option<String> {
    let of_line = |n: usize, line: &Placed<String>| {
        commands(line).iter().enumerate().find_map(|(m, command)| {
            match TaskCall::at(&task.tasks, n, m) {
                Some(inner) => unknown_of(inner),
                None if is_known(command) => None,
                None => Some(format!("`{}`", command.short())),
            }
        })
    };
    task.lines.iter().enumerate().find_map(|(n, line)| of_line(n, line))
}

/// What runs in a pipeline and may be a gate, which its name does not tell.
pub(crate) fn opaque_in(pipeline: &Pipeline) -> Vec<Opaque<'_>> {
    let jobs = pipeline.jobs.iter().filter(|job| runs(job)).flat_map(opaque_of);
    let included = pipeline.includes.iter().filter(|include| template(include).is_none());
    let included = included.map(|include| Opaque {
        what: of_file(include),
        task: None,
        place: &include.place,
    });
    jobs.chain(included).collect()
}

/// An action or a task of a pipeline that is called like a scanner and that nobody knows more of, starts
/// what its settings name, or may write down the holes that it found.
pub(crate) fn called_like_a_scanner(pipeline: &Pipeline) -> Option<&Placed<String>> {
    task_of_scanner(pipeline).or_else(|| action_of_scanner(pipeline)).or_else(|| {
        pipeline.jobs.iter().filter(|job| runs(job)).find_map(|j| reporter(j, pipeline))
    })
}

/// The action of a job that may write down holes where the host shows them, and in which nothing else is
/// known to look for any.
fn reporter<'a>(job: &'a Job, pipeline: &'a Pipeline) -> Option<&'a Placed<String>> {
    // What looks at how a repository is kept, or at what a job does, writes there too.
    const OTHERS: &[&str] = &["ossf/scorecard-action", "step-security/harden-runner"];
    const MAKERS: &[&str] =
        &["actions", "aws-actions", "docker", "github", "google-github-actions"];
    const WORDS: &[&str] =
        &["auth", "cache", "checkout", "download", "init", "install", "login", "setup", "upload"];
    let given = if job.permissions.is_empty() { &pipeline.permissions } else { &job.permissions };
    let may_write =
        given.iter().any(|(name, access)| name == "security-events" && access.value == "write");
    let looks = |kind| matches!(kind, GateKind::Dependencies | GateKind::Code | GateKind::Other);
    if !may_write || gates_of(job, pipeline.host).iter().any(|gate| looks(gate.kind)) {
        return None;
    }
    job.steps.iter().filter(|step| !is_never(step.condition.as_ref())).find_map(|step| {
        let uses = step.uses.as_ref()?;
        let path = uses.split('@').next().unwrap_or_default().to_lowercase();
        let (maker, name) = path.split_once('/').unwrap_or_default();
        let is_known = path.starts_with(['.', '/'])
            || OTHERS.contains(&path.as_str())
            || MAKERS.contains(&maker)
            || name.split(['-', '_', '.', '/']).any(|word| WORDS.contains(&word))
            || !action(uses, &step.with).is_empty();
        (!is_known).then_some(uses)
    })
}

/// A task that bears the name of a scanner: `make lint-gosec`.
fn task_of_scanner(pipeline: &Pipeline) -> Option<&Placed<String>> {
    let scanners = ["bandit", "brakeman", "gosec", "govulncheck", "semgrep", "snyk", "trivy"];
    let steps = pipeline.jobs.iter().filter(|job| runs(job)).flat_map(|job| &job.steps);
    steps.flat_map(|step| &step.lines).find(|line| {
        let mut words = line.split_whitespace();
        let is_runner = words.next().is_some_and(|first| RUNNERS.contains(&first));
        let has =
            |word: &str| word.split(['-', '_', '.', ':']).any(|part| scanners.contains(&part));
        is_runner && words.any(has)
    })
}

fn action_of_scanner(pipeline: &Pipeline) -> Option<&Placed<String>> {
    let words = ["grype", "sast", "scan", "scanner", "semgrep", "snyk", "trivy", "vulnerability"];
    let others = ["download", "init", "login", "setup", "upload"];
    let by_settings = ["oxsecurity/megalinter", "trunk-io/trunk-action"];
    let steps = pipeline.jobs.iter().filter(|job| runs(job)).flat_map(|job| &job.steps);
    steps.filter_map(|step| Some((step.uses.as_ref()?, step))).find_map(|(uses, step)| {
        let path = uses.split('@').next().unwrap_or_default().to_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        let has = |words: &[&str]| name.split(['-', '_', '.']).any(|word| words.contains(&word));
        let is_of_packages = ["check-packages", "validate-packages"].contains(&name);
        let is_called = has(&words) || is_of_packages;
        let is_it = is_called && !has(&others) && action(uses, &step.with).is_empty();
        let is_set_up = by_settings.iter().any(|start| path.starts_with(start));
        (is_it || is_set_up).then_some(uses)
    })
}

/// Whether a job runs where nothing has failed, as far as its file says.
pub(crate) fn runs(job: &Job) -> bool {
    !is_never(job.condition.as_ref())
}

/// The trigger of a pipeline that a person has to start, where it has no other.
pub(crate) fn only_by_hand(pipeline: &Pipeline) -> Option<&Placed<String>> {
    // What `repository_dispatch` waits for comes from another program as often as from a person.
    let by_hand = ["workflow_dispatch", "issue_comment"];
    let first = pipeline.triggers.first()?;
    let others = pipeline.triggers.iter().filter(|t| t.value != "workflow_call");
    let is_by_hand = pipeline.triggers.iter().any(|t| by_hand.contains(&t.value.as_str()))
        && others.clone().all(|trigger| by_hand.contains(&trigger.value.as_str()));
    is_by_hand.then_some(first)
}

/// Why what ships goes around a pipeline: a person starts it, or a push to the one branch of a change.
fn hardly_starts(pipeline: &Pipeline) -> Option<(&Placed<String>, String)> {
    const CHANGES: &[&str] = &["bugfix/", "feat/", "feature/", "fix/", "wip/"];
    if let Some(trigger) = only_by_hand(pipeline) {
        return Some((trigger, "runs only when a person starts it".to_owned()));
    }
    let is_start = |trigger: &str| matches!(trigger, "push" | "workflow_dispatch");
    let [branch] = &*pipeline.branches else { return None };
    let is_one = !branch.contains('*') && CHANGES.iter().any(|start| branch.starts_with(start));
    let is_alone = pipeline.triggers.iter().all(|trigger| is_start(&trigger.value));
    (is_one && is_alone).then(|| (branch, format!("runs only for pushes to `{}`", branch.value)))
}

/// Whether a pipeline is only the part of others that call it, where its jobs are looked at.
pub(crate) fn is_called_only(pipeline: &Pipeline) -> bool {
    !pipeline.triggers.is_empty() && pipeline.triggers.iter().all(|t| t.value == "workflow_call")
}

/// Whether a step with this condition runs only where one before it has failed, or not at all.
pub(crate) fn is_never(condition: Option<&Placed<String>>) -> bool {
    condition.is_some_and(|condition| {
        let inner = condition.trim().trim_start_matches("${{").trim_end_matches("}}");
        matches!(inner.trim(), "false" | "failure()")
    })
}

/// How the file says that failing has no consequence.
fn flaw<'a>(
    job: &'a Job,
    step: &'a Step,
    host: PipelineHost,
    rest: &'a [Step],
) -> Option<Flaw<'a>> {
    let place = step.may_fail.as_ref().or(job.may_fail.as_ref())?;
    let read_by = reader(step, rest);
    if read_by.is_some_and(|reader| job.may_fail.is_none() && fails(reader)) {
        return None;
    }
    let key = match host {
        PipelineHost::GitHub => "continue-on-error: true",
        PipelineHost::GitLab => "allow_failure: true",
    };
    let help = match host {
        PipelineHost::GitHub => "take out `continue-on-error: true`",
        PipelineHost::GitLab => "take out `allow_failure: true`",
    };
    let clause = format!("may fail without consequence: `{key}`");
    Some(Flaw { clause, place, help, read_by: read_by.map(|reader| &reader.place) })
}

/// The later step that reads how `step` ended, before its failing was forgiven.
fn reader<'a>(step: &Step, rest: &'a [Step]) -> Option<&'a Step> {
    let outcome = format!("steps.{}.outcome", step.id.as_ref()?);
    let reads = |text: &Placed<String>| text.contains(&outcome);
    rest.iter().filter(|later| !is_never(later.condition.as_ref())).find(|later| {
        later.condition.iter().chain(&later.lines).any(reads)
            || later.with.iter().any(|(_, value)| reads(value))
    })
}

/// Whether a line of the step ends it as failed, and that counts.
fn fails(step: &Step) -> bool {
    let fails = |line: &Placed<String>| {
        commands(line).iter().any(|command| {
            let code = command.words.get(1).map(String::as_str);
            command.program() == "exit" && code.is_some_and(|code| code != "0")
        })
    };
    step.may_fail.is_none() && step.lines.iter().any(fails)
}

/// Whether a later step looks into the report of a scanner, and fails by what it finds there.
fn is_judged(report: Option<&str>, rest: &[Step]) -> bool {
    let Some(report) = report.filter(|report| !report.is_empty()) else { return false };
    let judges = |step: &&Step| {
        !is_never(step.condition.as_ref())
            && step.lines.iter().any(|line| line.contains(report))
            && fails(step)
    };
    rest.iter().any(|step| judges(&step) || is_handed_on(report, step))
}

/// Whether a step hands a report on to the host, where what was found is dealt with.
fn is_handed_on(report: &str, step: &Step) -> bool {
    let is_upload = step
        .uses
        .as_ref()
        .is_some_and(|uses| uses.starts_with("github/codeql-action/upload-sarif@"));
    let path = |path: &str| path.trim_start_matches("./").trim_end_matches('/').to_owned();
    let (report, given) = (path(report), step.input("sarif_file").map(|given| path(given)));
    let holds = |given: String| {
        let rest = report.strip_prefix(&given);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_upload && !is_never(step.condition.as_ref()) && given.is_some_and(holds)
}

fn command_flaw<'a>(
    command: &Command,
    place: &'a Place,
    job: &'a Job,
    (step, rest): (&'a Step, &'a [Step]),
    host: PipelineHost,
) -> Option<Flaw<'a>> {
    if let Some(excuse) = &command.excuse {
        let clause = format!("may fail without consequence: `{excuse}`");
        let help = "let the command fail the job: take out what stands behind it";
        return Some(Flaw { clause, place, help, read_by: None });
    }
    let loose = looseness(command.program(), Some(command), &step.with);
    flaw(job, step, host, rest).or_else(|| loose_flaw(loose, place))
}

/// Lines that a shell runs in the step, where they stand: its own, and those that an action is
/// given to run.
fn shell_of(step: &Step) -> impl Iterator<Item = (&str, &Place)> {
    let own = step.lines.iter().map(|line| (line.value.as_str(), &line.place));
    let given = step.with.iter().filter(|(name, _)| GIVEN.contains(&name.as_str()));
    let given = given.flat_map(|(_, text)| text.value.lines().map(|line| (line, &text.place)));
    own.chain(given)
}

/// Inputs by which actions are given commands to run in the checkout.
static GIVEN: &[&str] = &["cmd", "command", "commands", "run", "runCmd"];

fn loose_flaw<'a>(
    loose: Option<(&'static str, &'static str)>,
    place: &'a Place,
) -> Option<Flaw<'a>> {
    loose.map(|(clause, help)| Flaw { clause: clause.to_owned(), place, help, read_by: None })
}

fn of_file(name: &Placed<String>) -> String {
    format!("`{}`", name.value)
}

/// The gate that a template of GitLab brings.
fn template(include: &Placed<String>) -> Option<Gate<'_>> {
    let name = include.value.to_lowercase();
    let kind = if name.contains("dependency-scanning") || name.contains("container-scanning") {
        GateKind::Dependencies
    } else if name.contains("sast") && !name.contains("iac") {
        GateKind::Code
    } else if name.contains("secret-detection") {
        GateKind::Other
    } else {
        return None;
    };
    let what = include.value.clone();
    Some(Gate { kind, what, task: None, place: &include.place, job: None, flaw: None })
}
