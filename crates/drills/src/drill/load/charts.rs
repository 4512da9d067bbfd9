//! What a reader looks at: latency over time, throughput against offered load, the distribution, and what was used.

use std::time::Instant;

use super::super::axis::{TIME, since};
use super::promise::{float, latencies};
use super::stretch::Stretch;
use crate::{Chart, Sample, Series, Service, Shade};

/// All charts of the drill.
pub(super) fn charts(
    service: &Service,
    began: Instant,
    stretches: &[&Stretch],
    samples: &[Sample],
) -> Vec<Chart> {
    let mut charts =
        vec![latency(service, began, stretches), throughput(stretches), distribution(stretches)];
    charts.extend(resources(began, stretches, samples));
    charts
}

fn shades(began: Instant, stretches: &[&Stretch]) -> Vec<Shade> {
    let shade = |stretch: &&Stretch| Shade {
        from: since(began, stretch.from),
        to: since(began, stretch.until),
        label: format!("{}, {:.0}/s", stretch.name, stretch.rate_per_s),
    };
    stretches.iter().map(shade).collect()
}

fn latency(service: &Service, began: Instant, stretches: &[&Stretch]) -> Chart {
    let series = |name: &str, quantile: f64| Series {
        name: name.to_owned(),
        points: stretches
            .iter()
            .flat_map(|stretch| {
                let from = since(began, stretch.from);
                stretch.record.seconds.iter().map(move |second| {
                    let took = second.latency.unpack().quantile(quantile).as_secs_f64() * 1e3;
                    (from + float(second.index) + 0.5, took)
                })
            })
            .collect(),
    };
    let levels = service.journeys.iter().flat_map(|journey| {
        latencies(journey).into_iter().map(|objective| {
            let name =
                format!("{}: {} %", journey.name, super::promise::percent(objective.quantile));
            (name, objective.within.as_secs_f64() * 1e3)
        })
    });
    Chart {
        title: "Latency over time, from the moment at which each request was due".to_owned(),
        x: TIME.to_owned(),
        y: "milliseconds".to_owned(),
        series: vec![series("p50", 0.5), series("p99", 0.99)],
        shaded: shades(began, stretches),
        levels: levels.collect(),
        is_bars: false,
    }
}

fn throughput(stretches: &[&Stretch]) -> Chart {
    let mut points: Vec<_> =
        stretches.iter().map(|stretch| (stretch.rate_per_s, stretch.answered_per_s())).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let offered = points.iter().map(|point| (point.0, point.0)).collect();
    Chart {
        title: "Throughput against offered load".to_owned(),
        x: "requests per second that were due".to_owned(),
        y: "requests per second that were answered".to_owned(),
        series: vec![
            Series { name: "answered".to_owned(), points },
            Series { name: "as offered".to_owned(), points: offered },
        ],
        ..Chart::default()
    }
}

fn distribution(stretches: &[&Stretch]) -> Chart {
    let series = stretches.iter().take(4).map(|stretch| Series {
        name: format!("{}, {:.0}/s", stretch.name, stretch.rate_per_s),
        points: stretch
            .record
            .latency()
            .buckets()
            .into_iter()
            .map(|(bound, count)| (bound.as_secs_f64() * 1e3, float(count)))
            .collect(),
    });
    Chart {
        title: "Distribution of latency".to_owned(),
        x: "milliseconds".to_owned(),
        y: "requests".to_owned(),
        series: series.collect(),
        is_bars: true,
        ..Chart::default()
    }
}

fn resources(began: Instant, stretches: &[&Stretch], samples: &[Sample]) -> Vec<Chart> {
    let chart = |title: &str, y: &str, of: &dyn Fn(&Sample) -> f64| Chart {
        title: title.to_owned(),
        x: TIME.to_owned(),
        y: y.to_owned(),
        series: vec![Series {
            name: y.to_owned(),
            points: samples.iter().map(|sample| (since(began, sample.at), of(sample))).collect(),
        }],
        shaded: shades(began, stretches),
        ..Chart::default()
    };
    if samples.is_empty() {
        return Vec::new();
    }
    let cores = Chart {
        series: vec![Series { name: "cores".to_owned(), points: cores(began, samples) }],
        ..chart("Processor time of the service", "cores", &|_| 0.0)
    };
    vec![
        chart("Memory of the service", "MiB", &|sample| float(sample.memory_bytes) / 1_048_576.0),
        chart("Open descriptors of the service", "descriptors", &|sample| {
            float(sample.descriptors)
        }),
        chart("Threads of the service", "threads", &|sample| float(sample.threads)),
        cores,
    ]
}

fn cores(began: Instant, samples: &[Sample]) -> Vec<(f64, f64)> {
    samples
        .windows(2)
        .filter_map(|pair| {
            let [one, other] = pair else { return None };
            let wall_s = other.at.duration_since(one.at).as_secs_f64();
            (wall_s > 0.0)
                .then(|| (since(began, other.at), (other.cpu_s - one.cpu_s).max(0.0) / wall_s))
        })
        .collect()
}
