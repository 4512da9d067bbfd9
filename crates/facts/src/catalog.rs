//! What the catalog says: one shape for Backstage, Cortex, OpsLevel, Datadog, Compass.

mod owners;
mod pattern;
mod words;

use std::cmp::Ordering;

use model::{Place, Placed};

use crate::discover::name::key;

pub use owners::{Codeowners, Maintainers, OwnerRule};
pub use words::{lifecycle_of, tier_of};

/// One entry of a catalog file that describes a service, library or website.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogEntry {
    /// Whose format it is.
    pub format: CatalogFormat,
    /// Name that identifies it.
    pub name: Placed<String>,
    /// Backstage: the namespace that its name identifies it in, where that is not the default one.
    pub namespace: Option<String>,
    /// Title for people.
    pub title: Option<Placed<String>>,
    /// Description.
    pub description: Option<Placed<String>>,
    /// `spec.type`, `kind` and such, as written: `service`, `website`, `library`.
    pub kind: Option<Placed<String>>,
    /// Owners, first the main one: `group:payments`, a team's name, an e-mail address.
    pub owners: Vec<Placed<String>>,
    /// Tier as written.
    pub tier: Option<Placed<String>>,
    /// Lifecycle as written.
    pub lifecycle: Option<Placed<String>>,
    /// Names of what it depends on, as written.
    pub depends_on: Vec<Placed<String>>,
    /// Links with what they are about.
    pub links: Vec<Link>,
    /// On-call: pager service or schedule.
    pub on_call: Option<Placed<String>>,
    /// Escalation policy or contacts.
    pub escalation: Vec<Placed<String>>,
    /// Folder of its repository that it stands for, where it says so.
    pub folder: Option<String>,
    /// Labels and values of the workloads that it stands for, where it says so.
    pub selector: Vec<(String, String)>,
    /// What does not conform to the format, at its place.
    pub troubles: Vec<Placed<String>>,
    /// Where the entry starts.
    pub place: Place,
}

impl CatalogEntry {
    /// An entry of which only the name is known.
    pub(crate) fn new(format: CatalogFormat, name: Placed<String>, place: Place) -> Self {
        Self {
            format,
            name,
            namespace: None,
            title: None,
            description: None,
            kind: None,
            owners: Vec::new(),
            tier: None,
            lifecycle: None,
            depends_on: Vec::new(),
            links: Vec::new(),
            on_call: None,
            escalation: Vec::new(),
            folder: None,
            selector: Vec::new(),
            troubles: Vec::new(),
            place,
        }
    }

    /// Notes what does not conform, up to a number that nobody reads to the end.
    pub(crate) fn complain(&mut self, place: &Place, trouble: impl Into<String>) {
        note(&mut self.troubles, place, trouble.into());
    }

    /// Adds a link with its type and title as written; one to a pager tells who is on call, where
    /// nothing else does.
    pub(crate) fn add_link(
        &mut self,
        kind: Option<&str>,
        title: Option<&str>,
        url: Placed<String>,
    ) {
        let topic = Topic::of(kind, title, &url);
        if topic == Topic::OnCall && self.on_call.is_none() {
            self.on_call = Some(url.clone());
        }
        self.links.push(Link { topic, title: title.or(kind).map(str::to_owned), url });
    }
}

/// Troubles of one entry or file that are kept.
const MOST_TROUBLES: usize = 200;

/// Adds a trouble, unless there are too many already; that there are more is said once.
fn note(troubles: &mut Vec<Placed<String>>, place: &Place, trouble: String) {
    match troubles.len().cmp(&MOST_TROUBLES) {
        Ordering::Less => troubles.push(Placed::new(trouble, place.clone())),
        Ordering::Equal => {
            let more = "there are more troubles from here on".to_owned();
            troubles.push(Placed::new(more, place.clone()));
        }
        Ordering::Greater => {}
    }
}

/// The address of a repository from its name at a host that is known.
pub(crate) fn repository_at(host: &str, name: Placed<String>) -> Placed<String> {
    let site = match host {
        "github" | "github.com" => "https://github.com/",
        "gitlab" | "gitlab.com" => "https://gitlab.com/",
        "bitbucket" | "bitbucket.org" => "https://bitbucket.org/",
        _ => return name,
    };
    let is_address = name.contains("://");
    let address = if is_address { name.value } else { format!("{site}{}", name.value) };
    Placed::new(address, name.place)
}

/// Whose catalog format an entry is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CatalogFormat {
    /// `catalog-info.yaml`.
    Backstage,
    /// `cortex.yaml`.
    Cortex,
    /// `opslevel.yml`.
    OpsLevel,
    /// `service.datadog.yaml`.
    Datadog,
    /// `compass.yml`.
    Compass,
}

impl CatalogFormat {
    /// The product's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backstage => "Backstage",
            Self::Cortex => "Cortex",
            Self::OpsLevel => "OpsLevel",
            Self::Datadog => "Datadog",
            Self::Compass => "Compass",
        }
    }
}

/// A link of a catalog entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// What it is about.
    pub topic: Topic,
    /// Its title or type, as written.
    pub title: Option<String>,
    /// Address, path in the repository, or what else the format points with; at its place.
    pub url: Placed<String>,
}

/// What a link is about, judged by its type and title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Runbooks.
    Runbook,
    /// Dashboards.
    Dashboard,
    /// Objectives.
    Objective,
    /// On-call schedule or pager.
    OnCall,
    /// Source repository.
    Repository,
    /// Documentation.
    Documentation,
    /// Anything else.
    Other,
}

/// A member of the catalog that owns: Backstage Group or User, Cortex team.
#[derive(Clone, Debug, PartialEq)]
pub struct Party {
    /// Its name.
    pub name: Placed<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// What sort of group it is, where that is written: `team`, `security-champion`.
    pub kind: Option<String>,
    /// Names of a group's members, or of the groups that a user is a member of, where written.
    pub members: Vec<Placed<String>>,
}

impl Party {
    /// Whether it is a group that things of the catalog belong to: one that says no more of itself,
    /// a team, or what teams are parts of. Others are told by what their members do in their teams.
    pub fn is_team(&self) -> bool {
        const WORDS: &[&str] = &[
            "area",
            "chapter",
            "crew",
            "department",
            "division",
            "domain",
            "group",
            "guild",
            "org",
            "organisation",
            "organization",
            "root",
            "squad",
            "subteam",
            "team",
            "tribe",
            "unit",
        ];
        let is_word = |part: &str| WORDS.contains(&part.trim_end_matches('s'));
        let kind = self.kind.as_deref().map(key);
        self.is_group && kind.is_none_or(|kind| kind.is_empty() || kind.split('-').any(is_word))
    }
}
