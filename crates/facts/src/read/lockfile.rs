//! Lock files: names and versions of what a build takes.
//!
//! They are read line by line or as a stream, for they are large. Places are not kept: what a lock
//! file says concerns it as a whole.

mod json;
mod npm;
mod python;
mod rows;
mod ruby;
mod toml;

use model::Place;

use super::vendored::is_vendored;
use crate::read::Source;
use crate::{Facts, Gap, Lockfile, Subject};

/// Names and versions, or why the file cannot be read.
type Packages = Result<Vec<(String, String)>, Fault>;

/// Where reading failed, and why.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: usize,
    column: usize,
    reason: String,
}

/// A kind of lock file.
struct Format {
    is_named: fn(name: &str) -> bool,
    ecosystem: &'static str,
    read: fn(text: &str) -> Packages,
}

static FORMATS: &[Format] = &[
    format("cargo", |name| name == "Cargo.lock", toml::packages),
    format("npm", |name| matches!(name, "package-lock.json" | "npm-shrinkwrap.json"), npm::lock),
    format("npm", |name| name == "yarn.lock", npm::yarn),
    format("npm", |name| matches!(name, "pnpm-lock.yaml" | "pnpm-lock.yml"), npm::pnpm),
    format("npm", |name| name == "bun.lock", npm::bun),
    format("npm", |name| name == "bun.lockb", |_| Err(Fault::new(1, "is a binary file"))),
    format("go", |name| matches!(name, "go.sum" | "go.work.sum"), rows::go),
    format("pip", |name| matches!(name, "poetry.lock" | "uv.lock" | "pdm.lock"), toml::packages),
    format("pip", |name| name == "Pipfile.lock", python::pipfile),
    format("gem", |name| matches!(name, "Gemfile.lock" | "gems.locked"), ruby::gems),
    format("cocoapods", |name| name == "Podfile.lock", ruby::pods),
    format("composer", |name| name == "composer.lock", json::composer),
    format("nuget", |name| name == "packages.lock.json", json::nuget),
    format("hex", |name| name == "mix.lock", rows::mix),
    format("gradle", is_gradle, rows::gradle),
    format("pub", |name| name == "pubspec.lock", rows::pubspec),
];

const fn format(
    ecosystem: &'static str,
    is_named: fn(&str) -> bool,
    read: fn(&str) -> Packages,
) -> Format {
    Format { is_named, ecosystem, read }
}

fn is_gradle(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "lockfile")
}

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    FORMATS.iter().any(|format| (format.is_named)(name)) && !is_vendored(path)
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let Some(format) = FORMATS.iter().find(|format| (format.is_named)(source.name)) else { return };
    let read = conflict(source.text).map_or_else(|| (format.read)(source.text), Err);
    match read {
        Ok(packages) => facts.lockfiles.push(Lockfile {
            place: Place::file(source.path.clone()),
            ecosystem: format.ecosystem,
            packages,
            asked: Vec::new(),
        }),
        Err(fault) => facts.gaps.push(gap(source, &fault)),
    }
}

/// What Git leaves where two changes meet.
fn conflict(text: &str) -> Option<Fault> {
    let marks = ["<<<<<<< ", ">>>>>>> "];
    let at = text.lines().position(|line| marks.iter().any(|mark| line.starts_with(mark)))?;
    Some(Fault::new(at + 1, "holds both sides of a merge conflict"))
}

fn gap(source: Source<'_>, fault: &Fault) -> Gap {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    Gap {
        subject: Some(Subject::Packages),
        place: Place::point(source.path.clone(), number(fault.line), number(fault.column)),
        reason: format!("is not a lock file that can be read: {}", fault.reason),
        name: None,
    }
}

