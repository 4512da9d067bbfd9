//! Reads a tree: its facts, its services, and what of it was not looked at.

use std::path::Path;
use std::sync::Arc;

use facts::{Facts, Gap, Service, Subject};
use model::{Coverage, Place, Policy, Sighting};
use sources::{Checkout, Limits, SkipReason, Walk, Want};

use crate::AssessError;
use crate::policy::{self, PolicyError};

/// The facts of a tree, with what was seen on the way.
#[derive(Debug)]
pub struct Survey {
    /// The facts.
    pub facts: Facts,
    /// The services.
    pub services: Vec<Service>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// The checkout, for showing lines.
    pub checkout: Checkout,
    /// The commit, where the tree tells.
    pub commit: Option<String>,
}

impl Survey {
    /// The policy that the tree's gonogo.yaml names, else `standard`.
    pub fn declared_policy(&self) -> Result<Policy, PolicyError> {
        let named = self.facts.declarations.iter().filter_map(|d| d.policy.as_ref());
        policy::declared(named, |path| self.checkout.read(path).map_err(|e| e.reason.to_string()))
    }
}

/// Reads the tree at `root` and finds its services.
pub fn survey(root: &Path, limits: Limits) -> Result<Survey, AssessError> {
    let checkout = Checkout::open(root, limits)?;
    let wanted = |entry: &sources::Entry<'_>| {
        if facts::is_wanted(entry.path) { Want::Read } else { Want::NameOnly }
    };
    let mut walk = checkout.walk(wanted, |path, bytes| (facts::read(path, bytes), bytes.len()));
    let uncommitted = uncommitted(&walk);
    let remotes = sources::remotes(root);
    let mut all = Facts { root_name: folder_name(root), remotes, ..Facts::default() };
    for (_, (facts, _)) in walk.read.drain(..).collect::<Vec<_>>() {
        all.append(facts);
    }
    all.gaps.extend(unread(&walk));
    all.paths = std::mem::take(&mut walk.paths);
    facts::settle(&mut all);
    let discovery = facts::discover(&all);
    let coverage = coverage(&walk, &all, uncommitted, discovery.possible, discovery.passed_over);
    let commit = sources::revision(root).map(|revision| revision.commit);
    Ok(Survey { facts: all, services: discovery.services, coverage, checkout, commit })
}

/// The same of a tree whose every gonogo.yaml was read: nothing is judged, drilled or recorded on a
/// guess of what one of them says.
pub(crate) fn survey_whole(root: &Path, limits: Limits) -> Result<Survey, AssessError> {
    let survey = survey(root, limits)?;
    let is_declaration = |gap: &&Gap| gap.subject == Some(Subject::Declaration);
    let mut unread = survey.facts.gaps.iter().filter(is_declaration);
    if let Some(Gap { place, reason, .. }) = unread.next() {
        let (place, reason) = (place.clone(), reason.clone());
        return Err(AssessError::NotRead { place, reason, others: unread.count() });
    }
    Ok(survey)
}

/// Files that were read and are not as git has them, so that no commit names what is said of them.
fn uncommitted(walk: &Walk<(Facts, usize)>) -> Vec<Arc<str>> {
    let Some(index) = &walk.tracked else { return Vec::new() };
    let read = walk.read.iter().filter(|(path, (_, bytes))| index.differs(path, *bytes));
    read.map(|(path, _)| path.clone()).collect()
}

/// The name of the folder at `root`, by which a service is called that nothing else names.
fn folder_name(root: &Path) -> String {
    let whole = root.canonicalize();
    let name = whole.as_deref().unwrap_or(root).file_name();
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Files that would have been read and were not: gaps, as if they had been unreadable. A link inside
/// the tree is none: what it leads to is read under its own name. Only a gonogo.yaml is what it is by
/// its name alone.
fn unread<T>(walk: &Walk<T>) -> Vec<Gap> {
    let is_unread = |skipped: &&sources::Skipped| {
        skipped.reason != SkipReason::Symlink
            || facts::subject_of(&skipped.path) == Some(Subject::Declaration)
    };
    let skipped = walk.skipped.iter().filter(is_unread).filter_map(|skipped| {
        let subject = facts::subject_of(&skipped.path);
        (subject.is_some() || may_hide_anything(skipped)).then(|| Gap {
            subject,
            place: Place::file(skipped.path.clone()),
            reason: format!("was not read: {}", skipped.reason),
            name: None,
        })
    });
    let cut = walk.cut.iter().map(|cut| Gap {
        subject: None,
        place: Place::file(cut.at.clone()),
        reason: format!("is where the walk {cut}"),
        name: None,
    });
    skipped.chain(cut).collect()
}

/// Whether what was skipped could have held facts of any subject: a YAML or JSON file whose name does
/// not tell what it is about, or a folder.
fn may_hide_anything(skipped: &sources::Skipped) -> bool {
    let name = skipped.path.rsplit('/').next().unwrap_or_default();
    match skipped.reason {
        SkipReason::TooDeep | SkipReason::Unreadable(_) => true,
        // What is called so holds secrets, and no manifest or catalog entry.
        SkipReason::Encrypted => facts::is_wanted(&skipped.path) && !name.contains("secret"),
        SkipReason::NotUtf8Name => facts::is_wanted(&skipped.path) || !name.contains('.'),
        SkipReason::SymlinkBroken | SkipReason::Generated | SkipReason::Gitignore(_) => false,
        _ => facts::is_wanted(&skipped.path),
    }
}

fn coverage<T>(
    walk: &Walk<T>,
    facts: &Facts,
    uncommitted: Vec<Arc<str>>,
    possible: Vec<facts::Reason>,
    passed_over: Vec<facts::Reason>,
) -> Coverage {
    let told = |reasons: Vec<facts::Reason>| {
        reasons.into_iter().map(|r| Sighting::at(&r.place, r.what)).collect()
    };
    let skipped = |s: &sources::Skipped| (s.path.clone(), s.reason.to_string());
    let gap = |gap: &Gap| Sighting::at(&gap.place, gap.reason.clone());
    Coverage {
        files: walk.files,
        read: facts.paths.iter().filter(|path| facts::is_wanted(path)).count(),
        bytes: walk.bytes,
        gaps: facts.gaps.iter().map(gap).collect(),
        skipped: walk.skipped.iter().map(skipped).collect(),
        ignored: walk.ignored.clone(),
        possible: told(possible),
        passed_over: told(passed_over),
        uncommitted,
        cut: walk.cut.as_ref().map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use sources::{Limits, SkipReason, Skipped};

    use super::{may_hide_anything, survey};

    #[test]
    fn what_was_read_and_git_does_not_have_is_named() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("gonogo.yaml", b"service: shop\nkind: web\n");
        let seen = || survey(root.path(), Limits::default()).unwrap().coverage.uncommitted;
        assert!(seen().is_empty());
        write(".git/HEAD", &[b'a'; 40]);
        // An index of version 2 without an entry, and its checksum.
        write(".git/index", &[b"DIRC\0\0\0\x02\0\0\0\0".as_slice(), &[9; 20]].concat());
        assert_eq!(seen(), ["gonogo.yaml".into()]);
    }

    #[test]
    fn an_encrypted_file_that_is_called_after_secrets_hides_no_manifest() {
        let hides = |path: &str, reason| may_hide_anything(&Skipped { path: path.into(), reason });
        assert!(!hides("till/secrets.yaml", SkipReason::Encrypted));
        assert!(hides("till/deployment.yaml", SkipReason::Encrypted));
        assert!(hides("till/secrets.yaml", SkipReason::Binary));
    }
}
