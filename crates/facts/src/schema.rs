//! What may stand in a gonogo.yaml, told once as plain data.
//!
//! Everything else is derived from the table: what is wrong with a file, the JSON Schema that
//! editors use, and the reference page.

mod check;
mod fields;
mod format;
mod json;
mod reference;
mod shape;
mod suggest;
mod table;

pub use json::json_schema;
pub use reference::reference;

pub(crate) use check::check;
pub(crate) use fields::Fields;
pub(crate) use suggest::nearest;
