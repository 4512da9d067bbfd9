//! Own requirements from the policy file to the answer.

use std::fs;
use std::time::{Duration, Instant};

use model::{Answer, Policy, State};
use sources::Limits;

use crate::Deadline;
use crate::policy::{identify, read};
use crate::{PolicyChoice, Settings, assess};

const SERVICE: &str = "service: api\nkind: web\ntier: 1\ndependencies:\n  - name: orders\n    \
                       kind: postgres\n    timeout: 2s\n  - name: mail\n    kind: http\n";

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  \
                          replicas: 2\n  selector: {matchLabels: {app: api}}\n  template:\n    \
                          metadata: {labels: {app: api, team: payments}}\n    spec:\n      \
                          containers:\n        - name: api\n          \
                          image: registry.acme.example/api:1.2.3\n        - name: proxy\n          \
                          image: envoy:1.31\n";

/// A policy file with one own requirement of which `lines` are the keys that matter.
fn file(lines: &[&str]) -> String {
    let mut text = "name: acme\nversion: '1'\nown-requirements:\n  - id: acme/thing\n    \
                    title: it is so\n    why: because\n    remedy: Make it so.\n    \
                    tiers: {1: declared, 2: claimed, 3: '-'}\n"
        .to_owned();
    for line in lines {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn policy(each: &str, condition: Option<&str>, holds: &str) -> Result<Policy, String> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut lines = vec![format!("each: {each}"), format!("holds: {}", quoted(holds))];
    lines.extend(condition.map(|condition| format!("where: {}", quoted(condition))));
    lines.push(format!("message: '{each} `{{name}}` is not so'"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    read("acme.yaml", &file(&lines)).map_err(|error| error.to_string())
}

/// The answer of the service `api` in a tree of `files`.
fn answer_in(files: &[(&str, &str)], policy: Policy) -> Answer {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let settings = Settings {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        policy: PolicyChoice::Given(Box::new(policy)),
        limits: Limits::default(),
        only: Vec::new(),
        reproduce: "gonogo check".to_owned(),
        deadline: Deadline::after(Deadline::USUAL),
    };
    let assessment = assess(root.path(), &settings).unwrap();
    let services = assessment.verdicts.services;
    assert_eq!(services.len(), 1, "{services:?}");
    let answers = services.into_iter().flat_map(|service| service.answers);
    answers.into_iter().find(|answer| answer.requirement == "acme/thing").unwrap()
}

fn answer(each: &str, condition: Option<&str>, holds: &str) -> Answer {
    let policy = policy(each, condition, holds).unwrap();
    answer_in(&[("gonogo.yaml", SERVICE), ("deploy/api.yaml", DEPLOYMENT)], policy)
}

fn refused(holds: &str) -> String {
    policy("workload", None, holds).unwrap_err()
}

#[test]
fn it_is_met_where_the_expression_is_true_of_every_subject() {
    for (each, holds) in [
        ("workload", "workload.replicas >= 2 && workload.labels.team == 'payments'"),
        ("workload", "workload.containers.exists(c, c.image.matches('^registry[.]acme[.]'))"),
        ("workload", "workload.containers.map(c, c.name).filter(n, n != 'api') .size() == 1"),
        ("container", "workload.kind in ['deployment', 'stateful-set'] && service.tier == 1"),
        ("dependency", "!has(dependency.timeout_s) || dependency.timeout_s < 3.0"),
        ("service", "service.workloads.all(w, w.containers.all(c, size(c.name) > 2))"),
        ("service", "service.dependencies.exists_one(d, d.kind == 'postgres')"),
        ("workload", "double(workload.replicas) * 1.5 == 3.0 && string(workload.replicas) == '2'"),
    ] {
        let answer = answer(each, None, holds);
        assert_eq!(answer.state, State::Met, "{holds}: {answer:?}");
        assert!(!answer.evidence[0].seen.is_empty(), "{holds}");
    }
}

#[test]
fn it_is_failed_at_the_place_of_each_subject_of_which_it_is_false() {
    let answer = answer("container", None, "container.image.startsWith('registry.acme.example/')");
    assert_eq!(answer.state, State::Failed);
    let [finding] = answer.findings.as_slice() else { panic!("{answer:?}") };
    assert_eq!(finding.message, "container `proxy` is not so");
    assert_eq!(finding.help.as_deref(), Some("Make it so."));
    assert_eq!(finding.place.to_string(), "deploy/api.yaml:13:17");
    let answer = self::answer("dependency", None, "has(dependency.timeout_s)");
    let [finding] = answer.findings.as_slice() else { panic!("{answer:?}") };
    assert_eq!(finding.place.to_string(), "gonogo.yaml:8:11");
}

#[test]
fn it_is_asked_only_of_the_subjects_that_pass_its_condition() {
    let only = Some("container.name == 'api'");
    let answer = answer("container", only, "container.image.startsWith('registry.acme.example/')");
    assert_eq!(answer.state, State::Met, "{answer:?}");
    let answer = self::answer("workload", Some("workload.kind == 'daemon-set'"), "false");
    assert_eq!(answer.state, State::NotApplicable, "{answer:?}");
}

#[test]
fn it_is_unknown_where_there_is_no_subject_or_one_was_not_read() {
    let holds = "workload.replicas > 1";
    let bare = answer_in(&[("gonogo.yaml", SERVICE)], policy("workload", None, holds).unwrap());
    assert_eq!(bare.state, State::Unknown, "{bare:?}");
    let broken = ("deploy/other.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {a: [\n");
    let files = [("gonogo.yaml", SERVICE), ("deploy/api.yaml", DEPLOYMENT), broken];
    let partly = answer_in(&files, policy("workload", None, holds).unwrap());
    assert_eq!(partly.state, State::Unknown, "{partly:?}");
    assert!(partly.reason.contains("deploy/other.yaml"), "{partly:?}");
    let absent = "service.workloads.exists(w, w.name == 'other')";
    let absent = answer_in(&files, policy("service", None, absent).unwrap());
    assert_eq!(absent.state, State::Unknown, "{absent:?}");
}

#[test]
fn it_is_an_error_where_the_expression_cannot_be_evaluated() {
    let answer = answer("workload", None, "workload.grace_period_s > 30.0");
    assert_eq!(answer.state, State::Error, "{answer:?}");
    let error = answer.evidence[0].error.as_deref().unwrap();
    assert!(error.contains("deploy/api.yaml:3:18"), "{error}");
    assert!(error.contains("grace_period_s"), "{error}");
    let answer = self::answer("workload", Some("workload.labels.absent == 'x'"), "true");
    assert_eq!(answer.state, State::Error, "{answer:?}");
}

#[test]
fn a_list_that_is_too_long_is_an_error_and_never_met() {
    let labels: Vec<String> = (0..600).map(|n| format!("          - name: E{n}\n")).collect();
    let long = format!("{DEPLOYMENT}          env:\n{}", labels.concat());
    for holds in [
        "workload.containers.all(c, c.environment.all(e, e.name != ''))",
        "workload.containers.all(c, size(c.environment) >= 0)",
        "workload.containers.all(c, !c.environment.exists(e, e.name == 'x'))",
    ] {
        let files = [("gonogo.yaml", SERVICE), ("deploy/api.yaml", &long)];
        let answer = answer_in(&files, policy("workload", None, holds).unwrap());
        assert_eq!(answer.state, State::Error, "{holds}: {answer:?}");
    }
}

#[test]
fn a_map_that_is_too_long_is_an_error_and_never_met() {
    let labels: Vec<String> = (0..600).map(|n| format!(", l{n}: v")).collect();
    let long = DEPLOYMENT.replace("team: payments", &format!("team: payments{}", labels.concat()));
    for holds in [
        "!('x' in workload.labels)",
        "!has(workload.labels.x)",
        "workload.labels.all(l, l != 'x')",
        "size(workload.labels) != 3",
    ] {
        let files = [("gonogo.yaml", SERVICE), ("deploy/api.yaml", &long)];
        let answer = answer_in(&files, policy("workload", None, holds).unwrap());
        assert_eq!(answer.state, State::Error, "{holds}: {answer:?}");
    }
}

#[test]
fn a_name_that_does_not_exist_is_refused_with_what_was_meant() {
    let error = refused("workload.replica > 1");
    assert!(error.contains("did you mean `replicas`?"), "{error}");
    assert!(error.contains("line 10 column 12: `holds` of `acme/thing`"), "{error}");
    let error = refused("worklod.replicas > 1");
    assert!(error.contains("did you mean `workload`?"), "{error}");
    let error = refused("workload.containers.all(c, c.imge != '')");
    assert!(error.contains("a container has no field `imge`: did you mean `image`?"), "{error}");
    let error = refused("workload.name.startWith('a')");
    assert!(error.contains("did you mean `startsWith`?"), "{error}");
    let error = policy("workload", Some("workload.kin == 'job'"), "true").unwrap_err();
    assert!(error.contains("`where` of `acme/thing`"), "{error}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (holds, part) in [
        ("workload.replicas >", "line 1, column"),
        ("workload.name", "has to be a bool"),
        ("workload.replicas == '2'", "a int cannot be compared with a string"),
        ("workload.name + 'a' == 'b'", "cannot be reckoned with"),
        ("[1] + [2] == [3]", "cannot be reckoned with"),
        ("workload.name.matches(workload.kind)", "has to be written out"),
        ("workload.name.matches('(')", "is no pattern"),
        ("workload.name.matches('(\\\\w{100}){100}')", "is no pattern"),
        ("has(workload.name)", "is always there"),
        ("workload.replicas != null", "ask `has(…)`"),
        ("workload.containers.image == ''", "which has no fields"),
        ("{'a': 1}.a == 1", "maps and messages"),
        ("workload.containers.all(c, c.name in workload.name)", "ask `contains`"),
        ("duration('1s') == duration('1s')", "there is no function `duration`"),
    ] {
        let error = refused(holds);
        assert!(error.contains(part), "{holds}: {error}");
    }
}

#[test]
fn hostile_expressions_are_refused_quickly() {
    let began = Instant::now();
    let nested = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
    let inner = "workload.host_access";
    let all = (0..5).fold("true".to_owned(), |body, n| format!("{inner}.all(x{n}, {body})"));
    for holds in [
        nested(10_000),
        nested(2_000),
        nested(40),
        format!("{}1", "!".repeat(4_001)),
        format!("{}workload.name == 1", "-".repeat(4_000)),
        format!("1{} == 1", " + 1".repeat(900)),
        format!("workload{}", ".a".repeat(2_000)),
        format!("{}1{} == 1", "[".repeat(2_000), "]".repeat(2_000)),
        format!("{}true", "true ? true : ".repeat(280)),
        format!("workload{}", ".f(a".repeat(1_000)),
        all,
    ] {
        let error = policy("workload", None, &holds).err();
        let error = error.unwrap_or_else(|| panic!("accepted: {holds}"));
        assert!(error.len() < 1_000, "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn the_deepest_expression_that_is_taken_is_evaluated() {
    let sized = |body: String, _| format!("size([{body}]) == 1");
    let holds = (0..10).fold("workload.name == 'api'".to_owned(), sized);
    assert_eq!(answer("workload", None, &holds).state, State::Met);
    assert!(refused(&(0..12).fold("true".to_owned(), sized)).contains("deeper than 32"));
}

#[test]
fn the_digest_of_the_policy_covers_its_expressions() {
    let digest = |holds: &str| identify(&policy("workload", None, holds).unwrap()).digest;
    assert_eq!(digest("true"), digest("true"));
    assert_ne!(digest("workload.replicas > 1"), digest("workload.replicas > 2"));
}

#[test]
fn an_own_requirement_cannot_take_the_id_of_another_or_ask_more_than_files_show() {
    let holds = ["each: workload", "holds: 'true'", "message: no"];
    let good = file(&holds);
    assert!(read("p.yaml", &good).is_ok());
    for (from, to, part) in [
        ("acme/thing", "data/restore", "there is a requirement `data/restore` already"),
        ("acme/thing", "Acme Thing", "is no id"),
        ("1: declared", "1: proven/30", "more than files can show"),
        ("1: declared, 2: claimed", "1: '-'", "no tier is asked"),
        ("message: no", "message: '{nmae} is bad'", "`{name}` is all that is filled in"),
        ("each: workload", "each: pod", "pod"),
    ] {
        let error = read("p.yaml", &good.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let twice = format!("{good}{}", good.split_once("own-requirements:\n").unwrap().1);
    assert!(read("p.yaml", &twice).unwrap_err().to_string().contains("already"));
}

#[test]
fn the_documentation_lists_every_field() {
    let page = include_str!("../../../../docs/policies.md");
    let fields = super::reference();
    assert!(page.contains(&fields), "docs/policies.md: paste what `gonogo policy fields` prints");
}

#[test]
fn the_examples_of_the_documentation_are_policies() {
    let page = include_str!("../../../../docs/policies.md");
    let examples = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let examples: Vec<&str> = examples.filter(|text| text.contains("own-requirements:")).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let policy = read("docs/policies.md", example).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(policy.own.len(), 2);
    }
}
