//! The nouns of gonogo and their arithmetic: no file, clock, network or async.

mod place;

pub use place::{Place, Placed};
