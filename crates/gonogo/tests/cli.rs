//! The real binary over small repositories, with a policy that names its requirements, so that a new
//! requirement changes nothing here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The moment of all judgements here.
const AT: &str = "2026-11-20T12:00:00Z";

const POLICY: &str = "name: small\nversion: '1'\nextends: blank\nrequirements:\n  \
                      capacity/resource-limits: {tiers: {1: declared, 2: declared, 3: declared}}\n  \
                      ownership/reviewed: {tiers: {1: observed, 2: observed, 3: observed}}\n";

/// A repository with one service, whose container has the resources given.
fn repository(resources: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  selector: \
         {{matchLabels: {{app: api}}}}\n  template:\n    metadata: {{labels: {{app: api}}}}\n    \
         spec:\n      containers:\n        - name: api\n          image: acme/api:1\n          \
         {resources}\n"
    );
    fs::create_dir(root.path().join("deploy")).unwrap();
    fs::write(root.path().join("deploy/api.yaml"), manifest).unwrap();
    fs::write(root.path().join("policy.yaml"), POLICY).unwrap();
    root
}

const BAD: &str = "resources: {requests: {cpu: 1m, memory: 1Mi}}";
const GOOD: &str = "resources: {requests: {cpu: 1m}, limits: {memory: 1Mi}}";

