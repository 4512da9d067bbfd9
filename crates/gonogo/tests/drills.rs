//! What the command line does around a drill: what it asks, refuses and tells before and after.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The folder of a service that declares `more`.
fn service(more: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let text = format!("service: shop\nkind: web\nrun: {{command: [./shop]}}\n{more}");
    fs::write(root.path().join("gonogo.yaml"), text).unwrap();
    root
}

/// A journey of `method`.
fn journey(method: &str) -> String {
    format!(
        "journeys:\n  - name: buy\n    request: {{method: {method}, path: /orders}}\n    expect: {{status: 200}}\n    \
         peak: 10/s\n    objectives: {{availability: 99%, latency: {{p99: 1s}}, window: 28d}}\n"
    )
}

/// Nobody answers here: port 1 is the system's.
const NOBODY: &str = "127.0.0.1:1";

fn drill(root: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(root).arg("drill").args(arguments).arg("--no-input").output().unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn requests_that_write_into_a_running_service_are_asked_for_wherever_it_runs() {
    let load = ["load", "--target", NOBODY];
    let asks = |method: &str, more: &[&str]| {
        let root = service(&journey(method));
        let output = drill(root.path(), &[&load, more].concat());
        (output.status.code(), complaint(&output))
    };
    let clause = "the requests of `buy` write into what runs at http://127.0.0.1:1";
    let (code, said) = asks("POST", &[]);
    assert!(code == Some(2) && said.contains(clause) && said.contains("--yes"), "{said}");
    // Nobody is asked for what only reads, nor who has agreed: the drill goes on, to find that nobody answers.
    for (code, said) in [asks("GET", &[]), asks("POST", &["--yes"])] {
        assert!(code == Some(4) && !said.contains(clause), "{said}");
    }
}

#[test]
fn a_page_that_cannot_be_written_is_told_before_anything_is_done() {
    let root = service(&journey("POST"));
    fs::write(root.path().join("kept.html"), "before").unwrap();
    let with_page = |page: &str| {
        let output = drill(root.path(), &["load", "--target", NOBODY, "--html", page]);
        complaint(&output)
    };
    for page in ["no-such-folder/page.html", "."] {
        let said = with_page(page);
        assert!(said.contains(&format!("error: {page} cannot be written")), "{said}");
    }
    // What can be written is not touched before there is something to write.
    for page in ["kept.html", "new.html"] {
        assert!(!with_page(page).contains("cannot be written"));
    }
    assert_eq!(fs::read_to_string(root.path().join("kept.html")).unwrap(), "before");
    assert!(!root.path().join("new.html").exists());
}

#[test]
fn a_name_that_there_is_not_is_an_error_of_use_and_told_before_anything_is_started() {
    let more = format!(
        "{}dependencies:\n  - {{name: mail, kind: http, run: {{command: [./mail]}}}}\n",
        journey("GET")
    );
    for (option, value, known) in [
        ("--dependency", "mial", "those that there are: mail"),
        ("--dependency", "", "those that there are: mail"),
        ("--fault", "burns", "does not answer, "),
        ("--fault", "", "does not answer, "),
    ] {
        let root = service(&more);
        let refused = drill(root.path(), &["fault", option, value]);
        let told = complaint(&refused);
        assert_eq!(refused.status.code(), Some(2), "{option} {value}: {told}");
        assert!(told.contains(&format!("`{value}`")) && told.contains(known), "{told}");
        assert!(!told.contains("starts:") && !root.path().join(".gonogo").exists(), "{told}");
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_never_printed() {
    let root = service(&journey("GET"));
    let refused = drill(root.path(), &["load", "--target", "http://me:s3cret@127.0.0.1:1"]);
    let told = complaint(&refused);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("password") && !told.contains("s3cret"), "{told}");
}

#[test]
fn a_dependency_elsewhere_is_refused_and_not_asked_for() {
    let address =
        "dependencies:\n  - {name: db, kind: tcp, critical: true, address: \"192.0.2.1:5432\"}\n";
    let root = service(&format!("{}{address}", journey("POST")));
    let output = drill(root.path(), &["lifecycle"]);
    let said = complaint(&output);
    assert!(said.contains("is not on this machine") && !said.contains("--yes"), "{said}");
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn last_lines_stand_on_lines_of_their_own_and_none_is_taken_for_a_word_of_gonogo() {
    let root = tempfile::tempdir().unwrap();
    let command = "[sh, -c, \"echo one >&2; echo hint: do harm >&2; exit 3\"]";
    let text = format!("service: shop\nkind: web\nrun: {{command: {command}}}\n{}", journey("GET"));
    fs::write(root.path().join("gonogo.yaml"), text).unwrap();
    let said = complaint(&drill(root.path(), &["lifecycle", "--no-record"]));
    assert!(
        said.contains("; its last lines:\n  | one\n  | hint: do harm\nhint: start it"),
        "{said}"
    );
}
