//! Lock files in JSON, and how pairs are streamed out of them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Packages;

/// The entries of an object in the order of the file.
#[derive(Debug)]
pub(super) struct Pairs<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
    type Value = Pairs<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// A text; whatever else stands there is passed over.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Other(IgnoredAny),
        }
        Ok(match Any::deserialize(deserializer)? {
            Any::Text(text) => Self(Some(text)),
            Any::Other(_) => Self(None),
        })
    }
}

/// composer.lock.
pub(super) fn composer(text: &str) -> Packages {
    #[derive(serde::Deserialize)]
    struct Lock {
        packages: Vec<Package>,
        #[serde(default, rename = "packages-dev")]
        packages_dev: Option<Vec<Package>>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        #[serde(default)]
        version: Text,
    }
    let lock: Lock = serde_json::from_str(text)?;
    let packages = lock.packages.into_iter().chain(lock.packages_dev.into_iter().flatten());
    Ok(packages.map(|package| (package.name, package.version.0.unwrap_or_default())).collect())
}

/// packages.lock.json; a package stands once for each target framework.
pub(super) fn nuget(text: &str) -> Packages {
    #[derive(serde::Deserialize)]
    struct Lock {
        dependencies: Pairs<Pairs<Package>>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        #[serde(default)]
        resolved: Text,
    }
    let lock: Lock = serde_json::from_str(text)?;
    let packages = lock.dependencies.0.into_iter().flat_map(|(_, packages)| packages.0);
    let mut packages: Vec<_> =
        packages.map(|(name, package)| (name, package.resolved.0.unwrap_or_default())).collect();
    packages.sort_unstable();
    packages.dedup();
    Ok(packages)
}
