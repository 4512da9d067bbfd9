//! Logs are structured, parseable and at sensible levels.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/structured-logs",
    title: "logs are structured, parseable and at sensible levels",
    why: "Lines that no machine can read cannot be searched, counted or alerted on when it matters, and debug lines by the million bury the one that explains.",
    remedy: "Log one JSON object per line at level info in production, stack traces inside it, and make all containers do so.",
    references: &[
        Reference { title: "The Twelve-Factor App: logs", url: "https://12factor.net/logs" },
        Reference {
            title: "OpenTelemetry: logs",
            url: "https://opentelemetry.io/docs/specs/otel/logs/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Configuration, Change::Manifest],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Proven, 180),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::EachWorkload(judge), Proof::Drill("observe")],
    cases: include_str!("structured_logs.md"),
};

fn judge(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let containers = workload.containers.iter();
    let said: Vec<Said> = containers
        .flat_map(|container| written(container, scope).filter_map(|it| say(container, &it)))
        .collect();
    let findings: Vec<Finding> = said.iter().filter_map(Said::finding).collect();
    Outcome::unmet_or(findings, || {
        let seen: Vec<Sighting> = said.iter().filter_map(Said::sighting).collect();
        if seen.is_empty() { Outcome::Unknown(unsaid(workload, scope)) } else { Outcome::Met(seen) }
    })
}

/// What a setting says of the logs of a container.
struct Said {
    what: Logs,
    message: String,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Logs {
    Structured,
    Text,
    Verbose,
}

impl Said {
    fn finding(&self) -> Option<Finding> {
        let help = match self.what {
            Logs::Structured => return None,
            Logs::Text => "write one JSON object per line: set the format to `json`",
            Logs::Verbose => "set the level to `info` in production",
        };
        Some(Finding::at(&self.place, self.message.as_str()).help(help))
    }

    fn sighting(&self) -> Option<Sighting> {
        let is_good = self.what == Logs::Structured;
        is_good.then(|| Sighting::at(&self.place, self.message.as_str()))
    }
}

/// A name and a value that configure a container: a variable, or a flag of its command.
struct Setting<'a> {
    name: &'a str,
    value: &'a str,
    place: &'a Place,
}

fn written<'a>(
    container: &'a Container,
    scope: &'a Scope<'_>,
) -> impl Iterator<Item = Setting<'a>> {
    let own = |name: &str| container.environment.iter().any(|variable| variable.name.value == name);
    let taken = container.environment_files.iter().filter_map(|name| config_map(name, scope));
    let taken = taken.flat_map(|map| &map.entries).filter(move |(name, _)| !own(name));
    let taken =
        taken.map(|(name, value)| Setting { name, value: &value.value, place: &value.place });
    let variables = container.environment.iter().filter_map(|variable| match &variable.value {
        VariableValue::Literal(value) => {
            Some(Setting { name: &variable.name, value, place: &value.place })
        }
        _ => None,
    });
    variables.chain(taken).chain(container.command.iter().flat_map(flags))
}

/// The `ConfigMap` of a name; none where there are several, of which any may be meant.
fn config_map<'a>(name: &str, scope: &'a Scope<'_>) -> Option<&'a ConfigEntries> {
    let mut named = scope.all.cluster.config_maps.iter().filter(|map| map.name.value == name);
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

/// `--log-format=json`, `--log-format json`, `-Dlogging.format=json`.
fn flags(command: &Placed<String>) -> impl Iterator<Item = Setting<'_>> {
    let words: Vec<&str> = command.split_whitespace().take(MOST_WORDS).collect();
    let next = words.clone().into_iter().skip(1).chain([""]);
    let pairs = words.into_iter().zip(next);
    pairs.filter(|(word, _)| word.starts_with('-')).map(|(word, next)| {
        let (name, value) = word.split_once('=').unwrap_or((word, next));
        let name = name.strip_prefix("-D").unwrap_or(name);
        Setting { name, value, place: &command.place }
    })
}

/// Words of a command that are looked at.
const MOST_WORDS: usize = 1_000;

