//! Laws of the tree: whatever the text, nothing panics, nothing explodes, and every place lies
//! inside the text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const SEEDS: [&str; 6] = [
    "a: 1\nb:\n  - x\n  - y: 2\n    z: [1, {q: w}]\nc: |\n  one\n   é two\n\nd: >-\n  f\n  g\n",
    "---\ne: \"x\\n y\"\nf: 'it''s'\ng: &a {h: i}\nj:\n  <<: *a\n  k: ~\n---\n- *a\n- &b [c]\n- *b\n",
    "on:\n  push:\njobs:\n  b:\n    steps:\n    - run: |2\n\n          make || true\r\n          # no\n",
    "- a\n-\n  - b # c\n- ? d\n  : e\n- {f: g, h}\n- [i, j: k]\n...\n---\nl: !!str 1\nm: !n o\n",
    "{\n  \"a\": [1, -2.5e3, \"é\\u00e9\\n\"], // b\n  \"c\": {\"d\": null, \"e\": true,}, /* f\n */\n}\n",
    "{{- if .Values.a }}\nb: {{ .Values.c }}\nd: \"{{ $x }}\"\ne: |\n  {{ f }}\n{{- end }}\n",
];

const SIGNS: &str = "\t\n\r\0 :-[]{},#&*!|>'\"%@`?a1~\\.</é\u{85}\u{2028}\u{feff}\u{1f600}";

fn texts() -> impl Strategy<Value = String> {
    let signs: Vec<char> = SIGNS.chars().collect();
    prop_oneof![
        any::<String>(),
        vec(any::<u8>(), 0..200).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        vec(select(signs.clone()), 0..60).prop_map(String::from_iter),
        (select(&SEEDS[..]), vec((any::<Index>(), 0..4_usize, select(signs)), 1..6)).prop_map(
            |(seed, changes)| changes
                .into_iter()
                .fold(seed.to_owned(), |text, change| mutated(&text, change))
        ),
    ]
}

/// The text with one character put in, taken out, replaced, or a stretch doubled.
fn mutated(text: &str, (at, kind, sign): (Index, usize, char)) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at.index(characters.len() + 1);
    match kind {
        0 => characters.insert(at, sign),
        1 if at < characters.len() => drop(characters.remove(at)),
        2 if at < characters.len() => characters[at] = sign,
        _ => characters.extend_from_within(at / 2..at),
    }
    characters.into_iter().collect()
}

fn reads(text: &str) -> [Read; 2] {
    [read_yaml(&"a".into(), text), read_json(&"a".into(), text)]
}

fn walk<'n>(node: &'n Node, visit: &mut dyn FnMut(&'n Node)) {
    visit(node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            walk(key, visit);
            walk(value, visit);
        }),
    }
}

fn nodes(read: &Read) -> Vec<&Node> {
    let mut nodes = Vec::new();
    for document in &read.documents {
        walk(&document.root, &mut |node| nodes.push(node));
    }
    nodes
}

/// The characters of each line, without a byte order mark.
fn lines(text: &str) -> Vec<Vec<char>> {
    without_mark(text).split('\n').map(|line| line.chars().collect()).collect()
}

fn is_inside(place: &Place, lines: &[Vec<char>]) -> bool {
    let ends = [(place.line, place.column), (place.end_line, place.end_column)];
    ends[0] <= ends[1]
        && ends.iter().all(|(line, column)| {
            let found = line.checked_sub(1).and_then(|line| lines.get(line as usize));
            found.is_some_and(|line| (1..=line.len() + 1).contains(&(*column as usize)))
        })
}

