//! The entries of a mapping: merge keys applied, each key once.

use std::collections::HashMap;

use super::build::Refusal;
use super::{Node, Value};

/// The key of YAML 1.1 whose value's entries are taken over.
const MERGE: &str = "<<";

/// Characters of a key that are shown.
const SHOWN: usize = 60;

type Entries = Vec<(Node, Node)>;

/// A mapping's final entries, and what was wrong with those written.
pub(super) struct Tidied {
    pub(super) entries: Entries,
    pub(super) faults: Vec<Refusal>,
}

/// Applies merge keys and drops repeated keys: of those written the last one wins, as with kubectl
/// and most readers, and a written one wins over a merged one.
pub(super) fn tidy(entries: Entries) -> Tidied {
    let mut faults = Vec::new();
    let (mut entries, merged) = split(entries, &mut faults);
    let written = entries.len();
    entries.extend(merged);
    let mut keep = kept(&entries, written, &mut faults).into_iter();
    entries.retain(|_| keep.next().unwrap_or(true));
    Tidied { entries, faults }
}

/// The entries as written, and those that merge keys bring.
fn split(entries: Entries, faults: &mut Vec<Refusal>) -> (Entries, Entries) {
    let mut merged = Vec::new();
    if !entries.iter().any(|(key, _)| is_merge(key)) {
        return (entries, merged);
    }
    let mut written = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if !is_merge(&key) {
            written.push((key, value));
        } else if let Some(entries) = mergeable(value) {
            merged.extend(entries);
        } else {
            let reason = "the merge key `<<` stands before something that is not a mapping";
            faults.push(Refusal::new(key.place, reason));
        }
    }
    (written, merged)
}

fn is_merge(key: &Node) -> bool {
    key.tag.is_none() && key.scalar().is_some_and(|scalar| scalar.is_plain && scalar.text == MERGE)
}

/// The entries of a mapping, or of all mappings in a sequence.
fn mergeable(value: Node) -> Option<Entries> {
    match value.value {
        Value::Mapping(entries) => Some(entries),
        Value::Sequence(items) => {
            let mappings = items.into_iter().map(|item| match item.value {
                Value::Mapping(entries) => Some(entries),
                Value::Scalar(_) | Value::Sequence(_) => None,
            });
            Some(mappings.collect::<Option<Vec<_>>>()?.concat())
        }
        Value::Scalar(_) => None,
    }
}

/// Which entries stay; the first `written` ones stand in the mapping itself.
fn kept(entries: &Entries, written: usize, faults: &mut Vec<Refusal>) -> Vec<bool> {
    let mut known: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    let mut keep: Vec<bool> = Vec::with_capacity(entries.len());
    for (index, (key, _)) in entries.iter().enumerate() {
        let Some(scalar) = key.scalar() else {
            faults.push(Refusal::new(
                key.place.clone(),
                "a collection stands as a key, as in a template that is not rendered",
            ));
            keep.push(true);
            continue;
        };
        let before = known.get(scalar.text.as_str()).copied();
        let is_repeated = before.is_some() && index < written;
        if is_repeated {
            faults.push(repeated(key, &scalar.text));
            if let Some(kept) = before.and_then(|before| keep.get_mut(before)) {
                *kept = false;
            }
        }
        let is_kept = before.is_none() || is_repeated;
        if is_kept {
            known.insert(scalar.text.as_str(), index);
        }
        keep.push(is_kept);
    }
    keep
}

fn repeated(key: &Node, text: &str) -> Refusal {
    let shown: String = text.chars().take(SHOWN).collect();
    let reason = format!("the key `{shown}` stands twice in one mapping; the last is used");
    Refusal::new(key.place.clone(), reason)
}

#[cfg(test)]
mod tests {
    use crate::tree::{Read, read_yaml};

    fn read(text: &str) -> Read {
        read_yaml(&"a.yaml".into(), text)
    }

    #[test]
    fn merge_keys_bring_entries_that_are_not_written() {
        let read = read("base: &base {a: 1, b: 2}\nuse:\n  <<: *base\n  b: 3\n  c: 4\n");
        assert_eq!(read.troubles, []);
        let used = read.documents[0].root.get("use").unwrap();
        assert_eq!(used.get("a").unwrap().int(), Some(1));
        assert_eq!(used.get("b").unwrap().int(), Some(3));
        let keys: Vec<_> = used.entries().map(|(text, ..)| text).collect();
        assert_eq!(keys, ["b", "c", "a"]);
    }

    #[test]
    fn of_several_merged_mappings_the_first_wins() {
        let read = read("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n");
        assert_eq!(read.troubles, []);
        let used = read.documents[0].root.get("z").unwrap();
        assert_eq!(used.get("a").unwrap().int(), Some(1));
        assert_eq!(used.get("b").unwrap().int(), Some(2));
        assert!(used.get("<<").is_none());
    }

    #[test]
    fn merging_what_is_no_mapping_is_a_trouble_and_a_quoted_merge_key_is_a_key() {
        let odd = read("a:\n  <<: 1\n  b: 2\n");
        assert_eq!((odd.troubles[0].place.line, odd.troubles.len()), (2, 1));
        assert_eq!(odd.documents[0].root.at(&["a", "b"]).unwrap().int(), Some(2));
        let quoted = read("'<<': 1\n");
        assert_eq!(quoted.troubles, []);
        assert_eq!(quoted.documents[0].root.get("<<").unwrap().int(), Some(1));
    }

    #[test]
    fn a_repeated_key_is_a_trouble_and_the_last_one_is_used() {
        let read = read("a: 1\nb: 2\na: 3\n");
        assert_eq!(read.documents[0].root.get("a").unwrap().int(), Some(3));
        assert_eq!(read.documents[0].root.entries().count(), 2);
        let trouble = &read.troubles[0];
        assert_eq!((trouble.place.line, trouble.place.column), (3, 1));
        assert!(!trouble.is_document_lost && trouble.reason.contains("`a`"));
    }

    #[test]
    fn a_collection_as_a_key_is_a_trouble() {
        let read = read("image: {{ .Values.image }}\n");
        assert_eq!((read.troubles[0].place.line, read.troubles.len()), (1, 1));
        assert!(read.troubles[0].reason.contains("template"));
    }
}
