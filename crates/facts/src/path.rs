//! Paths within the tree: parts joined by `/`, none of them `.` or `..`, empty for the root.

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

#[cfg(test)]
mod tests {
    use super::join;

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
}
