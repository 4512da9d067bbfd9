//! The ledger that a tree keeps, and which of its entries git knows of.

use std::path::Path;

use ledger::{FOLDER, FileLedger};
use sources::{Checkout, Limits};

use crate::AssessError;

/// The ledger of the tree at `root`, which has every entry that git tracks: the chain alone does not
/// show that its end was cut off.
pub fn ledger(root: &Path) -> FileLedger {
    FileLedger::at(root).expecting(sources::tracked_in(root, FOLDER))
}

/// The same; fails where `root` is no folder that can be read.
pub fn ledger_of(root: &Path) -> Result<FileLedger, AssessError> {
    Checkout::open(root, Limits::default())?;
    Ok(ledger(root))
}
