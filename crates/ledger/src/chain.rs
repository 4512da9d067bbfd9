//! Whether a set of entries is one unbroken chain, branches and their merges included.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Entry, entry::STATEMENT};

/// An entry with the name of the file that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filed {
    /// Name of the file.
    pub name: String,
    /// The entry.
    pub entry: Entry,
}

/// Something that an honest ledger does not show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Name of the file.
    pub name: String,
    /// What is wrong with it, as a clause.
    pub what: String,
}

/// The name of the file that holds `entry`.
pub(crate) fn file_name(entry: &Entry) -> String {
    let digest = entry.hash.strip_prefix("sha256:").unwrap_or(&entry.hash);
    let short: String = digest.chars().take(16).collect();
    format!("{:06}-{short}.json", entry.sequence)
}

/// The hashes that no entry builds on, sorted by sequence and hash, the newest last.
pub(crate) fn heads(entries: &[Filed]) -> Vec<&Entry> {
    let built_on: BTreeSet<&str> = entries.iter().flat_map(|filed| parents(&filed.entry)).collect();
    let mut heads: Vec<&Entry> = entries
        .iter()
        .map(|filed| &filed.entry)
        .filter(|entry| !built_on.contains(entry.hash.as_str()))
        .collect();
    heads.sort_by(|a, b| (a.sequence, &a.hash).cmp(&(b.sequence, &b.hash)));
    heads
}

fn parents(entry: &Entry) -> impl Iterator<Item = &str> {
    entry.previous.iter().chain(&entry.merges).map(String::as_str)
}

/// Everything that is wrong with `entries`.
pub(crate) fn faults(entries: &[Filed]) -> Vec<Fault> {
    let by_hash: BTreeMap<&str, &Entry> =
        entries.iter().map(|filed| (filed.entry.hash.as_str(), &filed.entry)).collect();
    let mut faults: Vec<Fault> = Vec::new();
    for filed in entries {
        let wrong = wrong_with(filed, &by_hash);
        faults.extend(wrong.into_iter().map(|what| Fault { name: filed.name.clone(), what }));
    }
    let roots: Vec<&Filed> =
        entries.iter().filter(|filed| filed.entry.previous.is_none()).collect();
    if roots.len() > 1 && !shares_no_history(&roots, entries) {
        faults.extend(roots.iter().skip(1).map(|root| Fault {
            name: root.name.clone(),
            what: "starts a second chain that nothing ties to the first".to_owned(),
        }));
    }
    faults.sort();
    faults
}

/// Two branches may each have started the ledger; once merged, a later entry ties both ends in.
/// Until then both are heads of the same sequence or one is a head, which is what a merge leaves.
fn shares_no_history(roots: &[&Filed], entries: &[Filed]) -> bool {
    let heads = heads(entries).len();
    let tied: BTreeSet<&str> =
        entries.iter().flat_map(|filed| filed.entry.merges.iter().map(String::as_str)).collect();
    roots.len() <= heads + tied.len()
}

fn wrong_with(filed: &Filed, by_hash: &BTreeMap<&str, &Entry>) -> Vec<String> {
    let entry = &filed.entry;
    let mut wrong = Vec::new();
    if entry.statement != STATEMENT {
        wrong.push(format!("is not an in-toto Statement v1: `_type` is `{}`", entry.statement));
    }
    match entry.digest() {
        Ok(digest) if digest == entry.hash => {}
        Ok(digest) => wrong.push(format!("was changed: its content hashes to {digest}")),
        Err(error) => wrong.push(format!("cannot be hashed: {error}")),
    }
    if filed.name != file_name(entry) {
        wrong.push(format!("should be called {}", file_name(entry)));
    }
    for parent in parents(entry) {
        match by_hash.get(parent) {
            None => wrong.push(format!("builds on {parent}, which is not there")),
            Some(parent) if parent.sequence >= entry.sequence => {
                wrong.push(format!("has number {}, after {}", entry.sequence, parent.sequence));
            }
            Some(_) => {}
        }
    }
    if entry.previous.is_none() && entry.sequence != 1 {
        wrong.push(format!("has number {} and builds on nothing", entry.sequence));
    }
    wrong
}
