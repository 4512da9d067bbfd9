//! Verdicts and requirements as text.

mod baseline;
mod case;
mod count;
mod drill_page;
mod drill_text;
mod effort;
mod explain;
mod fingerprint;
mod format;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod matter;
mod next_steps;
mod requirement_page;
#[cfg(test)]
mod sample;
mod sarif;
mod untold;
mod visible;
mod way;

pub use baseline::read_baseline;
pub use drill_page::drill_page;
pub use drill_text::{drill_proofs, drill_text};
pub use effort::in_words as effort;
pub use explain::{explain, list};
pub use fingerprint::{Fingerprints, fingerprint};
pub use format::{Format, Style, render};
pub use human::{last_line, nothing_found, ratchet};
pub use next_steps::next_steps;
pub use requirement_page::requirement_page;
pub use visible::{clean, clean_block};
