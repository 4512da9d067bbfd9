//! What declarations claim, what is left over when all else has found its service.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin};
use super::charts;
use super::group::{Bond, Group, Groups};
use super::name::{
    ancestors, core, extends, folder_of, image_name, is_generic, is_nameless, key, last_part, runs,
};
use super::system;
use super::workload::{NAME_LABELS, registry_folders};
use model::Placed;

use crate::path::is_below;
use crate::{Facts, Package, Reason, Workload};

/// Gives declarations what they claim, and brings together what can only be one.
pub(super) fn join(groups: &mut Groups<'_>, facts: &Facts) {
    entries_of_declarations(groups);
    by_selector(groups);
    let names = root_names(facts);
    system::join(groups, &names);
    by_prefix(groups);
    by_folder(groups);
    by_root_name(groups, &names);
    by_registry_folder(groups, &names);
    units_of_root(groups, &names);
    sole(groups);
}

/// The only gonogo.yaml document and the only catalog entry of a folder speak of one service.
fn entries_of_declarations(groups: &mut Groups<'_>) {
    let mut folders: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
    for (at, candidate) in groups.candidates.iter().enumerate() {
        let Some(home) = candidate.home.as_deref() else { continue };
        let [documents, entries] = folders.entry(home).or_default();
        match candidate.source {
            Origin::Declaration => documents.push(at),
            Origin::Catalog => entries.push(at),
            _ => {}
        }
    }
    for [documents, entries] in folders.values() {
        if let ([document], [entry]) = (&documents[..], &entries[..]) {
            groups.join(*document, *entry, Bond::Claim);
        }
    }
}

/// Candidates that declare a service which runs.
fn declared<'c>(groups: &Groups<'c>) -> impl Iterator<Item = (usize, &'c Candidate<'c>)> + use<'c> {
    let candidates = groups.candidates.iter().enumerate();
    candidates.filter(|(_, c)| c.source.is_declared() && !c.is_library)
}

/// Groups that nobody declared and that a declaration may claim.
fn unclaimed(groups: &Groups<'_>) -> Vec<usize> {
    let goes =
        |group: &Group<'_>| groups.members(group).any(|c| c.goes_with_folder() || c.is_foreign());
    groups
        .iter()
        .filter(|(_, group)| !group.is_declared() && goes(group))
        .map(|(id, _)| id)
        .collect()
}

/// An entry claims the workloads that its selector takes, where no other entry takes them too.
fn by_selector(groups: &mut Groups<'_>) {
    let mut selectors: BTreeMap<(&str, &str), Vec<Selector<'_>>> = BTreeMap::new();
    for (at, candidate) in declared(groups) {
        let Fact::Entry(entry) = candidate.fact else { continue };
        let naming = entry.selector.iter().filter(|(label, _)| is_naming(label));
        for (label, value) in naming {
            selectors.entry((label, value)).or_default().push((at, &entry.selector));
        }
    }
    for (at, candidate) in groups.candidates.iter().enumerate() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let naming = workload.labels.iter().filter(|(label, _)| is_naming(label));
        let near = naming.filter_map(|(label, value)| selectors.get(&(label.as_str(), &***value)));
        let takers = near.flatten().filter(|(_, selector)| !contradicts(selector, workload));
        let takers: BTreeSet<usize> = takers.map(|(entry, _)| *entry).collect();
        if let Some(entry) = takers.first().filter(|_| takers.len() == 1) {
            groups.join(*entry, at, Bond::Claim);
        }
    }
}

/// A candidate with the labels that it selects by.
type Selector<'c> = (usize, &'c [(String, String)]);

/// Whether a label names what it stands on.
fn is_naming(label: &str) -> bool {
    NAME_LABELS.contains(&label)
}

/// Whether a label of the workload has another value than the selector wants. One that it has not
/// may be added on the way to the cluster.
fn contradicts(selector: &[(String, String)], workload: &Workload) -> bool {
    selector.iter().any(|(label, wanted)| {
        let own = workload.labels.iter().find(|(own, _)| own == label);
        own.is_some_and(|(_, value)| value.value != *wanted)
    })
}

