//! Every endpoint that needs authentication refuses an anonymous caller.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/authentication",
    title: "every endpoint that needs authentication refuses an anonymous caller",
    why: "One operation that forgot to ask who is calling is open to the whole internet.",
    remedy: "Refuse by default and open operations one by one, state the security of \
             each in the API description, and test that an anonymous call gets a 401.",
    references: &[
        Reference {
            title: "OWASP: authentication",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html",
        },
        Reference {
            title: "OWASP API security: broken authentication",
            url: "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Endpoint, Change::Code],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: &[Kind::Web],
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the OpenAPI description: the security of each operation, and those that are \
             open on purpose",
        ),
        Proof::Drill("api"),
    ],
    cases: include_str!("authentication.md"),
};
