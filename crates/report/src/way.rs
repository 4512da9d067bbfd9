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

/// What would answer the requirement called `id` as strongly as `demand` asks.
pub(crate) fn to_answer(id: &str, demand: Demand) -> String {
    let best = requirements::find(id).and_then(|found| best(found, demand));
    best.unwrap_or_else(|| by_a_person(id, demand))
}

fn best(requirement: &Requirement, demand: Demand) -> Option<String> {
    strongest(requirement, demand).map(|proof| as_asked(requirement, proof, demand))
}

/// What a person can do about it: attest it where that is enough for `demand`, else take the risk.
fn by_a_person(id: &str, demand: Demand) -> String {
    if demand.takes_a_word() {
        return format!("`gonogo attest {id}`");
    }
    format!("`gonogo accept {id}` (an attestation is not enough)")
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
    let demand = answer.demand;
    let Some((requirement, proof)) =
        requirements::find(id).and_then(|found| Some((found, strongest(found, demand)?)))
    else {
        return Some(by_a_person(id, demand));
    };
    let is_said = |text: &str| !reason.is_empty() && reason.contains(text);
    match proof {
        Proof::Unread(what) | Proof::Question(what) if is_said(what) => {
            Some(by_a_person(id, demand))
        }
        Proof::Live(what) if is_said(what) => None,
        Proof::Unread(_) | Proof::Question(_) | Proof::Live(_) | Proof::Drill(_) => {
            Some(as_asked(requirement, proof, demand))
        }
        // The reason of a look at files says what is missing from them.
        _ if answer.state == State::Unknown && !reason.is_empty() => None,
        _ => Some(as_asked(requirement, proof, demand)),
    }
}

/// What can answer a requirement that no file of the repository can, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Beyond {
    /// This drill.
    Run(&'static str),
    /// A person who says so.
    Word,
    /// Nobody's word is enough: the risk can be taken until files are read for it.
    Unread,
    /// A system that runs.
    Live,
    /// A drill that this version does not have.
    Drill,
}

/// What alone can answer the requirement called `id` as strongly as `demand` asks, a drill before all
/// else; `None`: files can.
pub(crate) fn beyond_files(id: &str, demand: Demand) -> Option<Beyond> {
    let proofs = requirements::find(id)?.proofs;
    let beyond = proofs.iter().map(|proof| match proof {
        Proof::Unread(_) | Proof::Question(_) if demand.takes_a_word() => Some(Beyond::Word),
        Proof::Unread(_) | Proof::Question(_) => Some(Beyond::Unread),
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

/// What `proof` takes, or a person where `demand` asks for more than the proof gives so far.
fn as_asked(requirement: &Requirement, proof: &Proof, demand: Demand) -> String {
    let by_a_person = || by_a_person(requirement.id, demand);
    match proof {
        Proof::Unread("") => format!("{}; no file is read for it yet", by_a_person()),
        Proof::Unread(what) => format!("{}; not read yet: {what}", by_a_person()),
        Proof::Question(question) if grade(proof) < demand.grade => {
            format!("{}: {question}", by_a_person())
        }
        _ if grade(proof) < demand.grade => by_a_person(),
        _ => in_words(requirement, proof),
    }
}

fn in_words(requirement: &Requirement, proof: &Proof) -> String {
    let id = requirement.id;
    match proof {
        Proof::Service(_) => "files of the repository".to_owned(),
        Proof::EachWorkload(_) => "files: every workload".to_owned(),
        Proof::EachPipeline(_) => "files: every pipeline".to_owned(),
        Proof::EachAlert(_) => "files: every alert".to_owned(),
        Proof::EachDependency(_) => "gonogo.yaml: every dependency".to_owned(),
        Proof::Unread("") => "files of the repository, which are not read for it yet".to_owned(),
        Proof::Unread(what) => format!("files of the repository, not read yet: {what}"),
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

    const DECLARED: Demand = Demand { grade: Grade::Declared, days: None };

    #[test]
    fn the_weakest_proof_that_satisfies_is_named() {
        let way = |grade| best(&crate::sample::REQUIREMENT, Demand { grade, days: None }).unwrap();
        assert_eq!(way(Grade::Observed), "the backup storage: age of the newest backup");
        assert_eq!(way(Grade::Proven), "`gonogo drill restore`, not in this version");
        let unread = "`gonogo attest data/backups`; not read yet: backup schedules";
        assert_eq!(way(Grade::Claimed), unread);
    }

    #[test]
    fn an_attestation_is_advised_only_where_it_is_enough() {
        for requirement in requirements::all() {
            for grade in Grade::ALL {
                let demand = Demand { grade, days: None };
                let way = to_answer(requirement.id, demand);
                let is_advised = way.contains("`gonogo attest");
                assert!(!is_advised || grade == Grade::Claimed, "{grade}: {way}");
                let is_listed = beyond_files(requirement.id, demand) == Some(Beyond::Word);
                assert!(!is_listed || grade == Grade::Claimed, "{grade}: {}", requirement.id);
            }
        }
    }

    #[test]
    fn one_proof_by_files_is_enough_for_files_to_answer() {
        let beyond = |is: fn(&Proof) -> bool| {
            requirements::all()
                .filter(|requirement| requirement.proofs.iter().all(is))
                .map(|requirement| beyond_files(requirement.id, DECLARED))
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
        assert_eq!(
            beyond_files("reliability/bounded-retries", DECLARED),
            Some(Beyond::Run("fault"))
        );
        assert_eq!(beyond_files("capacity/load-tested", DECLARED), Some(Beyond::Run("load")));
        assert_eq!(beyond_files("ownership/owner", DECLARED), None);
        assert_eq!(beyond_files("own/thing", DECLARED), None);
    }

    #[test]
    fn a_requirement_of_the_policy_is_answered_by_a_person() {
        let demand = Demand { grade: Grade::Claimed, days: None };
        assert_eq!(to_answer("own/thing", demand), "`gonogo attest own/thing`");
        let way = to_answer("own/thing", DECLARED);
        assert!(way.starts_with("`gonogo accept own/thing`"), "{way}");
    }
}
