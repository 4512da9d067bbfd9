//! Repositories that a tree holds by reference: `.gitmodules`. What is not checked out of them is
//! said, since nothing in it was looked at.

use model::{Place, Placed};

use super::Source;
use crate::cursor::Cursor;
use crate::discover::is_sample;
use crate::{Facts, Reason};

/// Submodules of one file beyond this many are not told one by one.
const MOST: usize = 100;

pub(super) fn is_named(_: &str, name: &str) -> bool {
    name == ".gitmodules"
}

/// Reads the folders that the file names.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut cursor = Cursor::new(source.path, source.text);
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let path = line.split_once('=').filter(|(key, _)| key.trim() == "path");
        if let Some((_, path)) = path.filter(|_| facts.submodules.len() < MOST) {
            let path = path.trim().trim_matches('"').trim_matches('/');
            let folder = source.folder();
            let path = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
            facts.submodules.push(Placed::new(path, cursor.point(start)));
        }
        start += line.len();
    }
}

/// Says which of them hold no file here, once the paths of the tree are known and sorted.
pub(super) fn settle(facts: &mut Facts) {
    let absent = facts
        .submodules
        .iter()
        .filter(|path| !is_sample(path))
        .filter(|submodule| !facts.has_folder(submodule));
    let told = absent.map(|path| Reason {
        what: format!("submodule `{}` is not checked out: nothing in it was looked at", **path),
        place: Place::clone(&path.place),
    });
    facts.set_aside.extend(told.collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::tree;

    #[test]
    fn a_submodule_that_holds_no_file_is_told() {
        let modules =
            "[submodule \"a\"]\n\tpath = deploy/a\n\turl = x\n[submodule \"b\"]\n\tpath = b\n";
        let facts = tree(&[(".gitmodules", modules), ("b/README.md", "# B\n")]);
        let told: Vec<(&str, u32)> =
            facts.set_aside.iter().map(|r| (r.what.as_str(), r.place.line)).collect();
        let expected = "submodule `deploy/a` is not checked out: nothing in it was looked at";
        assert_eq!(told, [(expected, 2)]);
    }
}
