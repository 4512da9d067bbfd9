//! Lock files of npm, Yarn, pnpm and Bun.

use super::json::{Pairs, Text};
use super::{Fault, Packages};

/// package-lock.json of all three versions.
pub(super) fn lock(text: &str) -> Packages {
    #[derive(serde::Deserialize)]
    struct Lock {
        packages: Option<Pairs<Package>>,
        #[serde(default)]
        dependencies: Pairs<Tree>,
    }
    let lock: Lock = serde_json::from_str(text)?;
    let mut packages = Vec::new();
    match lock.packages {
        Some(Pairs(entries)) => packages.extend(entries.into_iter().filter_map(installed)),
        None => collect(lock.dependencies, &mut packages),
    }
    Ok(packages)
}

/// An entry of the second and third version, by its path in `node_modules`.
#[derive(serde::Deserialize)]
struct Package {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version: Text,
    #[serde(default)]
    link: bool,
}

/// An entry of the first version, with those that are installed inside of it.
#[derive(serde::Deserialize)]
struct Tree {
    #[serde(default)]
    version: Text,
    #[serde(default)]
    dependencies: Pairs<Tree>,
}

/// Name and version; none for the project itself, its workspaces and links to them.
fn installed((path, package): (String, Package)) -> Option<(String, String)> {
    let (_, name) = path.rsplit_once("node_modules/")?;
    let name = package.name.0.unwrap_or_else(|| name.to_owned());
    (!package.link).then(|| (name, package.version.0.unwrap_or_default()))
}

fn collect(dependencies: Pairs<Tree>, packages: &mut Vec<(String, String)>) {
    // The depth is bounded: serde_json reads no more than 128 objects inside one another.
    for (name, tree) in dependencies.0 {
        packages.push((name, tree.version.0.unwrap_or_default()));
        collect(tree.dependencies, packages);
    }
}

/// yarn.lock of the first version and of Berry.
pub(super) fn yarn(text: &str) -> Packages {
    let mut packages: Vec<(String, String)> = Vec::new();
    let mut open: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            let Some(header) = line.trim_end().strip_suffix(':') else {
                return Err(Fault::new(index + 1, "a line is neither a package nor part of one"));
            };
            open = (header != "__metadata").then(|| name_of(header.trim_matches('"')).to_owned());
        } else if let Some(version) = line.strip_prefix("  version") {
            let version = version.trim_start_matches(':').trim().trim_matches('"');
            // Workspaces of the project itself bear this version.
            if version != "0.0.0-use.local" {
                packages.extend(open.take().map(|name| (name, version.to_owned())));
            }
        }
    }
    Ok(packages)
}

/// The name in `@scope/name@^1.0.0`.
fn name_of(descriptor: &str) -> &str {
    split_version(descriptor).map_or(descriptor, |(name, _)| name)
}

/// Name and version of `@scope/name@1.0.0`.
fn split_version(descriptor: &str) -> Option<(&str, &str)> {
    let scope = usize::from(descriptor.starts_with('@'));
    let at = scope + descriptor.get(scope..)?.find('@')?;
    Some((descriptor.get(..at)?, descriptor.get(at + 1..)?))
}

/// pnpm-lock.yaml: keys of the section `packages`.
pub(super) fn pnpm(text: &str) -> Packages {
    let mut packages = Vec::new();
    let mut version = None;
    let mut section = "";
    for line in text.lines() {
        if line.starts_with("lockfileVersion:") {
            version = line
                .split(|c: char| !c.is_ascii_digit())
                .find_map(|digits| digits.parse::<u32>().ok());
        }
        if line.starts_with(|first: char| first.is_alphabetic()) {
            section = line.split(':').next().unwrap_or_default();
        } else if let ("packages", Some(key)) = (section, key_at(line, "  ")) {
            let descriptor = key.trim_start_matches('/');
            packages.extend(match version {
                Some(..6) => by_path(descriptor),
                _ => split_version(descriptor.split('(').next().unwrap_or_default()),
            });
        }
    }
    if version.is_none() {
        return Err(Fault::new(1, "it has no `lockfileVersion`"));
    }
    Ok(packages.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect())
}

/// `@scope/name/1.0.0_peer@2.0.0`, the form before version 6.
fn by_path(key: &str) -> Option<(&str, &str)> {
    let key = key.split(['_', '(']).next()?;
    key.rsplit_once('/')
}

/// The key of a mapping that stands at exactly this indentation.
pub(super) fn key_at<'t>(line: &'t str, indentation: &str) -> Option<&'t str> {
    let rest = line.strip_prefix(indentation)?.trim_end();
    if rest.starts_with([' ', '#', '-']) {
        return None;
    }
    let key = rest.strip_suffix(':').or_else(|| rest.split_once(": ").map(|(key, _)| key))?;
    Some(key.trim_matches(['\'', '"']))
}

/// bun.lock, of which each package takes one line: `"name": ["name@1.0.0", …],`.
pub(super) fn bun(text: &str) -> Packages {
    if !text.contains("\"lockfileVersion\"") {
        return Err(Fault::new(1, "it has no `lockfileVersion`"));
    }
    let lines = text.lines().skip_while(|line| line.trim_end() != "  \"packages\": {").skip(1);
    let lines = lines.take_while(|line| !line.starts_with("  }"));
    Ok(lines
        .filter_map(|line| line.split_once(": [\"")?.1.split('"').next())
        .filter_map(split_version)
        .filter(|(_, version)| !version.starts_with("workspace:"))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect())
}
