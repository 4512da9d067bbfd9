//! Dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey.

use crate::prelude::*;
use crate::signal::{mentions_service, quoted};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/dashboards",
    title: "dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey",
    why: "In an incident the first question is how bad it is, and since when; a mean hides the slowest requests, which are those of the most active users.",
    remedy: "Build one dashboard per service with p50, p95, p99 and p99.9 latency, error rate, and the saturation of what can run out, per journey.",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "Grafana: dashboard best practices",
            url: "https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/best-practices/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[Subject::Dashboards],
    proofs: &[
        Proof::Service(judge),
        Proof::Live("Prometheus: whether each query of the dashboards gives data"),
    ],
    cases: include_str!("dashboards.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let shown = scope.dashboards.iter().copied().filter(|dashboard| may_count(dashboard, scope));
    let shown: Vec<&Dashboard> = shown.collect();
    let own = shown.iter().copied().filter(|dashboard| is_own(dashboard, scope));
    let own: Vec<&Dashboard> = own.collect();
    let seen: Vec<(View, Sighting)> = shown.iter().flat_map(|dashboard| views(dashboard)).collect();
    let Some(best) = own.iter().max_by_key(|dashboard| distinct(&views(dashboard))) else {
        return without_own(scope);
    };
    let is_missing = |view: &&View| !seen.iter().any(|(known, _)| known == *view);
    let missing: Vec<&str> = View::ALL.iter().filter(is_missing).map(|view| view.words()).collect();
    if missing.is_empty() {
        return Outcome::Met(first_of_each(seen));
    }
    if let Some(title) = own.iter().flat_map(|it| &it.panels).find_map(unread_panel) {
        return Outcome::Unknown(format!(
            "no query was read from panel `{}` (`{}` line {}), and no other panel shows {}",
            title.value,
            title.place.path,
            title.place.line,
            model::listed(&missing, "or")
        ));
    }
    let place = best.title.as_ref().map_or(&best.place, |title| &title.place);
    let name = called(best);
    let others = match own.as_slice() {
        [_] => String::new(),
        [first, second] if first.place == best.place => format!(" and `{}`", called(second)),
        [first, _] => format!(" and `{}`", called(first)),
        _ => format!(" and {} other dashboards", own.len() - 1),
    };
    let verb = if own.len() == 1 { "shows" } else { "show" };
    let message = format!("`{name}`{others} {verb} no {}", model::listed(&missing, "and"));
    Finding::at(place, message).help(HELP).into()
}

/// Its title, else the name of its file.
fn called(dashboard: &Dashboard) -> &str {
    let title = dashboard.title.as_ref();
    title.map_or(dashboard.place.file_name(), |title| title.value.as_str())
}

const HELP: &str = "add panels with queries like these:\n\n\
    histogram_quantile(0.999, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))\n\
    sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))\n\
    sum(rate(container_cpu_usage_seconds_total[5m])) / sum(kube_pod_container_resource_limits{resource=\"cpu\"})";

/// What a dashboard of a service has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum View {
    P50,
    P95,
    P99,
    P999,
    Errors,
    Saturation,
}

impl View {
    const ALL: [Self; 6] =
        [Self::P50, Self::P95, Self::P99, Self::P999, Self::Errors, Self::Saturation];

    const fn words(self) -> &'static str {
        match self {
            Self::P50 => "p50 latency",
            Self::P95 => "p95 latency",
            Self::P99 => "p99 latency",
            Self::P999 => "p99.9 latency",
            Self::Errors => "error rate",
            Self::Saturation => "saturation",
        }
    }
}

fn distinct(views: &[(View, Sighting)]) -> usize {
    View::ALL.iter().filter(|view| views.iter().any(|(known, _)| known == *view)).count()
}

fn first_of_each(seen: Vec<(View, Sighting)>) -> Vec<Sighting> {
    let mut known: Vec<View> = Vec::new();
    let mut kept = Vec::new();
    for (view, sighting) in seen {
        if !known.contains(&view) {
            known.push(view);
            kept.push(sighting);
        }
    }
    kept
}

/// Whether the dashboard is about the service: it names it, or shows how requests fare.
fn is_own(dashboard: &Dashboard, scope: &Scope<'_>) -> bool {
    views(dashboard).iter().any(|(view, _)| *view != View::Saturation)
        || names_service(dashboard, scope)
}

