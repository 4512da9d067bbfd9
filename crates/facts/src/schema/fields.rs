//! How the reader of a gonogo.yaml asks for what the table names.

use model::{Place, Placed};

use super::format::{duration_s, is_to_be_filled_in, quantile, rate_per_s, ratio};
use super::shape::{Key, Section};
use super::table::SERVICE;
use crate::tree::{Node, Value};

/// A mapping of the file, beside what the table says of it.
///
/// Values that are not as the table says are left out: they are troubles already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    node: &'a Node,
    section: &'static Section,
}

impl<'a> Fields<'a> {
    /// The mapping that stands for one service.
    pub(crate) fn new(node: &'a Node) -> Self {
        Self { node, section: &SERVICE }
    }

    /// Where the mapping starts.
    pub(crate) fn place(self) -> Place {
        self.node.place.start()
    }

    /// Where what is under `name` starts.
    pub(crate) fn place_of(self, name: &str) -> Option<Place> {
        Some(self.get(name)?.place.start())
    }

    /// The text under `name`, as written.
    pub(crate) fn text(self, name: &str) -> Option<Placed<String>> {
        self.parsed(name, |text| Some(text.to_owned()))
    }

    /// Whether what is under `name` is still to be filled in.
    pub(crate) fn is_open(self, name: &str) -> bool {
        self.get(name).and_then(Node::str).is_some_and(is_to_be_filled_in)
    }

    /// The text under `name`, if `parse` knows it and somebody filled it in.
    pub(crate) fn parsed<T>(
        self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Placed<T>> {
        let node = self.get(name)?;
        let text = node.str().filter(|text| !is_to_be_filled_in(text))?;
        Some(Placed::new(parse(text)?, node.place.clone()))
    }

    /// The duration under `name`, in seconds.
    pub(crate) fn duration_s(self, name: &str) -> Option<Placed<f64>> {
        self.parsed(name, duration_s)
    }

    /// The rate under `name`, in requests per second.
    pub(crate) fn rate_per_s(self, name: &str) -> Option<Placed<f64>> {
        self.parsed(name, rate_per_s)
    }

    /// The percentage under `name`, as a ratio.
    pub(crate) fn ratio(self, name: &str) -> Option<Placed<f64>> {
        self.parsed(name, ratio)
    }

    /// The whole number under `name`, also in quotes.
    pub(crate) fn whole(self, name: &str) -> Option<Placed<i64>> {
        let node = self.get(name)?;
        let number = node.int().or_else(|| node.str()?.parse().ok())?;
        Some(Placed::new(number, node.place.clone()))
    }

    /// The boolean under `name`.
    pub(crate) fn flag(self, name: &str) -> Option<Placed<bool>> {
        let node = self.get(name)?;
        Some(Placed::new(node.bool()?, node.place.clone()))
    }

    /// The program and its arguments under `name`, joined by spaces.
    pub(crate) fn command(self, name: &str) -> Option<Placed<String>> {
        let node = self.get(name)?;
        let words: Vec<String> = node.strings().map(|word| word.value).collect();
        (!words.is_empty()).then(|| Placed::new(words.join(" "), node.place.clone()))
    }

    /// The program and its arguments under `name`, each by itself.
    pub(crate) fn words(self, name: &str) -> Vec<String> {
        self.get(name).into_iter().flat_map(Node::strings).map(|word| word.value).collect()
    }

    /// The mapping under `name`.
    pub(crate) fn inside(self, name: &str) -> Option<Self> {
        let section = self.key(name)?.shape.section()?;
        let node = self.get(name)?;
        is_mapping(node).then_some(Self { node, section })
    }

    /// The mappings in the list under `name`; none where there is no list.
    pub(crate) fn list(self, name: &str) -> Option<Vec<Self>> {
        let section = self.key(name)?.shape.section()?;
        let node = self.get(name)?;
        let items = node.items().iter().filter(|item| is_mapping(item));
        matches!(node.value, Value::Sequence(_))
            .then(|| items.map(|node| Self { node, section }).collect())
    }

    /// Names that the user gave in the mapping under `name`, and the texts under them.
    pub(crate) fn named_texts(self, name: &str) -> Vec<(Placed<String>, Placed<String>)> {
        let Some(node) = self.get(name) else { return Vec::new() };
        node.entries()
            .filter_map(|(text, key, value)| {
                let name = Placed::new(text.to_owned(), key.place.clone());
                Some((name, Placed::new(value.str()?.to_owned(), value.place.clone())))
            })
            .collect()
    }

    /// The same without their places.
    pub(crate) fn texts(self, name: &str) -> Vec<(String, String)> {
        let texts = self.named_texts(name).into_iter();
        texts.map(|(name, text)| (name.value, text.value)).collect()
    }

    /// Names that the user gave in the mapping under `name`, and the mappings under them.
    pub(crate) fn named(self, name: &str) -> Vec<(Placed<String>, Self)> {
        let section = self.key(name).and_then(|key| key.shape.section());
        let (Some(section), Some(node)) = (section, self.get(name)) else { return Vec::new() };
        node.entries()
            .filter(|(_, _, value)| is_mapping(value))
            .map(|(text, key, node)| {
                (Placed::new(text.to_owned(), key.place.clone()), Self { node, section })
            })
            .collect()
    }

    /// The quantiles under `name` as ratios, and their durations in seconds.
    pub(crate) fn quantiles(self, name: &str) -> Vec<(Placed<f64>, Placed<String>, Placed<f64>)> {
        self.named_texts(name)
            .into_iter()
            .filter_map(|(key, value)| {
                let ratio = Placed::new(quantile(&key)?, key.place.clone());
                let seconds = Placed::new(duration_s(&value)?, value.place);
                Some((ratio, key, seconds))
            })
            .collect()
    }

    fn get(self, name: &str) -> Option<&'a Node> {
        self.key(name)?;
        self.node.get(name).filter(|node| !node.is_null())
    }

    fn key(self, name: &str) -> Option<&'static Key> {
        let key = self.section.key(name);
        debug_assert!(key.is_some(), "the table has no key {}.{name}", self.section.id);
        key
    }
}

fn is_mapping(node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_))
}
