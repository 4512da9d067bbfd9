//! What is wrong with a mapping of a gonogo.yaml, by the table.

use std::collections::HashMap;

use model::{Place, Placed};

use super::format::{Format, is_to_be_filled_in};
use super::shape::{Key, Section, Shape};
use super::suggest::nearest;
use super::table::SERVICE;
use crate::tree::{Node, Value};

/// Characters of a text that are shown in a trouble.
const SHOWN: usize = 60;

/// Troubles of one service after which no more are looked for.
const MOST: usize = 200;

/// Troubles with `node`, which stands for one service, in the order of the table's keys.
pub(crate) fn check(node: &Node) -> Vec<Placed<String>> {
    let mut checker = Checker::default();
    checker.section("the file", node, &SERVICE);
    checker.troubles
}

#[derive(Default)]
struct Checker {
    troubles: Vec<Placed<String>>,
}

impl Checker {
    fn say(&mut self, place: &Place, trouble: String) {
        if self.troubles.len() == MOST {
            let trouble = "there are more troubles from here on".to_owned();
            self.troubles.push(Placed::new(trouble, place.clone()));
        } else if !self.is_full() {
            self.troubles.push(Placed::new(trouble, place.clone()));
        }
    }

    fn is_full(&self) -> bool {
        self.troubles.len() > MOST
    }

    /// `name` is what stands before the mapping, for the reader.
    fn section(&mut self, name: &str, node: &Node, section: &Section) {
        if !matches!(node.value, Value::Mapping(_)) {
            let found = found(node);
            self.say(&node.place, format!("{name} is {found} where a mapping is expected"));
            return;
        }
        for (text, key, value) in node.entries() {
            if self.is_full() {
                return;
            }
            match section.key(text) {
                Some(known) => self.value(&format!("`{text}`"), value, &known.shape),
                None => self.say(&key.place, unknown(text, section)),
            }
        }
        for key in section.keys.iter().filter(|key| key.is_required) {
            if node.get(key.name).is_none() {
                self.say(&node.place.start(), missing(key));
            }
        }
    }

    fn value(&mut self, name: &str, node: &Node, shape: &Shape) {
        if node.is_null() {
            let expected = shape.words();
            self.say(&node.place, format!("{name} is empty where {expected} is expected"));
            return;
        }
        match shape {
            Shape::Text(format) => self.text(name, node, format),
            Shape::Word(words) => self.word(name, node, words),
            Shape::Flag => self.flag(name, node),
            Shape::Whole(least, most) => self.whole(name, node, *least, *most),
            Shape::Command => self.command(name, node),
            Shape::List(section, unique) => self.list(name, node, section, *unique),
            Shape::Named(names, shape) => self.named(name, node, names, shape),
            Shape::Mapping(section) => self.section(name, node, section),
        }
    }

    fn text(&mut self, name: &str, node: &Node, format: &Format) {
        let Some(text) = node.str() else {
            self.expect(name, node, format.words);
            return;
        };
        if is_to_be_filled_in(text) {
            self.say(&node.place, still_open(text));
        } else if let Some(fault) = (format.fault)(text) {
            self.say(&node.place, format!("{} {fault}", quoted(text)));
        } else if !format.takes_any_scalar && is_number_or_flag(node) {
            let found = found(node);
            self.say(&node.place, format!("{name} is {found}: put it in quotes to make it a text"));
        }
    }

