//! When a job runs: `rules`, `only` and `except`, and what starts a pipeline at all.

use model::{Place, Placed};

use super::flat;
use crate::tree::Node;

/// What `rules:` or `only:` and `except:` say of a job.
#[derive(Default)]
pub(super) struct Condition {
    /// As written, in one line.
    pub(super) text: Option<Placed<String>>,
    /// Whether no rule lets the job run.
    pub(super) is_never: bool,
    /// Where the only rules that let it run ask for a person.
    pub(super) is_manual: Option<Place>,
    /// Where a rule allows it to fail.
    pub(super) may_fail: Option<Place>,
}

/// Reads the conditions of a job.
pub(super) fn read(job: &Node) -> Condition {
    let Some(rules) = job.get("rules") else {
        let keys = ["only", "except", "when"];
        let filters: Vec<_> = keys.iter().filter_map(|key| Some((*key, job.get(key)?))).collect();
        let place = filters.first().map(|(_, filter)| filter.place.clone());
        let texts: Vec<_> =
            filters.iter().map(|(key, it)| format!("{key}: {}", words(it))).collect();
        let text = place.map(|place| Placed::new(texts.join("; "), place));
        return Condition { text, ..Condition::default() };
    };
    let items = flat(rules);
    let running: Vec<_> = items.iter().filter(|rule| when(rule) != Some("never")).collect();
    let manual: Vec<_> = running.iter().filter(|rule| when(rule) == Some("manual")).collect();
    let is_manual = !manual.is_empty() && manual.len() == running.len();
    let forgiving = |rule: &&&&Node| rule.get("allow_failure").and_then(Node::bool) == Some(true);
    let texts: Vec<_> = items.iter().map(|rule| words(rule)).collect();
    Condition {
        text: Some(Placed::new(texts.join("; "), rules.place.clone())),
        is_never: !items.is_empty() && running.is_empty(),
        is_manual: manual.first().filter(|_| is_manual).map(|rule| place_of(rule, "when")),
        may_fail: running.iter().find(forgiving).map(|rule| place_of(rule, "allow_failure")),
    }
}

fn when(rule: &Node) -> Option<&str> {
    rule.get("when").and_then(Node::str)
}

fn place_of(rule: &Node, key: &str) -> Place {
    rule.get(key).unwrap_or(rule).place.clone()
}

/// What is written in a node, in one line. The depth of the tree is bounded, so is the recursion.
fn words(node: &Node) -> String {
    if let Some(text) = node.str() {
        return text.to_owned();
    }
    let items = node.items().iter().map(words);
    let entries = node.entries().map(|(key, _, value)| format!("{key}: {}", words(value)));
    items.chain(entries).collect::<Vec<_>>().join(", ")
}

/// What starts a pipeline, by the conditions of the whole and of its jobs.
pub(super) fn triggers(config: &Node, jobs: &[Node]) -> Vec<Placed<String>> {
    let whole = config.at(&["workflow", "rules"]);
    let mut triggers = Vec::new();
    for rules in whole.into_iter().chain(jobs.iter().filter_map(|job| job.get("rules"))) {
        let running = flat(rules).into_iter().filter(|rule| when(rule) != Some("never"));
        running.filter_map(|rule| rule.string("if")).for_each(|it| named_in(&it, &mut triggers));
    }
    for only in jobs.iter().filter_map(|job| job.get("only")) {
        let refs = only.get("refs").unwrap_or(only).strings();
        triggers.extend(refs.filter_map(|name| Some(Placed::new(source_of(&name)?, name.place))));
    }
    if whole.is_none() {
        let Place { path, line, column, .. } = config.place.clone();
        triggers.push(Placed::new("push".to_owned(), Place::point(path, line, column)));
    }
    keep_first(&mut triggers);
    triggers
}

fn keep_first(triggers: &mut Vec<Placed<String>>) {
    let mut known = std::collections::HashSet::new();
    triggers.retain(|trigger| known.insert(trigger.value.clone()));
}

/// The sources of pipelines that a condition asks for.
fn named_in(condition: &Placed<String>, triggers: &mut Vec<Placed<String>>) {
    let mut add = |name: &str| triggers.push(Placed::new(name.to_owned(), condition.place.clone()));
    for after in condition.split("$CI_PIPELINE_SOURCE").skip(1) {
        let quoted = after.trim_start().strip_prefix("==").map(str::trim_start);
        let quoted = quoted.and_then(|it| it.strip_prefix(['"', '\'']));
        let name = quoted.and_then(|it| it.split(['"', '\'']).next());
        name.into_iter().for_each(&mut add);
    }
    let variables = [
        ("$CI_MERGE_REQUEST_I", "merge_request_event"),
        ("$CI_COMMIT_TAG", "tag"),
        ("$CI_COMMIT_BRANCH", "push"),
        ("$CI_COMMIT_REF_NAME", "push"),
    ];
    let named = variables.iter().filter(|(variable, _)| condition.contains(variable));
    named.for_each(|(_, source)| add(source));
}

/// The source that a word of `only:` stands for.
fn source_of(word: &str) -> Option<String> {
    let source = match word {
        "merge_requests" => "merge_request_event",
        "schedules" => "schedule",
        "pushes" | "branches" => "push",
        "tags" => "tag",
        "web" | "api" => word,
        "triggers" => "trigger",
        "pipelines" => "pipeline",
        _ => return None,
    };
    Some(source.to_owned())
}
