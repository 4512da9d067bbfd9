//! Services that have been taken down, as the catalog tells or the folder that they were left in.

use std::collections::BTreeSet;

use model::{Lifecycle, Placed};

use super::candidate::{Candidate, Fact, Origin};
use super::name::{ancestors, folder_of, last_part};
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

/// Takes away what was left behind in `till-old/`, where the same goes on in `till/`, or in `old/`
/// beside what stands, and tells it.
pub(super) fn left_behind(candidates: &mut Vec<Candidate<'_>>) -> Vec<Reason> {
    let stand = candidates.iter().filter(|candidate| candidate.founds());
    let stand = stand.map(|c| (c.key.clone(), c.reason.place.folder().to_owned()));
    let stand: BTreeSet<(String, String)> = stand.collect();
    let beside: BTreeSet<String> = candidates
        .iter()
        .filter(|candidate| candidate.founds())
        .filter_map(|candidate| {
            let folder = candidate.reason.place.folder();
            old_folder(folder).is_none().then(|| folder.to_owned())
        })
        .collect();
    let mut told = Vec::new();
    candidates.retain(|candidate| {
        let reason = &candidate.reason;
        let old = old_folder(reason.place.folder())
            .filter(|old| !candidate.source.is_declared() && beside.contains(folder_of(old)));
        if let Some(old) = old {
            let what = format!("{} was left in `{old}/`", reason.what);
            told.push(Reason { what, place: reason.place.clone() });
            return false;
        }
        let followed = followed(reason.place.folder());
        let followed = followed.filter(|(_, new, _)| {
            !candidate.source.is_declared() && stand.contains(&(candidate.key.clone(), new.clone()))
        });
        told.extend(followed.as_ref().map(|(old, _, part)| Reason {
            what: format!("{} was left in `{old}`, and goes on in `{part}`", reason.what),
            place: reason.place.clone(),
        }));
        followed.is_none()
    });
    told
}

/// The folder on a path that is called nothing but old.
fn old_folder(folder: &str) -> Option<&str> {
    const NAMES: &[&str] = &["deprecated", "obsolete", "old"];
    ancestors(folder).find(|folder| {
        NAMES.iter().any(|name| last_part(folder).trim_matches('_').eq_ignore_ascii_case(name))
    })
}

/// The part of a path that says that it is old, the path without that word, and the part without it.
fn followed(folder: &str) -> Option<(&str, String, &str)> {
    const WORDS: &[&str] = &["-old", "_old", ".old", "-deprecated", "_deprecated", "-backup"];
    let parts: Vec<&str> = folder.split('/').collect();
    let (at, part, new) = parts.iter().enumerate().find_map(|(at, part)| {
        let new = WORDS.iter().find_map(|word| part.strip_suffix(word))?;
        (!new.is_empty()).then_some((at, *part, new))
    })?;
    let mut path = parts.clone();
    *path.get_mut(at)? = new;
    Some((part, path.join("/"), new))
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

    #[test]
    fn what_stands_in_a_folder_for_old_things_beside_others_was_left_there() {
        let found = |old: &str, new: &str| {
            let stock = deployment("stock", "registry.tills.example/stock:1");
            let till = deployment("till", "registry.tills.example/till:1");
            let files = [(old, stock.as_str()), (new, till.as_str())];
            let services = discover(&tree(&files)).services.into_iter();
            services.map(|service| service.name).collect::<Vec<_>>()
        };
        assert_eq!(found("k8s/Old/a.yaml", "k8s/b.yaml"), ["till"]);
        assert_eq!(found("k8s/old/more/a.yaml", "k8s/b.yaml"), ["till"]);
        assert_eq!(found("k8s/old/a.yaml", "k8s/old/b.yaml"), ["stock", "till"]);
        assert_eq!(found("k8s/old/a.yaml", "deploy/b.yaml"), ["stock", "till"]);
        assert_eq!(found("k8s/old-stock/a.yaml", "k8s/b.yaml"), ["stock", "till"]);
    }

    #[test]
    fn what_goes_on_in_the_folder_of_the_same_name_was_left_behind() {
        let found = |old: &str, new: &str| {
            let till = deployment("till", "registry.tills.example/till:1");
            let files = [(old, till.as_str()), (new, till.as_str())];
            discover(&tree(&files)).services.remove(0).reasons.len()
        };
        assert_eq!(found("apps/till-old/k8s/a.yaml", "apps/till/k8s/a.yaml"), 1);
        assert_eq!(found("apps/till-old/k8s/a.yaml", "apps/stock/k8s/a.yaml"), 2);
        assert_eq!(found("apps/gold/k8s/a.yaml", "apps/g/k8s/a.yaml"), 2);
    }
}
