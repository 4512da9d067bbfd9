//! What an expression may name of a subject: one table of fields gives the check its types, the
//! evaluation its values and the documentation its rows.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use facts::Subject;
use model::Placed;

/// More items than this are not judged: such a list is no list to the expression, which fails.
pub(super) const MOST_ITEMS: usize = 500;

/// What is known of a value before it is there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Base {
    /// Anything: an item of an empty list.
    Any,
    /// `string`.
    Text,
    /// `int`.
    Whole,
    /// `double`.
    Real,
    /// `bool`.
    Truth,
    /// Texts by their names.
    Texts,
    /// Something with fields.
    Thing(Shape),
}

/// A type: a base, or lists of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    /// What it is, or what its lists hold in the end.
    pub(crate) base: Base,
    /// How many lists are around it.
    pub(crate) lists: u8,
}

/// Something with fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Its name in the documentation.
    pub(crate) name: &'static str,
    /// Its fields.
    pub(crate) fields: fn() -> Vec<Told>,
}

/// What is told of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) of: Type,
    /// Whether it may be absent, and `has` may ask for it.
    pub(crate) is_optional: bool,
    /// What it says.
    pub(crate) doc: &'static str,
    /// The facts that it stands on, where they are others than those of the subject itself.
    pub(crate) reads: Option<Subject>,
}

/// A field of `T`.
pub(crate) struct Field<T> {
    told: Told,
    read: Read<T>,
}

enum Read<T> {
    Always(fn(&T) -> Value),
    Maybe(fn(&T) -> Option<Value>),
}

/// Something with a table of fields.
pub(crate) trait Described: Sized {
    /// Its name in the documentation.
    const NAME: &'static str;

    /// The table.
    fn fields() -> Vec<Field<Self>>;
}

impl<T> Field<T> {
    /// The same field, which stands on facts of `subject`.
    pub(super) const fn reads(mut self, subject: Subject) -> Self {
        self.told.reads = Some(subject);
        self
    }
}

/// A field that is always there.
pub(super) const fn always<T>(
    name: &'static str,
    of: Type,
    doc: &'static str,
    read: fn(&T) -> Value,
) -> Field<T> {
    let told = Told { name, of, is_optional: false, doc, reads: None };
    Field { told, read: Read::Always(read) }
}

/// A field that may be absent.
pub(super) const fn maybe<T>(
    name: &'static str,
    of: Type,
    doc: &'static str,
    read: fn(&T) -> Option<Value>,
) -> Field<T> {
    let told = Told { name, of, is_optional: true, doc, reads: None };
    Field { told, read: Read::Maybe(read) }
}

impl Type {
    /// No list.
    pub(crate) const fn one(base: Base) -> Self {
        Self { base, lists: 0 }
    }

    /// A list of `base`.
    pub(crate) const fn list(base: Base) -> Self {
        Self { base, lists: 1 }
    }

    /// The type of `T`.
    pub(super) const fn thing<T: Described>() -> Self {
        Self::one(Base::Thing(shape::<T>()))
    }

    /// A list of `T`.
    pub(super) const fn things<T: Described>() -> Self {
        Self::list(Base::Thing(shape::<T>()))
    }

    /// In words, as the documentation and errors have it.
    pub(crate) fn words(self) -> String {
        let base = match self.base {
            Base::Any => "anything",
            Base::Text => "string",
            Base::Whole => "int",
            Base::Real => "double",
            Base::Truth => "bool",
            Base::Texts => "map of strings",
            Base::Thing(shape) => shape.name,
        };
        format!("{}{base}", "list of ".repeat(self.lists.into()))
    }
}

pub(super) const TEXT: Type = Type::one(Base::Text);
pub(super) const WHOLE: Type = Type::one(Base::Whole);
pub(super) const REAL: Type = Type::one(Base::Real);
pub(super) const TRUTH: Type = Type::one(Base::Truth);
pub(super) const TEXTS: Type = Type::one(Base::Texts);
pub(super) const TEXT_LIST: Type = Type::list(Base::Text);

const fn shape<T: Described>() -> Shape {
    Shape { name: T::NAME, fields: told::<T> }
}

fn told<T: Described>() -> Vec<Told> {
    T::fields().into_iter().map(|field| field.told).collect()
}

/// The value of `thing`, field by field.
pub(super) fn value<T: Described>(thing: &T) -> Value {
    let fields = T::fields().into_iter().filter_map(|field| {
        let value = match field.read {
            Read::Always(read) => Some(read(thing)),
            Read::Maybe(read) => read(thing),
        };
        Some((key(field.told.name), value?))
    });
    map(fields.collect())
}

/// The values of `things`.
pub(super) fn values<'a, T: Described + 'a>(things: impl IntoIterator<Item = &'a T>) -> Value {
    list(things.into_iter().map(value))
}

/// A list; what is longer than any that is judged is null, on which every question fails.
pub(super) fn list(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.take(MOST_ITEMS + 1).collect();
    if items.len() > MOST_ITEMS { Value::Null } else { Value::List(Arc::new(items)) }
}

/// A list of texts.
pub(super) fn texts<'a, T: AsRef<str> + 'a>(items: impl IntoIterator<Item = &'a T>) -> Value {
    list(items.into_iter().map(|item| text(item.as_ref())))
}

/// A list of texts that have places.
pub(super) fn written<'a>(items: impl IntoIterator<Item = &'a Placed<String>>) -> Value {
    list(items.into_iter().map(|item| text(item)))
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

/// A text that may be absent.
pub(super) fn maybe_text(text: Option<&Placed<String>>) -> Option<Value> {
    text.map(|text| self::text(text))
}

/// Texts by their names, the first of those with the same name.
pub(super) fn by_name(pairs: &[(String, Placed<String>)]) -> Value {
    if pairs.len() > MOST_ITEMS {
        return Value::Null;
    }
    map(pairs.iter().rev().map(|(name, value)| (key(name), text(value))).collect())
}

fn key(name: &str) -> Key {
    Key::String(Arc::new(name.to_owned()))
}

fn map(fields: HashMap<Key, Value>) -> Value {
    Value::Map(Map { map: Arc::new(fields) })
}
