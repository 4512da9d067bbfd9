//! `$NAME` and `${NAME:-default}` in the values of Compose files and Dockerfiles.

/// Defaults that may stand inside one another.
const MAX_DEPTH: u8 = 8;

/// Bytes that a text may grow by when its variables are replaced.
const MAX_GROWTH: usize = 4_096;

/// What a text is made of.
enum Piece<'t> {
    Text(&'t str),
    Variable { name: &'t str, default: Option<&'t str>, is_plain: bool },
}

/// `text` with each variable replaced by its default; `None` when one has no default.
pub(super) fn resolve(text: &str) -> Option<String> {
    expand(text, &|_| None)
}

/// `text` with each variable replaced by its value, else by its default; `None` when one has
/// neither, or when the text grows too long.
pub(super) fn expand(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    expand_within(text, value_of, MAX_DEPTH)
}

/// Whether `text` is a single variable that has no default, or an empty one.
pub(super) fn is_outer(text: &str) -> bool {
    let (Piece::Variable { default, .. }, "") = first_piece(text) else { return false };
    default.is_none_or(|default| default.trim().is_empty())
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

fn expand_within(
    text: &str,
    value_of: &dyn Fn(&str) -> Option<String>,
    depth: u8,
) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = first_piece(rest);
        match piece {
            Piece::Text(text) => expanded.push_str(text),
            Piece::Variable { name, default, is_plain } => {
                let known = if is_plain || default.is_some() { value_of(name) } else { None };
                let value = match known {
                    Some(value) => value,
                    None => expand_within(default?, value_of, depth.checked_sub(1)?)?,
                };
                expanded.push_str(&value);
            }
        }
        if expanded.len() > text.len().saturating_add(MAX_GROWTH) {
            return None;
        }
        rest = after;
    }
    Some(expanded)
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
    if after.starts_with('{') {
        // A brace that is never closed makes plain text of all that follows: looking for further
        // variables in it would cost quadratic time.
        let closed = braced(after).map(|(inner, rest)| (variable(inner), rest));
        return closed.unwrap_or((Piece::Text(text), ""));
    }
    let (name, rest) = split_at(after, name_length(after));
    if name.is_empty() {
        return (Piece::Text("$"), after);
    }
    (Piece::Variable { name, default: None, is_plain: true }, rest)
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

/// A variable from what stands between its braces.
fn variable(inner: &str) -> Piece<'_> {
    let (name, operator) = split_at(inner, name_length(inner));
    let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'));
    Piece::Variable { name, default, is_plain: operator.is_empty() }
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
        assert!(is_outer("${A:-}") && is_outer("${A- }"));
        assert!(!is_outer("") && !is_outer("${A}x") && !is_outer("${A:-b}") && !is_outer("$$A"));
    }

    #[test]
    fn separators_inside_of_braces_and_brackets_do_not_split() {
        assert_eq!(split("${A:-1}:2:ro", ':'), ["${A:-1}", "2", "ro"]);
        assert_eq!(split("[::1]:80:81", ':'), ["[::1]", "80", "81"]);
        assert_eq!(split("}:a", ':'), ["}", "a"]);
    }

    #[test]
    fn nesting_without_end_costs_neither_stack_nor_time() {
        let text = "${A:-".repeat(100_000) + &"}".repeat(100_000);
        assert_eq!(resolve(&text), None);
        let text = "${".repeat(1_000_000);
        assert_eq!(resolve(&text), Some(text));
    }

    #[test]
    fn values_go_before_defaults_and_must_not_grow_without_end() {
        let value_of = |name: &str| (name == "A").then(|| "x".repeat(1_000));
        assert_eq!(expand("${A:-b}", &value_of).map(|text| text.len()), Some(1_000));
        assert_eq!(expand("${B:-b}$A", &value_of).map(|text| text.len()), Some(1_001));
        assert_eq!(expand("${A#x}", &value_of), None);
        assert_eq!(expand(&"$A".repeat(100), &value_of), None);
    }
}
