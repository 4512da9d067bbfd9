//! Workflows as they are found in repositories.

use proptest::prelude::*;

use crate::{Facts, Pipeline, Step, read, settle};

const DEPLOY: &str = r#"# Ships.
name: Deploy
"on":
  push:
    branches: [main, "release/**"]
    tags: ["v*"]
  workflow_dispatch:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      db: {image: "postgres:17"}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - name: Test
        run: |
          # all of them
          cargo test \
            --workspace
          cargo clippy || true
        continue-on-error: true
      - {run: ls, continue-on-error: "${{ matrix.experimental }}"}
  deploy:
    needs: [test]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    container: rust:1.95
    timeout-minutes: 10
    environment: {name: production}
    permissions: {}
    steps:
      - run: ./deploy.sh
"#;

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.append(read(&(*path).into(), text.as_bytes()));
    }
    settle(&mut facts);
    facts
}

fn pipeline(text: &str) -> Pipeline {
    facts(&[(".github/workflows/a.yml", text)]).pipelines.remove(0)
}

fn lines(steps: &[Step]) -> Vec<String> {
    let lines = steps.iter().flat_map(|step| &step.lines);
    lines.map(|line| format!("{} {}", line.place, line.value)).collect()
}

fn texts(placed: &[model::Placed<String>]) -> Vec<String> {
    placed.iter().map(|it| format!("{}:{} {}", it.place.line, it.place.column, it.value)).collect()
}

#[test]
fn a_workflow_is_read_with_places() {
    let deploy = pipeline(DEPLOY);
    assert_eq!(deploy.place.to_string(), ".github/workflows/a.yml:2:1");
    assert_eq!(deploy.name, "Deploy");
    assert_eq!(texts(&deploy.triggers), ["4:3 push", "7:3 workflow_dispatch"]);
    assert_eq!(texts(&deploy.branches), ["5:16 main", "5:22 release/**", "6:12 refs/tags/v*"]);
    assert_eq!(deploy.permissions[0].0, "contents");
    let [test, ship] = deploy.jobs.as_slice() else { panic!("{deploy:?}") };
    assert_eq!((test.id.place.line, test.id.place.column), (11, 3));
    assert_eq!(texts(&test.images), ["14:19 postgres:17"]);
    assert_eq!(texts(&ship.images), ["30:16 rust:1.95"]);
    assert_eq!(texts(&ship.needs), ["27:13 test"]);
    assert_eq!(
        ship.environment.as_ref().unwrap().place.to_string(),
        ".github/workflows/a.yml:32:25"
    );
    assert_eq!(ship.timeout.as_ref().unwrap().line, 31);
    assert_eq!(ship.condition.as_ref().unwrap().value, "github.ref == 'refs/heads/main'");
    assert_eq!((ship.permissions[0].0.as_str(), ship.permissions[0].1.as_str()), ("*", "none"));
    assert!(test.permissions.is_empty() && ship.is_manual.is_none() && ship.may_fail.is_none());
}

#[test]
fn the_lines_of_steps_stand_where_they_are_written() {
    let deploy = pipeline(DEPLOY);
    let steps = &deploy.jobs[0].steps;
    assert_eq!(
        lines(steps),
        [
            ".github/workflows/a.yml:21:11 cargo test --workspace",
            ".github/workflows/a.yml:23:11 cargo clippy || true",
            ".github/workflows/a.yml:25:15 ls",
        ]
    );
    assert_eq!(steps[0].uses.as_ref().unwrap().place.to_string(), ".github/workflows/a.yml:16:15");
    assert_eq!(steps[0].with[0].1.value, "0");
    assert_eq!(steps[1].may_fail.as_ref().unwrap().line, 24);
    assert_eq!(steps[2].may_fail, None);
    assert_eq!(steps[1].place.to_string(), ".github/workflows/a.yml:18:9");
}

#[test]
fn the_events_are_read_in_all_shapes() {
    let jobs = "jobs: {a: {steps: []}}\n";
    let triggers = |on: &str| texts(&pipeline(&format!("{on}\n{jobs}")).triggers);
    assert_eq!(triggers("on: push"), ["1:5 push"]);
    assert_eq!(triggers("on: [push, pull_request]"), ["1:6 push", "1:12 pull_request"]);
    assert_eq!(triggers("on:\n  schedule: [{cron: '0 1 * * *'}]"), ["2:3 schedule"]);
    let follows = pipeline(&format!("on: {{workflow_run: {{workflows: [CI]}}}}\n{jobs}")).follows;
    assert_eq!(texts(&follows), ["1:33 CI"]);
    assert_eq!(
        pipeline(&format!("permissions: write-all\n{jobs}")).permissions[0].1.value,
        "write-all"
    );
}

