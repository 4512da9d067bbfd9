//! Images that an overlay names anew.

use crate::tree::{Node, Value};

use super::build::Object;
use super::edit::{self, Budget};

/// Changes the images of the name that the entry of `images` is for.
pub(super) fn apply(image: &Node, objects: &mut [Object], budget: &mut Budget) {
    let Some(name) = image.get("name").and_then(Node::str) else { return };
    for object in objects {
        if let Some(spec) = edit::get_mut(&mut object.node, "spec")
            && budget.spend(edit::size(spec))
        {
            walk(spec, name, image);
        }
    }
}

/// Goes as deep as the tree, which is bounded where it is built.
fn walk(node: &mut Node, name: &str, image: &Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter_mut().for_each(|item| walk(item, name, image)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                let is_list = matches!(key.str(), Some("containers" | "initContainers"));
                match &mut value.value {
                    Value::Sequence(items) if is_list => {
                        for container in items {
                            change(container, name, image);
                        }
                    }
                    _ => walk(value, name, image),
                }
            }
        }
    }
}

fn change(container: &mut Node, name: &str, image: &Node) {
    let Some(written) = edit::get_mut(container, "image") else { return };
    let Some((known, rest)) = written.str().map(split) else { return };
    if known != name {
        return;
    }
    let text = |key| image.get(key).filter(|node| node.str().is_some_and(|text| !text.is_empty()));
    let (new_name, tag, digest) = (text("newName"), text("newTag"), text("digest"));
    let Some(says) = digest.or(tag).or(new_name) else { return };
    let of = |node: Option<&Node>| node.and_then(Node::str).unwrap_or_default().to_owned();
    let name = new_name.and_then(Node::str).unwrap_or(known);
    let image = match (digest, tag) {
        (Some(_), _) => format!("{name}@{}", of(digest)),
        (None, Some(_)) => format!("{name}:{}", of(tag)),
        (None, None) => format!("{name}{rest}"),
    };
    *written = edit::text(&image, &says.place);
}

/// An image's name, and its tag or digest with the sign before it.
pub(in crate::read::kubernetes) fn split(image: &str) -> (&str, &str) {
    let at = image.find('@').or_else(|| {
        let path = image.rfind('/').map_or(0, |slash| slash + 1);
        image.get(path..)?.find(':').map(|colon| path + colon)
    });
    at.and_then(|at| image.split_at_checked(at)).unwrap_or((image, ""))
}
