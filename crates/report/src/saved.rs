//! Reads a verdict that was saved as JSON, as far as a ratchet needs it.

use model::State;
use serde::Deserialize;

/// What was saved of one service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SavedService {
    /// Its name.
    pub service: String,
    /// Its folder.
    pub path: String,
    /// Its answers.
    pub answers: Vec<SavedAnswer>,
}

/// What was saved of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SavedAnswer {
    /// Id of the requirement.
    pub requirement: String,
    /// The state.
    #[serde(rename = "answer")]
    pub state: State,
    /// Whether it blocks.
    pub blocks: bool,
    /// The fingerprints of its findings.
    #[serde(rename = "findings", deserialize_with = "fingerprints")]
    pub fingerprints: Vec<String>,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Saved {
    services: Vec<SavedService>,
}

fn fingerprints<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    struct Finding {
        fingerprint: String,
    }
    let findings = Vec::<Finding>::deserialize(deserializer)?;
    Ok(findings.into_iter().map(|finding| finding.fingerprint).collect())
}

/// Reads `text`, what [`Format::Json`](crate::Format::Json) printed; the error says what is wrong with it.
pub fn read_json(text: &str) -> Result<Vec<SavedService>, String> {
    let not_saved = |error: serde_json::Error| {
        format!("is no saved verdict: {}", crate::visible::line(&error.to_string()))
    };
    let head: Head = serde_json::from_str(text).map_err(not_saved)?;
    if head.schema != crate::json::SCHEMA {
        let found = crate::visible::line(&head.schema);
        return Err(format!("is of the shape `{found}`, not `{}`", crate::json::SCHEMA));
    }
    let saved: Saved = serde_json::from_str(text).map_err(not_saved)?;
    Ok(saved.services)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fingerprints, sample};

    #[test]
    fn what_was_printed_is_read_back() {
        let assessment = sample::two();
        let saved = read_json(&crate::json::print(&assessment)).unwrap();
        assert_eq!(saved.len(), 2);
        let failed = &saved[0].answers[1];
        assert_eq!((failed.state, failed.blocks), (State::Failed, true));
        let answer = &assessment.verdicts.services[0].answers[1];
        let expected = Fingerprints::of(&assessment).get(&answer.requirement, &answer.findings[0]);
        assert_eq!(failed.fingerprints, [expected]);
    }

    #[test]
    fn what_is_no_saved_verdict_is_refused_with_the_reason() {
        let error = read_json("{").unwrap_err();
        assert!(error.contains("line 1"), "{error}");
        let error = read_json("{\"schema\": \"other/v9\", \"services\": []}").unwrap_err();
        assert_eq!(error, "is of the shape `other/v9`, not `gonogo.verdict/v1`");
    }
}
