//! Records a person's decision: checks that it says something and that its author has the right to
//! it, and appends it to the ledger.

use std::path::Path;

use facts::Scope;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ledger::{Filed, LedgerError, Record, Subject, SubjectDigest};
use model::{Decision, Kind, Policy, Ruling, State, Tier, counted};
use requirements::{CLAIMS, Claim};
use sources::Limits;

use crate::nearest;
use crate::survey::survey_whole;
use crate::{AssessError, Deadline, PolicyChoice, Settings, Survey, judge};

/// A decision on its way into the ledger.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The service; `None` where the tree has only one.
    pub service: Option<String>,
    /// Id of the requirement.
    pub requirement: String,
    /// Who says so.
    pub by: String,
    /// What.
    pub ruling: Ruling,
}

/// A decision in the ledger.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its entry.
    pub filed: Filed,
    /// Why the requirement is as open as it was, as a sentence, where the decision is not enough; or that it
    /// was not open.
    pub falls_short: Option<String>,
}

/// Why a decision was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The tree could not be read.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// The ledger could not be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no such requirement.
    #[error("there is no requirement `{id}`{}", nearest.as_ref().map_or(String::new(), |n| format!(": did you mean `{n}`?")))]
    NoSuchRequirement {
        /// The id.
        id: String,
        /// The id that was probably meant.
        nearest: Option<String>,
    },
    /// The tree has several services, or none.
    #[error("{0}")]
    WhichService(String),
    /// A text says nothing.
    #[error("{what} is no answer: {why}")]
    SaysNothing {
        /// Which text.
        what: &'static str,
        /// Why it says nothing.
        why: String,
    },
    /// The policy does not allow it.
    #[error("{0}")]
    NotAllowed(String),
    /// The claim is unknown, does not excuse the requirement, or does not hold.
    #[error("{0}")]
    Claim(String),
}

