//! Images that only hold the tools of those who write the code: they start nothing, and Compose keeps
//! them open for a shell.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Standing};
use super::code::only_lasts;
use crate::{Container, Facts, ImageBuild, Platform, Reason};

/// Passes over such recipes, and sets back what Compose starts of them.
pub(super) fn set_back(candidates: &mut Vec<Candidate<'_>>, facts: &Facts) -> Vec<Reason> {
    let benches = benches(facts);
    if benches.is_empty() {
        return Vec::new();
    }
    let is_one = |candidate: &Candidate<'_>| matches!(candidate.fact, Fact::Dockerfile(file) if benches.contains(&*file.place.path));
    let what =
        "Dockerfile for developing: it starts nothing, and Compose keeps it open for a shell";
    let over = candidates.iter().filter(|candidate| is_one(candidate));
    let over = over.map(|c| Reason { what: what.to_owned(), place: c.reason.place.clone() });
    let over = over.collect();
    candidates.retain(|candidate| !is_one(candidate));
    for candidate in candidates.iter_mut() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let recipe = workload.containers.iter().find_map(Container::recipe);
        if recipe.is_some_and(|path| benches.contains(path.as_str())) {
            candidate.standing = Standing::Stranger("is a shell for developing".into());
        }
    }
    over
}

/// The recipes that start nothing, that Compose alone builds, and of which it starts nothing either.
fn benches(facts: &Facts) -> BTreeSet<&str> {
    let mut idle: BTreeMap<String, bool> = BTreeMap::new();
    let composed = facts.workloads.iter().filter(|w| w.platform == Platform::Compose);
    for container in composed.flat_map(|workload| &workload.containers) {
        let Some(path) = container.recipe() else { continue };
        let is_idle = container.command.as_deref().is_some_and(|command| only_lasts(command));
        *idle.entry(path).or_insert(true) &= is_idle;
    }
    let built: BTreeSet<String> = facts.builds.iter().filter_map(ImageBuild::recipe).collect();
    let silent = facts.dockerfiles.iter().filter(|file| {
        let path = &*file.place.path;
        let is_silent = || file.lineage().all(|s| s.entry.is_none() && s.ports.is_empty());
        idle.get(path).copied().unwrap_or_default() && !built.contains(path) && is_silent()
    });
    silent.map(|file| &*file.place.path).collect()
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    /// What is passed over for a shell of a tree whose Compose file gives `command` to an image that
    /// starts `entry`.
    fn shells(command: &str, entry: &str) -> usize {
        let compose = format!(
            "services:\n  app:\n    build: {{context: ., dockerfile: docker/app.Dockerfile}}\n    command: {command}\n"
        );
        let image =
            format!("FROM ghcr.io/acme/till-base:latest\nCOPY setup.sh .\nRUN ./setup.sh\n{entry}");
        let found = discover(&tree(&[
            ("docker-compose.yml", compose.as_str()),
            ("docker/app.Dockerfile", image.as_str()),
            ("manage.py", ""),
        ]));
        found.passed_over.iter().filter(|reason| reason.what.contains("shell")).count()
    }

    #[test]
    fn what_starts_nothing_and_is_only_kept_open_is_a_shell_for_developing() {
        assert_eq!(shells("sleep infinity", ""), 2);
        assert_eq!(shells("[tail, -f, /dev/null]", ""), 2);
        assert_eq!(shells("python manage.py runserver", ""), 0);
        assert_eq!(shells("sleep infinity", "CMD [\"serve\"]\n"), 0);
    }
}
