//! Programs and actions by what they look at.

use facts::Job;
use model::Placed;

use crate::command::Command;

/// What a gate looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GateKind {
    /// Whether the code does what it should.
    Tests,
    /// Style, types, formatting.
    Lint,
    /// Known holes of what it is built from.
    Dependencies,
    /// Holes in the code itself.
    Code,
    /// Secrets, infrastructure, pipelines.
    Other,
}

use GateKind::{Code, Dependencies, Lint, Other, Tests};

/// Programs with the words that make gates of them.
static PROGRAMS: &[(&str, &[GateKind])] = &[
    // Tests.
    ("cargo test", &[Tests]),
    ("cargo nextest run", &[Tests]),
    ("cargo llvm-cov", &[Tests]),
    ("cargo tarpaulin", &[Tests]),
    ("go test", &[Tests]),
    ("gotestsum", &[Tests]),
    ("ginkgo", &[Tests]),
    ("pytest", &[Tests]),
    ("py.test", &[Tests]),
    ("unittest", &[Tests]),
    ("manage.py test", &[Tests]),
    ("python manage.py test", &[Tests]),
    ("coverage run", &[Tests]),
    ("jest", &[Tests]),
    ("vitest", &[Tests]),
    ("mocha", &[Tests]),
    ("ava", &[Tests]),
    ("karma start", &[Tests]),
    ("playwright test", &[Tests]),
    ("cypress run", &[Tests]),
    ("ng test", &[Tests]),
    ("nx test*", &[Tests]),
    ("nx affected*", &[Tests, Lint]),
    ("deno test", &[Tests]),
    ("bun test", &[Tests]),
    ("rspec", &[Tests]),
    ("rails test*", &[Tests]),
    ("minitest", &[Tests]),
    ("phpunit", &[Tests]),
    ("pest", &[Tests]),
    ("artisan test", &[Tests]),
    ("php artisan test", &[Tests]),
    ("dotnet test", &[Tests]),
    ("mix test", &[Tests]),
    ("sbt test", &[Tests]),
    ("lein test", &[Tests]),
    ("swift test", &[Tests]),
    ("ctest", &[Tests]),
    ("bazel test", &[Tests]),
    ("bats", &[Tests]),
    ("tox", &[Tests]),
    ("nox", &[Tests]),
    // Lint, types, formatting.
    ("cargo clippy", &[Lint]),
    ("cargo fmt", &[Lint]),
    ("rustfmt", &[Lint]),
    ("golangci-lint", &[Lint]),
    ("go vet", &[Lint]),
    ("staticcheck", &[Lint]),
    ("gofmt", &[Lint]),
    ("gofumpt", &[Lint]),
    ("revive", &[Lint]),
    ("eslint", &[Lint]),
    ("biome", &[Lint]),
    ("oxlint", &[Lint]),
    ("prettier", &[Lint]),
    ("stylelint", &[Lint]),
    ("standard", &[Lint]),
    ("xo", &[Lint]),
    ("tslint", &[Lint]),
    ("tsc", &[Lint]),
    ("vue-tsc", &[Lint]),
    ("svelte-check", &[Lint]),
    ("next lint", &[Lint]),
    ("ng lint", &[Lint]),
    ("nx lint*", &[Lint]),
    ("deno lint", &[Lint]),
    ("deno fmt", &[Lint]),
    ("flake8", &[Lint]),
    ("ruff", &[Lint]),
    ("pylint", &[Lint]),
    ("mypy", &[Lint]),
    ("pyright", &[Lint]),
    ("black", &[Lint]),
    ("isort", &[Lint]),
    ("rubocop", &[Lint]),
    ("standardrb", &[Lint]),
    ("phpcs", &[Lint]),
    ("phpstan", &[Lint]),
    ("psalm", &[Lint]),
    ("pint", &[Lint]),
    ("php-cs-fixer", &[Lint]),
    ("ktlint", &[Lint]),
    ("detekt", &[Lint]),
    ("checkstyle", &[Lint]),
    ("spotless*", &[Lint]),
    ("dotnet format", &[Lint]),
    ("mix credo", &[Lint]),
    ("mix format", &[Lint]),
    ("scalafmt", &[Lint]),
    ("swiftlint", &[Lint]),
    ("shellcheck", &[Lint]),
    ("hadolint", &[Lint]),
    ("yamllint", &[Lint]),
    ("markdownlint*", &[Lint]),
    ("actionlint", &[Lint]),
    ("clang-format", &[Lint]),
    ("clang-tidy", &[Lint]),
    ("buf lint", &[Lint]),
    // Known holes of dependencies.
    ("trivy fs", &[Dependencies]),
    ("trivy filesystem", &[Dependencies]),
    ("trivy repo*", &[Dependencies]),
    ("trivy rootfs", &[Dependencies]),
    ("trivy image", &[Dependencies]),
    ("trivy sbom", &[Dependencies]),
    ("grype", &[Dependencies]),
    ("osv-scanner", &[Dependencies]),
    ("cargo audit", &[Dependencies]),
    ("cargo-audit", &[Dependencies]),
    ("cargo deny check*", &[Dependencies]),
    ("cargo-deny check*", &[Dependencies]),
    ("npm audit", &[Dependencies]),
    ("yarn audit", &[Dependencies]),
    ("yarn npm audit", &[Dependencies]),
    ("pnpm audit", &[Dependencies]),
    ("bun audit", &[Dependencies]),
    ("improved-yarn-audit", &[Dependencies]),
    ("better-npm-audit audit", &[Dependencies]),
    ("audit-ci", &[Dependencies]),
    ("pip-audit", &[Dependencies]),
    ("pip_audit", &[Dependencies]),
    ("safety check", &[Dependencies]),
    ("safety scan", &[Dependencies]),
    ("govulncheck", &[Dependencies]),
    ("go run golang.org/x/vuln/cmd/govulncheck*", &[Dependencies]),
    ("nancy sleuth", &[Dependencies]),
    ("bundle audit", &[Dependencies]),
    ("bundle-audit", &[Dependencies]),
    ("bundler-audit", &[Dependencies]),
    ("composer audit", &[Dependencies]),
    ("local-php-security-checker", &[Dependencies]),
    ("dotnet list package --vulnerable", &[Dependencies]),
    ("mix deps.audit", &[Dependencies]),
    ("mix hex.audit", &[Dependencies]),
    ("mix_audit", &[Dependencies]),
    ("snyk test", &[Dependencies]),
    ("snyk container test", &[Dependencies]),
    ("dependency-check*", &[Dependencies]),
    ("docker scout cves", &[Dependencies]),
    ("docker scout quickview", &[Dependencies]),
    // Holes in the code.
    ("semgrep", &[Code]),
    ("opengrep", &[Code]),
    ("gosec", &[Code]),
    ("bandit", &[Code]),
    ("brakeman", &[Code]),
    ("njsscan", &[Code]),
    ("bearer scan", &[Code]),
    ("horusec", &[Code]),
    ("sonar-scanner*", &[Code]),
    ("sonarscanner", &[Code]),
    ("dotnet sonarscanner begin", &[Code]),
    ("snyk code test", &[Code]),
    ("codeql database analyze", &[Code]),
    ("mix sobelow", &[Code]),
    ("psalm --taint-analysis", &[Code]),
    ("flawfinder", &[Code]),
    ("eslint-plugin-security", &[Code]),
    ("spotbugs", &[Code]),
    // Secrets, infrastructure, pipelines.
    ("gitleaks", &[Other]),
    ("trufflehog", &[Other]),
    ("detect-secrets*", &[Other]),
    ("trivy config", &[Other]),
    ("checkov", &[Other]),
    ("tfsec", &[Other]),
    ("kics scan", &[Other]),
    ("kube-linter", &[Other]),
    ("kube-score", &[Other]),
    ("kubesec", &[Other]),
    ("polaris audit", &[Other]),
    ("conftest test", &[Other]),
    ("zizmor", &[Other]),
];