/// Checks `draft` against the tree at `root` and the policy that is chosen, and appends it to the tree's ledger.
pub fn record(
    root: &Path,
    draft: Draft,
    policy: &PolicyChoice,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let survey = survey_whole(root, Limits::default())?;
    let policy = &policy.of(&survey).map_err(AssessError::from)?;
    let id = &draft.requirement;
    if !is_known(id, policy) {
        return Err(RecordError::NoSuchRequirement { id: id.clone(), nearest: nearest(id) });
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    says_something(&draft)?;
    let scopes = facts::scopes(&survey.facts, &survey.services, today);
    let scope = choose(&scopes, draft.service.as_deref())?;
    let tier = scope.service.tier.as_ref().map_or(policy.default_tier, |tier| tier.value);
    is_allowed(&draft, policy, tier, today)?;
    holds(&draft, scope)?;
    let name = scope.service.name.clone();
    let falls_short = falls_short(&draft, policy, tier, scope.service.kind).or(hides_later(
        &draft,
        answer_now(&survey, root, &draft.requirement, &name, policy, now)?,
    ));
    let decision = Decision {
        at: now,
        service: name.clone(),
        requirement: draft.requirement,
        by: draft.by,
        ruling: draft.ruling,
    };
    let digest = SubjectDigest { git_commit: survey.commit.clone(), sha256: None };
    let record = Record::Decision(Box::new(decision));
    let filed = crate::ledger(root).append(Subject { name, digest }, record)?;
    Ok(Recorded { filed, falls_short })
}

/// Says where `draft` changes nothing of what blocks a service of `tier` and `kind`.
fn falls_short(draft: &Draft, policy: &Policy, tier: Tier, kind: Kind) -> Option<String> {
    let id = &draft.requirement;
    let terms = policy.requirements.get(id)?;
    if !terms.kinds.contains(&kind) {
        return Some(format!("`{id}` is not asked of a service of kind {kind}"));
    }
    let Some(demand) = terms.demands[tier.index()] else {
        return Some(format!("`{id}` is not asked at tier {tier}"));
    };
    let accept = format!("`gonogo accept {id}` takes the risk until a date");
    match draft.ruling {
        Ruling::Attestation { .. } if !demand.takes_a_word() => Some(format!(
            "tier {tier} asks for {}, and an attestation is less: `{id}` blocks as before; {accept}",
            demand.grade
        )),
        Ruling::Plan { .. } if policy.plan_blocks(tier) => {
            Some(format!("at tier {tier} a plan does not lift what blocks: {accept}"))
        }
        _ => None,
    }
}

/// Says where `draft` excuses what is met, so that it hides nothing but that it breaks one day.
fn hides_later(draft: &Draft, now: Option<State>) -> Option<String> {
    let Draft { requirement: id, ruling, .. } = draft;
    let (name, until) = (ruling.name(), ruling.last_day());
    let is_excuse = matches!(ruling, Ruling::Plan { .. } | Ruling::Acceptance { .. });
    let until = until.filter(|_| is_excuse && now == Some(State::Met))?;
    Some(format!(
        "`{id}` is met now, and needs no {name}: if it breaks until {until}, this {name} keeps that \
         from blocking; take the file away where that is not meant"
    ))
}

/// What the tree and its ledger answer to the requirement `id` of `service` so far.
fn answer_now(
    survey: &Survey,
    root: &Path,
    id: &str,
    service: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<State>, RecordError> {
    let history = crate::ledger(root).verified()?;
    let settings = Settings {
        now,
        policy: PolicyChoice::Given(Box::new(policy.clone())),
        limits: Limits::default(),
        only: vec![service.to_owned()],
        reproduce: String::new(),
        deadline: Deadline::after(Deadline::USUAL),
    };
    let assessment = judge(survey, &history, Vec::new(), &settings)?;
    let answers = assessment.verdicts.services.iter().flat_map(|service| &service.answers);
    Ok(answers.into_iter().find(|answer| answer.requirement == id).map(|answer| answer.state))
}

fn is_known(id: &str, policy: &Policy) -> bool {
    requirements::find(id).is_some() || policy.own.contains_key(id)
}

fn choose<'a, 'b>(
    scopes: &'a [Scope<'b>],
    name: Option<&str>,
) -> Result<&'a Scope<'b>, RecordError> {
    let judged: Vec<&Scope<'_>> = scopes.iter().filter(|s| s.service.is_judged()).collect();
    let names: Vec<&str> = judged.iter().map(|scope| scope.service.name.as_str()).collect();
    match (name, judged.as_slice()) {
        (Some(name), _) => scopes.iter().find(|s| s.service.name == name).ok_or_else(|| {
            let services = names.iter().map(ToString::to_string).collect();
            AssessError::NoSuchService { name: name.to_owned(), services }.into()
        }),
        (None, [only]) => Ok(only),
        (None, []) => Err(RecordError::WhichService(
            "no service was found in this tree: name it in gonogo.yaml (`gonogo init` writes one)"
                .to_owned(),
        )),
        (None, _) => Err(RecordError::WhichService(format!(
            "this tree has several services: say which with `--service` ({})",
            names.join(", ")
        ))),
    }
}

fn says_something(draft: &Draft) -> Result<(), RecordError> {
    let texts: Vec<(&'static str, &str, Tense)> = match &draft.ruling {
        Ruling::Attestation { statement, .. } => vec![("the statement", statement, Tense::Present)],
        Ruling::Plan { owner, action, .. } => {
            vec![("the owner", owner, Tense::Name), ("the action", action, Tense::Any)]
        }
        Ruling::Acceptance { reason, approver, .. } => {
            vec![("the approver", approver, Tense::Name), ("the reason", reason, Tense::Present)]
        }
        Ruling::NotApplicable { reason, .. } => vec![("the reason", reason, Tense::Present)],
    };
    let author = ("the author", draft.by.as_str(), Tense::Name);
    for (what, text, tense) in texts.into_iter().chain([author]) {
        if let Some(why) = says_nothing(text, tense) {
            return Err(RecordError::SaysNothing { what, why });
        }
    }
    Ok(())
}

/// How a text may speak.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tense {
    /// Of what is: a promise is no answer.
    Present,
    /// Of what is or will be.
    Any,
    /// A name.
    Name,
}

