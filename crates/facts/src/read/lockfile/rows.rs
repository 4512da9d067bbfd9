//! Lock files with one package on each line.

use super::npm::key_at;
use super::{Fault, Packages};

/// go.sum: the lines of modules themselves, without those of their go.mod.
pub(super) fn go(text: &str) -> Packages {
    let mut packages = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (Some(name), Some(version), Some(_), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Fault::new(index + 1, "a line is not module, version and hash"));
        };
        if !version.ends_with("/go.mod") {
            packages.push((name.to_owned(), version.to_owned()));
        }
    }
    Ok(packages)
}

/// mix.lock: `"name": {:hex, :name, "1.0.0", …},` or `"name": {:git, "address", "commit", …},`.
pub(super) fn mix(text: &str) -> Packages {
    if !text.trim_start().starts_with("%{") {
        return Err(Fault::new(1, "it does not begin with `%{`"));
    }
    Ok(text
        .lines()
        .filter_map(|line| {
            let (name, entry) = line.trim_start().strip_prefix('"')?.split_once("\": {:")?;
            let which = if entry.starts_with("git") { 3 } else { 1 };
            Some((name.to_owned(), entry.split('"').nth(which)?.to_owned()))
        })
        .collect())
}

/// gradle.lockfile: `group:name:1.0.0=configuration,…`.
pub(super) fn gradle(text: &str) -> Packages {
    let mut packages = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("empty=") {
            continue;
        }
        let coordinates = line.split('=').next().unwrap_or_default();
        let Some((name, version)) = coordinates.rsplit_once(':') else {
            return Err(Fault::new(index + 1, "a line is not `group:name:version=…`"));
        };
        packages.push((name.to_owned(), version.to_owned()));
    }
    Ok(packages)
}

/// pubspec.lock: keys of `packages` with their `version`.
pub(super) fn pubspec(text: &str) -> Packages {
    let mut packages = Vec::new();
    let mut name = None;
    let mut lines = text.lines();
    if !lines.any(|line| line.trim_end() == "packages:") {
        return Err(Fault::new(1, "it has no `packages`"));
    }
    for line in lines.take_while(|line| line.is_empty() || line.starts_with(' ')) {
        if let Some(key) = key_at(line, "  ") {
            name = Some(key);
        } else if let Some(version) = line.strip_prefix("    version: ") {
            let version = version.trim().trim_matches('"');
            packages.extend(name.take().map(|name| (name.to_owned(), version.to_owned())));
        }
    }
    Ok(packages)
}