/// Goals of Gradle and Maven, by a part of their name.
static GOALS: &[(&str, &[GateKind])] = &[
    ("dependencycheck", &[Dependencies]),
    ("dependency-check", &[Dependencies]),
    ("ossindex", &[Dependencies]),
    ("sonar", &[Code]),
    ("spotbugs", &[Code]),
    ("findsecbugs", &[Code]),
    ("detekt", &[Lint]),
    ("ktlint", &[Lint]),
    ("checkstyle", &[Lint]),
    ("spotless", &[Lint]),
    ("lint", &[Lint]),
];

/// Programs that run a task by name.
static RUNNERS: &[&str] = &[
    "bun",
    "composer",
    "cargo-make",
    "earthly",
    "hatch",
    "inv",
    "invoke",
    "just",
    "mage",
    "make",
    "mise",
    "npm",
    "npm-run-all",
    "nx",
    "pnpm",
    "poe",
    "rake",
    "run-p",
    "run-s",
    "task",
    "turbo",
    "yarn",
];

/// Words of tasks that test, and of tasks that lint.
static TESTS: &[&str] = &["test", "tests", "spec", "e2e", "unit", "unittest", "integration"];
static LINTS: &[&str] = &[
    "lint",
    "linter",
    "linters",
    "eslint",
    "format",
    "fmt",
    "typecheck",
    "types",
    "tsc",
    "clippy",
    "style",
    "vet",
    "checkstyle",
    "ktlint",
    "detekt",
    "spotless",
    "rubocop",
    "flake8",
    "ruff",
    "prettier",
    "mypy",
    "phpstan",
];

