//! GitHub's anchors of headings.

use std::collections::HashMap;

/// Gives each heading of a document its anchor: the second of one name gets `-1`.
#[derive(Default)]
pub(super) struct Anchors {
    given: HashMap<String, usize>,
}

impl Anchors {
    pub(super) fn give(&mut self, title: &str) -> String {
        let plain = anchor(title);
        let count = self.given.get(&plain).copied();
        let Some(mut count) = count else {
            self.given.insert(plain.clone(), 0);
            return plain;
        };
        loop {
            count += 1;
            let numbered = format!("{plain}-{count}");
            if !self.given.contains_key(&numbered) {
                self.given.insert(plain, count);
                self.given.insert(numbered.clone(), 0);
                return numbered;
            }
        }
    }
}

/// Letters and digits in lower case, `-` for each blank, punctuation left out.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        let titles =
            ["Set up & run", "`api/v2`: What's new?", "Über_uns – 2", "A  b ", "🚀 Launch"];
        assert_eq!(
            titles.map(anchor),
            ["set-up--run", "apiv2-whats-new", "über_uns--2", "a--b-", "-launch"]
        );
    }

    #[test]
    fn headings_of_one_name_are_numbered() {
        let mut anchors = Anchors::default();
        let titles = ["Usage", "Usage", "Usage 1", "Usage", "Usage-1"];
        let given = titles.map(|title| anchors.give(title));
        assert_eq!(given, ["usage", "usage-1", "usage-1-1", "usage-2", "usage-1-2"]);
    }
}
