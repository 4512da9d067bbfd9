//! Proxies that Compose builds and sets before what the tree runs: the recipe only adds settings to the
//! image of others, and nothing is mounted but settings and what the service behind has too. They are
//! no service of their own; what is asked of them is asked of what they pass traffic on to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::is_stand_in_page;
use super::gather::base_of;
use super::name::{key, last_part};
use super::provenance::Ties;
use super::third_party::ThirdParty;
use crate::path::is_below;
use crate::{Container, Dockerfile, Facts, Workload};

/// Endings of what sets a proxy up: settings, certificates, the script that starts it.
const SETTINGS: &[&str] = &[
    "conf", "cfg", "cnf", "crt", "inc", "include", "key", "lua", "pem", "sh", "template", "tmpl",
    "toml", "yaml", "yml",
];

/// Sets back such proxies and their recipes.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts, ties: &Ties) {
    let images: HashMap<&str, &Dockerfile> =
        facts.dockerfiles.iter().map(|file| (&*file.place.path, file)).collect();
    let proxies: BTreeSet<&str> =
        images.values().filter(|file| only_sets_up(file, ties)).map(|f| &*f.place.path).collect();
    if proxies.is_empty() {
        return;
    }
    let mut founding: BTreeMap<(&str, &str), &Workload> = BTreeMap::new();
    for candidate in candidates.iter().filter(|c| c.founds() && c.source == Origin::Compose) {
        let Fact::Workload(workload) = candidate.fact else { continue };
        founding.insert((&*workload.name.place.path, workload.name.as_str()), workload);
    }
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let mut own: BTreeSet<String> = BTreeSet::new();
    for ((path, _), workload) in &founding {
        let recipes = workload.containers.iter().filter_map(Container::recipe);
        for recipe in recipes.filter(|recipe| proxies.contains(recipe.as_str())) {
            let behind = workload.depends_on.iter().filter_map(|name| {
                founding.get(&(*path, name.as_str())).filter(|b| !is_any_proxy(b, &proxies))
            });
            let behind: Vec<&Workload> = behind.copied().collect();
            match behind.first().filter(|_| mounts_settings(workload, &behind, facts)) {
                Some(first) => drop(before.insert(recipe, first.name.value.clone())),
                None => drop(own.insert(recipe)),
            }
        }
    }
    before.retain(|recipe, _| !own.contains(recipe));
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let recipe = match candidate.fact {
            Fact::Dockerfile(file) => Some(file.place.path.to_string()),
            Fact::Workload(workload) => workload.containers.first().and_then(Container::recipe),
            _ => None,
        };
        if let Some(behind) = recipe.and_then(|recipe| before.get(&recipe)) {
            let doubt = format!("is the proxy before `{behind}`, which the recipe only sets up");
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

fn is_any_proxy(workload: &Workload, proxies: &BTreeSet<&str>) -> bool {
    let mut recipes = workload.containers.iter().filter_map(Container::recipe);
    recipes.any(|recipe| proxies.contains(recipe.as_str()))
}

/// Whether a recipe upon the image of a proxy adds nothing but settings: no page that it would show.
fn only_sets_up(file: &Dockerfile, ties: &Ties) -> bool {
    is_proxy_of(file, ties, sets_up)
}

/// Whether a recipe upon the image of a proxy adds, beside settings, only a page that stands in for a
/// service.
pub(super) fn shows_stand_in(file: &Dockerfile, ties: &Ties) -> bool {
    let is_page = |path: &str| path.split('/').any(|part| is_stand_in_page(&key(part)));
    let mut sources = file.lineage().flat_map(|stage| &stage.sources);
    sources.any(|path| is_page(path)) && is_proxy_of(file, ties, |p| is_page(p) || sets_up(p))
}

/// Whether a recipe stands upon the image of a proxy, and `adds` is so of all that it copies.
fn is_proxy_of(file: &Dockerfile, ties: &Ties, adds: impl Fn(&str) -> bool) -> bool {
    ties.third_party(base_of(file)) == Some(ThirdParty::Proxy)
        && file.lineage().all(|stage| {
            stage.stage_sources.is_empty() && stage.sources.iter().all(|path| adds(path))
        })
}

/// Whether a file is called like one of settings.
fn sets_up(path: &str) -> bool {
    let ending = last_part(path).rsplit_once('.').map_or("", |(_, ending)| ending);
    SETTINGS.contains(&ending)
}

/// Whether all that is mounted into a proxy is files, folders of settings, and what one of the services
/// `behind` it has as well.
fn mounts_settings(proxy: &Workload, behind: &[&Workload], facts: &Facts) -> bool {
    let has =
        |container: &Container, path: &str| container.binds.iter().any(|bind| is_below(path, bind));
    let is_behinds = |path: &str| behind.iter().flat_map(|w| &w.containers).any(|c| has(c, path));
    let mut binds = proxy.containers.iter().flat_map(|container| &container.binds);
    binds.all(|path| {
        sets_up(path) || facts.has_path(path) || is_behinds(path) || holds_settings(path, facts)
    })
}

/// Whether all files of a folder are settings.
fn holds_settings(folder: &str, facts: &Facts) -> bool {
    let mut inside = facts.below(folder).peekable();
    inside.peek().is_some() && inside.all(sets_up)
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const COMPOSE: &str = "services:\n  \
        front: {build: {context: ., dockerfile: docker/front/Dockerfile}, ports: ['80:80'], restart: always, \
        depends_on: [till], volumes: ['./public:/app', './docker/front/a.conf:/etc/nginx/a.conf']}\n  \
        till: {build: till, restart: always, volumes: ['.:/app'], ports: ['90:90']}\n";

    const RECIPE: &str =
        "FROM nginx:1\nCOPY docker/front/start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\n";

    /// Names of the services of a tree whose proxy is built by `recipe`.
    fn services(compose: &str, recipe: &str) -> Vec<String> {
        let found = discover(&tree(&[
            ("compose.yaml", compose),
            ("docker/front/Dockerfile", recipe),
            ("docker/front/a.conf", ""),
            ("docker/front/start.sh", ""),
            ("public/index.php", ""),
            ("till/Dockerfile", "FROM php:8\nCOPY . .\nCMD [\"till\"]\n"),
            ("till/composer.json", "{}"),
        ]));
        found.services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn what_only_sets_up_the_image_of_a_proxy_is_no_service() {
        assert_eq!(services(COMPOSE, RECIPE), ["till"]);
        let folder = COMPOSE.replace("./public:/app", "./docker/front:/etc/nginx");
        let folder = folder.replace("volumes: ['.:/app'], ", "");
        let settings = "FROM nginx:1\nCOPY docker/front/a.conf /etc/nginx/\n";
        assert_eq!(services(&COMPOSE.replace("'./public:/app', ", ""), settings), ["till"]);
        assert_eq!(services(&folder, settings).len(), 2, "a recipe is no setting");
    }

    #[test]
    fn what_shows_pages_or_stands_before_nothing_of_the_tree_is_one() {
        let pages = "FROM node:22 AS pages\nRUN npm run build\n\
                     FROM nginx:1\nCOPY --from=pages /dist /usr/share/nginx/html\n";
        for recipe in [pages, "FROM nginx:1\nCOPY public /app\n", "FROM node:22\nCMD [\"a\"]\n"] {
            assert_eq!(services(COMPOSE, recipe).len(), 2, "{recipe}");
        }
        let alone = COMPOSE.replace("depends_on: [till], ", "");
        let strange = COMPOSE.replace("depends_on: [till]", "depends_on: [mail]");
        let mounted = COMPOSE.replace("volumes: ['.:/app'], ", "");
        for compose in [alone, strange, mounted] {
            assert_eq!(services(&compose, RECIPE).len(), 2, "{compose}");
        }
    }
}
