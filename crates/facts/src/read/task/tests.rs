//! What lines of pipelines start, of tasks in files of each kind.

use model::Place;

use super::*;
use crate::discover::tests::tree;

const PACKAGE: &str = "{\"scripts\": {\"pretest\": \"npm run lint\", \"test\": \"jest\", \"lint\": \
                       \"eslint .\", \"ci\": \"run-s lint test\", \"a\": \"npm run b\", \"b\": \"npm run a\"}}";
const MAKEFILE: &str = "GO ?= go\nall: vet test\n\nvet:\n\t@$(GO) vet ./...\ntest: build\n\
                        \tgo test ./... \\\n\t  -race\nbuild:\n\tgo build\nweb:\n\t$(MAKE) -C web lint\n";

/// What `line` of a workflow starts in a tree with these tasks, as `path:line text`; what that
/// starts in turn stands behind it.
fn started(line: &str) -> Vec<String> {
    let workflow = format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
    let facts = tree(&[
        (".github/workflows/a.yml", &workflow),
        ("package.json", PACKAGE),
        ("Makefile", MAKEFILE),
        ("web/Makefile", "lint:\n\tnpx eslint . || true\n"),
        ("web/package.json", "{\"scripts\": {\"check\": \"tsc\"}}"),
    ]);
    let mut lines = Vec::new();
    written(&facts.pipelines[0].jobs[0].steps[0].tasks, &mut lines);
    lines
}

fn written(calls: &[TaskCall], lines: &mut Vec<String>) {
    for call in calls {
        let all = call.lines.iter();
        lines.extend(all.map(|l| format!("{}:{} {}", l.place.path, l.place.line, l.value)));
        written(&call.tasks, lines);
    }
}

#[test]
fn scripts_of_composer_are_followed() {
    let composer = "{\"scripts\": {\"check\": [\"@check:style\", \"@php -dmemory=1 vendor/bin/acme src\"], \
                    \"check:style\": \"phpcs src\", \"again\": \"@again\"}}";
    let started = |line: &str| {
        let workflow = format!("on: push\njobs: {{x: {{steps: [{{run: '{line}'}}]}}}}\n");
        let facts =
            tree(&[(".github/workflows/a.yml", &workflow), ("api/composer.json", composer)]);
        let mut lines = Vec::new();
        written(&facts.pipelines[0].jobs[0].steps[0].tasks, &mut lines);
        lines.join(", ")
    };
    let check = "api/composer.json:1 composer run check:style, api/composer.json:1 vendor/bin/acme \
                 src, api/composer.json:1 phpcs src";
    for line in ["cd api && composer check", "composer run -d api check -- -q"] {
        assert_eq!(started(line), check, "{line}");
    }
    assert_eq!(
        started("composer --working-dir=api again"),
        "api/composer.json:1 composer run again"
    );
    assert_eq!(started("composer check; composer install --working-dir=api"), "");
}

#[test]
fn scripts_of_npm_are_followed_with_what_runs_around_them() {
    let test = ["package.json:1 npm run lint", "package.json:1 jest", "package.json:1 eslint ."];
    for line in ["npm test", "npm t", "npm run test -- --ci", "yarn test", "pnpm run test"] {
        assert_eq!(started(line), test, "{line}");
    }
    let ci = started("npm ci && npm run ci");
    assert_eq!(ci.first().unwrap(), "package.json:1 run-s lint test");
    assert!(ci.contains(&"package.json:1 jest".to_owned()), "{ci:?}");
    assert_eq!(started("npm run a").len(), 2, "a circle ends");
}

#[test]
fn targets_of_make_are_followed_after_what_they_need() {
    assert_eq!(
        started("make test"),
        ["Makefile:9 go build", "Makefile:6 go test ./... -race"]
            .map(|line| line.replace(":6 ", ":7 ").replace(":9 ", ":10 "))
    );
    assert_eq!(started("make -j4 vet"), ["Makefile:5 go vet ./..."]);
    assert_eq!(started("make").first().unwrap(), "Makefile:5 go vet ./...");
    assert_eq!(
        started("make web"),
        ["Makefile:12 make -C web lint", "web/Makefile:2 npx eslint . || true"]
    );
    for line in ["make -n vet", "make -f other.mk vet", "make deploy", "echo make vet"] {
        assert_eq!(started(line), [""; 0], "{line}");
    }
}

#[test]
fn the_folder_of_a_task_is_where_the_shell_stands() {
    let check = ["web/package.json:1 tsc"];
    for line in [
        "cd web && npm run check",
        "npm --prefix web run check",
        "yarn --cwd=./web check",
        "cd $GITHUB_WORKSPACE/web && npm run check",
    ] {
        assert_eq!(started(line), check, "{line}");
    }
    for line in [
        "npm run check",
        "cd $HOME && npm test",
        "cd ../.. && npm test",
        "npm run test -w web",
        "cd web && npm test",
    ] {
        assert_eq!(started(line), [""; 0], "{line}");
    }
    assert_eq!(started("(cd web && npm run check)"), check);
    assert_eq!(started("(cd web && ls) && npm run lint"), [""; 0]);
}

#[test]
fn a_job_of_gitlab_is_one_shell() {
    let gitlab = "t:\n  script:\n    - cd web\n    - npm run check\n";
    let facts = tree(&[
        (".gitlab-ci.yml", gitlab),
        ("web/package.json", "{\"scripts\": {\"check\": \"tsc\"}}"),
    ]);
    assert_eq!(facts.pipelines[0].host, PipelineHost::GitLab);
    let steps = &facts.pipelines[0].jobs[0].steps;
    let started: Vec<usize> = steps.iter().map(|step| step.tasks.len()).collect();
    assert_eq!(started, [0, 1]);
}

#[test]
fn hostile_tasks_cost_neither_stack_nor_time() {
    let rule = |n: usize| [format!("t{n}: t{}\n", n + 1), format!("\tmake t{}\n", n + 1)];
    let many = (0..20_000).flat_map(rule).collect::<Vec<_>>().concat();
    let calls = "make t0\n          ".repeat(2_000);
    let workflow =
        format!("on: push\njobs:\n  x:\n    steps:\n      - run: |\n          {calls}\n");
    let facts = tree(&[(".github/workflows/a.yml", &workflow), ("Makefile", &many)]);
    let tasks = &facts.pipelines[0].jobs[0].steps[0].tasks;
    let lines: usize = tasks.iter().map(|call| call.lines.len()).sum();
    assert!(lines <= MAX_BYTES / size_of::<Placed<String>>() && !tasks.is_empty(), "{lines}");
}

#[test]
fn what_tasks_need_and_run_is_taken_until_it_is_too_much() {
    let path: Arc<str> = "Makefile".into();
    let line = |text: String| Placed::new(text, Place::point(Arc::clone(&path), 1, 1));
    let (none, short) = ([].into(), [line("a".to_owned())].into());
    let needs = vec!["missing".to_owned(); 10_000].into();
    let long = [line("a".repeat(80_000))].into();
    for task in [Task::target("a", "", &needs, &short), Task::target("a", "", &none, &long)] {
        let tasks = [task];
        let mut known = Known::of(&tasks);
        let mut taken = Vec::new();
        for _ in 0..1_000 {
            known.take(&tasks[0], &mut HashSet::new(), &mut taken);
        }
        // What waits for others is paid for before them, and after.
        assert!(taken.len() > 100 && taken.len() < 400, "{}", taken.len());
        assert_eq!(known.left, 0);
    }
}
