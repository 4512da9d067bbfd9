//! How loggers call the level, the message, the time, and the ids of a record.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// For those who look for a mistake.
    Debug,
    /// Normal.
    Info,
    /// Odd.
    Warn,
    /// Something failed.
    Error,
    /// The process cannot go on.
    Fatal,
}

impl Level {
    /// The level of this name or number. Numbers are those of pino and bunyan (10 to 60) or of syslog (0 to 7).
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Ok(number) = text.trim().parse::<f64>() {
            return Self::of_number(number);
        }
        let word: String = text
            .trim()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .map(|letter| letter.to_ascii_lowercase())
            .take(12)
            .collect();
        Some(match word.as_str() {
            "trace" | "verbose" | "vrb" | "finest" | "finer" | "silly" | "t" => Self::Trace,
            "debug" | "debu" | "dbg" | "fine" | "config" | "d" => Self::Debug,
            "info" | "information" | "inf" | "notice" | "log" | "default" | "i" => Self::Info,
            "warn" | "warning" | "wrn" | "w" => Self::Warn,
            "error" | "err" | "eror" | "fail" | "severe" | "e" => Self::Error,
            "fatal" | "critical" | "crit" | "panic" | "dpanic" | "alert" | "emergency"
            | "emerg" | "ftl" | "f" | "crt" => Self::Fatal,
            _ => return None,
        })
    }

    fn of_number(number: f64) -> Option<Self> {
        Some(match number {
            _ if number.is_nan() || number < 0.0 => return None,
            _ if number <= 2.0 => Self::Fatal,
            _ if number <= 3.0 => Self::Error,
            _ if number <= 4.0 => Self::Warn,
            _ if number <= 6.0 => Self::Info,
            _ if number <= 7.0 => Self::Debug,
            _ if number < 10.0 => return None,
            _ if number < 20.0 => Self::Trace,
            _ if number < 30.0 => Self::Debug,
            _ if number < 40.0 => Self::Info,
            _ if number < 50.0 => Self::Warn,
            _ if number < 60.0 => Self::Error,
            _ => Self::Fatal,
        })
    }
}

fn is_any(name: &str, known: &[&str]) -> bool {
    known.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether a field of this name holds the level.
pub(super) fn is_level(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "level",
        "severity",
        "lvl",
        "log.level",
        "levelname",
        "loglevel",
        "log_level",
        "@l",
        "at",
        "severity_text",
        "severityText",
        "level.name",
        "record.level.name",
        "@level",
    ];
    is_any(name, KNOWN)
}

/// Whether a field of this name holds the message.
pub(super) fn is_message(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "message",
        "msg",
        "event",
        "@m",
        "@mt",
        "body",
        "short_message",
        "fields.message",
        "text",
        "log",
        "record.message",
        "textPayload",
        "@message",
    ];
    is_any(name, KNOWN)
}

/// Whether a field of this name holds the time.
pub(super) fn is_time(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "ts",
        "time",
        "t",
        "@t",
        "date",
        "datetime",
        "asctime",
        "instant.epochsecond",
        "written_at",
        "timemillis",
        "timeunixnano",
        "eventtime",
        "record.time.timestamp",
        "epoch",
    ];
    let is_stamp = |name: &str| {
        name.trim_start_matches(['@', '_'])
            .get(..9)
            .is_some_and(|head| head.eq_ignore_ascii_case("timestamp"))
    };
    is_any(name, KNOWN) || is_stamp(name)
}

/// Whether a field of this name holds the id of a trace or a request.
pub(super) fn is_id(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "trace",
        "traceid",
        "requestid",
        "reqid",
        "correlationid",
        "ddtraceid",
        "xrequestid",
        "xtraceid",
        "xcorrelationid",
        "xb3traceid",
        "oteltraceid",
        "httprequestid",
        "transactionid",
        "rid",
        "spanid",
        "ddspanid",
        "otelspanid",
        "requesttraceid",
        "loggingtrace",
        "logginggoogleapiscomtrace",
        "logginggoogleapiscomspanid",
    ];
    let joined: String = name
        .rsplit_once("fields.")
        .map_or(name, |(_, last)| last)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .take(40)
        .collect();
    let last_two = |wanted: &[&str]| wanted.iter().any(|end| joined.ends_with(end));
    KNOWN.contains(&joined.as_str())
        || last_two(&["traceid", "requestid", "correlationid", "reqid"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_name_and_number() {
        for (text, level) in [
            ("WARNING", Some(Level::Warn)),
            ("ERROR+2", Some(Level::Error)),
            ("50", Some(Level::Error)),
            ("3", Some(Level::Error)),
            ("Information", Some(Level::Info)),
            ("9", None),
            ("-4", None),
            ("purple", None),
            ("NaN", None),
        ] {
            assert_eq!(Level::read(text), level, "{text}");
        }
    }
}
