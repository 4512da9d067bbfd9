//! The tree of routes.

use model::Placed;

use super::{matcher, name_of};
use crate::tree::Node;
use crate::{Matcher, Route};

/// Reads a route and those under it; the depth of the tree is bounded, so is the recursion.
pub(super) fn read(route: &Node, unread: &mut Vec<Placed<String>>) -> Route {
    let mut matchers: Vec<Matcher> = old_matchers(route, "match", false).collect();
    matchers.extend(old_matchers(route, "match_re", true));
    if let Some(written) = route.get("matchers") {
        matchers.extend(written.items().iter().filter_map(matcher::read_object));
        for text in written.strings() {
            match matcher::read(&text) {
                Some(read) => matchers.extend(read),
                None => unread.push(text),
            }
        }
    }
    let routes = route.get("routes").map(Node::items).unwrap_or_default();
    Route {
        receiver: route.get("receiver").and_then(name_of),
        matchers,
        continues: route.get("continue").and_then(Node::bool) == Some(true),
        routes: routes.iter().map(|route| read(route, unread)).collect(),
        place: route.place.clone(),
    }
}

/// The entries of `match:` or `match_re:`.
fn old_matchers<'a>(
    route: &'a Node,
    key: &str,
    is_regex: bool,
) -> impl Iterator<Item = Matcher> + use<'a> {
    let entries = route.get(key).into_iter().flat_map(Node::entries);
    entries.map(move |(label, key, value)| Matcher {
        label: label.to_owned(),
        value: value.str().unwrap_or_default().to_owned(),
        is_regex,
        is_negated: false,
        place: key.place.clone(),
    })
}
