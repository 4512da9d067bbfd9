//! `gonogo next`.

use crate::arguments::{Global, Next};
use crate::failure::Failure;
use crate::terminal;

/// Lists the next steps of each service, and exits as `check` would.
pub(crate) fn run(next: &Next, global: &Global) -> Result<u8, Failure> {
    let settings = super::check::settings(&next.judging, &next.tree.path)?;
    let (assessment, steps) = engine::steps(&next.tree.path, &settings)?;
    let style = terminal::style(global);
    let mut text = String::new();
    for (service, steps) in assessment.verdicts.services.iter().zip(&steps) {
        text.push_str(&report::next_steps(service, steps, next.count, &style));
    }
    if assessment.verdicts.services.is_empty() {
        text.push_str(&report::nothing_found(&style));
    }
    terminal::print(&text)?;
    terminal::print(&report::last_line(&assessment))?;
    Ok(assessment.exit_code())
}