fn say(container: &Container, setting: &Setting<'_>) -> Option<Said> {
    let name = key(setting.name);
    let value = setting.value.trim_matches(['"', '\'']).to_lowercase();
    let is_open = value.starts_with("${");
    let value = by_default(&value).to_owned();
    let words: Vec<&str> = name.split('_').collect();
    let is_log = words.iter().any(|word| LOGS.contains(word)) || name == "rust_log";
    // `NO_JSON=0` leaves it on.
    let is_turned =
        words.iter().any(|word| ["disable", "disabled", "no", "without"].contains(word));
    let (by_json, by_text) =
        if is_turned { (Logs::Text, Logs::Structured) } else { (Logs::Structured, Logs::Text) };
    let what = if !is_log {
        None
    } else if words.iter().any(|word| ["level", "verbosity"].contains(word)) || name == "rust_log" {
        ["debug", "trace", "all"].contains(&value.as_str()).then_some(Logs::Verbose)
    } else if words.iter().any(|word| FORMATS.contains(word)) {
        format_of(&value)
    } else if words.contains(&"json") {
        switch(&value, by_json, by_text)
    } else if words.contains(&"pretty") {
        switch(&value, by_text, by_json)
    } else {
        None
    }?;
    // What whoever starts it may set otherwise is no more than a good beginning.
    if is_open && what != Logs::Structured {
        return None;
    }
    let how = match what {
        Logs::Structured => "logs are structured",
        Logs::Text => "logs are text for people",
        Logs::Verbose => "logs are at a level for debugging",
    };
    let (name, value, container) = (setting.name, setting.value, &container.name.value);
    let message = format!("`{container}` sets `{name}` to `{value}`: its {how}");
    Some(Said { what, message, place: setting.place.clone() })
}

/// What a value is where nobody sets its variable: `json` of `${LOG_FORMAT:-json}`.
fn by_default(value: &str) -> &str {
    let inside = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let default = inside.filter(|inside| !inside.contains('$')).and_then(|i| i.split_once('-'));
    default.map_or(value, |(_, default)| default)
}

/// The name in lower case with `_` between its words: `Logging__Console__FormatterName`,
/// `log.format`, `logFormat`.
fn key(name: &str) -> String {
    let mut key = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            key.push('_');
        }
        was_lower = c.is_ascii_lowercase();
        key.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    key
}

static LOGS: &[&str] = &["log", "logger", "logging", "logs", "zap"];

static FORMATS: &[&str] =
    &["encoder", "encoding", "format", "formatter", "output", "style", "type"];

fn format_of(value: &str) -> Option<Logs> {
    const STRUCTURED: [&str; 11] = [
        "bunyan",
        "cloudwatch",
        "ecs",
        "gcp",
        "gelf",
        "json",
        "jsonl",
        "logfmt",
        "logstash",
        "ndjson",
        "stackdriver",
    ];
    const TEXT: [&str; 11] = [
        "color", "colored", "compact", "console", "dev", "human", "plain", "pretty", "simple",
        "terminal", "text",
    ];
    match value {
        value if STRUCTURED.contains(&value) => Some(Logs::Structured),
        value if TEXT.contains(&value) => Some(Logs::Text),
        _ => None,
    }
}

fn switch(value: &str, on: Logs, off: Logs) -> Option<Logs> {
    match value {
        "1" | "on" | "true" | "yes" => Some(on),
        "0" | "false" | "no" | "off" => Some(off),
        _ => None,
    }
}

/// Libraries that write structured lines where nobody tells them otherwise.
static LIBRARIES: &[&str] = &[
    "bunyan",
    "github.com/rs/zerolog",
    "go.uber.org/zap",
    "logstash-logback-encoder",
    "net.logstash.logback:logstash-logback-encoder",
    "pino",
    "python-json-logger",
    "serilog.formatting.compact",
    "structlog",
];

fn unsaid(workload: &Workload, scope: &Scope<'_>) -> String {
    let packages = scope.packages.iter().flat_map(|package| &package.dependencies);
    let mut libraries = packages.filter(|name| LIBRARIES.contains(&name.to_lowercase().as_str()));
    let hint = libraries.next().map_or_else(String::new, |name| {
        format!("; `{}`, which can write such logs, is among its packages", name.value)
    });
    format!(
        "nothing that starts `{}` says how it logs, such as `LOG_FORMAT` or `--log-format`: \
         `gonogo drill observe` reads its lines{hint}",
        workload.name.value
    )
}
