//! Whether the parts of a declaration agree: what one part names, another declares.

use std::collections::HashSet;
use std::sync::LazyLock;

use model::{Place, Placed};
use regex::Regex;

use crate::Declaration;
use crate::schema::{Fields, nearest};

/// What a drill fills in by itself.
const PORT: &str = "port";

/// Names of each sort that are looked into further.
const MOST: usize = 50;

/// `{name}`, and `${NAME}` that the environment fills in.
static PLACEHOLDER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(\$?)\{([A-Za-z0-9][A-Za-z0-9._-]*)\}").ok());

/// Names that nothing declares.
pub(super) fn troubles(fields: Fields<'_>, declaration: &Declaration) -> Vec<Placed<String>> {
    let mut troubles = placeholders(declaration);
    troubles.extend(taken_names(declaration));
    troubles.extend(identities(fields, declaration));
    troubles.extend(stores(declaration));
    troubles
}

fn dependency_names(declaration: &Declaration) -> impl Iterator<Item = &str> {
    declaration.dependencies.iter().flatten().map(|dependency| dependency.name.as_str())
}

fn placeholders(declaration: &Declaration) -> Vec<Placed<String>> {
    let all = || dependency_names(declaration).chain([PORT]);
    let known: HashSet<&str> = all().collect();
    let environment = declaration.run.iter().flat_map(|run| &run.environment);
    environment
        .flat_map(|(_, value)| names_in(value).map(move |name| (name, &value.place)))
        .filter(|(name, _)| !known.contains(name))
        .take(MOST)
        .map(|(name, place)| unknown(&format!("`{{{name}}}`"), "dependency", name, all(), place))
        .collect()
}

/// A dependency cannot be called what a drill fills in by itself.
fn taken_names(declaration: &Declaration) -> Option<Placed<String>> {
    let mut names = declaration.dependencies.iter().flatten().map(|dependency| &dependency.name);
    let taken = names.find(|name| name.as_str() == PORT)?;
    let trouble = "`{port}` is the port that the service is given: call the dependency otherwise";
    Some(Placed::new(trouble.to_owned(), taken.place.clone()))
}

fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let found = PLACEHOLDER.as_ref().map(|pattern| pattern.captures_iter(text));
    found.into_iter().flatten().filter_map(|captures| {
        let is_from_environment = captures.get(1).is_some_and(|sign| !sign.is_empty());
        let name = captures.get(2)?.as_str();
        (!is_from_environment).then_some(name)
    })
}

fn identities(fields: Fields<'_>, declaration: &Declaration) -> Vec<Placed<String>> {
    let all = || declaration.identities.iter().map(|identity| identity.name.as_str());
    let known: HashSet<&str> = all().collect();
    let used = fields.list("journeys").unwrap_or_default().into_iter();
    used.filter_map(|journey| journey.text("as"))
        .filter(|used| !known.contains(used.as_str()))
        .take(MOST)
        .map(|used| unknown(&format!("`{}`", *used), "identity", &used, all(), &used.place))
        .collect()
}

/// A store need not be a dependency, such as a folder; but a slip of the pen is one.
fn stores(declaration: &Declaration) -> Vec<Placed<String>> {
    let all = || dependency_names(declaration);
    let known: HashSet<&str> = all().collect();
    let stores = declaration.data.iter().flatten().map(|store| &store.store);
    stores
        .filter(|store| !known.contains(store.as_str()))
        .take(MOST)
        .filter(|store| nearest(store, all()).is_some())
        .map(|name| unknown(&format!("`{}`", **name), "dependency", name, all(), &name.place))
        .collect()
}

fn unknown<'n>(
    named: &str,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
    place: &Place,
) -> Placed<String> {
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let hint =
        nearest(name, known).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
    let trouble = format!("{named} stands for {article} {what} that is not declared{hint}");
    Placed::new(trouble, place.clone())
}
