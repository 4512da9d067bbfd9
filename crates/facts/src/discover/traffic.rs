//! Simulated users: what makes the traffic that others serve, told by where it stands and by what the
//! README says of it, whatever it is called. It opens no port and no Service leads to it.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::name::{has_words, key};
use crate::{Facts, Role};

/// Words of folders and namespaces that hold what makes traffic.
const PLACES: &[&str] = &[
    "fake-traffic",
    "fake-users",
    "load-gen",
    "load-generator",
    "load-generators",
    "loadgen",
    "loadgenerator",
    "synthetic-traffic",
    "traffic-generator",
    "traffic-generators",
    "user-sim",
    "user-simulator",
];

/// What is made by those who only exercise services.
const TRAFFIC: &[&str] = &["load", "requests", "traffic"];

/// What real users do, where it is simulated.
const DEEDS: &[&str] = &["customer", "customers", "order", "orders", "user", "users", "visitors"];

/// Sets back what makes traffic for others, where something else is there to serve it.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let mut making = by_place(candidates);
    let open = candidates.iter().filter(|c| c.founds() && !c.source.is_declared());
    let names: BTreeSet<&str> = open.map(|c| c.key.as_str()).collect();
    making.extend(by_readme(&names, facts));
    if making.is_empty() {
        return;
    }
    let listening = candidates.iter().filter(|candidate| listens(candidate));
    let serving = facts.cluster.services.iter().map(|service| key(&service.name));
    let serving: BTreeSet<String> =
        listening.map(|candidate| candidate.key.clone()).chain(serving).collect();
    making.retain(|name| !name.is_empty() && !serving.contains(name));
    let is_making = |candidate: &Candidate<'_>| making.contains(&candidate.key);
    if !candidates.iter().any(|candidate| candidate.founds() && !is_making(candidate)) {
        return;
    }
    let founding = candidates.iter_mut().filter(|c| c.founds() && !c.source.is_declared());
    for candidate in founding.filter(|candidate| is_making(candidate)) {
        candidate.standing = Standing::Stranger("makes the traffic that others serve".into());
    }
}

/// What clusters run in folders or namespaces for it.
fn by_place(candidates: &[Candidate<'_>]) -> BTreeSet<String> {
    let says = |name: &str| PLACES.iter().any(|words| has_words(&key(name), words));
    let is_there = |candidate: &&Candidate<'_>| {
        let Fact::Workload(workload) = candidate.fact else { return false };
        candidate.source == Origin::Kubernetes
            && (workload.namespace.as_ref().is_some_and(|namespace| says(namespace))
                || workload.name.place.folder().split('/').any(says))
    };
    candidates.iter().filter(is_there).map(|candidate| candidate.key.clone()).collect()
}

/// What a row or an item of a README says it of, among `names`.
fn by_readme(names: &BTreeSet<&str>, facts: &Facts) -> BTreeSet<String> {
    let pages = facts.documents.iter().filter(|page| page.role == Role::Readme);
    let sections = pages.flat_map(|page| &page.sections);
    let told = sections.flat_map(|section| {
        let rows = section.rows.iter().filter_map(|row| {
            let (first, rest) = row.split_first()?;
            Some((key(first), rest.iter().map(|cell| cell.as_str()).collect::<Vec<_>>().join(" ")))
        });
        let items = section.items.iter().filter_map(|item| {
            let (first, rest) = item.split_once([' ', ':'])?;
            Some((key(first), rest.to_owned()))
        });
        rows.chain(items)
    });
    let making = told.filter(|(name, text)| names.contains(name.as_str()) && says(name, text));
    making.map(|(name, _)| name).collect()
}

/// Whether a sentence says that what is called so makes traffic, or plays users. A simulator may be
/// the product.
fn says(name: &str, text: &str) -> bool {
    /// How many words may stand between what is done and to what.
    const BETWEEN: usize = 3;
    let text = text.to_ascii_lowercase();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let is_simulator = name.split('-').any(|word| word.starts_with("simulat"));
    words.iter().enumerate().any(|(at, verb)| {
        let after = words.get(at + 1..).unwrap_or_default();
        let is_told_of = |at: usize| after.get(at + 1).is_some_and(|w| w.starts_with("report"));
        let objects = after.iter().enumerate().take(BETWEEN);
        let mut objects = objects.filter(|(at, _)| !is_told_of(*at)).map(|(_, word)| word);
        match *verb {
            "generates" => objects.any(|word| TRAFFIC.contains(word)),
            "simulates" => objects
                .any(|word| TRAFFIC.contains(word) || (!is_simulator && DEEDS.contains(word))),
            _ => false,
        }
    })
}

/// Whether something can reach it.
fn listens(candidate: &Candidate<'_>) -> bool {
    match candidate.fact {
        Fact::Workload(workload) => workload.containers.iter().any(|c| !c.ports.is_empty()),
        Fact::Dockerfile(file) => file.lineage().any(|stage| !stage.ports.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    const IMAGE: &str = "FROM rust:1.95\nCOPY . .\nCMD [\"/run\"]\n";

    /// Names of what is judged in a tree with a till, and `buyer` at `path` with a README that says
    /// `line` of it.
    fn found(path: &str, line: &str, more: &[(&str, &str)]) -> Vec<String> {
        let till = deployment("till", "registry.example/till:1");
        let buyer = deployment("buyer", "registry.example/buyer:1");
        let readme = format!("# Shop\n\n| Service | What it does |\n|---|---|\n{line}\n");
        let files = [
            ("README.md", &*readme),
            ("k8s/till.yaml", &*till),
            (path, &*buyer),
            ("buyer/Dockerfile", IMAGE),
            ("buyer/main.rs", ""),
        ];
        let services = discover(&tree(&[&files[..], more].concat())).services;
        services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn what_plays_users_is_told_by_the_readme_and_by_where_it_stands() {
        assert_eq!(found("k8s/buyer.yaml", "", &[]), ["buyer", "till"]);
        for line in [
            "| `buyer` | Simulates order creation on a schedule (Rust) |",
            "| buyer | generates random traffic |",
        ] {
            assert_eq!(found("k8s/buyer.yaml", line, &[]), ["till"], "{line}");
        }
        assert_eq!(found("k8s/fake-traffic/buyer.yaml", "", &[]), ["till"]);
    }

    #[test]
    fn what_serves_or_makes_something_else_plays_no_users() {
        for line in [
            "| `buyer` | Generates order confirmations |",
            "| `buyer` | Generates load reports |",
            "| `buyer` | Simulates interest rates |",
            "| `seller` | Simulates orders |",
        ] {
            assert_eq!(found("k8s/buyer.yaml", line, &[]), ["buyer", "till"], "{line}");
        }
        let line = "| `buyer` | Simulates order creation |";
        let service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: buyer}\nspec: {ports: [{port: 80}]}\n";
        let served = [("k8s/service.yaml", service)];
        assert_eq!(found("k8s/buyer.yaml", line, &served), ["buyer", "till"]);
        assert_eq!(found("k8s/road-traffic/buyer.yaml", "", &[]), ["buyer", "till"]);
    }
}
