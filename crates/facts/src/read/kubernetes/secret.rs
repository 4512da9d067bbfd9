//! Configuration and secrets: plain ones, and what fetches or unseals them.

use model::Placed;

use crate::tree::Node;
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
    // A template for new ones holds nothing yet.
    let data = manifest.at(&["spec", "encryptedData"]).filter(|data| !data.is_null());
    if kind == "SealedSecret" && data.is_none() {
        return;
    }
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

pub(super) fn source(manifest: &Manifest<'_>, kind: &str, target: Option<String>) -> SecretSource {
    SecretSource { kind: kind.to_owned(), name: manifest.name.clone(), target }
}

fn entries(manifest: &Manifest<'_>, keys: &[&str]) -> ConfigEntries {
    let entries = keys.iter().flat_map(|key| field::texts(manifest.root.get(key)));
    let holders = keys.iter().filter_map(|key| manifest.root.get(key));
    let unread = holders.flat_map(Node::entries).filter(|(_, _, value)| value.scalar().is_none());
    ConfigEntries {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        entries: entries.collect(),
        unread: unread
            .map(|(key, node, _)| Placed::new(key.to_owned(), node.place.clone()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    fn targets(text: &str) -> Vec<(String, Option<String>)> {
        let facts = facts_of(text);
        facts.cluster.secret_sources.into_iter().map(|s| (s.kind, s.target)).collect()
    }

    #[test]
    fn plain_secrets_keep_their_entries_and_empty_ones_are_left_out() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  k: djE=\nstringData:\n  l: v\n";
        let facts = facts_of(text);
        let entries: Vec<_> = facts.cluster.secrets[0]
            .entries
            .iter()
            .map(|(key, value)| (key.as_str(), value.value.as_str(), at(&value.place)))
            .collect();
        assert_eq!(entries, [("k", "djE=", "5:6".into()), ("l", "v", "7:6".into())]);
        let empty = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\n";
        assert_eq!(facts_of(empty).cluster.secrets, []);
    }

    #[test]
    fn a_secret_that_sops_encrypted_is_a_source_and_no_plain_secret() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: 'ENC[x]'}\nsops: {mac: x}\n";
        assert_eq!(facts_of(text).cluster.secrets, []);
        assert_eq!(targets(text), [("sops".to_owned(), Some("a".to_owned()))]);
    }

    #[test]
    fn sources_say_which_secret_they_make() {
        let cases = [
            ("external-secrets.io/v1", "ExternalSecret", "target: {name: x}", Some("x")),
            ("external-secrets.io/v1", "ExternalSecret", "refreshInterval: 1h", Some("a")),
            ("bitnami.com/v1alpha1", "SealedSecret", "encryptedData: {k: x}", Some("a")),
            (
                "secrets.hashicorp.com/v1beta1",
                "VaultDynamicSecret",
                "destination: {name: x}",
                Some("x"),
            ),
            ("onepassword.com/v1", "OnePasswordItem", "itemPath: y", Some("a")),
            ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "provider: aws", None),
            (
                "secrets-store.csi.x-k8s.io/v1",
                "SecretProviderClass",
                "secretObjects: [{secretName: x}]",
                Some("x"),
            ),
        ];
        for (version, kind, spec, target) in cases {
            let text = format!(
                "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n  {spec}\n"
            );
            assert_eq!(targets(&text), [(kind.to_owned(), target.map(str::to_owned))], "{text}");
        }
    }

    #[test]
    fn a_template_of_a_sealed_secret_makes_none() {
        let text = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\nspec:\n  encryptedData:\n  template: {metadata: {name: a}}\n";
        assert_eq!(targets(text), []);
    }

    #[test]
    fn a_config_map_keeps_its_entries() {
        let facts = facts_of(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: |\n    x\n",
        );
        let (key, value) = &facts.cluster.config_maps[0].entries[0];
        assert_eq!(
            (key.as_str(), value.value.as_str(), at(&value.place)),
            ("k", "x\n", "6:5".into())
        );
    }
}
