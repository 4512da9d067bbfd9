//! Verdicts and requirements as text.

#![expect(dead_code, reason = "the other formats come next")]

mod count;
mod fingerprint;
mod format;
mod human;
mod interim;
mod json;
mod matter;
#[cfg(test)]
mod sample;
mod saved;
mod visible;
mod way;

pub use fingerprint::{Fingerprints, fingerprint};
pub use format::{Format, Style, render};
pub use interim::{
    clean, effort, explain, last_line, next_steps, ratchet, read_baseline, requirement_page,
};
pub use saved::{SavedAnswer, SavedService, read_json};
