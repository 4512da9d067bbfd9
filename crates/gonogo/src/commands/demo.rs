//! `gonogo demo`: a sample service that is not ready, two fixes, an accepted risk, and a launch.
//!
//! The clock of the demonstration stands still, so that it shows the same on every day.

mod proof;
mod sample;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use engine::{Deadline, Draft, PolicyChoice, Settings};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use model::{Assessment, Ruling};
use report::{Format, Style};
use sources::Limits;

use crate::arguments::Global;
use crate::failure::Failure;
use crate::terminal;

/// The day of the demonstration.
const TODAY: Date = date(2026, 11, 20);
/// Where the service that is drilled stands in its folder.
const DRILLED: &str = "orders";

/// Shows on a sample service how NO-GO becomes GO WITH CONDITIONS.
pub(crate) fn run(
    keep: Option<&Path>,
    without_drill: bool,
    global: &Global,
) -> Result<u8, Failure> {
    let (root, is_kept) = folder(keep)?;
    let demo = Demo { root: &root, style: terminal::style(global) };
    let drilled = |()| {
        if without_drill {
            Ok(())
        } else {
            proof::run(&root.join(DRILLED), |title, text| demo.tell(title, text), global)
        }
    };
    let outcome = demo.run().and_then(drilled);
    if !is_kept {
        // Nothing is lost where it cannot be removed: it is a temporary folder.
        let _ = fs::remove_dir_all(&root);
    }
    outcome?;
    if is_kept {
        terminal::say(&format!("the sample is kept in {}", root.display()), global);
    }
    terminal::say("now run `gonogo check` on a service of your own", global);
    Ok(0)
}

/// The folder to show it in, and whether it is kept.
fn folder(keep: Option<&Path>) -> Result<(PathBuf, bool), Failure> {
    let path = place(keep, std::process::id());
    fs::create_dir(&path).map_err(|error| {
        Failure::usage(format!("{} cannot be made: {error}", path.display()))
            .hint("name a folder that does not exist yet: `gonogo demo --keep FOLDER`")
    })?;
    Ok((path, keep.is_some()))
}

/// Where the process `pid` shows it.
fn place(keep: Option<&Path>, pid: u32) -> PathBuf {
    let passing = || std::env::temp_dir().join(format!("gonogo-demo-{pid}"));
    keep.map_or_else(passing, Path::to_owned)
}

/// The folder of the service that the process `pid` drills.
pub(super) fn drilled(keep: Option<&Path>, pid: u32) -> PathBuf {
    place(keep, pid).join(DRILLED)
}

/// Removes what the killed process `pid` has shown it in, unless it is to be kept.
pub(super) fn tidy(keep: Option<&Path>, pid: u32) {
    if keep.is_none() {
        let _none_was_made = fs::remove_dir_all(place(keep, pid));
    }
}

struct Demo<'a> {
    root: &'a Path,
    style: Style,
}

