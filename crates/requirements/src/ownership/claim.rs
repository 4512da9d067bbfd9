//! Who is said to own the service: by gonogo.yaml, catalog entries, annotations, labels and CODEOWNERS.

use facts::{CatalogEntry, CatalogFormat, Codeowners, Party, Scope, path};
use model::{Place, Placed};

use crate::prose;

/// One statement of who owns the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    /// The owner as written.
    pub(super) owner: &'a Placed<String>,
    /// What says so.
    pub(super) source: Source,
    /// The namespace of the catalog's entry that says so: of one name, the entries of several
    /// namespaces are several things, each with an owner.
    pub(super) namespace: Option<&'a str>,
}

impl<'a> Claim<'a> {
    /// A statement that belongs to no namespace.
    pub(super) fn new(owner: &'a Placed<String>, source: Source) -> Self {
        Self { owner, source, namespace: None }
    }

    /// What an entry of a catalog says.
    pub(super) fn of_entry(owner: &'a Placed<String>, entry: &'a CatalogEntry) -> Self {
        let namespace = entry.namespace.as_deref();
        Self { owner, source: Source::Catalog(entry.format), namespace }
    }

    /// Whether two entries of one catalog say this and that, each of its own thing.
    pub(super) fn is_of_another(&self, other: &Self) -> bool {
        let is_entry = matches!(self.source, Source::Catalog(_)) && self.source == other.source;
        is_entry && self.namespace != other.namespace
    }
}

/// What says who the owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// gonogo.yaml.
    Declaration,
    /// A catalog entry.
    Catalog(CatalogFormat),
    /// The annotation `a8r.io/owner` of a workload.
    Annotation,
    /// The label `team` of a workload of nais.
    Team,
    /// CODEOWNERS.
    Codeowners,
}

/// What an owner is, by the way it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnerKind {
    /// A group of people.
    Group,
    /// One person.
    Person,
    /// An address, or the number of some product, that may be either.
    Address,
}

/// The statements about the main owner, those that were written as one first.
pub(super) fn claims<'a>(scope: &Scope<'a>) -> Vec<Claim<'a>> {
    let declared = scope.declaration.and_then(|declaration| declaration.owner.as_ref());
    let declared = declared.map(|owner| Claim::new(owner, Source::Declaration));
    // One entry may stand for a folder of several programs.
    let stands_around = |entry: &&CatalogEntry| {
        let folder = entry.folder.as_deref().filter(|folder| !folder.is_empty());
        folder.is_some_and(|folder| path::is_below(&scope.service.folder, folder))
    };
    let around = scope.all.catalog.iter().filter(stands_around);
    let around = around.take_while(|_| scope.entries.is_empty());
    let catalogued = scope.entries.iter().copied().chain(around).filter_map(|entry| {
        let owner = entry.owners.first()?;
        Some(Claim::of_entry(owner, entry))
    });
    let annotated = scope.workloads.iter().flat_map(|workload| {
        workload.annotations.iter().filter_map(|(key, owner)| {
            let source = match key.as_str() {
                "a8r.io/owner" => Source::Annotation,
                "nais.io/team" => Source::Team,
                _ => return None,
            };
            Some(Claim::new(owner, source))
        })
    });
    let mut all: Vec<Claim<'a>> = declared.into_iter().chain(catalogued).chain(annotated).collect();
    if all.is_empty() {
        let owner = of_repository(scope);
        all.extend(owner.map(|owner| Claim::new(owner, Source::Catalog(CatalogFormat::OpsLevel))));
    }
    all
}

/// The owner that the nearest file of a catalog around the service names for all of its repository.
pub(super) fn of_repository<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let owners = scope.all.repository_owners.iter();
    let around = owners.filter(|owner| path::is_below(&scope.service.folder, owner.place.folder()));
    around.max_by_key(|owner| owner.place.folder().len())
}

/// What `owner` is: as written, or as the catalog's parties know it.
pub(super) fn kind_of(owner: &str, parties: &[Party]) -> OwnerKind {
    let owner = owner.trim();
    let known = || parties.iter().find(|party| same(&party.name, owner));
    match owner.split_once(':').map(|(kind, _)| kind.to_lowercase()).as_deref() {
        Some("user") => return OwnerKind::Person,
        Some("group" | "team") => return OwnerKind::Group,
        _ if is_identifier(owner) => return OwnerKind::Address,
        _ => {}
    }
    match owner.strip_prefix('@') {
        Some(handle) if handle.contains('/') => OwnerKind::Group,
        Some(_) => OwnerKind::Person,
        None if owner.contains('@') => OwnerKind::Address,
        None if known().is_some_and(|party| !party.is_group) => OwnerKind::Person,
        None => OwnerKind::Group,
    }
}

