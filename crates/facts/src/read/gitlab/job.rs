//! One job, its bases and references resolved.

use model::{Place, Placed};

use super::{condition, flat};
use crate::read::build::{Scope, fill, of_line};
use crate::read::script;
use crate::tree::Node;
use crate::{ImageBuild, Job, Step};

/// Lines of one job that may build images.
const MAX_BUILDS: usize = 256;

/// Keys that may be set for all jobs; those before the last may also stand at the top.
const SHARED: [&str; 5] = ["image", "services", "before_script", "after_script", "timeout"];

/// What a configuration sets for its jobs.
pub(super) struct Defaults<'a> {
    set: [Option<&'a Node>; 5],
}

impl<'a> Defaults<'a> {
    pub(super) fn new(config: &'a Node) -> Self {
        let set = SHARED.map(|key| {
            let top = config.get(key).filter(|_| key != "timeout");
            config.at(&["default", key]).or(top)
        });
        Self { set }
    }

    /// What stands under `key` in the job, else what is set for all jobs, unless the job does not
    /// inherit it.
    fn get(&self, job: &'a Node, key: &str) -> Option<&'a Node> {
        job.get(key).or_else(|| {
            let inherit = job.at(&["inherit", "default"]);
            let is_inherited = match inherit {
                Some(written) if written.bool() == Some(false) => false,
                Some(written) if !written.items().is_empty() => {
                    written.strings().any(|name| name.value == key)
                }
                _ => true,
            };
            let mut set = SHARED.iter().zip(self.set).filter(|(shared, _)| **shared == key);
            set.next().and_then(|(_, set)| set).filter(|_| is_inherited)
        })
    }
}

/// Reads the job that stands under the key `id`; `None`: no rule lets it run.
pub(super) fn read(id: &Node, job: &Node, defaults: &Defaults<'_>) -> Option<Job> {
    let condition = condition::read(job);
    if condition.is_never {
        return None;
    }
    let manual = job.get("when").filter(|when| when.str() == Some("manual"));
    let is_manual = manual.map(|when| when.place.clone());
    let is_optional = is_manual.clone().filter(|_| job.get("allow_failure").is_none());
    Some(Job {
        id: Placed::new(id.str().unwrap_or_default().to_owned(), id.place.clone()),
        name: None,
        needs: needs(job),
        stage: Some(job.get("stage").and_then(Node::str).unwrap_or("test").to_owned()),
        may_fail: may_fail(job).or(condition.may_fail).or(is_optional),
        is_manual: is_manual.or(condition.is_manual),
        condition: condition.text,
        environment: environment(job),
        timeout: defaults.get(job, "timeout").map(|timeout| timeout.place.clone()),
        calls: job.get("trigger").and_then(calls),
        is_on_own_machine: false,
        images: images(job, defaults),
        permissions: Vec::new(),
        steps: steps(job, defaults),
    })
}

/// The images that a job builds, with the variables of its configuration and its own put in.
pub(super) fn builds(config: &Node, node: &Node, job: &Job) -> Vec<ImageBuild> {
    let lines = job.steps.iter().flat_map(|step| &step.lines);
    let mut lines =
        lines.filter(|line| line.contains("build") || line.contains("kaniko")).peekable();
    if lines.peek().is_none() {
        return Vec::new();
    }
    let mut scope: Scope = [("env.CI_PROJECT_DIR".to_owned(), ".".to_owned())].into();
    let variables = [config, node].into_iter().filter_map(|node| node.get("variables"));
    for (name, _, value) in variables.flat_map(Node::entries) {
        if let Some(text) = value.str().or_else(|| value.get("value")?.str()) {
            scope.insert(format!("env.{name}"), fill(text, &scope));
        }
    }
    let filled = lines.take(MAX_BUILDS).map(|line| fill(line, &scope));
    filled.flat_map(|line| of_line(&line, "")).collect()
}

/// The jobs of this pipeline that are named to be waited for.
fn needs(job: &Node) -> Vec<Placed<String>> {
    let needs = job.get("needs").map(flat).unwrap_or_default();
    let is_outside = |need: &Node| need.get("project").is_some() || need.get("pipeline").is_some();
    let needs = needs.into_iter().filter(|need| !is_outside(need));
    needs.filter_map(|need| need.string("job").or_else(|| need.strings().next())).collect()
}

/// `allow_failure: true`, or for some exit codes; a child pipeline that is not waited for.
fn may_fail(job: &Node) -> Option<Place> {
    let child = job.get("trigger");
    let is_awaited = child.and_then(|it| it.get("strategy")).is_some();
    if let Some(child) = child.filter(|_| !is_awaited) {
        return Some(child.place.clone());
    }
    let written = job.get("allow_failure")?;
    let is_allowed = written.bool() == Some(true) || written.get("exit_codes").is_some();
    is_allowed.then(|| written.place.clone())
}

/// The environment that the job deploys to; one that it only stops or looks at is none.
fn environment(job: &Node) -> Option<Placed<String>> {
    let action = job.at(&["environment", "action"]).and_then(Node::str);
    let name = job.string("environment").or_else(|| job.get("environment")?.string("name"));
    name.filter(|_| action.is_none_or(|action| action == "start"))
}

/// The child pipeline or project that the job starts.
fn calls(trigger: &Node) -> Option<Placed<String>> {
    let include = trigger.get("include").map(flat).unwrap_or_default();
    let include =
        include.into_iter().find_map(|it| it.strings().next().or_else(|| it.string("local")));
    include.or_else(|| trigger.string("project")).or_else(|| trigger.strings().next())
}

fn images(job: &Node, defaults: &Defaults<'_>) -> Vec<Placed<String>> {
    let named = |node: &Node| node.strings().next().or_else(|| node.string("name"));
    let image = defaults.get(job, "image").and_then(named);
    let services = defaults.get(job, "services").map(flat).unwrap_or_default();
    image.into_iter().chain(services.into_iter().filter_map(named)).collect()
}

fn steps(job: &Node, defaults: &Defaults<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if job.get("trigger").is_some() {
        return steps;
    }
    let script = job.get("script").or_else(|| job.get("run"));
    for part in [defaults.get(job, "before_script"), script].into_iter().flatten() {
        steps.extend(flat(part).into_iter().flat_map(|it| steps_of(it, None)));
    }
    if let Some(part) = defaults.get(job, "after_script") {
        // Whatever it ends with, the job's outcome stands already.
        let items = flat(part).into_iter();
        steps.extend(items.flat_map(|it| steps_of(it, Some(&part.place))));
    }
    steps
}

/// One step for each line of an item of a script, or the step that the item is.
fn steps_of(item: &Node, may_fail: Option<&Place>) -> Vec<Step> {
    let text = item.get("script").unwrap_or(item);
    let lines = script::lines(text, &[]).into_iter();
    let steps = lines.map(|line| Step {
        id: None,
        name: item.get("name").and_then(Node::str).map(str::to_owned),
        uses: None,
        with: Vec::new(),
        env: Vec::new(),
        tasks: Vec::new(),
        working_folder: None,
        may_fail: may_fail.cloned(),
        condition: None,
        place: line.place.clone(),
        lines: vec![line],
    });
    let uses = item.string("step").map(|uses| Step {
        id: None,
        name: item.get("name").and_then(Node::str).map(str::to_owned),
        uses: Some(uses),
        with: Vec::new(),
        env: Vec::new(),
        tasks: Vec::new(),
        working_folder: None,
        may_fail: may_fail.cloned(),
        condition: None,
        place: item.place.clone(),
        lines: Vec::new(),
    });
    steps.chain(uses).collect()
}
