//! A manifest that is being read.

use std::ops::Range;

use model::{Place, Placed};

use crate::Package;
use crate::cursor::Cursor;
use crate::read::Source;

/// A package that is filled while its text is walked over.
pub(super) struct Draft<'t> {
    pub(super) package: Package,
    cursor: Cursor<'t>,
}

impl<'t> Draft<'t> {
    /// A package of which nothing is known yet.
    pub(super) fn new(source: Source<'t>, ecosystem: &'static str) -> Self {
        let place = Place::file(source.path.clone());
        Self { package: empty(place, ecosystem), cursor: Cursor::new(source.path, source.text) }
    }

    /// The text at `range` of the file stands there as `value`.
    pub(super) fn placed(&mut self, value: &str, range: Range<usize>) -> Placed<String> {
        Placed::new(value.to_owned(), self.cursor.place(range.start, range.end))
    }

    /// Takes the name, the first time.
    pub(super) fn name(&mut self, name: &str, start: usize) {
        if self.package.name.is_none() && !name.is_empty() {
            self.package.name = Some(self.placed(name, start..start + name.len()));
        }
    }

    /// Adds a dependency that is written at `start`.
    pub(super) fn depend(&mut self, name: &str, start: usize) {
        if !name.is_empty() {
            let dependency = self.placed(name, start..start + name.len());
            self.package.dependencies.push(dependency);
        }
    }
}

/// A package of which nothing is known yet.
pub(super) fn empty(place: Place, ecosystem: &'static str) -> Package {
    Package {
        place,
        ecosystem,
        name: None,
        dependencies: Vec::new(),
        is_runnable: false,
        is_plugin: false,
        programs: Vec::new(),
    }
}

/// The lines of a text with the offsets at which they begin, without their ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

/// The first text between quotes in `line`, and where it begins.
pub(super) fn quoted(line: &str) -> Option<(usize, &str)> {
    let open = line.find(['"', '\''])?;
    let quote = line.get(open..)?.chars().next()?;
    let text = line.get(open + 1..)?;
    Some((open + 1, text.get(..text.find(quote)?)?))
}