/// `checkout-worker` belongs to `checkout`, which is declared or has code, unless it has code too.
fn by_prefix(groups: &mut Groups<'_>) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let is_code = |c: &Candidate<'_>| c.source == Origin::Dockerfile && c.founds();
    let built = groups.candidates.iter().enumerate().filter(|(_, c)| is_code(c));
    for (at, candidate) in declared(groups).chain(built) {
        for name in [candidate.key.as_str(), core(&candidate.key)] {
            if !name.is_empty() && !is_generic(name) {
                names.entry(name).or_insert(at);
            }
        }
    }
    for id in unclaimed(groups) {
        let claimant = |key: &str| prefixes(key).find_map(|prefix| names.get(prefix).copied());
        let target = groups.get(id).and_then(|group| {
            let mut going =
                groups.members(group).filter(|c| c.goes_with_folder() || c.is_foreign());
            let target = going.find_map(|candidate| claimant(&candidate.key))?;
            // Software of others belongs to what somebody declared, not to code of the same name.
            let is_declared = || groups.get(groups.id(target)).is_some_and(Group::is_declared);
            (!group.is_foreign() || is_declared()).then_some(target)
        });
        let Some(target) = target else { continue };
        let has_code = |id: usize| groups.get(id).is_some_and(|group| !group.homes.is_empty());
        if !has_code(id) || !has_code(groups.id(target)) {
            groups.join(target, id, Bond::Claim);
        }
    }
}

/// `a-b` and `a` of `a-b-c`.
fn prefixes(key: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(key.rsplit_once('-').map(|(prefix, _)| prefix), |longer| {
        longer.rsplit_once('-').map(|(prefix, _)| prefix)
    })
}

/// The only declaration of a folder claims what stands below it and nearer to no other. In the
/// root this holds for gonogo.yaml alone: catalog entries there often name one service of many.
fn by_folder(groups: &mut Groups<'_>) {
    let mut folders: BTreeMap<&str, Vec<(usize, Origin)>> = BTreeMap::new();
    for (at, candidate) in declared(groups) {
        let home = candidate.home.as_deref().unwrap_or_default();
        folders.entry(home).or_default().push((groups.id(at), candidate.source));
    }
    for id in unclaimed(groups) {
        let folder = groups.get(id).map_or("", |group| anchor(groups, group));
        let around =
            ancestors(folder).chain(Some("")).find_map(|folder| folders.get_key_value(folder));
        let Some((folder, claimants)) = around else { continue };
        let ids: BTreeSet<usize> = claimants.iter().map(|(id, _)| groups.id(*id)).collect();
        let is_own = !groups.get(id).is_some_and(Group::is_foreign);
        let is_claimed = !folder.is_empty()
            || is_own && claimants.iter().any(|(_, source)| *source == Origin::Declaration);
        if let Some(target) = ids.first().filter(|_| ids.len() == 1 && is_claimed) {
            groups.join(*target, id, Bond::Claim);
        }
    }
}

/// Where a group stands: its code, else its first manifest.
fn anchor<'c>(groups: &Groups<'c>, group: &Group<'c>) -> &'c str {
    let place = || groups.members(group).map(|candidate| candidate.reason.place.folder()).min();
    let root = group.is_rooted.then_some("");
    root.or(group.homes.first().copied()).or_else(place).unwrap_or_default()
}

/// Names that the root of the tree goes by, the best first: its packages', its remote's, its folder's.
///
/// A package.json that starts nothing often only holds tools of developers: its name comes last.
pub(super) fn root_names(facts: &Facts) -> Vec<String> {
    let packages = || facts.packages.iter().filter(|package| package.place.folder().is_empty());
    let is_own = |package: &&Package| package.is_runnable || package.ecosystem != "npm";
    let name = |package: &Package| package.name.as_deref().map(|name| package_key(name));
    let own = packages().filter(is_own).filter_map(name);
    let others = packages().filter(|package| !is_own(package)).filter_map(name);
    let tree = remote_name(facts).into_iter().chain(Some(key(&facts.root_name)));
    let mut names: Vec<String> = own.chain(tree).chain(others).collect();
    names.retain(|name| !name.is_empty() && !is_nameless(name));
    names
}

/// What the tree may be called: the names of its root, else who keeps it, as `acme/server` tells.
pub(super) fn tree_names(facts: &Facts) -> Vec<String> {
    let names = root_names(facts);
    if !names.is_empty() {
        return names;
    }
    let owner = |remote: &'_ String| {
        let (_, path) = remote.split_once('/')?;
        let (owner, _) = path.split_once('/')?;
        Some(key(owner)).filter(|owner| !owner.is_empty() && !is_nameless(owner))
    };
    let owners: BTreeSet<Option<String>> = facts.remotes.iter().map(owner).collect();
    owners.into_iter().next().flatten().into_iter().collect()
}

/// What the tree is called on the hosts that it is fetched from, where they agree: people clone it
/// into a folder of any name.
fn remote_name(facts: &Facts) -> Option<String> {
    let mut names = facts.remotes.iter().map(|remote| key(last_part(remote)));
    let first = names.next()?;
    names.all(|other| other == first).then_some(first)
}

