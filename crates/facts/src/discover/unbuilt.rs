//! Recipes of a program that the tree no longer holds, as in what a tree was forked from.

use super::candidate::{Candidate, Fact, Standing};
use super::name::{folder_of, last_part};
use crate::command::{Command, commands};
use crate::{Dockerfile, Facts};

/// Sets back what `cargo build --bin NAME` cannot make of the packages that were read.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let has_packages = facts.packages.iter().any(|package| package.ecosystem == CARGO);
    if !has_packages || !facts.submodules.is_empty() {
        return;
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let Fact::Dockerfile(file) = candidate.fact else { continue };
        if let Some(missing) = built(file).into_iter().find(|name| !is_program(name, facts)) {
            let doubt = format!("builds `{missing}`, which is no program of this tree");
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

const CARGO: &str = "cargo";

/// Whether a package of the tree is called so or names a program so, or a file is where Cargo looks for
/// one: `src/bin/till.rs`, `src/bin/till/main.rs`.
fn is_program(name: &str, facts: &Facts) -> bool {
    let is_file = |path: &str| {
        let Some(file) = path.strip_suffix(".rs") else { return false };
        let folder = last_part(folder_of(file));
        if folder == "bin" { last_part(file) == name } else { folder == name }
    };
    let mut packages = facts.packages.iter().filter(|package| package.ecosystem == CARGO);
    packages.any(|package| {
        package.name.as_ref().is_some_and(|own| own.value == name)
            || package.programs.iter().any(|program| program == name)
    }) || facts.paths.iter().any(|path| is_file(path))
}

/// The programs that a recipe has Cargo build of what it copies from the tree.
fn built(file: &Dockerfile) -> Vec<String> {
    let runs = || file.stages.iter().flat_map(|stage| &stage.runs);
    // What is fetched from elsewhere holds other packages; some are made up on the way.
    if runs().any(|run| ["git clone", "cargo new", "cargo init"].iter().any(|w| run.contains(w))) {
        return Vec::new();
    }
    let lines = runs().filter(|run| run.contains("cargo build")).flat_map(|run| run.lines());
    let builds: Vec<Command> =
        lines.flat_map(commands).filter(|command| command.is("cargo build")).collect();
    let named = builds.iter().flat_map(|command| command.values(&["--bin"]));
    let is_plain = |name: &&str| !name.is_empty() && !name.contains(['$', '{', '*']);
    named.filter(is_plain).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use crate::discover::discover;
    use crate::discover::tests::tree;

    #[test]
    fn a_recipe_of_a_program_that_is_not_there_makes_no_service() {
        let found = |run: &str| {
            let recipe = format!(
                "FROM rust:1 AS build\nCOPY . .\nRUN {run}\nFROM debian:13\nCOPY --from=build /a .\n\
                 EXPOSE 80\nCMD [\"./a\"]\n"
            );
            let package = "[package]\nname = \"till\"\n[[bin]]\nname = \"till-server\"\npath = \"bin/main.rs\"\n";
            let files = [
                ("Cargo.toml", package),
                ("Dockerfile", recipe.as_str()),
                ("src/bin/worker.rs", ""),
                ("src/bin/clock/main.rs", ""),
            ];
            discover(&tree(&files)).services.len()
        };
        for program in ["till", "till-server", "worker", "clock", "$NAME"] {
            assert_eq!(found(&format!("cargo build --release --bin {program}")), 1, "{program}");
        }
        assert_eq!(found("cargo build --release"), 1);
        assert_eq!(found("git clone a && cargo build --bin stock"), 1);
        assert_eq!(found("cargo build --release --bin stock"), 0);
        assert_eq!(found("cargo build --release --bin=stock"), 0);
    }
}