#[test]
fn only_the_folder_at_the_root_holds_workflows() {
    let other = facts(&[
        ("examples/.github/workflows/a.yml", DEPLOY),
        (".github/workflows/old/a.yml", DEPLOY),
        (".github/workflows/README.md", ""),
    ]);
    assert_eq!((other.pipelines.len(), other.gaps.len()), (0, 0));
}

#[test]
fn a_workflow_that_tells_nothing_is_a_gap() {
    let facts =
        facts(&[(".github/workflows/a.yml", "on: push\n"), (".github/workflows/b.yml", "a: [\n")]);
    assert_eq!((facts.pipelines.len(), facts.gaps.len()), (0, 2), "{facts:?}");
}

#[test]
fn a_second_document_is_no_workflow() {
    let two = format!("{DEPLOY}---\n{DEPLOY}");
    let facts = facts(&[(".github/workflows/a.yml", &two)]);
    assert_eq!((facts.pipelines.len(), facts.gaps.len()), (1, 1));
}

#[test]
fn steps_of_local_actions_and_workflows_are_taken_over() {
    let facts = facts(&[
        (
            ".github/workflows/a.yml",
            "on: push\njobs:\n  ship: {uses: ./.github/workflows/b.yml}\n  far: {uses: x/y/.github/workflows/z.yml@v1, with: {environment: test}}\n",
        ),
        (
            ".github/workflows/b.yml",
            "on: workflow_call\njobs:\n  b:\n    continue-on-error: true\n    environment: prod\n    steps:\n      \
             - uses: ./ci/deploy\n        if: always()\n      - uses: ./ci/missing\n",
        ),
        (
            "ci/deploy/action.yml",
            "name: d\nruns:\n  using: composite\n  steps:\n    - run: ./deploy.sh\n",
        ),
    ]);
    let [outer, inner] = facts.pipelines.as_slice() else { panic!("{facts:?}") };
    let ship = &outer.jobs[0];
    assert_eq!(lines(&ship.steps), ["ci/deploy/action.yml:5:12 ./deploy.sh"]);
    assert_eq!(ship.environment.as_ref().unwrap().value, "prod");
    assert!(ship.steps.iter().all(|step| step.may_fail.is_some()));
    assert_eq!(ship.steps[1].condition.as_ref().unwrap().value, "always()");
    assert_eq!(texts(&inner.includes), ["9:15 ./ci/missing"]);
    assert_eq!(outer.jobs[1].environment.as_ref().unwrap().value, "test");
    assert_eq!(outer.includes[0].value, "x/y/.github/workflows/z.yml@v1");
}

#[test]
fn of_the_environments_of_a_called_workflow_production_counts() {
    let jobs = |names: [&str; 3]| {
        let job = |name: &str| format!("  {name}: {{environment: {name}, steps: [{{run: ls}}]}}\n");
        format!("on: workflow_call\njobs:\n{}", names.map(job).concat())
    };
    let environment = |names| {
        let files = [
            (".github/workflows/a.yml", "on: push\njobs: {s: {uses: ./.github/workflows/b.yml}}\n"),
            (".github/workflows/b.yml", &jobs(names)),
        ];
        facts(&files).pipelines[0].jobs[0].environment.as_ref().unwrap().value.clone()
    };
    assert_eq!(environment(["dev", "eu-prod", "demo"]), "eu-prod");
    assert_eq!(environment(["dev", "stage", "demo"]), "dev");
}

#[test]
fn workflows_that_call_each_other_come_to_an_end() {
    let call = |path: &str, n: usize| {
        let jobs = (0..n).map(|i| format!("  j{i}: {{uses: ./{path}}}\n"));
        format!("on: push\njobs:\n  a: {{steps: [{{run: ls}}]}}\n{}", jobs.collect::<String>())
    };
    let (a, b) = (".github/workflows/a.yml", ".github/workflows/b.yml");
    let facts = facts(&[(a, &call(b, 40)), (b, &call(a, 40))]);
    let jobs = facts.pipelines.iter().flat_map(|it| &it.jobs);
    let steps: usize = jobs.map(|job| job.steps.len()).sum();
    assert!(steps > 2 && steps < 500_000, "{steps}");
}

proptest! {
    #[test]
    fn changed_workflows_never_make_the_reader_panic(
        at in 0_usize..900,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|&*\"'\\\\ \n0-9a-zé<]{0,6}",
    ) {
        let mut chars: Vec<char> = DEPLOY.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        let facts = facts(&[(".github/workflows/a.yml", &text)]);
        for line in facts.pipelines.iter().flat_map(|it| &it.jobs).flat_map(|it| &it.steps).flat_map(|it| &it.lines) {
            prop_assert!(line.place.line as usize <= text.lines().count());
        }
    }
}
