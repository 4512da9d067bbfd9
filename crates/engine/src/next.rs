//! The cheapest set of actions that turns NO-GO into GO.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Answer, Assessment, NextStep, ServiceVerdict, State, StepKind, Weight};
use requirements::{Proof, Requirement};

use crate::assess::surveyed;
use crate::untold::{self, Untold};
use crate::{AssessError, Settings, Unset};

/// What it costs to take a look again that is only too old, in minutes.
const RENEWAL_MIN: u32 = 15;

/// What it costs to run a drill that is set up, in minutes.
const DRILL_MIN: u32 = 15;

/// What it costs to write down how a service is drilled, in minutes.
const SETUP_MIN: u32 = 60;

/// How long a drill is run that needs longer than usual and does not say how long.
const LONGER: &str = "90s";

/// The risk that a step removes, not nothing where it is not known.
fn weight(step: &NextStep) -> u32 {
    let answered = u32::try_from(step.requirements.len()).unwrap_or(u32::MAX);
    u32::from(step.risk.max(1)).saturating_mul(answered.max(1))
}

/// What is taken for the effort of a requirement of the organisation, which does not say it, in minutes.
const OWN_MIN: u32 = 60;

/// What is known of drills beside the answers.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// What they could not tell the last time, by requirement.
    pub untold: BTreeMap<String, Untold>,
    /// What has to be written down before any can be run.
    pub unset: Option<Unset>,
}

/// Assesses the tree at `root`, and names the next steps of each of its services.
pub fn steps(
    root: &Path,
    settings: &Settings,
) -> Result<(Assessment, Vec<Vec<NextStep>>), AssessError> {
    let (survey, assessment) = surveyed(root, settings)?;
    let mut untold = untold::all(&survey.checkout);
    let of = |service: &ServiceVerdict| {
        let name = &service.service;
        let unset = Unset::of(&survey.facts.declarations, name);
        next(service, &Ground { untold: untold.remove(name).unwrap_or_default(), unset })
    };
    let steps = assessment.verdicts.services.iter().map(of).collect();
    Ok((assessment, steps))
}

/// One step for each answer of `service` that blocks, and one for each drill that is to be run, most
/// risk removed per effort first; before the first drill, what makes drills possible.
pub fn next(service: &ServiceVerdict, ground: &Ground) -> Vec<NextStep> {
    let mut steps = Vec::new();
    let mut drilled: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for answer in service.answers.iter().filter(|answer| answer.weight == Weight::Blocks) {
        match (requirements::find(&answer.requirement), drills::proves(&answer.requirement)) {
            (Some(requirement), Some(drill)) if kind(answer) == StepKind::Drill => {
                drilled.entry(drill).or_default().push(requirement);
            }
            (Some(requirement), _) => steps.push(step(service, answer, requirement)),
            (None, _) => steps.push(own_step(service, answer)),
        }
    }
    let untold = &ground.untold;
    steps.extend(drilled.iter().map(|(drill, proven)| drill_step(service, drill, proven, untold)));
    // a.risk / a.effort > b.risk / b.effort, without fractions.
    steps.sort_by(|a, b| {
        let left = u64::from(weight(b)) * u64::from(a.effort_min.max(1));
        let right = u64::from(weight(a)) * u64::from(b.effort_min.max(1));
        left.cmp(&right).then_with(|| a.requirements.cmp(&b.requirements))
    });
    let first_drill = steps.iter().position(|step| step.kind == StepKind::Drill);
    if let (Some(first_drill), Some(unset)) = (first_drill, &ground.unset) {
        let proven: Vec<_> = drilled.into_values().flatten().collect();
        steps.insert(first_drill, setup_step(service, unset, &proven));
    }
    steps
}

/// The step without which no drill can prove what is `proven` by drills.
fn setup_step(service: &ServiceVerdict, unset: &Unset, proven: &[&Requirement]) -> NextStep {
    NextStep {
        service: service.service.clone(),
        requirements: proven.iter().map(|requirement| requirement.id.to_owned()).collect(),
        action: format!(
            "write {} into gonogo.yaml: drills need to know how the service is started, what users \
             do with it and what it calls",
            unset.in_words()
        ),
        start: unset.start(),
        effort_min: SETUP_MIN,
        risk: proven.iter().map(|requirement| risk(requirement)).max().unwrap_or(0),
        kind: StepKind::SetUp,
    }
}

