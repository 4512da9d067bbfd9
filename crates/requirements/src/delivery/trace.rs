//! Signs of a way back anywhere in the tree: that nothing says how a release is taken back is known only where there are none.

use super::rollback::job;
use super::steps::COMMANDS;
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