/// What stands at a place within one line.
fn written(place: &Place, lines: &[Vec<char>]) -> String {
    lines[place.line as usize - 1][place.column as usize - 1..place.end_column as usize - 1]
        .iter()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_place_lies_inside_the_text(text in texts()) {
        let lines = lines(&text);
        for read in reads(&text) {
            let troubles = read.troubles.iter().map(|trouble| &trouble.place);
            let comments = read.comments.iter().map(|comment| &comment.place);
            for place in troubles.chain(comments).chain(nodes(&read).into_iter().map(|node| &node.place)) {
                prop_assert!(is_inside(place, &lines), "{place:?} in {text:?}");
            }
        }
    }

    #[test]
    fn the_lines_of_a_scalar_stand_at_their_places(text in texts()) {
        let lines = lines(&text);
        let read = read_yaml(&"a".into(), &text);
        for scalar in nodes(&read).into_iter().filter(|node| node.scalar().is_some()) {
            let Some(Scalar { text: inner, lines: known, .. }) = scalar.scalar() else { continue };
            for (n, line) in inner.lines().enumerate() {
                let place = scalar.line_place(n);
                prop_assert!(is_inside(&place, &lines), "{place:?} in {text:?}");
                if known.is_some() {
                    prop_assert_eq!(written(&place, &lines), line, "{:?}", text);
                }
            }
        }
    }

    #[test]
    fn a_plain_word_stands_at_its_place(text in texts()) {
        let lines = lines(&text);
        for read in reads(&text) {
            for node in nodes(&read) {
                let Some(scalar) = node.scalar().filter(|scalar| scalar.is_plain) else { continue };
                if node.place.line == node.place.end_line && !text.contains('\r') {
                    prop_assert_eq!(&written(&node.place, &lines), &scalar.text, "{:?}", text);
                }
            }
        }
    }

    #[test]
    fn what_is_read_is_readable_and_what_is_not_is_told(text in texts()) {
        for read in reads(&text) {
            for node in nodes(&read) {
                let _ = (node.bool(), node.int(), node.float(), node.str(), node.strings().count());
                for (key, place, value) in node.entries() {
                    prop_assert_eq!(node.get(key), Some(value));
                    prop_assert_eq!(node.key(key), Some(place));
                }
            }
        }
        let line = is_templated(&text).unwrap_or(1) as usize;
        prop_assert!((1..=text.lines().count().max(1)).contains(&line));
    }
}

/// Nine levels of nine aliases each.
fn bomb() -> String {
    (1..=9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        format!("{text}a{level}: &a{level} [{aliases}]\n")
    })
}

#[test]
fn an_alias_bomb_is_a_trouble_and_leaves_other_documents_readable() {
    let read = read_yaml(&"a".into(), &format!("{}---\nb: 1\n", bomb()));
    assert_eq!((read.troubles.len(), read.documents.len()), (1, 1));
    assert!(read.troubles[0].reason.contains("aliases"));
    let many = read_yaml(&"a".into(), &format!("{}---\n", bomb()).repeat(50));
    assert_eq!((many.troubles.len(), many.documents.len()), (50, 0));
}

#[test]
fn a_long_text_cannot_be_copied_without_end() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 1_000].join(","));
    let read = read_yaml(&"a".into(), &text);
    assert_eq!((read.troubles.len(), read.documents.len()), (1, 0));
}

#[test]
fn an_alias_inside_its_own_node_is_a_trouble() {
    let read = read_yaml(&"a".into(), "a: &a [*a]\n");
    assert_eq!((read.troubles[0].place.column, read.documents.len()), (8, 0));
}

/// Mappings inside one another, each a column further in.
fn stairs(steps: usize) -> String {
    (0..steps).flat_map(|n| [" ".repeat(n), "a:\n".to_owned()]).collect()
}

#[test]
fn depth_is_bounded_however_it_is_written() {
    let deep = 100_000;
    let steps = stairs(400);
    let mut texts = ["[", "{", "[{", "{a: ", "[a, ", "- ", "? ", "? - ", ": ", "- - ", "--- ["]
        .map(|part| part.repeat(deep))
        .to_vec();
    texts.push(steps);
    texts.push("[".repeat(deep) + &"]".repeat(deep));
    for text in &texts {
        for read in reads(text) {
            assert_eq!(read.documents, [], "{text:.20}");
            assert!(read.troubles[0].is_document_lost);
        }
    }
    let aliased = format!(
        "a: &a {}x{}\nb: {}*a{}\n",
        "[".repeat(40),
        "]".repeat(40),
        "[".repeat(40),
        "]".repeat(40)
    );
    let read = read_yaml(&"a".into(), &aliased);
    assert_eq!((read.documents.len(), read.troubles[0].place.line), (0, 2));
}

#[test]
fn depth_within_the_bound_is_read() {
    let text = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
    for read in reads(&text) {
        assert_eq!((read.documents.len(), read.troubles.len()), (1, 0));
    }
    let block = stairs(MAX_DEPTH);
    assert_eq!(read_yaml(&"a".into(), &block).troubles, []);
}

#[test]
fn the_number_of_values_is_bounded() {
    let many = "1,".repeat(MAX_NODES);
    for read in reads(&format!("[{many}]")) {
        assert_eq!((read.documents.len(), read.troubles.len()), (0, 1));
        assert!(read.troubles[0].reason.contains("250000"));
    }
}

#[test]
fn faults_without_end_are_not_listed_without_end() {
    let read = read_yaml(&"a".into(), &"a: 1\n".repeat(5_000));
    assert_eq!((read.documents.len(), read.troubles.len()), (1, 101));
    assert!(read.troubles[100].is_document_lost);
    let broken = read_yaml(&"a".into(), &"--- [\n".repeat(5_000));
    assert_eq!((broken.documents.len(), broken.troubles.len()), (0, 101));
}
