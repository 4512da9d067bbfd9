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
    /// Each requirement's terms by its id.
    pub requirements: BTreeMap<String, Terms>,
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
