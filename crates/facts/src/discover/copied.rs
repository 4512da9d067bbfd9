//! Folders of what was copied out of a cluster: what a stand-in for one serves, what somebody keeps to
//! look at.
//!
//! A cluster gives each object a number of its own and counts its changes. Who writes a manifest never
//! writes these, and a cluster refuses most of what bears them: such a folder tells what once ran
//! somewhere, and nothing that the tree runs, unless something applies it all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::name::ancestors;
use super::optional::applied;
use crate::path::is_below;
use crate::{Facts, Platform, Workload};

/// Fewer copies in a folder may be what somebody took over by hand, to go on with it.
const LEAST: usize = 3;

/// Workloads in or below a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    copied: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, workload: &Workload) {
        self.copied += usize::from(workload.copied.is_some());
        self.all += 1;
    }

    fn is_mostly_copied(self) -> bool {
        self.copied * 2 > self.all
    }
}

/// The folders of copies.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    folders: BTreeSet<String>,
}

impl Copies {
    /// Those of the tree; no overlay was built yet.
    pub(crate) fn of(facts: &Facts) -> Self {
        let manifests = facts.workloads.iter().filter(|w| w.platform == Platform::Kubernetes);
        let manifests: Vec<&Workload> = manifests.collect();
        if manifests.iter().filter(|workload| workload.copied.is_some()).count() < LEAST {
            return Self::default();
        }
        let mut folders = folders(&manifests);
        let applied = applied(facts, |_| true);
        let is_applied = |folder: &str| {
            let reaches = |path: &String| {
                is_below(path, folder) || (!path.is_empty() && is_below(folder, path))
            };
            applied.iter().any(reaches)
        };
        folders.retain(|folder| !is_applied(folder));
        Self { folders }
    }

    /// The folder of copies that what stands at `path` is in.
    pub(super) fn holding<'p>(&self, path: &'p str) -> Option<(&'p str, &'static str)> {
        let folder = ancestors(path).find(|folder| self.folders.contains(*folder))?;
        Some((folder, "what was copied out of a cluster, with the numbers that it gives"))
    }
}

/// The outermost folders below the root in which each folder of manifests is one of copies for the most
/// part, each as deep as it holds all of that.
fn folders(manifests: &[&Workload]) -> BTreeSet<String> {
    let mut own: BTreeMap<&str, Count> = BTreeMap::new();
    let mut below: BTreeMap<&str, Count> = BTreeMap::new();
    for workload in manifests {
        let folder = workload.name.place.folder();
        own.entry(folder).or_default().add(workload);
        for folder in ancestors(folder) {
            below.entry(folder).or_default().add(workload);
        }
    }
    let others = own.iter().filter(|(_, count)| !count.is_mostly_copied());
    let mixed: BTreeSet<&str> = others.flat_map(|(folder, _)| ancestors(folder)).collect();
    let is_one = |folder: &&str| {
        !mixed.contains(folder) && below.get(folder).is_some_and(|count| count.copied >= LEAST)
    };
    let outermost = own.keys().filter_map(|folder| ancestors(folder).filter(is_one).last());
    let deepest = outermost.filter_map(|outer| {
        let same =
            |folder: &&&str| is_below(folder, outer) && below.get(**folder) == below.get(outer);
        below.keys().filter(same).max_by_key(|folder| folder.len()).copied()
    });
    deepest.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    /// A Deployment as a cluster shows it.
    fn copy(name: &str) -> String {
        let live = "metadata: {uid: 5f0c2d9e-0000-4000-8000-000000000001, resourceVersion: '1', ";
        deployment(name, "acme/till:1").replacen("metadata: {", live, 1)
    }

    /// Paths of the workloads that count, of three copies in `fake/` and `files`.
    fn workloads(files: &[(&str, &str)]) -> Vec<String> {
        let copies = ["till", "stock", "tax"].map(copy);
        let own = deployment("till", "acme/till:1");
        let known = [
            ("fake/dev/till.yaml", copies[0].as_str()),
            ("fake/dev/stock.yaml", copies[1].as_str()),
            ("fake/prod/tax.yaml", copies[2].as_str()),
            ("k8s/till.yaml", own.as_str()),
        ];
        let facts = tree(&[&known[..], files].concat());
        facts.workloads.iter().map(|workload| workload.name.place.path.to_string()).collect()
    }

    #[test]
    fn copies_out_of_a_cluster_tell_nothing_of_what_runs() {
        assert_eq!(workloads(&[]), ["k8s/till.yaml"]);
        let files =
            [("fake/a.yaml", copy("a")), ("fake/b.yaml", copy("b")), ("fake/c.yaml", copy("c"))];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let passed_over = discover(&tree(&files)).passed_over;
        let told = "`fake/` holds what was copied out of a cluster, with the numbers that it gives (workloads: 3)";
        assert!(passed_over.iter().any(|reason| reason.what == told), "{passed_over:?}");
    }

    #[test]
    fn a_pod_that_another_object_owns_is_a_copy() {
        let pod = |name: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  ownerReferences:\n  \
                 - {{kind: ReplicaSet, name: till, uid: 5f0c2d9e-0000-4000-8000-000000000001}}\n\
                 spec: {{containers: [{{name: a, image: acme/till:1}}]}}\n"
            )
        };
        let pods = format!("{}---\n{}---\n{}", pod("a"), pod("b"), pod("c"));
        assert!(tree(&[("seen/pods.yaml", &pods)]).workloads.is_empty());
    }

    #[test]
    fn what_somebody_applies_or_mostly_writes_runs_all_the_same() {
        let page = "# Till\n\n```\nkubectl apply -R -f fake\n```\n";
        assert_eq!(workloads(&[("README.md", page)]).len(), 4);
        let overlay = ("fake/prod/kustomization.yaml", "resources: [tax.yaml]\n");
        assert_eq!(workloads(&[overlay]).len(), 4);
        let others = [deployment("a", "acme/a:1"), deployment("b", "acme/b:1")];
        let beside =
            [("fake/dev/a.yaml", others[0].as_str()), ("fake/dev/b.yaml", others[1].as_str())];
        assert_eq!(workloads(&beside).len(), 6);
        let alone = copy("till");
        assert_eq!(tree(&[("k8s/till.yaml", &alone)]).workloads.len(), 1);
    }
}
