//! Texts that Kustomize may need again.

use std::sync::Arc;

use crate::Facts;
use crate::read::Source;

/// Texts of manifests and of Kustomize's files, kept until all files were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptManifests {
    pub(super) texts: Vec<(Arc<str>, Arc<str>)>,
}

impl KeptManifests {
    /// Takes over all texts of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        self.texts.extend(other.texts);
    }
}

/// Keeps the text of a file, once for all its documents.
pub(in crate::read::kubernetes) fn keep(source: Source<'_>, facts: &mut Facts) {
    let texts = &mut facts.manifests.texts;
    if texts.last().is_none_or(|(path, _)| path != source.path) {
        texts.push((source.path.clone(), source.text.into()));
    }
}
