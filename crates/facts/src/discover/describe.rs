//! Groups of candidates as services: name, folder, kind, reasons.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin};
use super::claim::tree_names;
use super::footing;
use super::group::{Group, Groups};
use super::kind::{Kinds, tier};
use super::name::{
    ancestors, extends, has_words, is_generic, is_nameless, is_nameless_folder, key, last_part,
    without_chart,
};
use super::retired::retirement;
use crate::path::is_below;
use crate::scope::{is_rehearsal, rehearsed};
use crate::{Facts, Reason, Service};

/// The services that `taken` are, in the order of their names.
pub(super) fn services(groups: &Groups<'_>, taken: &[&Group<'_>], facts: &Facts) -> Vec<Service> {
    let kinds = Kinds::new(facts);
    let roots = tree_names(facts);
    let mut homeless = BTreeSet::new();
    let mut services: Vec<Service> = Vec::with_capacity(taken.len());
    let doubts = footing::doubts(groups, taken, facts);
    let rehearsed = rehearsed(facts);
    for group in taken {
        let mut members: Vec<&Candidate<'_>> = groups.members(group).collect();
        // What stands first speaks for the service: production before its rehearsals.
        members.sort_by_cached_key(|member| {
            let place = &member.reason.place;
            let is_rehearsal = is_rehearsal(&place.path) || rehearsed.contains(&*place.path);
            (member.source, is_rehearsal, member.is_job, place.clone(), member.name.clone())
        });
        let folder = if is_sole_document(&members, groups) {
            Some(String::new())
        } else {
            folder(&members, group)
        };
        if folder.is_none() {
            homeless.insert(services.len());
        }
        let name = name(&members, group, &roots);
        let root_aliases = if group.is_rooted { &roots[..] } else { &[] };
        services.push(service(name, folder.unwrap_or_default(), &members, &kinds, root_aliases));
    }
    settle_folders(&mut services, &homeless);
    settle_names(&mut services);
    for (service, doubt) in services.iter_mut().zip(&doubts) {
        service.doubt =
            doubt.map(|doubt| Reason { what: doubt.to_string(), place: service.place() });
    }
    if let ([only], [group]) = (&mut services[..], taken) {
        name_only(only, group, &roots);
    }
    services.sort_by(|a, b| (&a.name, &a.folder).cmp(&(&b.name, &b.folder)));
    services
}

/// Whether it is a Compose service that is started while its code is written: what builds the
/// image that runs elsewhere says more.
fn is_developed(member: &Candidate<'_>) -> bool {
    matches!(member.fact, Fact::Workload(workload) if workload.develops.is_some())
}

