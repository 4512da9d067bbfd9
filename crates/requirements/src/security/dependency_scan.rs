//! Dependencies are scanned in the pipeline, and the findings dealt with.

use super::scan::{Asked, read_by, scanned, scanners};
use crate::code_elsewhere::is_only_set_up;
use crate::gate::GateKind;
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
        Proof::Service(judge),
        Proof::Live(
            "the report of the last scan, imported: what was found, and what was dealt \
             with by when",
        ),
    ],
    cases: include_str!("dependency_scan.md"),
};

static ASKED: Asked = Asked {
    kind: GateKind::Dependencies,
    deed: "scans the dependencies",
    help: "add a step that fails on known holes, for example on pull requests:\n\n- uses: \
           actions/dependency-review-action@<commit>\n\nor the scanner of the language: `cargo deny \
           check advisories`, `npm audit`, `pip-audit`, `govulncheck ./...`",
    passes_by: |_, _| None,
    switched_on: |_, _| None,
    elsewhere: &[],
    configured: &[],
};

/// Package managers whose lockfile belongs into the repository of a service.
static LOCKED: &[(&str, &[&str])] = &[
    (
        "npm",
        &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
        ],
    ),
    ("cargo", &["Cargo.lock"]),
    ("composer", &["composer.lock"]),
    ("gem", &["Gemfile.lock"]),
];

fn judge(scope: &Scope<'_>) -> Outcome {
    match scanned(&ASKED, scope) {
        Outcome::Met(_) if is_only_set_up(scope) => Outcome::Unknown(format!(
            "what is scanned is this tree, in which only settings of `{}` stand: what scans its code, \
             elsewhere, was not read",
            scope.service.name
        )),
        Outcome::Met(seen) => Outcome::unmet_or(unlocked(scope), || match passed_over(scope) {
            Some(reason) => Outcome::Unknown(reason),
            None => Outcome::Met(seen),
        }),
        Outcome::Unmet(mut findings) => {
            findings.extend(unlocked(scope));
            if let (Some(bot), [first, ..]) = (update_bot(scope), findings.as_mut_slice()) {
                let message = "proposes updates, which scans nothing and stops nothing";
                first.related.push(Sighting::at(&Place::file(bot), message));
            }
            Outcome::Unmet(findings)
        }
        other => Outcome::unmet_or(unlocked(scope), || other),
    }
}

/// Scanners that know the packages of one language alone.
static BOUND: &[(&str, &[&str])] = &[
    ("cargo audit", &["cargo"]),
    ("cargo-audit", &["cargo"]),
    ("cargo deny", &["cargo"]),
    ("cargo-deny", &["cargo"]),
    ("actions-rs/audit-check", &["cargo"]),
    ("embarkstudios/cargo-deny-action", &["cargo"]),
    ("rustsec/audit-check", &["cargo"]),
    ("npm audit", &["npm"]),
    ("yarn audit", &["npm"]),
    ("yarn npm audit", &["npm"]),
    ("pnpm audit", &["npm"]),
    ("bun audit", &["npm"]),
    ("pip-audit", &["pip"]),
    ("pypa/gh-action-pip-audit", &["pip"]),
    ("bundle audit", &["gem"]),
    ("bundle-audit", &["gem"]),
    ("bundler-audit", &["gem"]),
    ("composer audit", &["composer"]),
    ("govulncheck", &["go"]),
];

/// Why what scans leaves out packages that the service is built from.
fn passed_over(scope: &Scope<'_>) -> Option<String> {
    let scanners = scanners(&ASKED, scope);
    // One that knows several languages finds what is there.
    let known: Vec<&str> = scanners
        .iter()
        .map(|scanner| read_by(scanner, BOUND))
        .collect::<Option<Vec<_>>>()?
        .concat();
    let package =
        scope.packages.iter().filter(|package| !is_of_pages(package, scope)).find(|package| {
            !package.dependencies.is_empty() && !known.contains(&package.ecosystem)
        })?;
    let first = scanners.first()?;
    Some(format!(
        "`{first}` scans packages of {} alone, and nothing was found that scans those of `{}`",
        known.first()?,
        package.place.path
    ))
}

