//! What the requirements about runbooks say alike: which documents are runbooks of their own.

use facts::{Alert, Document, Role, Scope};
use model::Placed;

use crate::chapter::{Chapter, chapters};
use crate::link::{Target, follow};
use crate::page::documents;
use crate::prose;

/// The runbooks of the service: neither their list nor the template for new ones.
pub(super) fn runbooks<'a>(scope: &Scope<'a>) -> Vec<&'a Document> {
    let all = documents(scope).filter(|document| document.role == Role::Runbook);
    all.filter(|document| is_own(document)).collect()
}

/// Runbooks of the whole tree that name `alert`: one that is written for another service may name an
/// alert of all.
pub(super) fn naming<'s>(
    alert: &Alert,
    scope: &'s Scope<'_>,
) -> impl Iterator<Item = &'s Document> {
    let all = scope.runbooks.naming(alert).iter().copied();
    all.filter(|document| is_own(document))
}

fn is_own(document: &Document) -> bool {
    let name = prose::plain(document.place.file_name());
    let title = document.title();
    let is_template = name.contains("template") || prose::mentions(title, &["template"]);
    let is_list = ["readme", "index"].iter().any(|known| name.starts_with(known));
    !is_template && !is_planned(document) && (!is_list || has_instructions(document))
}

/// Whether it tells how planned work is done, step by step: nobody is woken up by an upgrade.
fn is_planned(document: &Document) -> bool {
    let work = [
        "configuring",
        "install*",
        "migrat*",
        "onboarding",
        "pre commit",
        "provisioning",
        "setting up",
        "upgrad*",
        "working with",
    ];
    let trouble = ["alert*", "crash*", "error", "fail*", "incident", "outage", "stuck"];
    let title = document.title();
    let name = prose::plain(document.place.file_name());
    let tells = |words: &[&str]| prose::mentions(title, words) || prose::mentions(&name, words);
    let symptoms = ["alert", "diagnos*", "impact", "mitigat*", "symptom", "troubleshoot*"];
    tells(&work)
        && !tells(&trouble)
        && !chapters(document).any(|chapter| prose::mentions(chapter.title(), &symptoms))
}

/// A README beside runbooks is one itself where it says what to do.
fn has_instructions(document: &Document) -> bool {
    chapters(document).any(|chapter| {
        prose::mentions(chapter.title(), &["mitigat*", "diagnos*", "remediat*", "resolution"])
            && chapter.says_something()
    })
}

/// Whether a document says anything at all.
pub(super) fn says_something(document: &Document) -> bool {
    Chapter::whole(document).is_some_and(|chapter| chapter.says_something())
}

/// Where gonogo.yaml or the catalog says that runbooks stand, outside of what was read.
pub(super) fn outside<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let declared = ["runbooks", "runbook"].iter().find_map(|key| scope.link(key));
    let links = scope.entries.iter().flat_map(|entry| &entry.links);
    let catalogued = links.filter(|link| link.topic == facts::Topic::Runbook).map(|link| &link.url);
    let mut links = declared.into_iter().chain(catalogued);
    links.find(|link| matches!(follow(link, link.place.folder(), &scope.sitemap), Target::Outside))
}
