//! One dated look at one requirement, and what it brought.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Demand, Finding, Grade, Sighting};

/// One dated result for one requirement of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evidence {
    /// Id of the requirement.
    pub requirement: String,
    /// How strong it is.
    pub grade: Grade,
    /// What came out.
    pub outcome: EvidenceOutcome,
    /// When the look was taken, or the day that the oldest thing seen speaks of.
    pub at: Timestamp,
    /// Until when it is fresh by its own word; the policy may ask for less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_until: Option<Timestamp>,
    /// Where it came from: `checkout`, `attestation by ada`, `drill fault`.
    pub source: String,
    /// What it was about.
    pub about: About,
    /// The command that takes the same look again.
    pub reproduce: String,
    /// What was seen that speaks for the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Sighting>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Why the look could not be taken, for [`EvidenceOutcome::Error`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What came out of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceOutcome {
    /// It holds.
    Pass,
    /// The look could not be taken: says nothing about the service.
    Error,
    /// It does not hold.
    Fail,
}

/// What evidence was about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct About {
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The image digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Evidence {
    /// The first moment at which it is no longer fresh under `demand`; `None`: has no date.
    pub fn fresh_until(&self, demand: Demand) -> Option<Timestamp> {
        let by_policy = demand.days.map(|days| {
            self.at
                .saturating_add(SignedDuration::from_hours(24 * i64::from(days)))
                .unwrap_or(Timestamp::MAX)
        });
        match (self.fresh_until, by_policy) {
            (Some(own), Some(policy)) => Some(own.min(policy)),
            (own, policy) => own.or(policy),
        }
    }

    /// Its own expiry; evidence without one outlasts all that have one.
    pub(crate) fn own_expiry(&self) -> Timestamp {
        self.fresh_until.unwrap_or(Timestamp::MAX)
    }

    /// Whether it is fresh at `now` under `demand`.
    pub fn is_fresh(&self, demand: Demand, now: Timestamp) -> bool {
        self.fresh_until(demand).is_none_or(|until| now < until)
    }

    /// The day on which it expires under `demand`, in UTC.
    pub fn fresh_until_day(&self, demand: Demand) -> Option<Date> {
        self.fresh_until(demand).map(|until| until.to_zoned(jiff::tz::TimeZone::UTC).date())
    }
}

/// What one look at one requirement brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// A result.
    Evidence(Evidence),
    /// There is nothing that the requirement could be asked of.
    NotApplicable {
        /// Id of the requirement.
        requirement: String,
        /// What is not there, and was looked for.
        reason: String,
    },
    /// What was seen does not decide it.
    Unknown {
        /// Id of the requirement.
        requirement: String,
        /// What is missing.
        reason: String,
    },
}

impl Look {
    /// Id of the requirement.
    pub fn requirement(&self) -> &str {
        match self {
            Self::Evidence(evidence) => &evidence.requirement,
            Self::NotApplicable { requirement, .. } | Self::Unknown { requirement, .. } => {
                requirement
            }
        }
    }
}
