//! Writes a first gonogo.yaml from what the tree already says.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use facts::{Scope, VariableValue};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sources::Limits;

use crate::{AssessError, survey};

/// How drills start it, for whoever writes it by hand.
const RUN: &str =
    "# run:                    # how a drill starts it; `{port}` and `{orders-db}` are filled in
#   command: [node, server.js]
#   env: {PORT: \"{port}\", DATABASE_URL: \"postgres://app@{orders-db}/orders\"}
#   ready: /readyz
";

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
    let survey = survey(root, Limits::default())?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let scopes = facts::scopes(&survey.facts, &survey.services, today);
    let mut documents: Vec<String> = scopes.iter().map(document).collect();
    let mut names: Vec<String> = scopes.iter().map(|scope| scope.service.name.clone()).collect();
    if documents.is_empty() {
        let full = root.canonicalize().ok();
        let folder = full.as_deref().and_then(Path::file_name).unwrap_or_default();
        let name = named_after(&folder.to_string_lossy());
        documents.push(head(&name, "web", "2", None, &[]) + RUN);
        names.push(name);
    }
    let failed = |source| InitError::Io { path: path.clone(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    file.write_all(documents.join("---\n").as_bytes()).map_err(failed)?;
    Ok((path, names))
}

/// A name for the service in a folder called `folder`.
fn named_after(folder: &str) -> String {
    let is_usual = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    let usual = |letter: char| if is_usual(letter) { letter.to_ascii_lowercase() } else { '-' };
    let name: String = folder.chars().map(usual).collect();
    match name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()) {
        "" => "service".to_owned(),
        name => name.to_owned(),
    }
}

fn document(scope: &Scope<'_>) -> String {
    let service = scope.service;
    let doubt = service.doubt.as_ref().map(|doubt| {
        format!("# Perhaps no service: {}. Delete this document if so.\n", plain(&doubt.what))
    });
    let owner = scope.entries.iter().find_map(|entry| entry.owners.first());
    let dependencies: Vec<String> = scope
        .datastores
        .iter()
        .map(|store| store.name.value.clone())
        .chain(
            scope.entries.iter().flat_map(|e| e.depends_on.iter().map(|name| name.value.clone())),
        )
        .collect();
    let tier = service.tier.as_ref().map_or_else(|| "2".to_owned(), |tier| tier.value.to_string());
    let owner = owner.map(|owner| owner.value.as_str());
    let head = head(&service.name, service.kind.name(), &tier, owner, &dependencies);
    let mut text = doubt.unwrap_or_default() + &head;
    let variables = variables(scope);
    if !variables.is_empty() {
        text.push_str("# The variables that its manifests set:\n# run:\n#   env:\n");
        for name in variables {
            let _ = writeln!(text, "#     {}: …", plain(&name));
        }
    }
    text
}

fn head(
    name: &str,
    kind: &str,
    tier: &str,
    owner: Option<&str>,
    dependencies: &[String],
) -> String {
    let mut text = format!(
        "# What gonogo cannot see by itself. `gonogo schema` describes every key.\n\
         service: {}\n\
         kind: {kind}            # web | worker | batch | library | frontend\n\
         tier: {tier}              # 1 critical, 2 important, 3 low risk\n",
        scalar(name)
    );
    match owner {
        Some(owner) => {
            let _ = writeln!(text, "owner: {}", scalar(owner));
        }
        None => text.push_str("# owner: group:NAME   # who answers at 2 AM\n"),
    }
    text.push_str(
        "# backup-owner: group:NAME\n\
         # lifecycle: production   # experimental | production | deprecated | retired\n\
         # journeys:               # what users do with it\n\
         #   - name: place-order\n\
         #     request: {method: POST, path: /orders}\n\
         #     expect: {status: 201}\n\
         #     peak: 50/s\n\
         #     objectives: {availability: 99.9%, latency: {p99: 300ms}, window: 28d}\n",
    );
    if dependencies.is_empty() {
        text.push_str(
            "# dependencies:           # what it calls or stores in; `[]` says that there is nothing\n\
             #   - name: orders-db\n\
             #     kind: postgres\n\
             #     critical: true\n\
             #     timeout: 2s\n\
             #     on-failure: orders are refused with 503 and Retry-After\n",
        );
    } else {
        text.push_str("dependencies:\n");
        for name in dependencies {
            let _ = writeln!(
                text,
                "  - name: {}\n    # kind: postgres\n    # critical: true\n    # timeout: 2s\n    \
                 # on-failure: what users see when it is down",
                scalar(name)
            );
        }
    }
    text
}

fn variables(scope: &Scope<'_>) -> Vec<String> {
    let mut names: Vec<String> = scope
        .workloads
        .iter()
        .flat_map(|workload| &workload.containers)
        .flat_map(|container| &container.environment)
        .filter(|variable| !matches!(variable.value, VariableValue::Other))
        .map(|variable| variable.name.value.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A YAML scalar that reads back as `text`, quoted where it is not plain.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ':' | '@'))
        && !text.ends_with(':')
        && !["true", "false", "yes", "no", "on", "off", "null"]
            .contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// `text` on one line, for a comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        // What stands there as a comment is well-formed once the signs are taken away.
        let text = std::fs::read_to_string(&path).unwrap().replace("\n# ", "\n");
        std::fs::write(&path, text.replacen("# What", "#What", 1)).unwrap();
        let survey = survey(root.path(), Limits::default()).unwrap();
        assert_eq!(survey.facts.declarations[0].troubles, []);
        assert!(survey.facts.declarations[0].run.is_some());
    }

    #[test]
    fn a_folder_of_any_name_gives_the_name_of_a_service() {
        assert_eq!(named_after("My Shop_2"), "my-shop-2");
        assert_eq!(named_after(".dotted v1.2"), "dotted-v1.2");
        assert_eq!(named_after("…"), "service");
    }

    #[test]
    fn a_hostile_name_stays_one_scalar() {
        assert_eq!(scalar("a: b\nc"), r#""a: b\nc""#);
        assert_eq!(scalar("yes"), "\"yes\"");
        assert_eq!(scalar("group:payments"), "group:payments");
    }
}