/// Words of tasks that may be anything, scans among them.
static VAGUE: &[&str] = &[
    "all",
    "audit",
    "check",
    "checks",
    "ci",
    "qa",
    "quality",
    "sast",
    "scan",
    "security",
    "validate",
    "verify",
    "vuln",
    "vulncheck",
    "vulnerabilities",
];

/// Beginnings of actions that are gates.
static ACTIONS: &[(&str, &[GateKind])] = &[
    ("actions-rs/audit-check", &[Dependencies]),
    ("actions-rs/clippy", &[Lint]),
    ("actions/dependency-review-action", &[Dependencies]),
    ("anchore/scan-action", &[Dependencies]),
    ("astral-sh/ruff-action", &[Lint]),
    ("aquasecurity/tfsec", &[Other]),
    ("bearer/bearer-action", &[Code]),
    ("biomejs/biome-action", &[Lint]),
    ("bridgecrewio/checkov-action", &[Other]),
    ("chartboost/ruff-action", &[Lint]),
    ("checkmarx/ast-github-action", &[Code]),
    ("checkmarx/kics", &[Other]),
    ("cypress-io/github-action", &[Tests]),
    ("datadog/datadog-static-analyzer-github-action", &[Code]),
    ("dependency-check/", &[Dependencies]),
    ("docker/scout-action", &[Dependencies]),
    ("dominikh/staticcheck-action", &[Lint]),
    ("embarkstudios/cargo-deny-action", &[Dependencies]),
    ("github/codeql-action/analyze", &[Code]),
    ("github/super-linter", &[Lint]),
    ("gitleaks/gitleaks-action", &[Other]),
    ("golang/govulncheck-action", &[Dependencies]),
    ("golangci/golangci-lint-action", &[Lint]),
    ("google/osv-scanner-action", &[Dependencies]),
    ("gradle/gradle-build-action", &[]),
    ("hadolint/hadolint-action", &[Lint]),
    ("ibiqlik/action-yamllint", &[Lint]),
    ("ludeeus/action-shellcheck", &[Lint]),
    ("microsoft/security-devops-action", &[Code]),
    ("oxsecurity/megalinter", &[Lint]),
    ("presidentbeef/brakeman", &[Code]),
    ("psf/black", &[Lint]),
    ("pycqa/bandit-action", &[Code]),
    ("pypa/gh-action-pip-audit", &[Dependencies]),
    ("returntocorp/semgrep-action", &[Code]),
    ("reviewdog/", &[Lint]),
    ("rustsec/audit-check", &[Dependencies]),
    ("securego/gosec", &[Code]),
    ("semgrep/semgrep-action", &[Code]),
    ("shivammathur/", &[]),
    ("sonarsource/sonarcloud-github-action", &[Code]),
    ("sonarsource/sonarqube-scan-action", &[Code]),
    ("super-linter/super-linter", &[Lint]),
    ("trufflesecurity/trufflehog", &[Other]),
    ("veracode/", &[Code]),
    ("wearerequired/lint-action", &[Lint]),
    ("zizmorcore/zizmor-action", &[Other]),
];

/// What a command looks at; empty: it is no gate, or its name does not tell.
pub(crate) fn program(command: &Command) -> Vec<GateKind> {
    if is_only_help(command) {
        return Vec::new();
    }
    // A task of that name may be anything: `npm run audit`.
    let is_task = RUNNERS.contains(&command.program()) && command.has(&["run", "run-script"]);
    let known = PROGRAMS.iter().filter(|(pattern, _)| !is_task && command.is(pattern));
    // A command that fits several patterns is what the longest says: `snyk code test`.
    if let Some((_, kinds)) = known.max_by_key(|(pattern, _)| pattern.len()) {
        return kinds.to_vec();
    }
    match command.program() {
        "gradle" | "gradlew" | "mvn" | "mvnw" => java(command),
        name if RUNNERS.contains(&name) => task(command),
        name => script(name),
    }
}