/// Words that stand for an answer that is still to come.
const PLACEHOLDERS: [&str; 20] = [
    "tbd",
    "tba",
    "tbc",
    "todo",
    "fixme",
    "n/a",
    "na",
    "none",
    "nothing",
    "unknown",
    "later",
    "soon",
    "pending",
    "wip",
    "asap",
    "xxx",
    "placeholder",
    "lorem",
    "ok",
    "-",
];

/// Phrases that promise instead of answering.
const PROMISES: [&str; 13] = [
    "will be",
    "will do",
    "we will",
    "we'll",
    "going to",
    "to be done",
    "to be decided",
    "to be determined",
    "to be defined",
    "in progress",
    "planned for",
    "is planned",
    "coming soon",
];

/// Why `text` says nothing, if so.
fn says_nothing(text: &str, tense: Tense) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?' | ';' | ':' | '…'))
        .filter(|word| !word.is_empty())
        .collect();
    if lower.is_empty() {
        return Some("it is empty".to_owned());
    }
    if !lower.contains(char::is_alphanumeric) {
        return Some(format!("it only says `{}`", text.trim()));
    }
    if let Some(word) = words.iter().find(|word| PLACEHOLDERS[..4].contains(word)) {
        return Some(format!("it says `{word}`"));
    }
    if words.iter().all(|word| PLACEHOLDERS.contains(word)) {
        return Some(format!("it only says `{}`", text.trim()));
    }
    if tense == Tense::Name {
        return None;
    }
    if words.len() < 3 {
        return Some(format!("`{}` is too short to be checked by anybody", text.trim()));
    }
    if lower.contains("will be done") || lower.contains("to be done") {
        return Some("it says that it is to be done, not what".to_owned());
    }
    let promise = PROMISES.iter().find(|promise| lower.contains(**promise));
    match (tense, promise) {
        (Tense::Present, Some(promise)) => Some(format!(
            "`{promise}` speaks of the future: record a plan with an owner and a date instead"
        )),
        _ => None,
    }
}

fn is_allowed(draft: &Draft, policy: &Policy, tier: Tier, today: Date) -> Result<(), RecordError> {
    let refuse = |why: String| Err(RecordError::NotAllowed(why));
    if let Some(last) = draft.ruling.last_day().filter(|last| *last < today) {
        return refuse(format!("{last} has passed: today is {today}"));
    }
    match &draft.ruling {
        Ruling::Acceptance { approver, until, compensating, .. } => {
            if !policy.may_accept(approver, tier) {
                let allowed = policy.approvers[tier.index()].join(", ");
                return refuse(format!(
                    "the policy `{}` gives `{approver}` no right to accept risks at tier {tier}: \
                     {allowed} may",
                    policy.name
                ));
            }
            if let Some(last) = latest(&draft.ruling, policy, tier, today).filter(|l| until > l) {
                return refuse(format!(
                    "at tier {tier} a risk may be accepted for {} at most: until {last}",
                    counted(policy.acceptance_days[tier.index()], "day")
                ));
            }
            match compensating {
                Some(id) if *id == draft.requirement => {
                    refuse("a requirement cannot compensate for itself".to_owned())
                }
                Some(id) if !is_known(id, policy) => {
                    Err(RecordError::NoSuchRequirement { id: id.clone(), nearest: nearest(id) })
                }
                _ => Ok(()),
            }
        }
        Ruling::Plan { due, .. } | Ruling::Attestation { until: due, .. } => {
            match latest(&draft.ruling, policy, tier, today).filter(|last| due > last) {
                Some(last) => {
                    refuse(format!("{due} is more than a year away: {last} at the latest"))
                }
                None => Ok(()),
            }
        }
        Ruling::NotApplicable { .. } => Ok(()),
    }
}

