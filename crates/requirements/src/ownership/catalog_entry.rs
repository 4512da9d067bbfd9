//! The catalog knows its name, owner, tier, description, lifecycle, dependencies, and links to
//! SLOs, runbooks, dashboards and on-call.

use super::claim::of_repository;
use crate::code_elsewhere::has_code_elsewhere;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/catalog-entry",
    title: "the catalog knows its name, owner, tier, description, lifecycle, dependencies, and \
            links to SLOs, runbooks, dashboards and on-call",
    why: "Whoever is woken by a neighbouring service needs to find out within a minute what \
          this one is, who owns it and what it stands on. What the catalog does not know, \
          everybody has to ask for.",
    remedy: "Complete gonogo.yaml or the catalog file: name, owner, tier, description, \
             lifecycle, dependencies, and links to objectives, runbooks, dashboards and the \
             on-call schedule.",
    references: &[
        Reference {
            title: "Backstage: descriptor format of catalog entities",
            url: "https://backstage.io/docs/features/software-catalog/descriptor-format",
        },
        Reference {
            title: "Backstage: system model",
            url: "https://backstage.io/docs/features/software-catalog/system-model",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Owner, Change::Dependency],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Declaration, Subject::Catalog],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the catalog's own API: whether it has taken the entry in, and knows every entity \
             that the entry refers to",
        ),
    ],
    cases: include_str!("catalog_entry.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let Some(place) = entry_place(scope) else { return no_entry(scope) };
    let mut findings = troubles(scope);
    findings.extend(duplicates(scope));
    findings.extend(dangling_links(scope));
    findings.extend(dangling_dependencies(scope));
    let missing = missing(scope);
    if !missing.is_empty() {
        let (name, missing) = (&scope.service.name, model::listed(&missing, "and"));
        let message = format!("the catalog does not know the {missing} of `{name}`");
        let help = match scope.declaration {
            Some(_) => format!("complete gonogo.yaml:\n\n{ENTRY}"),
            None => format!("complete the entry, or add gonogo.yaml:\n\nservice: {name}\n{ENTRY}"),
        };
        findings.push(Finding::at(place, message).help(help));
    }
    Outcome::unmet_or(findings, || {
        Outcome::met(place, format!("the catalog entry of `{}` is complete", scope.service.name))
    })
}

/// What a complete gonogo.yaml says of a service beside its name.
const ENTRY: &str = "\
    description: <what it does, for whom>\n\
    owner: group:<team>\n\
    tier: 2\n\
    lifecycle: production\n\
    dependencies: []\n\
    links:\n  \
      objectives: <where>\n  \
      runbooks: docs/runbooks/\n  \
      dashboards: <where>\n  \
      on-call: <schedule>";

/// Where the entry that speaks for the service names it.
fn entry_place<'a>(scope: &Scope<'a>) -> Option<&'a Place> {
    let declared = scope.declaration.map(|declaration| &declaration.service.place);
    declared.or_else(|| scope.entries.first().map(|entry| &entry.name.place))
}

fn no_entry(scope: &Scope<'_>) -> Outcome {
    let own = &scope.service.name;
    let mut apis = scope.all.catalog_apis.iter();
    if let Some(api) = apis.find(|api| api.name.eq_ignore_ascii_case(own)) {
        return Outcome::Unknown(format!(
            "`{}` describes an API called `{}`, and no component: whether it stands for the \
             service is not told",
            api.place.path, api.name.value
        ));
    }
    if has_code_elsewhere(scope)
        && let Some(path) = tree_alone(scope)
    {
        return Outcome::Unknown(format!(
            "`{path}` describes the tree, from which `{own}` is only deployed: its entry may stand \
             beside its code, elsewhere"
        ));
    }
    let message = format!("no catalog entry describes `{}`", scope.service.name);
    let help = format!("add gonogo.yaml:\n\nservice: {}\n{ENTRY}", scope.service.name);
    let finding = Finding::at(&scope.place(), message).help(help);
    Outcome::missing(finding, &[Subject::Declaration, Subject::Catalog], scope)
}

