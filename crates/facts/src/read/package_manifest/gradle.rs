//! build.gradle and build.gradle.kts, which are code and are not run.

use super::draft::{Draft, lines, quoted};
use super::gap;
use crate::Facts;
use crate::read::Source;

/// Configurations whose dependencies are there when the service runs.
const CONFIGURATIONS: [&str; 5] = ["api", "compile", "implementation", "runtime", "runtimeOnly"];

/// Plugins that make something that can be started.
const STARTING: [&str; 8] = [
    "application",
    "com.github.johnrengelman.shadow",
    "com.gradleup.shadow",
    "io.ktor.plugin",
    "io.micronaut.application",
    "io.quarkus",
    "org.springframework.boot",
    "war",
];

/// Reads dependencies that are written as texts; those of a version catalog are a gap.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "gradle");
    let mut is_continued = false;
    let mut from_catalog = None;
    for (start, line) in lines(source.text) {
        let code = line.trim_start();
        draft.package.is_runnable |= is_starting(code);
        let rest = if is_continued { Some(code) } else { arguments(code) };
        let Some(rest) = rest else { continue };
        is_continued = rest.trim_end().ends_with(',');
        let before = start + line.len() - rest.len();
        if rest.trim_start_matches(['(', ' ']).starts_with("libs.") {
            from_catalog.get_or_insert(before..start + line.len());
        } else if let Some((at, text)) = quoted(rest) {
            let name = coordinates(rest, text);
            if !name.is_empty() {
                let dependency = draft.placed(&name, before + at..before + at + text.len());
                draft.package.dependencies.push(dependency);
            }
        }
    }
    if let Some(range) = from_catalog {
        let place = draft.placed("", range).place;
        facts.gaps.push(gap(place, "names dependencies by a version catalog, which was not read"));
    }
    facts.packages.push(draft.package);
}

/// What follows the name of a configuration.
fn arguments(code: &str) -> Option<&str> {
    let end = code.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (configuration, rest) = code.split_at_checked(end)?;
    (CONFIGURATIONS.contains(&configuration) && rest.starts_with([' ', '(']))
        .then(|| rest.trim_start())
        .filter(|rest| !rest.contains("project(") && !rest.starts_with(['{', '=']))
}

/// `group:name` of `group:name:version` or of `group: 'a', name: 'b'`; nothing for what is neither.
fn coordinates(rest: &str, text: &str) -> String {
    let rest = rest.trim_start_matches('(');
    if rest.starts_with("kotlin(") {
        return format!("org.jetbrains.kotlin:kotlin-{text}");
    }
    if rest.starts_with("group") {
        let name = rest.split_once("name").and_then(|(_, rest)| quoted(rest));
        return name.map(|(_, name)| format!("{text}:{name}")).unwrap_or_default();
    }
    let mut parts = text.split(':');
    let group = parts.next().unwrap_or_default();
    let name = parts.next().and_then(|name| name.split('$').next());
    name.map(|name| format!("{group}:{name}")).unwrap_or_default()
}

fn is_starting(code: &str) -> bool {
    let is_plugin = ["id", "alias", "apply plugin:", "application"]
        .iter()
        .any(|word| code.starts_with(word) && !code.contains("apply false"));
    let name = quoted(code).map_or(code.trim_end(), |(_, name)| name);
    let is_spring = ["spring-boot", "spring.boot"].iter().any(|word| name.contains(word));
    is_plugin && (is_spring || STARTING.contains(&name))
}
