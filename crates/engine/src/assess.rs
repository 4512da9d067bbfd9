//! Assesses a checkout: reads it, finds its services, and judges each.

use std::path::Path;
use std::sync::Arc;

use facts::Scope;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use ledger::History;
use model::{
    Answer, Assessment, Decision, Excerpts, Look, Place, Policy, Question, Ruling, ServiceVerdict,
    Sighting, Standing, State, Tier, Verdict, Verdicts, counted_as,
};
use rayon::prelude::*;
use requirements::Claim;
use sources::{Checkout, Limits};

use crate::caveat;
use crate::deadline::Deadline;
use crate::look::Run;
use crate::own::{self, Own};
use crate::policy::{self, PolicyError};
use crate::record;
use crate::survey::{Survey, survey_whole};
use crate::untold;

/// What an assessment needs to know beside the tree.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The clock.
    pub now: Timestamp,
    /// The policy: one that the caller chose, or what the tree declares.
    pub policy: PolicyChoice,
    /// Limits of the walk.
    pub limits: Limits,
    /// The only services to judge, by name; empty: all.
    pub only: Vec<String>,
    /// The command that repeats the assessment.
    pub reproduce: String,
    /// When to stop judging.
    pub deadline: Deadline,
}

/// Which policy to judge by.
#[derive(Clone, Debug)]
pub enum PolicyChoice {
    /// This one, whatever the tree says.
    Given(Box<Policy>),
    /// The one that gonogo.yaml names, else `standard`.
    Declared,
}

impl PolicyChoice {
    /// The policy that it means for the tree of `survey`.
    pub(crate) fn of(&self, survey: &Survey) -> Result<Policy, PolicyError> {
        match self {
            Self::Given(policy) => Ok((**policy).clone()),
            Self::Declared => survey.declared_policy(),
        }
    }
}

/// Why a tree could not be assessed at all.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// It could not be opened.
    #[error(transparent)]
    Checkout(#[from] sources::CheckoutError),
    /// The policy could not be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A gonogo.yaml was not read, so that nobody knows the tier, the owner and the policy that it names.
    #[error("{place}: {reason}{}", and_more(*others))]
    NotRead {
        /// Where reading stopped.
        place: Place,
        /// Why, as a clause.
        reason: String,
        /// How many others were not read.
        others: usize,
    },
    /// A service was asked for that the tree does not have.
    #[error("there is no service `{name}` in this tree{}", known(services))]
    NoSuchService {
        /// The name that was asked for.
        name: String,
        /// The services that there are.
        services: Vec<String>,
    },
}

