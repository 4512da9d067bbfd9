//! Takes back what runs left behind whose gonogo was killed.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::journal::{self, Abandoned, Entry};
use super::{folder, kin, marked};

/// How long what a killed drill left is killed before it is given up.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

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

impl Recovered {
    /// Which drill it was, as its run is called.
    pub fn drill(&self) -> &str {
        self.run.split('-').next().unwrap_or_default()
    }
}

/// The runs below `root` that nobody carries on, with nothing taken back: each of their processes is `left`.
pub fn left_behind(root: &Path) -> io::Result<Vec<Recovered>> {
    let abandoned = journal::abandoned(root)?;
    Ok(abandoned.iter().map(|run| told(run, find(run).len())).collect())
}

/// Takes back every run below `root` that nobody carries on. Runs that a living gonogo carries on are left alone.
pub fn recover(root: &Path) -> io::Result<Vec<Recovered>> {
    recover_those(root, |_| true)
}

/// The same of the runs that the process `pid` had begun.
pub(crate) fn recover_of(root: &Path, pid: u32) -> io::Result<Vec<Recovered>> {
    recover_those(root, |run| run.pid() == Some(pid))
}

fn recover_those(
    root: &Path,
    is_wanted: impl Fn(&Abandoned) -> bool,
) -> io::Result<Vec<Recovered>> {
    let mut recovered = Vec::new();
    for run in journal::abandoned(root)?.into_iter().filter(is_wanted) {
        let mut one = told(&run, find(&run).len());
        one.left = marked::kill_all(|| find(&run), LIMIT);
        if one.left == 0 {
            run.remove()?;
        }
        recovered.push(one);
    }
    folder::tidy(root)?;
    Ok(recovered)
}

/// The processes of `run` that live.
fn find(run: &Abandoned) -> Vec<i32> {
    let mut found = marked::processes(run.run());
    found.extend(kin::registered(&run.folder));
    found.sort_unstable();
    found.dedup();
    found
}

/// What the journal of `run` tells, with `processes` of it still there.
fn told(run: &Abandoned, processes: usize) -> Recovered {
    let mut one =
        Recovered { run: run.run().to_owned(), what: None, step: None, processes, left: processes };
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
    use std::fs;
    use std::os::unix::fs::symlink;
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
        assert!(!root.path().join(".gonogo").exists());
        assert_eq!(recover(root.path()).unwrap(), []);
        assert_eq!(left_behind(root.path()).unwrap(), []);
    }

    /// A root whose `.gonogo/drills` holds a folder `name` with files of these names and texts.
    fn laid_out(name: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(".gonogo/drills").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        root
    }

    const BEGUN: &str = "{\"entry\":\"begun\",\"drill\":\"fault\",\"service\":\"checkout\",\"pid\":1,\"at\":\"2027-01-01T00:00:00Z\"}\n";

    #[test]
    fn folders_behind_links_are_nobodys_runs_and_stay() {
        for linked in [".gonogo", ".gonogo/drills"] {
            let precious = laid_out("fault-1-2-0", &[("journal.jsonl", BEGUN)]);
            let root = tempfile::tempdir().unwrap();
            let link = root.path().join(linked);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(precious.path().join(linked), &link).unwrap();
            assert!(recover(root.path()).is_err(), "{linked}");
            assert!(left_behind(root.path()).is_err(), "{linked}");
            assert!(Journal::begin(root.path(), "fault", "checkout").is_err(), "{linked}");
            let kept = precious.path().join(".gonogo/drills/fault-1-2-0/journal.jsonl");
            assert!(kept.exists() && link.is_symlink(), "{linked}");
        }
    }

    #[test]
    fn what_is_no_run_is_left_alone() {
        let no_runs = [
            ("thesis", "journal.jsonl", BEGUN),
            ("fault-1-2-x", "journal.jsonl", BEGUN),
            ("fault-1-2-0", "chapter", "one"),
            ("fault-1-2-0", "journal.jsonl", "Dear diary,\n"),
        ];
        for (name, file, text) in no_runs {
            let root = laid_out(name, &[(file, text)]);
            assert_eq!(left_behind(root.path()).unwrap(), [], "{name} {file}");
            assert_eq!(recover(root.path()).unwrap(), [], "{name} {file}");
            assert!(root.path().join(".gonogo/drills").join(name).join(file).exists());
        }
    }

    #[test]
    fn of_a_run_only_what_it_wrote_is_removed() {
        let files = [("journal.jsonl", BEGUN), ("processes.jsonl", ""), ("chapter", "one")];
        let root = laid_out("fault-1-2-0", &files);
        assert_eq!(recover(root.path()).unwrap().len(), 1);
        let folder = root.path().join(".gonogo/drills/fault-1-2-0");
        let left: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
        assert_eq!(left.iter().map(fs::DirEntry::file_name).collect::<Vec<_>>(), ["chapter"]);
    }

    #[test]
    fn a_run_killed_before_its_first_line_was_whole_is_taken_back() {
        let cut = &BEGUN[..30];
        let early: [&[_]; 3] = [&[], &[("journal.jsonl", "")], &[("journal.jsonl", cut)]];
        for files in early {
            let root = laid_out("fault-1-2-0", files);
            assert_eq!(recover(root.path()).unwrap().len(), 1);
            assert!(!root.path().join(".gonogo").exists());
        }
    }

    #[test]
    fn folders_of_a_run_killed_while_it_made_them_are_removed_and_others_are_not() {
        for name in [".gonogo", ".gonogo/drills"] {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join(name)).unwrap();
            assert_eq!(recover(root.path()).unwrap(), []);
            assert!(!root.path().join(".gonogo").exists(), "{name}");
        }
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(".gonogo/ledger")).unwrap();
        assert_eq!(recover(root.path()).unwrap(), []);
        assert!(root.path().join(".gonogo/ledger").exists());
    }

    #[test]
    fn of_all_runs_only_those_of_one_process_are_taken_back() {
        let root = laid_out("fault-1-22-0", &[("journal.jsonl", BEGUN)]);
        let other = root.path().join(".gonogo/drills/fault-1-2-0");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("journal.jsonl"), BEGUN).unwrap();
        let recovered = recover_of(root.path(), 22).unwrap();
        assert_eq!((recovered.len(), recovered[0].drill()), (1, "fault"));
        assert!(other.exists());
    }

    #[test]
    fn a_pipe_or_a_link_in_the_place_of_a_journal_is_no_run_and_holds_nobody_up() {
        let root = laid_out("fault-1-2-0", &[("kept", BEGUN)]);
        let folder = root.path().join(".gonogo/drills/fault-1-2-0");
        let journal = folder.join("journal.jsonl");
        symlink(folder.join("kept"), &journal).unwrap();
        assert_eq!(recover(root.path()).unwrap(), []);
        fs::remove_file(&journal).unwrap();
        assert!(Command::new("mkfifo").arg(&journal).status().unwrap().success());
        assert_eq!(left_behind(root.path()).unwrap(), []);
        assert_eq!(recover(root.path()).unwrap(), []);
        assert!(journal.exists());
    }
}
