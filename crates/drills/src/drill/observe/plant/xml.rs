//! Canaries in a body of XML.

use super::{FIELDS, in_turn};
use crate::Journey;
use crate::telemetry::canary::Canaries;

/// The body with further elements and attributes, the same cut off, and with its own texts replaced; none where it has no element.
pub(super) fn bodies(canaries: &mut Canaries, journey: &Journey) -> Vec<String> {
    let body = journey.request.body.as_str();
    let Some(end) = end_of_root(body) else { return Vec::new() };
    let (root, rest) = body.split_at(end);
    let mut all = Vec::new();
    let is_whole = !root.ends_with('/');
    let attributes = attributes(canaries, journey);
    if let Some(content) = rest.strip_prefix('>').filter(|_| is_whole) {
        let elements = elements(canaries, journey, "the element");
        all.push(format!("{root}{attributes}>{elements}{content}"));
    } else {
        all.push(format!("{}{attributes}/{rest}", root.trim_end_matches('/')));
    }
    let broken = elements(canaries, journey, "the broken body's element");
    all.push(format!("{}>{broken}<", root.trim_end_matches('/')));
    all.extend(texts(canaries, journey));
    all
}

fn elements(canaries: &mut Canaries, journey: &Journey, what: &str) -> String {
    let elements = FIELDS.map(|(name, secret)| {
        let place = format!("{what} `{name}` of `{}`", journey.name);
        format!("<{name}>{}</{name}>", escaped(&canaries.plant(secret, &place)))
    });
    elements.concat()
}

fn attributes(canaries: &mut Canaries, journey: &Journey) -> String {
    let attributes = FIELDS.map(|(name, secret)| {
        let place = format!("the attribute `{name}` of `{}`", journey.name);
        format!(" {name}=\"{}\"", escaped(&canaries.plant(secret, &place)))
    });
    attributes.concat()
}

/// Each text of an element replaced by a canary.
fn texts(canaries: &mut Canaries, journey: &Journey) -> Option<String> {
    let mut count = 0;
    let mut pieces = journey.request.body.split('<');
    let mut body = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        body.push('<');
        let is_element = piece.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let end = end_of_tag(piece).map(|end| piece.split_at(end));
        match end.and_then(|(tag, rest)| Some((tag, rest.strip_prefix('>')?))) {
            Some((tag, text)) if is_element && !text.trim().is_empty() && !text.contains('{') => {
                let name = tag.split(|c: char| c.is_whitespace() || c == '/').next();
                let place = format!(
                    "the body's own element `{}` of `{}`",
                    name.unwrap_or_default(),
                    journey.name
                );
                count += 1;
                let canary = canaries.plant(in_turn(count - 1), &place);
                body.push_str(tag);
                body.push('>');
                body.push_str(&escaped(&canary));
            }
            _ => body.push_str(piece),
        }
    }
    (count > 0).then_some(body)
}

/// Where the first tag ends: the place of its `>`.
fn end_of_root(body: &str) -> Option<usize> {
    let mut at = body.find('<')?;
    // What stands before: declarations, comments, a document type.
    loop {
        let rest = body.get(at..)?;
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        at += rest.find(end)? + end.len();
        at += body.get(at..)?.find('<')?;
    }
    Some(at + end_of_tag(body.get(at..)?)?)
}

/// The place of the `>` that ends the tag which `text` begins with, and not of one within quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some(index),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
