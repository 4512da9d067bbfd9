//! Manifests that are templates: nothing renders them here, so they are named as not read.

use model::Place;

use crate::read::Source;
use crate::tree::is_templated;
use crate::{Facts, Gap};

use super::sniff;

/// What a template of a chart is said to be.
pub(super) const OF_CHART: &str = "is an unrendered Helm template";

/// What any other template is said to be.
pub(super) const OF_OTHERS: &str = "is a template that was not rendered";

/// Folder of a chart that holds its templates.
const FOLDER: &str = "templates";

/// Whether the file is an unrendered template of manifests.
///
/// In the folder of a chart's templates every action makes one; elsewhere only those that stand
/// where YAML would have a node.
pub(in crate::read) fn is_template(source: Source<'_>) -> bool {
    let is_one = if is_in_folder(source) { has_action(source.text) } else { false };
    (is_one || is_templated(source.text).is_some()) && !sniff::subjects(source.text).is_empty()
}

/// Names the template as not read.
pub(in crate::read) fn name_template(source: Source<'_>, facts: &mut Facts) {
    if is_in_folder(source) && source.folder().ends_with("templates/tests") {
        // The pods that Helm starts to test a release.
        return;
    }
    let line = is_templated(source.text).unwrap_or(1);
    let is_of_chart = is_in_folder(source);
    let gap = |subject| Gap {
        subject: Some(subject),
        place: Place::point(source.path.clone(), line, 1),
        reason: if is_of_chart { OF_CHART } else { OF_OTHERS }.to_owned(),
        name: if is_of_chart { chart_folder(source) } else { written_name(source.text) },
    };
    facts.gaps.extend(sniff::subjects(source.text).into_iter().map(gap));
}

fn is_in_folder(source: Source<'_>) -> bool {
    source.folder().split('/').any(|part| part == FOLDER)
}

/// Whether there is an action that is not one of GitHub's or Backstage's `${{`.
fn has_action(text: &str) -> bool {
    let mut found = memchr::memmem::find_iter(text.as_bytes(), b"{{");
    found.any(|at| !text.get(..at).is_some_and(|before| before.ends_with('$')))
}

/// The last part of the path of the chart that the template belongs to.
fn chart_folder(source: Source<'_>) -> Option<String> {
    let mut parts = source.folder().rsplit('/').skip_while(|part| *part != FOLDER).skip(1);
    parts.next().map(str::to_owned)
}

/// The first name in the metadata of a manifest, where it is no action itself.
fn written_name(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| line.trim_end() != "metadata:").skip(1);
    let name = lines.find_map(|line| line.trim_start().strip_prefix("name:"))?;
    let name = name.trim().trim_matches(['"', '\'']);
    let is_plain = !name.is_empty() && !name.contains(['{', '}', '$', '<']);
    is_plain.then(|| name.to_owned())
}
