//! Reads a verdict that was saved as JSON, as far as a ratchet needs it.

use model::{BaseAnswer, Baseline, State};
use serde::Deserialize;

use crate::visible;

#[derive(Deserialize)]
struct Head {
    schema: String,
}

#[derive(Deserialize)]
struct Saved {
    services: Vec<Service>,
    #[serde(default)]
    troubles: Vec<String>,
}

#[derive(Deserialize)]
struct Service {
    service: String,
    answers: Vec<SavedAnswer>,
}

#[derive(Deserialize)]
struct SavedAnswer {
    requirement: String,
    answer: State,
    blocks: bool,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    path: String,
    message: String,
}

/// Reads `text`, what [`Format::Json`](crate::Format::Json) printed; the error says what is wrong
/// with it. With the baseline come the troubles of its making.
pub fn read_baseline(text: &str) -> Result<(Baseline, Vec<String>), String> {
    let head: Head = serde_json::from_str(text).map_err(in_words)?;
    if head.schema != crate::json::SCHEMA {
        let found = visible::line(&head.schema);
        return Err(format!("its schema is `{found}`, not `{}`", crate::json::SCHEMA));
    }
    let saved: Saved = serde_json::from_str(text).map_err(in_words)?;
    let mut baseline = Baseline::default();
    for service in saved.services {
        for answer in service.answers {
            let findings = answer.findings.into_iter().map(|f| (f.path, f.message)).collect();
            let base = BaseAnswer { state: answer.answer, blocks: answer.blocks, findings };
            baseline.insert(service.service.clone(), answer.requirement, base);
        }
    }
    Ok((baseline, saved.troubles))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn in_words(error: serde_json::Error) -> String {
    visible::line(&error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_was_printed_is_read_back() {
        for assessment in [sample::two(), sample::hostile()] {
            let read = read_baseline(&crate::json::print(&assessment)).unwrap();
            assert_eq!(read, (Baseline::of(&assessment), assessment.troubles));
        }
    }

    #[test]
    fn what_is_no_saved_verdict_is_refused_with_the_reason() {
        let error = read_baseline("{").unwrap_err();
        assert!(error.contains("line 1"), "{error}");
        let error = read_baseline("{\"schema\": \"other/v9\", \"services\": []}").unwrap_err();
        assert_eq!(error, "its schema is `other/v9`, not `gonogo.verdict/v1`");
    }
}