fn service(
    name: String,
    folder: String,
    members: &[&Candidate<'_>],
    kinds: &Kinds<'_>,
    roots: &[String],
) -> Service {
    let (kind, is_kind_assumed) = kinds.of(members);
    let keys = members.iter().flat_map(|member| {
        let own = Some(&member.key).filter(|key| !key.is_empty());
        own.into_iter().chain(member.aliases.iter().filter(|alias| !is_generic(alias)))
    });
    // Each overlay renders the manifests of its base once more. What bears the name speaks first.
    let (developed, run): (Vec<&Candidate<'_>>, Vec<_>) =
        members.iter().partition(|member| is_developed(member));
    let mut all: Vec<&Candidate<'_>> = run.into_iter().chain(developed).collect();
    let own = key(&name);
    let is_entry = |member: &&Candidate<'_>| member.source == Origin::Compose;
    let is_borne = all.iter().any(|member| is_entry(member) && member.key == own);
    all.sort_by_key(|member| is_borne && is_entry(member) && member.key != own);
    name_giver_first(&mut all, &own);
    let mut reasons: Vec<Reason> = all.iter().map(|member| member.reason.clone()).collect();
    reasons.dedup();
    let mut aliases: BTreeSet<String> = keys.cloned().collect();
    aliases.extend(roots.iter().cloned());
    Service {
        name,
        folder,
        kind,
        is_kind_assumed,
        tier: tier(members),
        aliases: aliases.into_iter().collect(),
        reasons,
        retired: retirement(members),
        doubt: None,
    }
}

/// Of several workloads of a cluster the one that bears the name of the service speaks for it, wherever
/// it stands.
fn name_giver_first(members: &mut [&Candidate<'_>], own: &str) {
    let is_run = |member: &Candidate<'_>| {
        let is_of_cluster = member.source == Origin::Kubernetes && !member.is_job;
        is_of_cluster && !is_rehearsal(&member.reason.place.path)
    };
    let is_named = |member: &&Candidate<'_>| is_run(member) && member.key == own;
    if members.first().is_some_and(|first| is_run(first))
        && let Some(until) = members.iter().position(is_named)
        && let Some(until) = members.get_mut(..=until)
    {
        until.rotate_right(1);
    }
}

/// The name that a person declared, else that of what runs it; of several processes the name that
/// they share.
fn name(members: &[&Candidate<'_>], group: &Group<'_>, roots: &[String]) -> String {
    if let Some(declared) = members.first().filter(|first| first.source.is_declared()) {
        return declared.name.clone();
    }
    // Beside a Dockerfile without a name, one with a name is another way to build the same.
    let plain: BTreeSet<Option<&str>> =
        members.iter().filter(|m| is_plain_recipe(m)).map(|m| m.home.as_deref()).collect();
    let is_aside = |member: &Candidate<'_>| {
        member.source == Origin::Dockerfile
            && !is_plain_recipe(member)
            && plain.contains(&member.home.as_deref())
    };
    let named = || members.iter().filter(|m| m.founds() && !m.key.is_empty() && !is_aside(m));
    let strongest = named().map(|member| member.source).min();
    let strongest: Vec<&Candidate<'_>> =
        named().filter(|member| Some(member.source) == strongest).copied().collect();
    let keys: BTreeSet<&str> = strongest.iter().map(|member| member.key.as_str()).collect();
    let spelled = |key: &str| {
        let as_written = strongest.iter().find(|member| member.key == key);
        let as_written = as_written.map_or(key, |member| member.name.as_str());
        let is_chart = strongest.iter().all(|member| member.source == Origin::Helm);
        if is_chart { without_chart(as_written) } else { as_written }.to_owned()
    };
    let home = group.homes.first().map(|home| last_part(home));
    let home = home.filter(|home| group.homes.len() == 1 && !is_nameless_folder(&key(home)));
    if let Some(name) = home.filter(|home| is_short_of_chart(home, members, &keys)) {
        return name.to_owned();
    }
    let root = roots.first().filter(|_| group.is_rooted).map(String::as_str);
    if let Some(key) = shared(members, &keys) {
        return spelled(&key);
    }
    if keys.len() == 1 {
        let only = keys.first().copied().unwrap_or_default();
        // What is built of the root is the tree, though one of its folders belongs to it too.
        let is_of_root = strongest.iter().all(|member| member.home.as_deref() == Some(""));
        let other = if is_of_root { root.or(home) } else { home.or(root) };
        let is_of_folder = strongest.iter().all(|member| member.source >= Origin::Dockerfile);
        let other = other.filter(|_| names_nothing(only, is_of_folder));
        return other.map_or_else(|| spelled(only), str::to_owned);
    }
    if let Some(key) = root.and_then(|root| in_tree_name(root, &keys)) {
        return spelled(key);
    }
    // Where nothing that founds it has a name, it is built of the root.
    let place = if keys.is_empty() { root.or(home) } else { home.or(root) };
    place
        .map(str::to_owned)
        .or_else(|| common_words(&keys).or_else(|| most_frequent_alias(members)).map(str::to_owned))
        .or_else(|| Some(spelled(keys.first()?)))
        .unwrap_or_else(|| "service".to_owned())
}

/// Whether a name tells nobody which product is meant, by what it was taken from.
fn names_nothing(name: &str, is_of_folder: bool) -> bool {
    if is_of_folder { is_nameless_folder(name) } else { is_nameless(name) }
}

/// Whether the folder of the code, and Compose with it, has the name that a chart has with more around
/// it: `cart` of `acme-shop-cart-chart`.
fn is_short_of_chart(home: &str, members: &[&Candidate<'_>], keys: &BTreeSet<&str>) -> bool {
    let home = key(home);
    let is_composed = |member: &&&Candidate<'_>| member.source == Origin::Compose;
    let is_called_so = members.iter().find(is_composed).is_some_and(|member| member.key == home);
    let is_longer = |member: &&&Candidate<'_>| {
        member.source == Origin::Helm && keys.contains(member.key.as_str()) && member.key != home
    };
    let mut charts = members.iter().filter(is_longer).peekable();
    is_called_so && charts.peek().is_some() && charts.all(|chart| has_words(&chart.key, &home))
}

/// Whether it is a Dockerfile that has no name but that of its folder, and makes a service.
fn is_plain_recipe(member: &Candidate<'_>) -> bool {
    let home = member.home.as_deref().unwrap_or_default();
    member.source == Origin::Dockerfile && member.founds() && member.name == last_part(home)
}

/// The name of one of several processes that all others begin with, or that of a chart or a
/// Dockerfile.
fn shared(members: &[&Candidate<'_>], keys: &BTreeSet<&str>) -> Option<String> {
    let begins = |key: &str, prefix: &str| key == prefix || extends(key, prefix);
    let of_all = keys.iter().filter(|_| keys.len() > 1);
    let of_all = of_all.copied().find(|prefix| keys.iter().all(|key| begins(key, prefix)));
    let of_others = || {
        let others = members.iter().filter(|member| member.source > Origin::Catalog);
        others.map(|member| member.key.as_str()).find(|key| {
            let is_shared = !keys.is_empty() && keys.iter().all(|own| extends(own, key));
            !key.is_empty() && !is_generic(key) && is_shared
        })
    };
    of_all.or_else(of_others).map(str::to_owned)
}

/// The name of a process that the tree bears too, with more around it: people clone a tree into a
/// folder of any name, such as `acme+till`.
fn in_tree_name<'k>(root: &str, keys: &BTreeSet<&'k str>) -> Option<&'k str> {
    let borne = keys.iter().filter(|key| !is_generic(key) && has_words(root, key));
    borne.copied().max_by_key(|key| key.len())
}

/// The words that all of several names begin with.
fn common_words<'k>(keys: &BTreeSet<&'k str>) -> Option<&'k str> {
    let first = keys.first()?;
    let shorter = std::iter::successors(Some(*first), |key| Some(key.rsplit_once('-')?.0));
    let mut shared = shorter.filter(|key| keys.iter().all(|other| extends(other, key)));
    shared.next().filter(|key| !is_generic(key))
}

