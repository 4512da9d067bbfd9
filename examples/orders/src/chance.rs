//! Random numbers for ids and jitter; not for secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 64 random bits.
pub(crate) fn bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A random id of 32 hexadecimal digits.
pub(crate) fn id() -> String {
    format!("{:016x}{:016x}", bits(), bits())
}
