//! Bad input gets a 4xx and nothing worse.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/input-validation",
    title: "bad input gets a 4xx and nothing worse",
    why: "Input that nobody expected is the way in for attackers and the way down for \
          parsers.",
    remedy: "Check type, length, range and form of every input at the edge, and answer \
             what is wrong with a 4xx.",
    references: &[Reference {
        title: "OWASP: input validation",
        url: "https://cheatsheetseries.owasp.org/cheatsheets/Input_Validation_Cheat_Sheet.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Endpoint, Change::Code],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: &[Kind::Web],
    reads: &[],
    proofs: &[Proof::Drill("api")],
    cases: include_str!("input_validation.md"),
};