    fn word(&mut self, name: &str, node: &Node, words: &[&'static str]) {
        let Some(text) = node.str() else {
            self.expect(name, node, &format!("one of {}", words.join(", ")));
            return;
        };
        if words.contains(&text) {
            return;
        }
        let meant = nearest(text, words.iter().copied())
            .or_else(|| words.iter().copied().find(|word| text.ends_with(word)));
        let hint = meant.map_or_else(String::new, |word| format!(": did you mean `{word}`?"));
        let trouble = format!("{} is not one of {}{hint}", quoted(text), words.join(", "));
        self.say(&node.place, trouble);
    }

    fn flag(&mut self, name: &str, node: &Node) {
        match (node.str(), node.bool()) {
            (Some("true" | "false"), Some(_)) => {}
            (Some(text), Some(value)) => {
                self.say(
                    &node.place,
                    format!("{} is not a boolean: write `{value}`", quoted(text)),
                );
            }
            _ => self.expect(name, node, "`true` or `false`"),
        }
    }

    fn whole(&mut self, name: &str, node: &Node, least: i64, most: i64) {
        let range = format!("a whole number from {least} to {most}");
        match (node.int(), node.str()) {
            (Some(number), _) if (least..=most).contains(&number) => {}
            (Some(number), _) => self.say(&node.place, format!("`{number}` is not {range}")),
            (None, Some(text)) if text.parse::<i64>().is_ok() => {
                self.say(&node.place, format!("{name} is a text: write {text} without quotes"));
            }
            (None, Some(text)) => self.say(&node.place, format!("{} is not {range}", quoted(text))),
            (None, None) => self.expect(name, node, &range),
        }
    }

    fn command(&mut self, name: &str, node: &Node) {
        if let Some(text) = node.str() {
            let words: Vec<_> = text.split_ascii_whitespace().collect();
            let list = shortened(&words.join(", "));
            let trouble = format!("{name} is a text where a list is expected: write [{list}]");
            self.say(&node.place, trouble);
            return;
        }
        if node.items().is_empty() {
            self.expect(name, node, &Shape::Command.words());
        }
        let words = node.items().iter().filter_map(|item| Some((item.str()?, &item.place)));
        for (word, place) in words.filter(|(word, _)| is_to_be_filled_in(word)) {
            self.say(place, still_open(word));
        }
        for item in node.items().iter().filter(|item| item.str().is_none()) {
            let found = found(item);
            self.say(&item.place, format!("an argument of {name} is {found}: arguments are texts"));
        }
    }

    fn list(&mut self, name: &str, node: &Node, section: &Section, unique: Option<&str>) {
        if !matches!(node.value, Value::Sequence(_)) {
            self.expect(name, node, "a list of mappings");
            return;
        }
        for item in node.items() {
            self.section(&format!("an item of {name}"), item, section);
        }
        if let Some(unique) = unique {
            self.repeated(section, unique, node.items());
        }
    }

    fn repeated(&mut self, section: &Section, unique: &str, items: &[Node]) {
        let mut known: HashMap<&str, &Place> = HashMap::new();
        for node in items.iter().filter_map(|item| item.get(unique)) {
            let Some(text) = node.str() else { continue };
            if let Some(first) = known.get(text) {
                let (id, text, line) = (section.id, quoted(text), first.line);
                let trouble = format!("the {id} {text} stands twice: first on line {line}");
                self.say(&node.place, trouble);
            } else {
                known.insert(text, &node.place);
            }
        }
    }

    fn named(&mut self, name: &str, node: &Node, names: &Format, shape: &Shape) {
        if !matches!(node.value, Value::Mapping(_)) {
            self.expect(name, node, "a mapping");
            return;
        }
        for (text, key, value) in node.entries() {
            if let Some(fault) = (names.fault)(text) {
                self.say(&key.place, format!("{} {fault}", quoted(text)));
            }
            self.value(&quoted(text), value, shape);
        }
    }

    fn expect(&mut self, name: &str, node: &Node, expected: &str) {
        let found = found(node);
        self.say(&node.place, format!("{name} is {found} where {expected} is expected"));
    }
}

fn missing(key: &Key) -> String {
    let Key { name, doc, .. } = key;
    let doc = doc.trim_end_matches('.').to_owned();
    format!("`{name}` is missing: {}", lowered(&doc))
}

fn unknown(text: &str, section: &Section) -> String {
    let shown = quoted(text);
    if let Some(meant) = nearest(text, section.keys.iter().map(|key| key.name)) {
        return format!("unknown key {shown}: did you mean `{meant}`?");
    }
    if let Some(home) = home_of(text) {
        return format!("unknown key {shown}: it belongs {home}");
    }
    let names: Vec<_> = section.keys.iter().map(|key| key.name).collect();
    format!("unknown key {shown}: the keys here are {}", names.join(", "))
}

/// Where the first section stands that has a key called `name`.
fn home_of(name: &str) -> Option<String> {
    let mut open: Vec<(String, &Section)> = vec![(String::new(), &SERVICE)];
    while let Some((path, section)) = open.pop() {
        if section.key(name).is_some() {
            let top = "at the top of the file".to_owned();
            return Some(if path.is_empty() { top } else { format!("under `{path}`") });
        }
        let before = if path.is_empty() { path } else { path + "." };
        let mut inner: Vec<_> = section
            .inner()
            .map(|(key, section)| {
                (format!("{before}{}{}", key.name, key.shape.path_suffix()), section)
            })
            .collect();
        inner.reverse();
        open.extend(inner);
    }
    None
}

/// What stands there, with an article.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Sequence(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Scalar(scalar) if scalar.is_null() => "empty".to_owned(),
        Value::Scalar(scalar) if is_number_or_flag(node) => {
            let sort = if scalar.float().is_some() { "number" } else { "boolean" };
            format!("the {sort} {}", quoted(&scalar.text))
        }
        Value::Scalar(_) => "a text".to_owned(),
    }
}

