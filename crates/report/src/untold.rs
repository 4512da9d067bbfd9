//! What could not be told, with each reason once for all requirements that it concerns.

use std::collections::BTreeMap;

use drills::{Outcome, Proof};

/// Between two clauses of a reason.
const BETWEEN: &str = "; ";

/// Requirements of which nothing can be said, in part for the same reason.
#[derive(Debug)]
pub(crate) struct Untold<'a> {
    /// What was found out about each, with the reason that concerns it alone, if there is one.
    pub(crate) proofs: Vec<(&'a Proof, Option<String>)>,
    shared: Vec<&'a str>,
}

impl Untold<'_> {
    /// What concerns all of them, with how many they are; `None` where there is only one.
    pub(crate) fn of_all(&self) -> Option<String> {
        let all = match self.proofs.len() {
            0 | 1 => return None,
            2 => "both".to_owned(),
            count => format!("all {count}"),
        };
        Some(format!("{all}: {}", self.shared.join(BETWEEN)))
    }
}

/// The inconclusive ones of `proofs` in their order, those together that share clauses of their reasons.
pub(crate) fn untold(proofs: &[Proof]) -> Vec<Untold<'_>> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for clause in proofs.iter().flat_map(clauses) {
        *times.entry(clause).or_default() += 1;
    }
    let is_shared = |clause: &&str| times.get(clause).is_some_and(|times| *times > 1);
    let mut all: Vec<Untold<'_>> = Vec::new();
    for proof in proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Inconclusive(_))) {
        let (shared, own): (Vec<_>, Vec<_>) = clauses(proof).partition(is_shared);
        let told = (proof, (!own.is_empty()).then(|| own.join(BETWEEN)));
        match all.iter_mut().find(|known| known.shared == shared && !shared.is_empty()) {
            Some(known) => known.proofs.push(told),
            None => all.push(Untold { proofs: vec![told], shared }),
        }
    }
    for untold in &mut all {
        // One alone shares nothing: what is said of others too is its own reason.
        if let [(proof, own)] = untold.proofs.as_mut_slice() {
            *own = Some(clauses(proof).collect::<Vec<_>>().join(BETWEEN));
        }
    }
    all
}

fn clauses(proof: &Proof) -> impl Iterator<Item = &str> {
    let reason = match &proof.outcome {
        Outcome::Inconclusive(reason) => Some(reason),
        Outcome::Kept | Outcome::FellShort(_) => None,
    };
    reason.into_iter().flat_map(|reason| reason.split(BETWEEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requirements that are told together, each with its own reason, and what concerns all of them.
    fn told(reasons: &[(&'static str, &str)]) -> Vec<(Vec<String>, Option<String>)> {
        let proofs: Vec<_> =
            reasons.iter().map(|(id, reason)| Proof::inconclusive(id, *reason)).collect();
        let own = |(proof, own): &(&Proof, Option<String>)| {
            format!("{}: {}", proof.requirement, own.as_deref().unwrap_or("-"))
        };
        let all = untold(&proofs);
        all.iter().map(|one| (one.proofs.iter().map(own).collect(), one.of_all())).collect()
    }

    #[test]
    fn a_reason_of_several_is_said_once_and_what_concerns_one_beside_it() {
        assert_eq!(
            told(&[("a/one", "too busy; x was lost"), ("a/two", "too busy"), ("a/three", "few")]),
            [
                (
                    vec!["a/one: x was lost".to_owned(), "a/two: -".to_owned()],
                    Some("both: too busy".to_owned())
                ),
                (vec!["a/three: few".to_owned()], None),
            ]
        );
    }

    #[test]
    fn what_no_other_shares_in_the_same_way_keeps_its_whole_reason() {
        assert_eq!(
            told(&[("a/one", "busy; slow"), ("a/two", "busy"), ("a/three", "slow")]),
            [
                (vec!["a/one: busy; slow".to_owned()], None),
                (vec!["a/two: busy".to_owned()], None),
                (vec!["a/three: slow".to_owned()], None),
            ]
        );
    }
}
