//! `.env` files and `.properties`: variables for Compose, for what Kustomize generates, and for programs
//! that load them.

use std::collections::{HashMap, HashSet};

use model::{Place, Placed};

use super::variable;
use super::vendored::is_vendored;
use crate::cursor::Cursor;
use crate::read::Source;
use crate::{EnvironmentFile, Facts};

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let is_env = name == ".env" || name.starts_with(".env.") || name.strip_suffix(".env").is_some();
    (is_env || is_properties(path)) && !is_vendored(path)
}

/// Whether it is a list of settings by its name, and none that is compiled into a program: those may be
/// of any language and size.
pub(super) fn is_properties(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    path.ends_with(".properties") && !folders.any(|folder| ["resources", "src"].contains(&folder))
}

/// Reads the file; lines that assign nothing are passed over.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut cursor = Cursor::new(source.path, source.text);
    let mut values = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if let Some((name, at, text)) = assignment(line) {
            let place = cursor.place(start + at, start + at + text.len());
            values.push((name.to_owned(), Placed::new(unquoted(text).to_owned(), place)));
        }
    }
    let place = Place::file(source.path.clone());
    facts.environment_files.push(EnvironmentFile { place, values });
}

/// The values of a file by name, with the variables in them replaced by those before them.
pub(super) fn resolved(file: &EnvironmentFile) -> HashMap<String, String> {
    let mut known: HashMap<String, String> = HashMap::new();
    for (name, value) in &file.values {
        let value_of = |name: &str| known.get(name).cloned();
        if let Some(value) = variable::expand(value, &value_of) {
            known.insert(name.clone(), value);
        }
    }
    known
}

/// Names of variables that pipelines write into a `.env` where they deploy: what the file in the tree
/// gives them is for developers.
pub(super) fn written_by_pipelines(facts: &Facts) -> HashSet<String> {
    let texts = facts.steps().flat_map(|step| {
        let given = step.with.iter().map(|(_, text)| text);
        step.lines.iter().chain(given).flat_map(|text| text.value.lines())
    });
    texts.filter_map(written_name).map(str::to_owned).collect()
}

/// The variable that a shell line writes into such a file: `echo "TAG=1.0" >> .env`.
fn written_name(line: &str) -> Option<&str> {
    let (written, file) = line.split_once('>')?;
    let file = file.trim_start_matches('>').trim().trim_matches(['"', '\'']);
    let is_env = file == ".env" || file.ends_with("/.env");
    let text = written.trim_start().strip_prefix("echo ")?.trim_start();
    let (name, _) = text.trim_start_matches(['"', '\'']).split_once('=')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_env && is_name).then_some(name)
}

/// Name, and the value with its quotes and where it begins in the line.
fn assignment(line: &str) -> Option<(&str, usize, &str)> {
    let line = line.trim_end();
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    if name.is_empty() || name.starts_with('#') || name.contains(char::is_whitespace) {
        return None;
    }
    let text = value.trim_start();
    let at = line.len() - text.len();
    let end = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text.get(1..)?.find(quote).map(|end| end + 2),
        _ => text.find(" #"),
    };
    Some((name, at, text.get(..end.unwrap_or(text.len()))?.trim_end()))
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::read::mutation::mutated;

    const SHOP: &str = "# shop\nTAG=1.0 # now\nexport NAME=\"shop # 1\"\r\n IMAGE = ${NAME}:$TAG\nEMPTY=\n\
        no assignment\nQUOTED='a'b\nOPEN=\"x\n";

    fn read_at(path: &str, text: &str) -> Facts {
        crate::read::read(&Arc::from(path), text.as_bytes())
    }

    #[test]
    fn what_a_shell_line_writes_into_such_a_file_is_known_by_its_name() {
        for line in [
            "echo \"TAG=sha-1\" >> .env",
            "echo TAG=$SHA > .env",
            "  echo 'TAG=${{ github.sha }}' >> \"deploy/.env\"",
        ] {
            assert_eq!(written_name(line), Some("TAG"), "{line}");
        }
        for line in ["echo TAG=1 >> $GITHUB_ENV", "echo done > .env", "cat a > .env", "TAG=1", ""] {
            assert_eq!(written_name(line), None, "{line}");
        }
    }

    #[test]
    fn names_and_values_stand_at_their_places() {
        let facts = read_at("a/.env", SHOP);
        let values: Vec<_> = facts.environment_files[0]
            .values
            .iter()
            .map(|(name, value)| (&**name, value.as_str(), value.place.line, value.place.column))
            .collect();
        let expected = [
            ("TAG", "1.0", 2, 5),
            ("NAME", "shop # 1", 3, 13),
            ("IMAGE", "${NAME}:$TAG", 4, 10),
            ("EMPTY", "", 5, 7),
            ("QUOTED", "a", 7, 8),
            ("OPEN", "\"x", 8, 6),
        ];
        assert_eq!(values, expected);
        let known = resolved(&facts.environment_files[0]);
        assert_eq!(known.get("IMAGE").map(String::as_str), Some("shop # 1:1.0"));
    }

    #[test]
    fn files_are_known_by_their_names() {
        for name in [".env", ".env.production", "api.env", "k8s/base/api.properties"] {
            assert!(is_named(name, name), "{name}");
        }
        for name in ["env", ".environment", ".envrc", "api/src/main/resources/de.properties"] {
            assert!(!is_named(name, name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_mutation_makes_it_panic(text in mutated(SHOP)) {
            let facts = read_at(".env", &text);
            facts.environment_files.iter().for_each(|file| drop(resolved(file)));
        }
    }
}
