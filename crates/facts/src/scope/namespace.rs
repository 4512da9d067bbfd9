//! Which namespaces an alert that names no service looks at.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use crate::{Alert, Workload};

static SELECTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\bnamespace\s*(=~|=)\s*"([^"]*)""#).ok());

/// Selectors of one expression that are looked at; of an expression with more nothing is known.
const MOST_SELECTORS: usize = 16;

/// Bytes that one pattern may take.
const MOST_BYTES: usize = 1 << 16;

/// The namespaces that an expression selects; none where it selects by no namespace.
pub(super) struct Namespaces(Vec<Regex>);

impl Namespaces {
    /// What the expression of `alert` selects; a pattern that is not understood selects all.
    pub(super) fn of(alert: &Alert) -> Self {
        let Some(selected) = SELECTED.as_ref() else { return Self(Vec::new()) };
        let found = selected.captures_iter(&alert.expression).take(MOST_SELECTORS + 1);
        let patterns: Option<Vec<Regex>> = found
            .map(|found| {
                let value = found.get(2)?.as_str();
                let is_pattern = found.get(1)?.as_str() == "=~";
                let value = if is_pattern { value.to_owned() } else { regex::escape(value) };
                let mut pattern = RegexBuilder::new(&format!("^(?:{value})$"));
                pattern.size_limit(MOST_BYTES).build().ok()
            })
            .collect();
        Self(patterns.filter(|all| all.len() <= MOST_SELECTORS).unwrap_or_default())
    }

    /// Whether a service with these workloads may be among what is selected: only one that runs
    /// elsewhere for certain is not.
    pub(super) fn may_hold(&self, workloads: &[&Workload]) -> bool {
        let is_selected = |workload: &&Workload| {
            workload.namespace.as_ref().is_none_or(|namespace| {
                self.0.iter().any(|pattern| pattern.is_match(&namespace.value))
            })
        };
        self.0.is_empty() || workloads.is_empty() || workloads.iter().any(is_selected)
    }
}
