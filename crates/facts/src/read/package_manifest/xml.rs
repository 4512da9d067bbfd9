//! The elements of an XML file, found by a tolerant walk.

/// Elements that may stand inside one another and still be told apart.
const MAX_DEPTH: usize = 64;

/// An element with its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element<'t> {
    /// What stands between `<name` and `>`.
    attributes: &'t str,
    /// Where the attributes begin.
    attributes_at: usize,
    /// The text up to the next tag, without blanks around it.
    pub(super) text: &'t str,
    /// Where the text begins.
    pub(super) at: usize,
}

/// Shows all elements in the order in which they begin, each with the names that lead to it, its
/// own last. Comments, declarations and what follows an unclosed tag are passed over.
pub(super) fn walk<'t>(text: &'t str, mut show: impl FnMut(&[&'t str], &Element<'t>)) {
    let mut open: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(start) = find(text, at, "<") {
        let rest = text.get(start..).unwrap_or_default();
        let close = if rest.starts_with("<!--") { "-->" } else { ">" };
        let Some(end) = find(text, start + 1, close).map(|end| end + close.len()) else { break };
        at = end;
        let tag = text.get(start + 1..end - 1).unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            let known = open.iter().rposition(|open| *open == name.trim());
            open.truncate(known.unwrap_or(open.len()));
        } else if !tag.starts_with(['!', '?']) && open.len() < MAX_DEPTH {
            let length = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
            let (name, attributes) = tag.split_at_checked(length).unwrap_or((tag, ""));
            let content = text.get(end..find(text, end, "<").unwrap_or(text.len()));
            let content = content.unwrap_or_default();
            let blank = content.len() - content.trim_start().len();
            open.push(name);
            let attributes_at = start + 1 + length;
            let element =
                Element { attributes, attributes_at, text: content.trim(), at: end + blank };
            show(&open, &element);
            if tag.ends_with('/') {
                open.pop();
            }
        }
    }
}

impl<'t> Element<'t> {
    /// The value of an attribute, and where it begins.
    pub(super) fn attribute(&self, name: &str) -> Option<(&'t str, usize)> {
        let mut rest = self.attributes;
        while let Some((key, after)) = rest.split_once('=') {
            let quote = after.trim_start().chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (_, value) = after.split_once(quote)?;
            let (value, next) = value.split_once(quote)?;
            if key.trim() == name {
                let tail = value.len() + quote.len_utf8() + next.len();
                return Some((value, self.attributes_at + self.attributes.len() - tail));
            }
            rest = next;
        }
        None
    }
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String, usize)> {
        let mut shown = Vec::new();
        walk(text, |path, element| {
            shown.push((path.join("/"), element.text.to_owned(), element.at));
        });
        shown
    }

    #[test]
    fn elements_are_shown_with_their_paths_and_texts() {
        let text = "<?xml?><a x='1>'><!-- <b> --><b>  t </b><c y=\"2\"/><d></wrong></d></a>";
        let found = shown(text);
        let paths: Vec<_> = found.iter().map(|(path, text, _)| (&**path, &**text)).collect();
        assert_eq!(paths, [("a", "'>"), ("a/b", "t"), ("a/c", ""), ("a/d", "")]);
        assert_eq!(found[1].2, text.find("t </b>").unwrap());
        let mut values = Vec::new();
        walk("<c z = 'é' y=\"2\" />", |_, element| values.push(element.attribute("y")));
        assert_eq!(values, [Some(("2", 15))]);
    }

    #[test]
    fn elements_without_end_cost_no_more_than_their_text() {
        assert_eq!(shown(&"<a>".repeat(100_000)).len(), MAX_DEPTH);
        assert_eq!(shown("<a").len() + shown("<!-- ").len() + shown("").len(), 0);
    }
}
