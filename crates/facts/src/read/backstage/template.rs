//! Skeletons of catalog files, which become entries only once they are filled in.

use std::sync::LazyLock;

use regex::Regex;

use crate::read::Source;

/// What the scaffolder and cookiecutter put values in for, and statements of their templates.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)\$\{\{-?\s*values\.|\{\{-?\s*cookiecutter\.|^\s*\{%-?\s").ok()
});

/// Whether a catalog file is the skeleton of one, in which values are still to be put.
///
/// A file that defines a template for the scaffolder bears the same marks in its steps.
pub(in crate::read) fn is_template(source: Source<'_>) -> bool {
    let is_in_template = source.path.contains("{{");
    let is_marked = || MARKS.as_ref().is_some_and(|marks| marks.is_match(source.text));
    let defines_template = || source.text.lines().any(|line| line.trim_end() == "kind: Template");
    is_in_template || is_marked() && !defines_template()
}
