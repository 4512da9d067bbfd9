//! What a requirement's function says of its subject.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use facts::{Scope, Subject};
use model::{Finding, Place, Sighting};

/// What a requirement's function says of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds, and this was seen that says so; never empty.
    Met(Vec<Sighting>),
    /// It does not hold; never empty.
    Unmet(Vec<Finding>),
    /// There is nothing that it could be asked of: the clause says what is not there, and it was looked for.
    NotApplicable(String),
    /// What was read does not decide it: the clause says what is missing and what would answer.
    Unknown(String),
}

impl Outcome {
    /// It holds: `message` was seen at `place`.
    pub fn met(place: &Place, message: impl Into<String>) -> Self {
        Self::Met(vec![Sighting::at(place, message)])
    }

    /// What was read does not decide it.
    pub fn unknown(what_is_missing: impl Into<String>) -> Self {
        Self::Unknown(what_is_missing.into())
    }

    /// There is nothing that it could be asked of.
    pub fn not_applicable(what_is_not_there: impl Into<String>) -> Self {
        Self::NotApplicable(what_is_not_there.into())
    }

    /// Unmet with `findings`, or `otherwise` where there are none.
    pub fn unmet_or(findings: Vec<Finding>, otherwise: impl FnOnce() -> Self) -> Self {
        if findings.is_empty() { otherwise() } else { Self::Unmet(findings) }
    }

    /// What has to stand in the repository does not: `finding`, or unknown where a file that could
    /// have held it was not read.
    pub(crate) fn missing(finding: Finding, subjects: &[Subject], scope: &Scope<'_>) -> Self {
        let mut gaps = subjects.iter().flat_map(|subject| scope.hiding_places_of(*subject));
        match gaps.next() {
            None => Self::from(finding),
            Some(gap) => {
                let (message, path) = (&finding.message, &gap.place.path);
                Self::Unknown(format!("{message}, but `{path}` {}", gap.reason))
            }
        }
    }

    /// All have to hold: any finding makes it unmet, else any unknown makes it unknown, else what
    /// was seen of all is met; not applicable where that is all there is, `None` where nothing is.
    pub fn all(outcomes: impl IntoIterator<Item = Self>) -> Option<Self> {
        outcomes.into_iter().reduce(Self::and)
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unmet(mut a), Self::Unmet(b)) => {
                a.extend(b);
                Self::Unmet(a)
            }
            (unmet @ Self::Unmet(_), _) | (_, unmet @ Self::Unmet(_)) => unmet,
            (unknown @ Self::Unknown(_), _) | (_, unknown @ Self::Unknown(_)) => unknown,
            (Self::Met(mut a), Self::Met(b)) => {
                a.extend(b);
                Self::Met(a)
            }
            (met @ Self::Met(_), _) | (_, met @ Self::Met(_)) => met,
            (none @ Self::NotApplicable(_), _) => none,
        }
    }
}

/// Findings of the same kind in one file beyond this many are told as one.
const MOST_ALIKE: usize = 10;

/// Outcomes of the same kind: what is found in several copies of a thing is told once, and the
/// findings of a file that has many of them as one.
pub(crate) fn condensed(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let mut kept: Vec<Outcome> = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut findings: BTreeMap<Arc<str>, Vec<Finding>> = BTreeMap::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Unmet(found) => {
                for finding in found.into_iter().filter(|new| told.insert(new.message.clone())) {
                    findings.entry(finding.place.path.clone()).or_default().push(finding);
                }
            }
            other => kept.push(other),
        }
    }
    kept.extend(findings.into_values().map(|mut found| {
        if found.len() > MOST_ALIKE {
            let others = found.len() - 1;
            found.truncate(1);
            for first in &mut found {
                first.message =
                    format!("{}, and {others} more like it in this file", first.message);
            }
        }
        Outcome::Unmet(found)
    }));
    kept
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        Self::Unmet(vec![finding])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_finding_outweighs_everything_that_holds() {
        let place = Place::file("a");
        let outcomes = [
            Outcome::met(&place, "good"),
            Outcome::unknown("half"),
            Outcome::from(Finding::at(&place, "bad")),
            Outcome::not_applicable("none"),
        ];
        assert_eq!(Outcome::all(outcomes), Some(Outcome::from(Finding::at(&place, "bad"))));
    }

    #[test]
    fn many_findings_of_one_file_are_told_as_one() {
        let finding =
            |path: &str, n: u8| Outcome::from(Finding::at(&Place::file(path), format!("bad {n}")));
        let many = (0..12).map(|n| finding("a", n)).chain([finding("b", 12), finding("c", 0)]);
        let many: Vec<Outcome> = many.collect();
        let Some(Outcome::Unmet(found)) = Outcome::all(condensed(many)) else { panic!("met") };
        let said: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(said, ["bad 0, and 11 more like it in this file", "bad 12"]);
    }

    #[test]
    fn something_unknown_keeps_the_rest_from_being_met() {
        let place = Place::file("a");
        let outcomes = [Outcome::met(&place, "good"), Outcome::unknown("half")];
        assert_eq!(Outcome::all(outcomes), Some(Outcome::unknown("half")));
    }
}
