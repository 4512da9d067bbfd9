//! The time that a whole check may take. What was not judged by then is an error, never met.

use std::time::{Duration, Instant};

/// When to stop judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    /// The time that no honest repository needs: five minutes.
    pub const USUAL: Duration = Duration::from_mins(5);

    /// Time `limit` from now on.
    pub fn after(limit: Duration) -> Self {
        Self { started: Instant::now(), limit }
    }

    /// Whether the time is over.
    pub(crate) fn is_over(&self) -> bool {
        self.started.elapsed() >= self.limit
    }

    /// Why something was not judged.
    pub(crate) fn reason(&self) -> String {
        format!("was not judged: the time for the whole check, {}, was over", self.in_words())
    }

    /// What to tell of `count` answers that were not judged.
    pub(crate) fn trouble(&self, count: usize) -> String {
        let answers = model::counted_as(count, "answer was", "answers were");
        format!(
            "the time for the whole check, {}, was over before {answers} judged; give it more with \
             `--time-limit`, or judge fewer services with `--service`",
            self.in_words()
        )
    }

    fn in_words(&self) -> String {
        format!("{} s", self.limit.as_secs_f64())
    }
}
