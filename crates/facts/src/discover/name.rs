//! Names of services: how two spellings are told to be one name.

use model::Place;

/// Words that name a part of a product and not the product.
const GENERIC: &[&str] = &[
    "api",
    "app",
    "application",
    "backend",
    "client",
    "core",
    "default",
    "deployment",
    "frontend",
    "main",
    "manager",
    "monolith",
    "server",
    "service",
    "site",
    "src",
    "ui",
    "web",
    "worker",
];

/// Words that say what holds something, and name neither a product nor a part of one.
const HOLDING: &[&str] = &[
    "chart",
    "docker",
    "helm",
    "helm-chart",
    "kubernetes",
    "monorepo",
    "php",
    "root",
    "source",
    "targets",
    "workspace",
];

/// Words of folders that say what is done there. A tree or a process of its own may be called so.
const FOLDERS: &[&str] = &["ci", "config", "manifest", "manifests", "migration", "migrations"];

/// Endings that say what sort of thing it is and not which.
const SUFFIXES: &[&str] =
    &["-service", "-svc", "-deployment", "-deploy", "-server", "-app", "-api", "-chart", "-image"];

/// A name in the spelling that all sources share: lower case, `-` between words.
pub(crate) fn key(name: &str) -> String {
    let spell = |letter: char| match letter {
        '_' | '.' | ' ' | '/' | ':' | '@' | '+' => '-',
        other => other.to_ascii_lowercase(),
    };
    let spelled: String = name.trim().chars().map(spell).collect();
    spelled.trim_matches('-').to_owned()
}

/// Whether a key names a part ("api") and not a product.
pub(crate) fn is_generic(key: &str) -> bool {
    GENERIC.contains(&key)
}

/// Whether a key tells nobody which product is meant: it names a part, or what holds one.
pub(super) fn is_nameless(key: &str) -> bool {
    is_generic(key) || HOLDING.contains(&key)
}

/// Whether the key of a folder tells nobody which product is meant.
pub(super) fn is_nameless_folder(key: &str) -> bool {
    is_nameless(key) || FOLDERS.contains(&key)
}

/// The name of a chart without the words that say that it is one.
pub(super) fn without_chart(name: &str) -> &str {
    let plain = ["-helm-chart", "-chart", "-helm"].iter().find_map(|end| name.strip_suffix(end));
    plain.filter(|plain| !plain.is_empty() && !is_nameless(&key(plain))).unwrap_or(name)
}

/// A key without the ending that says what sort of thing it is.
pub(super) fn core(key: &str) -> &str {
    let plain = SUFFIXES.iter().find_map(|suffix| key.strip_suffix(suffix));
    let glued = || key.strip_suffix("service").filter(|rest| rest.len() > 2);
    plain.or_else(glued).filter(|rest| !rest.is_empty() && !is_generic(rest)).unwrap_or(key)
}

