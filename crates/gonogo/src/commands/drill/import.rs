//! `gonogo drill import`: another tool's report of a real run as observed evidence.

use std::fmt::Write as _;

use drills::Outcome;
use engine::{Import, Imported};
use jiff::{Timestamp, Unit};
use model::counted;

use super::again::quoted;
use super::code;
use crate::arguments::{Global, ImportReport};
use crate::failure::Failure;
use crate::terminal;

/// Imports the report and returns 0 when something is kept and nothing fell short, 1 when something fell short, 4 when nothing can be said.
pub(super) fn run(asked: &ImportReport, global: &Global) -> Result<u8, Failure> {
    let now = asked.now.unwrap_or_else(Timestamp::now);
    let policy = crate::commands::policy::choose(asked.policy.as_deref())?;
    let import = Import {
        file: asked.file.clone(),
        format: asked.format,
        at: asked.at,
        journey: asked.journey.clone(),
        load: asked.load.clone(),
        now,
    };
    let imported = engine::import(&asked.path, asked.service.as_deref(), &policy, &import)?;
    terminal::print(&told(&imported, now))?;
    if !asked.no_record {
        let filed = engine::file_imported(&imported, &reproduce(asked))?;
        let folder = asked.path.join(ledger::FOLDER);
        let tellable = imported
            .proofs
            .iter()
            .filter(|proof| !matches!(proof.outcome, Outcome::Inconclusive(_)))
            .count();
        let again = match tellable - filed.len().min(tellable) {
            0 => String::new(),
            known => format!(", where {known} of this report stood already"),
        };
        terminal::say(
            &format!("recorded {} in {}{again}", counted(filed.len(), "entry"), folder.display()),
            global,
        );
    }
    Ok(code(&imported.proofs))
}

/// What the report shows, what it is worth, and how old it is.
fn told(imported: &Imported, now: Timestamp) -> String {
    let mut text =
        report::drill_proofs(&imported.proofs, |shortfall| imported.drillable.finding(shortfall));
    for line in imported.notes.iter().chain(&imported.weights()) {
        let _infallible = writeln!(text, "note: {}", report::clean(line));
    }
    let count = |wanted: fn(&Outcome) -> bool| {
        imported.proofs.iter().filter(|proof| wanted(&proof.outcome)).count()
    };
    let line = format!(
        "{} of `{}` from {}, {}: {} kept, {} fell short, {} inconclusive",
        imported.what,
        imported.drillable.service.name,
        imported.at,
        age(imported.at, now),
        count(|outcome| *outcome == Outcome::Kept),
        count(|outcome| matches!(outcome, Outcome::FellShort(_))),
        count(|outcome| matches!(outcome, Outcome::Inconclusive(_))),
    );
    let _infallible = writeln!(text, "\n{}", report::clean(&line));
    text
}

fn age(at: Timestamp, now: Timestamp) -> String {
    let hours =
        now.since(at).ok().and_then(|age| age.total(Unit::Hour).ok()).unwrap_or(0.0).max(0.0);
    if hours < 48.0 {
        format!("{hours:.0} hours ago")
    } else {
        format!("{:.0} days ago", hours / 24.0)
    }
}

fn reproduce(asked: &ImportReport) -> String {
    let shown = |path: &std::path::Path| path.display().to_string();
    let mut text = format!("gonogo drill import {}", quoted(&shown(&asked.file)));
    let options = [
        ("--service", asked.service.clone()),
        ("--at", asked.at.map(|at| at.to_string())),
        ("--journey", asked.journey.clone()),
        ("--load", asked.load.as_deref().map(shown)),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            let _infallible = write!(text, " {name} {}", quoted(&value));
        }
    }
    text
}
