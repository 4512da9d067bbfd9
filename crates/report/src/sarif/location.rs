//! Places as SARIF writes them.

use std::fmt::Write as _;

use model::{Place, Sighting};
use serde_json::{Value, json};

use super::without_links;
use crate::visible;

/// A place; a point becomes a stretch of one character, since viewers show nothing of an empty one.
pub(super) fn print(place: &Place) -> Value {
    let (line, column) = (place.line.max(1), place.column.max(1));
    let end_line = place.end_line.max(line);
    let least = if end_line == line { column.saturating_add(1) } else { 1 };
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&place.path), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": place.end_column.max(least),
        },
    }})
}

/// Another place that belongs to a result.
pub(super) fn related((index, seen): (usize, &Sighting)) -> Value {
    let mut place = print(&seen.place);
    if let Some(place) = place.as_object_mut() {
        place.insert("id".to_owned(), index.into());
        let text = without_links(&visible::line(&seen.message));
        place.insert("message".to_owned(), json!({"text": text}));
    }
    place
}

/// `path` as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_uri() {
        assert_eq!(uri("a b/ü?.yaml"), "a%20b/%C3%BC%3F.yaml");
    }

    #[test]
    fn a_point_becomes_one_character() {
        let region = &print(&Place::point("a", 3, 5))["physicalLocation"]["region"];
        assert_eq!(
            *region,
            json!({"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 6})
        );
    }
}
