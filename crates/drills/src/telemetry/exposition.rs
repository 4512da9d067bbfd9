//! The Prometheus text format and `OpenMetrics`: samples with their labels, and what kind each family is.

use std::collections::BTreeMap;

/// Samples that are kept of one page.
const MOST: usize = 200_000;
/// Labels of one sample that are kept.
const MOST_LABELS: usize = 100;

/// One page of metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition {
    /// In the order of the page.
    pub samples: Vec<Sample>,
    /// What `# TYPE` says of each family.
    pub kinds: BTreeMap<String, Kind>,
    /// Lines that were not understood, or were more than are kept.
    pub unread: usize,
}

impl Exposition {
    /// What the page says of the family that the sample `name` belongs to.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        let ends = ["", "_total", "_count", "_sum", "_bucket", "_created"];
        ends.iter()
            .filter_map(|end| name.strip_suffix(end))
            .find_map(|family| self.kinds.get(family))
            .or_else(|| self.kinds.get(&format!("{name}_total")))
            .copied()
    }
}

/// One sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Its name, with suffixes such as `_bucket`.
    pub name: String,
    /// Its labels, in the order of the page.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
}

impl Sample {
    /// The value of the label `name`.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What kind a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values in buckets.
    Histogram,
    /// Tells quantiles.
    Summary,
    /// Anything else.
    Other,
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" | "gaugehistogram" => Self::Histogram,
            "summary" => Self::Summary,
            _ => Self::Other,
        }
    }
}

/// Reads a page.
pub fn read_exposition(text: &str) -> Exposition {
    let mut page = Exposition::default();
    for line in text.lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_whitespace();
            if let (Some("TYPE"), Some(name), Some(kind)) =
                (words.next(), words.next(), words.next())
            {
                page.kinds.insert(name.trim_matches('"').to_owned(), Kind::named(kind));
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        match sample(line) {
            Some(sample) if page.samples.len() < MOST => page.samples.push(sample),
            _ => page.unread += 1,
        }
    }
    page
}

/// `name{label="value",…} value [timestamp] [# exemplar]`; a name that is no identifier stands quoted within the braces.
fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|letter: char| letter == '{' || letter.is_whitespace())?;
    let (name, mut rest) = line.split_at_checked(end)?;
    let mut sample = Sample { name: name.to_owned(), ..Sample::default() };
    rest = rest.trim_start();
    if let Some(labels) = rest.strip_prefix('{') {
        rest = read_labels(labels, &mut sample)?;
    }
    if sample.name.is_empty() {
        return None;
    }
    sample.value = value(rest.split_whitespace().next()?)?;
    Some(sample)
}

/// Reads up to the closing brace; gives what follows it.
fn read_labels<'a>(mut rest: &'a str, sample: &mut Sample) -> Option<&'a str> {
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some(after);
        }
        let (name, after) = if let Some(quoted) = rest.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let (name, after) = rest.split_at_checked(rest.find(['=', ',', '}'])?)?;
            (name.trim().to_owned(), after)
        };
        let after = after.trim_start();
        let Some(after) = after.strip_prefix('=') else {
            sample.name = name;
            rest = after;
            continue;
        };
        let (held, after) = unquoted(after.trim_start().strip_prefix('"')?)?;
        if sample.labels.len() < MOST_LABELS {
            sample.labels.push((name, held));
        }
        rest = after;
    }
}

/// A text up to its closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut held = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((held, text.get(at + 1..)?)),
            '\\' => match letters.next()?.1 {
                'n' => held.push('\n'),
                other => held.push(other),
            },
            other => held.push(other),
        }
    }
    None
}

fn value(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        // The compound value of a native histogram in OpenMetrics 2 is not a number.
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP a_total Things \\n done.\n# TYPE a_total counter\na_total{route=\"/a\",note=\"x \\\"}\\\\ y\"} 3 1700000000000\n\
        # TYPE b histogram\nb_bucket{le=\"+Inf\"} 2 # {trace_id=\"x\"} 0.5 1.5\nb_sum 1.5e-3\nb_count 2\n{\"quoted.name\", \"l.l\"=\"v\"} +Inf\n\
        c NaN\nbroken{a=\"b\n{} 1\nd{,} nothing\n# EOF\n";

    #[test]
    fn samples_are_read_with_labels_exemplars_and_quoted_names() {
        let page = read_exposition(PAGE);
        let names: Vec<_> = page.samples.iter().map(|sample| sample.name.as_str()).collect();
        assert_eq!(names, ["a_total", "b_bucket", "b_sum", "b_count", "quoted.name", "c"]);
        assert_eq!(page.samples[0].label("note"), Some("x \"}\\ y"));
        assert_eq!((page.samples[0].value, page.samples[2].value), (3.0, 0.0015));
        assert_eq!(page.samples[4].label("l.l"), Some("v"));
        assert!(page.samples[5].value.is_nan());
        assert_eq!((page.kinds["a_total"], page.kinds["b"]), (Kind::Counter, Kind::Histogram));
        assert_eq!(page.unread, 3);
        assert_eq!((page.kind("a_total"), page.kind("b_count")), (page.kind("a"), page.kind("b")));
        assert_eq!((page.kind("b_count"), page.kind("c")), (Some(Kind::Histogram), None));
    }

    #[test]
    fn no_mutation_makes_the_reader_panic() {
        for at in 0..PAGE.len() {
            for byte in *b"\"{}\\=# \n" {
                let mut mutated = PAGE.as_bytes().to_vec();
                mutated[at] = byte;
                read_exposition(&String::from_utf8_lossy(&mutated));
            }
        }
    }
}
