//! Descriptions that are split over files.

use std::mem::take;

use super::resolve::{Paths, Resolver};
use crate::Facts;

/// Reads the descriptions whose paths stand in other files, now that those were read.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let roots = take(&mut facts.fragments.apis);
    let items = take(&mut facts.fragments.paths);
    let paths: Paths<'_> = items.iter().map(|item| (&*item.place.path, item)).collect();
    for root in &roots {
        super::take(&Resolver::with_paths(root, &paths), facts);
    }
}
