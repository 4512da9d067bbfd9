//! composer.json.

use model::Place;

use super::{draft, node};
use crate::read::Source;
use crate::{Facts, Package};

/// Reads a composer.json.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let Some(root) = node::parse(source, facts) else { return };
    facts.packages.push(Package {
        name: root.string("name"),
        dependencies: node::names(root.get("require"), |name| name.contains('/')),
        ..draft::empty(Place::file(source.path.clone()), "composer")
    });
}
