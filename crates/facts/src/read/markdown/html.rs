//! HTML inside of Markdown: headings, links, and the text without its tags.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::Outline;

static HEADING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)<h([1-6])\b[^>]*>(.*?)</h[1-6]\s*>").ok());

static TARGET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\b(?:href|src)\s*=\s*["']([^"'\n]+)["']"#).ok());

/// Reads a block of HTML that begins at `from`.
pub(super) fn block(html: &str, from: usize, outline: &mut Outline<'_, '_>) {
    let mut at = 0;
    let headings = HEADING.as_ref().map(|heading| heading.captures_iter(html));
    for heading in headings.into_iter().flatten() {
        let (Some(whole), Some(level), Some(title)) =
            (heading.get(0), heading.get(1), heading.get(2))
        else {
            continue;
        };
        text(html.get(at..whole.start()).unwrap_or_default(), outline);
        let level = level.as_str().parse().unwrap_or(1);
        let plain = without_tags(title.as_str());
        let plain = plain.trim();
        outline.open(level, plain, None, from + title.start(), from + title.end());
        at = whole.end();
    }
    text(html.get(at..).unwrap_or_default(), outline);
    links(html, from, outline);
}

/// Takes the targets of links and pictures.
pub(super) fn links(html: &str, from: usize, outline: &mut Outline<'_, '_>) {
    let targets = TARGET.as_ref().map(|target| target.captures_iter(html));
    for target in targets.into_iter().flatten().filter_map(|found| found.get(1)) {
        outline.link(target.as_str(), from + target.start(), from + target.end());
    }
}

fn text(html: &str, outline: &mut Outline<'_, '_>) {
    for line in without_tags(html).lines().map(str::trim).filter(|line| !line.is_empty()) {
        outline.end_line();
        outline.add(line);
        outline.end_line();
    }
}

/// The text of `html`: tags and comments left out.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        text.push_str(before);
        let end = if tag.starts_with("<!--") { "-->" } else { ">" };
        match tag.split_once(end) {
            Some((_, after)) => rest = after,
            None => return text,
        }
    }
    text.push_str(rest);
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_stands_between_tags() {
        let texts = ["<b>a</b> &amp; b", "a <!-- <b> TODO --> c", "a < b", "<", "", "x<!-- y"];
        assert_eq!(texts.map(without_tags), ["a & b", "a  c", "a ", "", "", "x"]);
    }
}
