//! Matchers as texts: `severity="critical"`, `alertname=~"A|B"`, `{team!=db, env=prod}`.

use model::{Place, Placed};

use crate::Matcher;
use crate::tree::Node;

/// Reads the matchers in one text; `None`: it is not of that form.
pub(super) fn read(text: &Placed<String>) -> Option<Vec<Matcher>> {
    let inner = text.trim();
    let inner = match inner.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => inner,
    };
    let mut matchers = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let (matcher, after) = next(rest, &text.place)?;
        matchers.push(matcher);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(matchers)
}

/// Reads a matcher of an `AlertmanagerConfig`, which is an object.
pub(super) fn read_object(node: &Node) -> Option<Matcher> {
    let text = |key: &str| node.get(key).and_then(Node::str);
    let operator = text("matchType").unwrap_or("=");
    let is_regex = node.get("regex").and_then(Node::bool) == Some(true);
    Some(Matcher {
        label: text("name")?.to_owned(),
        value: text("value").unwrap_or_default().to_owned(),
        is_regex: is_regex || operator.ends_with('~'),
        is_negated: operator.starts_with('!'),
        place: node.place.clone(),
    })
}

/// The matcher at the start of `text`, and what stands behind it.
fn next<'t>(text: &'t str, place: &Place) -> Option<(Matcher, &'t str)> {
    let (label, rest) = word(text, &['=', '!'])?;
    let rest = rest.trim_start();
    let operator = ["=~", "!~", "!=", "="].into_iter().find(|it| rest.starts_with(it))?;
    let rest = rest.strip_prefix(operator)?.trim_start();
    let (value, rest) = word(rest, &[','])?;
    if label.is_empty() {
        return None;
    }
    let matcher = Matcher {
        label,
        value,
        is_regex: operator.ends_with('~'),
        is_negated: operator.starts_with('!'),
        place: place.clone(),
    };
    Some((matcher, rest))
}

/// A quoted text, or the text before one of the `ends`, without outer blanks.
fn word<'t>(text: &'t str, ends: &[char]) -> Option<(String, &'t str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        return (!word.contains('"')).then(|| (word.trim().to_owned(), rest));
    };
    let mut word = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((word, quoted.get(at + 1..)?)),
            '\\' => word.push_str(&unescaped(chars.next()?.1)),
            _ => word.push(c),
        }
    }
    None
}

/// What a character means behind a backslash; a backslash before any other stands for itself, as
/// in regular expressions.
fn unescaped(c: char) -> String {
    match c {
        'n' => "\n".to_owned(),
        '"' | '\\' => c.to_string(),
        other => format!("\\{other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matchers(text: &str) -> Option<Vec<String>> {
        let read = read(&Placed::new(text.to_owned(), Place::file("a")))?;
        let sign = |it: &Matcher| match (it.is_negated, it.is_regex) {
            (false, false) => "=",
            (false, true) => "=~",
            (true, false) => "!=",
            (true, true) => "!~",
        };
        Some(read.iter().map(|it| format!("{}{}{}", it.label, sign(it), it.value)).collect())
    }

    #[test]
    fn all_operators_and_ways_of_quoting_are_read() {
        assert_eq!(matchers("severity=\"critical\"").unwrap(), ["severity=critical"]);
        assert_eq!(matchers("severity =~ warning|info").unwrap(), ["severity=~warning|info"]);
        assert_eq!(matchers("alertname!~\"A,B|C\\\\d\"").unwrap(), ["alertname!~A,B|C\\d"]);
        assert_eq!(matchers("{team!=db, \"größe\" = \"L\",}").unwrap(), ["team!=db", "größe=L"]);
        assert_eq!(matchers("team=").unwrap(), ["team="]);
        assert_eq!(matchers("a=~\"x\\.y\"").unwrap(), ["a=~x\\.y"]);
        assert_eq!(matchers("").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_matcher_is_not_read() {
        for wrong in ["severity", "=critical", "{a=b", "a=\"b", "a=\"b\" c", "a=b\"c\"", "a>b"] {
            assert_eq!(matchers(wrong), None, "{wrong}");
        }
    }
}
