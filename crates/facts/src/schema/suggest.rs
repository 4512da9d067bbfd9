//! Which word was probably meant.

/// Characters of a word beyond which nothing is suggested.
const MOST: usize = 64;

/// Candidates that are looked at.
const MOST_CANDIDATES: usize = 300;

/// The candidate that is most like `word`, if one is like it at all.
///
/// Letter case, `_` for `-` and such count as nothing; a letter that is missing, added, wrong or
/// swapped with its neighbour as one; one such in every three letters is forgiven.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let word = folded(word)?;
    let most = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter_map(|candidate| {
            let letters = folded(candidate)?;
            // Each letter that one has more than the other is an edit.
            let is_near = letters.len().abs_diff(word.len()) <= most;
            Some((is_near.then(|| distance(&word, &letters))?, candidate))
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The letters and digits of a word in lower case; none of a word that is too long.
fn folded(word: &str) -> Option<Vec<char>> {
    let letters = word.chars().take(MOST + 1).collect::<Vec<_>>();
    (letters.len() <= MOST).then(|| {
        letters
            .into_iter()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    })
}

/// Optimal string alignment distance (Damerau 1964; no stretch is edited twice).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut second_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = at(&last, j) + usize::from(a != b);
            let edited = replaced.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let is_swapped =
                i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            let swapped = if is_swapped { at(&second_last, j - 1) + 1 } else { edited };
            row.push(edited.min(swapped));
        }
        second_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

fn at(row: &[usize], index: usize) -> usize {
    row.get(index).copied().unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(word: &str) -> Option<&'static str> {
        nearest(word, ["timeout", "on-failure", "owner", "backup-owner", "name", "kind"])
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        for (word, meant) in [
            ("timout", "timeout"),
            ("tiemout", "timeout"),
            ("timeouts", "timeout"),
            ("onFailure", "on-failure"),
            ("on_failure", "on-failure"),
            ("Owner", "owner"),
            ("backup_owner", "backup-owner"),
            ("knid", "kind"),
        ] {
            assert_eq!(suggestion(word), Some(meant), "{word}");
        }
    }

    #[test]
    fn words_that_are_unlike_all_bring_no_suggestion() {
        for word in ["", "x", "colour", "team", &"timeout".repeat(20)] {
            assert_eq!(suggestion(word), None, "{word}");
        }
    }

    #[test]
    fn the_distance_counts_one_for_each_edit() {
        let distance = |one: &str, other: &str| {
            distance(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
        };
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
