//! What one run over a tree brought: verdicts, what was looked at, and what broke.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Place, Sighting, Verdict, Verdicts, counted};

/// What one run over a tree brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The verdicts.
    pub verdicts: Verdicts,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// Sources and decisions that could not be relied on, each a sentence with what to do: without them
    /// nothing is GO. What blocks by all that can be relied on is NO-GO whatever they would have told.
    pub troubles: Vec<String>,
    /// What the verdicts rest on by the word of whoever wrote the tree: the policy that it names,
    /// the evidence that it records. Each is a clause.
    pub caveats: Vec<String>,
    /// The lines around each finding.
    pub excerpts: Excerpts,
}

/// What was looked at, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many files the tree has, as far as it was walked.
    pub files: usize,
    /// How many of them were read.
    pub read: usize,
    /// How many bytes were read.
    pub bytes: u64,
    /// Files that are about something gonogo knows and were not, or not wholly, examined.
    pub gaps: Vec<Sighting>,
    /// Files and folders that were not read, each with the reason.
    pub skipped: Vec<(Arc<str>, String)>,
    /// Files and folders that a `.gitignore` leaves out.
    pub ignored: Vec<Arc<str>>,
    /// What may be a service and was not judged, each with the reason and with what has it judged.
    pub possible: Vec<Sighting>,
    /// What could have been a service and was not taken for one, each with the reason.
    pub passed_over: Vec<Sighting>,
    /// Files that were read and are certainly not as git has them: new, or of another size.
    pub uncommitted: Vec<Arc<str>>,
    /// The limit that ended the walk early, as a sentence.
    pub cut: Option<String>,
}

/// Lines of files, kept for showing findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpts(BTreeMap<Arc<str>, BTreeMap<u32, String>>);

impl Excerpts {
    /// The lines that are wanted to show `place`: its own and one on either side, at most seven.
    pub fn lines_of(place: &Place) -> std::ops::RangeInclusive<u32> {
        let last = place.end_line.clamp(place.line, place.line.saturating_add(4));
        place.line.saturating_sub(1).max(1)..=last.saturating_add(1)
    }

    /// Keeps those of `all`, the lines of the file, that show `place`.
    pub fn keep(&mut self, place: &Place, all: &[&str]) {
        let wanted = Self::lines_of(place);
        let skipped = (*wanted.start() as usize).saturating_sub(1);
        let lines = self.0.entry(place.path.clone()).or_default();
        for (number, line) in wanted.zip(all.iter().skip(skipped)) {
            lines.insert(number, (*line).to_owned());
        }
    }

    /// The lines that show `place`, as far as they were kept, with the number of the first.
    pub fn around(&self, place: &Place) -> Option<(u32, Vec<&str>)> {
        let lines = self.0.get(&place.path)?;
        let wanted = Self::lines_of(place);
        let shown: Vec<(u32, &str)> =
            lines.range(wanted).map(|(number, line)| (*number, line.as_str())).collect();
        let first = shown.first()?.0;
        Some((first, shown.into_iter().map(|(_, line)| line).collect()))
    }
}

impl Coverage {
    /// Says that what was read is not what a commit holds, where that is certain.
    pub fn not_committed(&self) -> Option<String> {
        let first = self.uncommitted.first()?;
        let files = match self.uncommitted.len() {
            1 => format!("`{first}` is not as git has it"),
            all => format!("{}, such as `{first}`, are not as git has them", counted(all, "file")),
        };
        Some(format!("{files}: what is said here is of the files, not of a commit"))
    }
}

impl Assessment {
    /// The verdict on all services together: the worst of them; unknown where there is none.
    pub fn verdict(&self) -> Verdict {
        let worst = self.verdicts.services.iter().map(|service| service.verdict).max();
        match worst.unwrap_or(Verdict::Unknown) {
            Verdict::NoGo => Verdict::NoGo,
            _ if !self.troubles.is_empty() => Verdict::Unknown,
            verdict => verdict,
        }
    }

    /// The exit code: 0 GO, 1 NO-GO, 3 nothing to judge, 4 could not be decided.
    pub fn exit_code(&self) -> u8 {
        match self.verdict() {
            Verdict::Go | Verdict::GoWithConditions => 0,
            Verdict::NoGo => 1,
            Verdict::Unknown if self.verdicts.services.is_empty() && self.troubles.is_empty() => 3,
            Verdict::Unknown => 4,
        }
    }
}

/// Something to do that takes a service nearer to GO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// Name of the service.
    pub service: String,
    /// Ids of the requirements that it answers: one, or all that a drill proves at once.
    pub requirements: Vec<String>,
    /// What to do, as an imperative.
    pub action: String,
    /// The command or place to start with.
    pub start: String,
    /// What it costs, in minutes of one engineer.
    pub effort_min: u32,
    /// How much risk it removes, by the tiers that ask for the requirement: 3 where all do; 0 where
    /// the policy alone asks for it.
    pub risk: u8,
    /// Whether a command or a drill does it, as opposed to work on the service.
    pub kind: StepKind,
}

/// What sort of work a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Change what was found to be wrong.
    Fix,
    /// Write down or show what is not known.
    Show,
    /// Write down what drills have to know.
    SetUp,
    /// Run a drill.
    Drill,
    /// Renew what lapsed.
    Renew,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_holds_the_place_and_a_line_on_either_side() {
        let mut excerpts = Excerpts::default();
        let place = Place::point("a", 2, 1);
        excerpts.keep(&place, &["one", "two", "three", "four"]);
        assert_eq!(excerpts.around(&place), Some((1, vec!["one", "two", "three"])));
        assert_eq!(excerpts.around(&Place::point("b", 2, 1)), None);
    }

    #[test]
    fn an_excerpt_past_the_end_of_the_file_is_empty() {
        let mut excerpts = Excerpts::default();
        let place = Place::point("a", 9, 1);
        excerpts.keep(&place, &["one"]);
        assert_eq!(excerpts.around(&place), None);
    }
}
