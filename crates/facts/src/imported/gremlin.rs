//! Runs of Gremlin as its API returns them: reliability tests, scenarios and single experiments (attacks), alone, listed, or a page of them.
//!
//! A single experiment tells that a fault was made, never what became of the service. Only the health checks of a run tell that.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::Place;

use super::{Refused, amount, moment};
use crate::tree::{Node, Value};

/// Runs that are read of one report at most.
const RUNS: usize = 2_000;

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its name, or what else tells it from others.
    pub name: String,
    /// The service of Gremlin's that it was a test of; a scenario has none.
    pub service: Option<String>,
    /// The dependency that it was about, as Gremlin calls it.
    pub dependency: Option<String>,
    /// Whether it is a single experiment (attack), which checks nothing.
    pub is_bare_attack: bool,
    /// What Gremlin says came out.
    pub status: Option<RunStatus>,
    /// Whether it passes when a check fails, so that its status says the opposite of the usual.
    pub passes_when_a_check_fails: bool,
    /// The faults that were made.
    pub attacks: Vec<Attack>,
    /// What was checked meanwhile.
    pub checks: Vec<Check>,
    /// When it began, as far as is told.
    pub began_at: Option<Timestamp>,
    /// Where it stands.
    pub place: Place,
}

/// What Gremlin says came out of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// Nobody knows.
    Unsure,
}

/// How far a part of a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// To its end, as it should.
    Successful,
    /// To a failure.
    Failed,
    /// Until somebody, or a health check, stopped it.
    Halted,
    /// It goes on, was not begun, or does not say.
    Open,
}

/// A fault that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    /// `blackhole`, `latency`, `shutdown` … in lower case.
    pub command: String,
    /// How far it came.
    pub lifecycle: Lifecycle,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A health check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The URL that it asks.
    pub url: Option<String>,
    /// The method it asks with.
    pub method: Option<String>,
    /// The longest that an answer may take, in milliseconds.
    pub within_ms: Option<f64>,
    /// Whether it watches errors or latency of a monitoring system.
    pub is_golden_signal: bool,
    /// What came out.
    pub lifecycle: Lifecycle,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Whether `root` is a run, or a list or page of runs.
pub(super) fn is_run(root: &Node) -> bool {
    let one = match (&root.value, root.get("items")) {
        (Value::Sequence(items), _) => items.first(),
        (_, Some(page)) if !page.items().is_empty() => page.items().first(),
        // A page without runs is one all the same.
        (_, Some(_)) => return root.get("pageSize").is_some(),
        _ => Some(root),
    };
    one.is_some_and(|node| shape(node).is_some())
}

/// The forms in which Gremlin tells of runs.
enum Shape {
    /// A reliability test with its scenario's run inside.
    Test,
    /// A reliability test's outcome only.
    Outcome,
    /// The run of a scenario.
    Scenario,
    /// One experiment.
    Attack,
}

fn shape(node: &Node) -> Option<Shape> {
    let has = |key: &str| node.get(key).is_some();
    if node.get("run").is_some_and(|run| run.get("graph").is_some() || run.get("results").is_some())
    {
        Some(Shape::Test)
    } else if has("reliabilityTestId") && has("status") {
        Some(Shape::Outcome)
    } else if has("runNumber") && (has("graph") || has("results")) {
        Some(Shape::Scenario)
    } else if has("guid") && (has("stage") || has("stageLifecycle")) {
        Some(Shape::Attack)
    } else {
        None
    }
}

/// Reads runs.
pub(super) fn read(root: &Node) -> Result<Vec<Experiment>, Refused> {
    let nodes: Vec<&Node> = match (&root.value, root.get("items")) {
        (Value::Sequence(items), _) => items.iter().collect(),
        (_, Some(page)) => page.items().iter().collect(),
        _ => vec![root],
    };
    if nodes.is_empty() {
        return Err(Refused::at(&root.place, "holds no run"));
    }
    if nodes.len() > RUNS {
        return Err(Refused::at(
            &root.place,
            format!("holds more than {RUNS} runs: ask for fewer"),
        ));
    }
    nodes.into_iter().map(run).collect()
}