/// What an action looks at.
pub(crate) fn action(uses: &str, with: &[(String, Placed<String>)]) -> &'static [GateKind] {
    let name = uses.to_lowercase();
    if name.starts_with("aquasecurity/trivy-action") {
        let is_config = input(with, "scan-type").is_some_and(|kind| kind == "config");
        return if is_config { &[Other] } else { &[Dependencies] };
    }
    if name.starts_with("snyk/actions") {
        return match input(with, "command") {
            Some(command) if command.starts_with("code") => &[Code],
            Some("monitor" | "sbom") => &[],
            _ => &[Dependencies],
        };
    }
    ACTIONS.iter().find(|(start, _)| name.starts_with(start)).map_or(&[], |(_, kinds)| kinds)
}

/// Why a scanner that was started as it is never fails: a clause, and what to do.
pub(crate) fn looseness(
    name: &str,
    command: Option<&Command>,
    with: &[(String, Placed<String>)],
) -> Option<(&'static str, &'static str)> {
    let name = name.to_lowercase();
    if name.starts_with("aquasecurity/trivy-action") {
        let is_strict = input(with, "exit-code").is_some_and(|code| code != "0");
        return (!is_strict).then_some((
            "ends well whatever it finds: no `exit-code` is set",
            "let it fail:\n\nwith:\n  exit-code: \"1\"",
        ));
    }
    if name.starts_with("anchore/scan-action") {
        let is_off = input(with, "fail-build").is_some_and(|value| value == "false");
        return is_off
            .then_some(("ends well whatever it finds: `fail-build: false`", "take it out"));
    }
    let command = command?;
    let is_trivy = command.is("trivy");
    if is_trivy && !command.has_start(&["--exit-code"]) {
        return Some((
            "ends well whatever it finds: no `--exit-code` is given",
            "let it fail: `--exit-code 1`",
        ));
    }
    if command.is("grype") && !command.has_start(&["--fail-on", "-f"]) {
        return Some((
            "ends well whatever it finds: no `--fail-on` is given",
            "let it fail: `--fail-on high`",
        ));
    }
    if command.has_start(&["--exit-zero", "--exit-code=0", "-no-fail", "--no-fail"]) {
        return Some(("ends well whatever it finds", "take out the option that says so"));
    }
    None
}

/// Whether a command may be a gate which its name does not tell: a script, a task that does all.
pub(crate) fn opaque(command: &Command) -> bool {
    let name = command.program();
    if is_only_help(command) {
        return false;
    }
    if matches!(name, "pre-commit" | "prek" | "lefthook" | "tox" | "nox" | "dagger" | "earthly") {
        return true;
    }
    if matches!(name, "gradle" | "gradlew" | "mvn" | "mvnw") {
        let goals = ["build", "check", "verify", "install", "package"];
        return command.words.iter().any(|word| {
            let goal = word.rsplit(':').next().unwrap_or(word);
            goals.contains(&goal)
        });
    }
    if RUNNERS.contains(&name) {
        let has_task = command.words.iter().skip(1).any(|word| has_word(word, VAGUE));
        let is_bare_make = name == "make" && command.words.len() == 1;
        return has_task || is_bare_make;
    }
    let is_interpreter = matches!(name, "bash" | "sh" | "python" | "python3" | "node" | "ruby");
    let first = command.words.first().map_or("", String::as_str);
    let script =
        if is_interpreter { command.words.get(1).map_or("", String::as_str) } else { first };
    let is_script = script.starts_with("./") || script.contains("scripts/") || is_shell(script);
    is_script && program(command).is_empty()
}

/// A job of GitLab that runs nothing but a scanner's image.
pub(crate) fn bare_image(job: &Job) -> Option<(GateKind, &Placed<String>)> {
    let image = job.images.first().filter(|_| job.steps.is_empty())?;
    let kind = if image.contains("semgrep") { Code } else { return None };
    Some((kind, image))
}

fn is_shell(word: &str) -> bool {
    [".sh", ".bash", ".py", ".rb"].iter().any(|end| word.ends_with(end)) && word.contains('/')
}

