//! Headings on the architecture of how the code is brought out, which is none of the system's.

use std::collections::BTreeSet;

use crate::about::names;
use crate::prelude::*;

/// Whether a chapter is on how the code is built and brought out, and names fewer than two parts of the
/// system: images, registries and pipelines are none.
pub(super) fn is_of_bringing_out(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    const WORK: &[&str] = &["build", "cd", "ci", "deployment", "pipeline", "release"];
    if !prose::mentions(chapter.title(), WORK)
        || !prose::mentions(chapter.title(), &["architecture"])
        || prose::mentions(&scope.service.name, WORK)
    {
        return false;
    }
    let services = scope.all.workloads.iter().map(|workload| prose::plain(&workload.name));
    let services: BTreeSet<String> = services.chain(names(scope.service)).collect();
    let mut named = BTreeSet::new();
    for section in chapter.sections() {
        let text = prose::plain(&section.text);
        let words = text.split(|c: char| !c.is_alphanumeric());
        named.extend(words.filter(|word| is_datastore(word)).map(str::to_owned));
        named.extend(
            services.iter().filter(|name| prose::mentions(&text, &[name.as_str()])).cloned(),
        );
    }
    named.len() < FEWEST_PARTS
}

/// Fewer parts are no system.
const FEWEST_PARTS: usize = 2;
