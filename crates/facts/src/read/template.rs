//! Tells files that a generator fills in (Backstage, Cookiecutter) from those that are used.

use model::Place;

use crate::cursor::Cursor;
use crate::read::Source;

/// Actions that stand in no file but a template.
const ACTIONS: [&str; 3] = ["${{", "{{cookiecutter.", "{{ cookiecutter."];

/// Where the first action of such a generator stands.
pub(super) fn action_at(source: Source<'_>) -> Option<Place> {
    action_where(source, |_| true)
}

/// The same of the lines that are as `is_meant` says.
pub(super) fn action_where(source: Source<'_>, is_meant: impl Fn(&str) -> bool) -> Option<Place> {
    let found = ACTIONS.iter().flat_map(|action| source.text.match_indices(action));
    let line = |at: usize| source.text.get(..at).and_then(|before| before.rsplit('\n').next());
    let at = found.map(|(at, _)| at).filter(|at| line(*at).is_some_and(&is_meant)).min()?;
    Some(Cursor::new(source.path, source.text).point(at))
}
