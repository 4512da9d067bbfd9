//! Writes a first gonogo.yaml from what the tree already says.

mod draft;
mod text;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sources::Limits;

use self::draft::Draft;
use crate::AssessError;
use crate::survey::survey_whole;

/// Why no gonogo.yaml was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The tree could not be read.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// There is one already.
    #[error("{} is there already, and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// It could not be written.
    #[error("{} could not be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Writes gonogo.yaml at `root`, one document for each service, and returns its path and the names.
pub fn init(root: &Path, now: Timestamp) -> Result<(PathBuf, Vec<String>), InitError> {
    let path = root.join("gonogo.yaml");
    if path.symlink_metadata().is_ok() {
        return Err(InitError::Exists(path));
    }
    let survey = survey_whole(root, Limits::default())?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let scopes = facts::scopes(&survey.facts, &survey.services, today);
    let mut drafts: Vec<Draft> = scopes.iter().map(Draft::of).collect();
    if drafts.is_empty() {
        let full = root.canonicalize().ok();
        let folder = full.as_deref().and_then(Path::file_name).unwrap_or_default();
        drafts.push(Draft::named(name_of(&folder.to_string_lossy())));
    }
    let documents: Vec<String> = drafts.iter().map(text::document).collect();
    let names = drafts.into_iter().map(|draft| draft.name).collect();
    let failed = |source| InitError::Io { path: path.clone(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    file.write_all(documents.join("---\n").as_bytes()).map_err(failed)?;
    Ok((path, names))
}

/// A name as gonogo.yaml takes it, for what is called `text` elsewhere: a folder, a reference, a path.
fn name_of(text: &str) -> String {
    let is_usual = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
    let usual = |letter: char| if is_usual(letter) { letter.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().map(usual).collect();
    match name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()) {
        "" => "service".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey;

    fn write(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn what_is_written_reads_back_without_a_complaint() {
        let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: checkout\nspec:\n  \
                        selector: {matchLabels: {app: checkout}}\n  template:\n    metadata:\n      \
                        labels: {app: checkout}\n    spec:\n      containers:\n        - name: app\n          \
                        image: acme/checkout:1\n          ports: [{containerPort: 80}]\n";
        let root = write(&[("k8s/app.yaml", manifest)]);
        let (path, names) = init(root.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(names, ["checkout"]);
        let survey = survey(root.path(), Limits::default()).unwrap();
        assert_eq!(survey.facts.declarations[0].service.value, "checkout");
        assert_eq!(survey.facts.declarations[0].troubles, []);
        assert!(
            matches!(init(root.path(), Timestamp::UNIX_EPOCH), Err(InitError::Exists(p)) if p == path)
        );
    }

    #[test]
    fn what_may_be_no_service_is_written_with_the_doubt() {
        let deployment = |name: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{selector: {{}}, \
                 template: {{spec: {{containers: [{{name: a, image: registry.acme.example/{name}:1}}]}}}}}}\n"
            )
        };
        let root = write(&[
            ("till.yaml", &deployment("till")),
            ("tax.yaml", &deployment("tax")),
            ("packing/Dockerfile", "FROM rust:1\nCMD [\"/pack\"]\n"),
            ("packing/main.go", "package main\n"),
        ]);
        let (path, names) = init(root.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(names, ["packing", "tax", "till"]);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# Perhaps no service: nothing but a Dockerfile"), "{text}");
        assert_eq!(text.matches("# Perhaps no service").count(), 1, "{text}");
    }

    #[test]
    fn a_tree_without_a_service_gets_one_named_after_its_folder() {
        let root = write(&[("Notes.txt", "nothing")]);
        let (path, names) = init(root.path(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(names.len(), 1);
        let declared = taken_as_so(&path);
        assert!(is_only_open(&declared), "{:?}", declared.troubles);
        assert!(declared.run.is_some());
    }

    /// Whether nothing is wrong but what is still to be filled in.
    fn is_only_open(declared: &facts::Declaration) -> bool {
        declared.troubles.iter().all(|trouble| trouble.value.contains("still to be filled in"))
    }

    /// The first document of `path` once the signs of its comments are taken away.
    fn taken_as_so(path: &Path) -> facts::Declaration {
        let text = std::fs::read_to_string(path).unwrap();
        let is_meant = |line: &str| {
            line.trim_start().split(' ').find(|word| *word != "-").is_some_and(|w| w.ends_with(':'))
        };
        let taken = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(meant) if is_meant(meant) => format!("{meant}\n"),
            _ => format!("{line}\n"),
        });
        let taken: String = taken.collect();
        facts::read(&"gonogo.yaml".into(), taken.as_bytes()).declarations.remove(0)
    }

    #[test]
    fn what_is_written_is_of_the_service_that_was_found() {
        let root = write(&[
            (
                "compose.yaml",
                "services:\n  notes:\n    build: .\n    restart: always\n    ports: [\"80:8080\"]\n    environment:\n      \
                 LISTEN_PORT: \"8080\"\n      STORE_URL: postgres://app:hunter2@store:5432/notes?ssl=no\n      \
                 TAGGER: http://tagger:9100/v1\n      SIZE: \"20\"\n  store:\n    image: postgres:16\n  \
                 tagger:\n    image: acme/tagger:1\n    restart: always\n",
            ),
            ("Dockerfile", "FROM python:3.12\nEXPOSE 8080\nCMD [\"python\", \"-m\", \"notes\"]\n"),
            (
                "openapi.yaml",
                "openapi: 3.0.0\ninfo: {title: notes, version: \"1\"}\npaths:\n  /notes/{id}:\n    get: {responses: {}}\n  \
                 /notes:\n    get: {operationId: listNotes, responses: {}}\n",
            ),
        ]);
        let (path, _) = init(root.path(), Timestamp::UNIX_EPOCH).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_in = |line: &str| text.lines().any(|one| one.split(" # ").any(|p| p.trim() == line));
        for line in [
            "service: notes",
            "#   - name: listnotes",
            "#     request: {method: GET, path: /notes}",
            "#   - name: store",
            "#     kind: postgres",
            "#   - name: tagger",
            "#   command: [python, \"-m\", notes]",
            "#     LISTEN_PORT: \"{port}\"",
            "#     STORE_URL: \"postgres://…@{store}/notes\"",
            "#     TAGGER: \"http://{tagger}/v1\"",
            "#     SIZE: …",
        ] {
            assert!(is_in(line), "{line}\n{text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
        let declared = taken_as_so(&path);
        assert!(is_only_open(&declared), "{:?}", declared.troubles);
        assert_eq!(declared.dependencies.unwrap().len(), 2);
        assert!(declared.journeys.unwrap()[0].exchange.is_some());
    }

    #[test]
    fn what_is_not_sure_counts_for_nothing_until_somebody_says_so() {
        let entry = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: notes}\nspec:\n  \
                     type: service\n  lifecycle: production\n  owner: group:notes\n  \
                     dependsOn: [\"component:default/tagger\"]\n";
        let root = write(&[("catalog-info.yaml", entry)]);
        let (path, _) = init(root.path(), Timestamp::UNIX_EPOCH).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let known: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let keys: Vec<&str> =
            known.iter().filter_map(|line| Some(line.split_once(':')?.0)).collect();
        assert_eq!(keys, ["service", "kind", "tier", "owner"], "{text}");
        assert!(text.contains("assumed; 1 critical"), "{text}");
        let declared = taken_as_so(&path);
        assert!(is_only_open(&declared), "{:?}", declared.troubles);
        assert_eq!(declared.dependencies.unwrap()[0].name.value, "tagger");
    }

    #[test]
    fn a_folder_of_any_name_gives_the_name_of_a_service() {
        assert_eq!(name_of("My Shop+2"), "my-shop-2");
        assert_eq!(name_of(".dotted v1.2"), "dotted-v1.2");
        assert_eq!(name_of("…"), "service");
    }
}
