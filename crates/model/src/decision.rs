//! What people say: attestations, plans, acceptances, not-applicable.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{About, Evidence, EvidenceOutcome, Grade};

/// What a person decided about one requirement of one service; ordered by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// Name of the service.
    pub service: String,
    /// Id of the requirement.
    pub requirement: String,
    /// Who says so.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub ruling: Ruling,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Ruling {
    /// It holds, a named person says so: evidence of the lowest grade.
    Attestation {
        /// What the person says, and knows it from.
        statement: String,
        /// Where it can be looked up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        /// The last day on which it counts.
        until: Date,
    },
    /// It does not hold yet, and somebody will see to it.
    Plan {
        /// Who sees to it.
        owner: String,
        /// What will be done.
        action: String,
        /// The last day on which the plan counts.
        due: Date,
    },
    /// It does not hold, and the risk is taken.
    Acceptance {
        /// Why the risk can be taken.
        reason: String,
        /// Who, with the right to, takes it.
        approver: String,
        /// The last day on which the acceptance counts.
        until: Date,
        /// Id of a requirement that has to be met in its place; when it is not, the acceptance is void.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        compensating: Option<String>,
    },
    /// It cannot be asked of this service.
    NotApplicable {
        /// Id of a claim that the scan checks, such as `no-datastore`.
        claim: String,
        /// What the person adds to it.
        reason: String,
    },
}

impl Ruling {
    /// The word that users read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Attestation { .. } => "attestation",
            Self::Plan { .. } => "plan",
            Self::Acceptance { .. } => "acceptance",
            Self::NotApplicable { .. } => "not-applicable",
        }
    }

    /// The last day on which it counts; `None`: as long as its claim holds.
    pub const fn last_day(&self) -> Option<Date> {
        match self {
            Self::Attestation { until, .. } | Self::Acceptance { until, .. } => Some(*until),
            Self::Plan { due, .. } => Some(*due),
            Self::NotApplicable { .. } => None,
        }
    }
}

impl Decision {
    /// Whether it still counts on `today`.
    pub fn holds_on(&self, today: Date) -> bool {
        self.ruling.last_day().is_none_or(|last| today <= last)
    }

    /// The evidence that an attestation is.
    pub fn as_evidence(&self) -> Option<Evidence> {
        let Ruling::Attestation { until, .. } = &self.ruling else { return None };
        let expiry = until.tomorrow().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Evidence {
            requirement: self.requirement.clone(),
            grade: Grade::Claimed,
            outcome: EvidenceOutcome::Pass,
            at: self.at,
            fresh_until: Some(expiry),
            source: format!("attestation by {}", self.by),
            about: About::default(),
            reproduce: format!("gonogo attest {}", self.requirement),
            seen: Vec::new(),
            findings: Vec::new(),
            error: None,
        })
    }
}
