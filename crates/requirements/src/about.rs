//! What a chapter is about, and whether it speaks for a service and how that is run.
//!
//! A chapter is about what all of its headings say: the name of the file, the title of the page,
//! the headings above it and its own. "Rollback" under "Moving to another load balancer" is about
//! that move, "Limits" under "Development" about the machine of somebody who writes the code.

use std::collections::BTreeSet;
use std::sync::Arc;

use facts::{Document, Page, Platform, Role, SHORTEST_NAME, Scope, Section, Service, Told, path};

use crate::chapter::Chapter;
use crate::prose;
use crate::topic::{COMMON, FORMS, MEANS, OPERATION, OTHER_WORK, PLAIN, PRODUCTS, RECORDS, WHOLE};
use crate::wish::is_wish;

/// Whether what a chapter says holds for the service while it serves its users.
pub(crate) fn speaks_for(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    objection(chapter, scope).is_none()
}

/// Why a chapter tells nothing of how the service runs; `None` where it may.
pub(crate) fn objection(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    other_work(chapter, scope)
        .map(|heading| format!("`{heading}` is on something else than running a service"))
        .or_else(|| is_wish(chapter).then(|| format!("`{}` says what is wished", chapter.name())))
        .or_else(|| elsewhere(chapter, scope))
        .or_else(|| {
            folder_of_another(chapter, scope)
                .map(|folder| format!("what it names is in `{folder}`, of another service"))
        })
}

/// Why a page tells nothing of this service, whatever it tells: it names another one, or stands
/// among pages on something else and does not name it.
pub(crate) fn elsewhere(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    let folder = chapter.document.place.folder();
    let is_general = is_general(chapter, scope);
    let beside = || format!("it stands in `{folder}` and does not name `{}`", scope.service.name);
    let of_others = || {
        another_told(chapter.document, scope)
            .map(|other| format!("it tells of `{other}` and not of `{}`", scope.service.name))
    };
    another(chapter, scope)
        .map(|heading| format!("`{heading}` names another service"))
        .or_else(|| {
            is_among_pages_of_another(chapter, scope)
                .then(|| format!("it stands in `{folder}`, among the pages of another service"))
        })
        .or_else(|| (!is_general).then(beside))
        .or_else(of_others)
}

/// The folder of the one service in which all is done for which a chapter names a folder, where that
/// is another one, and this one is not named either.
pub(crate) fn folder_of_another<'a>(chapter: &Chapter<'_>, scope: &Scope<'a>) -> Option<&'a str> {
    let own = scope.service.folder.as_str();
    if own.is_empty() {
        return None;
    }
    let told = told_of_all(chapter.document, inside(chapter), scope)?;
    let mut folders: BTreeSet<&str> = told.iter().flat_map(|told| &told.folders).copied().collect();
    let (folder, None) = (folders.pop_first()?, folders.pop_first()) else { return None };
    let is_beside = !path::is_below(folder, own) && !path::is_below(own, folder);
    (is_beside && !is_told(&told, scope)).then_some(folder)
}

/// The first of the services that a chapter of a page for all names, where it names several of them
/// and neither this one nor its folder.
pub(crate) fn several_named<'a>(chapter: &Chapter<'_>, scope: &Scope<'a>) -> Option<&'a str> {
    several_in(chapter.document, inside(chapter), scope)
}

/// The same of a whole page.
pub(crate) fn several_told<'a>(document: &Document, scope: &Scope<'a>) -> Option<&'a str> {
    several_in(document, |_| true, scope)
}

fn inside<'c>(chapter: &'c Chapter<'_>) -> impl Fn(&Section) -> bool + use<'c> {
    |section| chapter.sections().any(|own| std::ptr::eq(own, section))
}

fn several_in<'a>(
    document: &Document,
    is_meant: impl Fn(&Section) -> bool,
    scope: &Scope<'a>,
) -> Option<&'a str> {
    let told = told_of_all(document, is_meant, scope)?;
    if is_told(&told, scope) {
        return None;
    }
    let named: BTreeSet<&str> = told.iter().flat_map(|told| &told.names).map(|n| &**n).collect();
    let others = named.iter().flat_map(|name| scope.names.bearers(name));
    let others: BTreeSet<&str> = others.map(|other| other.name.as_str()).collect();
    others.first().copied().filter(|_| others.len() >= SEVERAL)
}

/// What some sections of a page for all services tell; `None` where the page is no such one.
fn told_of_all<'p, 'a>(
    document: &Document,
    is_meant: impl Fn(&Section) -> bool,
    scope: &'p Scope<'a>,
) -> Option<Vec<&'p Told<'a>>> {
    let own_folder = scope.service.folder.as_str();
    let is_shared = own_folder.is_empty() || !path::is_below(document.place.folder(), own_folder);
    if scope.is_only_one || !is_shared {
        return None;
    }
    let page = scope.names.page(document)?;
    let sections = document.sections.iter().zip(&page.sections);
    Some(sections.filter(|(section, _)| is_meant(section)).map(|(_, told)| told).collect())
}