impl Demo<'_> {
    fn run(&self) -> Result<(), Failure> {
        for (path, text) in sample::SERVICE {
            self.write(path, text)?;
        }
        self.tell(
            "A sample service: checkout, tier 3, of the payments team",
            "Its team wrote manifests, a pipeline, alerts and runbooks, and planned what no file can \
             show yet. May it go to production?",
        )?;
        for (requirement, owner, action, days) in sample::PLANS {
            let (owner, action) = (owner.to_owned(), action.to_owned());
            self.decide(requirement, Ruling::Plan { owner, action, due: day(days) })?;
        }
        self.check()?;
        for (number, (what, (path, text))) in (1..).zip(&sample::FIXES) {
            self.tell(&format!("Fix {number}: {what}"), &self.change(path, text))?;
            self.write(path, text)?;
        }
        let (requirement, approver, reason, days) = sample::RISK;
        let until = day(days);
        self.tell(
            "A risk, accepted until a date",
            &format!(
                "$ gonogo accept {requirement} \\\n    --approver {approver} --until {until} \\\n    \
                 --reason \"{reason}\""
            ),
        )?;
        let ruling = Ruling::Acceptance {
            reason: reason.to_owned(),
            approver: approver.to_owned(),
            until,
            compensating: None,
        };
        self.decide(requirement, ruling)?;
        self.check()
    }

    fn tell(&self, title: &str, text: &str) -> Result<(), Failure> {
        let (bold, plain) = if self.style.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        terminal::print(&format!("\n{bold}==> {title}{plain}\n\n{text}\n"))
    }

    fn write(&self, path: &str, text: &str) -> Result<(), Failure> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(self.root);
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(|error| {
            Failure::broken(format!("{} cannot be written: {error}", path.display()))
        })
    }

    /// The lines that `text` changes of the file at `path`.
    fn change(&self, path: &str, text: &str) -> String {
        let before = fs::read_to_string(self.root.join(path)).unwrap_or_default();
        let mut shown = format!("{path}\n");
        for line in before.lines().filter(|line| !text.lines().any(|kept| kept == *line)) {
            let _ = writeln!(shown, "-{line}");
        }
        for line in text.lines().filter(|line| !before.lines().any(|known| known == *line)) {
            let _ = writeln!(shown, "+{line}");
        }
        shown
    }

    fn decide(&self, requirement: &str, ruling: Ruling) -> Result<(), Failure> {
        let draft = Draft {
            service: None,
            requirement: requirement.to_owned(),
            by: "ada".to_owned(),
            ruling,
        };
        engine::record(self.root, draft, &PolicyChoice::Declared, now())?;
        Ok(())
    }

    fn check(&self) -> Result<(), Failure> {
        self.tell("$ gonogo check", "")?;
        let assessment = self.assess()?;
        terminal::print(&report::render(Format::Human, &assessment, &self.style))
    }

    fn assess(&self) -> Result<Assessment, Failure> {
        let settings = Settings {
            now: now(),
            policy: PolicyChoice::Declared,
            limits: Limits::default(),
            only: Vec::new(),
            reproduce: "gonogo check".to_owned(),
            deadline: Deadline::after(Deadline::USUAL),
        };
        Ok(engine::assess(self.root, &settings)?)
    }
}

fn now() -> Timestamp {
    // A civil day in UTC always is a moment.
    TODAY.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp())
}

fn day(days: i64) -> Date {
    TODAY.checked_add(days.days()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use model::{State, Verdict, Weight};

    use super::*;

    fn blockers(assessment: &Assessment) -> Vec<(String, State)> {
        let answers = assessment.verdicts.services.iter().flat_map(|service| &service.answers);
        let blocking = answers.filter(|answer| answer.weight == Weight::Blocks);
        blocking.map(|answer| (answer.requirement.clone(), answer.state)).collect()
    }

    #[test]
    fn two_fixes_and_an_accepted_risk_turn_no_go_into_go_with_conditions() {
        let root = tempfile::tempdir().unwrap();
        let style =
            Style { color: false, width: 100, unicode: true, is_verbose: false, hyperlinks: false };
        let demo = Demo { root: root.path(), style };
        for (path, text) in sample::SERVICE {
            demo.write(path, text).unwrap();
        }
        for (requirement, owner, action, days) in sample::PLANS {
            let (owner, action) = (owner.to_owned(), action.to_owned());
            demo.decide(requirement, Ruling::Plan { owner, action, due: day(days) }).unwrap();
        }
        let before = demo.assess().unwrap();
        assert_eq!(before.verdict(), Verdict::NoGo);
        let failed = |id: &str| (id.to_owned(), State::Failed);
        let open = vec![
            (sample::RISK.0.to_owned(), State::Unknown),
            failed("delivery/gates"),
            failed("security/dependency-scan"),
            failed("capacity/resource-limits"),
        ];
        assert_eq!(blockers(&before), open);
        for (_, (path, text)) in &sample::FIXES {
            demo.write(path, text).unwrap();
        }
        assert_eq!(blockers(&demo.assess().unwrap()), open[..1]);
        let (requirement, approver, reason, days) = sample::RISK;
        let ruling = Ruling::Acceptance {
            reason: reason.to_owned(),
            approver: approver.to_owned(),
            until: day(days),
            compensating: None,
        };
        demo.decide(requirement, ruling).unwrap();
        let after = demo.assess().unwrap();
        assert_eq!(blockers(&after), Vec::new());
        assert_eq!(after.verdict(), Verdict::GoWithConditions);
    }
}
