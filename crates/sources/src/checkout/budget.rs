//! Limits of a walk, and what of them is used up.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How much of a tree is looked at. What lies beyond is reported, never silently dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most names listed: files, folders, links and all else, ignored ones too.
    pub files: usize,
    /// Most bytes that the paths of all those names may have together; bounds memory where many
    /// names stand in deep folders.
    pub path_bytes: usize,
    /// Largest file that is read. Larger ones are skipped whole; files that are wanted by name only
    /// may have any size.
    pub file_bytes: u64,
    /// Most bytes read from all files together.
    pub total_bytes: u64,
    /// Most parts of a path: with 1, only files in the root itself are seen.
    pub depth: usize,
    /// Longest time for the whole walk, reading included.
    pub time: Duration,
}

impl Default for Limits {
    /// Limits that no honest repository meets: a million names, 128 MiB of paths, 4 MiB a file,
    /// 512 MiB in all, 64 folders deep, a minute.
    fn default() -> Self {
        Self {
            files: 1_000_000,
            path_bytes: 128 << 20,
            file_bytes: 4 << 20,
            total_bytes: 512 << 20,
            depth: 64,
            time: Duration::from_mins(1),
        }
    }
}

/// The limit that ended a walk early. Which files were seen before it may differ from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which one.
    pub limit: ReachedLimit,
    /// What the walk stood at, relative to the root.
    pub at: Arc<str>,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "." } else { &self.at };
        write!(f, "stopped at `{at}` after {}", self.limit)
    }
}

/// A limit of a whole walk, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReachedLimit {
    /// [`Limits::files`].
    #[error("{0} files and folders")]
    Files(usize),
    /// [`Limits::path_bytes`].
    #[error("{0} bytes of paths")]
    PathBytes(usize),
    /// [`Limits::total_bytes`].
    #[error("{0} bytes of files")]
    TotalBytes(u64),
    /// [`Limits::time`].
    #[error("{} s", .0.as_secs_f64())]
    Time(Duration),
}

/// What is used up so far, shared by all threads.
pub(super) struct Budget<'a> {
    pub(super) limits: &'a Limits,
    started: Instant,
    names: AtomicUsize,
    path_bytes: AtomicUsize,
    read_bytes: AtomicU64,
    cut: OnceLock<Cut>,
}

impl<'a> Budget<'a> {
    pub(super) fn start(limits: &'a Limits) -> Self {
        Self {
            limits,
            started: Instant::now(),
            names: AtomicUsize::new(0),
            path_bytes: AtomicUsize::new(0),
            read_bytes: AtomicU64::new(0),
            cut: OnceLock::new(),
        }
    }

    /// Whether `path` may be listed: no limit is reached and time is left.
    pub(super) fn allows_listing(&self, path: &str) -> bool {
        self.cut.get().is_none() && self.has_time(path)
    }

    /// Whether `path` may be read: time and bytes are left. A limit on names does not keep the files
    /// seen before it from being read.
    pub(super) fn allows_reading(&self, path: &str) -> bool {
        self.read_bytes.load(Ordering::Relaxed) <= self.limits.total_bytes && self.has_time(path)
    }

    fn has_time(&self, path: &str) -> bool {
        let limit = self.limits.time;
        self.started.elapsed() < limit || self.stop(ReachedLimit::Time(limit), path)
    }

    /// Takes one name; false when the walk must stop.
    pub(super) fn take_name(&self, path: &str) -> bool {
        let limits = self.limits;
        let names = self.names.fetch_add(1, Ordering::Relaxed);
        let before = self.path_bytes.fetch_add(path.len(), Ordering::Relaxed);
        if names >= limits.files {
            return self.stop(ReachedLimit::Files(limits.files), path);
        }
        if before.saturating_add(path.len()) > limits.path_bytes {
            return self.stop(ReachedLimit::PathBytes(limits.path_bytes), path);
        }
        self.allows_listing(path)
    }

    /// Takes the bytes of one file before they are read; false when they are too many.
    pub(super) fn take_bytes(&self, path: &str, bytes: u64) -> bool {
        let limit = self.limits.total_bytes;
        let before = self.read_bytes.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= limit || self.stop(ReachedLimit::TotalBytes(limit), path)
    }

    pub(super) fn into_cut(self) -> Option<Cut> {
        self.cut.into_inner()
    }

    /// Ends the walk; the first to come says why.
    fn stop(&self, limit: ReachedLimit, path: &str) -> bool {
        self.cut.get_or_init(|| Cut { limit, at: path.into() });
        false
    }
}