fn run(node: &Node) -> Result<Experiment, Refused> {
    let dependency = text(node, "dependencyName");
    let place = node.place.start();
    match shape(node) {
        Some(Shape::Test) => {
            let inner = node.get("run").unwrap_or(node);
            Ok(Experiment {
                service: text(node, "serviceId"),
                dependency,
                place,
                ..scenario(inner)?
            })
        }
        Some(Shape::Scenario) => scenario(node),
        Some(Shape::Outcome) => Ok(Experiment {
            name: text(node, "reliabilityTestName")
                .or_else(|| text(node, "reliabilityTestId"))
                .unwrap_or_default(),
            service: text(node, "serviceId"),
            dependency,
            is_bare_attack: false,
            status: status(node.get("status"))?,
            passes_when_a_check_fails: passes_when_a_check_fails(node),
            attacks: Vec::new(),
            checks: Vec::new(),
            began_at: when(node, &["createdAt", "endTime"])?,
            place,
        }),
        Some(Shape::Attack) => bare(node),
        None => Err(Refused::at(
            &node.place,
            "is no run of a reliability test, scenario or experiment of Gremlin",
        )),
    }
}

fn scenario(node: &Node) -> Result<Experiment, Refused> {
    let mut parts = Parts::default();
    if let Some(graph) = node.get("graph") {
        // Where a part is named again, it may be named without its state.
        for first in ["nodes", "observers"].into_iter().filter_map(|key| graph.get(key)) {
            parts.gather(first)?;
        }
        parts.gather(graph)?;
    }
    let began = parts.attacks.iter().filter_map(|attack| attack.began_at).min();
    Ok(Experiment {
        name: text(node, "name").or_else(|| text(node, "scenarioId")).unwrap_or_default(),
        service: None,
        dependency: None,
        is_bare_attack: false,
        status: status(node.at(&["results", "status"]))?,
        passes_when_a_check_fails: passes_when_a_check_fails(node),
        attacks: parts.attacks,
        checks: parts.checks,
        began_at: match began {
            Some(began) => Some(began),
            None => when(node, &["createdAt", "endTime"])?,
        },
        place: node.place.start(),
    })
}

fn bare(node: &Node) -> Result<Experiment, Refused> {
    let command = command(node).unwrap_or_default();
    let (began_at, ended_at) =
        (when(node, &["startTime", "createdAt"])?, when(node, &["endTime"])?);
    let stage = node.get("stage").and_then(Node::str).unwrap_or_default();
    let attack =
        Attack { command: command.clone(), lifecycle: lifecycle(stage), began_at, ended_at };
    Ok(Experiment {
        name: format!("{command} {}", text(node, "guid").unwrap_or_default()).trim().to_owned(),
        service: None,
        dependency: None,
        is_bare_attack: true,
        status: None,
        passes_when_a_check_fails: false,
        attacks: vec![attack],
        checks: Vec::new(),
        began_at,
        place: node.place.start(),
    })
}

fn status(node: Option<&Node>) -> Result<Option<RunStatus>, Refused> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return Ok(None) };
    match node.str().unwrap_or_default() {
        "Passed" => Ok(Some(RunStatus::Passed)),
        "Failed" => Ok(Some(RunStatus::Failed)),
        "Unsure" => Ok(Some(RunStatus::Unsure)),
        other => Err(Refused::at(
            &node.place,
            format!("`{}` is no status of Gremlin's", other.escape_debug()),
        )),
    }
}

fn passes_when_a_check_fails(node: &Node) -> bool {
    // Whatever else Gremlin may learn to call it, only this one is known to ask for all checks.
    node.get("passCriteria").and_then(Node::str).is_some_and(|criteria| criteria != "ALL_PASS")
}

fn lifecycle(word: &str) -> Lifecycle {
    match word {
        "Successful" => Lifecycle::Successful,
        "Failed"
        | "InvalidArgument"
        | "TargetNotFound"
        | "LostCommunication"
        | "InitializationFailed"
        | "TeardownFailed"
        | "HaltFailed" => Lifecycle::Failed,
        "Halted" | "HaltRequested" | "UserHalted" | "ClientAborted" | "HaltDistributed"
        | "InterruptTriggered" | "RollbackTriggered" | "RollbackStarted" | "Halt" => {
            Lifecycle::Halted
        }
        _ => Lifecycle::Open,
    }
}

/// The parts of a scenario's graph.
#[derive(Default)]
struct Parts {
    attacks: Vec<Attack>,
    checks: Vec<Check>,
    known: BTreeSet<String>,
}

