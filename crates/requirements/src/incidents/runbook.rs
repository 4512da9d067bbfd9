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
    !is_template
        && !is_planned(document)
        && !is_record(document)
        && (!is_list || has_instructions(document))
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

/// Whether it tells what came of a drill or an incident on one day: by a date in the name of its file, or
/// by what its head says.
fn is_record(document: &Document) -> bool {
    const HEAD: &[&str] = &["attendees:", "date:", "driver:", "facilitator:", "participants:"];
    let first = document.sections.first();
    let head = first.map(|section| section.text.to_lowercase()).unwrap_or_default();
    let has_label = |label: &&&str| head.lines().any(|line| line.contains(**label));
    let labels = HEAD.iter().filter(has_label).count();
    let is_observed = || {
        let mut heads = document.sections.iter().filter_map(|section| section.rows.first());
        heads.any(|row| row.iter().any(|cell| cell.trim().eq_ignore_ascii_case("observed")))
    };
    has_date(document.stem()) || labels > 1 || (labels > 0 && is_observed())
}

/// Whether a name holds a month or a quarter of a year: `2026-04`, `2026_Q2`.
fn has_date(name: &str) -> bool {
    let parts: Vec<&str> = name.split(['-', '_']).collect();
    let is_year =
        |part: &str| part.len() == 4 && part.starts_with("20") && part.parse::<u16>().is_ok();
    let is_part_of_year = |part: &str| {
        let number = part.strip_prefix(['q', 'Q']).unwrap_or(part);
        part.len() == 2 && number.parse::<u8>().is_ok_and(|number| (1..=12).contains(&number))
    };
    parts
        .windows(2)
        .any(|pair| matches!(pair, [year, part] if is_year(year) && is_part_of_year(part)))
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
