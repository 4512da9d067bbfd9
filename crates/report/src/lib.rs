//! Verdicts and requirements as text.

#![expect(dead_code, reason = "the other formats come next")]

mod count;
mod fingerprint;
mod format;
mod human;
mod json;
mod matter;
#[cfg(test)]
mod sample;
mod saved;
mod visible;
mod way;

pub use fingerprint::{Fingerprints, fingerprint};
pub use format::{Format, Style, render};
pub use saved::{SavedAnswer, SavedService, read_json};
