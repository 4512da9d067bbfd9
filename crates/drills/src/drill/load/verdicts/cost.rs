//! capacity/cost: what the expected load and twice of it cost, from processor time per request, memory, and unit prices.

use super::super::promise::float;
use super::super::stretch::Stretch;
use crate::{Proof, Sample};

const REQUIREMENT: &str = "capacity/cost";
/// Hours of a month as clouds bill it.
const HOURS: f64 = 730.0;
const GIB: f64 = 1_073_741_824.0;

/// What one hour costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// One core.
    pub core_hour: Option<f64>,
    /// One GiB of memory.
    pub gib_hour: Option<f64>,
}

/// What `peak` and `double`, twice the peak, would cost in a month.
pub(in super::super) fn cost(
    prices: Prices,
    peak: &Stretch,
    double: &Stretch,
    samples: &[Sample],
) -> Proof {
    let used: Vec<_> = [peak, double]
        .into_iter()
        .filter_map(|stretch| {
            let requests = stretch.record.sent();
            (requests > 0 && stretch.service.cpu_s > 0.0).then(|| {
                let per_request_s = stretch.service.cpu_s / float(requests);
                let memory = samples
                    .iter()
                    .filter(|sample| sample.at >= stretch.from && sample.at <= stretch.until)
                    .map(|sample| sample.memory_bytes)
                    .max();
                (stretch, per_request_s, float(memory.unwrap_or(0)) / GIB)
            })
        })
        .collect();
    if used.len() < 2 {
        return Proof::inconclusive(
            REQUIREMENT,
            "the processor time of the service was not measured, as the drill did not start it",
        );
    }
    let measured: Vec<_> = used
        .iter()
        .map(|(stretch, per_request_s, memory)| {
            format!(
                "{:.0}/s: {:.2} ms of processor time per request, {:.2} cores, {:.0} MiB",
                stretch.rate_per_s,
                per_request_s * 1e3,
                per_request_s * stretch.rate_per_s,
                memory * 1024.0
            )
        })
        .collect();
    let Some(core_hour) = prices.core_hour else {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "no unit price is given: pass `--core-hour PRICE` and `--gib-hour PRICE`; measured was {}",
                measured.join("; ")
            ),
        );
    };
    let gib_hour = prices.gib_hour.unwrap_or(0.0);
    let mut seen = measured;
    seen.extend(used.iter().map(|(stretch, per_request_s, memory)| {
        let month = HOURS * (per_request_s * stretch.rate_per_s * core_hour + memory * gib_hour);
        format!(
            "{:.0}/s all month costs {month:.2} for one instance's processor time and memory",
            stretch.rate_per_s
        )
    }));
    Proof::kept(REQUIREMENT, seen)
}

#[cfg(test)]
mod tests {
    use super::super::super::stretch::tests::quiet;
    use super::*;
    use crate::Outcome;
    use crate::load::{JourneyRecord, Outcome as Ended};

    fn stretch(rate_per_s: f64, requests: u64, cpu_s: f64) -> Stretch {
        let mut stretch = quiet("peak", rate_per_s);
        let mut journey = JourneyRecord::default();
        journey.on_new.add_many(Ended::Ok, requests);
        stretch.record.journeys.push(journey);
        stretch.service.cpu_s = cpu_s;
        stretch
    }

    #[test]
    fn cost_is_time_per_request_by_rate_by_price() {
        // 1 ms per request at 100/s is a tenth of a core: 73 core hours a month.
        let prices = Prices { core_hour: Some(0.1), gib_hour: None };
        let proof = cost(prices, &stretch(100.0, 1000, 1.0), &stretch(200.0, 2000, 2.0), &[]);
        assert_eq!(proof.outcome, Outcome::Kept);
        assert!(proof.seen[2].contains("100/s all month costs 7.30"), "{proof:?}");
        assert!(proof.seen[3].contains("200/s all month costs 14.60"), "{proof:?}");
    }

    #[test]
    fn without_a_price_or_a_measurement_nothing_is_proven() {
        let (peak, double) = (stretch(100.0, 1000, 1.0), stretch(200.0, 2000, 2.0));
        let without = cost(Prices::default(), &peak, &double, &[]);
        assert!(matches!(without.outcome, Outcome::Inconclusive(why) if why.contains("1.00 ms")));
        let unmeasured = cost(Prices::default(), &peak, &stretch(200.0, 2000, 0.0), &[]);
        assert!(
            matches!(unmeasured.outcome, Outcome::Inconclusive(why) if why.contains("not measured"))
        );
    }
}
