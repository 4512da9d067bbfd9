//! The real binary over what people record, and over records that cannot be relied on.

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

const BAD: &str = "{requests: {cpu: 1m, memory: 1Mi}}";
const GOOD: &str = "{requests: {cpu: 1m}, limits: {memory: 1Mi}}";

const LIMITS: &str = "capacity/resource-limits";

/// A repository with one service, whose container has the resources given.
fn repository(resources: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("deploy")).unwrap();
    fs::write(root.path().join("policy.yaml"), POLICY).unwrap();
    give(root.path(), resources);
    root
}

fn give(root: &Path, resources: &str) {
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  selector: \
         {{matchLabels: {{app: api}}}}\n  template:\n    metadata: {{labels: {{app: api}}}}\n    \
         spec:\n      containers:\n        - name: api\n          image: acme/api:1\n          \
         resources: {resources}\n"
    );
    fs::write(root.join("deploy/api.yaml"), manifest).unwrap();
}

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

fn judge(root: &Path, command: &str, more: &[&str]) -> Output {
    let arguments = [command, "--policy", "policy.yaml", "--at", AT];
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

fn plan(root: &Path, id: &str, due: &str) -> Output {
    let action = ["--owner", "bo", "--action", "set what is missing", "--due", due];
    judge(root, "plan", &[&[id], &action[..]].concat())
}

fn accept(root: &Path, id: &str, until: &str) -> Output {
    let reason = ["--reason", "the service runs for one week only", "--approver", "grace"];
    judge(root, "accept", &[&[id, "--until", until], &reason[..]].concat())
}

#[test]
fn a_ledger_of_a_folder_that_is_not_there_is_not_intact() {
    let root = repository(GOOD);
    for command in ["verify", "list"] {
        for path in ["nowhere", "policy.yaml"] {
            let output = gonogo(root.path(), &["ledger", command, path]);
            assert_eq!(output.status.code(), Some(2), "{command} {path}: {output:?}");
            assert!(complaint(&output).contains(path), "{}", complaint(&output));
            assert_eq!(out(&output), "");
        }
        assert_eq!(gonogo(root.path(), &["ledger", command]).status.code(), Some(0));
    }
}

#[test]
fn a_ledger_that_does_not_verify_is_told_by_one_code_and_lifts_nothing() {
    let root = repository(GOOD);
    assert!(accept(root.path(), "ownership/reviewed", "30d").status.success());
    fs::write(root.path().join(".gonogo/ledger/x.json"), "{").unwrap();
    for command in ["verify", "list"] {
        let output = gonogo(root.path(), &["ledger", command]);
        assert_eq!(output.status.code(), Some(4), "{command}: {output:?}");
    }
    let output = judge(root.path(), "check", &[]);
    assert_eq!(output.status.code(), Some(1));
    let line = last_line(&output);
    assert!(line.starts_with("NO-GO api") && line.ends_with("; 1 trouble besides"), "{line}");
}

#[test]
fn entries_that_git_tracks_and_that_are_gone_are_missed() {
    let root = repository(GOOD);
    accept(root.path(), "ownership/reviewed", "30d");
    plan(root.path(), "ownership/reviewed", "30d");
    let folder = root.path().join(".gonogo/ledger");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let tracked: Vec<String> = names.iter().map(|name| format!(".gonogo/ledger/{name}")).collect();
    fs::create_dir(root.path().join(".git")).unwrap();
    fs::write(root.path().join(".git/index"), index(&tracked)).unwrap();
    let verify = || gonogo(root.path(), &["ledger", "verify"]);
    assert_eq!(last_line(&verify()), "INTACT: 2 entries");
    fs::remove_file(folder.join(&names[1])).unwrap();
    assert_eq!(verify().status.code(), Some(4));
    let expected = format!("{} is tracked by git and is not there", names[1]);
    assert!(out(&verify()).starts_with(&expected), "{}", out(&verify()));
    assert_eq!(last_line(&verify()), "BROKEN: 1 fault in 1 entry");
    assert_eq!(plan(root.path(), LIMITS, "9d").status.code(), Some(4));
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(last_line(&verify()), "BROKEN: 2 faults in 0 entries");
}

/// An index of git, version 2, with these paths.
fn index(paths: &[String]) -> Vec<u8> {
    let mut bytes = b"DIRC\0\0\0\x02".to_vec();
    bytes.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
    for path in paths {
        let start = bytes.len();
        bytes.extend([0; 60]);
        bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        bytes.extend(path.as_bytes());
        let length = bytes.len() - start;
        bytes.extend(vec![0; 8 - length % 8]);
    }
    bytes.extend([9; 20]);
    bytes
}

#[test]
fn what_is_planned_or_accepted_is_what_is_left_to_do_soonest_first() {
    let root = repository(BAD);
    plan(root.path(), LIMITS, "20d");
    accept(root.path(), "ownership/reviewed", "10d");
    let output = judge(root.path(), "next", &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = out(&output);
    let at =
        ["accepted[ownership/reviewed]: until 2026-11-30", "planned[capacity/resource-limits]"]
            .map(|told| text.find(told).unwrap_or_else(|| panic!("{told}: {text}")));
    assert!(at.is_sorted() && !text.contains("nothing to do"), "{text}");
}

#[test]
fn a_plan_for_what_is_met_is_noted_and_hides_no_regression_from_the_ratchet() {
    let (base, now) = (repository(GOOD), repository(GOOD));
    let output = plan(now.path(), LIMITS, "20d");
    assert!(output.status.success());
    assert!(
        complaint(&output).contains("note: `capacity/resource-limits` is met now"),
        "{output:?}"
    );
    let against = ["--ratchet", base.path().to_str().unwrap()];
    assert_eq!(judge(now.path(), "check", &against).status.code(), Some(0));
    give(now.path(), BAD);
    let output = judge(now.path(), "check", &against);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(last_line(&output).starts_with("WORSE in 1 answer"), "{}", out(&output));
    assert!(out(&output).contains("`api` has no memory limit"), "{}", out(&output));
    // Under a plan that leaves nothing else open, too.
    accept(now.path(), "ownership/reviewed", "30d");
    let output = judge(now.path(), "check", &against);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(last_line(&output).contains("GO WITH CONDITIONS"), "{}", out(&output));
    // Who accepts the risk answers for it.
    accept(now.path(), LIMITS, "30d");
    let output = judge(now.path(), "check", &against);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
}

#[test]
fn no_hint_recommends_what_does_not_work() {
    let root = repository(GOOD);
    fs::write(root.path().join("gonogo.yaml"), "service: api\nkind: web\n").unwrap();
    let text = out(&judge(root.path(), "check", &[]));
    assert!(text.contains("hint: add `tier:` to gonogo.yaml"), "{text}");
    assert!(!text.contains("`gonogo init`"), "{text}");
    fs::write(root.path().join("bad.yaml"), "name: a\nversion: '1'\ngrace: 3\n").unwrap();
    let said = complaint(&gonogo(root.path(), &["check", "--policy", "bad.yaml"]));
    assert!(said.contains("`gonogo policy fields`") && said.contains("docs/policies.md"), "{said}");
    let text = out(&gonogo(root.path(), &["next", "-n", "0"]));
    assert!(text.contains("`gonogo drill page` (not in this version)"), "{text}");
}

#[test]
fn what_is_refused_is_told_as_it_was_written() {
    let root = repository(BAD);
    let plan = ["plan", LIMITS, "--owner", "?", "--action", "set all limits", "--due", "3d"];
    let said = complaint(&gonogo(root.path(), &plan));
    assert!(said.contains("the owner is no answer: it only says `?`"), "{said}");
    let accept =
        ["accept", LIMITS, "--reason", "…", "--approver", "grace", "--until", "9d", "--at", AT];
    let said = complaint(&gonogo(root.path(), &accept));
    assert!(said.contains("the reason is no answer: it only says `…`"), "{said}");
}
