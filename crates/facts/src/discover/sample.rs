//! Examples, test inputs, vendored code: what stands in a tree and is not what the tree runs.

use std::collections::BTreeMap;

use model::Place;

use super::collection::is_several;
use super::copied::Copies;
use super::name::{key, last_part};
use super::optional::Options;
use crate::{Cluster, Dashboard, Facts, Gap, Reason, Subject};

/// Folders whose content belongs to no service of the tree, with what they hold.
const FOLDERS: &[(&str, &str)] = &[
    ("acceptance-tests", "tests"),
    ("archived", "what is archived"),
    ("chainsaw-test", "tests"),
    ("cookiecutter", "scaffolds"),
    ("cypress", "tests"),
    ("e2e", "tests"),
    ("e2e-tests", "tests"),
    ("example", "examples"),
    ("examples", "examples"),
    ("fixture", "test inputs"),
    ("fixtures", "test inputs"),
    ("functional-tests", "tests"),
    ("integration-test", "tests"),
    ("integration-tests", "tests"),
    ("integrationtest", "tests"),
    ("integrationtests", "tests"),
    ("mock", "test inputs"),
    ("mocks", "test inputs"),
    ("node-modules", "vendored code"),
    ("playwright", "tests"),
    ("sample", "examples"),
    ("samples", "examples"),
    ("scaffold", "scaffolds"),
    ("scaffolds", "scaffolds"),
    ("site-packages", "vendored code"),
    ("skeleton", "scaffolds"),
    ("skeletons", "scaffolds"),
    ("test", "tests"),
    ("test-data", "test inputs"),
    ("test-fixtures", "test inputs"),
    ("testdata", "test inputs"),
    ("tests", "tests"),
    ("third-party", "vendored code"),
    ("thirdparty", "vendored code"),
];

/// Folders whose manifests are for reading or for developing; their documents count.
const MANIFEST_FOLDERS: &[(&str, &str)] = &[
    ("bench", "benchmarks"),
    ("benchmark", "benchmarks"),
    ("benchmarks", "benchmarks"),
    ("devcontainer", "tools of developers"),
    ("doc", "documentation"),
    ("docker-desktop", "what a cluster of developers runs"),
    ("docs", "documentation"),
    ("documentation", "documentation"),
    ("hack", "tools of developers"),
    ("k3d", "what a cluster of developers runs"),
    ("kind", "what a cluster of developers runs"),
    ("local-dev", "what runs on one's own machine"),
    ("local-env", "what runs on one's own machine"),
    ("local-environment", "what runs on one's own machine"),
    ("local-run", "what runs on one's own machine"),
    ("local-running", "what runs on one's own machine"),
    ("local-setup", "what runs on one's own machine"),
    ("local-stack", "what runs on one's own machine"),
    ("local-test", "what runs on one's own machine"),
    ("local-testing", "what runs on one's own machine"),
    ("localdev", "what runs on one's own machine"),
    ("minikube", "what a cluster of developers runs"),
    ("training", "what is taught, or teaches a model"),
    ("tutorial", "lessons"),
    ("tutorials", "lessons"),
    ("workshops", "lessons"),
];

/// Folders whose routes of alerts are for somebody's own machine.
const LOCAL_FOLDERS: &[(&str, &str)] =
    &[("local", "what runs on one's own machine"), ("localhost", "what runs on one's own machine")];

/// Whether a file is an example, a test input, vendored code or part of a scaffold, so that
/// nothing in it speaks of a service of the tree.
pub fn is_sample(path: &str) -> bool {
    sample_folder(path, FOLDERS).is_some()
}

/// Whether a manifest, Dockerfile or other deployable at `path` is only a sample.
pub(crate) fn is_sample_manifest(path: &str) -> bool {
    manifest_folder(path).is_some()
}

fn manifest_folder(path: &str) -> Option<(&str, &'static str)> {
    sample_folder(path, FOLDERS).or_else(|| sample_folder(path, MANIFEST_FOLDERS))
}

