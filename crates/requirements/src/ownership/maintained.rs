//! Lists of those who maintain the code of a service: `MAINTAINERS`, `OWNERS`.
//!
//! Who reviews changes need not be who answers where it runs, so they make nobody its owner; but
//! that it has none is not so either.

use facts::Maintainers;

use crate::prelude::*;

/// Lists of the service's folder and of those above it, and one that a README there leads to.
pub(super) fn lists<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Maintainers> {
    let own = scope.service.folder.as_str();
    let stands_around = |list: &&Maintainers| path::is_below(own, list.place.folder());
    let (around, elsewhere): (Vec<_>, Vec<_>) =
        scope.all.maintained.iter().partition(stands_around);
    let readmes = scope.documents_of(Role::Readme).filter(|_| !elsewhere.is_empty());
    let links = readmes.flat_map(|readme| readme.links.iter().map(move |link| (readme, link)));
    let led_to: Vec<&Place> = links
        .filter_map(|(readme, link)| match follow(link, readme.place.folder(), &scope.sitemap) {
            Target::Document(page) | Target::NoAnchor(page) => Some(&page.place),
            _ => None,
        })
        .collect();
    let is_led_to = move |list: &&Maintainers| led_to.iter().any(|at| at.path == list.place.path);
    around.into_iter().chain(elsewhere.into_iter().filter(is_led_to))
}

/// What cannot be told of an owner where somebody maintains the code.
pub(super) fn unknown_owner(scope: &Scope<'_>) -> Option<Outcome> {
    let (list, name) = (lists(scope).next()?, &scope.service.name);
    Some(Outcome::Unknown(format!(
        "`{}` names who maintains the code: whether they own `{name}` where it runs, write as \
         `owner` in gonogo.yaml",
        list.place.path
    )))
}

/// The same of a second owner, where a list names two.
pub(super) fn unknown_second(scope: &Scope<'_>) -> Option<Outcome> {
    let list = lists(scope).find(|list| list.people.len() > 1)?;
    Some(Outcome::Unknown(format!(
        "`{}` names {} who maintain the code: whether one of them is the second owner, write as \
         `backup-owner` in gonogo.yaml",
        list.place.path,
        list.people.len()
    )))
}