impl Fault {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, column: 1, reason: reason.into() }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
        Self { line, column, reason }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::read::mutation::mutated;

    const CARGO: &str = "version = 4\n\n[[package]]\nname = \"api\"\nversion = \"0.1.0\"\n\
        dependencies = [\n \"log\",\n]\n\n[[package]]\nname = \"log\"\nversion = \"0.4.1\"\n\
        source = \"registry\"\n\n[package.dependencies]\nname = \">=1\"\n";
    const NPM: &str = r#"{"name": "web", "lockfileVersion": 3, "packages": {
        "": {"name": "web", "dependencies": {"a": "^1"}},
        "packages/own": {"version": "1.0.0"},
        "node_modules/own": {"resolved": "packages/own", "link": true},
        "node_modules/a": {"version": "1.2.3", "license": {"type": "MIT"}},
        "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "dev": true},
        "node_modules/alias": {"name": "real", "version": "3.0.0"}}}"#;
    const PNPM: &str = "lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n      a:\n        \
        version: 1.0.0\n\npackages:\n\n  '@s/b@2.0.0':\n    resolution: {integrity: x}\n\n  \
        a@1.0.0:\n    engines: {node: '>=1'}\n\nsnapshots:\n\n  c@3.0.0: {}\n";

    fn read_at(path: &str, text: &str) -> Facts {
        crate::read::read(&Arc::from(path), text.as_bytes())
    }

    /// Ecosystem and packages, or the gap's line and reason.
    fn packages(name: &str, text: &str) -> Result<(&'static str, String), (u32, String)> {
        let mut facts = read_at(&format!("a/{name}"), text);
        if let Some(gap) = facts.gaps.pop() {
            assert_eq!((gap.subject, facts.lockfiles), (Some(Subject::Packages), vec![]));
            return Err((gap.place.line, gap.reason));
        }
        let [lock] = facts.lockfiles.try_into().unwrap();
        let packages: Vec<_> = lock.packages.iter().map(|(n, v)| format!("{n}={v}")).collect();
        Ok((lock.ecosystem, packages.join(" ")))
    }

    #[track_caller]
    fn assert_packages(name: &str, text: &str, ecosystem: &'static str, expected: &str) {
        assert_eq!(packages(name, text), Ok((ecosystem, expected.to_owned())));
    }

    #[test]
    fn toml_locks_list_their_packages() {
        assert_packages("Cargo.lock", CARGO, "cargo", "api=0.1.0 log=0.4.1");
        let uv = "[[package]]\nname = \"web\"\nsource = { virtual = \".\" }\n";
        assert_packages("uv.lock", uv, "pip", "web=");
    }

    #[test]
    fn npm_locks_of_all_versions_list_what_is_installed() {
        assert_packages("package-lock.json", NPM, "npm", "a=1.2.3 @s/b=2.0.0 real=3.0.0");
        let first = r#"{"lockfileVersion": 1, "dependencies": {"a": {"version": "1", "requires": true,
            "dependencies": {"b": {"version": "2"}}}, "c": {"version": "3", "bundled": true}}}"#;
        assert_packages("npm-shrinkwrap.json", first, "npm", "a=1 b=2 c=3");
    }

    #[test]
    fn yarn_locks_of_both_kinds_are_read() {
        let first = "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.2.0\"\n  \
                     dependencies:\n    version \"9\"\n\nb@~2:\n  version \"2.0.1\"\n";
        assert_packages("yarn.lock", first, "npm", "@s/a=1.2.0 b=2.0.1");
        let berry = "__metadata:\n  version: 8\n\n\"@s/a@npm:^1\":\n  version: 1.2.0\n  \
                     resolution: \"@s/a@npm:1.2.0\"\n\n\"web@workspace:.\":\n  \
                     version: 0.0.0-use.local\n";
        assert_packages("yarn.lock", berry, "npm", "@s/a=1.2.0");
    }

    #[test]
    fn pnpm_locks_of_all_versions_are_read() {
        assert_packages("pnpm-lock.yaml", PNPM, "npm", "@s/b=2.0.0 a=1.0.0");
        let sixth = "lockfileVersion: '6.0'\npackages:\n  /@s/b@2.0.0(a@1.0.0):\n    dev: false\n";
        assert_packages("pnpm-lock.yaml", sixth, "npm", "@s/b=2.0.0");
        let fifth = "lockfileVersion: 5.4\npackages:\n  /@s/b/2.0.0_a@1.0.0:\n    dev: false\n  \
                     /c/3.0.0:\n";
        assert_packages("pnpm-lock.yaml", fifth, "npm", "@s/b=2.0.0 c=3.0.0");
    }

    #[test]
    fn bun_locks_are_read_though_they_are_not_quite_json() {
        let text = "{\n  \"lockfileVersion\": 1,\n  \"packages\": {\n    \
                    \"@s/a\": [\"@s/a@1.0.0\", \"\", {}, \"sha\"],\n\n    \
                    \"own\": [\"own@workspace:packages/own\"],\n  },\n}\n";
        assert_packages("bun.lock", text, "npm", "@s/a=1.0.0");
    }

    #[test]
    fn locks_with_a_package_on_each_line_are_read() {
        let go = "example.org/a v1.0.0 h1:x=\nexample.org/a v1.0.0/go.mod h1:y=\n";
        assert_packages("go.sum", go, "go", "example.org/a=v1.0.0");
        let mix = "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"0f\", [:mix]},\n  \
                   \"b\": {:git, \"https://example.org/b\", \"c0ffee\", []},\n}\n";
        assert_packages("mix.lock", mix, "hex", "a=1.0.0 b=c0ffee");
        let gradle = "# comment\norg.example:a:1.0=compileClasspath\nempty=\n";
        assert_packages("gradle.lockfile", gradle, "gradle", "org.example:a=1.0");
        let pubspec = "packages:\n  a:\n    dependency: transitive\n    version: \"1.0.0\"\n\
                       sdks:\n  dart: \">=3\"\n";
        assert_packages("pubspec.lock", pubspec, "pub", "a=1.0.0");
    }

    #[test]
    fn locks_of_ruby_php_python_and_dotnet_are_read() {
        let gems = "GEM\n  remote: https://example.org/\n  specs:\n    rack (3.0.1)\n      \
                    base (~> 1)\n\nDEPENDENCIES\n  rack\n\nBUNDLED WITH\n   2.5\n";
        assert_packages("Gemfile.lock", gems, "gem", "rack=3.0.1");
        let pods = "PODS:\n  - \"A/B (1.0)\":\n    - C\n  - C (2.0)\n\nDEPENDENCIES:\n  - A (1)\n";
        assert_packages("Podfile.lock", pods, "cocoapods", "A/B=1.0 C=2.0");
        let composer = r#"{"packages": [{"name": "s/a", "version": "v1"}], "packages-dev": []}"#;
        assert_packages("composer.lock", composer, "composer", "s/a=v1");
        let pipfile = r#"{"_meta": {}, "default": {"a": {"version": "==1.0"}}, "develop": {}}"#;
        assert_packages("Pipfile.lock", pipfile, "pip", "a=1.0");
        let nuget = r#"{"version": 1, "dependencies": {"net8.0": {"A": {"type": "Direct",
            "resolved": "1.0"}}, "net9.0": {"A": {"resolved": "1.0"}}}}"#;
        assert_packages("packages.lock.json", nuget, "nuget", "A=1.0");
    }

    #[test]
    fn broken_locks_are_gaps_with_the_line_that_breaks_them() {
        for (name, text, line) in [
            ("Cargo.lock", "[[package]]\nname = \"a\"\n<<<<<<< HEAD\nversion = \"1\"\n", 3),
            ("Cargo.lock", "[[package]]\nversion = \"1\"\n", 1),
            ("Cargo.lock", "not toml\n", 1),
            ("package-lock.json", "{\"packages\": {\n\"node_modules/a\": }}", 2),
            ("package-lock.json", "[]", 1),
            ("yarn.lock", "a@1:\n  version \"1\"\nwhat\n", 3),
            ("pnpm-lock.yaml", "a: b\n", 1),
            ("bun.lock", "{}", 1),
            ("bun.lockb", "bun", 1),
            ("go.sum", "a v1 h1:x\na v1\n", 2),
            ("mix.lock", "[]", 1),
            ("Gemfile.lock", "", 1),
            ("Podfile.lock", "", 1),
            ("gradle.lockfile", "a\n", 1),
            ("pubspec.lock", "", 1),
        ] {
            let fault = packages(name, text).unwrap_err();
            assert_eq!(fault.0, line, "{name}: {}", fault.1);
        }
        let nested = format!("{}{}", "{\"dependencies\":{\"a\":".repeat(500), "}}".repeat(500));
        assert!(packages("package-lock.json", &nested).is_err());
    }

    #[test]
    fn names_that_only_look_like_lock_files_are_left_alone() {
        for name in ["flake.lock", "requirements.lock", "a-package-lock.json", "cargo.lock"] {
            assert!(!is_named(name, name), "{name}");
        }
        assert!(!is_named("node_modules/a/package-lock.json", "package-lock.json"));
    }

    proptest! {
        #[test]
        fn no_mutation_makes_it_panic(
            cargo in mutated(CARGO),
            npm in mutated(NPM),
            pnpm in mutated(PNPM),
            name in 0..FORMATS.len(),
        ) {
            for text in [cargo, npm, pnpm] {
                if let Some(format) = FORMATS.get(name) {
                    drop((format.read)(&text));
                }
            }
        }
    }
}
