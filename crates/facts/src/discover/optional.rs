//! Folders with what may be added to a product or is tried out with it: `extras/`, `addons/`, `contrib/`.
//!
//! Some of them are applied like everything else. Those whose own README calls what they hold optional, no part,
//! or samples, are samples, but for what a page, a pipeline or an overlay outside of them applies by
//! its path.

use std::collections::BTreeSet;

use super::collection::speaks_of;
use super::name::ancestors;
use crate::path::join;
use crate::read::taken_by_overlays;
use crate::{Document, Facts, Role};

/// What folders of options are called.
const NAMES: &[&str] = &["addons", "contrib", "extra", "extras", "optional"];

/// The outermost folder of options that holds `path`.
pub(crate) fn in_optional(path: &str) -> Option<&str> {
    let is_one = |folder: &str| {
        let own = folder.rsplit('/').next().unwrap_or_default();
        NAMES.iter().any(|name| own.eq_ignore_ascii_case(name))
    };
    let mut folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
    folders.find(|folder| is_one(folder))
}

/// The folders of options that are samples, and what of them is applied all the same.
#[derive(Debug, Default)]
pub(crate) struct Options {
    folders: BTreeSet<String>,
    applied: BTreeSet<String>,
}

impl Options {
    /// Those of the tree; no overlay was built yet.
    pub(crate) fn of(facts: &Facts) -> Self {
        let is_told = |document: &&Document| {
            let folder = document.place.folder();
            document.role == Role::Readme
                && in_optional(&document.place.path) == Some(folder)
                && speaks_of(document, says_optional)
        };
        let readmes = facts.documents.iter().filter(is_told);
        let folders: BTreeSet<String> =
            readmes.map(|document| document.place.folder().to_owned()).collect();
        if folders.is_empty() {
            return Self::default();
        }
        let mut applied = applied(facts, |path| in_optional(path).is_none());
        applied.retain(|path| in_optional(&format!("{path}/")).is_some());
        Self { folders, applied }
    }

    /// The folder of options that what stands at `path` is only a sample in.
    pub(super) fn holding<'p>(&self, path: &'p str) -> Option<(&'p str, &'static str)> {
        let folder = in_optional(path).filter(|folder| self.folders.contains(*folder))?;
        let is_applied = ancestors(path).any(|path| self.applied.contains(path));
        (!is_applied).then_some((folder, "what its README calls optional"))
    }
}

fn says_optional(sentence: &str) -> bool {
    let says = |words: &str| sentence.contains(words);
    let is_apart = says("an example") || says("n't part of") || says("not part of");
    let is_apart = is_apart || says("not related to") || says("unrelated to");
    is_apart
        || sentence.split(|c: char| !c.is_alphanumeric()).any(|word| {
            ["optional", "samples", "examples"].iter().any(|known| word.eq_ignore_ascii_case(known))
        })
}

/// Paths that pages, overlays, deliveries and pipelines apply; pages and overlays count where theirs
/// is wanted. No overlay was built yet.
pub(super) fn applied(facts: &Facts, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let pages = facts.documents.iter().filter(|page| is_wanted(&page.place.path));
    let written = pages.flat_map(|page| {
        let code = page.sections.iter().flat_map(|section| &section.code);
        code.flat_map(|(_, text)| text.lines()).map(|line| (page.place.folder(), line))
    });
    let given = facts.steps().flat_map(|step| &step.with);
    let given = given.filter(|(input, _)| input.contains("manifest"));
    let given = given.flat_map(|(_, value)| value.lines()).filter_map(|path| join("", path.trim()));
    let run = facts.steps().flat_map(|step| {
        let folder = step.working_folder.as_ref().map_or("", |folder| folder.as_str());
        step.lines.iter().map(move |line| (folder, line.as_str()))
    });
    let lines = written.chain(run).filter(|(_, line)| is_applying(line));
    let named = lines.flat_map(|(folder, line)| {
        line.split(|c: char| c.is_whitespace() || "'\"=,".contains(c)).flat_map(move |word| {
            [folder, ""].into_iter().filter_map(move |folder| join(folder, word))
        })
    });
    let deliveries = facts.cluster.deliveries.iter().flat_map(|delivery| &delivery.paths);
    let delivered = deliveries.filter_map(|path| join("", path));
    let taken = taken_by_overlays(facts, &is_wanted);
    named.chain(delivered).chain(taken).chain(given).collect()
}

/// Whether a line of a shell brings something to a cluster or a machine.
fn is_applying(line: &str) -> bool {
    const VERBS: &[&str] = &["apply", "build", "create", "install", "replace", "up", "upgrade"];
    line.split_whitespace().any(|word| VERBS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{deployment, tree};

    const README: &str = "# Extras\n\nVaried optional scripts and samples.\n";

    /// Paths of the workloads that count.
    fn workloads(files: &[(&str, &str)]) -> Vec<String> {
        let (till, pool) = (deployment("till", "acme/till:1"), deployment("pool", "acme/pool:1"));
        let known = [
            ("deploy/till.yaml", till.as_str()),
            ("extras/hpa/till.yaml", till.as_str()),
            ("extras/pool/pool.yaml", pool.as_str()),
        ];
        let facts = tree(&[&known[..], files].concat());
        facts.workloads.iter().map(|workload| workload.name.place.path.to_string()).collect()
    }

    #[test]
    fn what_a_readme_calls_optional_is_a_sample_unless_something_else_applies_it() {
        assert_eq!(workloads(&[("extras/README.md", README)]), ["deploy/till.yaml"]);
        assert_eq!(workloads(&[]).len(), 3);
        let apart =
            ("extras/README.md", "# Extras\n\nWhat may be useful but isn't part of the shop.\n");
        assert_eq!(workloads(&[apart]), ["deploy/till.yaml"]);
        let other = ("extras/README.md", "# Extras\n\n- What is not related to the main parts.\n");
        assert_eq!(workloads(&[other]), ["deploy/till.yaml"]);
        let plain = ("extras/README.md", "# Extras\n\nWhat each cluster has besides.\n");
        assert_eq!(workloads(&[plain]).len(), 3);
        let with = |file| workloads(&[("extras/README.md", README), file]);
        let both = ["deploy/till.yaml", "extras/pool/pool.yaml"];
        assert_eq!(
            with(("README.md", "# Till\n\n```\nkubectl apply -f ./extras/pool\n```\n")),
            both
        );
        assert_eq!(with(("README.md", "# Till\n\n```\nextras/pool\n```\n")), ["deploy/till.yaml"]);
        let overlay =
            ("deploy/kustomization.yaml", "resources: [till.yaml, ../extras/pool/pool.yaml]\n");
        assert_eq!(with(overlay), both);
        let workflow = "on: push\njobs:\n  a:\n    steps:\n    - run: kubectl apply -f pool/pool.yaml\n      working-directory: extras\n";
        assert_eq!(with((".github/workflows/a.yml", workflow)), both);
    }
}
