//! Cargo.toml.

use toml_edit::Item;

use super::draft::Draft;
use super::toml_text::{self, Found};
use crate::Facts;
use crate::read::Source;

/// Reads a Cargo.toml; one that is only a workspace is no package.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let Some(document) = toml_text::parse(source, facts) else { return };
    if toml_text::at(&document, &["package"]).is_none() {
        return;
    }
    let mut draft = Draft::new(source, "cargo");
    toml_text::take_name(&document, &["package", "name"], &mut draft);
    let mut found = Found::default();
    note(toml_text::at(&document, &["dependencies"]), &mut found);
    for (_, target) in toml_text::entries(toml_text::at(&document, &["target"])) {
        let table = target.as_table_like();
        note(table.and_then(|table| table.get("dependencies")), &mut found);
    }
    found.settle(&mut draft);
    let declares = |path: &[&str]| toml_text::at(&document, path).is_some();
    draft.package.is_runnable = declares(&["bin"]) || declares(&["package", "default-run"]);
    draft.package.programs = programs(toml_text::at(&document, &["bin"]));
    facts.packages.push(draft.package);
}

/// The names of `[[bin]]`.
fn programs(tables: Option<&Item>) -> Vec<String> {
    let tables = tables.and_then(Item::as_array_of_tables).into_iter().flatten();
    tables.filter_map(|table| Some(table.get("name")?.as_str()?.to_owned())).collect()
}

/// Dependencies by their names in the registry, which `package` tells when they are renamed.
fn note(table: Option<&Item>, found: &mut Found) {
    for (key, item) in toml_text::entries(table) {
        let renamed = item.as_table_like().and_then(|table| table.get("package")?.as_str());
        found.note(renamed.unwrap_or(key.get()), key.span());
    }
}
