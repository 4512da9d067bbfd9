//! Signs of a way back anywhere in the tree: that nothing says how a release is taken back is known only where there are none.

use super::rollback::job;
use super::steps::{COMMANDS, is_about_data, is_way_back, takes_back};
use crate::prelude::*;

/// That a page which proves nothing, such as one for developers, or a job has a command for it. Whether it is the service's is not told by it.
pub(super) fn trace(scope: &Scope<'_>) -> Option<Outcome> {
    let (what, place) = by_job(scope).or_else(|| on_a_page(scope))?;
    Some(Outcome::Unknown(format!(
        "{what} stands in `{}` (line {}): where that takes the service back, write it beside how it is \
         deployed, under a heading of its own",
        place.path, place.line
    )))
}

/// That a page on upgrading, moving or hosting it has a heading on the way back, which proves nothing by
/// itself: it is that of one release, or stands in a manual.
pub(super) fn on_a_page_of_upgrades(scope: &Scope<'_>) -> Option<Outcome> {
    let is_on_it = |document: &&&Document| {
        prose::mentions(&document.place.path, UPGRADES) || document.is_called(UPGRADES)
    };
    let is_back = |chapter: &Chapter<'_>| {
        is_way_back(chapter.title())
            && !is_about_data(chapter.title())
            && takes_back(chapter)
            && chapter.says_something()
    };
    let pages = scope.documents.iter().filter(|document| !document.is_aside).filter(is_on_it);
    let chapter = pages.flat_map(|document| chapters(document)).find(is_back)?;
    let (title, place) = (chapter.title(), chapter.place());
    Some(Outcome::Unknown(format!(
        "`{title}` of `{}` (line {}) may say how it is taken back: write that beside how it is deployed, or \
         link it there",
        place.path, place.line
    )))
}

/// Words of names of pages on upgrading it, and on running it oneself.
static UPGRADES: &[&str] = &["migrat*", "self host*", "upgrad*"];

fn by_job<'s>(scope: &'s Scope<'_>) -> Option<(String, &'s Place)> {
    let (job, line) = job(scope)?;
    Some((format!("job `{}`", job.id.value), line))
}

fn on_a_page<'s>(scope: &'s Scope<'_>) -> Option<(String, &'s Place)> {
    // What goes back in a history of code is no release yet.
    let known = || COMMANDS.iter().filter(|command| **command != "git revert");
    scope.documents.iter().flat_map(|document| &document.sections).find_map(|section| {
        let command = known().find(|command| section.text.contains(**command))?;
        Some((format!("`{command}`"), &section.title.place))
    })
}
