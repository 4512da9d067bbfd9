//! What a requirement's file imports.

pub(crate) use facts::*;
pub(crate) use model::{
    Change, Demand, Finding, Grade, Kind, Place, Placed, Sighting, counted, counted_as,
};

pub(crate) use crate::chapter::{Chapter, Treatment, chapters, treatment};
pub(crate) use crate::link::{Target, follow};
pub(crate) use crate::page::{Pages, documents, pages};
pub(crate) use crate::{Effort, Outcome, Proof, Reference, Requirement};
pub(crate) use crate::{kinds, prose};
