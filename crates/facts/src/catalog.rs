//! What the catalog says: one shape for Backstage, Cortex, OpsLevel, Datadog, Compass.

use model::{Lifecycle, Place, Placed, Tier};

/// One entry of a catalog file that describes a service, library or website.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogEntry {
    /// Whose format it is.
    pub format: CatalogFormat,
    /// Name that identifies it.
    pub name: Placed<String>,
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
    /// What does not conform to the format, at its place.
    pub troubles: Vec<Placed<String>>,
    /// Where the entry starts.
    pub place: Place,
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
    /// Address, at its place.
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
    /// Names of its members, where written.
    pub members: Vec<Placed<String>>,
}

/// One CODEOWNERS file.
#[derive(Clone, Debug, PartialEq)]
pub struct Codeowners {
    /// The file.
    pub place: Place,
    /// Its rules in order; the last that matches wins.
    pub rules: Vec<OwnerRule>,
    /// Lines that do not parse, with the reason.
    pub troubles: Vec<Placed<String>>,
}

/// One line of a [`Codeowners`] file.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerRule {
    /// Pattern.
    pub pattern: Placed<String>,
    /// Owners: `@org/team`, `@user`, e-mail addresses; empty: nobody.
    pub owners: Vec<Placed<String>>,
}

/// The lifecycle that a word of a catalog stands for.
pub fn lifecycle_of(word: &str) -> Option<Lifecycle> {
    match word.to_ascii_lowercase().as_str() {
        "experimental" | "development" | "alpha" | "beta" | "pre-release" | "prototype" => {
            Some(Lifecycle::Experimental)
        }
        "production" | "active" | "ga" | "generally_available" | "operational" => {
            Some(Lifecycle::Production)
        }
        "deprecated" | "end-of-life" | "eol" | "sunset" => Some(Lifecycle::Deprecated),
        "retired" | "decommissioned" | "end-of-support" => Some(Lifecycle::Retired),
        _ => None,
    }
}

/// The tier that a word of a catalog stands for: `1`, `tier_1`, `critical`, `low`.
pub fn tier_of(word: &str) -> Option<Tier> {
    if let Ok(tier) = word.parse() {
        return Some(tier);
    }
    match word.to_ascii_lowercase().as_str() {
        "tier_0" | "tier 0" | "tier-0" | "tier0" | "0" | "critical" | "mission-critical"
        | "mission critical" => Some(Tier::One),
        "high" | "important" => Some(Tier::Two),
        "medium" | "low" | "tier_4" | "tier 4" | "tier-4" | "tier4" | "4" => Some(Tier::Three),
        _ => None,
    }
}
