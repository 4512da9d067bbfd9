//! The list of dependencies is complete.

use crate::address::{self, Address};
use crate::calls::{Seen, bare, kind_of, seen};
use crate::contradiction;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/dependencies",
    title: "the list of dependencies is complete",
    why: "A dependency that nobody listed has no timeout, no runbook and nobody to call, and is \
          the one that fails.",
    remedy: "List everything that the service calls or stores in under `dependencies:` in \
             gonogo.yaml; write `dependencies: []` where there is nothing.",
    references: &[
        Reference {
            title: "Google SRE book: the evolving SRE engagement model",
            url: "https://sre.google/sre-book/evolving-sre-engagement-model/",
        },
        Reference {
            title: "Backstage: system model",
            url: "https://backstage.io/docs/features/software-catalog/system-model",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Dependency, Change::Configuration, Change::Code],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Declaration, Subject::Catalog, Subject::Workloads],
    proofs: &[Proof::Service(judge), Proof::Drill("load")],
    cases: include_str!("dependencies.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let seen = seen(scope);
    let Some(listed) = listed(scope) else { return no_list(&seen) };
    let unlisted = seen.iter().filter(|seen| !listed.names.iter().any(|name| name.is(seen)));
    let findings: Vec<Finding> = unlisted
        .map(|seen| {
            Finding::at(seen.place, format!("{} is not in the list of dependencies", seen.what))
                .help(format!("add it to gonogo.yaml:\n\ndependencies:\n  - name: {}", seen.name))
                .related(listed.place, "the list")
        })
        .collect();
    if let Some(code) = listed.code.filter(|_| !findings.is_empty()) {
        return Outcome::Unknown(format!(
            "the list names components by ids of Compass (`{code}`): whether all that was seen is \
             among them cannot be told"
        ));
    }
    Outcome::unmet_or(findings, || {
        if let Some(reason) = unnamed(&listed, scope) {
            return Outcome::Unknown(reason);
        }
        if listed.is_of_catalog && seen.is_empty() {
            return Outcome::unknown(format!(
                "{} in the catalog as what it depends on, and no file shows what it calls: \
                 whether that is all, write under `dependencies:` in gonogo.yaml",
                counted_as(listed.names.len(), "entry is", "entries are")
            ));
        }
        let message = match (listed.names.len(), seen.len()) {
            (0, _) => "it has no dependency, and none was seen".to_owned(),
            (count, 0) => counted_as(count, "dependency is listed", "dependencies are listed"),
            (count, seen) => {
                let listed = counted_as(count, "dependency is listed", "dependencies are listed");
                format!("{listed}, {seen} of them seen")
            }
        };
        Outcome::met(listed.place, message)
    })
}

/// What the environment of the service tells of, and no line of the list means.
fn unnamed(listed: &Listed<'_>, scope: &Scope<'_>) -> Option<String> {
    if listed.names.is_empty() {
        return contradiction::of_no_dependency(scope);
    }
    let mut others = address::elsewhere(scope);
    let other = others.find(|address| !listed.names.iter().any(|name| name.is_at(address)))?;
    let Sighting { message, place, .. } = contradiction::of_address(other);
    Some(format!("{message} ({place}), which is not to be found in the list of dependencies"))
}

/// The list of dependencies.
struct Listed<'a> {
    names: Vec<Named<'a>>,
    place: &'a Place,
    /// An id that stands in place of a name.
    code: Option<&'a str>,
    /// Whether nobody wrote it as the whole list: a catalog shows what it knows.
    is_of_catalog: bool,
}

/// One line of the list.
struct Named<'a> {
    name: &'a str,
    kind: &'a str,
    address: &'a str,
}

impl Named<'_> {
    /// Whether this line means what was seen: by its name, its kind, or its address.
    fn is(&self, seen: &Seen<'_>) -> bool {
        let (name, other) = (prose::plain(self.name), prose::plain(seen.name));
        let is_named = prose::mentions(&name, &[&other]) || prose::mentions(&other, &[&name]);
        let is_kind = !seen.kind.is_empty()
            && (kind_of(self.kind) == seen.kind || prose::mentions(self.name, &[seen.kind]));
        is_named || is_kind || prose::mentions(self.address, &[&other])
    }

    /// Whether this line means the host of an address: by its name, its kind, its address, or by the
    /// variable that holds it.
    fn is_at(&self, address: &Address<'_>) -> bool {
        let (name, variable) = (prose::plain(self.name), address.variable.replace('_', " "));
        let (name, of_variable) = (name.as_str(), prose::plain(&variable));
        // The last word of a variable says what it holds: `URL`.
        let told = of_variable.rsplit_once(' ').map_or("", |(told, _)| told);
        let kind = address.scheme.split(['+', ':']).map(kind_of).find(|kind| !kind.is_empty());
        let what = String::new();
        let seen =
            Seen { name: address.host, kind: kind.unwrap_or(""), what, place: address.place };
        self.is(&seen)
            || prose::mentions(&variable, &[name])
            || (!told.is_empty() && prose::mentions(name, &[told]))
    }
}

/// gonogo.yaml's list, else that of the catalog entries.
fn listed<'a>(scope: &Scope<'a>) -> Option<Listed<'a>> {
    let declared = scope.declaration.and_then(|declaration| {
        let names = declaration.dependencies.as_ref()?.iter().map(|dependency| Named {
            name: &dependency.name.value,
            kind: dependency.kind.as_ref().map_or("", |kind| &kind.value),
            address: dependency.address.as_ref().map_or("", |address| &address.value),
        });
        let place = declaration.dependencies_at.as_ref().unwrap_or(&declaration.service.place);
        let names = names.collect();
        Some(Listed { names, place, code: None, is_of_catalog: false })
    });
    declared.or_else(|| {
        let entry = scope.entries.iter().find(|entry| !entry.depends_on.is_empty())?;
        let all = || scope.entries.iter().flat_map(|entry| &entry.depends_on);
        let names = all().map(|name| Named { name: bare(name), kind: "", address: "" });
        let (names, place) = (names.collect(), &entry.name.place);
        let code = all().map(|name| name.as_str()).find(|name| name.starts_with("ari:"));
        Some(Listed { names, place, code, is_of_catalog: true })
    })
}

fn no_list(seen: &[Seen<'_>]) -> Outcome {
    let named: Vec<&str> = seen.iter().take(MOST_NAMED).map(|seen| seen.what.as_str()).collect();
    let verb = if named.len() == 1 { "was" } else { "were" };
    let seen = match named.as_slice() {
        [] => String::new(),
        named => format!(" ({} {verb} seen)", model::listed(named, "and")),
    };
    Outcome::Unknown(format!(
        "no list of dependencies was found{seen}: write `dependencies:` in gonogo.yaml, as `[]` \
         where there are none"
    ))
}

const MOST_NAMED: usize = 5;