/// Whether something of it names this service or its folder.
fn is_told(told: &[&Told<'_>], scope: &Scope<'_>) -> bool {
    let folder = scope.service.folder.rsplit('/').next().unwrap_or_default();
    let own = scope.service.aliases.iter().chain([&scope.service.name]).map(String::as_str);
    own.chain([folder]).map(prose::plain).any(|own| told.iter().any(|t| t.names.contains(&*own)))
}

/// Fewer names of services may stand in a chapter by chance, or for an example.
const SEVERAL: usize = 3;

/// The first of the services of which a README tells, where it tells of most of them and not of this
/// one. A list of folders tells of none.
pub(crate) fn another_told<'a>(document: &Document, scope: &Scope<'a>) -> Option<&'a str> {
    let own_folder = scope.service.folder.as_str();
    let is_of_several = document.role == Role::Readme
        && !scope.is_only_one
        && document.place.folder() != own_folder
        && path::is_below(own_folder, document.place.folder());
    if !is_of_several {
        return None;
    }
    let page = scope.names.page(document)?;
    let folder = own_folder.rsplit('/').next().map(prose::plain);
    if names(scope.service).iter().chain(&folder).any(|name| page.told.contains(name.as_str())) {
        return None;
    }
    scope.names.most_told(page, scope.service).map(|other| other.name.as_str())
}

/// Why a chapter is no more than one on a part: it stands in a page that is called after something
/// else than the service, its running or the whole. "Limits" in a page on the inventory are those of
/// the inventory.
pub(crate) fn part(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    let document = chapter.document;
    if document.role != Role::Other || chapter.is_title() {
        return None;
    }
    other_subject(document, scope).map(|title| format!("the page is on `{title}`"))
}

/// Why a page is no more than one on a part: the folder of pages that holds it is called after what
/// its title names, and that is neither the service nor the whole.
pub(crate) fn of_folder(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    let document = chapter.document;
    let (around, last) = document.place.folder().rsplit_once('/')?;
    let subject = prose::plain(last);
    let is_whole = |word: &str| prose::mentions(word, WHOLE) || COMMON.contains(&word);
    let own = [prose::plain(&scope.service.name), scope.names.product().to_owned()];
    let is_known = PLAIN.binary_search(&subject.as_str()).is_ok()
        || is_of_pages(last)
        || !around.split('/').any(is_of_pages)
        || subject.split_whitespace().all(is_whole)
        || own.into_iter().any(|own| prose::mentions(&own, &[subject.as_str()]));
    let title = prose::plain(document.title.as_ref()?);
    let singular = |word: &str| word.trim_end_matches('s').to_owned();
    let titled: BTreeSet<String> =
        title.split(|c: char| !c.is_alphanumeric()).map(singular).collect();
    let is_titled = || subject.split_whitespace().all(|word| titled.contains(&singular(word)));
    (!is_known && is_titled()).then(|| format!("the page is on `{last}`"))
}

/// The title of a page that is called after something else than the service, its running or the
/// whole; "Feature flags in the shop" is on those, and not on the shop.
pub(crate) fn other_subject<'a>(document: &'a Document, scope: &Scope<'_>) -> Option<&'a str> {
    let title = document.title.as_ref().map_or_else(|| document.stem(), |title| &title.value);
    is_on_something_else(title, scope).then_some(title)
}

/// Whether a heading is called after something else than the service, its running or the whole.
pub(crate) fn is_on_something_else(title: &str, scope: &Scope<'_>) -> bool {
    let plain = prose::plain(title);
    let own = names(scope.service).into_iter().chain([scope.names.product().to_owned()]);
    let own: Vec<String> = own.flat_map(|name| words(&name).collect::<Vec<_>>()).collect();
    let called = plain.split_once(" in ").map_or(plain.as_str(), |(called, _)| called);
    let is_own = words(called).any(|word| own.contains(&word));
    let subject = subject(&plain);
    let is_whole = |text: &str| prose::mentions(text, WHOLE);
    let is_general =
        || is_whole(&plain) && (subject.is_empty() || is_whole(&subject)) && !names_product(&plain);
    !(is_own || is_general() || prose::is_placeholder(&plain))
}

/// What a title says that a page is on: "creating fee schemes" of "Creating new fee schemes: a
/// step-by-step guide", and nothing of "Developer guide".
pub(crate) fn subject(title: &str) -> String {
    let plain = prose::plain(title);
    let is_form = |word: &&str| {
        FORMS.contains(word) || word.strip_suffix('s').is_some_and(|one| FORMS.contains(&one))
    };
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !is_form(word)).collect::<Vec<_>>().join(" ")
}

