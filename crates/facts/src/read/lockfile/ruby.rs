//! Gemfile.lock and Podfile.lock.

use super::{Fault, Packages};

/// Gemfile.lock: names and versions four blanks deep under `specs:`.
pub(super) fn gems(text: &str) -> Packages {
    if !text.lines().any(|line| line == "DEPENDENCIES") {
        return Err(Fault::new(1, "it has no `DEPENDENCIES`"));
    }
    let specifications = text.lines().filter_map(|line| line.strip_prefix("    "));
    let own = specifications.filter(|line| !line.starts_with(' '));
    Ok(own.filter_map(named).collect())
}

/// Podfile.lock: the list `PODS`.
pub(super) fn pods(text: &str) -> Packages {
    if !text.lines().any(|line| line == "PODS:") {
        return Err(Fault::new(1, "it has no `PODS`"));
    }
    let pods = text.lines().skip_while(|line| *line != "PODS:").skip(1);
    let pods = pods.take_while(|line| line.starts_with(' '));
    let own = pods.filter_map(|line| line.strip_prefix("  - "));
    Ok(own.filter_map(|line| named(line.trim_matches(['"', ':']))).collect())
}

/// `name (1.0.0)`.
fn named(line: &str) -> Option<(String, String)> {
    let (name, version) = line.trim_end().trim_end_matches(':').split_once(" (")?;
    let version = version.strip_suffix(')')?;
    Some((name.trim_matches('"').to_owned(), version.to_owned()))
}
