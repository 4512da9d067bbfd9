//! `gonogo doctor`.

use std::fmt::Write as _;
use std::path::Path;

use sources::Limits;

use model::counted;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::terminal;

/// Looks at all that a check stands on, says of each what is so, and exits with 1 where something
/// is in the way.
pub(crate) fn run(root: &Path, global: &Global) -> Result<u8, Failure> {
    let mut findings = Findings::default();
    findings.good("gonogo", env!("CARGO_PKG_VERSION"));
    let style = terminal::style(global);
    let drawing = if style.unicode { "Unicode" } else { "ASCII" };
    let color = if style.color { "colour" } else { "no colour" };
    findings.good("terminal", &format!("{} columns, {drawing}, {color}", style.width));
    match engine::survey(root, Limits::default()) {
        Ok(survey) => {
            of_tree(&survey, &mut findings);
            of_ledger(root, &mut findings);
        }
        Err(error) => findings.bad("tree", &error.to_string()),
    }
    terminal::print(&findings.text)?;
    let last = if findings.bad == 0 { "nothing is in the way" } else { "something is in the way" };
    terminal::print(&format!("{last}\n"))?;
    Ok(u8::from(findings.bad > 0))
}

fn of_ledger(root: &Path, findings: &mut Findings) {
    match engine::ledger(root).verified() {
        Ok(history) => {
            findings
                .good("ledger", &format!("{}, intact", counted(history.entries.len(), "entry")));
        }
        Err(error) => findings.bad("ledger", &error.to_string()),
    }
}

#[derive(Default)]
struct Findings {
    text: String,
    bad: usize,
}

impl Findings {
    fn good(&mut self, what: &str, how: &str) {
        let _ = writeln!(self.text, "ok    {what:<12} {}", report::clean(how));
    }

    fn note(&mut self, what: &str, how: &str) {
        let _ = writeln!(self.text, "note  {what:<12} {}", report::clean(how));
    }

    fn bad(&mut self, what: &str, how: &str) {
        self.bad += 1;
        let _ = writeln!(self.text, "wrong {what:<12} {}", report::clean(how));
    }
}

fn of_tree(survey: &engine::Survey, findings: &mut Findings) {
    let coverage = &survey.coverage;
    findings.good("tree", &format!("{}, {} read", counted(coverage.files, "file"), coverage.read));
    if let Some(cut) = &coverage.cut {
        findings.bad("tree", &format!("the walk {cut}"));
    }
    let commit = survey.commit.as_deref().unwrap_or("none: evidence names no commit");
    findings.good("commit", commit);
    let judged = survey.services.iter().filter(|service| service.is_judged());
    let names: Vec<&str> = judged.map(|service| service.name.as_str()).collect();
    match names.as_slice() {
        [] if coverage.gaps.iter().any(|gap| is_own(&gap.place.path)) => {
            findings.bad("services", "none found: mend gonogo.yaml first");
        }
        [] => findings.bad("services", "none found: `gonogo init` writes a gonogo.yaml"),
        names => findings.good("services", &names.join(", ")),
    }
    for possible in &coverage.possible {
        findings.note("a service?", &format!("{}: {}", possible.place, possible.message));
    }
    for declaration in &survey.facts.declarations {
        for trouble in &declaration.troubles {
            findings.bad("gonogo.yaml", &format!("{}: {}", trouble.place, trouble.value));
        }
    }
    for gap in coverage.gaps.iter().filter(|gap| is_own(&gap.place.path)) {
        findings.bad("gonogo.yaml", &format!("{}: {}", gap.place, gap.message));
    }
    if !coverage.gaps.is_empty() {
        findings.note(
            "read in part",
            &format!(
                "{}; `gonogo check --verbose` lists them",
                counted(coverage.gaps.len(), "file")
            ),
        );
    }
    match survey.declared_policy() {
        Ok(policy) => findings.good("policy", &format!("{} {}", policy.name, policy.version)),
        Err(error) => findings.bad("policy", &error.to_string()),
    }
}

/// Whether the file at `path` is the one in which a team declares its services.
fn is_own(path: &str) -> bool {
    facts::subject_of(path) == Some(facts::Subject::Declaration)
}
