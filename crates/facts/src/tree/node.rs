//! How readers ask a node.

use model::{Place, Placed};

use super::{Node, Scalar, Value};

impl Node {
    /// The value under `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key itself, for its place.
    pub fn key(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(key, _)| key)
    }

    /// The value that the keys in `path` lead to, one inside the other.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The scalar, whatever it means.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The text of a scalar that is not null; numbers and booleans as they are written.
    pub fn str(&self) -> Option<&str> {
        self.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// The text under `key` with its place.
    pub fn string(&self, key: &str) -> Option<Placed<String>> {
        self.get(key)?.placed()
    }

    /// Whether it is a null scalar.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// Its boolean, see [`Scalar::bool`].
    pub fn bool(&self) -> Option<bool> {
        self.scalar()?.bool()
    }

    /// Its whole number, see [`Scalar::int`].
    pub fn int(&self) -> Option<i64> {
        self.scalar()?.int()
    }

    /// Its number, see [`Scalar::float`].
    pub fn float(&self) -> Option<f64> {
        self.scalar()?.float()
    }

    /// The nodes of a sequence; none for all else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => &[],
        }
    }

    /// Key's text, key and value of each entry of a mapping; none for all else.
    ///
    /// A collection that stands as a key is passed over: it was a trouble when the file was read.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Node, &Node)> {
        self.pairs()
            .iter()
            .filter_map(|(key, value)| Some((key.scalar()?.text.as_str(), key, value)))
    }

    /// The text of a scalar, or of each scalar of a sequence; nulls and collections are left out.
    pub fn strings(&self) -> impl Iterator<Item = Placed<String>> + '_ {
        self.placed().into_iter().chain(self.items().iter().filter_map(Node::placed))
    }

    /// Where the line `n` (from 0) of a scalar's text stands.
    ///
    /// Exact for literal block scalars (`|`), such as scripts of pipelines; the node's own place
    /// for all else and for lines beyond the text.
    pub fn line_place(&self, n: usize) -> Place {
        self.literal_line(n).unwrap_or_else(|| self.place.clone())
    }

    /// Where the text of a literal block scalar (`|`) begins; all its lines stand as deep.
    pub fn literal_start(&self) -> Option<Place> {
        let first = self.scalar()?.lines?;
        Some(Place::point(self.place.path.clone(), first.line, first.column))
    }

    fn literal_line(&self, n: usize) -> Option<Place> {
        let scalar = self.scalar()?;
        let first = scalar.lines?;
        let text = scalar.text.lines().nth(n)?;
        let line = first.line.checked_add(u32::try_from(n).ok()?)?;
        // An empty line of the text may be shorter than the indentation.
        let column = if text.is_empty() { 1 } else { first.column };
        let length = u32::try_from(text.chars().count()).ok()?;
        Some(Place {
            end_column: column.checked_add(length)?,
            ..Place::point(self.place.path.clone(), line, column)
        })
    }

    fn placed(&self) -> Option<Placed<String>> {
        Some(Placed::new(self.str()?.to_owned(), self.place.clone()))
    }

    fn pairs(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            Value::Scalar(_) | Value::Sequence(_) => &[],
        }
    }

    fn entry(&self, key: &str) -> Option<&(Node, Node)> {
        self.pairs().iter().find(|(node, _)| node.scalar().is_some_and(|scalar| scalar.text == key))
    }
}