/// The last word of a package's name: of `github.com/acme/shop/v2`, `@acme/shop`, `com.acme:shop`.
pub(super) fn package_key(name: &str) -> String {
    let is_version = |part: &str| {
        part.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let parts = name.split(['/', ':']).filter(|part| !part.is_empty() && !is_version(part));
    let parts: Vec<&str> = parts.collect();
    match parts.as_slice() {
        // The module of a host alone is called after the host: `shop.example/v2`.
        [host] if name.contains('/') && !host.starts_with('@') => {
            key(host.split('.').next().unwrap_or(host))
        }
        [.., last] => key(last),
        [] => String::new(),
    }
}

/// What bears the name of the tree, or begins with it, belongs to the code in its root. So does what
/// Compose runs of an image that is called so.
fn by_root_name(groups: &mut Groups<'_>, names: &[String]) {
    let root = groups.candidates.iter().position(|candidate| {
        let is_code = !candidate.source.is_declared() && !candidate.is_stranger();
        is_code && candidate.home.as_deref() == Some("")
    });
    let Some(root) = root else { return };
    let runs = |c: &Candidate<'_>, name: &String| {
        c.source == Origin::Compose && !c.is_stranger() && c.image.as_ref() == Some(name)
    };
    let bears = |c: &Candidate<'_>| {
        names.iter().any(|name| c.key == *name || extends(&c.key, name) || runs(c, name))
    };
    let is_open = |group: &Group<'_>| !group.has_code() && groups.members(group).any(bears);
    let ids: Vec<usize> =
        groups.iter().filter(|(_, group)| is_open(group)).map(|(id, _)| id).collect();
    for id in ids {
        groups.join(root, id, Bond::Kinship);
    }
}

/// A pipeline publishes the image of a tree below the tree's own name: `ghcr.io/acme/shop/api`.
/// What Compose runs of it belongs to the code in the root, where the tree builds nothing else.
fn by_registry_folder(groups: &mut Groups<'_>, names: &[String]) {
    let is_code = |c: &Candidate<'_>| c.source == Origin::Dockerfile && c.founds();
    let built = groups.candidates.iter().enumerate().filter(|(_, c)| is_code(c));
    let built: BTreeSet<usize> = built.map(|(at, _)| groups.id(at)).collect();
    let Some(root) = built.first().copied().filter(|_| built.len() == 1) else { return };
    if !groups.get(root).is_some_and(|group| group.is_rooted) {
        return;
    }
    let published = |c: &Candidate<'_>| {
        let folders = match c.fact {
            Fact::Workload(workload) if !c.is_stranger() => registry_folders(workload),
            _ => Vec::new(),
        };
        folders.iter().any(|folder| names.contains(folder))
    };
    let is_open = |group: &Group<'_>| !group.has_code() && groups.members(group).any(published);
    let ids: Vec<usize> =
        groups.iter().filter(|(_, group)| is_open(group)).map(|(id, _)| id).collect();
    for id in ids {
        groups.join(root, id, Bond::Kinship);
    }
}

/// Units `shop-web` and `shop-queue` that stand in one folder, of a tree called `shop` or `shop-next`,
/// are the processes of what its root builds, run without the image, where the tree builds nothing
/// else.
fn units_of_root(groups: &mut Groups<'_>, names: &[String]) {
    let code = groups.iter().filter(|(_, group)| group.has_code() && group.founds());
    let code: Vec<usize> = code.map(|(id, _)| id).collect();
    let [root] = code[..] else { return };
    if !groups.get(root).is_some_and(|group| group.is_rooted) {
        return;
    }
    let mut folders: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (id, group) in groups.iter() {
        let is_unit = group.sources().iter().all(|source| *source == Origin::Systemd);
        let first = groups.members(group).next().filter(|_| is_unit && group.founds());
        let Some((unit, (whole, _))) = first.and_then(|c| Some((c, c.key.split_once('-')?))) else {
            continue;
        };
        if names.iter().any(|name| name == whole || extends(name, whole)) {
            folders.entry((unit.reason.place.folder(), whole)).or_default().push(id);
        }
    }
    for units in folders.into_values().filter(|units| units.len() > 1) {
        for unit in units {
            groups.join(root, unit, Bond::Kinship);
        }
    }
}

