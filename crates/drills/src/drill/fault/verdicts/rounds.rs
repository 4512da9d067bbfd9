//! On a busy machine a fault is brought again before the service is blamed, and what most rounds say counts.

use super::{Tried, VERDICTS, Verdict};
use crate::{Outcome, Service};

/// Rounds at most.
const MOST: usize = 3;

/// What was tried on one dependency, once or again.
#[derive(Debug, Default)]
pub(in super::super) struct Rounds<'a>(Vec<Tried<'a>>);

impl<'a> Rounds<'a> {
    /// All rounds, in order.
    pub(in super::super) fn all(&self) -> std::slice::Iter<'_, Tried<'a>> {
        self.0.iter()
    }

    /// Adds what was tried.
    pub(in super::super) fn push(&mut self, tried: Tried<'a>) {
        self.0.push(tried);
    }

    /// Which round is to come, where it is not the first.
    pub(in super::super) fn again(&self) -> Option<String> {
        let round = self.0.len() + 1;
        (round > 1).then(|| format!("round {round} of at most {MOST}"))
    }

    /// Whether there is nothing yet, or rounds on a busy machine have not agreed on some shortfall.
    pub(in super::super) fn wants_another(&self, service: &Service) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let is_open = |verdict: &Verdict| {
            let short = self.short(service, *verdict);
            short > 0 && short < 2 && self.0.len() - short < 2
        };
        self.0.len() < MOST && self.is_busy() && VERDICTS.iter().any(is_open)
    }

    /// The last round that says of `verdict` what most of them say.
    pub(super) fn counting(&self, service: &Service, verdict: Verdict) -> Option<&Tried<'a>> {
        let is_short = self.short(service, verdict) * 2 > self.0.len();
        self.0.iter().rev().find(|one| falls_short(service, verdict, one) == is_short)
    }

    /// That there were several, for a reader.
    pub(in super::super) fn note(&self) -> Option<String> {
        let (first, count) = (self.0.first()?, self.0.len());
        (count > 1).then(|| {
            format!(
                "`{}` was disturbed {count} times over, since the machine was busy and something fell short: what most of them say counts",
                first.dependency.name
            )
        })
    }

    fn short(&self, service: &Service, verdict: Verdict) -> usize {
        self.0.iter().filter(|one| falls_short(service, verdict, one)).count()
    }

    fn is_busy(&self) -> bool {
        let mut trials = self.0.iter().flat_map(|one| &one.trials);
        trials.any(|trial| trial.is_doubtful)
    }
}

fn falls_short(service: &Service, verdict: Verdict, one: &Tried<'_>) -> bool {
    let proof = verdict(service, std::slice::from_ref(one));
    matches!(proof.outcome, Outcome::FellShort(_))
}

#[cfg(test)]
mod tests {
    use super::super::super::menu::Purpose;
    use super::super::super::sample::{dependency, service, trial, tried};
    use super::super::{proofs, self_recovery};
    use super::*;
    use std::time::Duration;

    /// Rounds in which the service did or did not recover.
    fn rounds(recovered: &[bool], is_doubtful: bool) -> Rounds<'static> {
        let needed: &'static _ = Box::leak(Box::new(dependency(true)));
        let mut rounds = Rounds::default();
        for is_well in recovered {
            let mut one = trial(Purpose::Silent);
            one.is_doubtful = is_doubtful;
            one.recovered_after = is_well.then_some(Duration::ZERO);
            let [tried] = tried(needed, one);
            rounds.push(tried);
        }
        rounds
    }

    fn recovers(rounds: &Rounds<'_>) -> bool {
        let verdict: Verdict = |_, tried| self_recovery(tried);
        let chosen = rounds.counting(&service(), verdict).unwrap();
        let all = proofs(&service(), std::slice::from_ref(rounds));
        let proof = all.iter().find(|proof| proof.requirement == "reliability/self-recovery");
        assert_eq!(
            proof.unwrap().outcome == Outcome::Kept,
            !falls_short(&service(), verdict, chosen)
        );
        proof.unwrap().outcome == Outcome::Kept
    }

    #[test]
    fn most_rounds_count() {
        assert!(recovers(&rounds(&[true], true)));
        assert!(!recovers(&rounds(&[false], false)));
        assert!(!recovers(&rounds(&[false, false], true)));
        assert!(recovers(&rounds(&[false, true, true], true)));
        assert!(!recovers(&rounds(&[false, true, false], true)));
    }

    #[test]
    fn a_round_is_repeated_on_a_busy_machine_alone_and_until_two_agree() {
        // Other requirements of these trials are open too, so only what ends the rounds is looked at.
        assert!(Rounds::default().wants_another(&service()));
        assert!(rounds(&[false], true).wants_another(&service()));
        assert!(!rounds(&[false], false).wants_another(&service()));
        assert!(rounds(&[false, true], true).wants_another(&service()));
        assert!(!rounds(&[false, true, true], true).wants_another(&service()));
        assert!(rounds(&[false, true, true], true).note().is_some());
        assert_eq!(Rounds::default().again(), None);
        assert_eq!(rounds(&[false], true).again().unwrap(), "round 2 of at most 3");
        assert!(rounds(&[false], true).note().is_none());
    }
}
