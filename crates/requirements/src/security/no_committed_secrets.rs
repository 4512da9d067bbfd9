//! No secret is in the repository, images or logs.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/no-committed-secrets",
    title: "no secret is in the repository, images or logs",
    why: "Whoever can read the repository, a fork, an old clone or an image has the \
          secret as well, and history keeps it after it was deleted.",
    remedy: "Revoke and replace the secret first, then take it out of the tree and out \
             of the history, and scan every push.",
    references: &[
        Reference {
            title: "OWASP: secrets management",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
        },
        Reference {
            title: "GitHub: about secret scanning",
            url: "https://docs.github.com/en/code-security/concepts/secret-security/about-secret-scanning",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Configuration, Change::Image],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(
        "all files of the tree and of its history: keys and tokens of known shape, \
             placeholders and test keys left out",
    )],
    cases: include_str!("no_committed_secrets.md"),
};
