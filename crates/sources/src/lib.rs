//! Fetches bytes: the files of a checkout, and the commit it stands at.

mod checkout;
mod index;
mod revision;
mod skipped;
mod tree;

pub use checkout::{
    Checkout, CheckoutError, Cut, Entry, Limits, ReachedLimit, ReadError, Walk, Want,
};
pub use index::{Index, IndexFault};
pub use revision::{Revision, revision};
pub use skipped::{GitignoreFault, SkipReason, Skipped, SpecialFile};
