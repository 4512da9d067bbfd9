//! Images that only hold the tools of those who write the code: they start nothing, and Compose keeps
//! them open for a shell, or nothing in the tree runs or ships them beside the one that starts.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Standing};
use super::code::{DockerfileName, dockerfile_name, only_lasts};
use super::gather::STARTS_NOTHING;
use crate::{Container, Dockerfile, Facts, ImageBuild, Platform, Reason};

/// Passes over such recipes, and sets back what Compose starts of them.
pub(super) fn set_back(candidates: &mut Vec<Candidate<'_>>, facts: &Facts) -> Vec<Reason> {
    let benches = benches(facts);
    let shells = "it starts nothing, and Compose keeps it open for a shell";
    let mut over = pass_over(candidates, &benches, shells);
    for candidate in candidates.iter_mut() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let recipe = workload.containers.iter().find_map(Container::recipe);
        if recipe.is_some_and(|path| benches.contains(path.as_str())) {
            candidate.standing = Standing::Stranger("is a shell for developing".into());
        }
    }
    let tools = tools(candidates, facts);
    over.extend(pass_over(
        candidates,
        &tools,
        "it starts nothing, and nothing here runs or ships it",
    ));
    over
}

fn pass_over(
    candidates: &mut Vec<Candidate<'_>>,
    recipes: &BTreeSet<&str>,
    why: &str,
) -> Vec<Reason> {
    let is_one = |candidate: &Candidate<'_>| matches!(candidate.fact, Fact::Dockerfile(file) if recipes.contains(&*file.place.path));
    let what = format!("Dockerfile for developing: {why}");
    let over = candidates.iter().filter(|candidate| is_one(candidate));
    let over = over.map(|c| Reason { what: what.clone(), place: c.reason.place.clone() });
    let over = over.collect();
    candidates.retain(|candidate| !is_one(candidate));
    over
}

/// Recipes with names of their own that start nothing, beside one for the same code that does, where
/// nothing that was read runs or builds them: they check the code or make files of it.
fn tools<'f>(candidates: &[Candidate<'f>], facts: &'f Facts) -> BTreeSet<&'f str> {
    let recipes = || {
        candidates.iter().filter_map(|candidate| match candidate.fact {
            Fact::Dockerfile(file) => Some((file, candidate.home.as_deref()?, &candidate.standing)),
            _ => None,
        })
    };
    let starting = recipes().filter(|(file, ..)| file.lineage().any(|s| s.entry.is_some()));
    let homes: BTreeSet<&str> = starting.map(|(_, home, _)| home).collect();
    let containers = facts.workloads.iter().flat_map(|workload| &workload.containers);
    let built = facts.builds.iter().filter_map(ImageBuild::recipe);
    let used: BTreeSet<String> = containers.filter_map(Container::recipe).chain(built).collect();
    let silent = Standing::Follows(STARTS_NOTHING.into());
    let is_tool = |file: &Dockerfile, home: &str, standing: &Standing| {
        let path = &*file.place.path;
        *standing == silent
            && homes.contains(home)
            && matches!(dockerfile_name(path), DockerfileName::Named(_))
            && !used.contains(path)
    };
    recipes()
        .filter(|(file, home, standing)| is_tool(file, home, standing))
        .map(|(file, ..)| &*file.place.path)
        .collect()
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

    #[test]
    fn a_recipe_that_makes_files_is_none_of_the_service_whose_code_it_reads() {
        let tool = "FROM alpine:3.23 AS gen\nRUN list > /names\nFROM scratch AS update\nCOPY --from=gen /names /\nFROM gen AS validate\nRUN diff\n";
        let server = "FROM alpine:3.23\nCOPY . /app\nEXPOSE 80\nCMD [\"/app/till\"]\n";
        let tools = |text: &str, workflow: &str| {
            let files = [
                ("Dockerfile", server),
                ("main.go", ""),
                ("dockerfiles/authors.Dockerfile", text),
                (".github/workflows/a.yml", workflow),
            ];
            let found = discover(&tree(&files));
            found.passed_over.iter().filter(|reason| reason.what.contains("runs or ships")).count()
        };
        assert_eq!(tools(tool, ""), 1);
        assert_eq!(tools(&format!("{tool}CMD [\"names\"]\n"), ""), 0);
        let built = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -t acme/names -f dockerfiles/authors.Dockerfile .\n";
        assert_eq!(tools(tool, built), 0);
    }
}
