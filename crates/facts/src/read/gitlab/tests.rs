//! Configurations as they are found in repositories.

use proptest::prelude::*;

use crate::{Facts, Job, Pipeline, read, settle};

const ROOT: &str = r#"workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_TAG
      when: never
    - if: '$CI_COMMIT_REF_NAME == "main"'
stages: [check, test, ship]
include:
  - template: Security/SAST.gitlab-ci.yml
  - local: /ci/test.gitlab-ci.yml
  - project: platform/templates
    ref: v1
    file: [/deploy.yml, /scan.yml]
default:
  image: node:24
  before_script:
    - npm ci
.rules:
  rules:
    - if: $CI_COMMIT_BRANCH
      when: manual
lint:
  stage: check
  script:
    - npm run lint
    - |
      # both
      npm run format \
        --check
      npm audit || true
  allow_failure: {exit_codes: [2]}
deploy:
  stage: ship
  extends: .deploy
  rules:
    - !reference [.rules, rules]
  environment: {name: production, url: "https://x"}
  timeout: 10 minutes
stop:
  stage: ship
  needs: []
  script: [./stop.sh]
  environment: {name: production, action: stop}
"#;

const TEST: &str = r#".deploy:
  image: {name: "alpine:3"}
  script: [./deploy.sh]
  after_script: [./notify.sh]
test:
  stage: test
  services: [postgres:17, {name: "redis:8"}]
  script:
    - npm test
disabled:
  script: [npm run never]
  rules:
    - when: never
"#;

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.paths.push((*path).into());
        facts.append(read(&(*path).into(), text.as_bytes()));
    }
    settle(&mut facts);
    facts
}

fn texts(placed: &[model::Placed<String>]) -> Vec<String> {
    placed.iter().map(|it| format!("{}:{} {}", it.place.line, it.place.column, it.value)).collect()
}

fn lines(job: &Job) -> Vec<String> {
    let lines = job.steps.iter().flat_map(|step| &step.lines);
    lines.map(|line| format!("{} {}", line.place, line.value)).collect()
}

fn job<'a>(pipeline: &'a Pipeline, id: &str) -> &'a Job {
    pipeline.jobs.iter().find(|job| job.id.value == id).unwrap()
}

fn only(facts: &Facts) -> &Pipeline {
    assert_eq!(facts.pipelines.len(), 1, "{facts:?}");
    &facts.pipelines[0]
}

fn whole() -> Facts {
    facts(&[(".gitlab-ci.yml", ROOT), ("ci/test.gitlab-ci.yml", TEST)])
}

#[test]
fn a_configuration_is_read_with_what_it_includes() {
    let facts = whole();
    let pipeline = only(&facts);
    assert_eq!(facts.gaps, []);
    assert_eq!(pipeline.place.to_string(), ".gitlab-ci.yml:1:1");
    assert_eq!(
        texts(&pipeline.includes),
        [
            "9:15 Security/SAST.gitlab-ci.yml",
            "13:12 platform/templates:/deploy.yml",
            "13:25 platform/templates:/scan.yml",
        ]
    );
    assert_eq!(texts(&pipeline.triggers), ["3:11 merge_request_event", "6:11 push"]);
    let ids: Vec<_> = pipeline.jobs.iter().map(|job| job.id.value.as_str()).collect();
    assert_eq!(ids, ["test", "lint", "deploy", "stop"]);
    assert_eq!(job(pipeline, "test").id.place.to_string(), "ci/test.gitlab-ci.yml:5:1");
}

