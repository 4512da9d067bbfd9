//! A requirement's state for a service, derived from looks and decisions.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Decision, Demand, Evidence, EvidenceOutcome, Finding, Grade, Look, Ruling};

/// The state of a requirement for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Passing, fresh, of a grade that the tier asks for.
    Met,
    /// Passing, of a lower grade only.
    Weak,
    /// Passing, but expired.
    Stale,
    /// The deciding evidence fails.
    Failed,
    /// Nothing is known.
    Unknown,
    /// The look itself could not be taken.
    Error,
    /// Not yet: somebody will see to it by a date that has not passed.
    Planned,
    /// No: the risk is accepted.
    Accepted,
    /// Cannot be asked of this service.
    NotApplicable,
}

impl State {
    /// All states, in the order in which they are counted.
    pub const ALL: [Self; 9] = [
        Self::Met,
        Self::Weak,
        Self::Stale,
        Self::Failed,
        Self::Unknown,
        Self::Error,
        Self::Planned,
        Self::Accepted,
        Self::NotApplicable,
    ];

    /// The word that users read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Weak => "weak",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Error => "error",
            Self::Planned => "planned",
            Self::Accepted => "accepted",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// How an answer weighs in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Does not stand in the way.
    Free,
    /// Stands between, and is allowed: a condition.
    Condition,
    /// Blocks.
    Blocks,
}

/// One requirement's answer for one service: a leaf of the proof tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Id of the requirement.
    pub requirement: String,
    /// The state.
    pub state: State,
    /// How it weighs.
    pub weight: Weight,
    /// What the tier asks for.
    pub demand: Demand,
    /// Grade of the deciding evidence.
    pub grade: Option<Grade>,
    /// All evidence, the deciding one first.
    pub evidence: Vec<Evidence>,
    /// Findings of the deciding evidence.
    pub findings: Vec<Finding>,
    /// Why the state is what it is, as a clause.
    pub reason: String,
    /// The decision that made the state, for planned, accepted and not-applicable.
    pub decision: Option<Decision>,
    /// What is declared and what is seen disagree: evidence that the deciding one outweighs.
    pub contradictions: Vec<String>,
}

/// What the policy asks about one requirement of one service, and by which clock.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Id of the requirement.
    pub requirement: &'a str,
    /// What the tier asks for.
    pub demand: Demand,
    /// Whether a plan leaves it blocking.
    pub plan_blocks: bool,
    /// For how many days stale evidence is a condition before it blocks.
    pub grace_days: u16,
    /// Whether it can block at all: no draft, and its first day has come.
    pub counts: bool,
    /// The clock.
    pub now: Timestamp,
}

/// A decision with what the scan says of it today.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The decision.
    pub decision: &'a Decision,
    /// Why it no longer stands though its date has not passed: its claim is refuted, its
    /// compensating requirement is not met, its approver lacks the right.
    pub void: Option<&'a str>,
}