fn most_frequent_alias<'c>(members: &[&'c Candidate<'_>]) -> Option<&'c str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for alias in members.iter().flat_map(|member| &member.aliases) {
        *counts.entry(alias).or_default() += 1;
    }
    let most = counts.into_iter().filter(|(alias, _)| !is_generic(alias));
    most.max_by_key(|(alias, count)| (*count, std::cmp::Reverse(*alias))).map(|(alias, _)| alias)
}

/// Whether the only gonogo.yaml document of the root is among them: the whole tree is its own.
fn is_sole_document(members: &[&Candidate<'_>], groups: &Groups<'_>) -> bool {
    let is_in_root = |candidate: &Candidate<'_>| {
        candidate.source == Origin::Declaration && candidate.home.as_deref() == Some("")
    };
    members.first().is_some_and(|first| is_in_root(first))
        && groups.candidates.iter().filter(|candidate| is_in_root(candidate)).count() == 1
}

/// The folder of the declaration, else of the code; `None` where neither tells of one.
fn folder(members: &[&Candidate<'_>], group: &Group<'_>) -> Option<String> {
    let declared = members.iter().filter(|member| member.source.is_declared());
    let homes: Vec<&str> = declared.filter_map(|member| member.home.as_deref()).collect();
    // Of several entries the one beside the code says where that is.
    let is_coded = |home: &&&str| match **home {
        "" => group.is_rooted,
        home => group.homes.contains(home),
    };
    let are_entries = members.iter().all(|member| member.source != Origin::Declaration);
    if let Some(home) = homes.iter().find(is_coded).filter(|_| are_entries) {
        return Some((*home).to_owned());
    }
    let below_root = homes.iter().find(|home| !home.is_empty()).map(|home| (*home).to_owned());
    let code = || {
        let homes = group.homes.iter().copied();
        let shared = if group.is_rooted { Some("") } else { homes.reduce(common) };
        shared.map(str::to_owned)
    };
    below_root.or_else(code)
}

/// The folder that all manifests of a service share.
fn manifest_folder(service: &Service) -> String {
    let folders = service.reasons.iter().map(|reason| reason.place.folder());
    folders.reduce(common).unwrap_or_default().to_owned()
}

/// Whether a folder only tells manifests of one service apart.
fn is_layer(part: &str) -> bool {
    const LAYERS: &[&str] = &[
        "base",
        "clusters",
        "cronjobs",
        "deployments",
        "dev",
        "development",
        "environments",
        "envs",
        "jobs",
        "k8s",
        "kubernetes",
        "manifests",
        "nais",
        "overlays",
        "prod",
        "production",
        "resources",
        "stage",
        "staging",
    ];
    LAYERS.contains(&key(part).as_str())
}

/// The deepest folder that holds both.
pub(super) fn common<'p>(one: &'p str, other: &str) -> &'p str {
    ancestors(one).find(|folder| is_below(other, folder)).unwrap_or_default()
}

