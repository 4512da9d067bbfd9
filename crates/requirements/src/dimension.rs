//! The dimensions of readiness, each with its requirements.

use crate::Requirement;

/// One dimension of readiness.
#[derive(Debug)]
pub struct Dimension {
    /// The first part of its requirements' ids.
    pub id: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// Its requirements, in the order of their ids.
    pub requirements: &'static [&'static Requirement],
}

/// The dimensions in the order in which they are reported.
pub static DIMENSIONS: &[Dimension] = &[
    dimension("ownership", "who answers at 2 AM", crate::ownership::ALL),
    dimension("reliability", "can it take a hit and keep serving", crate::reliability::ALL),
    dimension("observability", "can you tell what it is doing", crate::observability::ALL),
    dimension("delivery", "is shipping safe, repeatable and reversible", crate::delivery::ALL),
    dimension("security", "is the blast radius contained", crate::security::ALL),
    dimension("capacity", "will it hold", crate::capacity::ALL),
    dimension("incidents", "when it breaks, does the team know what to do", crate::incidents::ALL),
    dimension("data", "can you get it back", crate::data::ALL),
    dimension("documentation", "can someone else run it", crate::documentation::ALL),
];

const fn dimension(
    id: &'static str,
    question: &'static str,
    requirements: &'static [&'static Requirement],
) -> Dimension {
    Dimension { id, question, requirements }
}

/// All built-in requirements, dimension by dimension.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    DIMENSIONS.iter().flat_map(|dimension| dimension.requirements.iter().copied())
}

/// The built-in requirement called `id`.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id)
}