impl Question<'_> {
    /// Derives the answer. The order of `looks` and of `standings` does not matter.
    pub fn answer(&self, looks: &[Look], standings: &[Standing<'_>]) -> Answer {
        let mut answer = self.by_looks(looks);
        if answer.state != State::Met && answer.state != State::NotApplicable {
            self.apply_decision(&mut answer, standings);
        }
        if !self.counts {
            answer.weight = Weight::Free;
        }
        answer
    }

    fn blank(&self, state: State, weight: Weight, reason: String) -> Answer {
        Answer {
            requirement: self.requirement.to_owned(),
            state,
            weight,
            demand: self.demand,
            grade: None,
            evidence: Vec::new(),
            findings: Vec::new(),
            reason,
            decision: None,
            contradictions: Vec::new(),
        }
    }

    fn by_looks(&self, looks: &[Look]) -> Answer {
        let evidence = ranked(looks);
        // A failure does not go away by growing old: only newer or stronger evidence lifts it.
        let stands = |e: &&Evidence| match e.outcome {
            EvidenceOutcome::Fail => true,
            EvidenceOutcome::Pass => e.is_fresh(self.demand, self.now),
            EvidenceOutcome::Error => false,
        };
        let deciding = evidence.iter().copied().find(stands);
        let error = evidence.iter().copied().find(|e| e.outcome == EvidenceOutcome::Error);
        let mut answer = match (deciding, error) {
            (deciding, Some(error)) if Self::is_in_the_way(error, deciding) => {
                let reason = error.error.as_deref().unwrap_or("the look could not be taken");
                self.decided(State::Error, error, reason.to_owned())
            }
            // Within the grace, what was strong enough and lapsed weighs less than what is too weak.
            (Some(deciding), _) if self.is_weak(deciding) => match self.in_grace(&evidence) {
                Some(expired) => self.stale(expired),
                None => self.by(deciding),
            },
            (Some(deciding), _) => self.by(deciding),
            (None, _) => self.undecided(&evidence, looks),
        };
        let first = answer.evidence.first().cloned();
        answer.contradictions = contradictions(first.as_ref(), &evidence, self);
        let rest = evidence.into_iter().filter(|e| Some(*e) != first.as_ref()).cloned();
        answer.evidence.extend(rest);
        answer
    }

    /// An error hides what a look of its grade would have said, so it stands in the way of passes
    /// that are weaker, or of its grade and older; a failure stands whatever broke.
    fn is_in_the_way(error: &Evidence, deciding: Option<&Evidence>) -> bool {
        deciding.is_none_or(|deciding| {
            deciding.outcome == EvidenceOutcome::Pass
                && (deciding.grade, deciding.at) <= (error.grade, error.at)
        })
    }

    fn decided(&self, state: State, evidence: &Evidence, reason: String) -> Answer {
        let weight = if state == State::Met { Weight::Free } else { Weight::Blocks };
        Answer {
            grade: Some(evidence.grade),
            evidence: vec![evidence.clone()],
            findings: evidence.findings.clone(),
            ..self.blank(state, weight, reason)
        }
    }

    fn by(&self, deciding: &Evidence) -> Answer {
        match deciding.outcome {
            EvidenceOutcome::Pass if deciding.grade >= self.demand.grade => self.decided(
                State::Met,
                deciding,
                format!("{} by {}", deciding.grade, deciding.source),
            ),
            EvidenceOutcome::Pass => self.decided(
                State::Weak,
                deciding,
                format!("{}; the tier asks for {}", deciding.grade, self.demand.grade),
            ),
            _ => self.decided(State::Failed, deciding, format!("fails, {}", deciding.grade)),
        }
    }

    fn undecided(&self, evidence: &[&Evidence], looks: &[Look]) -> Answer {
        if let Some(expired) = self.in_grace(evidence).or_else(|| first_pass(evidence)) {
            return self.stale(expired);
        }
        let mut reasons: Vec<&str> = Vec::new();
        for look in looks {
            match look {
                Look::NotApplicable { reason, .. } => {
                    return self.blank(State::NotApplicable, Weight::Free, reason.clone());
                }
                Look::Unknown { reason, .. } => reasons.push(reason),
                Look::Evidence(_) => {}
            }
        }
        reasons.sort_unstable();
        self.blank(State::Unknown, Weight::Blocks, reasons.join("; "))
    }

    fn is_weak(&self, deciding: &Evidence) -> bool {
        deciding.outcome == EvidenceOutcome::Pass && deciding.grade < self.demand.grade
    }

    /// The pass of a grade that the tier asks for which expired last, if its grace lasts.
    fn in_grace<'a>(&self, evidence: &[&'a Evidence]) -> Option<&'a Evidence> {
        let grace = SignedDuration::from_hours(24 * i64::from(self.grace_days));
        evidence
            .iter()
            .copied()
            .filter(|e| e.outcome == EvidenceOutcome::Pass && !self.is_weak(e))
            .max_by_key(|e| e.fresh_until(self.demand))
            .filter(|e| {
                let end = e.fresh_until(self.demand).and_then(|end| end.saturating_add(grace).ok());
                end.is_some_and(|end| self.now < end)
            })
    }

    fn stale(&self, expired: &Evidence) -> Answer {
        let until = expired.fresh_until(self.demand).unwrap_or(expired.at);
        let day = until.to_zoned(TimeZone::UTC).date();
        let mut answer = self.decided(State::Stale, expired, format!("fresh until {day}"));
        if self.in_grace(&[expired]).is_some() {
            answer.weight = Weight::Condition;
        }
        answer
    }

    fn apply_decision(&self, answer: &mut Answer, standings: &[Standing<'_>]) {
        let today = self.today();
        let best = standings
            .iter()
            .filter(|standing| standing.void.is_none() && standing.decision.holds_on(today))
            .filter_map(|standing| Some((rank(&standing.decision.ruling)?, standing.decision)))
            .min_by(|(a, one), (b, other)| a.cmp(b).then_with(|| other.cmp(one)));
        match best {
            Some((_, decision)) => {
                self.take(answer, decision);
            }
            None => answer.reason.push_str(&lapsed(standings, today)),
        }
    }

    fn take(&self, answer: &mut Answer, decision: &Decision) {
        let (state, weight, reason) = match &decision.ruling {
            Ruling::NotApplicable { claim, reason } => {
                // A finding refutes that there is nothing to ask about.
                if answer.state == State::Failed {
                    return;
                }
                (State::NotApplicable, Weight::Free, format!("{claim}: {reason}"))
            }
            Ruling::Acceptance { reason, approver, until, .. } => (
                State::Accepted,
                Weight::Condition,
                format!("risk accepted by {approver} until {until}: {reason}"),
            ),
            Ruling::Plan { owner, action, due } => {
                let weight = if self.plan_blocks { Weight::Blocks } else { Weight::Condition };
                (State::Planned, weight, format!("{owner} by {due}: {action}"))
            }
            Ruling::Attestation { .. } => return,
        };
        // A plan that leaves it blocking does not turn "could not be looked at" into "is not so".
        if answer.state == State::Error && weight == Weight::Blocks {
            return;
        }
        answer.state = state;
        answer.weight = weight;
        answer.reason = reason;
        answer.decision = Some(decision.clone());
    }

    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }
}

