//! A leaked credential can be rotated quickly, by a written and tried path.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/rotation",
    title: "a leaked credential can be rotated quickly, by a written and tried path",
    why: "A credential leaks sooner or later. What takes days to replace is open for \
          days.",
    remedy: "Write the command that replaces each credential while the service runs, and \
             try it.",
    references: &[Reference {
        title: "OWASP: secrets management",
        url: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Configuration, Change::Dependency, Change::Manifest],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread("the runbooks: for each credential the command that replaces it"),
        Proof::Drill("lifecycle"),
    ],
    cases: include_str!("rotation.md"),
};
