//! The sample service of `gonogo demo`, as it stands in `examples/checkout`, its fixes, and what its
//! team decided.

/// A file with its content.
pub(super) type File = (&'static str, &'static str);

/// The service as it is.
pub(super) static SERVICE: &[File] = &[
    (".github/CODEOWNERS", include_str!("../../../../../examples/checkout/.github/CODEOWNERS")),
    (
        ".github/workflows/main.yaml",
        include_str!("../../../../../examples/checkout/.github/workflows/main.yaml"),
    ),
    ("Dockerfile", include_str!("../../../../../examples/checkout/Dockerfile")),
    ("README.md", include_str!("../../../../../examples/checkout/README.md")),
    ("app/checkout.py", include_str!("../../../../../examples/checkout/app/checkout.py")),
    ("catalog-info.yaml", include_str!("../../../../../examples/checkout/catalog-info.yaml")),
    ("deploy/checkout.yaml", include_str!("../../../../../examples/checkout/deploy/checkout.yaml")),
    ("docs/deploy.md", include_str!("../../../../../examples/checkout/docs/deploy.md")),
    ("docs/on-call.md", include_str!("../../../../../examples/checkout/docs/on-call.md")),
    ("docs/operations.md", include_str!("../../../../../examples/checkout/docs/operations.md")),
    ("docs/risks.md", include_str!("../../../../../examples/checkout/docs/risks.md")),
    (
        "docs/runbooks/errors.md",
        include_str!("../../../../../examples/checkout/docs/runbooks/errors.md"),
    ),
    (
        "docs/runbooks/orders-db.md",
        include_str!("../../../../../examples/checkout/docs/runbooks/orders-db.md"),
    ),
    (
        "docs/runbooks/payments.md",
        include_str!("../../../../../examples/checkout/docs/runbooks/payments.md"),
    ),
    ("gonogo.yaml", include_str!("../../../../../examples/checkout/gonogo.yaml")),
    (
        "ops/alertmanager.yaml",
        include_str!("../../../../../examples/checkout/ops/alertmanager.yaml"),
    ),
    ("ops/backup.sh", include_str!("../../../../../examples/checkout/ops/backup.sh")),
    ("ops/dashboard.json", include_str!("../../../../../examples/checkout/ops/dashboard.json")),
    ("ops/deploy.sh", include_str!("../../../../../examples/checkout/ops/deploy.sh")),
    ("ops/restore.sh", include_str!("../../../../../examples/checkout/ops/restore.sh")),
    ("ops/rollback.sh", include_str!("../../../../../examples/checkout/ops/rollback.sh")),
    ("ops/rules.yaml", include_str!("../../../../../examples/checkout/ops/rules.yaml")),
    ("requirements.txt", include_str!("../../../../../examples/checkout/requirements.txt")),
];

/// A fix: what it is, and the file that it changes.
pub(super) static FIXES: [(&str, File); 2] = [
    (
        "give the container a memory limit",
        (
            "deploy/checkout.yaml",
            include_str!("../../../../../examples/fixes/1-memory-limit/deploy/checkout.yaml"),
        ),
    ),
    (
        "let known vulnerabilities stop the pipeline",
        (
            ".github/workflows/main.yaml",
            include_str!(
                "../../../../../examples/fixes/2-audit-counts/.github/workflows/main.yaml"
            ),
        ),
    ),
];

/// What the team plans, because no file shows it yet: requirement, owner, action, days.
pub(super) static PLANS: [(&str, &str, &str, i64); 5] = [
    (
        "reliability/outbound-timeouts",
        "grace",
        "hold the payments service back in staging and measure how long an order waits",
        30,
    ),
    (
        "observability/golden-signals",
        "ada",
        "export request counts and durations, and compare them with a load test",
        30,
    ),
    (
        "delivery/configuration",
        "ada",
        "start from the documented settings alone in the pipeline",
        30,
    ),
    ("delivery/migrations-compatible", "grace", "run the old version against the new schema", 30),
    ("security/no-committed-secrets", "ada", "scan the whole history with a secret scanner", 14),
];

/// The risk that is accepted: requirement, approver, reason, days.
pub(super) static RISK: (&str, &str, &str, i64) = (
    "ownership/reviewed",
    "grace",
    "a small service behind a flag: the launch review meets after the first two weeks of traffic",
    30,
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }

    #[test]
    fn every_file_of_the_sample_is_in_the_binary() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/checkout");
        let mut found = BTreeSet::new();
        files(&root, &root, &mut found);
        let listed: BTreeSet<String> = SERVICE.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(listed, found);
    }
}
