//! The Prometheus text format, as far as counting needs it: the samples, and which family is of which type.

use std::collections::BTreeMap;

/// Samples that are read of one answer.
const MOST_SAMPLES: usize = 100_000;

/// All that one scrape says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Scrape {
    /// Types by the name of the family: `counter`, `gauge`, `histogram`, `summary`.
    pub(super) types: BTreeMap<String, String>,
    /// Samples in their order.
    pub(super) samples: Vec<Sample>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// The name, with `_total`, `_count`, `_bucket` …
    pub(super) name: String,
    /// The labels in their order.
    pub(super) labels: Vec<(String, String)>,
    /// The value.
    pub(super) value: f64,
}

impl Scrape {
    /// Reads `text`; lines that are not understood are passed over.
    pub(super) fn of(text: &str) -> Self {
        let mut scrape = Self::default();
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                if let Some((name, kind)) = rest.trim().split_once(char::is_whitespace) {
                    scrape.types.insert(name.to_owned(), kind.trim().to_owned());
                }
            } else if !line.starts_with('#') && scrape.samples.len() < MOST_SAMPLES {
                scrape.samples.extend(sample(line));
            }
        }
        scrape
    }

    /// The type that was told of the family that `name` belongs to.
    pub(super) fn kind(&self, name: &str) -> Option<&str> {
        let ends = ["", "_total", "_count", "_sum", "_bucket", "_created"];
        ends.iter()
            .filter_map(|end| name.strip_suffix(end))
            .find_map(|family| self.types.get(family))
            .or_else(|| self.types.get(&format!("{name}_total")))
            .map(String::as_str)
    }
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inner) => labels(inner)?,
        None => (Vec::new(), rest),
    };
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}

type Labels = Vec<(String, String)>;

/// The labels up to the closing brace, and what comes after it.
fn labels(mut rest: &str) -> Option<(Labels, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once('=')?;
        let (value, after) = quoted(after.trim_start())?;
        labels.push((name.trim().to_owned(), value));
        rest = after;
    }
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let (mut value, mut is_escaped) = (String::new(), false);
    for (index, c) in inner.char_indices() {
        match c {
            _ if is_escaped => {
                value.push(if c == 'n' { '\n' } else { c });
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return Some((value, inner.get(index + 1..)?)),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_labels_and_values_are_read() {
        let text = "# HELP a x\n# TYPE http_requests counter\nhttp_requests_total{route=\"/a \\\"b\\\"}\", code=\"200\",} 12 1700\nup 1\nbroken{a=\n";
        let scrape = Scrape::of(text);
        assert_eq!(scrape.samples.len(), 2);
        assert_eq!(scrape.samples[0].labels[0], ("route".into(), "/a \"b\"}".into()));
        assert!((scrape.samples[0].value - 12.0).abs() < 1e-9);
        assert_eq!(scrape.kind("http_requests_total"), Some("counter"));
        assert_eq!(scrape.kind("up"), None);
    }
}
