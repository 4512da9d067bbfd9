//! Services that have been taken down, as the catalog tells.

use model::{Lifecycle, Placed};

use super::candidate::{Candidate, Fact, Origin};
use crate::{Reason, lifecycle_of};

/// What says that a service has been taken down: all its catalog entries. What a manifest still
/// runs, or a gonogo.yaml declares, is judged all the same.
pub(super) fn retirement(members: &[&Candidate<'_>]) -> Option<Reason> {
    let is_run = |member: &&Candidate<'_>| {
        matches!(
            member.source,
            Origin::Declaration | Origin::Kubernetes | Origin::Helm | Origin::Systemd
        )
    };
    if members.iter().any(is_run) {
        return None;
    }
    let entries = members.iter().filter_map(|member| match member.fact {
        Fact::Entry(entry) => {
            Some((entry, entry.lifecycle.as_ref().filter(|word| is_retired(word))))
        }
        _ => None,
    });
    let mut first = None;
    for (entry, word) in entries {
        let (entry, word) = (entry, word?);
        first.get_or_insert((entry, word));
    }
    let (entry, word) = first?;
    let (format, name) = (entry.format.name(), &*entry.name);
    let what = format!("`{name}` is not judged: its {format} entry says `{}`", **word);
    Some(Reason { what, place: word.place.clone() })
}

fn is_retired(word: &Placed<String>) -> bool {
    lifecycle_of(word) == Some(Lifecycle::Retired)
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    const DOCKERFILE: &str = "FROM rust:1.95\nCMD [\"/serve\"]\n";

    fn retired(lifecycle: &str, manifest: &str) -> Vec<(String, bool)> {
        let entry = format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: stock}}\n\
             spec:\n  type: service\n  lifecycle: {lifecycle}\n  owner: tills\n"
        );
        let files = [
            ("stock/catalog-info.yaml", entry.as_str()),
            ("stock/Dockerfile", DOCKERFILE),
            ("till/Dockerfile", DOCKERFILE),
            ("stock/deploy.yaml", manifest),
        ];
        let services = discover(&tree(&files)).services;
        services.into_iter().map(|service| (service.name, service.retired.is_some())).collect()
    }

    #[test]
    fn a_service_that_its_only_entry_calls_decommissioned_is_retired() {
        let names = |is_retired| [("stock".to_owned(), is_retired), ("till".to_owned(), false)];
        assert_eq!(retired("decommissioned", ""), names(true));
        assert_eq!(retired("deprecated", ""), names(false));
    }

    #[test]
    fn what_a_cluster_still_runs_is_not_retired() {
        let manifest = deployment("stock", "registry.tills.example/stock:1");
        assert!(retired("decommissioned", &manifest).iter().all(|(_, is_retired)| !is_retired));
    }

    #[test]
    fn a_retired_service_is_told_at_the_word_that_says_so() {
        let entry = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: stock}\n\
                     spec:\n  type: service\n  lifecycle: retired\n  owner: tills\n";
        let found = discover(&tree(&[("catalog-info.yaml", entry), ("Dockerfile", DOCKERFILE)]));
        let told = found.passed_over.iter().find(|reason| reason.place.line == 6);
        assert_eq!(told.unwrap().what, "`stock` is not judged: its Backstage entry says `retired`");
    }
}