/// Whether an account of the Git host belongs to a program: `@acme-bot`, `@renovate[bot]`.
pub(super) fn is_bot(owner: &str) -> bool {
    let name = core(owner);
    let ends_so = name.split_whitespace().last().is_some_and(|word| word == "bot");
    ends_so || name.ends_with("[bot]") || matches!(name.as_str(), "dependabot" | "renovate")
}

/// The name at the heart of an owner: `payments` of `group:default/payments`, `@org/payments`,
/// `payments@example.org`.
pub(super) fn core(owner: &str) -> String {
    let owner = owner.trim().trim_start_matches('@');
    let owner = owner.rsplit_once(':').map_or(owner, |(_, name)| name);
    let owner = owner.rsplit_once('/').map_or(owner, |(_, name)| name);
    let owner = owner.split_once('@').map_or(owner, |(name, _)| name);
    prose::plain(owner).trim().to_owned()
}

/// Whether two owners cannot be the same: both are groups or both are people, by names, and they
/// differ. A number or an address says nothing that could be compared.
pub(super) fn differ(a: &str, b: &str, parties: &[Party]) -> bool {
    let (kind, other) = (kind_of(a, parties), kind_of(b, parties));
    let is_comparable = kind == other && kind != OwnerKind::Address;
    is_comparable && !same(a, b)
}

/// Whether an owner is written as the number that some product gave it.
fn is_identifier(owner: &str) -> bool {
    let hex = owner.chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').count();
    let is_number = owner.chars().all(|c| c.is_ascii_digit());
    owner.starts_with("ari:") || is_number || (owner.len() == 36 && hex == 36)
}

/// Whether two owners are the same, however each is written.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (core(a), core(b));
    !a.is_empty() && words(&a).eq(words(&b))
}

/// The words of a name without those that only say that it is a team.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split_whitespace().filter(|word| !["team", "squad", "the"].contains(word))
}

/// Whether one of the two names begins with the words of the other: `payments` and
/// `payments-reviewers` are taken for the same people.
pub(super) fn akin(a: &str, b: &str) -> bool {
    let (a, b) = (core(a), core(b));
    words(&a).zip(words(&b)).all(|(a, b)| a == b) && !a.is_empty() && !b.is_empty()
}

/// Whether what stands as owner names nobody.
pub(super) fn names_nobody(owner: &str) -> bool {
    let core = core(owner);
    prose::is_placeholder(&core) || NOBODY.contains(&core.as_str())
}

static NOBODY: &[&str] = &[
    "guest",
    "guests",
    "my team",
    "not set",
    "owner",
    "owner name",
    "team name",
    "user",
    "username",
    "your name",
    "your org",
    "your team",
    "your team name",
];

/// Where an owner is written, for a sighting.
pub(super) fn source_words(source: Source) -> &'static str {
    match source {
        Source::Declaration => "gonogo.yaml",
        Source::Catalog(format) => format.name(),
        Source::Annotation => "the annotation `a8r.io/owner`",
        Source::Team => "the label `team`",
        Source::Codeowners => "CODEOWNERS",
    }
}

/// Whether the tree holds the teams (or people) of the catalog, and `owner` is none of them, nor a
/// team that the Git host knows.
pub(super) fn is_stranger(owner: &str, source: Source, scope: &Scope<'_>) -> bool {
    let parties = &scope.all.parties;
    let is_of_catalog = matches!(source, Source::Declaration | Source::Catalog(_));
    let is_group = match kind_of(owner, parties) {
        OwnerKind::Group => true,
        OwnerKind::Person => false,
        OwnerKind::Address => return false,
    };
    let mut known = parties.iter().filter(|party| party.is_group == is_group);
    let holds_all =
        parties.iter().any(|party| if is_group { party.is_team() } else { !party.is_group });
    is_of_catalog
        && holds_all
        && !known.any(|party| same(&party.name, owner))
        && !(is_group && is_team_of_host(owner, scope))
}

