//! What gonogo remembers: evidence and decisions, chained and never edited.

mod chain;
mod entry;
mod files;

pub use chain::{Fault, Filed};
pub use entry::{Entry, Record, Subject, SubjectDigest, canonical, digest};
pub use files::{FOLDER, FileLedger, History, LedgerError};
