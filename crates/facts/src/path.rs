//! Paths within the tree: parts joined by `/`, none of them `.` or `..`, empty for the root.

use std::sync::Arc;

/// Where `path` leads from `folder`; `None` where it leaves the tree. A `/` at its start counts for
/// nothing: whether that means the root of the tree or one of a machine is the caller's to know.
pub fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` is `folder` or stands below it; all paths stand below the root.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Those of the sorted `paths` that stand in or below `folder`, sorted; all of them where it is empty.
pub fn below<'p>(paths: &'p [Arc<str>], folder: &str) -> impl Iterator<Item = &'p str> + use<'p> {
    let folder = folder.trim_end_matches('/');
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let first = paths.partition_point(|path| **path < *prefix);
    let paths = paths.get(first..).unwrap_or_default().iter().map(AsRef::as_ref);
    paths.take_while(move |path: &&str| path.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::{is_below, join};

    #[test]
    fn paths_are_joined_as_long_as_they_stay_in_the_tree() {
        let joined = |folder, path| join(folder, path).unwrap_or_else(|| "?".to_owned());
        assert_eq!(joined("", "."), "");
        assert_eq!(joined("deploy", "../web/"), "web");
        assert_eq!(joined("a/b", "./c"), "a/b/c");
        assert_eq!(joined("a", "/b//c"), "a/b/c");
        assert_eq!(joined("a", "../.."), "?");
        assert_eq!(joined("a", "../../a"), "?");
    }

    #[test]
    fn a_folder_holds_what_stands_below_it_and_not_what_begins_alike() {
        assert!(is_below("a/b", "a") && is_below("a", "a") && is_below("x", ""));
        assert!(!is_below("ab/c", "a"));
    }
}
