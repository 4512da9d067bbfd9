//! `gonogo attest`, `plan`, `accept` and `not-applicable`.

use engine::Draft;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::Ruling;

use crate::arguments::{Accept, Attest, Day, Deciding, Global, NotApplicable, Plan};
use crate::failure::Failure;
use crate::terminal;

/// For how many days an attestation counts where nothing is said.
const ATTESTATION_DAYS: u16 = 90;

pub(crate) fn attest(attest: &Attest, global: &Global) -> Result<u8, Failure> {
    let until = attest.until.unwrap_or(Day::In(ATTESTATION_DAYS));
    let ruling = Ruling::Attestation {
        statement: attest.statement.clone(),
        link: attest.link.clone(),
        until: date(until, &attest.deciding),
    };
    record(&attest.deciding, ruling, global)
}

pub(crate) fn plan(plan: &Plan, global: &Global) -> Result<u8, Failure> {
    let ruling = Ruling::Plan {
        owner: plan.owner.clone(),
        action: plan.action.clone(),
        due: date(plan.due, &plan.deciding),
    };
    record(&plan.deciding, ruling, global)
}

pub(crate) fn accept(accept: &Accept, global: &Global) -> Result<u8, Failure> {
    let ruling = Ruling::Acceptance {
        reason: accept.reason.clone(),
        approver: accept.approver.clone(),
        until: date(accept.until, &accept.deciding),
        compensating: accept.compensating.clone(),
    };
    record(&accept.deciding, ruling, global)
}

pub(crate) fn not_applicable(claim: &NotApplicable, global: &Global) -> Result<u8, Failure> {
    let ruling = Ruling::NotApplicable { claim: claim.claim.clone(), reason: claim.reason.clone() };
    record(&claim.deciding, ruling, global)
}

fn record(deciding: &Deciding, ruling: Ruling, global: &Global) -> Result<u8, Failure> {
    let policy = super::policy::choose(deciding.policy.as_deref())?;
    let draft = Draft {
        service: deciding.service.clone(),
        requirement: deciding.requirement.clone(),
        by: author(deciding)?,
        ruling,
    };
    let what = draft.ruling.name();
    let recorded = engine::record(&deciding.path, draft, &policy, now(deciding))?;
    let path = deciding.path.join(ledger::FOLDER).join(&recorded.filed.name);
    terminal::print(&format!("{}\n", path.strip_prefix(".").unwrap_or(&path).display()))?;
    terminal::say(
        &format!("recorded the {what}: commit this file with the change that it is about"),
        global,
    );
    if let Some(why) = recorded.falls_short {
        terminal::say(&report::clean(&format!("note: {why}")), global);
    }
    Ok(0)
}

fn author(deciding: &Deciding) -> Result<String, Failure> {
    let named = ["GONOGO_USER", "USER", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    deciding.by.clone().or(named).ok_or_else(|| {
        Failure::usage("nobody is named as the one who says so")
            .hint("pass `--by YOUR-NAME`, or set GONOGO_USER")
    })
}

fn now(deciding: &Deciding) -> Timestamp {
    deciding.at.unwrap_or_else(Timestamp::now)
}

fn date(day: Day, deciding: &Deciding) -> Date {
    match day {
        Day::On(date) => date,
        Day::In(days) => {
            let today = now(deciding).to_zoned(TimeZone::UTC).date();
            today.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
        }
    }
}
