//! The real binary over repositories whose author wants a GO that is not deserved, or a terminal or
//! pipeline that obeys.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Asks for the resources of containers only.
const POLICY: &str = "name: small\nversion: '1'\nextends: blank\nrequirements:\n  \
                      capacity/resource-limits: {tiers: {1: declared, 2: declared, 3: declared}}\n";

/// What a hostile author calls things.
const HOSTILE: &str = "::error::x\u{1b}]52;c;eA==\u{7}\u{1b}[2J\u{202e}\r\n::set-output name=x::y\n\
                       ##vso[task.x]y";

fn manifest(name: &str, resources: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: \
         {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec:\n      containers:\n        - name: {name}\n          image: acme/api:1\n          \
         resources: {resources}\n"
    )
}

/// A repository that deserves its GO, with one more file.
fn good_and(path: &str, bytes: &[u8]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let good = "{requests: {cpu: 1m, memory: 1Mi}, limits: {memory: 1Mi}}";
    write(root.path(), "deploy/good.yaml", manifest("api", good).as_bytes());
    write(root.path(), path, bytes);
    root
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn gonogo(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(root).args(arguments).env_clear().env("COLUMNS", "100").output().unwrap()
}

/// Checks `root` by the small policy, which stands outside of it.
fn check(root: &Path, more: &[&str]) -> Output {
    let policy = tempfile::NamedTempFile::new().unwrap();
    fs::write(&policy, POLICY).unwrap();
    let arguments = ["check", "--policy", policy.path().to_str().unwrap()];
    gonogo(root, &[&arguments, more].concat())
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Whether nothing of `text` controls a terminal or commands a pipeline.
fn is_harmless(text: &str) -> bool {
    let is_bad = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
    let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##vso[");
    !text.contains(is_bad) && !text.lines().any(commands)
}

#[test]
fn a_manifest_that_was_not_read_takes_the_go_away_and_is_named() {
    let bad = manifest("other", "{}");
    let deep = "d/".repeat(70) + "bad.yaml";
    let cases: [(&str, &str, Vec<u8>); 4] = [
        ("deploy/bad.yaml", "too large", format!("{bad}# {}\n", "x".repeat(5 << 20)).into()),
        ("deploy/bad.yaml", "binary", [bad.as_bytes(), b"# \0\n"].concat()),
        ("deploy/bad.yaml", "not UTF-8", [bad.as_bytes(), b"# caf\xe9\n"].concat()),
        (&deep, "too many folders deep", bad.clone().into()),
    ];
    assert_eq!(check(good_and("README.txt", b"").path(), &[]).status.code(), Some(0));
    for (path, why, bytes) in cases {
        let output = check(good_and(path, &bytes).path(), &["--verbose"]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(1), "{why}: {text}");
        assert!(text.contains(why), "{why}: {text}");
    }
}

#[test]
fn a_manifest_in_utf16_is_read_and_its_lines_are_shown_as_text() {
    let bad = manifest("other", "{}");
    let utf16 = "\u{feff}".encode_utf16().chain(bad.encode_utf16()).flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = utf16.collect();
    let output = check(good_and("deploy/bad.yaml", &bytes).path(), &[]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("deploy/bad.yaml:"), "{text}");
    assert!(text.contains("image:") && !text.contains("\\u{0}"), "{text}");
}

#[test]
fn what_was_not_judged_in_time_is_an_error_and_takes_the_go_away() {
    let root = good_and("README.txt", b"");
    assert_eq!(check(root.path(), &[]).status.code(), Some(0));
    let output = check(root.path(), &["--time-limit", "0"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("the time for the whole check, 0 s, was over"), "{text}");
    assert!(text.trim_end().ends_with("1 error; 1 trouble kept it from being decided"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_manifest_behind_a_link_out_of_the_tree_takes_the_go_away() {
    let root = good_and("README.txt", b"");
    std::os::unix::fs::symlink("/etc/passwd", root.path().join("deploy/bad.yaml")).unwrap();
    let output = check(root.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert!(!out(&output).contains("root:"), "{}", out(&output));
}

#[test]
fn a_policy_under_which_nothing_applies_gives_no_go() {
    let root = good_and("README.txt", b"");
    write(root.path(), "p.yaml", POLICY.replace("{tiers", "{kinds: [library], tiers").as_bytes());
    let output = gonogo(root.path(), &["check", "--policy", "p.yaml"]);
    assert_eq!(output.status.code(), Some(4), "{}", out(&output));
}

#[test]
fn a_policy_that_the_tree_chose_is_named_in_every_report() {
    let root = good_and("gonogo.yaml", b"service: api\nkind: web\npolicy: startup\n");
    for format in ["human", "json", "sarif", "junit", "markdown", "html", "github"] {
        let text = out(&gonogo(root.path(), &["check", "--format", format]));
        assert!(text.contains("the policy is"), "{format}: {text}");
    }
    let text = out(&check(root.path(), &[]));
    assert!(!text.contains("the policy is"), "{text}");
}

#[test]
fn what_an_attestation_meets_is_said_to_stand_on_the_record_only() {
    let root = good_and("README.txt", b"");
    let policy = "name: p\nversion: '1'\nextends: blank\nrequirements:\n  \
                  reliability/slo: {tiers: {1: claimed, 2: claimed, 3: claimed}}\n";
    write(root.path(), "p.txt", policy.as_bytes());
    let statement = "the objectives are agreed since March, see the wiki of the team";
    let attest = ["attest", "reliability/slo", "--by", "ada", "--statement", statement];
    let attested = gonogo(root.path(), &[&attest[..], &["--policy", "p.txt"]].concat());
    assert!(attested.status.success(), "{attested:?}");
    let output = gonogo(root.path(), &["check", "--policy", "p.txt"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("1 by attestation in `.gonogo/ledger`"), "{}", out(&output));
}

#[test]
fn hostile_names_command_nothing_in_any_command() {
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    let declared = format!("service: {quoted}\nkind: web\nowner: {quoted}\n");
    let root = good_and("gonogo.yaml", declared.as_bytes());
    write(root.path(), ".gonogo/ledger/::error::x", b"{");
    let policy = format!(
        "name: {quoted}\nversion: {quoted}\nacceptance: {{1: {{approvers: [{quoted}]}}}}\n"
    );
    write(root.path(), "p.txt", policy.as_bytes());
    let commands: [&[&str]; 9] = [
        &["check"],
        &["check", "--verbose"],
        &["check", "--policy", "p.txt"],
        &["next"],
        &["doctor"],
        &["policy", "show", "p.txt"],
        &["policy", "try", "p.txt"],
        &["ledger", "verify"],
        &["ledger", "list"],
    ];
    for command in commands {
        let output = gonogo(root.path(), command);
        assert!(is_harmless(&out(&output)), "{command:?}: {:?}", out(&output));
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(is_harmless(&complaint), "{command:?}: {complaint:?}");
    }
}

#[cfg(unix)]
#[test]
fn no_report_is_written_through_a_link_of_the_judged_tree() {
    let root = good_and("README.txt", b"");
    let outside = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    std::os::unix::fs::symlink(outside.path().join("file"), at("out.json")).unwrap();
    std::os::unix::fs::symlink(outside.path(), at("reports")).unwrap();
    for named in ["json=out.json", "json=reports/out.json"] {
        let output = check(root.path(), &["--format", named]);
        assert_eq!(output.status.code(), Some(2), "{named}: {output:?}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let output = check(root.path(), &["--format", "json=verdict.json"]);
    assert!(at("verdict.json").is_file(), "{output:?}");
}

#[test]
fn a_base_without_an_end_is_refused() {
    let root = good_and("README.txt", b"");
    let base = root.path().join("base.json");
    fs::File::create(&base).unwrap().set_len((256 << 20) + 1).unwrap();
    let output = check(root.path(), &["--ratchet", "base.json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("larger than"));
}

#[test]
fn a_gonogo_yaml_that_was_not_read_takes_the_go_away() {
    let large = vec![b'#'; (4 << 20) + 1];
    let cases: [(&str, &[u8], &str); 7] = [
        (
            "gonogo.yaml",
            b"service: api\n  tier: 1\nkind: web\n",
            "gonogo.yaml:2:7: could not be read",
        ),
        ("pay/gonogo.yml", b"service: [\n", "pay/gonogo.yml:1:10: could not be read"),
        ("pay/.gonogo.yml", b"service: \xff\n", "is not UTF-8 text"),
        ("gonogo.yaml", b"api\n", "the file is a text where a mapping is expected"),
        (
            "gonogo.yaml",
            b"service: api\nkind: web\n---\nservice: [\n",
            "gonogo.yaml:4:10: could not",
        ),
        (".gonogo.yaml", b"# service: api\n", "is empty"),
        ("gonogo.yaml", &large, "too large to be read"),
    ];
    for (path, bytes, expected) in cases {
        let root = good_and(path, bytes);
        let id = "capacity/resource-limits";
        let plan = [
            "plan",
            id,
            "--owner",
            "ada",
            "--action",
            "set all limits",
            "--due",
            "3d",
            "--by",
            "bo",
        ];
        for arguments in [&["check"][..], &["next"], &plan, &["drill", "load", "--yes"], &["init"]]
        {
            let output = gonogo(root.path(), arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
            let is_there = arguments == ["init"] && path == "gonogo.yaml";
            assert!(said.contains(expected) || is_there, "{arguments:?}: {said}");
        }
        let doctor = gonogo(root.path(), &["doctor"]);
        assert_eq!(doctor.status.code(), Some(1));
        assert!(out(&doctor).contains(expected), "{}", out(&doctor));
        assert!(!root.path().join(".gonogo/ledger").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_gonogo_yaml_that_is_a_link_is_not_passed_over() {
    let root = good_and("ops/readiness.yaml", b"service: api\ntier: 1\n");
    std::os::unix::fs::symlink("ops/readiness.yaml", root.path().join("gonogo.yaml")).unwrap();
    assert_eq!(check(root.path(), &[]).status.code(), Some(2));
}

#[test]
fn a_gonogo_yaml_that_is_the_data_of_a_test_or_an_example_stops_nothing() {
    for path in ["tests/broken/gonogo.yaml", "docs/gonogo.yaml", "pay/testdata/gonogo.yml"] {
        let root = good_and(path, b"service: [\n");
        let output = check(root.path(), &[]);
        assert_eq!(output.status.code(), Some(0), "{path}: {}", out(&output));
    }
}
