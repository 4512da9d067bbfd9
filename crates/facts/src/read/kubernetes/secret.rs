//! Configuration and secrets: plain ones, and what fetches or unseals them.

use crate::{ConfigEntries, Facts, SecretSource};

use super::field;
use super::manifest::Manifest;

/// Where each kind says which Secret it makes; kinds that are not here make one of their own name.
const TARGETS: &[(&str, &[&[&str]])] = &[
    ("ExternalSecret", &[&["spec", "target", "name"]]),
    (
        "ClusterExternalSecret",
        &[&["spec", "externalSecretSpec", "target", "name"], &["spec", "externalSecretName"]],
    ),
    ("SealedSecret", &[&["spec", "template", "metadata", "name"]]),
    ("VaultStaticSecret", &[&["spec", "destination", "name"]]),
    ("VaultDynamicSecret", &[&["spec", "destination", "name"]]),
    ("VaultPKISecret", &[&["spec", "destination", "name"]]),
    ("HCPVaultSecretsApp", &[&["spec", "destination", "name"]]),
    ("InfisicalSecret", &[&["spec", "managedSecretReference", "secretName"]]),
    ("DopplerSecret", &[&["spec", "managedSecret", "name"]]),
    ("BitwardenSecret", &[&["spec", "secretName"]]),
    ("AzureKeyVaultSecret", &[&["spec", "output", "secret", "name"]]),
];

/// Where the kinds that make several Secrets list them, and under which key stands the name.
const LISTS: &[(&str, &[&str], &str)] = &[
    ("SecretProviderClass", &["spec", "secretObjects"], "secretName"),
    ("SopsSecret", &["spec", "secretTemplates"], "name"),
    ("InfisicalSecret", &["spec", "managedKubeSecretReferences"], "secretName"),
    ("InfisicalStaticSecret", &["spec", "managedSecretReferences"], "secretName"),
];

/// Reads a `ConfigMap`.
pub(super) fn read_config(manifest: &Manifest<'_>, facts: &mut Facts) {
    facts.cluster.config_maps.push(entries(manifest, &["data"]));
}

/// Reads a Secret: a plain one, or one that sops has encrypted.
pub(super) fn read_secret(manifest: &Manifest<'_>, facts: &mut Facts) {
    if manifest.root.get("sops").is_some() {
        let target = Some(manifest.name.value.clone());
        facts.cluster.secret_sources.push(source(manifest, "sops", target));
        return;
    }
    let secret = entries(manifest, &["data", "stringData"]);
    // One without entries is filled in by something in the cluster.
    if !secret.entries.is_empty() {
        facts.cluster.secrets.push(secret);
    }
}

/// Reads an object that fetches or unseals secrets.
pub(super) fn read_source(manifest: &Manifest<'_>, facts: &mut Facts) {
    let kind = manifest.header.kind;
    let listed: Vec<_> = LISTS.iter().filter(|(of, ..)| *of == kind).collect();
    let made = listed.iter().flat_map(|(_, path, key)| {
        field::items(manifest.root, path).iter().filter_map(|item| item.string(key))
    });
    let mut made: Vec<_> = made.map(|name| Some(name.value)).collect();
    if made.is_empty() {
        made.push(target(manifest).or_else(|| {
            // One that lists no secret makes none: its volume brings them.
            listed.is_empty().then(|| manifest.name.value.clone())
        }));
    }
    let sources = made.into_iter().map(|target| source(manifest, kind, target));
    facts.cluster.secret_sources.extend(sources);
}

fn target(manifest: &Manifest<'_>) -> Option<String> {
    let (_, paths) = TARGETS.iter().find(|(kind, _)| *kind == manifest.header.kind)?;
    paths.iter().find_map(|path| field::text(manifest.root, path)).map(|name| name.value)
}

fn source(manifest: &Manifest<'_>, kind: &str, target: Option<String>) -> SecretSource {
    SecretSource { kind: kind.to_owned(), name: manifest.name.clone(), target }
}

fn entries(manifest: &Manifest<'_>, keys: &[&str]) -> ConfigEntries {
    let entries = keys.iter().flat_map(|key| field::texts(manifest.root.get(key)));
    ConfigEntries {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        entries: entries.collect(),
    }
}
