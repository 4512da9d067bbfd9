//! Tells files that a generator fills in (Backstage, Cookiecutter) from those that are used.

use model::Place;

use crate::cursor::Cursor;
use crate::read::Source;

/// Actions that stand in no file but a template.
const ACTIONS: [&str; 3] = ["${{", "{{cookiecutter.", "{{ cookiecutter."];

/// Where the first action of such a generator stands.
pub(super) fn action_at(source: Source<'_>) -> Option<Place> {
    let at = ACTIONS.iter().filter_map(|action| source.text.find(action)).min()?;
    Some(Cursor::new(source.path, source.text).point(at))
}
