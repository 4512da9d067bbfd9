//! `gonogo check`.

use std::path::Path;
use std::time::Duration;

use engine::{Deadline, Settings};
use jiff::Timestamp;
use model::{Assessment, Baseline, Place, Sighting};
use report::Format;
use sources::Limits;

use crate::arguments::{Check, Global, Judging};
use crate::failure::{Failure, UNDECIDED};
use crate::{files, terminal};

/// Judges the tree, prints and writes what was asked for, and returns the exit code of the verdict.
pub(crate) fn run(check: &Check, global: &Global) -> Result<u8, Failure> {
    let outputs = outputs(&check.formats)?;
    let settings = settings(&check.judging, &check.tree.path)?;
    let mut assessment = engine::assess(&check.tree.path, &settings)?;
    let style = terminal::style(global);
    let ratchet = match check.ratchet.as_deref() {
        None => None,
        Some(base) => {
            let (baseline, troubles) = baseline(base, &settings)?;
            // What a broken base held against the service would pass for inherited.
            let told = troubles.iter().map(|trouble| format!("of the base: {trouble}"));
            assessment.troubles.extend(told);
            if settings.only.is_empty() {
                tell_gone(&baseline, &mut assessment);
            }
            Some(baseline.worse(&assessment))
        }
    };
    for (format, file) in &outputs {
        let text = match (format, &ratchet) {
            (Format::Human, Some(worse)) => report::ratchet(worse, &assessment, &style),
            _ => report::render(*format, &assessment, &style),
        };
        match file {
            None => terminal::print(&text)?,
            Some(file) => {
                files::write(Path::new(file), &text, &check.tree.path).map_err(|error| {
                    Failure::usage(format!("{file} cannot be written: {error}"))
                        .hint("name a file in a folder that is there and yours to write")
                })?;
            }
        }
    }
    let is_printed = outputs.iter().any(|(_, file)| file.is_none());
    if !is_printed {
        terminal::print(&report::last_line(&assessment))?;
    }
    Ok(exit_code(&assessment, ratchet.as_deref()))
}

/// Says which services of the base are not judged any more. Of one that may still be there it was not
/// decided whether it is worse; one that is not found was taken out, or hidden.
fn tell_gone(baseline: &Baseline, assessment: &mut Assessment) {
    let gone: Vec<String> = baseline.gone(assessment).map(str::to_owned).collect();
    for name in gone {
        let own = format!("`{name}`: ");
        let is_possible = assessment.coverage.possible.iter().any(|s| s.message.starts_with(&own));
        if is_possible {
            assessment.troubles.push(format!(
                "`{name}` is judged in the base and is only perhaps a service here: declare it in \
                 gonogo.yaml, so that it is judged here too"
            ));
        } else {
            let message = format!("`{name}`, a service of the base, is not found here");
            assessment.coverage.passed_over.push(Sighting::at(&Place::file("."), message));
        }
    }
}

fn exit_code(assessment: &Assessment, ratchet: Option<&[model::Worse]>) -> u8 {
    match (ratchet, assessment.exit_code()) {
        (Some([]), 1) if assessment.troubles.is_empty() => 0,
        (Some([]), _) if !assessment.troubles.is_empty() => UNDECIDED,
        // What is planned and has new findings.
        (Some([_, ..]), 0) => 1,
        (_, code) => code,
    }
}

/// What to print and to write; human alone where nothing is asked for.
fn outputs(formats: &[String]) -> Result<Vec<(Format, Option<String>)>, Failure> {
    let mut outputs = Vec::new();
    for text in formats {
        let (name, file) =
            text.split_once('=').map_or((text.as_str(), None), |(n, file)| (n, Some(file)));
        let format: Format = name.parse().map_err(Failure::usage)?;
        if file == Some("") {
            return Err(Failure::usage(format!("`--format {text}` names no file")));
        }
        outputs.push((format, file.map(str::to_owned)));
    }
    if outputs.iter().filter(|(_, file)| file.is_none()).count() > 1 {
        return Err(Failure::usage("only one format can be printed")
            .hint("write the others to files: `--format human --format json=verdict.json`"));
    }
    if outputs.is_empty() {
        outputs.push((Format::Human, None));
    }
    Ok(outputs)
}

/// What an earlier check found, or what a check of another checkout finds now, with its troubles.
fn baseline(base: &Path, settings: &Settings) -> Result<(Baseline, Vec<String>), Failure> {
    if base.is_dir() {
        let settings = Settings { only: Vec::new(), ..settings.clone() };
        let assessment = engine::assess(base, &settings).map_err(|error| {
            let failure = Failure::from(error);
            let message =
                format!("the base {} cannot be judged: {}", base.display(), failure.message);
            Failure { message, ..failure }
        })?;
        return Ok((Baseline::of(&assessment), assessment.troubles));
    }
    let name = base.display();
    let text = files::read(base).map_err(|error| {
        Failure::usage(format!("the base {name} cannot be read: {error}")).hint(
            "name a folder with another checkout, or the JSON of an earlier check: \
             `git worktree add ../main main` makes one",
        )
    })?;
    report::read_baseline(&text).map_err(|error| {
        Failure::usage(format!("the base {name} is not the JSON of a check: {error}"))
            .hint("`gonogo check --format json=FILE` writes one")
    })
}

/// What judging by `judging` needs.
pub(crate) fn settings(judging: &Judging, root: &Path) -> Result<Settings, Failure> {
    Ok(Settings {
        now: judging.at.unwrap_or_else(Timestamp::now),
        policy: super::policy::choose(judging.policy.as_deref())?,
        limits: Limits::default(),
        only: judging.services.clone(),
        reproduce: format!("gonogo check {}", root.display()),
        deadline: Deadline::after(Duration::from_secs(judging.time_limit)),
    })
}
