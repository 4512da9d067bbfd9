//! Pipfile.lock.

use super::Packages;
use super::json::{Pairs, Text};

/// Pipfile.lock, whose versions are written `==1.2.3`.
pub(super) fn pipfile(text: &str) -> Packages {
    #[derive(serde::Deserialize)]
    struct Lock {
        #[serde(default)]
        default: Pairs<Package>,
        #[serde(default)]
        develop: Pairs<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        #[serde(default)]
        version: Text,
    }
    let lock: Lock = serde_json::from_str(text)?;
    let packages = lock.default.0.into_iter().chain(lock.develop.0);
    Ok(packages
        .map(|(name, package)| {
            let version = package.version.0.unwrap_or_default();
            (name, version.trim_start_matches('=').to_owned())
        })
        .collect())
}
