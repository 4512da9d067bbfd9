//! Which entries of a ledger are relied on.

use jiff::civil::{Date, date};
use ledger::{FileLedger, Record, Subject, SubjectDigest};
use model::Ruling;

use super::*;
use crate::policy;

/// A tree with a gonogo.yaml.
fn tree(declared: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("gonogo.yaml"), declared).unwrap();
    root
}

/// What is said of it on 20 November 2026.
fn assessed(root: &Path) -> Assessment {
    let settings = Settings {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        policy: PolicyChoice::Given(Box::new(policy::starter("standard").unwrap())),
        limits: Limits::default(),
        only: Vec::new(),
        reproduce: String::new(),
        deadline: Deadline::after(Deadline::USUAL),
    };
    assess(root, &settings).unwrap()
}

/// What a decision of the ledger makes of `data/restore`.
fn judged(at: &str, ruling: Ruling) -> (State, Assessment) {
    let root = tree("service: checkout\nkind: web\ntier: 2\n");
    let digest = SubjectDigest { git_commit: Some("3f2c1a9".into()), sha256: None };
    let decision = Decision {
        at: at.parse().unwrap(),
        service: "checkout".into(),
        requirement: "data/restore".into(),
        by: "ada".into(),
        ruling,
    };
    let subject = Subject { name: "checkout".into(), digest };
    FileLedger::at(root.path()).append(subject, Record::Decision(Box::new(decision))).unwrap();
    let assessment = assessed(root.path());
    let mut answers = assessment.verdicts.services.iter().flat_map(|service| &service.answers);
    let state = answers.find(|answer| answer.requirement == "data/restore").unwrap().state;
    (state, assessment)
}

fn plan(due: Date) -> Ruling {
    Ruling::Plan { owner: "bo".into(), action: "rehearse the restore".into(), due }
}

fn acceptance(until: Date) -> Ruling {
    let (reason, approver) = ("nothing is lost that is not kept twice".into(), "ada".into());
    Ruling::Acceptance { reason, approver, until, compensating: None }
}

#[test]
fn a_decision_that_gonogo_would_not_have_recorded_lifts_nothing() {
    let (day, soon, late) = ("2026-11-19T12:00:00Z", date(2026, 12, 1), date(9999, 12, 31));
    assert_eq!(judged(day, plan(soon)).0, State::Planned);
    assert_eq!(judged(day, plan(late)).0, State::Unknown);
    assert_eq!(judged(day, acceptance(soon)).0, State::Accepted);
    assert_eq!(judged(day, acceptance(late)).0, State::Unknown);
}

#[test]
fn an_entry_of_a_day_that_has_not_come_is_a_trouble_and_lifts_nothing() {
    let (state, assessment) = judged("2027-03-01T00:00:00Z", plan(date(2027, 3, 2)));
    assert_eq!(state, State::Unknown);
    let [trouble] = &assessment.troubles[..] else { panic!("{:?}", assessment.troubles) };
    assert!(trouble.starts_with("1 entry of the ledger is dated in the future"), "{trouble}");
    // Clocks differ.
    assert_eq!(judged("2026-11-21T00:00:00Z", plan(date(2026, 12, 1))).0, State::Planned);
}

#[test]
fn a_tier_that_cannot_be_read_is_told_beside_the_verdict() {
    let caveats = |declared: &str| assessed(tree(declared).path()).caveats;
    let [caveat] = &caveats("service: checkout\nkind: web\ntier: one\n")[..] else { panic!() };
    assert!(caveat.starts_with("what stands at gonogo.yaml:3:7 does not count: "), "{caveat}");
    assert!(caveat.ends_with("; no tier is read from it, so that the policy's own was assumed"));
    assert_eq!(caveats("service: checkout\nkind: web\ntier: 1\n"), [] as [String; 0]);
}