/// One declaration and one thing that runs, or one image that is built and one manifest, are one.
fn sole(groups: &mut Groups<'_>) {
    let founding = || groups.iter().filter(|(_, group)| group.founds());
    let declared: BTreeSet<usize> = declared(groups).map(|(at, _)| groups.id(at)).collect();
    let open: Vec<usize> =
        founding().filter(|(_, group)| !group.is_declared()).map(|(id, _)| id).collect();
    let declared: Vec<usize> = declared.into_iter().collect();
    let has_code = |id: usize| groups.get(id).is_some_and(Group::has_code);
    match (&declared[..], &open[..]) {
        ([only], []) | ([], [only]) => by_recipe(groups, *only),
        ([declared], [open]) if !has_code(*declared) && contains(groups, *declared, *open) => {
            groups.join(*declared, *open, Bond::Claim);
        }
        ([], [one, other]) => {
            let is_code = |id: usize| {
                let group = groups.get(id);
                group.is_some_and(|group| group.has_code() && !is_deployed(group))
            };
            let is_manifest = |id: usize| {
                let group = groups.get(id);
                group.is_some_and(|group| !group.has_code() && is_deployed(group))
            };
            if (is_code(*one) && is_manifest(*other)) || (is_code(*other) && is_manifest(*one)) {
                groups.join(*one, *other, Bond::Kinship);
            }
        }
        _ => {}
    }
}

/// The only Dockerfile of a tree with one service is its recipe, also where it starts nothing: the
/// manifests may say what the image is to run.
fn by_recipe(groups: &mut Groups<'_>, only: usize) {
    let candidates = groups.candidates.iter().enumerate();
    let recipes: Vec<usize> =
        candidates.filter(|(_, c)| c.source == Origin::Dockerfile).map(|(at, _)| at).collect();
    let [recipe] = recipes[..] else { return };
    let is_root = groups.candidates.get(recipe).is_some_and(|candidate| {
        candidate.home.as_deref() == Some("") && !candidate.is_stranger() && !candidate.founds()
    });
    let runs = |group: &Group<'_>| !group.has_code() && is_deployed(group);
    if is_root && groups.get(only).is_some_and(runs) {
        groups.join(only, recipe, Bond::Kinship);
    }
}

fn is_deployed(group: &Group<'_>) -> bool {
    [Origin::Kubernetes, Origin::Helm, Origin::Systemd].iter().any(|source| group.has(*source))
}

/// Whether `inner` stands below the folder of a declaration of `outer`.
fn contains(groups: &Groups<'_>, outer: usize, inner: usize) -> bool {
    let (Some(outer), Some(inner)) = (groups.get(outer), groups.get(inner)) else { return false };
    let folder = anchor(groups, inner);
    groups
        .members(outer)
        .filter(|candidate| candidate.source.is_declared())
        .any(|candidate| candidate.home.as_deref().is_some_and(|home| is_below(folder, home)))
}

/// Charts that install several services of the tree, each by a template or another chart named after it: they are
/// none themselves. The ids of their groups, with what to say.
pub(super) fn umbrellas(groups: &Groups<'_>, facts: &Facts) -> BTreeMap<usize, Reason> {
    let charts = groups.iter().filter(|(_, group)| {
        group.sources().iter().all(|source| *source == Origin::Helm) && group.founds()
    });
    let others = groups
        .iter()
        .filter(|(_, group)| group.founds() && group.sources().iter().any(|s| *s != Origin::Helm));
    let called = others.flat_map(|(id, group)| {
        let names = |c: &'_ Candidate<'_>| [Some(c.key.clone()), c.image.clone()];
        let names: Vec<_> = groups.members(group).flat_map(names).flatten().collect();
        names.into_iter().map(move |name| (name, id))
    });
    let names: BTreeMap<String, usize> = called.filter(|(name, _)| !name.is_empty()).collect();
    let several = charts.filter_map(|(id, group)| {
        let chart = groups.members(group).next()?;
        let Fact::Chart(place) = chart.fact else { return None };
        let count = installed(place, &names, facts);
        let what = format!("{} installs {count} services of the tree", chart.reason.what);
        let place = chart.reason.place.clone();
        (count > 1).then_some((id, Reason { what, place }))
    });
    several.collect()
}

/// How many services have a template in the chart by one of their `names`, a chart that it takes
/// under that name, or an image in its values.
fn installed(chart: &Placed<String>, names: &BTreeMap<String, usize>, facts: &Facts) -> usize {
    let path = &*chart.place.path;
    let folder = format!("{}/templates", folder_of(path));
    let templates = facts.below(folder.trim_start_matches('/'));
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for path in templates {
        let stem = key(last_part(path).split('.').next().unwrap_or_default());
        found.extend(runs(&stem).filter_map(|run| names.get(run)));
    }
    let taken = facts.gaps.iter().filter(|gap| *gap.place.path == *path);
    let taken = taken.filter_map(|gap| gap.name.as_deref()).map(key);
    let run = charts::images(chart, facts).filter_map(|named| image_name(&named.image));
    found.extend(taken.chain(run).filter_map(|name| names.get(&name)));
    found.len()
}