fn first_pass<'a>(evidence: &[&'a Evidence]) -> Option<&'a Evidence> {
    evidence.iter().copied().find(|e| e.outcome == EvidenceOutcome::Pass)
}

/// Which decision wins where several stand, the least first; within a rank the newest wins.
const fn rank(ruling: &Ruling) -> Option<u8> {
    match ruling {
        Ruling::NotApplicable { .. } => Some(0),
        Ruling::Acceptance { .. } => Some(1),
        Ruling::Plan { .. } => Some(2),
        Ruling::Attestation { .. } => None,
    }
}

/// Says of decisions that no longer stand, why.
fn lapsed(standings: &[Standing<'_>], today: Date) -> String {
    let mut lapsed: Vec<String> = standings
        .iter()
        .filter(|standing| rank(&standing.decision.ruling).is_some())
        .map(|standing| {
            let name = standing.decision.ruling.name();
            match (standing.void, standing.decision.ruling.last_day()) {
                (Some(void), _) => format!("; {name} is void: {void}"),
                (None, Some(last)) if last < today => format!("; {name} lapsed on {last}"),
                _ => String::new(),
            }
        })
        .collect();
    lapsed.sort_unstable();
    lapsed.concat()
}

/// The evidence among `looks`: the strongest grade first, within a grade the newest, and within a
/// run failures first.
fn ranked(looks: &[Look]) -> Vec<&Evidence> {
    let mut evidence: Vec<&Evidence> = looks
        .iter()
        .filter_map(|look| match look {
            Look::Evidence(evidence) => Some(evidence),
            _ => None,
        })
        .collect();
    evidence.sort_by(|a, b| {
        (b.grade, b.at, b.outcome)
            .cmp(&(a.grade, a.at, a.outcome))
            .then_with(|| b.own_expiry().cmp(&a.own_expiry()))
            .then_with(|| a.source.cmp(&b.source))
            .then_with(|| a.findings.cmp(&b.findings))
            .then_with(|| a.seen.cmp(&b.seen))
    });
    evidence
}

fn contradictions(
    deciding: Option<&Evidence>,
    evidence: &[&Evidence],
    question: &Question<'_>,
) -> Vec<String> {
    let Some(deciding) = deciding.filter(|e| e.outcome != EvidenceOutcome::Error) else {
        return Vec::new();
    };
    evidence
        .iter()
        .filter(|e| e.outcome != deciding.outcome && e.outcome != EvidenceOutcome::Error)
        .filter(|e| e.grade != deciding.grade && e.is_fresh(question.demand, question.now))
        .map(|e| {
            let says =
                |e: &Evidence| if e.outcome == EvidenceOutcome::Pass { "passes" } else { "fails" };
            format!(
                "{} {} by {}, and {} {} by {}",
                says(deciding),
                deciding.grade,
                deciding.source,
                says(e),
                e.grade,
                e.source
            )
        })
        .collect()
}
