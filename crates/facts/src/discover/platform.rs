//! Files of hosting platforms, which are known by their name alone.

use std::collections::HashSet;

use model::{Place, Placed};

use super::candidate::{Candidate, Fact, Origin};
use super::code::code_folder;
use super::name::{folder_of, last_part};
use super::sample::is_sample_manifest;
use crate::Facts;

/// Files that make a platform run what stands beside them.
const FILES: &[&str] = &[
    PROCFILE,
    "fly.toml",
    "railway.json",
    "railway.toml",
    "render.yaml",
    "serverless.yaml",
    "serverless.yml",
    "wrangler.jsonc",
    "wrangler.toml",
];

const PROCFILE: &str = "Procfile";

/// Files of App Engine and of the process manager PM2, whose names are often somebody else's: they count beside a package
/// manifest only.
const BESIDE_PACKAGE: &[&str] = &[
    "app.yaml",
    "ecosystem.config.cjs",
    "ecosystem.config.js",
    "ecosystem.config.json",
    "ecosystem.config.mjs",
];

pub(super) fn candidates(facts: &Facts) -> impl Iterator<Item = Candidate<'_>> {
    by_file(facts).chain(by_host(facts))
}

/// What a .NET Aspire host starts.
fn by_host(facts: &Facts) -> impl Iterator<Item = Candidate<'_>> {
    facts.hosted.iter().filter(|project| !is_sample_manifest(&project.place.path)).map(|project| {
        let name = Placed::new(last_part(project).to_owned(), project.place.clone());
        let what = format!("project `{}` of a .NET Aspire host", *name);
        Candidate {
            home: Some(project.value.clone()),
            ..Candidate::new(Fact::Platform, Origin::Platform, &name, what)
        }
    })
}

/// Places of what makes a platform run a service. A Procfile is none: developers start it too.
pub(crate) fn deploying(facts: &Facts) -> impl Iterator<Item = Place> {
    let is_platform = |path: &&std::sync::Arc<str>| {
        let name = last_part(path);
        FILES.contains(&name) && name != PROCFILE
    };
    let files = facts.paths.iter().filter(is_platform).map(|path| Place::file(path.clone()));
    files.chain(facts.hosted.iter().map(|project| project.place.clone()))
}

fn by_file(facts: &Facts) -> impl Iterator<Item = Candidate<'_>> {
    let packages: HashSet<&str> = facts.packages.iter().map(|p| p.place.folder()).collect();
    let is_platform = move |path: &str| {
        let name = last_part(path);
        let is_beside = BESIDE_PACKAGE.contains(&name) && packages.contains(folder_of(path));
        (FILES.contains(&name) || is_beside) && !is_sample_manifest(path)
    };
    facts.paths.iter().filter(move |path| is_platform(path)).map(|path| {
        let home = code_folder(folder_of(path)).to_owned();
        let place = Place::file(path.clone());
        let name = Placed::new(last_part(&home).to_owned(), place);
        let what = last_part(path).to_owned();
        Candidate {
            home: Some(home),
            ..Candidate::new(Fact::Platform, Origin::Platform, &name, what)
        }
    })
}
