//! Where a Compose service is built from.

use std::sync::Arc;

use model::Placed;

use crate::Container;
use crate::read::variable;
use crate::tree::Node;

/// What `build` says.
pub(super) enum Build {
    /// Of a folder of this tree, and by a Dockerfile, where they are known.
    Here { context: Option<Placed<String>>, dockerfile: Option<Placed<String>> },
    /// Of something that is not in this tree.
    Elsewhere,
}

/// Reads `build`, whose paths are relative to `folder`. A path with a variable that has no default
/// stays as it is written, until [`settle`] knows more.
pub(super) fn build(service: &Node, folder: &str) -> Option<Build> {
    let node = service.get("build").filter(|node| !node.is_null())?;
    let context = node.get("context").filter(|context| !context.is_null()).unwrap_or(node);
    let text = context.str().unwrap_or(".");
    let Some(path) = known_path(folder, text) else { return Some(Build::Elsewhere) };
    let dockerfile = node.string("dockerfile").filter(|file| !file.starts_with('/'));
    let dockerfile = dockerfile.and_then(|file| {
        let path = known_path(folder, &format!("{text}/{}", *file))?;
        Some(Placed::new(path, file.place))
    });
    let context = Some(Placed::new(path, context.place.clone()));
    Some(Build::Here { context, dockerfile })
}

/// Replaces the variables that were left in paths by what `value_of` knows; paths that stay
/// unknown go.
pub(super) fn settle(container: &mut Container, value_of: &dyn Fn(&str) -> Option<String>) {
    let folder = container.name.place.folder().to_owned();
    let settled = |path: Option<Placed<String>>| {
        let mut path = path?;
        if path.contains('$') {
            path.value = joined(&folder, &variable::expand(&path, value_of)?)?;
        }
        Some(path)
    };
    container.build = settled(container.build.take());
    container.dockerfile = settled(container.dockerfile.take());
}

/// Names the Dockerfile in small letters where that alone stands in the folder: Docker takes it too.
pub(super) fn in_small_letters(container: &mut Container, paths: &[Arc<str>]) {
    let Some(context) = container.build.as_ref().filter(|_| container.dockerfile.is_none()) else {
        return;
    };
    let has = |path: &str| paths.binary_search_by(|known| (**known).cmp(path)).is_ok();
    let small = joined(context, "dockerfile");
    if let Some(small) = small.filter(|small| has(small))
        && !joined(context, "Dockerfile").is_some_and(|path| has(&path))
    {
        container.dockerfile = Some(Placed::new(small, context.place.clone()));
    }
}

/// The path in the tree; as written where a variable of it is not known.
fn known_path(folder: &str, text: &str) -> Option<String> {
    match variable::resolve(text) {
        Some(path) => joined(folder, &path),
        None => Some(text.to_owned()),
    }
}

/// `path` as seen from `folder`, without `.` and `..`; `None` when it leads out of the tree or is
/// an address.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains("://") || path.starts_with("git@") {
        return None;
    }
    crate::path::join(folder, path)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn what_stands_elsewhere_is_no_path_of_the_tree() {
        let join = |folder, path| joined(folder, path).unwrap_or_else(|| "?".to_owned());
        assert_eq!(join("deploy", "../web/"), "web");
        assert_eq!(join("", "https://example.org/x.git"), "?");
        assert_eq!(join("", "/srv/x"), "?");
    }

    #[test]
    fn a_dockerfile_in_small_letters_is_the_one_that_is_built() {
        let facts = crate::discover::tests::tree(&[
            ("compose.yaml", "services: {till: {build: .}, stock: {build: stock}}\n"),
            ("dockerfile", "FROM rust:1\nCMD [\"/till\"]\n"),
            ("stock/Dockerfile", "FROM rust:1\nCMD [\"/stock\"]\n"),
            ("stock/dockerfile", "FROM rust:1\n"),
        ]);
        let named = facts.workloads.iter().map(|w| w.containers[0].dockerfile.as_ref());
        let named: Vec<Option<&str>> = named.map(|file| file.map(|file| file.as_str())).collect();
        assert_eq!(named, [Some("dockerfile"), None]);
    }
}
