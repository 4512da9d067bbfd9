//! What a requirement's file imports.

pub(crate) use facts::*;
pub(crate) use model::{Change, Demand, Finding, Grade, Kind, Place, Placed, Sighting};

pub(crate) use crate::chapter::{Chapter, Pages, Treatment, chapters, documents, pages, treatment};
pub(crate) use crate::link::{Target, follow};
pub(crate) use crate::{Effort, Outcome, Proof, Reference, Requirement};
pub(crate) use crate::{kinds, prose};
