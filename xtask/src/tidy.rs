//! `cargo xtask tidy`: rules of style that are tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Lines of a file that count, tests at its foot left out.
const FILE_LINES: usize = 500;

/// Words that name nothing, as parts of file names.
const EMPTY_NOUNS: [&str; 6] = ["util", "utils", "common", "helper", "helpers", "misc"];

/// The floors, the highest first: a crate may use what stands below its own floor.
const FLOORS: [&[&str]; 6] = [
    &["gonogo"],
    &["engine", "report"],
    &["requirements", "sources"],
    &["drills", "facts", "ledger"],
    &["model"],
    &[],
];

/// Checks the whole workspace, and fails with all that is untidy.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for path in files(root)? {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).with_context(|| format!("reading {name}"))?;
        let is = |extension| path.extension().is_some_and(|found| found == extension);
        if is("rs") {
            faults.extend(rust(&name, &text));
        } else if is("md") {
            faults.extend(markdown(root, &path, &name, &text));
        } else if name.starts_with("crates/") && name.ends_with("/Cargo.toml") {
            faults.extend(floors(&name, &text));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// All files of the workspace that people write.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = !matches!(name.as_str(), ".git" | "target" | "corpus" | "artifacts");
            if entry.file_type()?.is_dir() && is_ours {
                folders.push(entry.path());
            } else if entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn rust(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let is_test = name.contains("/tests/") || name.ends_with("/tests.rs");
    let code = before_tests(text);
    let lines = code.lines().count();
    if lines > FILE_LINES && !is_test {
        faults.push(format!("{name}: {lines} lines, and {FILE_LINES} are the most"));
    }
    let opens = text.lines().find(|line| !line.starts_with("#![") && !line.is_empty());
    if !opens.is_some_and(|line| line.starts_with("//! ")) {
        faults.push(format!("{name}: does not open with `//!` and what stands in it"));
    }
    let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".rs");
    if EMPTY_NOUNS.contains(&stem) {
        faults.push(format!("{name}: `{stem}` names nothing: call it by the noun that it holds"));
    }
    for (number, line) in code.lines().enumerate().filter(|_| !is_test) {
        let number = number + 1;
        if ["TODO", "FIXME", "XXX:"].iter().any(|mark| line.contains(&format!("// {mark}"))) {
            faults.push(format!("{name}:{number}: an intention without a reader"));
        }
    }
    if name.ends_with("src/lib.rs") && name.starts_with("crates/") {
        faults.extend(face(name, text));
    }
    faults
}

/// The text above the tests at its foot.
fn before_tests(text: &str) -> &str {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let item = text[start..].lines().find(|line| !line.starts_with("#["));
        if line.starts_with("#[cfg(") && line.contains("test") && item == Some("mod tests {") {
            return &text[..start];
        }
        start += line.len();
    }
    text
}

/// A crate's `lib.rs` names its modules and what they offer, and holds nothing else.
fn face(name: &str, text: &str) -> Option<String> {
    ["fn ", "struct ", "enum ", "impl ", "static ", "const "]
        .into_iter()
        .find(|item| text.lines().any(|line| line.trim_start_matches("pub ").starts_with(item)))
        .map(|item| format!("{name}: holds `{item}`, and only `mod` and `pub use` stand here"))
}

/// Arrows between crates go down, and siblings never meet.
fn floors(name: &str, text: &str) -> Vec<String> {
    let floor_of: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, crates)| crates.iter().map(move |name| (*name, floor)))
        .collect();
    let this = name.trim_start_matches("crates/").trim_end_matches("/Cargo.toml");
    let Some(floor) = floor_of.get(this) else {
        return vec![format!("{name}: stands on no floor: add it to xtask/src/tidy.rs")];
    };
    text.lines()
        .filter_map(|line| line.split_once(".workspace").map(|(used, _)| used))
        .filter(|used| floor_of.get(used).is_some_and(|other| other <= floor))
        .map(|used| format!("{name}: uses `{used}`, which does not stand below it"))
        .collect()
}

fn markdown(root: &Path, path: &Path, name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let prose = without_code(text);
    let titles = prose.lines().filter(|line| line.starts_with("# ")).count();
    // The sample service's documents are written by its team.
    let is_sample = name.starts_with("examples/");
    if titles != 1 && !is_sample {
        faults.push(format!("{name}: has {titles} titles, and one is meant"));
    }
    for link in links(&prose) {
        let file = link.split('#').next().unwrap_or(link);
        if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
            continue;
        }
        let folder = path.parent().unwrap_or(root);
        if !folder.join(file).exists() && !is_sample {
            faults.push(format!("{name}: links to {file}, which is not there"));
        }
    }
    faults
}

/// The text outside of fences and code spans.
fn without_code(text: &str) -> String {
    let mut kept = String::new();
    let mut fence: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
        match fence {
            Some(open) if ticks >= open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                for (index, part) in line.split('`').enumerate() {
                    if index % 2 == 0 {
                        kept.push_str(part);
                    }
                }
                kept.push('\n');
            }
        }
    }
    kept
}

/// Targets of inline links.
fn links(prose: &str) -> Vec<&str> {
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split_whitespace().next().unwrap_or(""))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        check(&crate::root()).unwrap();
    }

    #[test]
    fn a_file_without_a_first_line_on_what_stands_in_it_is_untidy() {
        assert!(rust("a.rs", "fn main() {}\n")[0].contains("//!"));
        assert_eq!(rust("a.rs", "//! A.\nfn main() {}\n"), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_is_too_long_is_untidy_and_tests_do_not_count() {
        let long = format!("//! A.\n{}", "\n".repeat(600));
        assert!(rust("a.rs", &long)[0].contains("lines"));
        let tested = format!("//! A.\n\n#[cfg(test)]\nmod tests {{{}}}\n", "\n".repeat(600));
        assert_eq!(rust("a.rs", &tested), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_up_or_to_a_sibling_is_untidy() {
        assert_eq!(floors("crates/report/Cargo.toml", "engine.workspace = true\n").len(), 1);
        assert_eq!(floors("crates/model/Cargo.toml", "facts.workspace = true\n").len(), 1);
        assert_eq!(floors("crates/engine/Cargo.toml", "facts.workspace = true\n").len(), 0);
    }

    #[test]
    fn a_face_that_holds_code_is_untidy() {
        assert!(face("crates/a/src/lib.rs", "//! A.\npub fn b() {}\n").is_some());
        assert!(face("crates/a/src/lib.rs", "//! A.\nmod b;\npub use b::c;\n").is_none());
    }

    #[test]
    fn links_and_titles_inside_of_code_do_not_count() {
        let text = "# A\n\n```sh\n# not a title\n[x](nowhere.md)\n```\n`[y](gone.md)`\n";
        let root = Path::new(".");
        assert_eq!(markdown(root, &root.join("a.md"), "a.md", text), Vec::<String>::new());
        let dead = "# A\n\n[x](nowhere.md)\n";
        assert_eq!(markdown(root, &root.join("a.md"), "a.md", dead).len(), 1);
    }
}
