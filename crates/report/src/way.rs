//! What would answer a requirement that nothing answers yet.

use model::{Answer, Demand, Grade, State};
use requirements::{Proof, Requirement};

/// The grade that a proof reaches.
pub(crate) const fn grade(proof: &Proof) -> Grade {
    match proof {
        Proof::Service(_)
        | Proof::EachWorkload(_)
        | Proof::EachPipeline(_)
        | Proof::EachAlert(_)
        | Proof::EachDependency(_)
        | Proof::Unread(_) => Grade::Declared,
        Proof::Live(_) => Grade::Observed,
        Proof::Drill(_) => Grade::Proven,
        Proof::Question(_) => Grade::Claimed,
    }
}

/// What would answer the requirement called `id` as strongly as `demand` asks, or, where nothing
/// does, as strongly as gonogo can.
pub(crate) fn to_answer(id: &str, demand: Demand) -> String {
    let attest = || format!("`gonogo attest {id}`");
    requirements::find(id).and_then(|found| best(found, demand)).unwrap_or_else(attest)
}

fn best(requirement: &Requirement, demand: Demand) -> Option<String> {
    strongest(requirement, demand).map(|proof| in_words(requirement, proof))
}

/// The weakest proof that satisfies `demand`, or else the strongest there is.
fn strongest(requirement: &Requirement, demand: Demand) -> Option<&'static Proof> {
    let proofs = requirement.proofs;
    let strong = proofs.iter().filter(|proof| grade(proof) >= demand.grade);
    strong.min_by_key(|proof| grade(proof)).or_else(|| proofs.iter().max_by_key(|p| grade(p)))
}

/// What would answer an open `answer`, where its reason does not say so already.
pub(crate) fn beyond_reason(answer: &Answer) -> Option<String> {
    if !matches!(answer.state, State::Unknown | State::Weak | State::Stale) {
        return None;
    }
    let id = &answer.requirement;
    let reason = answer.reason.as_str();
    let Some((requirement, proof)) =
        requirements::find(id).and_then(|found| Some((found, strongest(found, answer.demand)?)))
    else {
        return Some(format!("`gonogo attest {id}`"));
    };
    let is_said = |text: &str| !reason.is_empty() && reason.contains(text);
    match proof {
        Proof::Unread(what) if is_said(what) => Some(format!("`gonogo attest {id}`")),
        Proof::Question(what) if is_said(what) => Some(format!("`gonogo attest {id}`")),
        Proof::Live(what) if is_said(what) => None,
        Proof::Unread(_) | Proof::Question(_) | Proof::Live(_) | Proof::Drill(_) => {
            Some(in_words(requirement, proof))
        }
        // The reason of a look at files says what is missing from them.
        _ if answer.state == State::Unknown && !reason.is_empty() => None,
        _ => Some(in_words(requirement, proof)),
    }
}

/// What can answer a requirement that no file of the repository can, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Beyond {
    /// This drill.
    Run(&'static str),
    /// A person who says so.
    Person,
    /// A system that runs.
    Live,
    /// A drill that this version does not have.
    Drill,
}

/// What alone can answer the requirement called `id`, a drill before all else; `None`: files can.
pub(crate) fn beyond_files(id: &str) -> Option<Beyond> {
    let proofs = requirements::find(id)?.proofs;
    let beyond = proofs.iter().map(|proof| match proof {
        Proof::Unread(_) | Proof::Question(_) => Some(Beyond::Person),
        Proof::Live(_) => Some(Beyond::Live),
        Proof::Drill(_) => {
            drills::proves(id).map_or(Some(Beyond::Drill), |drill| Some(Beyond::Run(drill)))
        }
        _ => None,
    });
    // `None` is the least of all: one proof by files is enough.
    beyond.min().flatten()
}

/// All ways to answer `requirement`, weakest first, each with the grade it reaches.
pub(crate) fn all(requirement: &Requirement) -> Vec<(Grade, String)> {
    let mut ways: Vec<(Grade, String)> = requirement
        .proofs
        .iter()
        .map(|proof| (grade(proof), in_words(requirement, proof)))
        .collect();
    ways.sort();
    ways
}

fn in_words(requirement: &Requirement, proof: &Proof) -> String {
    let id = requirement.id;
    match proof {
        Proof::Service(_) => "files of the repository".to_owned(),
        Proof::EachWorkload(_) => "files: every workload".to_owned(),
        Proof::EachPipeline(_) => "files: every pipeline".to_owned(),
        Proof::EachAlert(_) => "files: every alert".to_owned(),
        Proof::EachDependency(_) => "gonogo.yaml: every dependency".to_owned(),
        Proof::Unread("") => format!("`gonogo attest {id}`; no file is read for it yet"),
        Proof::Unread(what) => format!("`gonogo attest {id}`; not read yet: {what}"),
        Proof::Live("") => "a live system".to_owned(),
        Proof::Live(what) => (*what).to_owned(),
        Proof::Drill("") => "a drill".to_owned(),
        Proof::Drill(drill) if drills::proves(id) == Some(*drill) => {
            format!("`gonogo drill {drill}`")
        }
        Proof::Drill(drill) => format!("`gonogo drill {drill}`, not in this version"),
        Proof::Question("") => format!("`gonogo attest {id}`"),
        Proof::Question(question) => format!("`gonogo attest {id}`: {question}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_proof_that_satisfies_is_named() {
        let way = |grade| best(&crate::sample::REQUIREMENT, Demand { grade, days: None }).unwrap();
        assert_eq!(way(Grade::Observed), "the backup storage: age of the newest backup");
        assert_eq!(way(Grade::Proven), "`gonogo drill restore`, not in this version");
        let unread = "`gonogo attest data/backups`; not read yet: backup schedules";
        assert_eq!(way(Grade::Declared), unread);
    }

    #[test]
    fn one_proof_by_files_is_enough_for_files_to_answer() {
        let beyond = |is: fn(&Proof) -> bool| {
            requirements::all()
                .filter(|requirement| requirement.proofs.iter().all(is))
                .map(|requirement| beyond_files(requirement.id))
                .collect::<Vec<_>>()
        };
        let by_drills = beyond(|proof| matches!(proof, Proof::Drill(_)));
        assert!(by_drills.contains(&Some(Beyond::Drill)));
        assert!(by_drills.contains(&Some(Beyond::Run("fault"))));
        assert!(
            by_drills
                .iter()
                .all(|beyond| { matches!(beyond, Some(Beyond::Drill | Beyond::Run(_))) })
        );
        // Before a person or a live system is asked.
        assert_eq!(beyond_files("reliability/bounded-retries"), Some(Beyond::Run("fault")));
        assert_eq!(beyond_files("capacity/load-tested"), Some(Beyond::Run("load")));
        assert_eq!(beyond_files("ownership/owner"), None);
        assert_eq!(beyond_files("own/thing"), None);
    }

    #[test]
    fn a_requirement_of_the_policy_is_answered_by_a_person() {
        let demand = Demand { grade: Grade::Claimed, days: None };
        assert_eq!(to_answer("own/thing", demand), "`gonogo attest own/thing`");
    }
}