fn gonogo(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gonogo"))
        .current_dir(root)
        .args(arguments)
        .env_clear()
        .env("GONOGO_USER", "ada")
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn check(root: &Path, more: &[&str]) -> Output {
    let arguments = ["check", "--policy", "policy.yaml", "--at", AT];
    gonogo(root, &[&arguments, more].concat())
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn last_line(output: &Output) -> String {
    out(output).lines().last().unwrap_or_default().to_owned()
}

fn accept(root: &Path, id: &str) -> Output {
    let reason = "the service runs for one week in November only";
    gonogo(
        root,
        &["accept", id, "--approver", "grace", "--until", "30d", "--reason", reason, "--at", AT],
    )
}

#[test]
fn a_finding_is_shown_with_its_line_and_the_last_line_is_the_verdict() {
    let root = repository(BAD);
    let output = check(root.path(), &[]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("failed[capacity/resource-limits]: `api` has no memory limit"), "{text}");
    assert!(text.contains("deploy/api.yaml:13:11"), "{text}");
    assert!(text.contains("resources: {requests: {cpu: 1m, memory: 1Mi}}"), "{text}");
    assert_eq!(last_line(&output), "NO-GO api (tier 2): 1 failed, 1 unknown");
}

#[test]
fn accepted_risks_make_a_go_with_conditions_until_their_day_has_passed() {
    let root = repository(GOOD);
    assert_eq!(check(root.path(), &[]).status.code(), Some(1));
    let output = accept(root.path(), "ownership/reviewed");
    assert!(output.status.success(), "{}", complaint(&output));
    let output = check(root.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(last_line(&output).starts_with("GO WITH CONDITIONS api"), "{}", last_line(&output));
    assert!(out(&output).contains("2026-12-20"), "{}", out(&output));
    let later = ["check", "--policy", "policy.yaml", "--at", "2026-12-21T00:00:00Z"];
    assert_eq!(gonogo(root.path(), &later).status.code(), Some(1));
}

#[test]
fn the_record_names_who_takes_a_risk_beside_who_wrote_it_down() {
    let root = repository(GOOD);
    accept(root.path(), "ownership/reviewed");
    let listed = out(&gonogo(root.path(), &["ledger", "list"]));
    assert!(listed.contains(", the risk taken by "), "{listed}");
}

#[test]
fn a_ledger_that_was_changed_decides_nothing() {
    let root = repository(GOOD);
    accept(root.path(), "ownership/reviewed");
    let folder = root.path().join(".gonogo/ledger");
    let entry = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&entry).unwrap().replace("2026-12-20", "2027-12-20");
    fs::write(&entry, text).unwrap();
    assert_eq!(gonogo(root.path(), &["ledger", "verify"]).status.code(), Some(4));
    let output = check(root.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("does not verify"), "{}", out(&output));
}

#[test]
fn answers_that_say_nothing_are_refused_with_a_hint() {
    let root = repository(GOOD);
    for statement in ["TBD", "will be done", ""] {
        let arguments = ["attest", "ownership/reviewed", "--statement", statement, "--at", AT];
        let output = gonogo(root.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{statement:?}");
        assert!(complaint(&output).contains("hint: "), "{}", complaint(&output));
    }
    assert!(!root.path().join(".gonogo").exists());
}

#[test]
fn a_claim_is_refused_where_the_scan_refutes_it() {
    let root = repository(GOOD);
    let manifest = root.path().join("package.json");
    fs::write(manifest, r#"{"name": "api", "dependencies": {"pg": "8.0.0"}}"#).unwrap();
    let arguments = |reason| {
        [
            "not-applicable",
            "data/restore",
            "--claim",
            "no-datastore",
            "--reason",
            reason,
            "--at",
            AT,
        ]
    };
    let output = gonogo(root.path(), &arguments("all state is in the browser"));
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("`pg`"), "{}", complaint(&output));
    fs::remove_file(root.path().join("package.json")).unwrap();
    let output = gonogo(root.path(), &arguments("all state is in the browser"));
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
}

#[test]
fn a_ratchet_fails_only_for_what_is_worse() {
    let (base, change) = (repository(BAD), repository(BAD));
    let against = base.path().to_str().unwrap();
    assert_eq!(check(change.path(), &["--ratchet", against]).status.code(), Some(0));
    let saved = check(base.path(), &["--format", "json=base.json"]);
    assert_eq!(saved.status.code(), Some(1));
    let json = base.path().join("base.json");
    let json = json.to_str().unwrap();
    assert_eq!(check(change.path(), &["--ratchet", json]).status.code(), Some(0));
    let worse = repository("resources: {}");
    let output = check(worse.path(), &["--ratchet", json]);
    assert_eq!(output.status.code(), Some(1));
    assert!(last_line(&output).starts_with("WORSE"), "{}", last_line(&output));
}

#[test]
fn a_ratchet_over_a_ledger_that_does_not_verify_decides_nothing() {
    let (base, change) = (repository(BAD), repository(BAD));
    let against = base.path().to_str().unwrap();
    let break_ledger = |root: &Path| {
        fs::create_dir_all(root.join(".gonogo/ledger")).unwrap();
        fs::write(root.join(".gonogo/ledger/x.json"), "{").unwrap();
    };
    let saved = check(base.path(), &["--format", "json=base.json"]);
    assert_eq!(saved.status.code(), Some(1));
    break_ledger(change.path());
    let output = check(change.path(), &["--ratchet", against]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(last_line(&output).starts_with("NOT DECIDED"), "{}", last_line(&output));
    let whole = repository(BAD);
    break_ledger(base.path());
    let output = check(whole.path(), &["--ratchet", against]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let saved = check(base.path(), &["--format", "json=base.json"]);
    assert_eq!(saved.status.code(), Some(1));
    let json = base.path().join("base.json");
    let output = check(whole.path(), &["--ratchet", json.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}

#[test]
fn the_json_of_a_verdict_has_the_promised_keys() {
    let root = repository(BAD);
    let output = check(root.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["schema"], "gonogo.verdict/v1");
    assert_eq!(json["policy"]["name"], "small");
    assert!(json["policy"]["digest"].as_str().unwrap().starts_with("sha256:"));
    let service = &json["services"][0];
    for key in ["service", "tier", "kind", "path", "verdict", "counts", "answers"] {
        assert!(!service[key].is_null(), "{key}");
    }
    assert_eq!(service["verdict"], "no-go");
    assert_eq!(service["counts"]["not-applicable"], 0);
    let answers = service["answers"].as_array().unwrap();
    let limits = answers.iter().find(|a| a["requirement"] == "capacity/resource-limits").unwrap();
    assert_eq!(limits["answer"], "failed");
    assert_eq!(limits["blocks"], true);
    assert_eq!(limits["required"], "declared");
    assert_eq!(limits["evidence"][0]["outcome"], "fail");
    assert_eq!(limits["findings"][0]["path"], "deploy/api.yaml");
    assert_eq!(limits["findings"][0]["line"], 13);
}

#[test]
fn every_format_is_written_in_one_run_and_the_verdict_is_still_printed() {
    let root = repository(BAD);
    let formats = ["json", "sarif", "junit", "markdown", "html", "github", "gitlab", "human"];
    let wanted = formats.map(|format| format!("{format}=out.{format}")).join(",");
    let output = check(root.path(), &["--format", &wanted]);
    assert_eq!(out(&output), "NO-GO api (tier 2): 1 failed, 1 unknown\n");
    for format in formats {
        let text = fs::read_to_string(root.path().join(format!("out.{format}"))).unwrap();
        assert!(text.contains("memory limit"), "{format}: {text}");
    }
}

#[test]
fn a_folder_without_a_service_is_nothing_to_judge() {
    let root = tempfile::tempdir().unwrap();
    let output = gonogo(root.path(), &["check"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(last_line(&output).starts_with("UNKNOWN"), "{}", last_line(&output));
}

#[test]
fn what_is_wrong_with_the_call_is_said_with_what_was_meant() {
    let root = repository(GOOD);
    for (arguments, expected) in [
        (&["check", "nowhere"][..], "nowhere"),
        (&["check", "--format", "xml"], "xml"),
        (&["check", "--policy", "strict"], "startup, standard, regulated"),
        (&["check", "--service", "web"], "it has api"),
        (&["explain", "reliability/sloo"], "did you mean `reliability/slo`"),
        (
            &["plan", "data/restor", "--owner", "a", "--action", "b c d", "--due", "3d"],
            "did you mean `data/restore`",
        ),
        (&["check", "--format", "json", "--format", "sarif"], "only one format can be printed"),
    ] {
        let output = gonogo(root.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(complaint(&output).contains(expected), "{}", complaint(&output));
    }
}

#[test]
fn a_policy_inside_the_judged_tree_has_to_be_pinned() {
    let root = repository(GOOD);
    let declare = |policy: &str| {
        let text = format!("service: api\ntier: 2\npolicy: {policy}\n");
        fs::write(root.path().join("gonogo.yaml"), text).unwrap();
        gonogo(root.path(), &["check", "--at", AT])
    };
    let output = declare("policy.yaml");
    assert_eq!(output.status.code(), Some(2));
    let message = complaint(&output);
    let digest = message.split('@').nth(1).unwrap().split('`').next().unwrap().to_owned();
    assert_eq!(
        last_line(&declare(&format!("policy.yaml@{digest}"))),
        "NO-GO api (tier 2): 1 unknown, 1 met; 1 caveat"
    );
    assert_eq!(declare("policy.yaml@sha256:00").status.code(), Some(2));
}

#[test]
fn init_writes_what_check_reads_and_never_overwrites() {
    let root = repository(GOOD);
    assert_eq!(gonogo(root.path(), &["init"]).status.code(), Some(0));
    assert_eq!(gonogo(root.path(), &["init"]).status.code(), Some(2));
    let output = check(root.path(), &[]);
    assert!(last_line(&output).starts_with("NO-GO api (tier 2)"), "{}", last_line(&output));
}

#[test]
fn next_names_the_blockers_and_explain_every_requirement() {
    let root = repository(BAD);
    let output = gonogo(root.path(), &["next", "--policy", "policy.yaml", "--at", AT]);
    assert!(out(&output).contains("capacity/resource-limits"), "{}", out(&output));
    let list = out(&gonogo(root.path(), &["explain"]));
    let ids: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(ids.contains(&"data/restore"), "{list}");
    let output = gonogo(root.path(), &["explain", "data/restore"]);
    assert!(out(&output).contains("data/restore"), "{}", out(&output));
}

#[test]
fn the_schema_the_completions_and_the_manual_are_printed() {
    let root = tempfile::tempdir().unwrap();
    let schema = gonogo(root.path(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema.is_object());
    assert!(out(&gonogo(root.path(), &["schema", "--markdown"])).contains("journeys"));
    assert!(out(&gonogo(root.path(), &["completions", "bash"])).contains("gonogo"));
    assert!(out(&gonogo(root.path(), &["man"])).contains(".TH"));
    assert_eq!(gonogo(root.path(), &["doctor"]).status.code(), Some(1));
}

#[test]
fn no_color_reaches_a_pipe_and_color_can_be_asked_for() {
    let root = repository(BAD);
    assert!(!out(&check(root.path(), &[])).contains('\u{1b}'));
    assert!(out(&check(root.path(), &["--color", "always"])).contains('\u{1b}'));
    assert!(out(&check(root.path(), &["--ascii"])).is_ascii());
}

const SHOP: &str = "service: api\nkind: web\njourneys:\n  - name: buy\n    request: {method: POST, path: /orders}\n    peak: 10/s\n    objectives: {availability: 99%, latency: {p99: 300ms}, window: 28d}\n";

/// The summary of a minute at 25 requests a second, with this 99 % quantile.
fn summary(p99: u32) -> String {
    format!(
        "{{\"metrics\": {{\"http_reqs\": {{\"count\": 1500, \"rate\": 25}}, \"http_req_failed\": {{\"passes\": 0, \"fails\": 1500, \"value\": 0}}, \"http_req_duration\": {{\"med\": 20, \"p(99)\": {p99}, \"max\": 900}}, \"vus\": {{\"value\": 1, \"min\": 1, \"max\": 5}}, \"vus_max\": {{\"value\": 50, \"min\": 50, \"max\": 50}}}}}}"
    )
}

/// A repository whose policy asks for a load test of this grade.
fn load_tested(grade: &str) -> TempDir {
    let root = repository(GOOD);
    let policy = format!(
        "name: small\nversion: '1'\nextends: blank\nrequirements:\n  capacity/load-tested: {{tiers: {{1: {grade}/30, 2: {grade}/30, 3: {grade}/30}}}}\n"
    );
    fs::write(root.path().join("policy.yaml"), policy).unwrap();
    fs::write(root.path().join("gonogo.yaml"), SHOP).unwrap();
    fs::write(root.path().join("summary.json"), summary(80)).unwrap();
    root
}

fn import(root: &Path, at: &str) -> Output {
    let run = ["drill", "import", "summary.json", "--journey", "buy", "--policy", "policy.yaml"];
    gonogo(root, &[&run[..], &["--at", at, "--now", AT]].concat())
}

#[test]
fn an_imported_report_is_observed_until_it_is_old_and_never_proven() {
    let root = load_tested("observed");
    assert!(out(&check(root.path(), &[])).contains("unknown"));
    let output = import(root.path(), "2026-11-10T09:00:00Z");
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert!(out(&output).contains("10 days ago: 1 kept"), "{}", out(&output));
    let output = check(root.path(), &["--verbose"]);
    assert_eq!(last_line(&output), "GO api (tier 2): 1 met; 1 caveat");
    assert!(out(&output).contains("(sha256:"), "{}", out(&output));
    let later = ["check", "--policy", "policy.yaml", "--at", "2027-03-01T09:00:00Z"];
    assert_eq!(gonogo(root.path(), &later).status.code(), Some(1));
    assert!(gonogo(root.path(), &["ledger", "verify"]).status.success());

    let root = load_tested("proven");
    let output = import(root.path(), "2026-11-10T09:00:00Z");
    assert!(
        out(&output).contains("does not meet it: the policy asks for proven"),
        "{}",
        out(&output)
    );
    assert_eq!(last_line(&check(root.path(), &[])), "NO-GO api (tier 2): 1 weak");
}

#[test]
fn an_imported_report_of_a_run_that_fell_short_fails() {
    let root = load_tested("observed");
    fs::write(root.path().join("summary.json"), summary(800)).unwrap();
    let output = import(root.path(), "2026-11-10T09:00:00Z");
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    let output = check(root.path(), &[]);
    assert_eq!(last_line(&output), "NO-GO api (tier 2): 1 failed");
    assert!(out(&output).contains("`buy` took 800 ms at the 99 % quantile"), "{}", out(&output));
}

#[test]
fn a_report_that_is_not_as_it_should_be_leaves_nothing_behind() {
    let root = load_tested("observed");
    fs::write(root.path().join("summary.json"), "{\n  \"metrics\": oops").unwrap();
    let output = import(root.path(), "2026-11-10T09:00:00Z");
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("summary.json:2:14"), "{}", complaint(&output));
    fs::write(root.path().join("summary.json"), summary(80)).unwrap();
    let output = gonogo(root.path(), &["drill", "import", "summary.json", "--journey", "buy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("pass `--at`"), "{}", complaint(&output));
    assert!(!root.path().join(".gonogo").exists());
}

#[test]
fn a_command_of_a_later_version_says_so_and_what_to_do_until_then() {
    let root = tempfile::tempdir().unwrap();
    let output = gonogo(root.path(), &["review", "checkout"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("gonogo plan ID"), "{}", complaint(&output));
}

#[test]
fn a_drill_says_what_a_killed_one_left_and_how_it_is_taken_back() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("gonogo.yaml"),
        "service: api\nkind: web\nrun: {command: [./api]}\n",
    )
    .unwrap();
    let left = root.path().join(".gonogo/drills/fault-1-1-0");
    fs::create_dir_all(&left).unwrap();
    let begun =
        r#"{"entry":"begun","drill":"fault","service":"api","pid":1,"at":"2026-11-20T12:00:00Z"}"#;
    fs::write(left.join("journal.jsonl"), format!("{begun}\n")).unwrap();
    let drill = ["drill", "lifecycle", "--yes", "--no-record"];
    let said = complaint(&gonogo(root.path(), &drill));
    let note = "note: the drill fault of `api`, 0 processes of which still run, was killed";
    assert!(said.contains(note) && said.contains("`gonogo drill recover` takes it back"), "{said}");
    gonogo(root.path(), &["drill", "recover"]);
    let said = complaint(&gonogo(root.path(), &drill));
    assert!(!said.contains("recover"), "{said}");
}

#[test]
fn where_no_service_is_found_next_shows_what_to_write_and_that_is_enough() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("server.js"), "require('http')").unwrap();
    let said = out(&gonogo(root.path(), &["next"]));
    assert!(said.contains("No service was found") && said.contains("gonogo init"), "{said}");
    let shown = said.lines().map(str::trim).skip_while(|line| !line.starts_with("service: "));
    let declaration: Vec<&str> = shown.take_while(|line| !line.is_empty()).collect();
    fs::write(root.path().join("gonogo.yaml"), declaration.join("\n")).unwrap();
    let judged = gonogo(root.path(), &["check"]);
    assert!(out(&judged).contains("NO-GO my-service"), "{}", out(&judged));
}

#[test]
fn what_may_be_a_service_is_told_and_judged_when_it_is_asked_for_by_name() {
    let root = repository(GOOD);
    let api = fs::read_to_string(root.path().join("deploy/api.yaml")).unwrap();
    let tax = api.replace(": api", ": tax").replace("acme/api", "acme/tax");
    fs::write(root.path().join("deploy/tax.yaml"), tax).unwrap();
    for file in ["packing/Dockerfile", "packing/main.go"] {
        fs::create_dir_all(root.path().join("packing")).unwrap();
        fs::write(root.path().join(file), "FROM rust:1\nCMD [\"/pack\"]\n").unwrap();
    }
    let text = out(&check(root.path(), &[]));
    assert!(text.contains("Perhaps services, not judged"), "{text}");
    assert!(text.contains("packing/Dockerfile:1:1: `packing`: nothing but a Dockerfile"), "{text}");
    let asked = last_line(&check(root.path(), &["--service", "packing"]));
    assert!(asked.contains(" packing"), "{asked}");
    fs::write(root.path().join("packing/gonogo.yaml"), "service: packing\n").unwrap();
    let text = out(&check(root.path(), &[]));
    assert!(!text.contains("Perhaps services"), "{text}");
    assert!(text.contains(" 3 services ("), "{text}");
}

#[test]
fn a_service_of_the_base_that_is_not_judged_any_more_is_no_silent_success() {
    let write = |root: &TempDir, path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let (base, now) = (repository(GOOD), repository(GOOD));
    for root in [&base, &now] {
        let api = fs::read_to_string(root.path().join("deploy/api.yaml")).unwrap();
        let tax = api.replace(": api", ": tax").replace("acme/api", "acme/tax");
        write(root, "deploy/tax.yaml", &tax);
        write(root, "packing/Dockerfile", "FROM rust:1\nCMD [\"/pack\"]\n");
        write(root, "packing/main.go", "package main\n");
    }
    write(&base, "packing/gonogo.yaml", "service: packing\n");
    let base = base.path().to_str().unwrap();
    let output = check(now.path(), &["--ratchet", base]);
    assert_eq!(output.status.code(), Some(4), "{}", out(&output));
    assert!(last_line(&output).starts_with("NOT DECIDED"), "{}", out(&output));
    fs::remove_dir_all(now.path().join("packing")).unwrap();
    let output = check(now.path(), &["--ratchet", base]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("`packing`, a service of the base, is not found here"));
}
