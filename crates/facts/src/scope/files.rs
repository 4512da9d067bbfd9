//! Where in a tree files of some name stand: asked for each service, and the same for all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::Facts;
use crate::discover::name::last_part;
use crate::read::is_vendored;

type Names = &'static [&'static str];

/// Finds the files of a tree by their names, each name looked for once.
#[derive(Debug)]
pub struct Files<'a> {
    paths: &'a [Arc<str>],
    found: Mutex<BTreeMap<Names, Option<&'a str>>>,
}

impl<'a> Files<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        Self { paths: &facts.paths, found: Mutex::default() }
    }

    /// The first file that is called one of `names`, in upper or lower case, and came with no package.
    pub fn first_named(&self, names: Names) -> Option<&'a str> {
        let is_named = |path: &&str| {
            let own = last_part(path);
            names.iter().any(|name| own.eq_ignore_ascii_case(name))
        };
        let search =
            || self.paths.iter().map(AsRef::as_ref).filter(|p| !is_vendored(p)).find(is_named);
        match self.found.lock() {
            Ok(mut found) => *found.entry(names).or_insert_with(search),
            Err(_) => search(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_some_name_is_found_wherever_it_stands() {
        let paths = ["a/Model.py", "b/c/model.py", "b/till.py", "modelpy", "vendor/x/y/bot.json"]
            .map(Arc::from)
            .into();
        let facts = Facts { paths, ..Facts::default() };
        let files = Files::of(&facts);
        for _ in 0..2 {
            assert_eq!(files.first_named(&["other.py", "model.py"]), Some("a/Model.py"));
            assert_eq!(files.first_named(&["till.py"]), Some("b/till.py"));
            assert_eq!(files.first_named(&["c"]), None);
            assert_eq!(files.first_named(&["bot.json"]), None, "it came with a package");
        }
    }
}