fn names_service(dashboard: &Dashboard, scope: &Scope<'_>) -> bool {
    let queries = dashboard.panels.iter().flat_map(|panel| &panel.queries);
    let texts = [title(dashboard), dashboard.place.file_name()];
    let texts = texts.into_iter().chain(queries.flat_map(|query| quoted(query)));
    mentions_service(texts, &dashboard.place.path, scope)
}

/// Whether what the dashboard shows may be the service's: where there are several, it names this
/// one or lets whoever looks choose one.
fn may_count(dashboard: &Dashboard, scope: &Scope<'_>) -> bool {
    let mut queries = dashboard.panels.iter().flat_map(|panel| &panel.queries);
    let is_shared = !is_rehearsal(&dashboard.place.path)
        && !is_of_cluster(dashboard)
        && !is_of_bench(dashboard);
    is_shared
        && (scope.is_only_one
            || queries.any(|query| CHOSEN.iter().any(|variable| query.contains(variable)))
            || names_service(dashboard, scope))
}

/// Variables of a dashboard by which whoever looks chooses the service.
static CHOSEN: &[&str] =
    &["$app", "$deployment", "$job", "$service", "$workload", "${app", "${job", "${service"];

fn is_of_cluster(dashboard: &Dashboard) -> bool {
    prose::mentions(title(dashboard), OF_CLUSTERS)
}

/// Whether it shows how a test with load goes, and not what users meet.
fn is_of_bench(dashboard: &Dashboard) -> bool {
    let tests = [
        "benchmark*",
        "gatling",
        "jmeter",
        "k6",
        "load test*",
        "loadtest*",
        "locust",
        "perf test*",
        "performance test*",
    ];
    [title(dashboard), &dashboard.place.path].iter().any(|text| prose::mentions(text, &tests))
}

fn title(dashboard: &Dashboard) -> &str {
    dashboard.title.as_ref().map_or("", |title| title.value.as_str())
}

/// Titles of dashboards that come with clusters and their monitoring.
static OF_CLUSTERS: &[&str] = &[
    "alertmanager",
    "api server",
    "cluster",
    "coredns",
    "etcd",
    "kubelet",
    "kubernetes",
    "node exporter",
    "nodes",
    "prometheus",
    "proxy",
    "scheduler",
];

fn views(dashboard: &Dashboard) -> Vec<(View, Sighting)> {
    let panels = dashboard.panels.iter();
    let queries = panels.flat_map(|panel| panel.queries.iter().map(move |query| (panel, query)));
    queries
        .filter(|(_, query)| reads_something(query))
        .flat_map(|(panel, query)| {
            let title = panel.title.as_ref().map_or("", |title| title.value.as_str());
            shown(title, query).into_iter().map(move |view| {
                let message = format!("panel `{title}` shows {}", view.words());
                (view, Sighting::at(&query.place, message))
            })
        })
        .collect()
}

/// What one query under a title shows.
fn shown(title: &str, query: &str) -> Vec<View> {
    let title = title.to_lowercase();
    let query = query.to_lowercase();
    let metrics = words(&query);
    let has = |known: &[&str]| metrics.iter().any(|word| known.contains(word));
    let is_titled = |phrases: &[&str]| prose::mentions(&title, phrases);
    let is_time = has(TIMES) || is_titled(&["latency", "duration", "response time"]);
    let mut shown = Vec::new();
    if is_time && !is_titled(&["gc", "garbage collection", "certificate"]) {
        shown.extend(
            QUANTILES
                .iter()
                .filter(|(_, parts)| {
                    let in_query = parts.iter().any(|part| has_part(&query, part));
                    in_query || parts.iter().any(|part| has_part(&title, part))
                })
                .map(|(view, _)| *view),
        );
    }
    let has_code =
        ["=~\"5", "=\"5", "=~\"[45]", "=~\"(5", "!~\"2", "=~\"4..|5", "outcome!=\"success"];
    if has(ERRORS)
        || has_code.iter().any(|code| query.contains(code))
        || (has(ANSWERED) && is_told_apart(&query))
        || is_titled(&["error", "error rate", "failed", "failure", "failures", "5xx"])
    {
        shown.push(View::Errors);
    }
    let is_full = has(LIMITED)
        || is_titled(&[
            "cpu",
            "memory",
            "saturation",
            "utilization",
            "utilisation",
            "queue",
            "pool",
        ]);
    // What processors cost says nothing of how busy they are.
    if is_full && !has(MONEY) && !is_titled(MONEY) {
        shown.push(View::Saturation);
    }
    shown
}