/// The last day for which a ruling of the day `from` may be given; `None`: it has no last day.
pub(crate) fn latest(ruling: &Ruling, policy: &Policy, tier: Tier, from: Date) -> Option<Date> {
    let days = match ruling {
        Ruling::Acceptance { .. } => i64::from(policy.acceptance_days[tier.index()]),
        Ruling::Plan { .. } | Ruling::Attestation { .. } => 366,
        Ruling::NotApplicable { .. } => return None,
    };
    Some(from.checked_add(days.days()).unwrap_or(Date::MAX))
}

/// Checks a claim of absence against the facts.
fn holds(draft: &Draft, scope: &Scope<'_>) -> Result<(), RecordError> {
    let Ruling::NotApplicable { claim: id, .. } = &draft.ruling else { return Ok(()) };
    let id = id.as_str();
    let Some(claim) = Claim::find(id) else {
        let known: Vec<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
        return Err(RecordError::Claim(format!(
            "`{id}` is no claim that a scan can check: {}",
            known.join(", ")
        )));
    };
    if !claim.covers(&draft.requirement) {
        return Err(RecordError::Claim(format!(
            "`{id}` (this service {}) does not make `{}` pointless",
            claim.title, draft.requirement
        )));
    }
    match claim.refuted(scope) {
        Some(why) => Err(RecordError::Claim(format!("`{id}` does not hold: {why}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_refused() {
        for text in
            ["", "TBD", "tbd.", "n/a", "will be done", "It will be done later.", "ok ok", "?"]
        {
            assert!(says_nothing(text, Tense::Present).is_some(), "{text:?}");
        }
        assert!(says_nothing("We will add a second region", Tense::Present).is_some());
        assert!(says_nothing("Owner: TBD, see the wiki page", Tense::Any).is_some());
        assert!(says_nothing("TBD", Tense::Name).is_some());
        assert_eq!(says_nothing(" ", Tense::Name).unwrap(), "it is empty");
        assert_eq!(says_nothing("?", Tense::Name).unwrap(), "it only says `?`");
        assert_eq!(says_nothing("…", Tense::Present).unwrap(), "it only says `…`");
    }

    #[test]
    fn a_decision_that_is_not_enough_is_told_so() {
        let policy = crate::policy::starter("standard").unwrap();
        let until = jiff::civil::date(2026, 12, 1);
        let told = |id: &str, ruling: Ruling, tier, kind| {
            let requirement = id.to_owned();
            let draft = Draft { service: None, requirement, by: "ada".to_owned(), ruling };
            falls_short(&draft, &policy, tier, kind)
        };
        let word = || Ruling::Attestation { statement: String::new(), link: None, until };
        let plan = || Ruling::Plan { owner: String::new(), action: String::new(), due: until };
        let asked = told("reliability/slo", word(), Tier::Two, Kind::Web).unwrap();
        assert!(
            asked.starts_with("tier 2 asks for declared, and an attestation is less"),
            "{asked}"
        );
        assert_eq!(told("security/compliance", word(), Tier::Two, Kind::Web), None);
        let unasked = told("security/compliance", word(), Tier::Three, Kind::Web).unwrap();
        assert_eq!(unasked, "`security/compliance` is not asked at tier 3");
        assert!(told("reliability/slo", word(), Tier::Two, Kind::Library).is_some());
        assert!(told("reliability/slo", plan(), Tier::One, Kind::Web).is_some());
        assert_eq!(told("reliability/slo", plan(), Tier::Three, Kind::Web), None);
    }

    #[test]
    fn what_says_something_is_taken() {
        let text = "The rota covers every hour; checked in the pager on 2026-11-01.";
        assert_eq!(says_nothing(text, Tense::Present), None);
        assert_eq!(says_nothing("We will add a second region", Tense::Any), None);
        assert_eq!(says_nothing("ada", Tense::Name), None);
        assert_eq!(says_nothing("Nothing is stored besides the cache", Tense::Present), None);
    }
}