/// Words of a name that tell it apart.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.len() > SHORTEST_NAME).map(str::to_owned)
}

/// The heading that is on something else than a service that runs: on writing its code, on a move
/// that is done once, on what was found or meant on one day, on lessons, on the law.
fn other_work<'a>(chapter: &Chapter<'a>, scope: &Scope<'_>) -> Option<&'a str> {
    let document = chapter.document;
    let own_names = names(scope.service);
    let is_other_work = |text: &&str| {
        let text = without(text, &own_names);
        prose::mentions(&text, OTHER_WORK) && !prose::mentions(&text, OPERATION)
    };
    let title = document.title.as_ref().map(|title| title.value.as_str());
    let is_record = |text: &&str| prose::mentions(&without(text, &own_names), RECORDS);
    let of_page = || title.into_iter().chain([document.stem()]).find(is_record);
    headings(chapter).find(is_other_work).or_else(of_page)
}

/// Whether a heading tells of a product that stands beside the service: "Rolling back Keycloak".
/// What something is done with or upon ("Deploy with Argo CD") is none.
pub(crate) fn is_of_product(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let own_names = names(scope.service);
    headings(chapter).any(|heading| names_product(&without(heading, &own_names)))
}

/// Whether a heading tells of another platform than that on which the service runs.
pub(crate) fn is_of_other_platform(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let mut platforms = scope.workloads.iter().map(|workload| workload.platform);
    let Some(first) = platforms.next().filter(|first| platforms.all(|other| other == *first))
    else {
        return false;
    };
    let other: &[&str] = match first {
        Platform::Kubernetes => &["compose", "docker", "docker compose", "systemd"],
        Platform::Compose => &["helm", "k3s", "k8s", "kubernetes", "systemd"],
        Platform::Systemd => &["compose", "docker compose", "helm", "k3s", "k8s", "kubernetes"],
    };
    let own: &[&str] = match first {
        Platform::Kubernetes => &["argo*", "gitops", "helm", "k3s", "k8s", "kubernetes"],
        Platform::Compose => &["compose", "docker", "swarm"],
        Platform::Systemd => &["bare metal", "package", "systemd"],
    };
    let mut headings = chapter.headings_above().chain([chapter.title()]);
    headings.any(|text| prose::mentions(text, other) && !prose::mentions(text, own))
}

/// The sections of a chapter that are about its subject: not those under a heading of their own on
/// a product beside the service, on its data or on its settings.
pub(crate) fn own_sections<'a>(
    chapter: &Chapter<'a>,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<&'a Section> {
    let mut left_out: Option<u8> = None;
    let mut kept = Vec::new();
    for (at, section) in chapter.sections().enumerate() {
        if left_out.is_some_and(|level| section.level > level) {
            continue;
        }
        let title = section.title.value.as_str();
        let is_kept = at == 0 || (is_wanted(title) && !names_product(&prose::plain(title)));
        left_out = (!is_kept).then_some(section.level);
        if is_kept {
            kept.push(section);
        }
    }
    kept
}

/// All that heads it: the name of the file, the title, the headings above, its own.
fn headings<'a>(chapter: &Chapter<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let document = chapter.document;
    let title = document.title.as_ref().map(|title| title.value.as_str());
    [document.stem()]
        .into_iter()
        .chain(title)
        .chain(chapter.headings_above())
        .chain([chapter.title()])
}

/// What a service is called, in plain words, the longest first.
pub(crate) fn names(service: &Service) -> Vec<String> {
    let all = service.aliases.iter().chain([&service.name]).map(|name| prose::plain(name));
    let mut all: Vec<String> = all.filter(|name| name.len() >= SHORTEST_NAME).collect();
    all.sort_by_key(|name| std::cmp::Reverse(name.len()));
    all
}

/// `text` in plain words, without `names`: a service called "license-manager" has pages on it.
fn without(text: &str, names: &[String]) -> String {
    let mut text = prose::plain(text);
    for name in names {
        text = text.replace(name.as_str(), " ");
    }
    text
}

/// The heading that names another service of the tree, and not this one.
fn another<'a>(chapter: &Chapter<'a>, scope: &Scope<'_>) -> Option<&'a str> {
    if scope.is_only_one {
        return None;
    }
    let own = names(scope.service);
    let product = scope.names.named_in(scope.names.product());
    let is_telling = |name: &Arc<str>| {
        name.len() >= SHORTEST_NAME
            && !product.contains(name)
            && !own.iter().any(|own| **own == **name)
            && scope.names.bearers(name).any(|other| other.name != scope.service.name)
    };
    headings(chapter).find(|heading| {
        let heading = prose::plain(heading);
        let named = scope.names.named_in(&heading);
        let is_short = heading.split_whitespace().count() <= MOST_WORDS_AROUND_ONE;
        let is_meant =
            |name: &&Arc<str>| name.contains(' ') || (is_short && !COMMON.contains(&&***name));
        named.iter().filter(is_meant).any(is_telling)
            && !own.iter().any(|name| named.contains(name.as_str()))
    })
}

