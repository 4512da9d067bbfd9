//! Whether a service keeps its own promises before anything is done to it.

use crate::Service;
use crate::load::{Outcome, Record};

/// In which way the service misses its own promises without any fault.
pub(super) fn falls_short(service: &Service, record: &Record) -> Option<String> {
    if record.reached_nothing() {
        return Some("the service does not listen any more".to_owned());
    }
    for (journey, seen) in service.journeys.iter().zip(&record.journeys) {
        let (total, failed) = (seen.counts().total(), seen.failures());
        #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
        let allowed = (total as f64 * (1.0 - journey.availability.unwrap_or(0.99))).max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
        let is_over = failed as f64 > allowed;
        if is_over {
            let counts = seen.counts();
            let kinds: Vec<_> = Outcome::ALL
                .iter()
                .filter(|outcome| outcome.is_failure(false) && counts.of(**outcome) > 0)
                .map(|outcome| outcome.name())
                .collect();
            return Some(format!(
                "{failed} of {total} requests of `{}` already fail ({})",
                journey.name,
                kinds.join(", ")
            ));
        }
        for objective in &journey.latencies {
            let took = seen.latency.quantile(objective.quantile);
            if took > objective.within {
                return Some(format!(
                    "`{}` takes {:.0} ms at the {} quantile, and {:.0} ms are promised",
                    journey.name,
                    took.as_secs_f64() * 1e3,
                    objective.quantile,
                    objective.within.as_secs_f64() * 1e3
                ));
            }
        }
    }
    None
}