/// Manifests of packages that a service is built from, without the lockfile that fixes them.
fn unlocked(scope: &Scope<'_>) -> Vec<Finding> {
    if scope.service.kind == Kind::Library {
        return Vec::new();
    }
    let has_dependencies = |package: &&&Package| !package.dependencies.is_empty();
    let packages = scope.packages.iter().filter(has_dependencies);
    let packages = packages.filter(|package| !is_of_pages(package, scope)).filter_map(|package| {
        let (_, names) = LOCKED.iter().find(|(ecosystem, _)| *ecosystem == package.ecosystem)?;
        let path = &package.place.path;
        let is_locked = is_locked(path, names, scope);
        (!is_locked).then(|| {
            let name = names.first().copied().unwrap_or_default();
            let message = format!(
                "`{}` has no lockfile: what is built differs from day to day",
                package.place.file_name()
            );
            Finding::at(&package.place, message).help(format!("commit `{name}`"))
        })
    });
    packages.collect()
}

/// Generators of pages on a product, which are no part of it.
static PAGES: &[&str] = &[
    "@astrojs/starlight",
    "@docusaurus/core",
    "antora",
    "docsify-cli",
    "github-pages",
    "honkit",
    "jekyll",
    "mint",
    "mintlify",
    "mkdocs",
    "mkdocs-material",
    "nextra",
    "sphinx",
    "vitepress",
    "vuepress",
];

/// Whether a manifest is that of a site of documentation: in a folder that is none of the service's
/// code, and with what generates such.
fn is_of_pages(package: &Package, scope: &Scope<'_>) -> bool {
    let folder = package.place.folder();
    let is_service = path::is_below(&scope.service.folder, folder);
    let generates =
        |name: &Placed<String>| PAGES.iter().any(|known| name.eq_ignore_ascii_case(known));
    !is_service && package.dependencies.iter().any(generates)
}

/// Whether a lockfile stands beside the manifest or in a folder above it.
fn is_locked(path: &str, names: &[&str], scope: &Scope<'_>) -> bool {
    let mut folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    loop {
        let is_here = |name: &&str| {
            let path =
                if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
            scope.all.has_path(&path)
        };
        if names.iter().any(is_here) {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn update_bot<'a>(scope: &Scope<'a>) -> Option<&'a str> {
    scope.files.first_named(&[
        "dependabot.yml",
        "dependabot.yaml",
        "renovate.json",
        "renovate.json5",
        ".renovaterc",
        ".renovaterc.json",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why it is not known whether anything scans a service, whose workflows call `called`.
    fn reason(called: &[&str]) -> String {
        let workflow = |name: &&str| {
            let text = format!(
                "on: push\njobs:\n  call:\n    uses: acme/workflows/.github/workflows/{name}.yml@v2\n"
            );
            (format!(".github/workflows/{name}.yml"), text)
        };
        let workflows: Vec<(String, String)> = called.iter().map(workflow).collect();
        let files = workflows.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let files: Vec<(&str, &str)> = files.chain([("gonogo.yaml", "service: till\n")]).collect();
        let Outcome::Unknown(reason) = crate::cases::judged(&files, judge) else {
            panic!("not unknown")
        };
        reason
    }

    #[test]
    fn of_what_was_not_read_that_which_is_called_like_the_scan_is_named() {
        let names = ["cancel_outdated", "security_codeql", "security_owasp"];
        assert!(reason(&names).contains("security_owasp.yml@v2`"));
        assert!(reason(&names[..2]).contains("security_codeql.yml@v2`"));
        assert!(reason(&names[..1]).contains("cancel_outdated.yml@v2`"));
    }
}
