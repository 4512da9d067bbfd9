//! Services of a Compose file that nobody starts in production, by what the file says of them.

use std::collections::HashSet;

use crate::tree::Node;

/// Why nobody starts a service in production whose name stands in `line`; `dead`: lines of which the
/// comment above them says so.
pub(super) fn why(line: u32, service: &Node, dead: &HashSet<u32>) -> Option<String> {
    let by_profile = profile(service).map(|p| format!("starts only with the profile `{p}`"));
    let is_dead = || dead.contains(&line).then(|| "is given up by the comment above it".to_owned());
    by_profile.or_else(is_dead)
}

/// The profile of a service of which each is for developing, or for those who have not moved on.
fn profile(service: &Node) -> Option<String> {
    const WORDS: &[&str] =
        &["debug", "deprecated", "dev", "development", "e2e", "local", "test", "testing", "tests"];
    let mut profiles = service.get("profiles")?.strings().map(|profile| profile.value);
    let first = profiles.next()?;
    // `face-dev`, and not `no-dev`.
    let is_apart = |profile: &str| {
        let mut words = profile.split(['-', '_', '.']);
        words.clone().all(|word| !matches!(word, "no" | "non" | "not" | "without"))
            && words.any(|word| WORDS.contains(&word))
    };
    (is_apart(&first) && profiles.all(|profile| is_apart(&profile))).then_some(first)
}

/// Lines right below a comment that begins with the word for what is given up, or says of dead code.
pub(super) fn dead_lines(text: &str) -> HashSet<u32> {
    let mut dead = HashSet::new();
    let (mut is_inside, mut is_dead) = (false, false);
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim_start_matches('#').trim();
            is_dead |= says_dead(comment) || (!is_inside && begins_deprecated(comment));
            is_inside = true;
            continue;
        }
        dead.extend(is_dead.then_some(number));
        (is_inside, is_dead) = (false, false);
    }
    dead
}

fn says_dead(comment: &str) -> bool {
    let comment = comment.to_ascii_lowercase();
    ["is dead code", "local dev only", "local development only"]
        .iter()
        .any(|phrase| comment.contains(phrase))
}

/// `DEPRECATED (since May)`, `Deprecated: …`, and not "Deprecated settings stay here".
fn begins_deprecated(text: &str) -> bool {
    let rest = text.strip_prefix("DEPRECATED").or_else(|| {
        let rest = text.strip_prefix("Deprecated").or_else(|| text.strip_prefix("deprecated"))?;
        (!rest.trim_start().starts_with(char::is_alphanumeric)).then_some(rest)
    });
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::tree;

    /// The workloads of a Compose file whose service `till` stands below `above`.
    fn started(above: &str, profile: &str) -> usize {
        let text =
            format!("services:\n{above}  till:\n    image: a/till\n    profiles: [{profile}]\n");
        let facts = tree(&[("compose.yaml", &text)]);
        assert_eq!(facts.set_aside.len() + facts.workloads.len(), 1);
        facts.workloads.len()
    }

    #[test]
    fn what_the_comment_above_it_gives_up_is_set_aside() {
        for comment in [
            "DEPRECATED (2026-02-26): the broker does it",
            "Deprecated: the broker does it",
            "The till\n  # is dead code, it never ran",
            "deprecated",
        ] {
            assert_eq!(started(&format!("  # {comment}\n"), ""), 0, "{comment}");
        }
        for comment in [
            "Deprecated settings are passed on",
            "Takes the place of one that is DEPRECATED",
            "The till\n  # Deprecated: not",
            "DEPRECATED: the other one\n",
        ] {
            assert_eq!(started(&format!("  # {comment}\n"), ""), 1, "{comment}");
        }
    }

    #[test]
    fn a_profile_whose_words_are_for_developing_starts_nothing_for_users() {
        for profile in ["dev", "face-dev", "local_dev", "tests, e2e"] {
            assert_eq!(started("", profile), 0, "{profile}");
        }
        for profile in ["", "no-dev", "devices", "dev, face"] {
            assert_eq!(started("", profile), 1, "{profile}");
        }
    }
}
