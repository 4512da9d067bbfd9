//! Dockerfiles that only tell how images are made: their code stands elsewhere, or there is none.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::group::{Group, Groups};
use super::name::{key, last_part};
use crate::path::is_below;
use crate::{Facts, Reason};

/// Endings of files that programs are written in.
const CODE: &[&str] = &[
    "c", "cc", "clj", "cpp", "cs", "dart", "ex", "exs", "fs", "go", "html", "java", "js", "jsx",
    "kt", "lua", "mjs", "php", "pl", "py", "r", "rb", "rs", "scala", "swift", "ts", "tsx", "vb",
    "vue", "zig",
];

/// Services that charts or manifests deploy, from which on an image that none of them names is
/// taken for a part of theirs.
const DEPLOYED: usize = 2;

/// A Dockerfile several stages of which a cluster runs, each by its own name, is the recipe of those
/// and no service beside them.
pub(super) fn of_several(candidates: &mut [Candidate<'_>]) {
    let deployed = candidates.iter().filter(|c| c.founds() && c.source == Origin::Kubernetes);
    let names = deployed.flat_map(|c| std::iter::once(c.key.clone()).chain(c.image.clone()));
    let names: BTreeSet<String> = names.collect();
    let images = candidates.iter_mut().filter(|c| c.founds() && c.source == Origin::Dockerfile);
    for candidate in images.filter(|candidate| !names.contains(&candidate.key)) {
        let Fact::Dockerfile(file) = candidate.fact else { continue };
        let starting = file.stages.iter().filter(|stage| stage.entry.is_some());
        let stages = starting.filter_map(|stage| stage.name.as_deref()).map(key);
        let run: BTreeSet<String> = stages.filter(|stage| names.contains(stage)).collect();
        if run.len() > 1 {
            let doubt = format!("is the recipe of {} images of the tree", run.len());
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

/// Images that no code stands beside, in a tree that deploys other services by charts or manifests:
/// bases, sidecars and frames for several programs. The ids of their groups, with what to say.
pub(super) fn recipes(groups: &Groups<'_>, facts: &Facts) -> BTreeMap<usize, Reason> {
    let is_deployed = |group: &Group<'_>| {
        let sources = [Origin::Kubernetes, Origin::Helm];
        groups.members(group).any(|c| c.founds() && sources.contains(&c.source))
    };
    if groups.iter().filter(|(_, group)| is_deployed(group)).count() < DEPLOYED {
        return BTreeMap::new();
    }
    let packages: BTreeSet<String> =
        facts.packages.iter().map(|package| key(last_part(package.place.folder()))).collect();
    let is_recipe = |group: &Group<'_>| {
        let mut founding = groups.members(group).filter(|c| c.founds()).peekable();
        let is_alone =
            |c: &Candidate<'_>| c.source == Origin::Dockerfile && !packages.contains(&c.key);
        founding.peek().is_some()
            && founding.all(is_alone)
            && !group.is_declared()
            && !group.is_rooted
            && !group.homes.iter().any(|home| has_code(home, facts))
    };
    let recipes = groups.iter().filter(|(_, group)| is_recipe(group));
    let told = recipes.filter_map(|(id, group)| {
        let first = groups.members(group).find(|c| c.founds())?;
        let what = format!(
            "{} `{}` has no code beside it, and no chart or manifest bears its name",
            first.reason.what, first.name
        );
        Some((id, Reason { what, place: first.reason.place.clone() }))
    });
    told.collect()
}

/// Whether a program or its manifest stands somewhere below `folder`.
pub(super) fn has_code(folder: &str, facts: &Facts) -> bool {
    facts.below(folder).any(|path| {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        CODE.contains(&ending.to_ascii_lowercase().as_str())
    }) || facts.packages.iter().any(|package| is_below(package.place.folder(), folder))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    const FRAME: &str = "FROM python:3.12\nARG FILE\nCOPY ${FILE} /run\nCMD [\"/run\"]\n";

    fn names(files: &[(&str, &str)]) -> Vec<String> {
        discover(&tree(files)).services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn an_image_without_code_or_manifest_is_a_recipe_where_others_are_deployed() {
        let till = deployment("till", "registry.example/till:1");
        let stock = deployment("stock", "registry.example/stock:1");
        let frame = ("images/frame/Dockerfile", FRAME);
        let all = [("k8s/till.yaml", &*till), ("k8s/stock.yaml", &*stock), frame];
        assert_eq!(names(&all), ["stock", "till"]);
        let over = discover(&tree(&all)).passed_over;
        let what =
            "Dockerfile `frame` has no code beside it, and no chart or manifest bears its name";
        assert_eq!(over[0].what, what);
        let with_code = [&all[..], &[("images/frame/main.py", "")]].concat();
        assert_eq!(names(&with_code), ["frame", "stock", "till"]);
        assert_eq!(names(&[frame]), ["frame"]);
    }

    #[test]
    fn a_dockerfile_whose_stages_a_cluster_runs_is_the_recipe_of_those() {
        let till = deployment("till", "registry.example/till:1");
        let stock = deployment("stock", "registry.example/stock:1");
        let stages =
            "FROM rust:1 AS till\nCMD [\"/till\"]\nFROM rust:1 AS stock\nCMD [\"/stock\"]\n";
        let all = [("k8s/till.yaml", &*till), ("k8s/stock.yaml", &*stock), ("Dockerfile", stages)];
        assert_eq!(names(&all), ["stock", "till"]);
        let over = discover(&tree(&all)).passed_over;
        assert_eq!(over[0].what, "Dockerfile is the recipe of 2 images of the tree");
        assert_eq!(names(&all[2..]).len(), 1);
    }

    #[test]
    fn a_chart_of_definitions_starts_nothing() {
        let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let (till, shared) = (chart("till"), chart("shared"));
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n";
        let files = [
            ("charts/till/Chart.yaml", &*till),
            ("charts/till/templates/deployment.yaml", template),
            ("charts/shared/Chart.yaml", &*shared),
            ("charts/shared/templates/_deployment.yaml", template),
        ];
        assert_eq!(names(&files), ["till"]);
    }
}
