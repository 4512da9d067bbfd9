//! What an overlay changes in the objects that it stands on, in Kustomize's order.

use model::Placed;

use crate::Gap;
use crate::tree::{Node, Value};

use super::super::field;
use super::super::manifest::gap;
use super::build::{Builder, Object};
use super::edit::{self, Budget, set};
use super::overlay::Overlay;
use super::target::{self, Target};
use super::{image, label, merge, pointer, relocate, rename};

/// Keys whose changes are not carried out.
const NOT_BUILT: &[&str] = &["transformers", "replacements", "vars"];

/// Kinds that have no namespace.
const WITHOUT_NAMESPACE: &[&str] = &[
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterExternalSecret",
    "GlobalNetworkPolicy",
    "CiliumClusterwideNetworkPolicy",
];

/// Groups of kinds whose lists are merged item by item.
const WITH_SCHEMA: &[&str] = &[
    "",
    "apps",
    "extensions",
    "batch",
    "autoscaling",
    "policy",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
];

/// Changes all `objects` as the overlay says.
pub(super) fn apply(overlay: &Overlay, objects: &mut Vec<Object>, builder: &mut Builder<'_>) {
    let root = &overlay.root;
    merges(overlay, objects, builder);
    for patch in field::items(root, &["patches"]) {
        apply_patch(overlay, patch, objects, builder);
    }
    if let Some(namespace) = root.get("namespace") {
        for object in objects.iter_mut() {
            set_namespace(object, namespace);
        }
    }
    rename::apply(root, objects, &mut builder.budget);
    label::apply(root, objects, &mut builder.budget);
    for patch in field::items(root, &["patchesJson6902"]) {
        apply_patch(overlay, patch, objects, builder);
    }
    for replicas in field::items(root, &["replicas"]) {
        set_replicas(replicas, objects, &mut builder.budget);
    }
    for image in field::items(root, &["images"]) {
        image::apply(image, objects, &mut builder.budget);
    }
    name_not_built(overlay, objects, builder);
}

fn merges(overlay: &Overlay, objects: &mut Vec<Object>, builder: &mut Builder<'_>) {
    for patch in field::items(&overlay.root, &["patchesStrategicMerge"]) {
        merge_in(overlay, patch, objects, builder);
    }
}

/// What is merged, by the path of its file or as text.
fn merge_in(overlay: &Overlay, patch: &Node, objects: &mut Vec<Object>, builder: &mut Builder<'_>) {
    let Some(text) = patch.str() else { return };
    if text.contains('\n') {
        apply_inline(patch, None, objects, builder);
    } else {
        let file = Placed::new(text.to_owned(), patch.place.clone());
        apply_file(overlay, &file, None, objects, builder);
    }
}

/// An entry of `patches`: inline or in a file, for a target or for what it names itself.
fn apply_patch(
    overlay: &Overlay,
    patch: &Node,
    objects: &mut Vec<Object>,
    builder: &mut Builder<'_>,
) {
    // As `patches` held them once: the path alone.
    if patch.str().is_some() {
        return merge_in(overlay, patch, objects, builder);
    }
    let target = patch.get("target").filter(|target| !target.is_null());
    let wanted = target.map(Target::of);
    if let (Some(None), Some(target)) = (&wanted, target) {
        let reason = "names the target of a patch in a way that is not understood";
        return builder.miss(gap(target.place.clone(), reason));
    }
    let wanted = wanted.flatten();
    if let Some(inline) = patch.get("patch") {
        apply_inline(inline, wanted.as_ref(), objects, builder);
    } else if let Some(file) = patch.string("path") {
        apply_file(overlay, &file, wanted.as_ref(), objects, builder);
    }
}

fn apply_inline(
    text: &Node,
    target: Option<&Target>,
    objects: &mut Vec<Object>,
    builder: &mut Builder<'_>,
) {
    let read = relocate::inline(text);
    for trouble in read.troubles {
        builder.miss(gap(
            trouble.place,
            format!("holds a patch that could not be read: {}", trouble.reason),
        ));
    }
    for document in &read.documents {
        apply_one(&document.root, target, objects, builder);
    }
}

fn apply_file(
    overlay: &Overlay,
    file: &Placed<String>,
    target: Option<&Target>,
    objects: &mut Vec<Object>,
    builder: &mut Builder<'_>,
) {
    let Some(documents) = builder.patch(overlay, file) else {
        // A patch of no kind that brings facts, yet it may be for one that does.
        let reason = format!("names the patch `{}`, which was not read", file.value);
        for object in objects.iter().filter(|object| target.is_some_and(|t| t.is_for(object))) {
            builder.miss(of_object(object, gap(file.place.clone(), reason.clone())));
        }
        return;
    };
    for (document, _) in documents.iter() {
        apply_one(document, target, objects, builder);
    }
}

fn apply_one(
    patch: &Node,
    target: Option<&Target>,
    objects: &mut Vec<Object>,
    builder: &mut Builder<'_>,
) {
    let is_for = |object: &Object| match target {
        Some(target) => target.is_for(object),
        None => target::names(patch, object),
    };
    if !builder.budget.spend(objects.len()) {
        return;
    }
    if merge::directive(patch) == Some("delete") {
        return objects.retain(|object| !is_for(object));
    }
    let is_pointer = pointer::is_one(patch);
    let mut refused = Vec::new();
    for object in objects.iter_mut().filter(|object| is_for(object)) {
        if is_pointer {
            let applied = pointer::apply(&mut object.node, patch, &mut builder.budget);
            refused.extend(applied.err().map(|reason| not_applied(patch, object, &reason)));
        } else {
            let has_schema = WITH_SCHEMA.contains(&object.group());
            let name = object.node.get("metadata").and_then(|node| node.get("name")).cloned();
            merge::merge(&mut object.node, patch, has_schema, &mut builder.budget);
            // A patch with a target may bear any name.
            restore_name(&mut object.node, name);
        }
    }
    for gap in refused {
        builder.miss(gap);
    }
}

