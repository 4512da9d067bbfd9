//! Recipes of a program that the tree no longer holds, as in what a tree was forked from.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Standing};
use super::name::{folder_of, last_part};
use crate::command::commands;
use crate::{Dockerfile, Facts};

/// Sets back what `cargo build --bin NAME` cannot make of the packages that were read.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let packages = || facts.packages.iter().filter(|package| package.ecosystem == "cargo");
    if packages().next().is_none() || !facts.submodules.is_empty() {
        return;
    }
    let named = packages().filter_map(|package| Some(package.name.as_ref()?.as_str()));
    let mut programs: BTreeSet<&str> = named.collect();
    programs.extend(packages().flat_map(|package| package.programs.iter().map(String::as_str)));
    // `src/bin/till.rs`, `src/bin/till/main.rs`.
    for path in facts.paths.iter().filter(|path| path.ends_with(".rs")) {
        let folder = folder_of(path);
        let by_file = last_part(folder) == "bin";
        programs.insert(if by_file {
            last_part(path).trim_end_matches(".rs")
        } else {
            last_part(folder)
        });
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let Fact::Dockerfile(file) = candidate.fact else { continue };
        if let Some(missing) =
            built(file).into_iter().find(|name| !programs.contains(name.as_str()))
        {
            let doubt = format!("builds `{missing}`, which is no program of this tree");
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

/// The programs that a recipe has Cargo build of what it copies from the tree.
fn built(file: &Dockerfile) -> Vec<String> {
    let runs = || file.stages.iter().flat_map(|stage| &stage.runs);
    // What is fetched from elsewhere holds other packages; some are made up on the way.
    if runs().any(|run| ["git clone", "cargo new", "cargo init"].iter().any(|w| run.contains(w))) {
        return Vec::new();
    }
    let lines = runs().filter(|run| run.contains("cargo build")).flat_map(|run| run.lines());
    let builds = lines.flat_map(commands).filter(|command| command.is("cargo build"));
    let named = builds.flat_map(|command| {
        let after = command.words.iter().skip(1).map(String::as_str).chain([""]);
        let pairs = command.words.iter().map(String::as_str).zip(after);
        let name = |(option, value): (&str, &str)| {
            let name = if option == "--bin" { Some(value) } else { option.strip_prefix("--bin=") };
            name.filter(|name| !name.is_empty() && !name.contains(['$', '{', '*']))
                .map(str::to_owned)
        };
        pairs.filter_map(name).collect::<Vec<_>>()
    });
    named.collect()
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
