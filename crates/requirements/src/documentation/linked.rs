//! Pages of the tree that a README leads to for what it does not say itself.

use std::collections::HashSet;

use super::heading::is_headed;
use super::need::{DEPLOY, Need};
use super::readme::says_how;
use super::{commands, deploying};
use crate::about::{other_subject, several_told, subject};
use crate::open_choice::leaves_open;
use crate::page::is_for_developers;
use crate::prelude::*;

const MOST_LINKS: usize = 200;

/// The link of `readme` to a page that answers `need`: to one that is named after it, else to one
/// whose commands do, else to one with a chapter on it.
pub(super) fn page<'a>(
    readme: &'a Document,
    need: &Need,
    scope: &Scope<'_>,
) -> Option<&'a Placed<String>> {
    // What is deployed is told one by one.
    let is_of_others =
        |page: &Document| need.what == DEPLOY.what && several_told(page, scope).is_some();
    let pages = candidates(readme, need, scope).filter(|(_, page)| !is_of_others(page));
    let pages: Vec<(&Placed<String>, &Document)> = pages.collect();
    // What is meant is the chapter that the link names, where it names one.
    let find = |answers: &dyn Fn(&str, &Document) -> bool| {
        pages.iter().find(|(link, page)| answers(link, page)).map(|(link, _)| *link)
    };
    find(&|link, page| is_named(link, page, need))
        .or_else(|| find(&|link, page| has_command(link, page, need)))
        .or_else(|| find(&|link, page| has_chapter(link, page, need, scope)))
}

/// The link of `readme` to a page whose path promises an answer to `need`, whatever stands in it.
pub(super) fn promised<'a>(
    readme: &'a Document,
    need: &Need,
    scope: &Scope<'_>,
) -> Option<&'a Placed<String>> {
    let mut pages = candidates(readme, need, scope);
    let promises = |page: &Document| prose::mentions(&page.place.path, need.pages);
    pages.find(|(_, page)| promises(page)).map(|(link, _)| link)
}

/// The link of `readme` to a page that leads on to one on deploying, with that one.
pub(super) fn further<'r, 's>(
    readme: &'r Document,
    need: &Need,
    scope: &'s Scope<'_>,
) -> Option<(&'r Placed<String>, &'s Document)> {
    let folder = readme.place.folder();
    let mut known = HashSet::new();
    let mut links = readme.links.iter().take(MOST_LINKS).filter(|_| need.what == DEPLOY.what);
    links.find_map(|link| {
        let Target::Document(page) = follow(link, folder, &scope.sitemap) else { return None };
        let mut onward = page.links.iter().take(MOST_LINKS);
        onward.find_map(|next| match follow(next, page.place.folder(), &scope.sitemap) {
            Target::Document(found)
                if known.insert(&*found.place.path)
                    && !found.is_aside
                    && deploying::is_page(found) =>
            {
                Some((link, found))
            }
            _ => None,
        })
    })
}

/// The links of `readme` to pages that may answer `need`, with those pages.
fn candidates<'r, 's>(
    readme: &'r Document,
    need: &'s Need,
    scope: &'s Scope<'_>,
) -> impl Iterator<Item = (&'r Placed<String>, &'s Document)> {
    let folder = readme.place.folder();
    let links = readme.links.iter().take(MOST_LINKS);
    links.filter_map(move |link| match follow(link, folder, &scope.sitemap) {
        Target::Document(page) if may_answer(page, link, need, scope) => Some((link, page)),
        _ => None,
    })
}

/// Whether a page may be about what is needed: not where it is news, about something else around
/// the service, or about code that is linked into it.
fn may_answer(page: &Document, link: &str, need: &Need, scope: &Scope<'_>) -> bool {
    let name = page.place.file_name();
    let is_news = prose::mentions(name, &["changelog", "history", "news"]);
    let is_of_developing = need.what == DEPLOY.what && is_for_developers(page);
    let is_open = need.what == DEPLOY.what && leaves_open(page);
    let is_elsewhere = prose::mentions(link, ELSEWHERE);
    !page.is_aside
        && !is_news
        && !is_of_developing
        && !is_open
        && !is_elsewhere
        && !is_of_library(page, scope)
        && !is_of_another(page, scope)
        && !(need.what == DEPLOY.what && is_of_part(page, scope))
}

/// Whether it is the README of a part of the tree with a package of its own, which says how that part
/// is brought out; what is called after deploying, such as a folder of CDK, brings out the whole.
fn is_of_part(page: &Document, scope: &Scope<'_>) -> bool {
    let folder = page.place.folder();
    let own = scope.service.folder.as_str();
    let is_apart = !path::is_below(own, folder) && (own.is_empty() || !path::is_below(folder, own));
    let brings_out = ["cdk", "chart*", "deploy*", "helm", "infra*", "ops", "pulumi", "terraform"];
    page.role == Role::Readme
        && is_apart
        && !prose::mentions(folder, &brings_out)
        && (scope.all.packages.iter().any(|package| package.place.folder() == folder)
            || scope.all.lockfiles.iter().any(|lockfile| lockfile.place.folder() == folder))
}

/// Whether it stands in the folder of another service of the tree.
fn is_of_another(page: &Document, scope: &Scope<'_>) -> bool {
    let folder = page.place.folder();
    let holds = |outer: &str| !outer.is_empty() && path::is_below(folder, outer);
    !holds(&scope.service.folder) && scope.names.is_in_folder_of_one(folder)
}