fn restore_name(node: &mut Node, name: Option<Node>) {
    if let Some(name) = name
        && let Some(metadata) = edit::get_mut(node, "metadata")
    {
        set(metadata, edit::text("name", &name.place), name);
    }
}

fn not_applied(patch: &Node, object: &Object, reason: &str) -> Gap {
    let reason = format!("holds a patch that could not be applied: {reason}");
    of_object(object, gap(patch.place.clone(), reason))
}

/// A gap that is told of one object alone.
fn of_object(object: &Object, gap: Gap) -> Gap {
    Gap { name: object.names.first().cloned(), ..gap }
}

fn set_namespace(object: &mut Object, namespace: &Node) {
    if !WITHOUT_NAMESPACE.contains(&object.kind())
        && let Some(metadata) = edit::get_mut(&mut object.node, "metadata")
    {
        set(metadata, edit::text("namespace", &namespace.place), namespace.clone());
        object.namespaces.extend(namespace.str().map(str::to_owned));
    }
}

fn set_replicas(replicas: &Node, objects: &mut [Object], budget: &mut Budget) {
    const SCALED: &[&str] = &["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];
    let Some((name, count)) = replicas.get("name").and_then(Node::str).zip(replicas.get("count"))
    else {
        return;
    };
    if !budget.spend(objects.len()) {
        return;
    }
    for object in objects {
        if SCALED.contains(&object.kind())
            && object.names.iter().any(|known| known == name)
            && let Some(spec) = edit::get_mut(&mut object.node, "spec")
        {
            set(spec, edit::text("replicas", &count.place), count.clone());
        }
    }
}

/// Names what the overlay changes in ways that are not carried out.
fn name_not_built(overlay: &Overlay, objects: &[Object], builder: &mut Builder<'_>) {
    let root = &overlay.root;
    for generator in field::list(root, "generators") {
        // Charts are named where their generators stand.
        let documents = builder.patch(overlay, &generator).unwrap_or_default();
        let is_told = |node: &Node| is_chart(node) || is_of_secrets(node);
        if documents.is_empty() || !documents.iter().all(|(node, _)| is_told(node)) {
            let reason =
                format!("takes what `{}` generates, which was not carried out", generator.value);
            builder.miss(gap(generator.place, reason));
        }
    }
    let changing = NOT_BUILT.iter().filter(|name| changes(root, name, objects));
    for key in changing.filter_map(|name| root.key(name)) {
        let name = key.str().unwrap_or_default();
        let reason = format!("changes manifests by `{name}`, which were not carried out");
        builder.miss(gap(key.place.clone(), reason));
    }
    let charts = ["helmCharts", "helmChartInflationGenerator"].into_iter();
    for chart in charts.flat_map(|key| field::items(root, &[key])) {
        let name = chart.string("name").or_else(|| chart.string("chartName"));
        let Some(name) = name else { continue };
        let reason = format!("takes the Helm chart `{}`, which was not rendered", name.value);
        let release = chart.get("releaseName").and_then(Node::str).map(str::to_owned);
        builder.miss(Gap { name: release, ..gap(name.place, reason) });
    }
}

/// Whether what an overlay says under a key may change an object that brings facts: replacements
/// write only where their targets are.
fn changes(root: &Node, key: &str, objects: &[Object]) -> bool {
    let entries = field::items(root, &[key]);
    let may_write = |select: Option<&Node>| {
        let target = select.and_then(Target::of);
        target.is_none_or(|target| objects.iter().any(|object| target.is_for(object)))
    };
    let is_reached = |entry: &Node| {
        let mut targets = field::items(entry, &["targets"]).iter().peekable();
        targets.peek().is_none()
            || targets.any(|target| !writes_names(target) && may_write(target.get("select")))
    };
    match key {
        "replacements" => !objects.is_empty() && entries.iter().any(is_reached),
        "vars" => entries.iter().any(|entry| {
            let name = entry.get("name").and_then(Node::str).unwrap_or_default();
            let reference = format!("$({name})");
            name.is_empty() || objects.iter().any(|object| holds(&object.node, &reference))
        }),
        _ => !objects.is_empty(),
    }
}

/// Whether a replacement only writes labels, annotations and variables of containers: what a cluster
/// starts stays as it is written.
fn writes_names(target: &Node) -> bool {
    let paths = field::items(target, &["fieldPaths"]);
    let is_name = |path: &Node| {
        let path = path.str().unwrap_or_default();
        let is_variable = path.contains(".env.[name=") && path.ends_with("].value");
        let noted = ["metadata.labels.", "metadata.annotations."];
        is_variable || noted.iter().any(|part| path.contains(part))
    };
    !paths.is_empty() && paths.iter().all(is_name)
}

/// Whether some text of an object holds `wanted`; goes as deep as the tree, which is bounded.
fn holds(node: &Node, wanted: &str) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains(wanted),
        Value::Sequence(items) => items.iter().any(|item| holds(item, wanted)),
        Value::Mapping(entries) => entries.iter().any(|(_, value)| holds(value, wanted)),
    }
}

/// Whether a generator only decrypts secrets of the repository, which changes nothing that runs.
fn is_of_secrets(node: &Node) -> bool {
    let kind = node.get("kind").and_then(Node::str);
    kind.is_some_and(|kind| matches!(kind, "SopsSecretGenerator" | "ksops"))
}

fn is_chart(node: &Node) -> bool {
    node.get("kind").and_then(Node::str) == Some("HelmChartInflationGenerator")
}
