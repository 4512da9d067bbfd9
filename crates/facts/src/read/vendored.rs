//! Tells files of others, which package managers put into the tree, from those of the team.

/// Whether the file at `path` came with a package: in `node_modules`, or in `vendor` as deep as
/// `vendor/OWNER/PACKAGE/`. A folder named `vendor` with the file close by is somebody's own.
pub(crate) fn is_vendored(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    let mut depth = 0;
    folders.any(|folder| {
        let is_vendored = folder == "node_modules" || (folder == "vendor" && depth >= 2);
        depth += 1;
        is_vendored
    })
}

#[cfg(test)]
mod tests {
    use super::is_vendored;

    #[test]
    fn packages_of_others_are_told_from_a_folder_of_the_same_name() {
        assert!(is_vendored("web/node_modules/x/package.json"));
        assert!(is_vendored("vendor/example.org/x/go.mod"));
        assert!(is_vendored("a/vendor/bundle/ruby/3.2.0/gems/x/Dockerfile"));
        assert!(!is_vendored("services/vendor/Dockerfile"));
        assert!(!is_vendored("services/vendor/deploy/compose.yaml"));
        assert!(!is_vendored("vendor"));
    }
}
