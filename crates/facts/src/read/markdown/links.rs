//! Addresses that stand in a text without any markup.

use std::sync::LazyLock;

use regex::Regex;

static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\bhttps?://[^\s<>"'`{}|\\^\[\]]+"#).ok());

/// Each address with its offset; what closes the sentence around it is left out.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let found = ADDRESS.as_ref().filter(|_| text.contains("://"));
    let found = found.map(|address| address.find_iter(text)).into_iter().flatten();
    found.map(|found| (found.start(), without_closing(found.as_str())))
}

fn without_closing(address: &str) -> &str {
    let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
    let closing = address.len() - address.trim_end_matches(')').len();
    let open = address.matches('(').count();
    let closed = address.matches(')').count();
    let surplus = closing.min(closed.saturating_sub(open));
    address.get(..address.len() - surplus).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let text = "See https://a.example/x, (https://b.example/y_(z)) and http://c.example.";
        let found: Vec<&str> = addresses(text).map(|(_, address)| address).collect();
        assert_eq!(found, ["https://a.example/x", "https://b.example/y_(z)", "http://c.example"]);
    }
}
