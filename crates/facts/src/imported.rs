//! Reports of other tools about a real run: k6, Gremlin, Toxiproxy. Bytes in, typed facts out.
//!
//! What is not as it should be is refused with its place: nothing of a report that was read only in part may count.

mod gremlin;
mod k6;
mod points;
mod spread;
mod toxiproxy;

use std::fmt;
use std::sync::Arc;

use model::Place;

use crate::tree::{Node, Value, read_json};

pub use gremlin::{Attack, Check, Experiment, Lifecycle, RunStatus};
pub use k6::{Form, Metric, Summary};
pub use points::{Points, Sent, Sorting, Span, Tags, Window, read_points};
pub use spread::Spread;
pub use toxiproxy::{Disturbance, Disturbed, Toxic};

/// The largest report that is read as a whole, in bytes; a stream of points may be longer.
pub const REPORT_BYTES: usize = 64 << 20;

/// Why a report is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where reading stumbled.
    pub place: Place,
    /// What is wrong, as a clause.
    pub reason: String,
}

impl Refused {
    fn at(place: &Place, reason: impl Into<String>) -> Self {
        Self { place: place.clone(), reason: reason.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Refused {}

/// What a report can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A summary of k6, in any of its three forms.
    K6,
    /// Runs of Gremlin's experiments.
    Gremlin,
    /// What Toxiproxy did, and when.
    Toxiproxy,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::K6, Self::Gremlin, Self::Toxiproxy];

    /// The word that users write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::K6 => "k6",
            Self::Gremlin => "gremlin",
            Self::Toxiproxy => "toxiproxy",
        }
    }
}

/// A report that was read whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A summary of k6.
    K6(Summary),
    /// Runs of Gremlin's experiments.
    Gremlin(Vec<Experiment>),
    /// What Toxiproxy did, and when.
    Toxiproxy(Disturbance),
}

/// Whether `beginning` is that of a stream of k6's points, one a line.
pub fn is_points(beginning: &[u8]) -> bool {
    let beginning = beginning.strip_prefix(BOM).unwrap_or(beginning);
    let mut lines = beginning.split(|byte| *byte == b'\n');
    lines.find(|line| !line.trim_ascii().is_empty()).is_some_and(points::is_point)
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads a report of the given `format`, or of the one that it looks like; `path` goes into the places.
pub fn read_report(
    path: &Arc<str>,
    bytes: &[u8],
    format: Option<Format>,
) -> Result<Report, Refused> {
    let root = document(path, bytes)?;
    let looks_like = recognise(&root);
    if let (Some(asked), Some(seen)) = (format, looks_like)
        && asked != seen
    {
        let reason = format!(
            "looks like a report of {}, and `--format {}` was given",
            seen.name(),
            asked.name()
        );
        return Err(Refused::at(&root.place, reason));
    }
    match format.or(looks_like) {
        Some(Format::K6) => k6::read(&root).map(Report::K6),
        Some(Format::Gremlin) => gremlin::read(&root).map(Report::Gremlin),
        Some(Format::Toxiproxy) => toxiproxy::read(&root).map(Report::Toxiproxy),
        None => Err(Refused::at(
            &root.place,
            "is neither a summary or points of k6, nor runs of Gremlin, nor what Toxiproxy did",
        )),
    }
}

/// The one document of `bytes`, with nothing in it that two readers could understand differently.
fn document(path: &Arc<str>, bytes: &[u8]) -> Result<Node, Refused> {
    if bytes.len() > REPORT_BYTES {
        let reason = format!("is larger than {} MiB", REPORT_BYTES >> 20);
        return Err(Refused::at(&Place::file(path.clone()), reason));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let place = Place::point(path.clone(), u32::try_from(line).unwrap_or(u32::MAX), 1);
        Refused::at(&place, "is not UTF-8")
    })?;
    let mut read = read_json(path, text);
    if let Some(trouble) = read.troubles.first() {
        return Err(Refused::at(&trouble.place, trouble.reason.clone()));
    }
    match read.documents.pop() {
        Some(document) => Ok(document.root),
        None => Err(Refused::at(&Place::file(path.clone()), "holds nothing")),
    }
}

/// What `root` is a report of, if that is plain.
fn recognise(root: &Node) -> Option<Format> {
    if root.get("proxies").is_some() {
        return Some(Format::Toxiproxy);
    }
    let is_mapping = |node: &Node| matches!(node.value, Value::Mapping(_));
    if root.get("metrics").is_some_and(is_mapping) || root.at(&["results", "metrics"]).is_some() {
        return Some(Format::K6);
    }
    gremlin::is_run(root).then_some(Format::Gremlin)
}

/// The number of `node`: finite, and no less than zero.
fn amount(node: &Node) -> Result<f64, Refused> {
    let float = node.float().filter(|_| node.scalar().is_some_and(|scalar| scalar.is_plain));
    match float {
        Some(amount) if amount.is_finite() && amount >= 0.0 => Ok(amount),
        Some(_) => {
            Err(Refused::at(&node.place, "a finite number that is not negative is expected"))
        }
        None => Err(Refused::at(&node.place, "a number is expected")),
    }
}

/// The moment that `node` names, in RFC 3339.
fn moment(node: &Node) -> Result<jiff::Timestamp, Refused> {
    node.str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Refused::at(&node.place, "a moment such as `2027-01-31T09:00:00Z` is expected")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> Refused {
        read_report(&"report.json".into(), bytes, None).unwrap_err()
    }

    #[test]
    fn what_is_no_report_is_refused_with_its_place() {
        assert_eq!(refused(b"").place.line, 1);
        assert_eq!((refused(b"{\n\"a\": NaN}").place.line), 2);
        assert!(refused(b"{\"a\": 1}").reason.contains("neither"));
        assert!(refused(b"[1, 2]").reason.contains("neither"));
        let refused = refused(b"{\"a\":\n\n\"\xff\"}");
        assert_eq!((refused.place.line, refused.reason.as_str()), (3, "is not UTF-8"));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        for open in ["[", "{\"a\":"] {
            let _refused = refused(open.repeat(1_000_000).as_bytes());
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let text = br#"{"metrics": {"vus": {"value": 1}}, "metrics": {}}"#;
        assert!(refused(text).reason.contains("twice"));
    }

    #[test]
    fn a_format_that_is_not_the_one_asked_for_is_refused() {
        let text = br#"{"metrics": {"http_reqs": {"count": 1, "rate": 1}}}"#;
        let path = "report.json".into();
        let refused = read_report(&path, text, Some(Format::Gremlin)).unwrap_err();
        assert!(refused.reason.contains("looks like a report of k6"), "{refused}");
        assert!(read_report(&path, text, Some(Format::K6)).is_ok());
    }

    #[test]
    fn points_are_told_from_a_summary_by_their_first_line() {
        assert!(is_points(
            b"\xef\xbb\xbf\n{\"type\":\"Metric\",\"data\":{},\"metric\":\"vus\"}\n{"
        ));
        assert!(!is_points(b"{\"metrics\": {}}"));
        assert!(!is_points(b""));
    }
}
