//! An organisation's rules: what each tier asks for, which plans block, who may accept what.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Demand, Kind, Tier};

/// An organisation's rules, complete: every requirement has its terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its version, as its authors count.
    pub version: String,
    /// The tier of a service that declares none.
    pub default_tier: Tier,
    /// For how many days stale evidence is a condition before it blocks.
    pub grace_days: u16,
    /// Whether a plan leaves its requirement blocking, tier 1 first.
    pub plans_block: [bool; 3],
    /// For how many days a risk may be accepted at most, tier 1 first.
    pub acceptance_days: [u16; 3],
    /// Who may accept risks, tier 1 first; an empty list: anybody who is named.
    pub approvers: [Vec<String>; 3],
    /// Each requirement's terms by its id, those of `own` included.
    pub requirements: BTreeMap<String, Terms>,
    /// The organisation's own requirements by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, OwnRequirement>,
}

/// A requirement that the organisation adds to the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnRequirement {
    /// Reads after "This service is ready when".
    pub title: String,
    /// Why it is asked.
    pub why: String,
    /// What to do where it does not hold.
    pub remedy: String,
    /// What it is asked of.
    pub each: Each,
    /// The condition in CEL that a subject passes to be asked at all.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The expression in CEL that has to be true of every subject.
    pub holds: String,
    /// What is found where it is false, `{name}` standing for the subject's name.
    pub message: String,
}

/// What a requirement of the organisation is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// Every workload.
    Workload,
    /// Every container of every workload, those that only run first left out.
    Container,
    /// Every dependency that gonogo.yaml declares.
    Dependency,
    /// Every alerting rule.
    Alert,
    /// Every pipeline.
    Pipeline,
    /// The service as a whole.
    Service,
}

impl Each {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Workload,
        Self::Container,
        Self::Dependency,
        Self::Alert,
        Self::Pipeline,
        Self::Service,
    ];

    /// The word that users read and write, and the name of the subject in expressions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::Container => "container",
            Self::Dependency => "dependency",
            Self::Alert => "alert",
            Self::Pipeline => "pipeline",
            Self::Service => "service",
        }
    }
}

/// What a policy says of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Terms {
    /// What each tier asks for, tier 1 first; `None`: nothing.
    pub demands: [Option<Demand>; 3],
    /// The kinds of service that it applies to.
    pub kinds: Vec<Kind>,
    /// The first day on which it counts; before, it is shown and does not block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Shown, and never blocks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
}

impl Terms {
    /// Whether it blocks on `today`.
    pub fn counts_on(&self, today: Date) -> bool {
        !self.draft && self.from.is_none_or(|from| from <= today)
    }
}

impl Policy {
    /// Whether a plan leaves its requirement blocking at `tier`.
    pub const fn plan_blocks(&self, tier: Tier) -> bool {
        self.plans_block[tier.index()]
    }

    /// Whether `approver` may accept risks of services of `tier`.
    pub fn may_accept(&self, approver: &str, tier: Tier) -> bool {
        let allowed = &self.approvers[tier.index()];
        allowed.is_empty() || allowed.iter().any(|name| name == approver)
    }
}
