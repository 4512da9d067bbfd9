//! What a requirement's function says of its subject.

use std::collections::BTreeSet;

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

/// Outcomes of the same kind: what is found in several copies of a thing is told once.
pub(crate) fn condensed(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let mut kept: Vec<Outcome> = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut findings = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Unmet(found) => {
                findings.extend(found.into_iter().filter(|new| told.insert(new.message.clone())));
            }
            other => kept.push(other),
        }
    }
    kept.extend((!findings.is_empty()).then_some(Outcome::Unmet(findings)));
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
    fn what_is_found_in_several_copies_is_told_once() {
        let finding =
            |path: &str, n: u8| Outcome::from(Finding::at(&Place::file(path), format!("bad {n}")));
        let many = (0..12).map(|n| finding("a", n)).chain([finding("b", 12), finding("c", 0)]);
        let Some(Outcome::Unmet(found)) = Outcome::all(condensed(many.collect())) else {
            panic!("met")
        };
        let said = found.iter().map(|finding| finding.message.clone());
        // Each keeps its own words, so that one which is mended makes no other look new.
        assert_eq!(
            said.collect::<Vec<_>>(),
            (0..13).map(|n| format!("bad {n}")).collect::<Vec<_>>()
        );
    }

    #[test]
    fn something_unknown_keeps_the_rest_from_being_met() {
        let place = Place::file("a");
        let outcomes = [Outcome::met(&place, "good"), Outcome::unknown("half")];
        assert_eq!(Outcome::all(outcomes), Some(Outcome::unknown("half")));
    }
}
