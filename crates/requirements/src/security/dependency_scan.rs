//! Dependencies are scanned in the pipeline, and the findings dealt with.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/dependency-scan",
    title: "dependencies are scanned in the pipeline, and the findings dealt with",
    why: "Most of the code that runs was written by others, and their holes are \
          published with instructions.",
    remedy: "Let the pipeline scan the locked dependencies of every change and fail on \
             findings that matter, and keep the lockfile in the repository.",
    references: &[
        Reference {
            title: "GitHub: about dependency review",
            url: "https://docs.github.com/en/code-security/concepts/supply-chain-security/about-dependency-review",
        },
        Reference {
            title: "OWASP: vulnerable dependency management",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Vulnerable_Dependency_Management_Cheat_Sheet.html",
        },
        Reference { title: "OSV-Scanner", url: "https://google.github.io/osv-scanner/" },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Pipeline, Change::Dependency],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Unread("the pipelines and lockfiles: a step that scans dependencies and can fail"),
        Proof::Live(
            "the report of the last scan, imported: what was found, and what was dealt \
             with by when",
        ),
    ],
    cases: include_str!("dependency_scan.md"),
};