/// Whether a query tells answers apart by their code: the failed ones are shown beside the others.
fn is_told_apart(query: &str) -> bool {
    const CODES: &[&str] = &["code", "http_status", "response_code", "status", "status_code"];
    let groups = query.split("by").skip(1).filter_map(|rest| {
        let labels = rest.trim_start().strip_prefix('(')?;
        labels.split(')').next()
    });
    groups.flat_map(|labels| labels.split(',')).any(|label| CODES.contains(&label.trim()))
}

/// Words of metrics that count what was answered.
static ANSWERED: &[&str] = &["http", "request", "requests", "response", "responses"];

fn words(query: &str) -> Vec<&str> {
    query.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Whether `part` stands in `text` without a letter or digit around it.
fn has_part(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + part.len()..).unwrap_or_default();
        let mut after = after.chars();
        let next = after.next();
        let goes_on = next.is_some_and(|c| c.is_ascii_alphanumeric())
            || next == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit());
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.') && !goes_on
    })
}

/// How each quantile is written in queries and titles.
static QUANTILES: &[(View, &[&str])] = &[
    (View::P50, &["0.5", "0.50", ".5", "p50", "50th", "50%", "median"]),
    (View::P95, &["0.95", "0.950", ".95", "p95", "95th", "95%"]),
    (View::P99, &["0.99", "0.990", ".99", "p99", "99th", "99%"]),
    (View::P999, &["0.999", ".999", "p99.9", "p999", "99.9th", "99.9%"]),
];

static TIMES: &[&str] = &[
    "duration",
    "latencies",
    "latency",
    "microseconds",
    "milliseconds",
    "ms",
    "quantile",
    "seconds",
    "time",
];

static ERRORS: &[&str] = &[
    "5xx",
    "err",
    "error",
    "errors",
    "exception",
    "exceptions",
    "fail",
    "failed",
    "failure",
    "failures",
];

static LIMITED: &[&str] = &[
    "connections",
    "cpu",
    "disk",
    "heap",
    "memory",
    "pending",
    "pool",
    "queue",
    "rss",
    "saturation",
    "threads",
    "utilisation",
    "utilization",
];

static MONEY: &[&str] = &["cost", "costs", "price", "prices"];

/// Whether the query reads anything at all: `vector(0)` and numbers do not.
fn reads_something(query: &str) -> bool {
    const NOTHING: [&str; 4] = ["or", "scalar", "time", "vector"];
    words(query)
        .iter()
        .any(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()) && !NOTHING.contains(word))
}

/// The title of a panel that promises something to see and whose queries are not known.
fn unread_panel(panel: &Panel) -> Option<&Placed<String>> {
    let title = panel.title.as_ref()?;
    (panel.queries.is_empty() && !shown(title, "").is_empty()).then_some(title)
}

/// No dashboard of the tree is about the service.
fn without_own(scope: &Scope<'_>) -> Outcome {
    let key = ["dashboards", "dashboard"];
    let declared = key.iter().find_map(|key| scope.link(key));
    let links = scope.entries.iter().flat_map(|entry| &entry.links);
    let catalogued = links.filter(|link| link.topic == Topic::Dashboard).map(|link| &link.url);
    for link in declared.into_iter().chain(catalogued) {
        let (path, line) = (&link.place.path, link.place.line);
        match follow(link, link.place.folder(), &scope.sitemap) {
            Target::Nowhere => {
                let message = format!(
                    "the dashboards are said to be at `{}`, which does not exist",
                    link.value
                );
                return Finding::at(&link.place, message).help("mend the link").into();
            }
            Target::File => {}
            _ => {
                return Outcome::Unknown(format!(
                    "`{path}` (line {line}) points to {}, which was not read",
                    link.value
                ));
            }
        }
    }
    Outcome::Unknown(match scope.dashboards.first() {
        None => "no dashboard was found in the tree: keep its JSON in the repository, or name the \
                 address under `links: {dashboards: …}` in gonogo.yaml"
            .to_owned(),
        Some(first) => format!(
            "no dashboard of the tree shows its requests; there are others, such as `{}`",
            first.place.path
        ),
    })
}
