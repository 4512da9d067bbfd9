//! Takes back what runs left behind whose gonogo was killed.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::journal::{self, Abandoned, Entry};
use super::{kin, marked};

/// How long the processes of one run are killed before it is given up.
const LIMIT: Duration = Duration::from_secs(30);

/// One run that was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The run's name.
    pub run: String,
    /// Which drill of which service it was, as far as its journal tells.
    pub what: Option<(String, String)>,
    /// The step it was killed in.
    pub step: Option<String>,
    /// How many of its processes were still there.
    pub processes: usize,
    /// How many of them still live.
    pub left: usize,
}

/// The runs below `root` that nobody carries on, with nothing taken back: each of their processes is `left`.
pub fn left_behind(root: &Path) -> io::Result<Vec<Recovered>> {
    let abandoned = journal::abandoned(root)?;
    Ok(abandoned.iter().map(|run| told(run, find(run).len())).collect())
}

/// Takes back every run below `root` that nobody carries on. Runs that a living gonogo carries on are left alone.
pub fn recover(root: &Path) -> io::Result<Vec<Recovered>> {
    let mut recovered = Vec::new();
    for run in journal::abandoned(root)? {
        let mut one = told(&run, find(&run).len());
        one.left = marked::kill_all(|| find(&run), LIMIT);
        if one.left == 0 {
            run.remove()?;
        }
        recovered.push(one);
    }
    journal::tidy(root);
    Ok(recovered)
}

/// The processes of `run` that live.
fn find(run: &Abandoned) -> Vec<i32> {
    let mut found = marked::processes(&run.run);
    found.extend(kin::registered(&run.folder));
    found.sort_unstable();
    found.dedup();
    found
}

/// What the journal of `run` tells, with `processes` of it still there.
fn told(run: &Abandoned, processes: usize) -> Recovered {
    let mut one =
        Recovered { run: run.run.clone(), what: None, step: None, processes, left: processes };
    for entry in &run.entries {
        match entry {
            Entry::Begun { drill, service, .. } => {
                one.what = Some((drill.clone(), service.clone()));
            }
            Entry::Step { name, .. } => one.step = Some(name.clone()),
            Entry::WillUndo(_) | Entry::Undone(_) | Entry::Ended { .. } => {}
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Journal, Undo};
    use super::*;
    use std::process::Command;

    #[test]
    fn what_a_killed_run_left_is_gone_afterwards() {
        let root = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(root.path(), "load", "checkout").unwrap();
        journal.will_undo(Undo::Processes).unwrap();
        journal.step("start the service").unwrap();
        let run = journal.run().to_owned();
        let mut left = Command::new("sleep").arg("600").env(marked::MARK, &run).spawn().unwrap();
        drop(journal);
        let seen = left_behind(root.path()).unwrap();
        assert_eq!((seen.len(), seen[0].processes, seen[0].left), (1, 1, 1));
        let recovered = recover(root.path()).unwrap();
        left.wait().unwrap();
        assert_eq!(recovered.len(), 1);
        assert_eq!(recovered[0].what, Some(("load".into(), "checkout".into())));
        assert_eq!(recovered[0].step.as_deref(), Some("start the service"));
        assert_eq!((recovered[0].processes, recovered[0].left), (1, 0));
        assert!(!root.path().join(journal::FOLDER).exists());
        assert_eq!(recover(root.path()).unwrap(), []);
        assert_eq!(left_behind(root.path()).unwrap(), []);
    }
}