/// A service without code has the folder of its manifests, where no other service has any.
fn settle_folders(services: &mut [Service], homeless: &BTreeSet<usize>) {
    let mut holders: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (at, service) in services.iter().enumerate() {
        let places = service.reasons.iter().map(|reason| reason.place.folder());
        let folders: BTreeSet<&str> = places.flat_map(ancestors).collect();
        for folder in folders {
            holders.entry(folder.to_owned()).or_default().insert(at);
        }
    }
    let is_only = services.len() == 1;
    for (at, service) in services.iter_mut().enumerate() {
        if homeless.contains(&at) && !is_only {
            let folder = manifest_folder(service);
            let is_own = |folder: &&str| holders.get(*folder).is_some_and(|h| h.len() == 1);
            let mut around = ancestors(&folder).take_while(is_own);
            let own = around.find(|folder| !is_layer(last_part(folder)));
            own.unwrap_or_default().clone_into(&mut service.folder);
        }
    }
}

/// The only service of a tree is called like the tree, where its own name is that of a folder and
/// tells a part.
fn name_only(service: &mut Service, group: &Group<'_>, roots: &[String]) {
    let is_of_folder = group.sources().iter().all(|source| *source >= Origin::Dockerfile);
    let name = key(&service.name);
    let is_part = names_nothing(&name, is_of_folder) && (is_of_folder || !is_generic(&name));
    let is_part = is_part && !group.is_declared();
    if let Some(root) = roots.first().filter(|_| is_part) {
        service.name.clone_from(root);
        service.aliases.extend(roots.iter().cloned());
        service.aliases.sort();
        service.aliases.dedup();
    }
}

/// Services of one name get the name of the folder around them before it.
fn settle_names(services: &mut [Service]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for service in services.iter() {
        *counts.entry(service.name.clone()).or_default() += 1;
    }
    for service in services {
        if counts.get(&service.name).is_none_or(|count| *count < 2) {
            continue;
        }
        let folder = match service.folder.as_str() {
            "" => service.reasons.first().map_or("", |reason| reason.place.folder()),
            folder => folder,
        };
        let around = ancestors(folder)
            .map(|folder| key(last_part(folder)))
            .find(|part| *part != key(&service.name) && !is_generic(part));
        if let Some(around) = around {
            service.name = format!("{around}-{}", service.name);
        }
    }
}
