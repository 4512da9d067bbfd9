//! Programs and actions by what they look at.

use facts::Job;
use facts::command::Command;
use model::Placed;

use crate::tool_names::{ACTIONS, GOALS, LINTS, PLAIN, PROGRAMS, RUNNERS, TESTS, VAGUE};

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

/// What a command looks at; empty: it is no gate, or its name does not tell.
pub(crate) fn program(command: &Command) -> Vec<GateKind> {
    without_names(command).map_or_else(|| named(command), |command| named(&command))
}

/// A command of Compose without the names of the services that it starts, as what those run stands in its
/// files: of `docker compose run web pytest` that program is left. `None`: it is none of Compose.
fn without_names(command: &Command) -> Option<Command> {
    let is_compose = matches!(command.program(), "docker-compose" | "podman-compose")
        || is_below_docker(command);
    let verbs = ["build", "create", "exec", "logs", "pull", "run", "start", "up", "wait"];
    let at = command.words.iter().position(|word| verbs.contains(&word.as_str()));
    let (before, behind) = command.words.split_at_checked(at.filter(|_| is_compose)? + 1)?;
    let takes_command = before.last().is_some_and(|verb| matches!(verb.as_str(), "exec" | "run"));
    let mut is_value = false;
    let is_option = |word: &&String| {
        let is_told = std::mem::replace(&mut is_value, COMPOSE_WITH_VALUE.contains(&word.as_str()));
        is_told || word.starts_with('-')
    };
    let started = behind.iter().skip_while(is_option).skip(1).filter(|_| takes_command);
    let words = before.iter().chain(started).cloned().collect();
    Some(Command { words, excuse: command.excuse.clone() })
}

fn is_below_docker(command: &Command) -> bool {
    let second = command.words.get(1).map(String::as_str);
    matches!(command.program(), "docker" | "nerdctl" | "podman") && second == Some("compose")
}

/// Options of `docker compose run` and `exec` that are told something.
static COMPOSE_WITH_VALUE: &[&str] = &[
    "--entrypoint",
    "--env",
    "--env-from-file",
    "--label",
    "--name",
    "--publish",
    "--user",
    "--volume",
    "--workdir",
    "-e",
    "-l",
    "-p",
    "-u",
    "-v",
    "-w",
];

/// What a command looks at by the words of it.
fn named(command: &Command) -> Vec<GateKind> {
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
        return match () {
            () if looks_at_nothing(with) || only_lists(with) => &[],
            () if is_config => &[Other],
            () => &[Dependencies],
        };
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

/// Whether Trivy is told to look at an image and at none: it only fetches its database.
fn looks_at_nothing(with: &[(String, Placed<String>)]) -> bool {
    let targets = ["image-ref", "input", "trivy-config"];
    input(with, "scan-type") == Some("image") && targets.iter().all(|t| input(with, t).is_none())
}

/// Whether Trivy writes down what it finds for others to read: a bill of materials, or the record
/// that an image is signed with.
fn only_lists(with: &[(String, Placed<String>)]) -> bool {
    let lists = ["cosign-vuln", "cyclonedx", "github", "spdx", "spdx-json"];
    input(with, "format").is_some_and(|format| lists.contains(&format))
}

/// The file that a scanner writes its report into.
pub(crate) fn report<'a>(
    command: Option<&'a Command>,
    with: &'a [(String, Placed<String>)],
) -> Option<&'a str> {
    let Some(command) = command else {
        return ["output", "output-file"].iter().find_map(|name| input(with, name));
    };
    let mut words = command.words.iter().map(String::as_str).skip_while(|word| {
        !matches!(*word, "-o" | "--output" | "--file") && !word.starts_with("--output=")
    });
    let option = words.next()?;
    option.strip_prefix("--output=").or_else(|| words.next())
}