impl Parts {
    /// Takes every part inside `graph`, each once although the graph names some of them several times.
    fn gather(&mut self, graph: &Node) -> Result<(), Refused> {
        let mut open = vec![graph];
        while let Some(node) = open.pop() {
            match node.get("type").and_then(Node::str) {
                Some("InfraAttack" | "FailureFlag") if self.is_new(node) => {
                    self.attacks.push(attack(node)?);
                }
                Some("StatusCheckNode" | "SynchronousStatusCheck" | "ContinuousStatusCheck")
                    if self.is_new(node) =>
                {
                    self.checks.push(check(node)?);
                }
                _ => {}
            }
            open.extend(node.entries().map(|(_, _, value)| value));
            open.extend(node.items());
        }
        Ok(())
    }

    fn is_new(&mut self, node: &Node) -> bool {
        let id = text(node, "guid").or_else(|| text(node, "id"));
        let kind = text(node, "type").unwrap_or_default();
        id.is_none_or(|id| self.known.insert(format!("{kind} {id}")))
    }
}

fn attack(node: &Node) -> Result<Attack, Refused> {
    let state = node.get("state").unwrap_or(node);
    let is_flag = node.get("type").and_then(Node::str) == Some("FailureFlag");
    let command = if is_flag { Some("failure flag".to_owned()) } else { command(node) };
    Ok(Attack {
        command: command.unwrap_or_default(),
        lifecycle: lifecycle(state.get("lifecycle").and_then(Node::str).unwrap_or_default()),
        began_at: when(state, &["startTime"])?,
        ended_at: when(state, &["endTime"])?,
    })
}

/// What an experiment does, wherever this version of the API says it.
fn command(node: &Node) -> Option<String> {
    const PLACES: [&[&str]; 7] = [
        &["impactDefinition", "infraCommandType"],
        &["impact_definition", "infra_command_type"],
        &["attackConfiguration", "command", "infraCommandType"],
        &["attack_configuration", "command", "infraCommandType"],
        &["infraCommand", "infraCommandType"],
        &["infraCommand", "commandType"],
        &["infraCommand", "type"],
    ];
    let said = PLACES.iter().find_map(|path| node.at(path)?.str());
    let first = node.get("args").and_then(|args| args.items().first()?.str());
    Some(said.or(first)?.to_ascii_lowercase())
}

fn check(node: &Node) -> Result<Check, Refused> {
    let state = node.get("state").unwrap_or(node);
    let endpoint = node.get("endpointConfiguration").or_else(|| node.get("endpoint_configuration"));
    let of_endpoint = |key: &str| endpoint.and_then(|endpoint| text(endpoint, key));
    let evaluation =
        node.get("evaluationConfiguration").or_else(|| node.get("evaluation_configuration"));
    let within = evaluation
        .and_then(|node| node.get("okLatencyMaxMs").or_else(|| node.get("ok_latency_max_ms")));
    let category = node.get("category").and_then(Node::str);
    let url = of_endpoint("url");
    let name = text(node, "name").or_else(|| text(node, "description")).or_else(|| url.clone());
    Ok(Check {
        name: name.unwrap_or_default(),
        url,
        method: of_endpoint("method"),
        within_ms: within.filter(|node| !node.is_null()).map(amount).transpose()?,
        is_golden_signal: matches!(category, Some("ERRORS" | "LATENCY")),
        lifecycle: lifecycle(state.get("lifecycle").and_then(Node::str).unwrap_or_default()),
        reason: text(state, "failedReason"),
        began_at: when(state, &["startTime"])?,
        ended_at: when(state, &["endTime"])?,
    })
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.str().map(str::to_owned).filter(|text| !text.is_empty())
}