/// Whether the name of the page, or the heading in it that the link leads to, is on what is needed.
fn is_named(link: &str, page: &Document, need: &Need) -> bool {
    let anchor = link.split_once('#').map_or("", |(_, anchor)| anchor);
    if need.what == DEPLOY.what && anchor.is_empty() {
        return deploying::is_page(page);
    }
    (prose::mentions(&page.place.path, need.pages) || prose::mentions(anchor, need.pages))
        && chapters(page).any(|chapter| chapter.says_something())
}

/// Whether commands anywhere on the page answer it. Those that bring something to a cluster do much
/// else besides deploying.
fn has_command(link: &str, page: &Document, need: &Need) -> bool {
    let mut sections = meant(link, page).flat_map(|chapter| chapter.sections());
    need.what != DEPLOY.what
        && sections.any(|section| commands::has_command(section, need.commands))
}

/// The chapters of `page`, or those under the heading that `link` leads to.
fn meant<'p>(link: &str, page: &'p Document) -> impl Iterator<Item = Chapter<'p>> {
    let anchor = link.split_once('#').map_or("", |(_, anchor)| anchor).to_lowercase();
    chapters(page).filter(move |chapter| chapter.is_at(&anchor))
}

fn has_chapter(link: &str, page: &Document, need: &Need, scope: &Scope<'_>) -> bool {
    meant(link, page).any(|chapter| {
        is_headed(&chapter, need)
            && says_how(&chapter, need, scope)
            && (need.what != DEPLOY.what
                || (is_on_deed(&chapter) && !is_of_something_else(&chapter, scope)))
    })
}

/// Whether a chapter is on what its page is called after, which is not the service: "Deploying
/// Backstage" in a guide to Backstage.
fn is_of_something_else(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let subject = other_subject(chapter.document, scope).map(subject).unwrap_or_default();
    subject.split(' ').any(|word| word.len() > 3 && prose::mentions(chapter.title(), &[word]))
}

/// Whether a chapter of another page shows what is done to deploy: what stands under a heading on
/// releases and versions tells by words alone what they are called.
fn is_on_deed(chapter: &Chapter<'_>) -> bool {
    let mut sections = chapter.sections();
    deploying::is_on_deploying(chapter.title())
        || chapter.has_code()
        || sections.any(|section| commands::names_command(section, DEPLOY.commands))
        || !prose::mentions(chapter.title(), &["release"])
}

/// Words in the path of a page that is about one thing around the service, whatever its headings
/// are: how a secret is encrypted does not say how the service is run.
static ELSEWHERE: &[&str] =
    &["certificate*", "e2e", "logging", "migrat*", "mock*", "monitoring", "secret*", "test*"];

/// Whether a page is the README of code that is linked into the service and starts nothing.
fn is_of_library(page: &Document, scope: &Scope<'_>) -> bool {
    let folder = page.place.folder();
    let mut beside = scope.all.packages.iter().filter(|p| p.place.folder() == folder).peekable();
    page.role == Role::Readme
        && folder != scope.service.folder
        && beside.peek().is_some()
        && beside.all(|package| !package.is_runnable)
}

/// Whether the path of a link names what is needed; badges do so, and lead to a picture, as do the
/// pages of what the service is made with, and tell of that.
pub(super) fn is_about(link: &str, need: &Need) -> bool {
    let rest = link.split_once("://").map(|(_, rest)| rest);
    let (host, path) = rest.map_or(("", link), |rest| rest.split_once('/').unwrap_or((rest, "")));
    let is_badge = is_badge(link) || link.contains("/actions/");
    let is_maker =
        MAKERS.iter().any(|maker| host == *maker || host.ends_with(&format!(".{maker}")));
    !is_badge && !is_maker && prose::mentions(path, need.pages)
}

pub(super) fn is_badge(link: &str) -> bool {
    ["badge", "img.shields.io", ".svg", ".png"].iter().any(|sign| link.contains(sign))
}

/// Whether a badge stands in the words of a link: it shows how a run went, and leads to that run.
pub(super) fn is_around_badge(link: &Placed<String>, readme: &Document) -> bool {
    let is_within = |badge: &Placed<String>| {
        badge.place.line == link.place.line && badge.place.column == link.place.column + 1
    };
    readme.links.iter().any(|other| is_badge(other) && is_within(other))
}

/// Hosts of languages, frameworks and platforms.
static MAKERS: &[&str] = &[
    "angular.dev",
    "brew.sh",
    "cloud.google.com",
    "docker.com",
    "docs.aws.amazon.com",
    "docs.github.com",
    "docs.gitlab.com",
    "expo.dev",
    "go.dev",
    "golang.org",
    "gradle.org",
    "helm.sh",
    "jetbrains.com",
    "kubernetes.io",
    "learn.microsoft.com",
    "microsoft.com",
    "nextjs.org",
    "nodejs.org",
    "npmjs.com",
    "nuxt.com",
    "pnpm.io",
    "python.org",
    "react.dev",
    "rust-lang.org",
    "spring.io",
    "terraform.io",
    "vite.dev",
    "vuejs.org",
    "wikipedia.org",
    "yarnpkg.com",
];
