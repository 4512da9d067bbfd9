//! What Kamal deploys by: files that are known by their paths, and not read.

use model::Place;

use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// Says of each of its files that it was not looked at, once the paths of the tree are known; those
/// of single destinations (`deploy.staging.yml`) only add to it.
pub(super) fn settle(facts: &mut Facts) {
    let is_own = |path: &str| is_of_kamal(path) && !is_sample(path);
    let found = facts.paths.iter().filter(|path| is_own(path)).map(|path| Reason {
        what: "what Kamal runs by this file, and with which limits and health checks, was not \
               looked at"
            .to_owned(),
        place: Place::file(path.clone()),
    });
    facts.set_aside.extend(found.collect::<Vec<Reason>>());
}

fn is_of_kamal(path: &str) -> bool {
    ["config/deploy.yml", "config/deploy.yaml"].iter().any(|file| {
        path.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_kamal_is_named_and_those_of_its_destinations_are_not() {
        let files = [
            ("till/config/deploy.yml", "service: till\n"),
            ("till/config/deploy.prod.yml", ""),
            ("examples/config/deploy.yml", ""),
            ("reconfig/deploy.yml", ""),
        ];
        let facts = crate::discover::tests::tree(&files);
        let of_kamal = |reason: &&Reason| reason.what.contains("Kamal");
        let told: Vec<&str> =
            facts.set_aside.iter().filter(of_kamal).map(|reason| &*reason.place.path).collect();
        assert_eq!(told, ["till/config/deploy.yml"]);
    }
}
