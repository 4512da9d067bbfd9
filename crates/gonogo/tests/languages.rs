//! A service is a black box with an address: the sample in Python is drilled as the one in Rust is.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_sample_in_python_keeps_what_can_be_observed_of_it() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/stock");
    let root = tempfile::tempdir().unwrap();
    for file in ["gonogo.yaml", "prices.py", "stock.py", "telemetry.py"] {
        fs::copy(sample.join(file), root.path().join(file)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    let output =
        command.args(["drill", "observe", "--no-record"]).current_dir(root.path()).output();
    let output = output.unwrap();
    let (said, complaint) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(said.contains("4 kept, 0 fell short, 0 inconclusive"), "{said}\n{complaint}");
    assert_eq!(output.status.code(), Some(0), "{complaint}");
}
