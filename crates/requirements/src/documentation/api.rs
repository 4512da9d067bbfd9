//! The API description is valid, current, with errors and examples.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/api",
    title: "the API description is valid, current, with errors and examples",
    why: "Callers build on what the description says. Where it is wrong or silent on errors, \
          they find out in production.",
    remedy: "Keep an OpenAPI description in the repository, with every operation's error \
             answers and examples, and check the running service against it in the pipeline.",
    references: &[Reference {
        title: "OpenAPI specification",
        url: "https://spec.openapis.org/oas/latest.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Endpoint, Change::Document],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: &[Kind::Web],
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the OpenAPI, gRPC or GraphQL description: whether it is valid, gives each \
             operation an error answer and an example, and knows the routes of the code",
        ),
        Proof::Drill("api"),
    ],
    cases: include_str!("api.md"),
};
