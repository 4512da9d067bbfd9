//! Secrets and personal data are scrubbed.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/no-secrets-in-logs",
    title: "secrets and personal data are scrubbed",
    why: "A token in a log is a token for everybody who reads logs, and personal data in logs outlives every promise to delete it.",
    remedy: "Log named fields instead of whole requests and objects, redact credentials and personal data by type, and run `gonogo drill observe`.",
    references: &[
        Reference {
            title: "OWASP: logging cheat sheet",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html",
        },
        Reference {
            title: "CWE-532: insertion of sensitive information into log file",
            url: "https://cwe.mitre.org/data/definitions/532.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Configuration, Change::Dependency],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("observe")],
    cases: include_str!("no_secrets_in_logs.md"),
};
