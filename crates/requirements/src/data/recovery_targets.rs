//! Recovery time and recovery point have targets, and the measured ones are inside.

use super::recovery_plan;
use super::store::{in_words, without_data};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/recovery-targets",
    title: "recovery time and recovery point have targets, and the measured ones are inside",
    why: "Without numbers nobody can say whether the backups are frequent enough and the \
          restore fast enough, until users say it.",
    remedy: "Agree with the owner of the data how long it may be unavailable and how much of it \
             may be lost, and declare both as `targets: {rto, rpo}` under `data:` in \
             gonogo.yaml.",
    references: &[
        Reference {
            title: "AWS Well-Architected: plan for disaster recovery",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/plan-for-disaster-recovery-dr.html",
        },
        Reference {
            title: "NIST SP 800-34: contingency planning guide",
            url: "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion, Change::Configuration],
    demands: [
        Demand::within(Grade::Proven, 30),
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[Subject::Declaration],
    proofs: &[Proof::Service(judge), Proof::Drill("restore")],
    cases: include_str!("recovery_targets.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.data.as_ref());
    match declared {
        Some(stores) => {
            let outcomes = stores.iter().map(targets);
            Outcome::all(outcomes).unwrap_or_else(|| without_data(scope))
        }
        None => written(scope),
    }
}

/// Whether a store of gonogo.yaml has both targets, and targets that can be kept.
fn targets(store: &Store) -> Outcome {
    let name = &store.store.value;
    let finding = |place: &Place, message: String| -> Outcome {
        let help = "declare both:\n\ntargets: {rto: 15m, rpo: 24h}";
        Finding::at(place, message).help(help).into()
    };
    let at = &store.store.place;
    match (&store.rto_s, &store.rpo_s) {
        (None, None) => finding(at, format!("`{name}` has no recovery targets")),
        (Some(_), None) => finding(at, format!("`{name}` has no recovery point")),
        (None, Some(_)) => finding(at, format!("`{name}` has no recovery time")),
        (Some(time), Some(_)) if time.value <= 0.0 => {
            finding(&time.place, format!("`{name}` is to be restored in no time at all"))
        }
        (Some(time), Some(point)) => {
            let (time_words, point_words) = (in_words(time.value), in_words(point.value));
            let message =
                format!("`{name}` is back in {time_words} and loses {point_words} at most");
            Outcome::met(&time.place, message)
        }
    }
}

/// Whether a recovery plan names both targets with a number.
fn written(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::RecoveryPlan, recovery_plan::HEADINGS, "recovery-plan");
    let says = |words: &[&str]| {
        pages.chapters.iter().find_map(|chapter| {
            chapter.states(|text| prose::mentions(text, words) && prose::has_duration(text))
        })
    };
    let time = says(&["rto", "recovery time", "recovery time objective"]);
    let point = says(&["rpo", "recovery point", "recovery point objective"]);
    match (time, point) {
        (Some(time), Some(point)) => Outcome::Met(vec![
            Sighting::at(time, "a recovery time"),
            Sighting::at(point, "a recovery point"),
        ]),
        _ => Outcome::unknown(
            "no recovery targets were found: declare each store with `targets: {rto, rpo}` under \
             `data:` in gonogo.yaml",
        ),
    }
}
