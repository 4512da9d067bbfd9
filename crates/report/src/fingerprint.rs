//! What identifies a finding from one run to the next, though lines above it come and go.

use std::collections::BTreeMap;

use model::{Assessment, Finding, Place, without_versions};
use sha2::{Digest as _, Sha256};

/// The fingerprint of the finding about `requirement` that says `message` about the file at `path`,
/// the `occurrence`th of its like there, counted from 0 in the order of their places.
///
/// The line is left out, so that a finding keeps its fingerprint when the file grows above it, and so are
/// versions, so that it keeps it when what it names is updated.
pub fn fingerprint(requirement: &str, path: &str, message: &str, occurrence: usize) -> String {
    let mut hash = Sha256::new();
    for part in [requirement, path, &without_versions(message)] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update((occurrence as u64).to_le_bytes());
    let mut text = hex::encode(hash.finalize());
    text.truncate(32);
    text
}

type Alike<'a> = (&'a str, &'a str, String);

/// The fingerprints of an assessment's findings; one that several services share has one.
#[derive(Debug)]
pub struct Fingerprints<'a>(BTreeMap<Alike<'a>, Vec<&'a Place>>);

impl<'a> Fingerprints<'a> {
    /// Looks at all findings of `assessment`.
    pub fn of(assessment: &'a Assessment) -> Self {
        let mut alike: BTreeMap<Alike<'a>, Vec<&'a Place>> = BTreeMap::new();
        for answer in assessment.verdicts.services.iter().flat_map(|service| &service.answers) {
            for finding in &answer.findings {
                let message = without_versions(&finding.message);
                let key = (&*answer.requirement, &*finding.place.path, message);
                alike.entry(key).or_default().push(&finding.place);
            }
        }
        for places in alike.values_mut() {
            places.sort_unstable();
            places.dedup();
        }
        Self(alike)
    }

    /// The fingerprint of `finding` about `requirement`.
    pub fn get(&self, requirement: &str, finding: &Finding) -> String {
        let (path, message) = (&*finding.place.path, finding.message.as_str());
        let places = self.0.get(&(requirement, path, without_versions(message)));
        let occurrence = places.and_then(|places| places.binary_search(&&finding.place).ok());
        fingerprint(requirement, path, message, occurrence.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sample;

    #[test]
    fn a_fingerprint_does_not_change_with_the_version_of_what_it_names() {
        let of = |message: &str| fingerprint("a/b", "c.yaml", message, 0);
        for (before, after) in [
            (
                "action `actions/checkout@v3` is not pinned",
                "action `actions/checkout@v4` is not pinned",
            ),
            ("image `r.example:5000/a/b:1.2` is not", "image `r.example:5000/a/b:1.3` is not"),
        ] {
            assert_eq!(of(before), of(after));
        }
        for (before, after) in [
            ("action `a/b@v1` is not", "action `a/c@v1` is not"),
            ("image `a/b:1` is not", "image `a/b:latest` is not"),
            ("`group:default/a` is unknown", "`group:default/b` is unknown"),
            ("3 of 4 `a: 1`", "3 of 4 `a: 2`"),
        ] {
            assert_ne!(of(before), of(after));
        }
    }

    #[test]
    fn a_fingerprint_does_not_change_when_the_finding_moves() {
        let before = sample::checkout();
        let mut after = before.clone();
        for answer in &mut after.verdicts.services[0].answers {
            for finding in &mut answer.findings {
                finding.place.line += 7;
            }
        }
        let all = |assessment: &Assessment| -> Vec<String> {
            let fingerprints = Fingerprints::of(assessment);
            let answers = assessment.verdicts.services.iter().flat_map(|s| &s.answers);
            answers
                .flat_map(|a| a.findings.iter().map(|f| fingerprints.get(&a.requirement, f)))
                .collect()
        };
        assert_eq!(all(&before), all(&after));
        let distinct: BTreeSet<String> = all(&before).into_iter().collect();
        assert_eq!(distinct.len(), all(&before).len());
    }

    #[test]
    fn the_parts_of_a_fingerprint_do_not_run_into_each_other() {
        assert_ne!(fingerprint("a/b", "c", "d", 0), fingerprint("a/b", "cd", "", 0));
        assert_ne!(fingerprint("a/b", "c", "d", 0), fingerprint("a/b", "c", "d", 1));
    }
}
