//! Files inside of manifests: the texts that a `ConfigMap` or Secret holds, read with the places
//! that they have in the outer file.

use model::Place;

use crate::tree::{self, Node, Value};
use crate::{Facts, Gap, Subject};

/// The objects of a document: the items of a `List` or `ConfigMapList`, else the document itself.
pub(super) fn objects(document: &Node) -> &[Node] {
    let is_list = document.get("kind").and_then(Node::str).is_some_and(|it| it.ends_with("List"));
    match document.get("items") {
        Some(items) if is_list => items.items(),
        _ => std::slice::from_ref(document),
    }
}

/// The texts that an object holds as files, by name: those of a `ConfigMap`, and those of a
/// Secret that are not encoded.
pub(super) fn files(object: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let key = match object.get("kind").and_then(Node::str) {
        Some("ConfigMap") => "data",
        Some("Secret") => "stringData",
        _ => "",
    };
    let entries = object.get(key).into_iter().flat_map(Node::entries);
    entries.filter(|(_, _, text)| text.str().is_some()).map(|(name, _, text)| (name, text))
}

/// The documents of the file `name` whose text is `node`. What cannot be read of it becomes a
/// gap in `subject`.
pub(super) fn documents(name: &str, node: &Node, subject: Subject, facts: &mut Facts) -> Vec<Node> {
    let text = node.str().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_json = extension.eq_ignore_ascii_case("json");
    let read = if is_json { tree::read_json } else { tree::read_yaml };
    let read = read(&node.place.path, text);
    let shift = Shift { start: node.literal_start(), whole: &node.place };
    facts.gaps.extend(read.troubles.into_iter().map(|trouble| Gap {
        subject: Some(subject),
        place: shift.outer(&trouble.place),
        reason: format!("`{name}` in it could not be read: {}", trouble.reason),
        name: None,
    }));
    let mut roots: Vec<Node> = read.documents.into_iter().map(|document| document.root).collect();
    for root in &mut roots {
        shift.apply(root);
    }
    roots
}

/// How places in the text become places in the outer file.
struct Shift<'a> {
    /// Where the text starts, if its lines stand in the outer file as they are.
    start: Option<Place>,
    whole: &'a Place,
}

impl Shift<'_> {
    fn outer(&self, inner: &Place) -> Place {
        let Some(start) = &self.start else {
            return self.whole.clone();
        };
        let line = |line: u32| line.saturating_add(start.line).saturating_sub(1);
        let column = |column: u32| column.saturating_add(start.column).saturating_sub(1);
        Place {
            path: inner.path.clone(),
            line: line(inner.line),
            column: column(inner.column),
            end_line: line(inner.end_line),
            end_column: column(inner.end_column),
        }
    }

    /// Moves `node` and all in it; the tree's depth is bounded, so is the recursion.
    fn apply(&self, node: &mut Node) {
        node.place = self.outer(&node.place);
        match &mut node.value {
            Value::Scalar(scalar) => scalar.move_lines(self.start.as_ref()),
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(key, value)| {
                self.apply(key);
                self.apply(value);
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Node {
        tree::read_yaml(&"a.yaml".into(), text).documents.remove(0).root
    }

    #[test]
    fn places_of_a_literal_text_are_those_of_the_outer_file() {
        let object = object(
            "kind: ConfigMap\ndata:\n  a.yaml: |\n\n    k:\n      - é: v\n      - s: |\n          one\n          two\n",
        );
        let (name, text) = files(&object).next().unwrap();
        let mut facts = Facts::default();
        let roots = documents(name, text, Subject::Alerts, &mut facts);
        let items = roots[0].get("k").unwrap().items();
        assert_eq!(items[0].get("é").unwrap().place.to_string(), "a.yaml:6:12");
        assert_eq!(items[1].get("s").unwrap().line_place(1).to_string(), "a.yaml:9:11");
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn a_quoted_text_has_one_place_and_a_broken_one_is_a_gap() {
        let object = object("kind: Secret\nstringData: {a: \"k: {v: 1}\", b.json: '{'}\n");
        let mut facts = Facts::default();
        let mut files = files(&object);
        let (name, text) = files.next().unwrap();
        let roots = documents(name, text, Subject::Alerts, &mut facts);
        assert_eq!(roots[0].at(&["k", "v"]).unwrap().place.to_string(), "a.yaml:2:17");
        let (name, text) = files.next().unwrap();
        assert_eq!(documents(name, text, Subject::Routes, &mut facts), []);
        assert_eq!(facts.gaps[0].place.to_string(), "a.yaml:2:38");
        assert!(facts.gaps[0].reason.contains("`b.json`"), "{}", facts.gaps[0].reason);
    }

    #[test]
    fn other_objects_hold_no_files_and_lists_hold_objects() {
        assert_eq!(files(&object("kind: Pod\ndata: {a: b}\n")).count(), 0);
        assert_eq!(objects(&object("kind: List\nitems: [{kind: A}, {kind: B}]\n")).len(), 2);
        assert_eq!(objects(&object("kind: ConfigMapList\nitems: [{}, {}, {}]\n")).len(), 3);
        assert_eq!(objects(&object("kind: A\nitems: [1]\n")).len(), 1);
    }
}
