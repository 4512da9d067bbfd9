//! Where a working tree comes from, read from git's configuration as plain text.
//!
//! Nothing in it is followed (`include`, `insteadOf`), and nothing but the host and the path of an
//! address leaves this file: addresses may hold passwords.

use std::path::Path;

use crate::revision::{configuration, working_tree};

/// Remotes that are looked at.
const MOST_REMOTES: usize = 16;
/// Longest address that is one.
const MOST_BYTES: usize = 1024;

/// The remotes of the working tree that holds `root`, as `github.com/acme/shop`.
///
/// Empty where there is no repository or no remote, or where remotes are folders of a machine.
pub fn remotes(root: &Path) -> Vec<String> {
    let text = working_tree(root).and_then(|(folder, _)| configuration(&folder));
    text.map(|text| addresses(&text)).unwrap_or_default()
}

/// The same of the text of git's configuration, in the order of their names.
pub fn addresses(text: &str) -> Vec<String> {
    let mut is_remote = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_remote = line.to_ascii_lowercase().starts_with("[remote ");
        }
        let Some((key, value)) = line.split_once('=').filter(|_| is_remote) else { continue };
        if key.trim().eq_ignore_ascii_case("url") && found.len() < MOST_REMOTES {
            found.extend(plain(value.trim().trim_matches('"')));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// `github.com/acme/shop` of `https://user:password@github.com:443/acme/shop.git` and of
/// `git@github.com:acme/shop.git`.
fn plain(address: &str) -> Option<String> {
    let (host, path) = match address.split_once("://") {
        Some(("http" | "https" | "ssh" | "git" | "git+ssh", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        None => address.split_once(':').filter(|(host, _)| host.contains('.'))?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_plain = |c: char| c.is_alphanumeric() || "-_./~".contains(c);
    let is_sound = address.len() <= MOST_BYTES
        && !host.is_empty()
        && !path.is_empty()
        && host.chars().chain(path.chars()).all(is_plain);
    is_sound.then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join(".git")).unwrap();
        std::fs::write(root.path().join(".git/config"), text).unwrap();
        remotes(root.path())
    }

    #[test]
    fn remotes_are_told_by_host_and_path_alone() {
        for address in [
            "https://github.com/acme/shop.git",
            "https://me:secret@github.com:443/acme/shop",
            "git@github.com:acme/shop.git",
            "ssh://git@GitHub.com:22/acme/shop.git/",
            "\"https://github.com/acme/shop\"",
        ] {
            let text = format!("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {address}\n");
            assert_eq!(found(&text), ["github.com/acme/shop"], "{address}");
        }
    }

    #[test]
    fn only_addresses_of_remotes_count() {
        let text = "[include]\n\tpath = /etc/passwd\n[url \"https://a.example/b\"]\n\turl = \
                    https://a.example/b/c\n[submodule \"x\"]\n\turl = https://a.example/x/y\n\
                    [remote \"a\"]\n\turl = /srv/git/shop\n[remote \"b\"]\n\turl = file:///srv/x\n";
        assert!(found(text).is_empty());
        assert!(remotes(tempfile::tempdir().unwrap().path()).is_empty());
    }

    #[test]
    fn what_is_no_address_gives_none() {
        let long = format!("https://a.example/{}", "b".repeat(5000));
        for address in
            ["", ":", "https://", "https://a.example", "a.example:", "-", &long, "x:\u{1b}"]
        {
            let text = format!("[remote \"origin\"]\nurl = {address}\n");
            assert!(found(&text).is_empty(), "{address}");
        }
    }
}