/// Whether CODEOWNERS names a team so: `@acme/payments`.
fn is_team_of_host(owner: &str, scope: &Scope<'_>) -> bool {
    let file = Codeowners::in_force(&scope.all.codeowners);
    let mut owners = file.into_iter().flat_map(|file| &file.rules).flat_map(|rule| &rule.owners);
    owners.any(|known| known.starts_with('@') && known.contains('/') && same(known, owner))
}

/// A person whom gonogo.yaml (`links: {contact: …}`) or a catalog entry names as contact: by a
/// handle, or by an address made of two names.
pub(super) fn contact<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let contacts = scope.entries.iter().flat_map(|entry| &entry.escalation);
    let is_person = |contact: &&Placed<String>| {
        let contact = contact.trim_start_matches("mailto:");
        is_personal_address(contact) || kind_of(contact, &[]) == OwnerKind::Person
    };
    scope.link("contact").into_iter().chain(contacts).find(is_person)
}

/// Whether an address is made of two names: `ada.lovelace@acme.example`.
pub(super) fn is_personal_address(text: &str) -> bool {
    let is_name = |part: &str| part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
    text.split_once('@').is_some_and(|(name, host)| {
        let parts: Vec<&str> = name.split('.').collect();
        parts.len() >= 2 && parts.into_iter().all(is_name) && host.contains('.')
    })
}

/// The people whom the tree names as members of the group `owner`.
pub(super) fn members<'a>(owner: &str, parties: &'a [Party]) -> Vec<(&'a str, &'a Place)> {
    let groups = parties.iter().filter(|party| party.is_group && same(&party.name, owner));
    let listed =
        groups.flat_map(|group| group.members.iter()).map(|m| (m.value.as_str(), &m.place));
    let users = parties.iter().filter(|party| !party.is_group);
    let joined = users.filter(|user| user.members.iter().any(|group| same(group, owner)));
    let joined = joined.map(|user| (user.name.value.as_str(), &user.name.place));
    // An account that is called like the group is no person.
    listed.chain(joined).filter(|(member, _)| !same(member, owner)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_the_same_however_it_is_written() {
        for other in [
            "payments",
            "group:default/payments",
            "@acme/payments",
            "Payments",
            "team:payments",
            "payments@acme.example",
            "payments-team",
        ] {
            assert!(same("group:payments", other), "{other}");
        }
        assert!(!same("payments", "platform"));
        assert!(!same("", "@"));
    }

    #[test]
    fn only_names_of_one_kind_can_differ() {
        assert!(differ("group:payments", "@acme/platform", &[]));
        for other in ["@ada", "checkout@acme.example", "ari:cloud:identity::team/1", "42"] {
            assert!(!differ("group:payments", other, &[]), "{other}");
        }
    }

    #[test]
    fn reviewers_of_a_team_are_akin_to_it_and_another_team_is_not() {
        assert!(akin("docs-rs", "@rust-lang/docs-rs-reviewers"));
        assert!(!akin("payments", "@acme/platform"));
    }

    #[test]
    fn a_handle_is_a_person_and_a_team_has_an_organisation() {
        assert_eq!(kind_of("@ada", &[]), OwnerKind::Person);
        assert_eq!(kind_of("user:default/ada", &[]), OwnerKind::Person);
        assert_eq!(kind_of("@acme/payments", &[]), OwnerKind::Group);
        assert_eq!(kind_of("payments", &[]), OwnerKind::Group);
        assert_eq!(kind_of("pay@acme.example", &[]), OwnerKind::Address);
    }

    #[test]
    fn the_account_of_a_program_is_told_from_a_person() {
        for owner in ["@acme-bot", "@dependabot", "@renovate[bot]", "@acme/release-bot"] {
            assert!(is_bot(owner), "{owner}");
        }
        for owner in ["@ada", "@talbot", "@acme/chatbots", "user:default/abbot"] {
            assert!(!is_bot(owner), "{owner}");
        }
    }

    #[test]
    fn placeholders_name_nobody() {
        for owner in ["TBD", "group:guests", "user:guest", "your-team", "@org/team-name", "unknown"]
        {
            assert!(names_nobody(owner), "{owner}");
        }
        assert!(!names_nobody("group:payments"));
    }
}
