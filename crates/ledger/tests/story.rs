//! The story of a ledger, told to its files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use gonogo_ledger as ledger;
use gonogo_ledger::{FileLedger, Filed, Record, Subject, SubjectDigest};
use jiff::civil::date;
use model::{Decision, Ruling};

fn plan(action: &str) -> Record {
    Record::Decision(Box::new(Decision {
        at: "2026-11-20T12:00:00Z".parse().unwrap(),
        service: "checkout".into(),
        requirement: "data/restore".into(),
        by: "ada".into(),
        ruling: Ruling::Plan { owner: "bo".into(), action: action.into(), due: date(2026, 12, 24) },
    }))
}

fn checkout() -> Subject {
    let digest = SubjectDigest { git_commit: Some("3f2c1a9".into()), sha256: None };
    Subject { name: "checkout".into(), digest }
}

fn append(root: &Path, action: &str) -> Filed {
    FileLedger::at(root).append(checkout(), plan(action)).unwrap()
}

fn faults(root: &Path) -> Vec<String> {
    let history = FileLedger::at(root).history().unwrap();
    history.faults.into_iter().map(|fault| fault.what).collect()
}

fn copy(from: &Path, to: &Path) {
    let (from, to) = (from.join(ledger::FOLDER), to.join(ledger::FOLDER));
    fs::create_dir_all(&to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn a_ledger_that_is_not_there_is_empty() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(FileLedger::at(root.path()).verified().unwrap().entries, []);
}

#[test]
fn what_was_appended_is_read_back_in_order_and_verifies() {
    let root = tempfile::tempdir().unwrap();
    let first = append(root.path(), "rehearse the restore");
    let second = append(root.path(), "rehearse it again");
    assert_eq!(second.entry.previous.as_ref(), Some(&first.entry.hash));
    let history = FileLedger::at(root.path()).verified().unwrap();
    assert_eq!(history.entries, [first, second]);
    assert_eq!(history.decisions("checkout").count(), 2);
    assert_eq!(history.decisions("payments").count(), 0);
}

#[test]
fn any_change_to_an_entry_is_found_and_nothing_is_appended_to_it() {
    let root = tempfile::tempdir().unwrap();
    let filed = append(root.path(), "rehearse the restore");
    let path = root.path().join(ledger::FOLDER).join(&filed.name);
    let text = fs::read_to_string(&path).unwrap().replace("2026-12-24", "2027-12-24");
    fs::write(&path, text).unwrap();
    assert!(faults(root.path())[0].starts_with("was changed"), "{:?}", faults(root.path()));
    assert!(FileLedger::at(root.path()).append(checkout(), plan("go on")).is_err());
}

#[test]
fn an_entry_taken_out_of_the_middle_is_missed() {
    let root = tempfile::tempdir().unwrap();
    append(root.path(), "one");
    let second = append(root.path(), "two");
    append(root.path(), "three");
    fs::remove_file(root.path().join(ledger::FOLDER).join(second.name)).unwrap();
    assert!(faults(root.path())[0].ends_with("which is not there"), "{:?}", faults(root.path()));
}

#[test]
fn branches_merge_without_conflict_and_the_next_entry_ties_their_ends() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    append(ours.path(), "before the branch");
    copy(ours.path(), theirs.path());
    let mine = append(ours.path(), "on our branch");
    let other = append(theirs.path(), "on their branch");
    assert_ne!(mine.name, other.name);
    copy(theirs.path(), ours.path());
    assert_eq!(faults(ours.path()), Vec::<String>::new());
    let merged = append(ours.path(), "after the merge");
    let mut tied = merged.entry.merges.clone();
    tied.extend(merged.entry.previous.clone());
    tied.sort();
    let mut ends = vec![mine.entry.hash, other.entry.hash];
    ends.sort();
    assert_eq!(tied, ends);
    assert_eq!(faults(ours.path()), Vec::<String>::new());
}

#[test]
fn two_branches_may_each_start_the_ledger() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    append(ours.path(), "first here");
    append(theirs.path(), "first there");
    copy(theirs.path(), ours.path());
    assert_eq!(faults(ours.path()), Vec::<String>::new());
    append(ours.path(), "after the merge");
    assert_eq!(faults(ours.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    append(elsewhere.path(), "somebody else's");
    fs::create_dir(root.path().join(".gonogo")).unwrap();
    let target = elsewhere.path().join(ledger::FOLDER);
    std::os::unix::fs::symlink(target, root.path().join(ledger::FOLDER)).unwrap();
    assert!(FileLedger::at(root.path()).history().is_err());
}

#[test]
fn what_is_no_entry_is_a_fault_and_the_rest_is_still_read() {
    let root = tempfile::tempdir().unwrap();
    append(root.path(), "one");
    let folder = root.path().join(ledger::FOLDER);
    fs::write(folder.join("000002-x.json"), "{}").unwrap();
    let history = FileLedger::at(root.path()).history().unwrap();
    assert_eq!((history.entries.len(), history.faults.len()), (1, 1));
}