fn step(service: &ServiceVerdict, answer: &Answer, requirement: &Requirement) -> NextStep {
    let kind = kind(answer);
    let effort_min = match kind {
        StepKind::Fix | StepKind::Show => requirement.effort.minutes(),
        StepKind::SetUp => SETUP_MIN,
        StepKind::Drill => DRILL_MIN,
        StepKind::Renew => RENEWAL_MIN,
    };
    NextStep {
        service: service.service.clone(),
        requirements: vec![answer.requirement.clone()],
        action: action(answer, || remedy(requirement)),
        start: start(kind, answer),
        effort_min,
        risk: risk(requirement),
        kind,
    }
}

/// What mends it, with what of it this version cannot do yet.
fn remedy(requirement: &Requirement) -> String {
    let mut text = requirement.remedy.to_owned();
    if drills::proves(requirement.id).is_none() {
        for proof in requirement.proofs {
            let Proof::Drill(drill) = proof else { continue };
            let command = format!("`gonogo drill {drill}`");
            text = text.replace(&command, &format!("{command} (not in this version)"));
        }
    }
    text
}

/// The step that lets one drill prove all that it can, with why it could not the last time.
fn drill_step(
    service: &ServiceVerdict,
    drill: &str,
    proven: &[&Requirement],
    untold: &BTreeMap<String, Untold>,
) -> NextStep {
    let told = |requirement: &&Requirement| {
        let why = untold.get(requirement.id).map_or_else(String::new, |untold| {
            let day = untold.at.strftime("%F");
            format!("; inconclusive on {day}: {}", untold.reason)
        });
        format!("{}{why}", requirement.title)
    };
    let action = match proven {
        [only] => format!("let `gonogo drill {drill}` prove it: {}", told(only)),
        all => {
            let lines = all.iter().map(|one| format!("\n- {}: {}", one.id, told(one)));
            let lines: String = lines.collect();
            format!("`gonogo drill {drill}` proves {} requirements:{lines}", all.len())
        }
    };
    let longest = proven.iter().find_map(|one| longer(&untold.get(one.id)?.reason));
    let option = longest.map_or_else(String::new, |span| format!(" --duration {span}"));
    NextStep {
        service: service.service.clone(),
        requirements: proven.iter().map(|requirement| requirement.id.to_owned()).collect(),
        action,
        start: format!("gonogo drill {drill}{option}"),
        effort_min: DRILL_MIN,
        risk: proven.iter().map(|requirement| risk(requirement)).max().unwrap_or(0),
        kind: StepKind::Drill,
    }
}

/// How long a drill is to be run whose `reason` asks for more time.
fn longer(reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once("--duration")?;
    let span: String =
        rest.trim_start().chars().take_while(char::is_ascii_alphanumeric).take(8).collect();
    let number = span.trim_end_matches(['s', 'm', 'h']);
    let is_span = !number.is_empty()
        && number.len() < span.len()
        && number.chars().all(|letter| letter.is_ascii_digit());
    Some(if is_span { span } else { LONGER.to_owned() })
}

/// The step for a requirement of the organisation, of which only the answer is known here.
fn own_step(service: &ServiceVerdict, answer: &Answer) -> NextStep {
    let id = &answer.requirement;
    let kind = kind(answer);
    let remedy = || format!("show that `{id}` holds: {}", answer.reason);
    let start = match kind {
        StepKind::Show if !answer.demand.takes_a_word() => {
            format!("gonogo explain {id} --policy FILE")
        }
        _ => start(kind, answer),
    };
    NextStep {
        service: service.service.clone(),
        requirements: vec![id.clone()],
        action: action(answer, remedy),
        start,
        effort_min: OWN_MIN,
        risk: 0,
        kind,
    }
}

/// How many tiers ask for the requirement: what even a low-risk service needs removes most risk.
fn risk(requirement: &Requirement) -> u8 {
    requirement.demands.iter().flatten().fold(0, |tiers, _| tiers + 1)
}

fn kind(answer: &Answer) -> StepKind {
    match answer.state {
        State::Failed => StepKind::Fix,
        State::Stale | State::Error => StepKind::Renew,
        State::Weak | State::Unknown if drills::proves(&answer.requirement).is_some() => {
            StepKind::Drill
        }
        _ => StepKind::Show,
    }
}

