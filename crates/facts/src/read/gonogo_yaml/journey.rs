//! Journeys and what is promised for them.

use model::Placed;

use super::numbered;
use crate::schema::Fields;
use crate::{Exchange, Indicator, Journey, Objective};

/// Seconds in a day.
const DAY_S: f64 = 86_400.0;

/// The journeys of a service; none where the key is missing, or where nobody filled in a single one.
pub(super) fn journeys(service: Fields<'_>) -> Option<Vec<Journey>> {
    let name = service.text("service");
    let items = service.list("journeys")?;
    let count = items.len();
    let journeys = items.into_iter().enumerate().filter(|(_, fields)| !is_open(*fields));
    let journeys = journeys.map(|(position, fields)| journey(fields, position, name.as_ref()));
    let journeys: Vec<Journey> = journeys.collect();
    (count == 0 || !journeys.is_empty()).then_some(journeys)
}

/// Whether it is still the one that `gonogo init` wrote: nobody promised what stands in it.
fn is_open(journey: Fields<'_>) -> bool {
    let request = journey.inside("request");
    journey.is_open("name") || request.is_some_and(|request| request.is_open("path"))
}

fn journey(fields: Fields<'_>, position: usize, service: Option<&Placed<String>>) -> Journey {
    let place = fields.place();
    let name = fields.text("name").unwrap_or_else(|| numbered("journey", position, &place));
    Journey {
        request: fields.inside("request").and_then(request),
        exchange: exchange(fields),
        capture: captures(fields),
        read_back: fields.inside("read-back").and_then(exchange),
        identity: fields.text("as"),
        expected_status: fields.inside("expect").and_then(|expect| expect.whole("status")),
        peak_per_s: fields.rate_per_s("peak"),
        growth: fields.text("growth"),
        objectives: objectives(fields, &name, service),
        name,
        place,
    }
}

fn request(fields: Fields<'_>) -> Option<Placed<(String, String)>> {
    let path = fields.text("path")?;
    let method = fields.text("method").map_or_else(|| "GET".to_owned(), |method| method.value);
    Some(Placed::new((method, path.value), path.place))
}

/// The `request` and the `expect` in `fields`.
fn exchange(fields: Fields<'_>) -> Option<Exchange> {
    let request = fields.inside("request")?;
    let expect = fields.inside("expect");
    Some(Exchange {
        method: request.text("method").map_or_else(|| "GET".to_owned(), |method| method.value),
        path: request.text("path")?.value,
        headers: request.texts("headers"),
        body: request.text("body").map(|body| body.value),
        status: expect.and_then(|expect| expect.whole("status")).map(|status| status.value),
        expected_headers: expect.map_or_else(Vec::new, |expect| expect.texts("headers")),
        expected_body: expect.and_then(|expect| expect.text("body")).map(|body| body.value),
    })
}

fn captures(fields: Fields<'_>) -> Vec<(String, Placed<String>)> {
    fields.named_texts("capture").into_iter().map(|(name, pointer)| (name.value, pointer)).collect()
}

fn objectives(
    journey: Fields<'_>,
    name: &Placed<String>,
    service: Option<&Placed<String>>,
) -> Vec<Objective> {
    let Some(fields) = journey.inside("objectives") else { return Vec::new() };
    let window_d =
        fields.duration_s("window").map(|window| Placed::new(window.value / DAY_S, window.place));
    let objective = |what: &str, indicator, target: Placed<f64>| Objective {
        name: Placed::new(format!("{} {what}", name.value), target.place.clone()),
        service: service.cloned(),
        indicator,
        place: target.place.clone(),
        target: Some(target),
        threshold_ms: None,
        window_d: window_d.clone(),
        journey: Some(name.value.clone()),
        format: "gonogo.yaml",
        generates_alerts: false,
        pages: false,
    };
    let availability = fields.ratio("availability");
    let availability =
        availability.map(|target| objective("availability", Indicator::Availability, target));
    let latencies = fields.quantiles("latency").into_iter().map(|(target, key, seconds)| {
        let what = format!("latency {}", key.value);
        let threshold_ms = Some(Placed::new(milliseconds(seconds.value), seconds.place));
        Objective { threshold_ms, ..objective(&what, Indicator::Latency, target) }
    });
    availability.into_iter().chain(latencies).collect()
}

/// Rounded to a millionth, which undoes what dividing did to whole milliseconds.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e6
}
