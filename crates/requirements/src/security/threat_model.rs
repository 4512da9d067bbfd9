//! A threat model exists and is current.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/threat-model",
    title: "a threat model exists and is current",
    why: "What nobody thought of attacking, nobody defended.",
    remedy: "Write down what is worth protecting, who could attack it and how, and what \
             stands against each attack; look at it again every year and with every new \
             entrance.",
    references: &[
        Reference {
            title: "OWASP: threat modeling",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Threat_Modeling_Cheat_Sheet.html",
        },
        Reference {
            title: "Threat Modeling Manifesto",
            url: "https://www.threatmodelingmanifesto.org/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Endpoint],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Unread(
        "the documents: assets, threats, what stands against them, and a date",
    )],
    cases: include_str!("threat_model.md"),
};