/// Why a scanner that was started as it is never fails: a clause, and what to do.
pub(crate) fn looseness(
    name: &str,
    command: Option<&Command>,
    with: &[(String, Placed<String>)],
) -> Option<(&'static str, &'static str)> {
    let name = name.to_lowercase();
    if name.starts_with("aquasecurity/trivy-action") {
        let clause = match input(with, "exit-code") {
            None => "ends well whatever it finds: no `exit-code` is set",
            Some("0") => "ends well whatever it finds: `exit-code: 0`",
            Some(_) => return None,
        };
        return Some((clause, "let it fail:\n\nwith:\n  exit-code: \"1\""));
    }
    if name.starts_with("anchore/scan-action") {
        let is_off = input(with, "fail-build").is_some_and(|value| value == "false");
        return is_off
            .then_some(("ends well whatever it finds: `fail-build: false`", "take it out"));
    }
    if name.starts_with("golangci/golangci-lint-action") {
        let is_off = input(with, "args").is_some_and(|args| args.contains("--issues-exit-code=0"));
        return is_off.then_some((
            "ends well whatever it finds: `--issues-exit-code=0`",
            "take out the option that says so",
        ));
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
    let never = ["--exit-zero", "--exit-code=0", "--issues-exit-code=0", "-no-fail", "--no-fail"];
    if command.has_start(&never) {
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
    if starts_namesake(command) {
        return true;
    }
    if matches!(name, "pre-commit" | "prek" | "lefthook" | "tox" | "nox" | "dagger" | "earthly") {
        return true;
    }
    if name == "nix" || name == "nix-build" {
        return command.words.iter().any(|word| has_word(word, &["check", "checks"]));
    }
    if matches!(name, "gradle" | "gradlew" | "mvn" | "mvnw") {
        let goals = ["build", "check", "verify", "install", "package"];
        return command.words.iter().any(|word| {
            let goal = word.rsplit(':').next().unwrap_or(word);
            goals.contains(&goal)
        });
    }
    if RUNNERS.contains(&name) {
        // That one fetches what the lockfile names, and is no task.
        let has_task = !command.is("npm ci") && targets(command).any(|word| has_word(word, VAGUE));
        let is_bare_make = name == "make" && command.words.len() == 1;
        return is_bare_make || (has_task && program(command).is_empty());
    }
    let is_interpreter = matches!(name, "bash" | "sh" | "python" | "python3" | "node" | "ruby");
    let first = command.words.first().map_or("", String::as_str);
    let script =
        if is_interpreter { command.words.get(1).map_or("", String::as_str) } else { first };
    // What the machine brings with it stands below such folders, and scans no tree.
    let is_of_machine =
        ["/etc/", "/opt/", "/tmp/", "/usr/"].iter().any(|start| script.starts_with(start));
    let is_script = script.starts_with("./") || script.contains("scripts/") || is_shell(script);
    is_script && !is_of_machine && program(command).is_empty()
}

/// Whether a service of Compose that a command starts is called as what looks at something is, and
/// what it runs is not known.
fn starts_namesake(command: &Command) -> bool {
    without_names(command).is_some_and(|rest| named(&rest).is_empty() && !named(command).is_empty())
}

/// Whether a command does nothing: it writes a line, or ends well.
pub(crate) fn idles(command: &Command) -> bool {
    let is_end = command.program() == "exit" && command.words.get(1).is_none_or(|code| code == "0");
    matches!(command.program(), ":" | "cd" | "echo" | "printf" | "true") || is_end
}

/// Whether it is known what a command looks at, or that it looks at nothing: it builds, fetches, copies.
pub(crate) fn is_known(command: &Command) -> bool {
    idles(command)
        || !program(command).is_empty()
        || (!starts_namesake(command) && PLAIN.iter().any(|pattern| command.is(pattern)))
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
    let is_gradle = matches!(command.program(), "gradle" | "gradlew");
    if is_gradle && command.has(&["--dry-run", "-m"]) {
        return Vec::new();
    }
    let left_out: Vec<&str> = command.values(&["-x", "--exclude-task"]).collect();
    let words = command.words.iter().skip(1).filter(|word| !left_out.contains(&word.as_str()));
    let lower: Vec<String> = words.map(|w| w.to_lowercase()).collect();
    let skips = ["-dskiptests", "-dmaven.test.skip", "-dskiptests=true", "-dmaven.test.skip=true"];
    let leaves_out = left_out.contains(&"test");
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

/// What a runner is to start: not what a variable (`STAGE=test`) or an option is told.
fn targets(command: &Command) -> impl Iterator<Item = &String> {
    const WITH_VALUE: &[&str] =
        &["-C", "-F", "-f", "--cwd", "--dir", "--directory", "--file", "--filter", "--prefix"];
    let mut is_value = true;
    command.words.iter().filter(move |word| {
        let is_told = std::mem::replace(&mut is_value, WITH_VALUE.contains(&word.as_str()));
        !is_told && !word.starts_with('-') && !word.contains('=')
    })
}

/// A task is what its name says: tests and lint only, as a scan is judged by what scans.
fn task(command: &Command) -> Vec<GateKind> {
    let words = || targets(command);
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
    use facts::command::commands;

    fn kinds(line: &str) -> Vec<GateKind> {
        program(&commands(line).remove(0))
    }

    #[test]
    fn commands_are_known_by_what_they_look_at() {
        assert_eq!(kinds("cargo nextest run --workspace"), [Tests]);
        assert_eq!(kinds("npm run test:ci"), [Tests]);
        assert_eq!(kinds("bundle exec parallel_rspec -n 4"), [Tests]);
        assert_eq!(kinds("make lint"), [Lint]);
        assert_eq!(kinds("make -j2 test STAGE=prod"), [Tests]);
        assert_eq!(kinds("make build-image STAGE=test"), []);
        assert_eq!(kinds("make -C test image"), []);
        assert_eq!(kinds("npm --prefix lint run build"), []);
        assert_eq!(kinds("./gradlew check"), [Tests]);
        assert_eq!(kinds("./gradlew build -x test"), []);
        assert_eq!(kinds("./gradlew build -x spotlessCheck"), [Tests]);
        assert_eq!(kinds("./gradlew --dry-run test sonar"), []);
        assert_eq!(kinds("./gradlew test sonar"), [Tests, Code]);
        assert_eq!(kinds("mix coveralls.github --trace"), [Tests]);
        assert_eq!(kinds("mix deps.get"), []);
        assert_eq!(kinds("php vendor/bin/phpunit"), [Tests]);
        assert_eq!(kinds("sbt clean testOnly"), [Tests]);
        assert_eq!(kinds("rebar3 do eunit"), [Tests]);
        assert_eq!(kinds("rebar3 release"), []);
        assert_eq!(kinds("nyc report"), []);
        assert_eq!(kinds("nyc mocha"), [Tests]);
        assert_eq!(
            kinds("mvn -B verify org.owasp:dependency-check-maven:check"),
            [Tests, Dependencies]
        );
        assert_eq!(kinds("snyk code test"), [Code]);
        assert_eq!(kinds("dotnet-sonarscanner begin /k:\"till\""), [Code]);
        assert_eq!(kinds("dotnet-sonarscanner end"), []);
        assert_eq!(kinds("npm audit --audit-level=high"), [Dependencies]);
        assert_eq!(kinds("pip install pytest semgrep"), []);
        assert_eq!(kinds("docker compose run --rm -e CI=1 semgrep pytest"), [Tests]);
        assert_eq!(kinds("docker-compose -f a.yml up sonar-scanner"), []);
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
    fn the_report_of_a_scanner_is_known_by_its_option() {
        let of = |line: &str| {
            let command = commands(line).remove(0);
            report(Some(&command), &[]).map(str::to_owned)
        };
        assert_eq!(of("trivy fs -o found.json ."), Some("found.json".to_owned()));
        assert_eq!(of("trivy fs --output=found.json ."), Some("found.json".to_owned()));
        assert_eq!(of("trivy fs ."), None);
    }

    #[test]
    fn scripts_and_tasks_that_do_all_are_opaque() {
        let is_opaque = |line: &str| opaque(&commands(line).remove(0));
        for line in [
            "nix build .#checks.x86_64-linux.lint",
            "nix flake check",
            "make ci",
            "./scripts/build.sh",
            "pre-commit run -a",
            "mvn verify",
            "make",
            "docker-compose -f a.yml up sonar-scanner",
            "docker compose run --rm semgrep",
        ] {
            assert!(is_opaque(line), "{line}");
        }
        for line in [
            "make test",
            "make image STAGE=ci",
            "cargo build",
            "docker build .",
            "kubectl apply -f x",
            "npm ci",
            "/tmp/ruby-build/install.sh",
        ] {
            assert!(!is_opaque(line), "{line}");
        }
    }
}
