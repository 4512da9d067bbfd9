//! What drills could not tell the last time, and why, so that the next step can say it.
//!
//! A note for whoever works here and no evidence: nothing is judged by it, and it may be deleted at any time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use drills::{Account, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sources::Checkout;

use crate::Drillable;

/// Where that stands.
pub(crate) const FILE: &str = ".gonogo/inconclusive.json";
/// Bytes read of it at most.
const LONGEST: u64 = 1 << 20;

/// Why a drill said nothing of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    /// When it was run.
    pub at: Timestamp,
    /// Why nothing can be said.
    pub reason: String,
}

/// By service, then by requirement.
pub(crate) type All = BTreeMap<String, BTreeMap<String, Untold>>;

/// Writes down what `account` could not tell; what it could is forgotten.
pub fn remember(drillable: &Drillable, account: &Account) -> io::Result<()> {
    let path = drillable.root().join(FILE);
    let mut all = read(&path);
    let ours = all.entry(drillable.service.name.clone()).or_default();
    for proof in &account.proofs {
        match &proof.outcome {
            Outcome::Inconclusive(reason) => {
                let untold = Untold { at: account.began_at, reason: reason.clone() };
                ours.insert(proof.requirement.to_owned(), untold);
            }
            Outcome::Kept | Outcome::FellShort(_) => {
                ours.remove(proof.requirement);
            }
        }
    }
    all.retain(|_, untold| !untold.is_empty());
    if all.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Renamed into place, so that a link that stands there is replaced and not followed.
    let written = path.with_extension("json.new");
    let _left_by_a_killed_run = fs::remove_file(&written);
    let mut file = File::options().write(true).create_new(true).open(&written)?;
    serde_json::to_writer_pretty(&mut file, &all)?;
    drop(file);
    fs::rename(&written, &path)
}

/// What drills of all services in `checkout` could not tell the last time.
pub(crate) fn all(checkout: &Checkout) -> All {
    let read = checkout.read(FILE).ok();
    read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// What stands in the file; nothing where it is not as this wrote it.
fn read(path: &Path) -> All {
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    let mut text = String::new();
    let opened = is_file.then(|| File::open(path).ok()).flatten();
    let read = opened.map(|file| file.take(LONGEST).read_to_string(&mut text));
    match read {
        Some(Ok(_)) => serde_json::from_str(&text).unwrap_or_default(),
        _ => All::new(),
    }
}

#[cfg(test)]
mod tests {
    use drills::Proof;

    use super::*;
    use crate::drillable;

    fn untold(root: &Path, service: &str) -> BTreeMap<String, Untold> {
        let checkout = Checkout::open(root, sources::Limits::default()).unwrap();
        all(&checkout).remove(service).unwrap_or_default()
    }

    #[test]
    fn what_could_not_be_told_is_remembered_until_it_is_told() {
        let root = tempfile::tempdir().unwrap();
        let text = "service: shop\nkind: web\nrun: {command: [./shop]}\n";
        fs::write(root.path().join("gonogo.yaml"), text).unwrap();
        let drillable = drillable(root.path(), None).unwrap();
        let account = |proof: Proof| Account {
            drill: "load",
            service: "shop".to_owned(),
            began_at: Timestamp::UNIX_EPOCH,
            steps: Vec::new(),
            proofs: vec![proof],
            charts: Vec::new(),
            notes: Vec::new(),
            left_out: Vec::new(),
        };
        let id = "capacity/no-leaks";
        remember(&drillable, &account(Proof::inconclusive(id, "too few samples"))).unwrap();
        assert_eq!(untold(root.path(), "shop")[id].reason, "too few samples");
        assert_eq!(untold(root.path(), "other"), BTreeMap::new());
        remember(&drillable, &account(Proof::kept(id, Vec::new()))).unwrap();
        assert_eq!(untold(root.path(), "shop"), BTreeMap::new());
        assert!(!root.path().join(FILE).exists());
    }

    #[test]
    fn a_file_that_nobody_here_wrote_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".gonogo")).unwrap();
        fs::write(root.path().join(FILE), "[1, {").unwrap();
        assert_eq!(untold(root.path(), "shop"), BTreeMap::new());
    }
}
