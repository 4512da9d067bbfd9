//! Images that a Kustomization of Flux names anew in what stands at its path.

use std::collections::BTreeMap;

use model::Placed;

use crate::Facts;
use crate::discover::name::{ancestors, folder_of};
use crate::path::join;
use crate::scope::is_rehearsal;
use crate::tree::Node;

use super::field;
use super::kustomize::{is_called_production, split_image};
use super::manifest::Manifest;

/// A Kustomization, and what it makes of images.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Renaming {
    /// The folder that it brings into the cluster.
    folder: String,
    /// How near to production it is.
    rank: u8,
    images: Vec<Renamed>,
}

#[derive(Clone, Debug, PartialEq)]
struct Renamed {
    name: String,
    new_name: Option<String>,
    /// The tag or digest with the sign before it, where it is written.
    version: Option<Placed<String>>,
}

/// Keeps what a Kustomization says of images until all manifests are read.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let path = spec.string("path").and_then(|path| join("", &path));
    let Some(folder) = path.filter(|path| !path.contains('$')) else { return };
    let place = &manifest.name.place;
    let rank = if is_called_production(place.folder()) || is_called_production(&manifest.name) {
        2
    } else {
        u8::from(!is_rehearsal(&place.path))
    };
    let images = field::items(spec, &["images"]).iter().filter_map(renamed).collect();
    facts.fragments.renamings.push(Renaming { folder, rank, images });
}

fn renamed(image: &Node) -> Option<Renamed> {
    let text = |key: &str| image.string(key).filter(|text| !text.is_empty() && !text.contains('$'));
    let with =
        |sign: &str, text: Placed<String>| Placed::new(format!("{sign}{}", text.value), text.place);
    let digest = text("digest").map(|digest| with("@", digest));
    Some(Renamed {
        name: text("name")?.value,
        new_name: text("newName").map(|name| name.value),
        version: digest.or_else(|| text("newTag").map(|tag| with(":", tag))),
    })
}

/// Names the images of each workload as the Kustomization nearest to production does that brings it.
pub(super) fn settle(facts: &mut Facts) {
    let renamings = std::mem::take(&mut facts.fragments.renamings);
    let mut nearest: BTreeMap<&str, &Renaming> = BTreeMap::new();
    let is_nearer = |one: &Renaming, other: &Renaming| {
        (one.rank, !one.images.is_empty()) > (other.rank, !other.images.is_empty())
    };
    for renaming in &renamings {
        let known = nearest.entry(&renaming.folder).or_insert(renaming);
        if is_nearer(renaming, known) {
            *known = renaming;
        }
    }
    if nearest.is_empty() {
        return;
    }
    for workload in &mut facts.workloads {
        let path = workload.name.place.path.clone();
        let around = ancestors(folder_of(&path)).chain([""]);
        let around = around.filter_map(|folder| nearest.get(folder).copied());
        let best = around.reduce(|best, other| if is_nearer(other, best) { other } else { best });
        let Some(renaming) = best else { continue };
        let all = workload.containers.iter_mut().chain(&mut workload.init_containers);
        for image in all.filter_map(|container| container.image.as_mut()) {
            rename(image, &renaming.images);
        }
    }
}

fn rename(image: &mut Placed<String>, images: &[Renamed]) {
    let (name, rest) = split_image(image);
    let Some(renamed) = images.iter().find(|renamed| renamed.name == name) else { return };
    let new_name = renamed.new_name.as_deref().unwrap_or(name);
    let (version, place) = match &renamed.version {
        Some(version) => (version.value.as_str(), &version.place),
        None => (rest, &image.place),
    };
    *image = Placed::new(format!("{new_name}{version}"), place.clone());
}

#[cfg(test)]
mod tests {
    use crate::{Facts, read};

    const TILL: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: till}\nspec: {containers: [{name: a, image: acme/till:latest}]}\n";

    fn kustomization(name: &str, images: &str) -> String {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}}}\n\
             spec:\n  path: ./apps/till\n  images: [{images}]\n"
        )
    }

    fn image(files: &[(&str, String)]) -> (String, String) {
        let mut facts = Facts::default();
        facts.append(read(&"apps/till/pod.yaml".into(), TILL.as_bytes()));
        for (path, text) in files {
            facts.append(read(&(*path).into(), text.as_bytes()));
        }
        crate::settle(&mut facts);
        let image = facts.workloads[0].containers[0].image.clone().unwrap();
        (image.value, image.place.path.to_string())
    }

    #[test]
    fn the_kustomization_nearest_to_production_names_the_images() {
        let entry = |tag: &str| format!("{{name: acme/till, newTag: {tag}}}");
        let production = ("clusters/prod/till.yaml", kustomization("till", &entry("v2")));
        let staging = ("clusters/staging/till.yaml", kustomization("till", &entry("v3")));
        let own = |image: &str, path: &str| (image.to_owned(), path.to_owned());
        let expected = own("acme/till:v2", "clusters/prod/till.yaml");
        assert_eq!(image(&[production.clone(), staging.clone()]), expected);
        let silent = ("clusters/prod/till.yaml", kustomization("till", ""));
        let written = own("acme/till:latest", "apps/till/pod.yaml");
        assert_eq!(image(&[silent, staging]), written);
        for entry in ["{name: acme/other, newTag: v2}", "{name: acme/till, newTag: '${TAG}'}"] {
            assert_eq!(image(&[("clusters/prod/a.yaml", kustomization("till", entry))]), written);
        }
        let digest = "{name: acme/till, newName: acme/desk, digest: 'sha256:00'}";
        let found = image(&[("clusters/prod/a.yaml", kustomization("till", digest))]);
        assert_eq!(found.0, "acme/desk@sha256:00");
    }
}