#[test]
fn what_stands_outside_of_the_root_is_no_pipeline_where_github_runs_those_of_the_tree() {
    let stray = ("client/.gitlab-ci.yml", "test: {script: make}\n");
    let flow = (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n    - run: make\n");
    assert_eq!(facts(&[stray]).pipelines.len(), 1);
    assert_eq!(facts(&[stray, ("client/.openapi-generator-ignore", "")]).pipelines, []);
    let both = facts(&[stray, flow]);
    assert_eq!(&*only(&both).place.path, flow.0);
    assert_eq!(facts(&[(".gitlab-ci.yml", stray.1), flow]).pipelines.len(), 2);
}

#[test]
fn scripts_stand_where_they_are_written_whatever_file_they_come_from() {
    let facts = whole();
    let pipeline = only(&facts);
    assert_eq!(
        lines(job(pipeline, "lint")),
        [
            ".gitlab-ci.yml:17:7 npm ci",
            ".gitlab-ci.yml:25:7 npm run lint",
            ".gitlab-ci.yml:28:7 npm run format --check",
            ".gitlab-ci.yml:30:7 npm audit || true",
        ]
    );
    let deploy = job(pipeline, "deploy");
    assert_eq!(
        lines(deploy),
        [
            ".gitlab-ci.yml:17:7 npm ci",
            "ci/test.gitlab-ci.yml:3:12 ./deploy.sh",
            "ci/test.gitlab-ci.yml:4:18 ./notify.sh",
        ]
    );
    assert!(deploy.steps[1].may_fail.is_none() && deploy.steps[2].may_fail.is_some());
}

#[test]
fn jobs_wait_for_earlier_stages_unless_they_say_what_they_need() {
    let facts = whole();
    let pipeline = only(&facts);
    let needs = |id| {
        let needs = job(pipeline, id).needs.iter().map(|need| need.value.clone());
        needs.collect::<Vec<_>>()
    };
    assert_eq!(needs("deploy"), ["lint", "test"]);
    assert_eq!(needs("test"), ["lint"]);
    assert_eq!((needs("lint").len(), needs("stop").len()), (0, 0));
}

#[test]
fn what_a_job_may_and_asks_for_is_read() {
    let facts = whole();
    let pipeline = only(&facts);
    let deploy = job(pipeline, "deploy");
    assert_eq!(deploy.is_manual.as_ref().unwrap().to_string(), ".gitlab-ci.yml:21:13");
    assert_eq!(deploy.condition.as_ref().unwrap().value, "if: $CI_COMMIT_BRANCH, when: manual");
    assert_eq!(
        texts(&deploy.environment.clone().into_iter().collect::<Vec<_>>()),
        ["37:23 production"]
    );
    assert!(deploy.timeout.is_some() && job(pipeline, "stop").environment.is_none());
    assert_eq!(texts(&deploy.images), ["2:17 alpine:3"]);
    let test = job(pipeline, "test");
    let images: Vec<_> = test.images.iter().map(|image| image.value.as_str()).collect();
    assert_eq!(images, ["node:24", "postgres:17", "redis:8"]);
    assert_eq!(job(pipeline, "lint").may_fail.as_ref().unwrap().line, 31);
    assert!(test.may_fail.is_none() && test.is_manual.is_none());
}

#[test]
fn a_manual_job_may_be_left_out_unless_a_rule_makes_it_manual() {
    let facts = facts(&[(
        ".gitlab-ci.yml",
        "a: {script: x, when: manual}\nb: {script: x, when: manual, allow_failure: false}\n\
         c: {script: x, rules: [{when: manual}, {when: never}]}\n",
    )]);
    let [a, b, c] = only(&facts).jobs.as_slice() else { panic!("{facts:?}") };
    assert!(a.is_manual.is_some() && b.is_manual.is_some() && c.is_manual.is_some());
    assert!(a.may_fail.is_some() && b.may_fail.is_none() && c.may_fail.is_none());
    assert_eq!(texts(&only(&facts).triggers), ["1:1 push"]);
}

#[test]
fn what_stands_in_a_file_that_was_not_read_is_a_gap() {
    let facts = facts(&[
        (
            ".gitlab-ci.yml",
            "include: [{remote: 'https://x.example/a.yml'}, /ci/odd.txt.yml]\n\
             a: {extends: [.base]}\nb:\n  script: [!reference [.setup, script], make]\n\
             .unused: {script: [!reference [.gone, script]]}\n",
        ),
        ("ci/odd.txt.yml", "a: 1\n"),
    ]);
    let gaps: Vec<_> =
        facts.gaps.iter().map(|gap| format!("{} {}", gap.place, gap.reason)).collect();
    assert_eq!(gaps.len(), 3, "{gaps:?}");
    assert!(gaps[0].starts_with(".gitlab-ci.yml:2:15") && gaps[0].contains("`.base`"), "{gaps:?}");
    assert!(gaps[1].starts_with(".gitlab-ci.yml:4:23") && gaps[1].contains("`.setup script`"));
    assert!(gaps[2].contains("ci/odd.txt.yml"), "{gaps:?}");
    assert_eq!(lines(&only(&facts).jobs[1]), [".gitlab-ci.yml:4:41 make"]);
}

#[test]
fn a_child_pipeline_is_read_and_its_steps_belong_to_the_job_that_starts_it() {
    let facts = facts(&[
        (
            ".gitlab-ci.yml",
            "a: {trigger: {include: ci/child.yml, strategy: depend}}\nb: {trigger: other/project}\n",
        ),
        ("ci/child.yml", "test:\n  script: [make test]\n"),
        ("ci/unused.gitlab-ci.yml", "test:\n  script: [make test]\n"),
    ]);
    let [root, child] = facts.pipelines.as_slice() else { panic!("{facts:?}") };
    assert_eq!(child.place.to_string(), "ci/child.yml:1:1");
    assert_eq!(lines(&root.jobs[0]), ["ci/child.yml:2:12 make test"]);
    assert!(root.jobs[0].may_fail.is_none() && root.jobs[1].may_fail.is_some());
    assert_eq!(root.jobs[1].calls.as_ref().unwrap().value, "other/project");
}

#[test]
fn without_a_file_at_the_root_each_that_no_other_includes_is_a_pipeline() {
    let facts = facts(&[
        ("a/.gitlab-ci.yml", "include: ci/b.gitlab-ci.yml\na: {script: x}\n"),
        ("ci/b.gitlab-ci.yml", "b: {script: y}\n"),
    ]);
    assert_eq!(only(&facts).jobs.len(), 2);
}

#[test]
fn included_files_may_have_any_name() {
    let facts = facts(&[
        (".gitlab-ci.yml", "include: ['ci/*.yml', ci/more/rules.yml]\na: {extends: .a}\n"),
        ("ci/variables.yml", "variables:\n  A: b\n"),
        ("ci/jobs.yml", ".a:\n  script: make\n  rules:\n    - !reference [.main, rules]\n"),
        ("ci/more/rules.yml", ".main:\n  rules:\n    - if: $CI_COMMIT_TAG\n"),
        ("gitlab-ci/alerts.yml", "groups:\n  - rules:\n      - {alert: Down, expr: up == 0}\n"),
    ]);
    assert_eq!((facts.gaps.len(), facts.alerts.len()), (0, 1), "{facts:?}");
    assert_eq!(lines(&only(&facts).jobs[0]), ["ci/jobs.yml:2:11 make"]);
    assert_eq!(only(&facts).jobs[0].condition.as_ref().unwrap().value, "if: $CI_COMMIT_TAG");
}

#[test]
fn configurations_that_refer_to_themselves_come_to_an_end() {
    let bases = vec![".b"; 50].join(", ");
    let text = format!(
        "include: [.gitlab-ci.yml, .gitlab-ci.yml]\n.b: {{extends: [{bases}], script: [!reference [.b, script], !reference [.b, script]]}}\n\
         a: {{extends: .b}}\n"
    );
    let facts = facts(&[(".gitlab-ci.yml", &text)]);
    assert_eq!(only(&facts).jobs.len(), 1);
    assert!(!facts.gaps.is_empty());
}

#[test]
fn a_configuration_that_grows_beyond_all_bounds_is_a_gap() {
    let script = |n: usize| match n.checked_sub(1) {
        Some(before) => vec![format!("!reference [.s{before}, script]"); 9].join(", "),
        None => "make, make".to_owned(),
    };
    let jobs: Vec<_> = (0..10).map(|n| format!(".s{n}: {{script: [{}]}}\n", script(n))).collect();
    let text = jobs.concat();
    let facts = facts(&[(".gitlab-ci.yml", &format!("{text}a: {{extends: .s9}}\n"))]);
    assert!(facts.gaps.iter().any(|gap| gap.reason.contains("too large")), "{:?}", facts.gaps);
}

proptest! {
    #[test]
    fn changed_configurations_never_make_the_reader_panic(
        at in 0_usize..1000,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|&*!\"' \n0-9a-zé.]{0,6}",
    ) {
        let mut chars: Vec<char> = ROOT.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        let facts = facts(&[(".gitlab-ci.yml", &text), ("ci/test.gitlab-ci.yml", TEST)]);
        for job in facts.pipelines.iter().flat_map(|it| &it.jobs) {
            prop_assert!(job.id.place.line as usize <= text.lines().count().max(14));
        }
    }
}
