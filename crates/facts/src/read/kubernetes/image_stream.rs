//! Tags of `OpenShift`'s image streams that put images into containers: the cluster runs the digest
//! that the tag stands for, and another one once it moves, whatever image is written there.

use model::Placed;

use crate::tree::{Node, read_json};
use crate::{Container, Facts};

use super::field;
use super::manifest::Manifest;

/// Tells of each container of the manifest by which tag it gets its image.
pub(super) fn follow<'w>(
    manifest: &Manifest<'_>,
    containers: impl Iterator<Item = &'w mut Container>,
) {
    let streams = streams(manifest);
    if streams.is_empty() {
        return;
    }
    for container in containers {
        let name = container.name.as_str();
        let Some((_, stream)) = streams.iter().find(|(own, _)| own == name) else { continue };
        container.image = Some(stream.clone());
        container.is_from_stream = true;
    }
}

/// Reads what a stream copies from elsewhere.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let tags = manifest.spec().map(|spec| field::items(spec, &["tags"])).unwrap_or_default();
    let is_image =
        |tag: &&Node| tag.at(&["from", "kind"]).and_then(Node::str) == Some("DockerImage");
    let images = tags.iter().filter(is_image).filter_map(|tag| field::text(tag, &["from", "name"]));
    let copies = images.map(|image| (manifest.name.clone(), image.value));
    facts.cluster.image_copies.extend(copies);
}

/// Names of containers, each with the tag that it follows.
fn streams(manifest: &Manifest<'_>) -> Vec<(String, Placed<String>)> {
    let mut streams = Vec::new();
    for trigger in manifest.spec().map(|spec| field::items(spec, &["triggers"])).unwrap_or_default()
    {
        let Some(follows) = trigger.get("imageChangeParams") else { continue };
        let Some(tag) = tag(follows) else { continue };
        let names = field::list(follows, "containerNames").into_iter();
        streams.extend(names.map(|name| (name.value, tag.clone())));
    }
    let annotation = manifest
        .at(&["metadata", "annotations"])
        .and_then(|annotations| annotations.string("image.openshift.io/triggers"));
    streams.extend(annotation.map(|text| annotated(&text)).unwrap_or_default());
    streams
}

/// The tag that stands under `from`, unless it is an image by its digest.
fn tag(follows: &Node) -> Option<Placed<String>> {
    field::text(follows, &["from", "name"]).filter(|name| !name.trim().is_empty())
}

/// What the annotation of an object says, which holds a list in JSON.
fn annotated(text: &Placed<String>) -> Vec<(String, Placed<String>)> {
    let read = read_json(&text.place.path, text);
    let triggers = read.documents.iter().flat_map(|document| document.root.items());
    let found = triggers.filter_map(|trigger| {
        let is_paused = ["pause", "paused"]
            .iter()
            .any(|key| trigger.get(key).and_then(Node::bool) == Some(true));
        let field = trigger.get("fieldPath").and_then(Node::str).filter(|_| !is_paused)?;
        let tag = Placed::new(tag(trigger)?.value, text.place.clone());
        Some((container_of(field)?.to_owned(), tag))
    });
    found.collect()
}

/// `web` of `spec.template.spec.containers[?(@.name=="web")].image`.
fn container_of(field: &str) -> Option<&str> {
    let (_, name) = field.split_once("@.name==")?;
    let name = name.get(1..).filter(|_| name.starts_with(['"', '\'']))?;
    name.split(['"', '\'']).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::facts_of;
    use super::*;

    fn images(text: &str) -> Vec<(String, bool)> {
        let containers = facts_of(text).workloads.remove(0).containers;
        let image =
            |c: &Container| c.image.as_ref().map_or("-".into(), |image| image.value.clone());
        containers.iter().map(|c| (image(c), c.is_from_stream)).collect()
    }

    #[test]
    fn a_blank_image_is_that_of_the_tag_which_a_trigger_names() {
        let config = "apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nmetadata: {name: till}\nspec:\n  \
                      template:\n    spec:\n      containers:\n      - {name: till, image: ' '}\n      \
                      - {name: helper, image: ' '}\n      - {name: proxy, image: 'nginx:1'}\n  triggers:\n  \
                      - {type: ConfigChange}\n  - type: ImageChange\n    imageChangeParams:\n      \
                      containerNames: [till]\n      from: {kind: ImageStreamTag, name: 'till:${TAG}'}\n";
        let own = |image: &str, follows: bool| (image.to_owned(), follows);
        assert_eq!(
            images(config),
            [own("till:${TAG}", true), own("-", false), own("nginx:1", false)]
        );
        let facts = facts_of(config);
        let image = facts.workloads[0].containers[0].image.as_ref();
        assert_eq!(image.map(|image| image.place.line), Some(16));
    }

    #[test]
    fn an_annotation_names_the_tag_unless_it_is_paused() {
        let deployment = |field: &str, more: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: till\n  annotations:\n    \
                 image.openshift.io/triggers: '[{{\"from\": {{\"kind\": \"ImageStreamTag\", \"name\": \"till:prod\"}}, \
                 \"fieldPath\": \"{field}\"{more}}}]'\nspec:\n  selector: {{}}\n  template:\n    spec:\n      \
                 containers:\n      - {{name: web, image: 'reg.svc:5000/x/till:latest'}}\n"
            )
        };
        let field = "spec.template.spec.containers[?(@.name==\\\"web\\\")].image";
        let image = "reg.svc:5000/x/till:latest".to_owned();
        assert_eq!(images(&deployment(field, "")), [("till:prod".to_owned(), true)]);
        for (field, more) in [(field, ", \"paused\": true"), ("spec.x", ""), ("@.name==", "")] {
            assert_eq!(
                images(&deployment(field, more)),
                [(image.clone(), false)],
                "{field} {more}"
            );
        }
        assert_eq!(images(&deployment("x", "[{")), [(image, false)]);
    }
}
