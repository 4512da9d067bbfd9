//! Where a Compose service is built from.

use model::Placed;

use crate::read::variable;
use crate::tree::Node;

/// What `build` says.
pub(super) enum Build {
    /// Of a folder of this tree, and by a Dockerfile, where they are known.
    Here { context: Option<Placed<String>>, dockerfile: Option<Placed<String>> },
    /// Of something that is not in this tree.
    Elsewhere,
}

/// Reads `build`, whose paths are relative to `folder`.
pub(super) fn build(service: &Node, folder: &str) -> Option<Build> {
    let node = service.get("build").filter(|node| !node.is_null())?;
    let context = node.get("context").filter(|context| !context.is_null()).unwrap_or(node);
    let text = context.str().unwrap_or(".");
    let Some(path) = variable::resolve(text) else {
        return Some(Build::Here { context: None, dockerfile: None });
    };
    let Some(path) = joined(folder, &path) else { return Some(Build::Elsewhere) };
    let dockerfile = node.get("dockerfile").and_then(|dockerfile| {
        let file = joined(&path, &variable::resolve(dockerfile.str()?)?)?;
        Some(Placed::new(file, dockerfile.place.clone()))
    });
    let context = Some(Placed::new(path, context.place.clone()));
    Some(Build::Here { context, dockerfile })
}

/// `path` as seen from `folder`, without `.` and `..`; `None` when it leads out of the tree or is
/// an address.
fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains("://") || path.starts_with("git@") {
        return None;
    }
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
    use super::joined;

    #[test]
    fn paths_are_joined_as_long_as_they_stay_in_the_tree() {
        let join = |folder, path| joined(folder, path).unwrap_or_else(|| "?".to_owned());
        assert_eq!(join("", "."), "");
        assert_eq!(join("deploy", "../web/"), "web");
        assert_eq!(join("a/b", "./c"), "a/b/c");
        assert_eq!(join("a", "../.."), "?");
        assert_eq!(join("", "https://example.org/x.git"), "?");
        assert_eq!(join("", "/srv/x"), "?");
    }
}
