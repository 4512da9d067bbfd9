//! pyproject.toml, Pipfile, setup.py and setup.cfg.

use std::collections::BTreeSet;

use toml_edit::{Document, Item, Value};

use super::draft::{Draft, lines, quoted};
use super::requirements::name_of;
use super::toml_text::{self, Found};
use crate::Facts;
use crate::read::{Source, maintainers};

/// Reads a pyproject.toml; one that only configures tools is no package.
pub(super) fn project(source: Source<'_>, facts: &mut Facts) {
    let Some(document) = toml_text::parse(source, facts) else { return };
    let has = |path: &[&str]| toml_text::at(&document, path).is_some();
    if !has(&["project"]) && !has(&["tool", "poetry"]) {
        return;
    }
    let mut draft = Draft::new(source, "pip");
    toml_text::take_name(&document, &["project", "name"], &mut draft);
    toml_text::take_name(&document, &["tool", "poetry", "name"], &mut draft);
    let mut found = Found::default();
    let listed = toml_text::at(&document, &["project", "dependencies"]);
    for value in listed.and_then(Item::as_array).into_iter().flatten() {
        let name = name_of(value.as_str().unwrap_or_default());
        let start = Value::span(value).map(|span| span.start + 1);
        found.note(name, start.map(|start| start..start + name.len()));
    }
    note(toml_text::at(&document, &["tool", "poetry", "dependencies"]), &mut found);
    found.settle(&mut draft);
    draft.package.is_runnable = has(&["project", "scripts"])
        || has(&["project", "gui-scripts"])
        || has(&["tool", "poetry", "scripts"]);
    facts.packages.push(draft.package);
    maintainers::note(source, maintaining(&document), facts);
}

/// Whom a project names as those who maintain it. Its authors may have left long ago.
fn maintaining(document: &Document<&str>) -> BTreeSet<String> {
    let named = |item: &Value| -> Option<String> {
        let Some(table) = item.as_inline_table() else {
            return maintainers::person(item.as_str()?);
        };
        let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
        text("email").or_else(|| text("name")).filter(|name| !name.trim().is_empty())
    };
    let lists = [&["project", "maintainers"][..], &["tool", "poetry", "maintainers"]];
    let lists = lists.iter().filter_map(|path| toml_text::at(document, path)?.as_array());
    lists.flatten().take(maintainers::MOST_PEOPLE).filter_map(named).collect()
}

/// Reads a Pipfile.
pub(super) fn pipfile(source: Source<'_>, facts: &mut Facts) {
    let Some(document) = toml_text::parse(source, facts) else { return };
    let mut draft = Draft::new(source, "pip");
    let mut found = Found::default();
    note(toml_text::at(&document, &["packages"]), &mut found);
    found.settle(&mut draft);
    facts.packages.push(draft.package);
}

fn note(table: Option<&Item>, found: &mut Found) {
    for (key, _) in toml_text::entries(table).filter(|(key, _)| key.get() != "python") {
        found.note(key.get(), key.span());
    }
}

/// Reads the name in a setup.py, which is code and is not run; one that names nothing leaves that
/// to setup.cfg or pyproject.toml.
pub(super) fn setup(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "pip");
    let mut is_named = false;
    for (start, line) in lines(source.text) {
        let Some(value) = named_value(line) else { continue };
        is_named = true;
        if let Some((0, name)) = quoted(value).map(|(at, name)| (at - 1, name)) {
            draft.name(name, start + (line.len() - value.len()) + 1);
        }
    }
    draft.package.is_runnable = source.text.contains("console_scripts");
    if is_named || draft.package.is_runnable {
        facts.packages.push(draft.package);
    }
}

/// What follows `name=` in `name=…` or `setup(name=…`.
fn named_value(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let code = code.split_once("setup(").map_or(code, |(_, arguments)| arguments);
    Some(code.strip_prefix("name")?.trim_start().strip_prefix('=')?.trim_start())
}

/// Reads the name in a setup.cfg; one without a section `metadata` only configures tools.
pub(super) fn configuration(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "pip");
    let mut section = "";
    let mut has_metadata = false;
    for (start, line) in lines(source.text) {
        if line.starts_with('[') {
            section = line.trim();
            has_metadata |= section == "[metadata]";
        } else if let ("[metadata]", Some(value)) = (section, named_value(line)) {
            draft.name(value.trim_end(), start + (line.len() - value.len()));
        }
    }
    if has_metadata {
        draft.package.is_runnable = source.text.contains("console_scripts");
        facts.packages.push(draft.package);
    }
}
