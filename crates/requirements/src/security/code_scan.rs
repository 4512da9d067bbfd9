//! Code is scanned (SAST) in the pipeline.

use super::scan::{Asked, packages_of, read_by, scanned};
use crate::gate::{Gate, GateKind};
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
    switched_on,
    elsewhere: &[
        ".codacy.yaml",
        ".codacy.yml",
        ".deepsource.toml",
        ".sonarcloud.properties",
        "qodana.yaml",
    ],
    configured: &[".bandit", ".semgrep.yaml", ".semgrep.yml", "bandit.yaml", "bandit.yml"],
};

/// That golangci-lint runs a scanner among its linters.
fn switched_on(gate: &Gate<'_>, scope: &Scope<'_>) -> Option<Sighting> {
    let what = gate.what.to_lowercase();
    if !what.starts_with("golangci") {
        return None;
    }
    let is_around = |place: &Place| path::is_below(&scope.service.folder, place.folder());
    let mut linters = scope.all.linters.iter().filter(|linter| is_around(&linter.place));
    let linter = linters.find(|linter| linter.value == "gosec")?;
    Some(Sighting::at(&linter.place, format!("`{}` is switched on for `{}`", **linter, gate.what)))
}

fn judge(scope: &Scope<'_>) -> Outcome {
    scanned(&ASKED, scope)
}

/// Whether a scanner reads none of the code of a service: it knows one language and the service is
/// written in others, or it was not told to read that one.
fn passes_by(gate: &Gate<'_>, scope: &Scope<'_>) -> Option<String> {
    let scan = gate.what.as_str();
    let packages = packages_of(scope);
    let first = packages.first()?.ecosystem;
    if let Some(reads) = read_by(scan, BOUND) {
        return packages.iter().all(|package| !reads.contains(&package.ecosystem)).then(|| {
            format!("`{scan}` does not read what it is written in, and nothing else scans it")
        });
    }
    if !scan.contains("codeql") {
        return None;
    }
    let named = |list: &[(&str, &'static str)]| {
        list.iter().find(|(name, _)| *name == first).map(|(_, language)| *language)
    };
    let is_told = |language: &&str| told(gate).is_none_or(|told| told.contains(language));
    let language = named(UNREAD).or_else(|| named(READ).filter(|name| !is_told(name)))?;
    packages.iter().all(|package| package.ecosystem == first).then(|| {
        format!("`{scan}` reads no {language}, in which it is written, and nothing else scans it")
    })
}

/// Scanners that read one language, with its package managers.
static BOUND: &[(&str, &[&str])] = &[
    ("bandit", &["pip"]),
    ("brakeman", &["gem"]),
    ("eslint-plugin-security", &["npm"]),
    ("gosec", &["go"]),
    ("mix sobelow", &["hex"]),
    ("njsscan", &["npm"]),
    ("presidentbeef/brakeman", &["gem"]),
    ("psalm", &["composer"]),
    ("pycqa/bandit-action", &["pip"]),
    ("securego/gosec", &["go"]),
    ("spotbugs", &["gradle", "maven"]),
];

/// The languages that the job tells `CodeQL` to read; `None`: those that it finds, or what is filled
/// in when it runs.
fn told<'a>(gate: &Gate<'a>) -> Option<Vec<&'a str>> {
    let inits = gate.job?.steps.iter().filter(|step| {
        step.uses.as_ref().is_some_and(|uses| uses.starts_with("github/codeql-action/init"))
    });
    let written = inits.flat_map(|step| &step.with).filter(|(name, _)| name == "languages");
    let written: Vec<&str> = written.map(|(_, text)| text.value.as_str()).collect();
    let is_known = !written.is_empty() && !written.iter().any(|text| text.contains("${{"));
    let parts = written.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    is_known.then(|| parts.filter(|part| !part.is_empty()).collect())
}

/// Package managers of languages that `CodeQL` reads, with a word of what it calls them.
static READ: &[(&str, &str)] = &[
    ("gem", "ruby"),
    ("go", "go"),
    ("gradle", "java"),
    ("maven", "java"),
    ("nuget", "csharp"),
    ("pip", "python"),
];

/// Package managers of languages that `CodeQL` does not read.
static UNREAD: &[(&str, &str)] = &[("composer", "PHP"), ("hex", "Elixir"), ("pub", "Dart")];