fn and_more(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

fn known(services: &[String]) -> String {
    if services.is_empty() {
        return ": no service was found".to_owned();
    }
    let shown: Vec<&str> = services.iter().take(20).map(String::as_str).collect();
    let more = if services.len() > 20 { ", …" } else { "" };
    format!(": it has {}{more}", shown.join(", "))
}

/// Assesses the tree at `root`.
pub fn assess(root: &Path, settings: &Settings) -> Result<Assessment, AssessError> {
    surveyed(root, settings).map(|(_, assessment)| assessment)
}

/// The same, with what was seen of the tree.
pub(crate) fn surveyed(
    root: &Path,
    settings: &Settings,
) -> Result<(Survey, Assessment), AssessError> {
    let survey = survey_whole(root, settings.limits)?;
    let (history, troubles) = remembered(root, settings.now);
    let assessment = judge(&survey, &history, troubles, settings)?;
    Ok((survey, assessment))
}

/// The ledger of the tree; one that does not verify is not relied on, nor are entries of days that have
/// not come, and that is said.
fn remembered(root: &Path, now: Timestamp) -> (History, Vec<String>) {
    match crate::ledger(root).verified() {
        Ok(mut history) => {
            let troubles = without_future(&mut history, now).into_iter().collect();
            (history, troubles)
        }
        Err(error) => (
            History::default(),
            vec![format!("{error}; no decision in it was relied on: see `gonogo ledger verify`")],
        ),
    }
}

/// Takes the entries out that are dated more than a day after `now`, as far as clocks differ.
fn without_future(history: &mut History, now: Timestamp) -> Option<String> {
    let last = now.saturating_add(24.hours()).ok()?;
    let is_later = |filed: &ledger::Filed| filed.entry.record.at() > last;
    let first = history.entries.iter().find(|filed| is_later(filed))?;
    let (name, at) = (first.name.clone(), first.entry.record.at());
    let before = history.entries.len();
    history.entries.retain(|filed| !is_later(filed));
    let entries = counted_as(
        before - history.entries.len(),
        "entry of the ledger is",
        "entries of the ledger are",
    );
    Some(format!(
        "{entries} dated in the future, such as `{name}` ({at}): nothing of that was relied on"
    ))
}

/// Judges the services of `survey` by what the ledger remembers.
pub fn judge(
    survey: &Survey,
    history: &History,
    mut troubles: Vec<String>,
    settings: &Settings,
) -> Result<Assessment, AssessError> {
    let policy = &settings.policy.of(survey)?;
    let mut caveats = match &settings.policy {
        PolicyChoice::Given(_) => Vec::new(),
        PolicyChoice::Declared => caveat::of_policy(survey).into_iter().collect(),
    };
    let today = settings.now.to_zoned(TimeZone::UTC).date();
    let scopes = facts::scopes(&survey.facts, &survey.services, today);
    let names = || survey.services.iter().map(|service| service.name.clone()).collect();
    for name in &settings.only {
        if !survey.services.iter().any(|service| service.name == *name) {
            return Err(AssessError::NoSuchService { name: name.clone(), services: names() });
        }
    }
    let is_asked = |scope: &&Scope<'_>| {
        let service = scope.service;
        let is_all = settings.only.is_empty() && service.is_judged();
        is_all || settings.only.contains(&service.name)
    };
    let run = Run {
        at: settings.now,
        commit: survey.commit.clone(),
        reproduce: settings.reproduce.clone(),
        deadline: settings.deadline,
        untold: untold::all(&survey.checkout),
    };
    let own = own::all(policy);
    let services: Vec<ServiceVerdict> = scopes
        .par_iter()
        .filter(is_asked)
        .map(|scope| {
            Judge { scope, run: &run, history, policy, own: &own, now: settings.now }.verdict()
        })
        .collect();
    caveats.extend(scopes.iter().filter(is_asked).filter_map(caveat::of_kind));
    caveats.extend(scopes.iter().filter(is_asked).filter_map(caveat::of_faults));
    caveats.extend(services.iter().filter_map(|service| caveat::of_record(service, history)));
    troubles.extend(run.cut_short(&services));
    let excerpts = excerpts(&services, &survey.checkout);
    let policy = policy::identify(policy);
    Ok(Assessment {
        verdicts: Verdicts { policy, at: settings.now, services },
        coverage: survey.coverage.clone(),
        troubles,
        caveats,
        excerpts,
    })
}

/// Judges one service.
struct Judge<'a> {
    scope: &'a Scope<'a>,
    run: &'a Run,
    history: &'a History,
    policy: &'a Policy,
    own: &'a [Own<'a>],
    now: Timestamp,
}

