//! What a tree makes that everybody knows: where the lists of known software are made themselves,
//! its name is that of the team's own work and not that of somebody else's.
//!
//! Code in the root bears the name (`sigs.k8s.io/external-dns`), or the remote is called so and who
//! keeps it publishes the image. A tree that builds upon an image of that name, such as one that adds
//! a theme to it, makes something else.

use std::collections::BTreeSet;

use super::super::claim::package_key;
use super::super::gather::base_of;
use super::super::name::{extends, image_name, is_generic, key, last_part, repository};
use super::super::third_party::{ThirdParty, third_party};
use super::{Source, Ties, is_related, source};
use crate::{Facts, Package};

/// Keys that the software which the tree makes goes by.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    /// What code in the root is called.
    coded: BTreeSet<String>,
    /// What the tree is called where it is kept.
    kept: BTreeSet<String>,
    /// Who keeps it there.
    keepers: BTreeSet<String>,
    /// Whether there is no other code than that in the root.
    is_only: bool,
}

impl Made {
    pub(super) fn of(facts: &Facts) -> Self {
        let packages = || facts.packages.iter().filter(|package| package.place.folder().is_empty());
        if packages().next().is_none() {
            return Self::default();
        }
        // A package.json is called after what its scripts are for, such as a theme.
        let coded = packages().filter(|package| package.ecosystem != "npm");
        let name = |package: &Package| package.name.as_deref().map(|name| package_key(name));
        let kept = facts.remotes.iter().map(|remote| key(last_part(remote)));
        let is_only = facts.packages.iter().all(|package| package.place.folder().is_empty());
        let coded = coded.filter_map(name).collect();
        let keepers = facts.remotes.iter().filter_map(|remote| {
            let (_, path) = remote.split_once('/')?;
            Some(key(path.split_once('/')?.0))
        });
        let mut made = Self { coded, kept: kept.collect(), keepers: keepers.collect(), is_only };
        let upon = facts.dockerfiles.iter().map(base_of);
        let upon: Vec<&str> = upon.filter(|base| !made.is_of_keeper(base)).collect();
        for name in upon.into_iter().filter_map(image_name) {
            made.coded.remove(&name);
            made.kept.remove(&name);
        }
        made
    }

    /// Whether those publish an image who keep the tree.
    fn is_of_keeper(&self, image: &str) -> bool {
        let Source::Public(folders) = source(repository(image)) else { return false };
        let mut folders = folders.split('/').map(key);
        folders.any(|folder| self.keepers.iter().any(|keeper| is_related(keeper, &folder)))
    }
}

impl Ties {
    /// Whose software an image is by the lists of what everybody knows; `None` where the tree makes it.
    pub(in super::super) fn third_party(&self, image: &str) -> Option<ThirdParty> {
        third_party(image).filter(|_| !self.makes_image(image))
    }

    /// Whether code of the tree is called so.
    pub(in super::super) fn makes(&self, name: &str) -> bool {
        self.made.coded.contains(name)
    }

    /// Whether the code in the root is called by the name of an image with more before it, as the image
    /// `till` of `acme-till` is.
    pub(super) fn makes_by_last_words(&self, name: &str) -> bool {
        let ends = |own: &String| own.strip_suffix(name).is_some_and(|rest| rest.ends_with('-'));
        !is_generic(name) && self.made.is_only && self.made.coded.iter().any(ends)
    }

    fn makes_image(&self, image: &str) -> bool {
        let Some(name) = image_name(image) else { return false };
        let Made { coded, kept, .. } = &self.made;
        let is_part = || coded.iter().chain(kept).any(|own| *own == name || extends(&name, own));
        coded.contains(&name) || (is_part() && self.made.is_of_keeper(image))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::discover;
    use super::super::super::tests::{deployment, tree};

    /// Names of the services of a tree that is kept at `remote` and runs `image`.
    fn found(remote: &str, image: &str, files: &[(&str, &str)]) -> Vec<String> {
        let run = deployment("keycloak", image);
        let mut facts = tree(&[files, &[("deploy/run.yaml", &*run)]].concat());
        facts.remotes = vec![remote.into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect()
    }

    const MODULE: (&str, &str) = ("go.mod", "module sigs.example.io/keycloak/v2\n\ngo 1.25\n");
    const NODE: (&str, &str) =
        ("package.json", "{\"name\": \"keycloak\", \"scripts\": {\"start\": \"node .\"}}");

    #[test]
    fn what_everybody_knows_is_the_trees_own_where_the_tree_makes_it() {
        for (remote, image, file) in [
            ("github.com/keepers/keycloak", "registry.k8s.io/keycloak/keycloak:1", MODULE),
            ("github.com/keepers/keycloak", "keepers/keycloak:1", NODE),
        ] {
            assert_eq!(found(remote, image, &[file]), ["keycloak"], "{remote} {image}");
        }
        let upon = ("Dockerfile", "FROM keepers/keycloak:base\nCOPY . .\nCMD [\"/run\"]\n");
        let own = found("github.com/keepers/keycloak", "keepers/keycloak:1", &[NODE, upon]);
        assert_eq!(own, ["keycloak"]);
        let chart = [
            ("deploy/chart/Chart.yaml", "apiVersion: v2\nname: keycloak\nversion: 1.0.0\n"),
            ("deploy/chart/values.yaml", "image:\n  repository: quay.io/keycloak/keycloak\n"),
            (
                "deploy/chart/templates/a.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n",
            ),
            MODULE,
        ];
        assert_eq!(found("github.com/keepers/keycloak", "redis:8", &chart), ["keycloak"]);
        let unit = ("contrib/keycloak.service", "[Service]\nExecStart=/usr/bin/keycloak\n");
        assert_eq!(found("github.com/keepers/keycloak", "redis:8", &[MODULE, unit]), ["keycloak"]);
    }

    #[test]
    fn an_image_is_called_by_the_last_words_of_the_only_code() {
        let pom = "<project><groupId>a</groupId><artifactId>acme-till</artifactId></project>";
        let (run, other) = (deployment("till", "joe/till:1"), deployment("till", "joe/counter:1"));
        let found = |path: &str, run: &str| {
            let mut facts = tree(&[(path, pom), ("k8s/till.yml", run)]);
            facts.remotes = vec!["github.com/acme/acme-till".into()];
            discover(&facts).services.len()
        };
        assert_eq!(found("pom.xml", &run), 1);
        assert_eq!(found("pom.xml", &other), 0);
        assert_eq!(found("a/b/pom.xml", &run), 0);
    }

    #[test]
    fn what_others_make_stays_theirs_whatever_is_put_upon_it() {
        let theme = ("Dockerfile", "FROM quay.io/keycloak/keycloak:26\nCOPY theme /opt/theme\n");
        for (remote, image, files) in [
            ("github.com/acme/shop", "acme/keycloak:1", &[NODE][..]),
            ("github.com/acme/keycloak", "acme/keycloak:1", &[theme, MODULE]),
            ("github.com/acme/keycloak", "acme/keycloak:1", &[theme]),
            ("github.com/acme/keycloak", "acme/keycloak:1", &[]),
            ("github.com/acme/keycloak", "quay.io/keycloak/keycloak:26", &[NODE]),
            ("github.com/acme/shop", "quay.io/keycloak/keycloak:26", &[("a/go.mod", MODULE.1)]),
        ] {
            assert_eq!(found(remote, image, files), [""; 0], "{remote} {image}");
        }
    }
}