/// Whether `key` begins with the words of `prefix` and has more of them.
pub(crate) fn extends(key: &str, prefix: &str) -> bool {
    !prefix.is_empty() && key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether the words of `part` stand in `key`, one after the other.
pub(crate) fn has_words(key: &str, part: &str) -> bool {
    !part.is_empty() && format!("-{key}-").contains(&format!("-{part}-"))
}

/// All stretches of words of a key, of a reasonable number of words.
pub(crate) fn runs(key: &str) -> impl Iterator<Item = &str> {
    const MOST_WORDS: usize = 8;
    let starts = std::iter::once(0).chain(key.match_indices('-').map(|(at, _)| at + 1));
    starts.take(MOST_WORDS).flat_map(|start| {
        let rest = key.get(start..).unwrap_or_default();
        let ends = rest.match_indices('-').map(|(at, _)| at).chain(Some(rest.len()));
        ends.take(MOST_WORDS).filter_map(|end| rest.get(..end)).filter(|run| !run.is_empty())
    })
}

/// Whether a name is filled in by a template engine or a shell.
pub(super) fn is_templated(name: &str) -> bool {
    name.contains("{{") || name.contains('$') || name.contains("<%") || name.contains("{%")
}

/// The last part of an image's repository as a key: `checkout` of `ghcr.io/acme/checkout:1.2@sha256:…`.
pub(crate) fn image_name(image: &str) -> Option<String> {
    let repository = repository(image);
    let last = repository.rsplit_once('/').map_or(repository, |(_, last)| last);
    (!last.is_empty() && !is_templated(last)).then(|| key(last))
}

/// An image reference without tag and digest. Where a variable names the image, it is the one that
/// is taken when nobody sets that: `acme/till` of `${IMAGE:-acme/till}:${TAG:-1}`.
pub(crate) fn repository(image: &str) -> &str {
    written_repository(parts(image).0)
}

/// The tag of an image, its digest too, with the sign before it.
pub(crate) fn tag(image: &str) -> &str {
    let (name, tag) = parts(image);
    if tag.is_empty() {
        name.get(written_repository(name).len()..).unwrap_or_default()
    } else {
        tag
    }
}

/// An image, and the tag behind the variable that names it where one does.
fn parts(image: &str) -> (&str, &str) {
    default_of(image).unwrap_or((image, ""))
}

/// What the variable that an image begins with, and that names all of it, stands for when it is not
/// set, and what stands behind it.
fn default_of(image: &str) -> Option<(&str, &str)> {
    let (name, rest) = image.strip_prefix("${")?.split_once('-')?;
    let (default, rest) = rest.split_once('}')?;
    let name = name.strip_suffix(':').unwrap_or(name);
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_whole = rest.is_empty() || rest.starts_with([':', '@']);
    (is_name && is_whole && !is_templated(default)).then_some((default, rest))
}

fn written_repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(repository, _)| repository);
    // `shop:${VERSION:-latest}`: the colon in the variable opens no tag.
    let variable = image.rsplit_once(":$").filter(|(_, tag)| !tag.contains('/'));
    if let Some((repository, _)) = variable {
        return repository;
    }
    match image.rsplit_once(':') {
        // A colon before the last `/` opens a registry's port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// The key of a file's name, its ending left out: `redis-sts` of `charts/templates/Redis_sts.yaml`.
pub(super) fn stem(place: &Place) -> String {
    key(place.file_name().rsplit_once('.').map_or("", |(stem, _)| stem))
}

/// The name of a package without the version that is asked for.
pub(super) fn without_version(name: &str) -> &str {
    let end = name.find(['=', '<', '>', '~', '[', ';', ' ']).unwrap_or(name.len());
    name.get(..end).unwrap_or(name)
}

/// The last part of a folder, of a path.
pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}

/// The folder of a path, empty for the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A folder and all folders above it, the deepest first, without the root.
pub(crate) fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let deepest = (!folder.is_empty()).then_some(folder);
    std::iter::successors(deepest, |inner| inner.rsplit_once('/').map(|(outer, _)| outer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for name in ["Check_Out", "check-out", " check.out ", "check out"] {
            assert_eq!(key(name), "check-out", "{name}");
        }
    }

    #[test]
    fn a_core_is_never_generic_or_empty() {
        let cores = ["checkout-service", "cartservice", "checkout", "api-service", "service"];
        assert_eq!(cores.map(core), ["checkout", "cart", "checkout", "api-service", "service"]);
    }

    #[test]
    fn an_image_is_named_by_the_last_part_of_its_repository() {
        let names = ["redis", "ghcr.io:5000/a/B_c:1@sha256:0", "localhost:80/x", "${A}:1", "a/:1"];
        let names = names.map(|image| image_name(image).unwrap_or_default());
        assert_eq!(names, ["redis", "b-c", "x", "", ""]);
        let tags = ["acme/shop:${TAG:-latest}", "shop:$TAG", "host:${PORT:-5000}/shop:1"];
        assert_eq!(tags.map(|image| image_name(image).unwrap_or_default()), ["shop"; 3]);
        let defaults =
            ["${IMAGE:-acme/shop}:${TAG:-1}", "${IMAGE-shop}:1", "${IMAGE:-a.b:5/shop:1}"];
        assert_eq!(defaults.map(|image| image_name(image).unwrap_or_default()), ["shop"; 3]);
        assert_eq!(defaults.map(tag), [":${TAG:-1}", ":1", ":1"]);
        assert_eq!(["${A:-$B}:1", "${A:-b}/c:1"].map(tag), [":1"; 2]);
    }

    #[test]
    fn runs_are_all_stretches_of_words() {
        let found: Vec<&str> = runs("a-b-c").collect();
        assert_eq!(found, ["a", "a-b", "a-b-c", "b", "b-c", "c"]);
        assert_eq!(runs("").count(), 0);
    }

    #[test]
    fn folders_are_left_one_by_one() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b/c", "a/b", "a"]);
        assert_eq!(ancestors("").count(), 0);
    }
}