impl Judge<'_> {
    fn verdict(&self) -> ServiceVerdict {
        let service = self.scope.service;
        let tier = service.tier.as_ref().map(|tier| tier.value);
        let answers = self.answers();
        ServiceVerdict {
            service: service.name.clone(),
            tier: tier.unwrap_or(self.policy.default_tier),
            is_tier_assumed: tier.is_none(),
            kind: service.kind,
            is_kind_assumed: service.is_kind_assumed,
            path: if service.folder.is_empty() { ".".into() } else { service.folder.clone() },
            revision: self.run.commit.clone(),
            found: service.reasons.iter().map(|r| Sighting::at(&r.place, r.what.clone())).collect(),
            verdict: Verdict::of(&answers),
            answers,
        }
    }

    /// The answers, those that other answers compensate for last: an acceptance whose compensating
    /// requirement is not met is void.
    fn answers(&self) -> Vec<Answer> {
        let plain = self.pass(&[]);
        let unmet: Vec<&str> = plain
            .iter()
            .filter(|answer| answer.state != State::Met)
            .map(|answer| answer.requirement.as_str())
            .collect();
        let is_compensated = self.history.decisions(&self.scope.service.name).any(|decision| {
            matches!(&decision.ruling, Ruling::Acceptance { compensating: Some(_), .. })
        });
        if is_compensated { self.pass(&unmet) } else { plain }
    }

    fn pass(&self, unmet: &[&str]) -> Vec<Answer> {
        let built_in = requirements::all().filter_map(|requirement| {
            self.answer(requirement.id, unmet, || self.run.look(requirement, self.scope))
        });
        let own = self.own.iter().filter_map(|own| {
            self.answer(own.id(), unmet, || self.run.look_own(own, self.scope, self.tier()))
        });
        built_in.chain(own).collect()
    }

    /// The tier that it is judged at.
    fn tier(&self) -> Tier {
        let declared = self.scope.service.tier.as_ref();
        declared.map_or(self.policy.default_tier, |tier| tier.value)
    }

    fn answer(&self, id: &str, unmet: &[&str], look: impl FnOnce() -> Look) -> Option<Answer> {
        let policy = self.policy;
        let service = self.scope.service;
        let tier = self.tier();
        let terms = policy.requirements.get(id)?;
        let demand = terms.demands[tier.index()]?;
        let today = self.scope.today;
        let question = Question {
            requirement: id,
            demand,
            plan_blocks: policy.plan_blocks(tier),
            grace_days: policy.grace_days,
            counts: terms.counts_on(today),
            now: self.now,
        };
        if !terms.kinds.contains(&service.kind) {
            let reason = format!("does not apply to a service of kind {}", service.kind);
            let requirement = id.to_owned();
            return Some(question.answer(&[Look::NotApplicable { requirement, reason }], &[]));
        }
        let mut looks = vec![look()];
        looks.extend(self.remembered(id));
        let voids: Vec<_> = self
            .history
            .decisions(&service.name)
            .filter(|decision| decision.requirement == id)
            .map(|decision| (decision, self.void(decision, unmet)))
            .collect();
        let standings: Vec<Standing<'_>> = voids
            .iter()
            .map(|(decision, void)| Standing { decision, void: void.as_deref() })
            .collect();
        Some(question.answer(&looks, &standings))
    }

    /// Evidence of the ledger, attestations included.
    fn remembered(&self, requirement: &str) -> Vec<Look> {
        let name = &self.scope.service.name;
        let decisions = self.history.decisions(name);
        let timely = decisions.filter(|decision| self.outlasts(decision).is_none());
        let attested = timely.filter_map(Decision::as_evidence);
        self.history
            .evidence(name)
            .cloned()
            .chain(attested)
            .filter(|evidence| evidence.requirement == requirement)
            .map(Look::Evidence)
            .collect()
    }

    /// Why a decision does not stand though its date has not passed.
    fn void(&self, decision: &Decision, unmet: &[&str]) -> Option<String> {
        let policy = self.policy;
        let tier = self.tier();
        match &decision.ruling {
            Ruling::NotApplicable { claim, .. } => match Claim::find(claim) {
                Some(claim) => claim.refuted(self.scope),
                None => Some(format!("gonogo knows no claim `{claim}`")),
            },
            Ruling::Acceptance { approver, .. } if !policy.may_accept(approver, tier) => Some(
                format!("the policy gives `{approver}` no right to accept risks at tier {tier}"),
            ),
            Ruling::Acceptance { compensating: Some(id), .. } if unmet.contains(&id.as_str()) => {
                Some(format!("`{id}`, which compensates for it, is not met"))
            }
            _ => self.outlasts(decision),
        }
    }

    /// That a decision would count for longer than one of its day may: whoever wrote the entry did not
    /// ask gonogo.
    fn outlasts(&self, decision: &Decision) -> Option<String> {
        let given = decision.at.to_zoned(TimeZone::UTC).date().tomorrow().ok()?;
        let latest = record::latest(&decision.ruling, self.policy, self.tier(), given)?;
        let last = decision.ruling.last_day().filter(|last| *last > latest)?;
        Some(format!(
            "it would count until {last}, and one of {} may until {latest} at tier {}",
            decision.at.to_zoned(TimeZone::UTC).date(),
            self.tier()
        ))
    }
}

/// The lines around each finding, read again from the tree.
fn excerpts(services: &[ServiceVerdict], checkout: &Checkout) -> Excerpts {
    let mut places: Vec<&Place> = services
        .iter()
        .flat_map(|service| &service.answers)
        .flat_map(|answer| &answer.findings)
        .flat_map(|finding| {
            std::iter::once(&finding.place).chain(finding.related.iter().map(|seen| &seen.place))
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut excerpts = Excerpts::default();
    for places in places.chunk_by(|a, b| Arc::ptr_eq(&a.path, &b.path) || a.path == b.path) {
        let Ok(bytes) = checkout.read(&places[0].path) else { continue };
        let text = sources::decoded(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lines: Vec<&str> = text.lines().collect();
        for place in places {
            excerpts.keep(place, &lines);
        }
    }
    excerpts
}

#[cfg(test)]
mod tests;
