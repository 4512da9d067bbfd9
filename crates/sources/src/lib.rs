//! Fetches bytes: the files of a checkout, the commit it stands at, and where it comes from.

mod checkout;
mod index;
mod remote;
mod revision;
mod skipped;
mod tree;

pub use checkout::{
    Checkout, CheckoutError, Cut, Entry, Limits, ReachedLimit, ReadError, Walk, Want, decoded,
};
pub use index::{Index, IndexFault, tracked_in};
pub use remote::{addresses, remotes};
pub use revision::{Revision, revision};
pub use skipped::{GitignoreFault, SkipReason, Skipped, SpecialFile};
