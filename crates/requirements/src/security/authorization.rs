//! One customer cannot reach another's resources.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/authorization",
    title: "one customer cannot reach another's resources",
    why: "The commonest hole of APIs is an id in a path that nobody compares with the \
          caller.",
    remedy: "Check on each access that the resource belongs to the caller, at the place \
             where it is loaded, and declare pairs of identities for the drill.",
    references: &[
        Reference {
            title: "OWASP: authorization",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Authorization_Cheat_Sheet.html",
        },
        Reference {
            title: "OWASP API security: broken object level authorization",
            url: "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Endpoint, Change::Code],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: &[Kind::Web],
    reads: &[],
    proofs: &[Proof::Drill("api")],
    cases: include_str!("authorization.md"),
};