/// In a longer heading a name of one word is a word of English.
const MOST_WORDS_AROUND_ONE: usize = 3;

/// Why a chapter holds for another of several services alone: it names that one, or stands in a page on
/// one subject of which only other chapters name this one.
pub(crate) fn of_another_alone(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    let own = names(scope.service);
    let names_own = |title: &str| own.iter().any(|name| prose::mentions(title, &[name.as_str()]));
    let mut titles = chapter.sections().map(|section| section.title.value.as_str());
    if titles.any(names_own) || headings(chapter).any(names_own) {
        return None;
    }
    let name = &scope.service.name;
    if !is_general_by(chapter, inside(chapter), scope) {
        return Some(format!("`{}` does not name `{name}`", chapter.title()));
    }
    let told = told_of_all(chapter.document, inside(chapter), scope)?;
    // One word alone is a word of English more often than the name of a service.
    let named = told.iter().flat_map(|told| &told.names).filter(|name| name.contains(' '));
    let mut others = named.flat_map(|name| scope.names.bearers(name));
    let other = others.find(|other| other.name != *name).filter(|_| !is_told(&told, scope))?;
    Some(format!("it names `{}` and not `{name}`", other.name))
}

/// Whether a page speaks for all services of the tree, or for this one: those in a folder of pages
/// on one subject (`docs/ring-deployments/`) do only where they name it.
fn is_general(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    is_general_by(chapter, |_| true, scope)
}

/// The same, where only the sections that are meant can name this one.
fn is_general_by(
    chapter: &Chapter<'_>,
    is_meant: impl Fn(&Section) -> bool,
    scope: &Scope<'_>,
) -> bool {
    let document = chapter.document;
    let folder = document.place.folder();
    let own = scope.service.folder.as_str();
    if scope.is_only_one || (!own.is_empty() && path::is_below(folder, own)) {
        return true;
    }
    let names = names(scope.service);
    let is_named = |text: &str| {
        let text = prose::plain(text);
        names.iter().any(|name| prose::mentions(&text, &[name.as_str()]))
    };
    // One word alone is a word of English more often than the name of a service.
    let telling = || names.iter().filter(|name| name.contains(' '));
    let is_told = |page: &Page<'_>| {
        let mut sections = document.sections.iter().zip(&page.sections).take(MOST_SECTIONS);
        sections.any(|(section, told)| {
            is_meant(section) && telling().any(|name| told.names.contains(name.as_str()))
        })
    };
    let is_plain = |part: &str| PLAIN.binary_search(&prose::plain(part).as_str()).is_ok();
    let mut parts = folder.split('/').skip_while(|part| !is_of_pages(part)).skip(1);
    parts.all(is_plain)
        || is_named(folder)
        || headings(chapter).any(is_named)
        || scope.names.page(document).is_some_and(is_told)
}

/// Whether a folder of pages is called as the folder of another service is (`docs/till/` and
/// `till/`), and not as this one.
fn is_among_pages_of_another(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let own = scope.service.folder.as_str();
    let folder = chapter.document.place.folder();
    if scope.is_only_one || (!own.is_empty() && path::is_below(folder, own)) {
        return false;
    }
    let is_plain = |part: &str| PLAIN.binary_search(&prose::plain(part).as_str()).is_ok();
    let is_own = |part: &str| {
        own.split('/').any(|own| own == part) || names(scope.service).contains(&prose::plain(part))
    };
    let mut parts = folder.split('/').skip_while(|part| !is_of_pages(part)).skip(1);
    parts.any(|part| scope.names.is_folder_of_one(part) && !is_plain(part) && !is_own(part))
}

/// A page that does not name a service in so many sections is not about it.
const MOST_SECTIONS: usize = 30;

fn is_of_pages(part: &str) -> bool {
    let known = ["doc", "docs", "documentation", "playbooks", "runbook", "runbooks", "wiki"];
    known.iter().any(|known| part.eq_ignore_ascii_case(known))
}

/// Whether a heading names a product, where it does not say by what or upon what something is done.
fn names_product(text: &str) -> bool {
    PRODUCTS.iter().any(|product| {
        text.find(product).is_some_and(|at| {
            let before = text.get(..at).unwrap_or_default().split_whitespace().next_back();
            let is_means = before.is_some_and(|word| MEANS.contains(&word));
            prose::mentions(text, &[product]) && !is_means
        })
    })
}
