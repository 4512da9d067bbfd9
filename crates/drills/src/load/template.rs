//! Texts with places that each request fills in: `{seq}`, `{uuid}`, `{random:A-B}`, captured values, `${VARIABLE}`.

use std::fmt::Write as _;

use super::random::Random;

/// A text, cut at its places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Sequence,
    Uuid,
    Random(u64, u64),
    /// Number of the value among all that journeys capture.
    Captured(usize),
}

/// What a place between braces may name.
pub(super) struct Names<'a> {
    /// Values that some journey captures.
    pub(super) captured: &'a [String],
    /// The environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
}

/// What a template cannot be filled with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfillable {
    /// No such variable.
    Variable(String),
    /// No such value; told only where a text in braces cannot be meant literally.
    Value(String),
}

/// Where a filled text stands, which decides how a captured value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Path and query: percent-encoded, and an unknown `{name}` is an error.
    Path,
    /// A header's value: without control characters.
    Header,
    /// A body that is JSON: escaped as in a string.
    JsonBody,
    /// Any other body: as it is.
    Body,
}

impl Template {
    /// Cuts the text. Braces that hold nothing known stay as they are, as bodies in JSON or GraphQL have them.
    pub(super) fn new(text: &str, position: Position, names: &Names) -> Result<Self, Unfillable> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from_open) = rest.split_at(open);
            let inner = from_open.get(1..).unwrap_or("");
            let Some((name, after)) = inner.split_once('}') else { break };
            if let Some(before) = before.strip_suffix('$').filter(|_| is_variable(name)) {
                template.push_text(before);
                let value = (names.variable)(name);
                template.push_text(&value.ok_or_else(|| Unfillable::Variable(name.to_owned()))?);
            } else if let Some(piece) = piece(name, names) {
                template.push_text(before);
                template.0.push(piece);
            } else if position == Position::Path {
                return Err(Unfillable::Value(name.to_owned()));
            } else {
                template.push_text(before);
                template.push_text("{");
                rest = inner;
                continue;
            }
            rest = after;
        }
        template.push_text(rest);
        Ok(template)
    }

    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }

    /// The whole text, if each request gets the same.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Numbers of the captured values it needs.
    pub(super) fn needs(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Captured(value) => Some(*value),
            _ => None,
        })
    }

    /// Appends the filled text.
    pub(super) fn fill(&self, filling: &mut Filling, position: Position, out: &mut String) {
        for piece in &self.0 {
            // Writing to a string cannot fail.
            let _ = match piece {
                Piece::Text(text) => out.write_str(text),
                Piece::Sequence => write!(out, "{}", filling.sequence),
                Piece::Uuid => out.write_str(&filling.random.uuid()),
                Piece::Random(least, most) => {
                    write!(out, "{}", filling.random.between(*least, *most))
                }
                Piece::Captured(value) => {
                    let pool = filling.captured.get(*value).map_or(&[][..], Vec::as_slice);
                    let most = u64::try_from(pool.len()).unwrap_or(0).saturating_sub(1);
                    let chosen = usize::try_from(filling.random.between(0, most)).unwrap_or(0);
                    if let Some(value) = pool.get(chosen) {
                        write_value(value, position, out);
                    }
                    Ok(())
                }
            };
        }
    }
}

/// What one request fills templates with.
pub(super) struct Filling<'a> {
    pub(super) sequence: u64,
    pub(super) random: Random,
    /// Values captured so far, by number.
    pub(super) captured: &'a [Vec<String>],
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn piece(name: &str, names: &Names) -> Option<Piece> {
    match name {
        "seq" => return Some(Piece::Sequence),
        "uuid" => return Some(Piece::Uuid),
        _ => {}
    }
    if let Some(range) = name.strip_prefix("random:") {
        let (least, most) = range.split_once('-')?;
        let (least, most) = (least.parse().ok()?, most.parse().ok()?);
        return (least <= most).then_some(Piece::Random(least, most));
    }
    names.captured.iter().position(|known| known == name).map(Piece::Captured)
}

fn write_value(value: &str, position: Position, out: &mut String) {
    match position {
        Position::Body => out.push_str(value),
        Position::Header => out.extend(value.chars().filter(|c| !c.is_control())),
        Position::JsonBody => {
            let quoted = serde_json::Value::from(value).to_string();
            out.push_str(quoted.trim_start_matches('"').strip_suffix('"').unwrap_or(""));
        }
        Position::Path => {
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, position: Position, captured: &[Vec<String>]) -> String {
        let variable = |name: &str| (name == "TOKEN").then(|| "t0".to_owned());
        let names = Names { captured: &["id".to_owned()], variable: &variable };
        let template = Template::new(text, position, &names).unwrap();
        let mut out = String::new();
        let random = Random::new(1, 9, 0);
        template.fill(&mut Filling { sequence: 9, random, captured }, position, &mut out);
        out
    }

    #[test]
    fn places_are_filled_and_other_braces_stay() {
        let ids = [vec!["a/b \"".to_owned()]];
        assert_eq!(filled("/o/{id}?n={seq}", Position::Path, &ids), "/o/a%2Fb%20%22?n=9");
        assert_eq!(
            filled("{\"a\":{\"id\":\"{id}\",\"q\":\"{ user }\"}}", Position::JsonBody, &ids),
            "{\"a\":{\"id\":\"a/b \\\"\",\"q\":\"{ user }\"}}"
        );
        assert_eq!(filled("Bearer ${TOKEN}", Position::Header, &[]), "Bearer t0");
        assert_eq!(filled("{random:4-4}", Position::Body, &[]), "4");
        assert_eq!(filled("{random:9-4} {", Position::Body, &[]), "{random:9-4} {");
    }

    #[test]
    fn a_captured_value_cannot_end_a_header() {
        let ids = [vec!["a\r\nx: y".to_owned()]];
        assert_eq!(filled("{id}", Position::Header, &ids), "ax: y");
    }

    #[test]
    fn what_nobody_captures_is_an_error_in_a_path_and_so_is_a_missing_variable() {
        let names = Names { captured: &[], variable: &|_| None };
        let error = Template::new("/o/{id}", Position::Path, &names).unwrap_err();
        assert_eq!(error, Unfillable::Value("id".to_owned()));
        let error = Template::new("a ${B_2}", Position::Body, &names).unwrap_err();
        assert_eq!(error, Unfillable::Variable("B_2".to_owned()));
    }
}
