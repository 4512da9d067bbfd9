//! Properties of answers and verdicts that hold for every evidence, decision and clock.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{
    About, Decision, Demand, Evidence, EvidenceOutcome, Grade, Look, Question, Ruling, Standing,
    State, Verdict, Weight,
};

const FIRST_DAY: Date = date(2026, 1, 1);

fn moment(day: i64) -> Timestamp {
    let start = FIRST_DAY.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    start + SignedDuration::from_hours(24 * day)
}

fn a_day(day: i64) -> Date {
    moment(day).to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn evidence() -> impl Strategy<Value = Look> {
    let grade = prop::sample::select(Grade::ALL.to_vec());
    let outcome = prop_oneof![
        4 => Just(EvidenceOutcome::Pass),
        2 => Just(EvidenceOutcome::Fail),
        1 => Just(EvidenceOutcome::Error),
    ];
    (grade, outcome, 0..30_i64, prop::option::of(0..60_i64), 0..3_u8).prop_map(
        |(grade, outcome, at, until, source)| {
            Look::Evidence(Evidence {
                requirement: "a/b".into(),
                grade,
                outcome,
                at: moment(at),
                fresh_until: until.map(moment),
                source: format!("source {source}"),
                about: About::default(),
                reproduce: "gonogo check".into(),
                seen: Vec::new(),
                findings: Vec::new(),
                error: (outcome == EvidenceOutcome::Error).then(|| "broke".into()),
            })
        },
    )
}

fn pass() -> impl Strategy<Value = Look> {
    evidence().prop_map(|look| match look {
        Look::Evidence(evidence) => {
            Look::Evidence(Evidence { outcome: EvidenceOutcome::Pass, error: None, ..evidence })
        }
        other => other,
    })
}

fn look() -> impl Strategy<Value = Look> {
    prop_oneof![
        6 => evidence(),
        1 => "[a-c]".prop_map(|reason| Look::Unknown { requirement: "a/b".into(), reason }),
    ]
}

fn decision() -> impl Strategy<Value = Decision> {
    let ruling = (0..3_u8, 0..60_i64).prop_map(|(which, day)| match which {
        0 => Ruling::Plan { owner: "o".into(), action: "a".into(), due: a_day(day) },
        1 => Ruling::Acceptance {
            reason: "r".into(),
            approver: "p".into(),
            until: a_day(day),
            compensating: None,
        },
        _ => Ruling::NotApplicable { claim: "no-datastore".into(), reason: "r".into() },
    });
    (ruling, 0..30_i64).prop_map(|(ruling, at)| Decision {
        service: "s".into(),
        requirement: "a/b".into(),
        by: "ada".into(),
        at: moment(at),
        ruling,
    })
}

fn question() -> impl Strategy<Value = (Demand, bool, u16, i64)> {
    let grade = prop::sample::select(Grade::ALL.to_vec());
    let demand =
        (grade, prop::option::of(0..40_u16)).prop_map(|(grade, days)| Demand { grade, days });
    (demand, any::<bool>(), 0..10_u16, 30..60_i64)
}

fn ask((demand, plan_blocks, grace_days, now): (Demand, bool, u16, i64)) -> Question<'static> {
    Question { requirement: "a/b", demand, plan_blocks, grace_days, counts: true, now: moment(now) }
}

fn standing(decisions: &[Decision]) -> Vec<Standing<'_>> {
    decisions.iter().map(|decision| Standing { decision, void: None }).collect()
}

/// How far a verdict keeps the service back: "could not be decided" lets through no more than NO-GO.
fn hold(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Go => 0,
        Verdict::GoWithConditions => 1,
        Verdict::Unknown | Verdict::NoGo => 2,
    }
}

proptest! {
    #[test]
    fn no_order_of_evidence_or_decisions_changes_an_answer(
        looks in prop::collection::vec(look(), 0..8),
        decisions in prop::collection::vec(decision(), 0..4),
        seed in any::<u64>(),
        question in question(),
    ) {
        let (mut other_looks, mut other_decisions) = (looks.clone(), decisions.clone());
        let turn = usize::try_from(seed % 8).unwrap_or(0);
        other_looks.rotate_left(turn.min(looks.len()));
        if seed % 2 == 0 { other_looks.reverse(); }
        other_decisions.reverse();
        let (a, b) = (
            ask(question).answer(&looks, &standing(&decisions)),
            ask(question).answer(&other_looks, &standing(&other_decisions)),
        );
        prop_assert_eq!((a.state, a.weight, a.grade, a.reason), (b.state, b.weight, b.grade, b.reason));
    }

    #[test]
    fn removing_evidence_of_a_pass_never_makes_it_better(
        looks in prop::collection::vec(look(), 0..7),
        pass in pass(),
        decisions in prop::collection::vec(decision(), 0..3),
        question in question(),
    ) {
        let mut more = looks.clone();
        more.push(pass);
        let (with, without) = (
            ask(question).answer(&more, &standing(&decisions)),
            ask(question).answer(&looks, &standing(&decisions)),
        );
        prop_assert!(without.weight >= with.weight, "{with:?}\n{without:?}");
        prop_assert!(hold(Verdict::of(&[without])) >= hold(Verdict::of(&[with])));
    }

    #[test]
    fn time_passing_never_makes_it_better(
        looks in prop::collection::vec(look(), 0..8),
        decisions in prop::collection::vec(decision(), 0..3),
        question in question(),
        later in 0..60_i64,
    ) {
        let (demand, plan_blocks, grace, now) = question;
        let (before, after) = (
            ask(question).answer(&looks, &standing(&decisions)),
            ask((demand, plan_blocks, grace, now + later)).answer(&looks, &standing(&decisions)),
        );
        prop_assert!(after.weight >= before.weight, "{before:?}\n{after:?}");
        prop_assert!(hold(Verdict::of(&[after])) >= hold(Verdict::of(&[before])));
    }

    #[test]
    fn only_a_fresh_pass_of_the_grade_asked_for_is_met(
        looks in prop::collection::vec(look(), 0..8),
        decisions in prop::collection::vec(decision(), 0..3),
        question in question(),
    ) {
        let asked = ask(question);
        let answer = asked.answer(&looks, &standing(&decisions));
        if answer.state == State::Met {
            let deciding = &answer.evidence[0];
            prop_assert_eq!(deciding.outcome, EvidenceOutcome::Pass);
            prop_assert!(deciding.grade >= asked.demand.grade);
            prop_assert!(deciding.is_fresh(asked.demand, asked.now));
        } else if answer.state != State::NotApplicable {
            prop_assert!(answer.weight > Weight::Free);
        }
    }

    #[test]
    fn a_verdict_is_go_only_when_every_answer_is_met_or_not_applicable(
        answers in prop::collection::vec((prop::collection::vec(look(), 0..4), question()), 1..6),
    ) {
        let answers: Vec<_> = answers.iter().map(|(looks, q)| ask(*q).answer(looks, &[])).collect();
        if Verdict::of(&answers) == Verdict::Go {
            prop_assert!(answers.iter().all(|a| matches!(a.state, State::Met | State::NotApplicable)));
        }
    }
}
