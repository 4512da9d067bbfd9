//! pom.xml.

use super::draft::Draft;
use super::{gap, xml};
use crate::Facts;
use crate::read::Source;

/// Plugins that make something that can be started.
const STARTING: [&str; 4] = [
    "helidon-maven-plugin",
    "micronaut-maven-plugin",
    "quarkus-maven-plugin",
    "spring-boot-maven-plugin",
];

/// Kinds of packaging that another program loads: Jenkins, Maven, Eclipse and the like.
const PLUGINS: [&str; 6] =
    ["atlassian-plugin", "eclipse-plugin", "hpi", "jpi", "maven-plugin", "nbm"];

/// A dependency as far as it was read.
#[derive(Default)]
struct Dependency<'t> {
    group: &'t str,
    name: &'t str,
    at: usize,
    is_left_out: bool,
}

/// Reads a pom.xml.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "maven");
    let mut open = Dependency::default();
    let mut is_project = false;
    xml::walk(source.text, |path, element| {
        let text = element.text;
        match path {
            ["project"] => is_project = true,
            ["project", "artifactId"] => draft.name(text, element.at),
            ["project", "packaging"] => {
                draft.package.is_runnable |= text == "war";
                draft.package.is_plugin |= PLUGINS.contains(&text);
            }
            ["project", "build", "plugins", "plugin", "artifactId"] => {
                draft.package.is_runnable |= STARTING.contains(&text);
            }
            ["project", "dependencies", "dependency"] => {
                take(&std::mem::take(&mut open), &mut draft);
            }
            ["project", "dependencies", "dependency", part] => match *part {
                "groupId" => open.group = text,
                "artifactId" => (open.name, open.at) = (text, element.at),
                "scope" => open.is_left_out = matches!(text, "test" | "provided"),
                _ => {}
            },
            _ => {}
        }
    });
    take(&open, &mut draft);
    if is_project {
        facts.packages.push(draft.package);
    } else {
        let reason = "is not a Maven project: it has no `project`";
        facts.gaps.push(gap(draft.package.place, reason));
    }
}

/// Adds a dependency as `group:name`, at the place of its name.
fn take(dependency: &Dependency<'_>, draft: &mut Draft<'_>) {
    let Dependency { group, name, at, is_left_out } = *dependency;
    if !is_left_out && !name.is_empty() {
        let placed = draft.placed(&format!("{group}:{name}"), at..at + name.len());
        draft.package.dependencies.push(placed);
    }
}