/// The catalog file that describes the tree as what it is, and nothing that runs.
fn tree_alone<'a>(scope: &Scope<'a>) -> Option<&'a str> {
    if !scope.all.catalog.is_empty() {
        return None;
    }
    scope.files.first_named(&["catalog-info.yaml", "catalog-info.yml"])
}

/// What a complete entry of a service knows and this one does not.
fn missing(scope: &Scope<'_>) -> Vec<&'static str> {
    let says = |text: &Placed<String>| !prose::is_placeholder(text);
    let declared = scope.declaration;
    let any = |is_known: fn(&CatalogEntry) -> bool| scope.entries.iter().any(|e| is_known(e));
    let is_described = declared.and_then(|d| d.description.as_ref()).is_some_and(says)
        || scope.entries.iter().filter_map(|e| e.description.as_ref()).any(says);
    let has_dependencies = declared.is_some_and(|d| d.dependencies.is_some())
        || any(|entry| !entry.depends_on.is_empty());
    let has_owner = declared.is_some_and(|d| d.owner.is_some())
        || any(|entry| !entry.owners.is_empty())
        || of_repository(scope).is_some();
    let mut parts = vec![
        ("description", is_described),
        ("owner", has_owner),
        ("tier", declared.is_some_and(|d| d.tier.is_some()) || any(|e| e.tier.is_some())),
        (
            "lifecycle",
            declared.is_some_and(|d| d.lifecycle.is_some()) || any(|e| e.lifecycle.is_some()),
        ),
    ];
    if scope.service.kind != Kind::Library {
        parts.push(("dependencies", has_dependencies));
        parts.extend(links(scope));
    }
    parts.into_iter().filter(|(_, is_known)| !is_known).map(|(part, _)| part).collect()
}

/// What an entry links to, or what stands in the tree so that gonogo links it.
fn links(scope: &Scope<'_>) -> [(&'static str, bool); 4] {
    let linked = |topic: Topic, keys: &[&str]| {
        let entries = scope.entries.iter().flat_map(|entry| &entry.links);
        let mut topics = entries.map(|link| link.topic);
        topics.any(|known| known == topic) || keys.iter().any(|key| scope.link(key).is_some())
    };
    let has_runbook = scope.documents_of(Role::Runbook).next().is_some();
    let has_pager = scope.entries.iter().any(|entry| entry.on_call.is_some());
    [
        (
            "objectives",
            linked(Topic::Objective, &["objectives", "slos"]) || !scope.objectives.is_empty(),
        ),
        ("runbooks", linked(Topic::Runbook, &["runbooks", "runbook"]) || has_runbook),
        (
            "dashboards",
            linked(Topic::Dashboard, &["dashboards", "dashboard"]) || !scope.dashboards.is_empty(),
        ),
        ("on-call schedule", linked(Topic::OnCall, &["on-call"]) || has_pager),
    ]
}

/// Where an entry is not as its format asks.
fn troubles(scope: &Scope<'_>) -> Vec<Finding> {
    let declared = scope.declaration.iter().flat_map(|declaration| &declaration.troubles);
    let entries = scope.entries.iter().flat_map(|entry| &entry.troubles);
    let all = declared.chain(entries).take(MOST_FINDINGS);
    let all = all.map(|trouble| Finding::at(&trouble.place, trouble.value.clone()));
    all.chain(disagreements(scope)).collect()
}

