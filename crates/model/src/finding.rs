//! What was seen: for the good as a sighting, for the bad as a finding.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Place;

/// What is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// A clause that names the thing in backquotes and says what was seen.
    pub message: String,
    /// Where it was seen.
    #[serde(flatten)]
    pub place: Place,
    /// An imperative, with the exact lines to add where that is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Other places that belong to the matter, each with its part in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Sighting>,
}

impl Finding {
    /// A finding at `place`.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), place: place.clone(), help: None, related: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that belongs to the matter.
    #[must_use]
    pub fn related(mut self, place: &Place, message: impl Into<String>) -> Self {
        self.related.push(Sighting::at(place, message));
        self
    }
}

/// Something that was seen at a place and speaks for the service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sighting {
    /// A clause that names the thing in backquotes and says what was seen.
    pub message: String,
    /// Where it was seen.
    #[serde(flatten)]
    pub place: Place,
    /// The day that what was seen speaks of, where that is not the day of the look: the last review
    /// of a document. Evidence is as old as the oldest of its sightings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
}

impl Sighting {
    /// A sighting at `place`.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { message: message.into(), place: place.clone(), as_of: None }
    }

    /// Says which day the sighting speaks of.
    #[must_use]
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }
}