/// The outermost folder of `path` that is among `known`, and what it holds.
fn sample_folder<'p>(
    path: &'p str,
    known: &[(&str, &'static str)],
) -> Option<(&'p str, &'static str)> {
    path.match_indices('/').find_map(|(end, _)| {
        let folder = path.get(..end)?;
        let below = path.get(end + 1..)?;
        Some((folder, holding(last_part(folder), below, known)?))
    })
}

/// Hidden folders with what coding agents are told and given: nothing of it is built or deployed.
const AGENT_FOLDERS: &[&str] =
    &[".agents", ".claude", ".codex", ".cursor", ".gemini", ".opencode", ".roo", ".windsurf"];

fn holding(part: &str, below: &str, known: &[(&str, &'static str)]) -> Option<&'static str> {
    if AGENT_FOLDERS.contains(&part) {
        return Some("tools of coding agents");
    }
    if part.contains("{{") || part.contains("${") {
        return Some("scaffolds");
    }
    // Package managers put `OWNER/PACKAGE/` below; a service may well be called `vendor`.
    if part == "vendor" {
        return (below.matches('/').count() >= 2).then_some("vendored code");
    }
    // One for machines of another sort stands beside the first: `.devcontainer.local`.
    let part = if part.starts_with(".devcontainer") { "devcontainer" } else { &key(part) };
    if is_example(part) {
        return Some("examples");
    }
    // `shop-local-running` holds what `local-running` does, of one part.
    let part = part.find("-local-").and_then(|at| part.get(at + 1..)).unwrap_or(part);
    let at = known.binary_search_by_key(&part, |(name, _)| name).ok()?;
    known.get(at).map(|(_, holds)| *holds)
}

/// Whether a folder is called after what it is an example of, or holds several: `game-example`,
/// `sample-manifests`.
pub(super) fn is_example_of_something(part: &str) -> bool {
    is_example(&key(part))
}

fn is_example(part: &str) -> bool {
    let is_one = |word| matches!(word, "example" | "examples" | "sample" | "samples");
    let (ahead, behind) = (part.split_once('-'), part.rsplit_once('-'));
    behind.is_some_and(|(_, word)| is_one(word))
        || ahead.is_some_and(|(word, things)| is_one(word) && is_several(things))
}

/// Takes what stands in samples out of the facts and says so in `set_aside`, a reason for each folder.
pub(crate) fn set_aside(facts: &mut Facts, options: &Options, copies: &Copies) {
    let mut aside = Aside::default();
    let folder = |path: &str| sample_folder(path, FOLDERS).map(own);
    let aside_of = |path: &str| options.holding(path).or_else(|| copies.holding(path)).map(own);
    let manifest = |path: &str| manifest_folder(path).map(own).or_else(|| aside_of(path));
    let of_alerts = |path: &str| folder(path).or_else(|| aside_of(path));
    let unread = |gap: &Gap| match gap.subject {
        Some(Subject::Declaration) => manifest(&gap.place.path),
        _ => folder(&gap.place.path).or_else(|| copies.holding(&gap.place.path).map(own)),
    };
    aside.keep(&mut facts.declarations, "gonogo.yaml documents", |d| manifest(&d.place.path));
    aside.keep(&mut facts.catalog, "catalog entries", |e| folder(&e.place.path));
    aside.keep(&mut facts.workloads, "workloads", |w| manifest(&w.name.place.path));
    aside.keep(&mut facts.templates, "templates", |t| manifest(&t.place.path));
    aside.keep(&mut facts.triggers, "units", |t| manifest(&t.service.place.path));
    aside.keep(&mut facts.charts, "charts", |c| manifest(&c.place.path));
    aside.keep(&mut facts.dockerfiles, "Dockerfiles", |d| manifest(&d.place.path));
    aside.keep(&mut facts.pipelines, "pipelines", |p| folder(&p.place.path));
    aside.keep(&mut facts.alerts, "alert rules", |a| of_alerts(&a.place.path));
    aside.keep(&mut facts.recordings, "recording rules", |r| of_alerts(&r.name.place.path));
    let routes =
        |path: &str| manifest(path).or_else(|| sample_folder(path, LOCAL_FOLDERS).map(own));
    aside.keep(&mut facts.alertmanagers, "Alertmanager files", |a| routes(&a.place.path));
    aside.keep(&mut facts.apis, "API descriptions", |a| folder(&a.place.path));
    aside.keep(&mut facts.lockfiles, "lock files", |l| folder(&l.place.path));
    aside.keep(&mut facts.packages, "package manifests", |p| folder(&p.place.path));
    aside.keep(&mut facts.documents, "documents", |d| folder(&d.place.path));
    aside.keep(&mut facts.dashboards, "dashboards", |d| folder(&d.place.path));
    aside.keep(&mut facts.objectives, "objectives", |o| folder(&o.place.path));
    aside.keep(&mut facts.parties, "groups and users", |p| folder(&p.name.place.path));
    aside.keep(&mut facts.codeowners, "CODEOWNERS files", |c| folder(&c.place.path));
    aside.keep(&mut facts.gaps, "files that were not read", unread);
    keep_cluster(&mut facts.cluster, manifest, &mut aside);
    example_dashboards(facts);
    facts.set_aside.extend(aside.into_reasons());
}

/// Takes out dashboards whose file is called an example, and says so.
fn example_dashboards(facts: &mut Facts) {
    let is_example = |dashboard: &Dashboard| {
        let name = key(dashboard.place.file_name());
        name.split('-').any(|word| matches!(word, "example" | "sample"))
    };
    let (examples, own) = std::mem::take(&mut facts.dashboards).into_iter().partition(is_example);
    facts.dashboards = own;
    let examples: Vec<Dashboard> = examples;
    let told = examples.into_iter().map(|dashboard| Reason {
        what: "dashboard that is called an example".to_owned(),
        place: dashboard.place,
    });
    facts.set_aside.extend(told);
}

fn own((folder, holds): (&str, &'static str)) -> (String, &'static str) {
    (folder.to_owned(), holds)
}

fn keep_cluster(
    cluster: &mut Cluster,
    manifest: impl Fn(&str) -> Option<(String, &'static str)>,
    aside: &mut Aside,
) {
    let folder = |place: &Place| manifest(&place.path);
    let what = "objects of a cluster";
    aside.keep(&mut cluster.services, what, |s| folder(&s.name.place));
    aside.keep(&mut cluster.entrances, what, |e| folder(&e.name.place));
    aside.keep(&mut cluster.disruption_budgets, what, |d| folder(&d.name.place));
    aside.keep(&mut cluster.autoscalers, what, |a| folder(&a.name.place));
    aside.keep(&mut cluster.network_policies, what, |n| folder(&n.name.place));
    aside.keep(&mut cluster.roles, what, |r| folder(&r.name.place));
    aside.keep(&mut cluster.role_bindings, what, |r| folder(&r.name.place));
    aside.keep(&mut cluster.config_maps, what, |c| folder(&c.name.place));
    aside.keep(&mut cluster.secrets, what, |s| folder(&s.name.place));
    aside.keep(&mut cluster.secret_sources, what, |s| folder(&s.name.place));
    aside.keep(&mut cluster.releases, what, |r| folder(&r.name.place));
    aside.keep(&mut cluster.store_backups, what, |b| folder(&b.name.place));
    aside.keep(&mut cluster.traffic_splits, what, |t| folder(&t.name.place));
}

/// How many facts of each sort were set aside, by folder.
#[derive(Default)]
struct Aside {
    folders: BTreeMap<String, (&'static str, BTreeMap<&'static str, usize>)>,
}

impl Aside {
    fn keep<T>(
        &mut self,
        facts: &mut Vec<T>,
        what: &'static str,
        folder: impl Fn(&T) -> Option<(String, &'static str)>,
    ) {
        facts.retain(|fact| {
            let Some((folder, holds)) = folder(fact) else { return true };
            let (_, counts) = self.folders.entry(folder).or_insert((holds, BTreeMap::new()));
            *counts.entry(what).or_default() += 1;
            false
        });
    }

    fn into_reasons(self) -> impl Iterator<Item = Reason> {
        self.folders.into_iter().map(|(folder, (holds, counts))| {
            let counts: Vec<String> =
                counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
            let what = format!("`{folder}/` holds {holds} ({})", counts.join(", "));
            Reason { what, place: Place::file(folder) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_by_halving() {
        assert!([FOLDERS, MANIFEST_FOLDERS, LOCAL_FOLDERS].iter().all(|known| known.is_sorted()));
    }

    #[test]
    fn a_dashboard_that_is_called_an_example_is_told_and_none() {
        let dashboard = "{\"title\": \"Till\", \"schemaVersion\": 39, \"panels\": []}";
        let found = |path: &str| {
            let facts = crate::discover::tests::tree(&[(path, dashboard)]);
            (facts.dashboards.len(), facts.set_aside.len())
        };
        assert_eq!(found("grafana/till.json"), (1, 0));
        assert_eq!(found("grafana/example-till.json"), (0, 1));
    }

    #[test]
    fn samples_are_told_by_the_name_of_a_folder() {
        for path in [
            "vendor/a/b/c.yaml",
            "examples/a/k8s.yaml",
            "a/testdata/x",
            "a/_integration-test/y",
            "t/${{values.id}}/c",
            ".claude/skills/login/package.json",
            "_archived/till/k8s.yaml",
            "game-2048-example/k8s.yaml",
            "sample-manifests/istio/gateway.yaml",
        ] {
            assert!(is_sample(path), "{path}");
        }
        for path in [
            "testing.yaml",
            "latest/x.yaml",
            "src/contest/a",
            "docs/api.yaml",
            "examples",
            "services/vendor/k8s/api.yaml",
            "services/claude/package.json",
            "services/archive/k8s.yaml",
            "sample-service/k8s.yaml",
        ] {
            assert!(!is_sample(path), "{path}");
        }
        assert!(is_sample_manifest("docs/k8s/x.yaml"));
        assert!(is_sample_manifest("contrib/local-environment/compose.yaml"));
        assert!(is_sample_manifest("till-local-running/Dockerfile"));
        assert!(!is_sample_manifest("till-local/Dockerfile"));
        assert!(!is_sample_manifest("till-local-tax/Dockerfile"));
    }
}
