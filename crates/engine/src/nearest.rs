//! What was probably meant by a name that is not known.

/// The requirement whose id is nearest to `id`, if one is near at all.
pub fn nearest(id: &str) -> Option<String> {
    let name = |id: &str| id.rsplit_once('/').map_or(id.to_owned(), |(_, name)| name.to_owned());
    requirements::all()
        .map(|requirement| {
            let by_name = distance(&name(id), &name(requirement.id));
            (distance(id, requirement.id).min(by_name), requirement.id)
        })
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, id)| id.to_owned())
        .or_else(|| containing(id))
}

/// The shortest id that holds what was given of it.
fn containing(part: &str) -> Option<String> {
    const LEAST: usize = 4;
    let holds = |id: &&str| part.len() >= LEAST && id.contains(part);
    let ids = requirements::all().map(|requirement| requirement.id);
    ids.filter(holds).min_by_key(|id| id.len()).map(str::to_owned)
}

/// Levenshtein's distance, in characters.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        assert_eq!(nearest("reliability/sloo").as_deref(), Some("reliability/slo"));
        assert_eq!(nearest("restore").as_deref(), Some("data/restore"));
        assert_eq!(nearest("something/quite-else"), None);
    }
}
