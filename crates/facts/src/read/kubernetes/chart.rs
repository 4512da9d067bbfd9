//! Charts of Helm: their names, and the charts that they take from elsewhere.

use std::collections::{HashMap, HashSet};

use model::Placed;

use crate::discover::name::{image_name, key};
use crate::path::join;
use crate::tree::Node;
use crate::{Facts, Gap, Subject};

use super::manifest::{gap, is_placeholder};
use super::{field, template};

/// The file that makes a folder a chart.
pub(super) const NAME: &str = "Chart.yaml";

/// Reads a Chart.yaml; `false`: it is something else of that name.
pub(super) fn read(document: &Node, facts: &mut Facts) -> bool {
    let Some(name) = document.string("name") else { return false };
    if is_placeholder(&name.value) {
        // The chart of a scaffold, which has no name yet.
        return true;
    }
    for dependency in field::items(document, &["dependencies"]) {
        facts.inner_charts.extend(inner(dependency));
        let Some(gap) = unread(dependency) else { continue };
        let repository = dependency.get("repository").and_then(Node::str).unwrap_or_default();
        let taken = dependency.string("name").map(|name| (name, repository.to_owned()));
        facts.taken_charts.extend(taken);
        // A chart that is taken under several names starts something under each of them.
        let alias = dependency.string("alias").map(|alias| alias.value);
        facts.gaps.extend(alias.map(|alias| Gap { name: Some(alias), ..gap.clone() }));
        facts.gaps.push(Gap { name: Some(name.value.clone()), ..gap });
    }
    if document.get("type").and_then(Node::str) != Some("library") {
        facts.charts.push(name);
        let mut maintainers = field::items(document, &["maintainers"]).iter();
        facts.maintainers.extend(maintainers.find_map(|one| one.string("name")));
    }
    true
}

/// Gives templates the name of their chart, and takes charts away that others bring along, unless a
/// pipeline builds an image of that name: those are the tree's own.
pub(super) fn settle(facts: &mut Facts) {
    let folders: HashMap<String, String> = facts
        .charts
        .iter()
        .map(|name| (name.place.folder().to_owned(), name.value.clone()))
        .collect();
    let tasks = |path: &str| Some(path.rsplit_once("/tasks/")?.0.to_owned());
    let roles: HashSet<String> = facts.paths.iter().filter_map(|path| tasks(path)).collect();
    for gap in facts.gaps.iter_mut().filter(|gap| gap.reason == template::OF_CHART) {
        let Some((folder, _)) = gap.place.path.rsplit_once("/templates/") else { continue };
        if let Some(name) = folders.get(folder) {
            gap.name = Some(name.clone());
        } else if roles.contains(folder) {
            // A role of Ansible keeps its templates in a folder of the same name.
            template::OF_OTHERS.clone_into(&mut gap.reason);
        }
    }
    let built: HashSet<String> =
        facts.builds.iter().filter_map(|build| image_name(&build.image)).collect();
    facts.charts.retain(|name| {
        let parent = name.place.folder().rsplit_once("/charts/").map(|(parent, _)| parent);
        parent.is_none_or(|parent| !folders.contains_key(parent)) || built.contains(&key(name))
    });
}

/// The folder of a chart of the tree that another one takes.
fn inner(dependency: &Node) -> Option<Placed<String>> {
    let repository = dependency.string("repository")?;
    let folder = join(repository.place.folder(), repository.strip_prefix("file://")?)?;
    Some(Placed::new(folder, repository.place.clone()))
}

/// A chart of some registry, whose templates are not in this tree.
fn unread(dependency: &Node) -> Option<Gap> {
    let name = dependency.string("name")?;
    let repository = dependency.get("repository").and_then(Node::str).unwrap_or_default();
    if repository.is_empty() || repository.starts_with("file://") {
        return None;
    }
    let reason = format!("takes the Helm chart `{}`, which was not rendered", name.value);
    let subject = if name.contains("alert") { Subject::Alerts } else { Subject::Workloads };
    Some(Gap { subject: Some(subject), ..gap(name.place, reason) })
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use crate::Facts;

    fn read(text: &str) -> Facts {
        crate::read(&"deploy/api/Chart.yaml".into(), text.as_bytes())
    }

    #[test]
    fn a_chart_is_known_by_its_name_and_a_library_is_none() {
        let facts = read("apiVersion: v2\nname: api\nversion: 1.0.0\n");
        assert_eq!(
            (facts.charts[0].value.as_str(), at(&facts.charts[0].place)),
            ("api", "2:7".into())
        );
        assert_eq!(facts.gaps, []);
        assert_eq!(read("apiVersion: v2\nname: api\ntype: library\n").charts, []);
    }

    #[test]
    fn the_first_maintainer_of_a_chart_is_kept() {
        let facts = read(
            "name: api\nmaintainers:\n  - {email: a@b.example}\n  - {name: tills}\n  - {name: ada}\n",
        );
        assert_eq!(facts.maintainers.iter().map(|m| m.as_str()).collect::<Vec<_>>(), ["tills"]);
    }

    #[test]
    fn a_chart_that_is_taken_under_another_name_is_a_gap_of_that_name_too() {
        let facts = read(
            "name: shop\ndependencies:\n  - {name: component, alias: till, repository: https://x.example}\n",
        );
        let names: Vec<_> = facts.gaps.iter().filter_map(|gap| gap.name.as_deref()).collect();
        assert_eq!(names, ["till", "shop"]);
    }

    #[test]
    fn charts_from_elsewhere_are_gaps_and_those_of_the_tree_are_not() {
        let facts = read(
            "apiVersion: v2\nname: api\ndependencies:\n  - name: generic\n    repository: https://x.example\n  \
             - name: local\n    repository: file://../local\n",
        );
        let gap = &facts.gaps[0];
        assert_eq!(
            (at(&gap.place), gap.name.as_deref(), facts.gaps.len()),
            ("4:11".into(), Some("api"), 1)
        );
    }
}
