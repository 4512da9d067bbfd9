//! The folder of one run, `.gonogo/drills/RUN/` below the folder of the service.
//!
//! A checkout may bring anything below `.gonogo`, and what is no run's own must not be touched. So no link is followed on the way, a run is only
//! what bears the name of one and has a journal of this user's, and only files that runs write are removed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, mkdirat, openat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

const ABOVE: &str = ".gonogo";
const DRILLS: &str = "drills";
/// The file of a run's [`Journal`](super::Journal).
pub(super) const JOURNAL: &str = "journal.jsonl";
/// The file of a run's [`Register`](super::Register).
pub(super) const REGISTER: &str = "processes.jsonl";
/// How often the folders around runs are made anew while others remove them.
const TRIES: usize = 100;
/// Bytes that are read of a file of a run.
const LONGEST: u64 = 16 << 20;

/// Where the runs of one service are kept.
#[derive(Debug)]
pub(super) struct Drills {
    root: OwnedFd,
    above: OwnedFd,
    runs: OwnedFd,
}

impl Drills {
    /// Those below `root`; none where no run was begun.
    pub(super) fn open(root: &Path) -> io::Result<Option<Self>> {
        match Self::open_in(below(CWD, root.as_os_str(), OFlags::empty())?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    fn open_in(root: OwnedFd) -> io::Result<Self> {
        let own = |parent: &OwnedFd, name: &str| {
            below(parent, OsStr::new(name), OFlags::NOFOLLOW).map_err(|error| not_own(&error))
        };
        let above = own(&root, ABOVE)?;
        let runs = own(&above, DRILLS)?;
        Ok(Self { root, above, runs })
    }

    /// The same, made where they are not.
    fn make(root: &Path) -> io::Result<Self> {
        let root = below(CWD, root.as_os_str(), OFlags::empty())?;
        for _ in 1..TRIES {
            match Self::make_in(root.try_clone()?) {
                // Another run has just ended and removed the empty folders.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                made => return made,
            }
        }
        Self::make_in(root)
    }

    fn make_in(root: OwnedFd) -> io::Result<Self> {
        make(&root, ABOVE)?;
        let above = below(&root, OsStr::new(ABOVE), OFlags::NOFOLLOW);
        make(above.map_err(|error| not_own(&error))?, DRILLS)?;
        Self::open_in(root)
    }

    /// The names in it that runs bear, in their order.
    pub(super) fn runs(&self) -> io::Result<Vec<String>> {
        let mut runs: Vec<_> =
            names(&self.runs)?.into_iter().filter(|name| is_of_a_run(name)).collect();
        runs.sort();
        Ok(runs)
    }

    /// Removes it, and what is above it, where nothing else is in there.
    pub(super) fn tidy(&self) {
        let _not_empty = unlinkat(&self.above, DRILLS, AtFlags::REMOVEDIR)
            .and_then(|()| unlinkat(&self.root, ABOVE, AtFlags::REMOVEDIR));
    }
}

/// Removes the folders around the runs below `root` where nothing is in there, or where one was killed before it had made them all.
pub(super) fn tidy(root: &Path) -> io::Result<()> {
    if let Some(drills) = Drills::open(root)? {
        drills.tidy();
        return Ok(());
    }
    let root = below(CWD, root.as_os_str(), OFlags::empty())?;
    let _not_there_or_not_empty = unlinkat(&root, ABOVE, AtFlags::REMOVEDIR);
    Ok(())
}

fn not_own(error: &io::Error) -> io::Error {
    let why = match error.kind() {
        io::ErrorKind::NotADirectory => "it has to be a folder, and no link is followed".to_owned(),
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), format!("`{ABOVE}/{DRILLS}`: {why}"))
}

/// The folder of one run.
#[derive(Debug)]
pub(crate) struct RunFolder {
    run: String,
    drills: Arc<Drills>,
    folder: OwnedFd,
}

impl RunFolder {
    /// Makes that of a new run of `drill`: its name tells the drill and the time, and is taken by nobody else.
    pub(super) fn make(root: &Path, drill: &str) -> io::Result<Self> {
        let mut drills = Drills::make(root)?;
        let base = format!("{drill}-{}-{}", Timestamp::now().as_millisecond(), std::process::id());
        for n in 0..1000_u32 {
            let run = format!("{base}-{n}");
            match mkdirat(&drills.runs, &run, all()) {
                Ok(()) => return Self::open(&Arc::new(drills), &run),
                Err(Errno::EXIST) => {}
                // Another run has just ended and removed the empty folders.
                Err(Errno::NOENT) => drills = Drills::make(root)?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "a thousand runs began in the same millisecond",
        ))
    }

