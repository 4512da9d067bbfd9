//! What the service said of its own health.

use std::time::Duration;

use super::super::trial::Trial;
use super::{Tried, gather};
use crate::{Proof, Service};

/// How long a service may take to say that it is not ready.
const NOTICE: Duration = Duration::from_secs(3);

pub(super) fn health_is_honest(service: &Service, tried: &[Tried<'_>]) -> Proof {
    const ID: &str = "reliability/health-is-honest";
    if service.ready.is_none() {
        return Proof::inconclusive(ID, "gonogo.yaml names no `run.ready`");
    }
    gather(
        ID,
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let down: Vec<&Trial> = one
                .survived()
                .filter(|trial| {
                    matches!(trial.dish.words, "does not answer" | "refuses connections")
                })
                .collect();
            if down.is_empty() {
                return Err(one.unseen());
            }
            let name = &one.dependency.name;
            for trial in down {
                let late: Vec<_> = trial
                    .looks
                    .iter()
                    .filter(|look| look.at >= trial.from + NOTICE && look.at < trial.until)
                    .collect();
                if late.is_empty() {
                    return Err("the fault was too short to ask for its health".to_owned());
                }
                let ready = late.iter().filter(|look| look.is_ready == Some(true)).count();
                let dead = late.iter().filter(|look| look.is_live == Some(false)).count();
                let words = trial.dish.words;
                seen.push(format!(
                    "ready in {ready} of {} looks while `{name}` {words}",
                    late.len()
                ));
                if one.dependency.is_critical && ready * 2 > late.len() {
                    shortfalls.push(one.shortfall(format!("the service says that it is ready while `{name}` {words}, which it cannot do without"), "let readiness fail when what every request needs does not answer"));
                }
                if !one.dependency.is_critical && ready * 2 < late.len() {
                    shortfalls.push(one.shortfall(format!("the service says that it is not ready while `{name}` {words}, which it can do without"), "let readiness look only at what every request needs"));
                }
                if dead * 2 > late.len() {
                    shortfalls.push(one.shortfall(format!("liveness fails while `{name}` {words}: an orchestrator would restart a healthy process again and again"), "let liveness say only whether the process itself works"));
                }
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::menu::Purpose;
    use super::super::super::sample::{dependency, service, trial, tried};
    use super::*;
    use crate::Outcome;

    fn judged(is_critical: bool, is_ready: bool, is_live: bool) -> Proof {
        let dependency = dependency(is_critical);
        let mut silent = trial(Purpose::Silent);
        (0..5).for_each(|n| silent.look(3000 + n * 100, is_ready, is_live));
        health_is_honest(&service(), &tried(&dependency, silent))
    }

    #[test]
    fn readiness_follows_what_is_critical_and_nothing_else() {
        assert_eq!(judged(true, false, true).outcome, Outcome::Kept);
        assert_eq!(judged(false, true, true).outcome, Outcome::Kept);
        assert!(matches!(judged(true, true, true).outcome, Outcome::FellShort(_)));
        assert!(matches!(judged(false, false, true).outcome, Outcome::FellShort(_)));
    }

    #[test]
    fn liveness_must_not_follow_a_dependency() {
        assert!(matches!(judged(true, false, false).outcome, Outcome::FellShort(_)));
    }

    #[test]
    fn without_a_readiness_path_nothing_can_be_said() {
        let (dependency, mut silent) = (dependency(true), service());
        silent.ready = None;
        let proof = health_is_honest(&silent, &tried(&dependency, trial(Purpose::Silent)));
        assert!(matches!(proof.outcome, Outcome::Inconclusive(_)));
    }
}