fn is_only_help(command: &Command) -> bool {
    command.has(&["--version", "--help", "install", "version"]) && {
        // `mvn install` tests, `pip install pytest` does not.
        !matches!(command.program(), "mvn" | "mvnw" | "gradle" | "gradlew")
    }
}

fn java(command: &Command) -> Vec<GateKind> {
    let lower: Vec<String> = command.words.iter().skip(1).map(|w| w.to_lowercase()).collect();
    let skips = ["-dskiptests", "-dmaven.test.skip", "-dskiptests=true", "-dmaven.test.skip=true"];
    let leaves_out =
        lower.windows(2).any(|pair| matches!(pair, [a, b] if a == "-x" && b == "test"));
    let goals =
        ["test", "check", "build", "verify", "install", "package", "deploy", "integrationtest"];
    let is_test = |word: &String| {
        let goal = word.rsplit(':').next().unwrap_or(word);
        goals.contains(&goal) || goal.ends_with("test")
    };
    let mut kinds = Vec::new();
    if lower.iter().any(is_test)
        && !leaves_out
        && !lower.iter().any(|w| skips.contains(&w.as_str()))
    {
        kinds.push(Tests);
    }
    for (part, of) in GOALS {
        let names = |word: &String| word.contains(part) && !word.starts_with('-');
        if lower.iter().any(names) {
            kinds.extend(of.iter().copied());
        }
    }
    kinds
}

/// A task is what its name says: tests and lint only, as a scan is judged by what scans.
fn task(command: &Command) -> Vec<GateKind> {
    let words = || command.words.iter().skip(1).filter(|word| !word.starts_with('-'));
    let mut kinds = Vec::new();
    if words().any(|word| has_word(word, TESTS)) || command.words.get(1).is_some_and(|w| w == "t") {
        kinds.push(Tests);
    }
    if words().any(|word| has_word(word, LINTS)) {
        kinds.push(Lint);
    }
    kinds
}

/// A script is what its name says.
fn script(name: &str) -> Vec<GateKind> {
    let stem = [".sh", ".bash", ".py"].iter().find_map(|end| name.strip_suffix(end));
    let Some(stem) = stem else { return Vec::new() };
    let mut kinds = Vec::new();
    kinds.extend(has_word(stem, TESTS).then_some(Tests));
    kinds.extend(has_word(stem, LINTS).then_some(Lint));
    kinds
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part))
}

fn input<'a>(with: &'a [(String, Placed<String>)], name: &str) -> Option<&'a str> {
    with.iter().find(|(key, _)| key == name).map(|(_, value)| value.value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::commands;

    fn kinds(line: &str) -> Vec<GateKind> {
        program(&commands(line).remove(0))
    }

    #[test]
    fn commands_are_known_by_what_they_look_at() {
        assert_eq!(kinds("cargo nextest run --workspace"), [Tests]);
        assert_eq!(kinds("npm run test:ci"), [Tests]);
        assert_eq!(kinds("make lint"), [Lint]);
        assert_eq!(kinds("./gradlew check"), [Tests]);
        assert_eq!(kinds("./gradlew build -x test"), []);
        assert_eq!(
            kinds("mvn -B verify org.owasp:dependency-check-maven:check"),
            [Tests, Dependencies]
        );
        assert_eq!(kinds("snyk code test"), [Code]);
        assert_eq!(kinds("npm audit --audit-level=high"), [Dependencies]);
        assert_eq!(kinds("pip install pytest semgrep"), []);
        assert_eq!(kinds("cargo build --release"), []);
        assert_eq!(kinds("npm run audit"), []);
    }

    #[test]
    fn a_scanner_that_cannot_fail_is_told_from_one_that_can() {
        let loose = |line: &str| {
            let command = commands(line).remove(0);
            looseness(command.program(), Some(&command), &[]).is_some()
        };
        assert!(loose("trivy fs ."));
        assert!(!loose("trivy fs --exit-code 1 ."));
        assert!(!loose("trivy fs --exit-code=1 ."));
        assert!(loose("grype dir:."));
        assert!(!loose("npm audit"));
    }

    #[test]
    fn scripts_and_tasks_that_do_all_are_opaque() {
        let is_opaque = |line: &str| opaque(&commands(line).remove(0));
        for line in ["make ci", "./scripts/build.sh", "pre-commit run -a", "mvn verify", "make"] {
            assert!(is_opaque(line), "{line}");
        }
        for line in ["make test", "cargo build", "docker build .", "kubectl apply -f x"] {
            assert!(!is_opaque(line), "{line}");
        }
    }
}