fn action(answer: &Answer, remedy: impl FnOnce() -> String) -> String {
    match (answer.state, answer.findings.first()) {
        (State::Failed, Some(finding)) => {
            let more = match answer.findings.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let help = finding.help.as_deref().and_then(in_short);
            let help = help.map_or_else(String::new, |help| format!(": {help}"));
            format!("{}{more}{help}", finding.message)
        }
        (State::Planned, _) => format!("carry out the plan: {}", answer.reason),
        _ => remedy(),
    }
}

/// What a help says first, with what is to be added where that is one line.
fn in_short(help: &str) -> Option<String> {
    let mut lines = help.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    match (first.strip_suffix(':'), lines.next(), lines.next()) {
        (Some(_), Some(only), None) => Some(format!("{first} `{only}`")),
        (Some(what), ..) => Some(what.to_owned()),
        (None, ..) => Some(first.to_owned()),
    }
}

fn start(kind: StepKind, answer: &Answer) -> String {
    match (kind, answer.findings.first(), answer.evidence.first()) {
        (StepKind::Fix, Some(finding), _) => finding.place.to_string(),
        (StepKind::Renew, _, Some(evidence)) => evidence.reproduce.clone(),
        (StepKind::Show, ..) if answer.demand.takes_a_word() => {
            format!("gonogo attest {}", answer.requirement)
        }
        _ => format!("gonogo explain {}", answer.requirement),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Demand, Grade, Kind, Tier, Verdict};

    fn answer(state: State, requirement: &str) -> Answer {
        Answer {
            requirement: requirement.to_owned(),
            state,
            weight: Weight::Blocks,
            demand: Demand { grade: Grade::Proven, days: None },
            grade: None,
            evidence: Vec::new(),
            findings: Vec::new(),
            reason: String::new(),
            decision: None,
            contradictions: Vec::new(),
        }
    }

    fn steps(state: State, requirement: &str) -> Vec<NextStep> {
        steps_of(vec![answer(state, requirement)], &Ground::default())
    }

    fn steps_of(answers: Vec<Answer>, ground: &Ground) -> Vec<NextStep> {
        let service = ServiceVerdict {
            service: "orders".to_owned(),
            tier: Tier::One,
            is_tier_assumed: false,
            kind: Kind::Web,
            is_kind_assumed: false,
            path: ".".to_owned(),
            revision: None,
            found: Vec::new(),
            verdict: Verdict::NoGo,
            answers,
        };
        next(&service, ground)
    }

    #[test]
    fn one_drill_is_one_step_with_all_that_it_proves_and_why_it_did_not() {
        let answers = vec![
            answer(State::Unknown, "capacity/no-leaks"),
            answer(State::Weak, "capacity/pagination"),
            answer(State::Unknown, "reliability/circuit-breaker"),
        ];
        let reason = "few samples: give it a longer `--duration`".to_owned();
        let untold = Untold { at: jiff::Timestamp::UNIX_EPOCH, reason };
        let untold = [("capacity/no-leaks".to_owned(), untold)].into();
        let steps = steps_of(answers, &Ground { untold, unset: None });
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].requirements, ["capacity/no-leaks", "capacity/pagination"]);
        assert_eq!(steps[0].start, "gonogo drill load --duration 90s");
        let action = &steps[0].action;
        assert!(
            action.starts_with("`gonogo drill load` proves 2 requirements:\n- capacity/no-leaks: ")
        );
        assert!(action.contains("; inconclusive on 1970-01-01: few samples: give it"), "{action}");
        assert_eq!(steps[1].start, "gonogo drill fault");
    }

    #[test]
    fn no_step_asks_for_a_drill_that_this_version_does_not_have() {
        let action = &steps(State::Unknown, "observability/alert-fires")[0].action;
        assert!(action.starts_with("Run `gonogo drill page` (not in this version): "), "{action}");
        let missing = |proof: &Proof| match proof {
            Proof::Drill(drill) => Some(format!("`gonogo drill {drill}`")),
            _ => None,
        };
        let all = || requirements::all().flat_map(|one| one.proofs);
        let had: Vec<&str> = requirements::all().filter_map(|one| drills::proves(one.id)).collect();
        let is_had = |name: &str| had.iter().any(|drill| name.contains(&format!("drill {drill}`")));
        for name in all().filter_map(missing).filter(|name| !is_had(name)) {
            for requirement in requirements::all() {
                let action = &steps(State::Unknown, requirement.id)[0].action;
                let bare = action.replace(&format!("{name} (not in"), "");
                assert!(!bare.contains(&name), "{}: {action}", requirement.id);
            }
        }
    }

    #[test]
    fn what_makes_drills_possible_comes_before_the_first_of_them() {
        let answers = vec![
            answer(State::Unknown, "ownership/owner"),
            answer(State::Unknown, "capacity/no-leaks"),
            answer(State::Unknown, "reliability/circuit-breaker"),
        ];
        let unset = Unset { place: None, keys: vec!["run", "journeys"], is_begun: false };
        let steps = steps_of(answers, &Ground { unset: Some(unset), ..Ground::default() });
        let kinds: Vec<StepKind> = steps.iter().map(|step| step.kind).collect();
        let first_drill = kinds.iter().position(|kind| *kind == StepKind::Drill).unwrap();
        let set_up = kinds.iter().position(|kind| *kind == StepKind::SetUp).unwrap();
        assert_eq!((set_up + 1, steps.len()), (first_drill, 4));
        let step = &steps[set_up];
        assert_eq!((&*step.start, step.requirements.len()), ("gonogo init", 2));
        assert!(step.action.starts_with("write `run:` and `journeys:` into"), "{}", step.action);
        // Without a drill to run, nothing has to be prepared.
        let unset = Unset { place: None, keys: vec!["run"], is_begun: false };
        let ground = Ground { unset: Some(unset), ..Ground::default() };
        let one = steps_of(vec![answer(State::Unknown, "ownership/owner")], &ground);
        assert_eq!(one.len(), 1);
    }

    #[test]
    fn what_failed_is_told_with_what_mends_it() {
        let help = "name one in gonogo.yaml:\n\nbackup-owner: group:<another team>";
        let place = model::Place::file("gonogo.yaml");
        let finding = model::Finding::at(&place, "no backup owner").help(help);
        let failed = answer(State::Failed, "ownership/backup-owner");
        let failed = Answer { findings: vec![finding], ..failed };
        let action = &steps_of(vec![failed], &Ground::default())[0].action;
        let told = "no backup owner: name one in gonogo.yaml: `backup-owner: group:<another team>`";
        assert_eq!(action, told);
        assert_eq!(in_short("add it:\n\na: 1\nb: 2").as_deref(), Some("add it"));
        assert_eq!(in_short("replicas: 2").as_deref(), Some("replicas: 2"));
    }

    #[test]
    fn a_span_is_taken_from_a_reason_only_where_it_is_one() {
        assert_eq!(longer("try `--duration 5m`").as_deref(), Some("5m"));
        assert_eq!(longer("try --duration $(reboot)").as_deref(), Some(LONGER));
        assert_eq!(longer("too few calls"), None);
    }

    #[test]
    fn what_a_drill_proves_begins_with_that_drill() {
        for state in [State::Unknown, State::Weak] {
            let steps = steps(state, "reliability/circuit-breaker");
            assert_eq!((steps[0].kind, &*steps[0].start), (StepKind::Drill, "gonogo drill fault"));
            assert!(steps[0].action.starts_with("let `gonogo drill fault` prove it: "));
        }
        // What a drill found is mended first, and what no drill proves is shown.
        assert_eq!(steps(State::Failed, "reliability/circuit-breaker")[0].kind, StepKind::Fix);
        assert_eq!(steps(State::Unknown, "ownership/owner")[0].kind, StepKind::Show);
        assert_eq!(steps(State::Unknown, "reliability/dead-letter-queue")[0].kind, StepKind::Show);
        assert_eq!(steps(State::Unknown, "data/restore")[0].kind, StepKind::Show);
    }

    #[test]
    fn an_attestation_is_the_start_only_where_it_is_enough() {
        let start = |id: &str, grade| {
            let demand = Demand { grade, days: None };
            let step =
                steps_of(vec![Answer { demand, ..answer(State::Unknown, id) }], &Ground::default());
            step[0].start.clone()
        };
        for id in ["acme/thing", "security/compliance"] {
            assert_eq!(start(id, Grade::Claimed), format!("gonogo attest {id}"));
            assert!(start(id, Grade::Declared).starts_with("gonogo explain "), "{id}");
        }
    }
}
