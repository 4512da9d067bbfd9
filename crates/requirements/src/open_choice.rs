//! Pages that weigh how something might be deployed, and leave the choice open.

use crate::prelude::*;

/// The page that the chapter leads to for how, where that leaves the choice between ways open.
pub(crate) fn open_choice<'a>(chapter: &Chapter<'_>, scope: &Scope<'a>) -> Option<&'a Document> {
    let folder = chapter.document.place.folder();
    chapter.links().find_map(|link| match follow(link, folder, &scope.sitemap) {
        Target::Document(page) if leaves_open(page) => Some(page),
        _ => None,
    })
}

/// Whether a page weighs ways to deploy and only sketches them, or has open questions: it says how it
/// might be done.
pub(crate) fn leaves_open(page: &Document) -> bool {
    let options = page.sections.iter().filter(|section| names_option(&section.title)).count();
    let weighs = |section: &Section| prose::mentions(&section.title, PICK);
    let is_sketched = |section: &Section| {
        prose::mentions(&section.title, &["open question", "sketch"]) || is_sketch(section)
    };
    (options > 1 || page.sections.iter().any(weighs)) && page.sections.iter().any(is_sketched)
}

static PICK: &[&str] = &["choose one", "pick a host", "pick one"];

/// Whether a block of code says that it is none to use.
fn is_sketch(section: &Section) -> bool {
    section.code.iter().any(|(_, code)| prose::mentions(&code.value, &["sketch"]))
}

/// "Option A", "Option 2: on a machine of ours".
fn names_option(title: &str) -> bool {
    let title = prose::plain(title);
    let mut words = title.split_whitespace();
    words.next() == Some("option")
        && words.next().is_some_and(|word| word.trim_end_matches([':', '.']).chars().count() == 1)
}
