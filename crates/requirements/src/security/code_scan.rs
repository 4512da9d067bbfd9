//! Code is scanned (SAST) in the pipeline.

use super::scan::{Asked, scanned};
use crate::gate::GateKind;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/code-scan",
    title: "code is scanned (SAST) in the pipeline",
    why: "Injection, weak cryptography and secrets in logs follow patterns that a \
          machine finds on the day they are written.",
    remedy: "Run a static analyser for security in the pipeline on every change: CodeQL, \
             Semgrep, or that of the language.",
    references: &[
        Reference {
            title: "GitHub: about code scanning",
            url: "https://docs.github.com/en/code-security/concepts/code-scanning/about-code-scanning",
        },
        Reference {
            title: "OWASP: source code analysis tools",
            url: "https://owasp.org/www-community/Source_Code_Analysis_Tools",
        },
        Reference {
            title: "GitLab: static application security testing",
            url: "https://docs.gitlab.com/user/application_security/sast/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Pipeline, Change::Code],
    demands: [Demand::within(Grade::Observed, 30), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the report of the last scan (SARIF), imported: what was found, and what was \
             dealt with by when",
        ),
    ],
    cases: include_str!("code_scan.md"),
};

static ASKED: Asked = Asked {
    kind: GateKind::Code,
    deed: "scans the code for holes",
    help: "add one that does, for example CodeQL (`github/codeql-action/init` and \
           `github/codeql-action/analyze`) or `semgrep ci`",
    passes_by,
    elsewhere: &[
        ".codacy.yaml",
        ".codacy.yml",
        ".deepsource.toml",
        ".sonarcloud.properties",
        "qodana.yaml",
    ],
};

fn judge(scope: &Scope<'_>) -> Outcome {
    scanned(&ASKED, scope)
}

/// `CodeQL` reads some languages, and of a service that is written in others none of its code.
fn passes_by(scan: &str, scope: &Scope<'_>) -> Option<String> {
    let is_it = scan.contains("codeql");
    let folder = scope.service.folder.as_str();
    // What stands in no folder of a service belongs to all of them.
    let is_within =
        |package: &&Package| !folder.is_empty() && path::is_below(package.place.folder(), folder);
    let mut packages: Vec<&Package> = scope.packages.iter().copied().filter(|_| is_it).collect();
    if packages.iter().any(is_within) {
        packages.retain(is_within);
    }
    let first = packages.first()?.ecosystem;
    let language = |ecosystem: &str| UNREAD.iter().find(|(name, _)| *name == ecosystem);
    let (_, language) = language(first)?;
    packages.iter().all(|package| package.ecosystem == first).then(|| {
        format!("`{scan}` reads no {language}, in which it is written, and nothing else scans it")
    })
}

/// Package managers of languages that `CodeQL` does not read.
static UNREAD: &[(&str, &str)] = &[("composer", "PHP"), ("hex", "Elixir"), ("pub", "Dart")];