    /// That of `run`.
    pub(super) fn open(drills: &Arc<Drills>, run: &str) -> io::Result<Self> {
        let folder = below(&drills.runs, OsStr::new(run), OFlags::NOFOLLOW)?;
        Ok(Self { run: run.to_owned(), drills: drills.clone(), folder })
    }

    /// The run's name, which marks its processes.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// The process id of the gonogo that began it, as its name says.
    pub(super) fn pid(&self) -> Option<u32> {
        self.run.rsplit('-').nth(1)?.parse().ok()
    }

    /// Whether it is there still.
    pub(super) fn is_there(&self) -> bool {
        below(&self.drills.runs, OsStr::new(&self.run), OFlags::NOFOLLOW).is_ok()
    }

    /// Begins the file `name`.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::APPEND;
        let mode = all() - (Mode::XUSR | Mode::XGRP | Mode::XOTH);
        Ok(openat(&self.folder, name, flags | OFlags::CLOEXEC, mode)?.into())
    }

    /// Opens the file `name`, which has to be a plain one of this user's; a pipe in its place holds nobody up.
    pub(super) fn file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.folder, name, flags, Mode::empty())?;
        let stat = fstat(&file)?;
        let is_plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if is_plain && stat.st_uid == geteuid().as_raw() {
            return Ok(file.into());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file of this user's"))
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> io::Result<bool> {
        Ok(names(&self.folder)?.is_empty())
    }

    /// Removes the run's files and, where nothing else is in there, its folder and those around it. The journal goes last: with it goes the proof
    /// that it is a run.
    pub(super) fn remove(&self) -> io::Result<()> {
        for name in [REGISTER, JOURNAL] {
            gone(unlinkat(&self.folder, name, AtFlags::empty()))?;
        }
        match unlinkat(&self.drills.runs, &self.run, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY) => {}
            removed => gone(removed)?,
        }
        self.drills.tidy();
        Ok(())
    }
}

/// Whether `name` is of the form `DRILL-MILLISECONDS-PID-NUMBER`.
fn is_of_a_run(name: &str) -> bool {
    let parts: Vec<_> = name.split('-').collect();
    let [drill, numbers @ ..] = parts.as_slice() else { return false };
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    !drill.is_empty()
        && drill.bytes().all(|byte| byte.is_ascii_lowercase())
        && numbers.len() == 3
        && numbers.iter().all(is_number)
}

/// The text of `file`, of which bytes that are not UTF-8 are replaced.
pub(super) fn text(file: &File) -> String {
    let mut bytes = Vec::new();
    let _read_so_far = file.take(LONGEST).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn below(parent: impl AsFd, name: &OsStr, more: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC | more;
    Ok(openat(parent, name, flags, Mode::empty())?)
}

fn make(parent: impl AsFd, name: &str) -> io::Result<()> {
    match mkdirat(parent, name, all()) {
        Err(error) if error != Errno::EXIST => Err(error.into()),
        _ => Ok(()),
    }
}

/// Everything that the user's mask does not take away.
fn all() -> Mode {
    Mode::RWXU | Mode::RWXG | Mode::RWXO
}

fn names(folder: impl AsFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_bytes().to_vec();
        if !matches!(name.as_slice(), b"." | b"..") {
            names.push(OsStr::from_bytes(&name).to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// That nothing was there is as good.
fn gone(removed: rustix::io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error != Errno::NOENT => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_are_told_from_others() {
        assert!(is_of_a_run("fault-1795306454123-4711-0"));
        let others = ["", "thesis", "fault", "fault-1-2", "fault-1-2-3-4", "fault-1-2-", "-1-2-3"];
        for other in others.into_iter().chain(["Fault-1-2-3", "fault-1-x-3", "..-1-2-3"]) {
            assert!(!is_of_a_run(other), "{other}");
        }
    }
}
