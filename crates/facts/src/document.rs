//! What is written for people: README, runbooks, decisions, plans.

use model::{Place, Placed};

use crate::words::mentions;

/// One document of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The file, at its first line.
    pub place: Place,
    /// Whether it tells of something else than the service as it is: of samples, tests, the past.
    pub is_aside: bool,
    /// What it is, judged by its name, folder and title.
    pub role: Role,
    /// The first heading, else the front matter's title.
    pub title: Option<Placed<String>>,
    /// Front matter: keys and scalar values.
    pub front_matter: Vec<(String, Placed<String>)>,
    /// Its sections in order, the text before the first heading as one without a title.
    pub sections: Vec<Section>,
    /// Links, each at its place: addresses and relative paths as written.
    pub links: Vec<Placed<String>>,
    /// When it was last reviewed or updated, where it says so: `YYYY-MM-DD`.
    pub reviewed: Option<Placed<jiff::civil::Date>>,
}

impl Document {
    /// What it is called by its title; empty where it has none.
    pub fn title(&self) -> &str {
        self.title.as_ref().map_or("", |title| title.value.as_str())
    }

    /// What it is called: by its title, and by its file.
    pub fn names(&self) -> [&str; 2] {
        [self.title(), self.place.file_name()]
    }

    /// Whether its title or the name of its file holds one of `phrases`, as [`mentions`] says.
    pub fn is_called(&self, phrases: &[&str]) -> bool {
        self.names().iter().any(|name| mentions(name, phrases))
    }

    /// The name of its file up to the first dot.
    pub fn stem(&self) -> &str {
        let name = self.place.file_name();
        name.split('.').next().unwrap_or(name)
    }
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// README.
    Readme,
    /// Runbook: what to do about one alert or failure.
    Runbook,
    /// Architecture overview.
    Architecture,
    /// Architecture decision record.
    Decision,
    /// Incident playbook: severities, roles.
    Playbook,
    /// On-call expectations, rota, handbook.
    OnCall,
    /// SECURITY.md and such.
    Security,
    /// Threat model.
    ThreatModel,
    /// Disaster recovery plan.
    RecoveryPlan,
    /// Deploy, release and rollback instructions.
    Deploy,
    /// Troubleshooting, FAQ.
    Troubleshooting,
    /// Error budget policy, objectives.
    Objectives,
    /// Support intake or playbook.
    Support,
    /// Decommissioning, retirement.
    Decommission,
    /// Postmortem.
    Postmortem,
    /// Capacity, limits, expected traffic.
    Capacity,
    /// Data retention, ownership, privacy.
    Data,
    /// Risk register.
    Risks,
    /// Anything else.
    Other,
}

/// One section of a [`Document`]: a heading and what stands under it, up to the next heading.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Level of the heading, 1 to 6; 0 for the text before the first.
    pub level: u8,
    /// Text of the heading.
    pub title: Placed<String>,
    /// GitHub's anchor of the heading.
    pub anchor: String,
    /// Text under it without markup, code included, paragraphs separated by line ends.
    pub text: String,
    /// Code blocks under it, with their language.
    pub code: Vec<(String, Placed<String>)>,
    /// Table rows under it: cells as text, the header row first; `---` rows left out.
    pub rows: Vec<Vec<Placed<String>>>,
    /// List items under it, as text.
    pub items: Vec<Placed<String>>,
}