/// The first of the moments under `keys` that is told.
fn when(node: &Node, keys: &[&str]) -> Result<Option<Timestamp>, Refused> {
    let told = keys.iter().find_map(|key| node.get(key).filter(|node| !node.is_null()));
    told.map(moment).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::{Report, read_report};
    use super::*;

    fn runs(text: &str) -> Result<Vec<Experiment>, Refused> {
        match read_report(&"gremlin.json".into(), text.as_bytes(), None)? {
            Report::Gremlin(runs) => Ok(runs),
            other => panic!("{other:?}"),
        }
    }

    const TEST: &str = r#"{"pageSize": 10, "items": [{
  "guid": "t1", "serviceId": "s1", "dependencyName": "payments", "runNumber": 3,
  "run": {"scenarioId": "c1", "runNumber": 3, "name": "Dependency Failure", "createdAt": "2026-11-20T11:59:00Z", "endTime": "2026-11-20T12:06:00Z",
    "results": {"status": "Passed"}, "passCriteria": "ALL_PASS",
    "graph": {"startId": "0",
      "nodes": {"0": {"type": "InfraAttack", "id": "0", "guid": "n0", "impactDefinition": {"infraCommandType": "Blackhole"},
        "state": {"lifecycle": "Successful", "startTime": "2026-11-20T12:00:00Z", "endTime": "2026-11-20T12:05:00Z"}}},
      "nodesRecursive": [{"type": "InfraAttack", "id": "0", "guid": "n0"}],
      "observers": [{"type": "ContinuousStatusCheck", "id": "c", "guid": "n1", "name": "orders", "category": "UNKNOWN",
        "endpointConfiguration": {"url": "https://shop.example/orders", "method": "GET"}, "evaluationConfiguration": {"okStatusCodes": ["200"], "okLatencyMaxMs": 500},
        "state": {"lifecycle": "Successful", "startTime": "2026-11-20T11:59:30Z", "endTime": "2026-11-20T12:06:00Z"}}]}}}]}"#;

    #[test]
    fn a_reliability_test_is_read_with_its_attack_and_its_checks_each_once() {
        let read = runs(TEST).unwrap();
        let [run] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(
            (run.name.as_str(), run.dependency.as_deref()),
            ("Dependency Failure", Some("payments"))
        );
        assert_eq!(
            (run.status, run.attacks.len(), run.checks.len()),
            (Some(RunStatus::Passed), 1, 1)
        );
        assert_eq!(
            (run.attacks[0].command.as_str(), run.attacks[0].lifecycle),
            ("blackhole", Lifecycle::Successful)
        );
        let check = &run.checks[0];
        assert_eq!(
            (check.url.as_deref(), check.within_ms),
            (Some("https://shop.example/orders"), Some(500.0))
        );
        assert_eq!(run.began_at.unwrap().to_string(), "2026-11-20T12:00:00Z");
    }

    #[test]
    fn outcomes_scenarios_and_attacks_are_told_apart() {
        let outcome = r#"[{"serviceId": "s", "reliabilityTestId": "r", "reliabilityTestName": "Host Redundancy", "status": "Unsure",
            "passCriteria": "AT_LEAST_ONE_FAILED", "endTime": "2026-11-20T12:00:00Z"}]"#;
        let run = &runs(outcome).unwrap()[0];
        assert_eq!((run.status, run.passes_when_a_check_fails), (Some(RunStatus::Unsure), true));
        let attack = r#"{"guid": "a1", "stage": "UserHalted", "stageLifecycle": "Complete", "args": ["latency", "-m", "100"], "startTime": "2026-11-20T12:00:00Z", "endTime": null}"#;
        let run = &runs(attack).unwrap()[0];
        assert!(run.is_bare_attack && run.attacks[0].command == "latency", "{run:?}");
        assert_eq!(run.attacks[0].lifecycle, Lifecycle::Halted);
        let scenario = r#"{"scenarioId": "c", "runNumber": 1, "graph": {"nodes": {"0": {"type": "Concurrent", "nodes": [{"type": "InfraAttack",
            "impact_definition": {"infra_command_type": "shutdown"}, "state": {"lifecycle": "Active"}}]}}}, "results": null}"#;
        let run = &runs(scenario).unwrap()[0];
        assert_eq!(
            (run.status, run.attacks[0].command.as_str(), run.attacks[0].lifecycle),
            (None, "shutdown", Lifecycle::Open)
        );
    }

    #[test]
    fn what_gremlin_does_not_say_is_refused_with_its_place() {
        for (from, to, reason) in [
            ("\"Passed\"", "\"Great\"", "no status"),
            ("2026-11-20T12:00:00Z", "yesterday", "a moment"),
            ("\"okLatencyMaxMs\": 500", "\"okLatencyMaxMs\": -1", "not negative"),
        ] {
            let refused = runs(&TEST.replacen(from, to, 1)).unwrap_err();
            assert!(refused.reason.contains(reason) && refused.place.line > 1, "{refused}");
        }
        assert!(runs(r#"{"pageSize": 10, "items": []}"#).unwrap_err().reason.contains("no run"));
        let mixed = TEST.replacen("\"items\": [", "\"items\": [{\"a\": 1},", 1);
        assert!(runs(&mixed).is_err());
        let mixed = r#"[{"guid": "a", "stage": "Successful"}, {"a": 1}]"#;
        assert!(runs(mixed).unwrap_err().reason.contains("no run of"));
    }
}
