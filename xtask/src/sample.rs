//! gonogo and the sample service that it drills, built for the commands that run both.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// How the sample's gonogo.yaml calls its own program.
pub(crate) const PROGRAM: &str = "../../target/release/orders";

/// Builds both, `profile` `dev` or `release`, and gives the folder of their binaries.
pub(crate) fn build(root: &Path, profile: &str) -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--profile", profile, "-p", "gonogo", "-p", "gonogo-example-orders"])
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("gonogo and the sample do not build");
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(if profile == "dev" { "debug" } else { profile }))
}