/// Other documents of gonogo.yaml on the service that give it another tier or kind: the stricter
/// wins, and one of them is wrong.
fn disagreements(scope: &Scope<'_>) -> Vec<Finding> {
    let Some(first) = scope.declaration else { return Vec::new() };
    let is_reason = |place: &Place| scope.service.reasons.iter().any(|r| r.place == *place);
    let others = scope.all.declarations.iter().filter(|other| {
        other.service.place != first.service.place && is_reason(&other.service.place)
    });
    let differing = others.flat_map(|other| {
        let tiers = differ("tier", first.tier.as_ref(), other.tier.as_ref());
        tiers.into_iter().chain(differ("kind", first.kind.as_ref(), other.kind.as_ref()))
    });
    differing.take(MOST_FINDINGS).collect()
}

fn differ<T: PartialEq + std::fmt::Display>(
    what: &str,
    first: Option<&Placed<T>>,
    other: Option<&Placed<T>>,
) -> Option<Finding> {
    let (first, other) = (first?, other?);
    (first.value != other.value).then(|| {
        let (one, another, place) = (&first.value, &other.value, &first.place);
        let message = format!("{what} {another} here is {what} {one} in `{}`", place.path);
        Finding::at(&other.place, message)
            .help("name the same in both; until then the stricter counts")
            .related(place, "what the other document says")
    })
}

const MOST_FINDINGS: usize = 10;

/// Entries of other files that describe the same thing in the same catalog.
fn duplicates(scope: &Scope<'_>) -> Vec<Finding> {
    let kind = |entry: &CatalogEntry| entry.kind.as_ref().map(|kind| kind.value.to_lowercase());
    let name = |entry: &CatalogEntry| (entry.namespace.clone(), entry.name.value.clone());
    let is_same = |a: &CatalogEntry, b: &CatalogEntry| {
        a.format == b.format && name(a) == name(b) && kind(a) == kind(b)
    };
    let mut findings = Vec::new();
    for entry in &scope.entries {
        let earlier = scope.all.catalog.iter().take_while(|other| other.place != entry.place);
        if let Some(first) = earlier.into_iter().find(|other| is_same(other, entry)) {
            let (format, name) = (entry.format.name(), &entry.name.value);
            let message = format!("{format} entry `{name}` is described twice");
            let finding = Finding::at(&entry.name.place, message)
                .help("keep one, or give the other another name")
                .related(&first.name.place, "the first");
            findings.push(finding);
        }
    }
    findings
}

/// Links of gonogo.yaml that lead nowhere.
fn dangling_links(scope: &Scope<'_>) -> Vec<Finding> {
    let links = scope.declaration.iter().flat_map(|declaration| &declaration.links);
    let finding = |(key, link): &(String, Placed<String>)| {
        let message = if prose::is_placeholder(link) {
            format!("link `{key}` is `{}`", link.value)
        } else if follow(link, link.place.folder(), &scope.sitemap) == Target::Nowhere {
            format!("link `{key}` points to `{}`, where nothing stands", link.value)
        } else {
            return None;
        };
        Some(Finding::at(&link.place, message).help("name a file, a folder or an https address"))
    };
    links.filter_map(finding).take(MOST_FINDINGS).collect()
}

/// Dependencies that no entry describes, where the tree holds the whole catalog: its teams too.
fn dangling_dependencies(scope: &Scope<'_>) -> Vec<Finding> {
    if !scope.all.parties.iter().any(Party::is_team) {
        return Vec::new();
    }
    let core = |name: &str| {
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        name.rsplit_once('/').map_or(name, |(_, name)| name).to_lowercase()
    };
    let is_component = |name: &str| {
        name.split_once(':').is_none_or(|(kind, _)| kind.eq_ignore_ascii_case("component"))
    };
    let is_known = |name: &str| scope.all.catalog.iter().any(|e| core(&e.name) == core(name));
    let wanted = scope.entries.iter().flat_map(|entry| &entry.depends_on);
    wanted
        .filter(|name| is_component(name) && !is_known(name))
        .take(MOST_FINDINGS)
        .map(|name| {
            let message = format!("dependency `{}` is not in the catalog of this tree", name.value);
            Finding::at(&name.place, message).help("add its entry, or mend the name")
        })
        .collect()
}
