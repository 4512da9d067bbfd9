//! Expected peak and growth are written down, per journey.

use std::sync::LazyLock;

use regex::Regex;

use crate::contradiction;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/expected-traffic",
    title: "expected peak and growth are written down, per journey",
    why: "Capacity that was planned for no number is right by luck, and nobody notices when the traffic outgrows it.",
    remedy: "Declare `peak` and `growth` for each journey in gonogo.yaml, from measured traffic where there is any.",
    references: &[Reference {
        title: "Site Reliability Engineering: launch checklist",
        url: "https://sre.google/sre-book/launch-checklist/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Endpoint, Change::Configuration],
    demands: [
        Demand::within(Grade::Observed, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::LONG_RUNNING,
    reads: &[Subject::Declaration],
    proofs: &[
        Proof::Service(judge),
        Proof::Live("Prometheus: the peak of the last weeks against the one that was expected"),
    ],
    cases: include_str!("expected_traffic.md"),
};

static HEADINGS: &[&str] = &[
    "capacity plan",
    "capacity planning",
    "expected load",
    "expected traffic",
    "load estimate",
    "traffic",
];

static GROWTH: &[&str] = &["forecast", "growth", "grow", "grows"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let journeys = scope.declaration.and_then(|declaration| declaration.journeys.as_deref());
    match journeys {
        Some([]) => match contradiction::traffic(scope) {
            Some(seen) => Outcome::Unknown(format!(
                "gonogo.yaml declares that it has no journey, but {seen}: list what users do with \
                 it under `journeys:`"
            )),
            None => Outcome::not_applicable("gonogo.yaml declares that it has no journey"),
        },
        Some(journeys) => {
            let outcomes = journeys.iter().map(|journey| estimated(journey, scope));
            Outcome::all(outcomes).unwrap_or_else(|| written(scope))
        }
        None => written(scope),
    }
}

/// Whether a journey has a peak, and whether its growth is written there or in a capacity plan.
fn estimated(journey: &Journey, scope: &Scope<'_>) -> Outcome {
    let name = &journey.name.value;
    let Some(peak) = &journey.peak_per_s else {
        return Finding::at(&journey.name.place, format!("`{name}` has no expected peak"))
            .help("declare it:\n\npeak: 50/s\ngrowth: 20 % a year")
            .into();
    };
    if peak.value <= 0.0 {
        return Finding::at(&peak.place, format!("`{name}` expects no traffic at all"))
            .help("declare the peak that users will bring")
            .into();
    }
    let grown = journey.growth.as_ref().filter(|growth| !prose::is_placeholder(growth));
    let planned = || plan(scope).chapters.iter().find_map(|c| c.states(has_growth)).cloned();
    match grown.map(|growth| growth.place.clone()).or_else(planned) {
        Some(place) => Outcome::Met(vec![
            Sighting::at(&peak.place, format!("`{name}` expects {} requests/s", peak.value)),
            Sighting::at(&place, "its growth"),
        ]),
        None => Finding::at(&journey.name.place, format!("`{name}` does not say how it will grow"))
            .help("declare it beside the peak:\n\ngrowth: 20 % a year")
            .into(),
    }
}

fn plan<'a>(scope: &Scope<'a>) -> Pages<'a> {
    pages(scope, Role::Capacity, HEADINGS, "capacity")
}

/// Whether a capacity plan gives a rate and the growth of it.
fn written(scope: &Scope<'_>) -> Outcome {
    let plan = plan(scope);
    let rate = plan.chapters.iter().find_map(|chapter| chapter.states_in_words(has_rate));
    let growth = plan.chapters.iter().find_map(|chapter| chapter.states_in_words(has_growth));
    match (rate, growth) {
        (Some(rate), Some(growth)) => Outcome::Met(vec![
            Sighting::at(rate, "the expected rate"),
            Sighting::at(growth, "its growth"),
        ]),
        _ => plan.unknown(
            "expected peak with its growth",
            "declare each journey with `peak` and `growth` in gonogo.yaml",
        ),
    }
}

/// Whether it says by how much something grows: "10 % a quarter", "doubles within a year", "next year
/// 80/s". That logs grow is no estimate, and neither is that something is to happen next year.
fn has_growth(text: &str) -> bool {
    let has_amount = text.contains('%') || prose::mentions(text, &["fold", "percent", "times"]);
    let has_period = prose::mentions(text, PERIODS);
    (prose::mentions(text, GROWTH) && (has_amount || has_period))
        || (prose::mentions(text, &["next year", "per year", "yearly"])
            && (has_amount || has_rate(text)))
        || (prose::mentions(text, &["double*", "triple*"]) && has_period)
}

static PERIODS: &[&str] = &["month", "monthly", "quarter", "quarterly", "week", "year", "yearly"];

/// Whether a rate stands in `text`: "50 requests per second", "50/s", "300 rps", "2,000 a day".
fn has_rate(text: &str) -> bool {
    let has_number = text.contains(|c: char| c.is_ascii_digit());
    let words = [
        "rps",
        "qps",
        "per second",
        "a second",
        "per minute",
        "a minute",
        "per hour",
        "per day",
        "a day",
    ];
    let has_unit = || RATE.as_ref().is_some_and(|rate| rate.is_match(text));
    has_number && (prose::mentions(text, &words) || has_unit())
}

/// A number or a word with a unit of time behind one slash: "50/s", "requests / min", and no path.
static RATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let counted = r"(^|[\s(|~<>≤≥=*`])(\d[\d.,_]*\s?[kKmM]?\+?|[A-Za-z]+)";
    let unit = r"(s|sec|seconds?|min|minutes?|h|hr|hours?|d|days?)";
    Regex::new(&format!(r"(?i)\d\s?[km]?[rq]ps\b|{counted}\s?/\s?{unit}($|[\s).,;:|*`])")).ok()
});
