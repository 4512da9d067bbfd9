//! `${NAME}` in the values of a Compose file.

/// Defaults that may stand inside one another.
const MAX_DEPTH: u8 = 8;

/// What a text is made of.
enum Piece<'t> {
    Text(&'t str),
    Variable { default: Option<&'t str> },
}

/// `text` with each variable replaced by its default; `None` when one has no default.
pub(super) fn resolve(text: &str) -> Option<String> {
    resolve_within(text, MAX_DEPTH)
}

/// Whether `text` is a single variable that has no default.
pub(super) fn is_outer(text: &str) -> bool {
    matches!(first_piece(text), (Piece::Variable { default: None }, ""))
}

/// The parts of `text` between the separators that stand outside of `${…}` and `[…]`.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|character| {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == separator && depth == 0
    })
    .collect()
}

fn resolve_within(text: &str, depth: u8) -> Option<String> {
    let mut resolved = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = first_piece(rest);
        match piece {
            Piece::Text(text) => resolved.push_str(text),
            Piece::Variable { default } => {
                resolved.push_str(&resolve_within(default?, depth.checked_sub(1)?)?);
            }
        }
        rest = after;
    }
    Some(resolved)
}

/// The first piece of a text that is not empty, and what follows it.
fn first_piece(text: &str) -> (Piece<'_>, &str) {
    let Some(after) = text.strip_prefix('$') else {
        let (plain, rest) = split_at(text, text.find('$').unwrap_or(text.len()));
        return (Piece::Text(plain), rest);
    };
    if let Some(rest) = after.strip_prefix('$') {
        return (Piece::Text("$"), rest);
    }
    if let Some((inner, rest)) = braced(after) {
        return (Piece::Variable { default: default_of(inner) }, rest);
    }
    let (name, rest) = split_at(after, name_length(after));
    if name.is_empty() {
        return (Piece::Text("$"), after);
    }
    (Piece::Variable { default: None }, rest)
}

/// What stands between the braces that open `text`, and what follows them.
fn braced(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 1_usize;
    let end = inner.find(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let (inner, rest) = split_at(inner, end);
    Some((inner, rest.strip_prefix('}').unwrap_or(rest)))
}

fn default_of(inner: &str) -> Option<&str> {
    let (_, operator) = split_at(inner, name_length(inner));
    operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'))
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn split_at(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_stand_in_for_variables() {
        let resolved = |text| resolve(text).unwrap_or_else(|| "?".to_owned());
        assert_eq!(resolved("a"), "a");
        assert_eq!(resolved("${A:-b}c"), "bc");
        assert_eq!(resolved("${A-b}:${C:-d}"), "b:d");
        assert_eq!(resolved("${A:-${B:-c}}"), "c");
        assert_eq!(resolved("$$A"), "$A");
        assert_eq!(resolved("${A"), "${A");
        for unknown in ["$A", "${A}", "x${A:?needed}", "${A:+b}", "${A:-$B}"] {
            assert_eq!(resolve(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_single_variable_without_default_comes_from_outside() {
        assert!(is_outer("$A") && is_outer("${A}") && is_outer("${A:?needed}"));
        assert!(!is_outer("") && !is_outer("${A}x") && !is_outer("${A:-b}") && !is_outer("$$A"));
    }

    #[test]
    fn separators_inside_of_braces_and_brackets_do_not_split() {
        assert_eq!(split("${A:-1}:2:ro", ':'), ["${A:-1}", "2", "ro"]);
        assert_eq!(split("[::1]:80:81", ':'), ["[::1]", "80", "81"]);
        assert_eq!(split("}:a", ':'), ["}", "a"]);
    }

    #[test]
    fn defaults_nested_without_end_have_no_value() {
        let text = "${A:-".repeat(100_000) + &"}".repeat(100_000);
        assert_eq!(resolve(&text), None);
    }
}
