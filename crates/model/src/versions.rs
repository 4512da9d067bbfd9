//! What a message says, whatever version it names.

/// A message without the versions of what it names (`actions/checkout@v4`, `postgres:17`): what it says
/// stays the same when that is updated.
pub fn without_versions(message: &str) -> String {
    let is_version = |text: &str| {
        text.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit())
    };
    let parts = message.split('`').enumerate().map(|(n, part)| {
        let name = part.rsplit('/').next().unwrap_or(part);
        let is_quoted = n % 2 == 1 && !part.contains(char::is_whitespace);
        let versioned = name.split_once('@').or_else(|| name.split_once(':'));
        match versioned
            .filter(|(name, version)| is_quoted && !name.is_empty() && is_version(version))
        {
            Some((_, version)) => part.get(..part.len() - version.len()).unwrap_or(part),
            None => part,
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_what_is_quoted_are_left_out_and_nothing_else() {
        for (message, expected) in [
            ("action `actions/checkout@v4` is not", "action `actions/checkout@` is not"),
            ("image `r.example:5000/a/b:1.2` is", "image `r.example:5000/a/b:` is"),
            ("image `a/b:latest` is", "image `a/b:latest` is"),
            ("`group:default/a`, 3:4 and `a: 1`", "`group:default/a`, 3:4 and `a: 1`"),
            ("`", "`"),
            ("`é:1`", "`é:`"),
        ] {
            assert_eq!(without_versions(message), expected);
        }
    }
}