/// Whether an editor that follows YAML 1.2 takes the scalar for something else than a text.
fn is_number_or_flag(node: &Node) -> bool {
    let is_flag =
        matches!(node.str(), Some("true" | "True" | "TRUE" | "false" | "False" | "FALSE"));
    node.float().is_some() || is_flag && node.bool().is_some()
}

/// The text in backquotes.
fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// That nobody filled in what `gonogo init` left open.
fn still_open(text: &str) -> String {
    format!("{} is still to be filled in: put words of your own there", quoted(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::reference::EXAMPLE;
    use crate::tree::read_yaml;

    fn sections() -> Vec<&'static Section> {
        let (mut all, mut open) = (Vec::<&Section>::new(), vec![&SERVICE]);
        while let Some(section) = open.pop() {
            if !all.iter().any(|known| known.id == section.id) {
                all.push(section);
                open.extend(section.inner().map(|(_, inner)| inner));
            }
        }
        all
    }

    #[test]
    fn every_example_of_the_table_is_as_the_table_says() {
        for section in sections() {
            for key in section.keys {
                let read = read_yaml(&"example".into(), key.example);
                assert_eq!(read.troubles, [], "{}.{}", section.id, key.name);
                let mut checker = Checker::default();
                checker.value(key.name, &read.documents[0].root, &key.shape);
                assert_eq!(checker.troubles, [], "{}.{}", section.id, key.name);
            }
        }
    }

    #[test]
    fn ids_and_keys_are_unique_and_docs_are_sentences() {
        let all = sections();
        for section in &all {
            assert!(section.doc.ends_with('.'), "{}", section.id);
            for key in section.keys {
                assert!(key.doc.ends_with('.') && key.doc.len() > 8, "{}", key.name);
                let is_kebab = key.name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                assert!(is_kebab, "{}", key.name);
                let same = section.keys.iter().filter(|other| other.name == key.name);
                assert_eq!(same.count(), 1, "{}", key.name);
            }
        }
        assert!(all.len() > 15, "{}", all.len());
    }

    #[test]
    fn kinds_are_those_of_the_model() {
        let Some(Key { shape: Shape::Word(words), .. }) = SERVICE.key("kind") else { panic!() };
        assert_eq!(words.to_vec(), model::Kind::ALL.map(model::Kind::name));
    }

    #[test]
    fn the_whole_example_has_every_key() {
        let read = read_yaml(&"example".into(), EXAMPLE);
        let used = |name: &str| {
            let start = |text: &str| text.trim_start_matches([' ', '-', '{']).starts_with(name);
            let parts = EXAMPLE.split(['\n', ',', '{']);
            parts.into_iter().any(|part| start(part.trim_start()))
        };
        for key in sections().iter().flat_map(|section| section.keys) {
            assert!(used(&format!("{}:", key.name)), "{}", key.name);
        }
        assert_eq!(check(&read.documents[0].root), []);
    }

    #[test]
    fn endless_troubles_are_cut_off_and_said_to_be() {
        let lines: Vec<_> = (0..1_000).map(|n| format!("unheard-of-{n}: 1")).collect();
        let text = lines.join("\n");
        let read = read_yaml(&"gonogo.yaml".into(), &text);
        let troubles = check(&read.documents[0].root);
        assert_eq!(troubles.len(), MOST + 1);
        assert_eq!(troubles[MOST].value, "there are more troubles from here on");
    }
}
