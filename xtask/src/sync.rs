//! Registration of requirements: one module a dimension, written from the files present.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder of the requirements' crate that holds a folder for each dimension.
pub(crate) const REQUIREMENTS: &str = "crates/requirements/src";

/// Writes the registration.
pub(crate) fn write(root: &Path) -> Result<()> {
    for (path, text) in generated(root)? {
        if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}

/// Compares the registration with what [`write()`] would write.
pub(crate) fn check(root: &Path) -> Result<()> {
    for (path, text) in generated(root)? {
        if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
            bail!("{} is stale: run `cargo xtask sync`", path.display());
        }
    }
    Ok(())
}

/// The generated files with their texts.
fn generated(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let base = root.join(REQUIREMENTS);
    folders(&base)?
        .into_iter()
        .map(|dimension| {
            let stems = stems(&base.join(&dimension))?;
            Ok((base.join(format!("{dimension}.rs")), registration(&dimension, &stems)))
        })
        .collect()
}

/// Names of the folders in `base`, sorted.
fn folders(base: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(base).with_context(|| format!("reading {}", base.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Names of the Rust files in `folder` without `.rs`, sorted. A file without a case file beside it
/// holds what several requirements of the dimension share, and is no requirement.
fn stems(folder: &Path) -> Result<Vec<(String, bool)>> {
    let mut stems = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            stems.push((stem, path.with_extension("md").exists()));
        }
    }
    stems.sort();
    Ok(stems)
}

fn registration(dimension: &str, stems: &[(String, bool)]) -> String {
    let mut text = format!(
        "//! The requirements of the dimension `{dimension}`. Written by `cargo xtask sync`.\n\n"
    );
    for (stem, _) in stems {
        let _ = writeln!(text, "mod {stem};");
    }
    text.push_str("\nuse crate::Requirement;\n\n/// All of them, in the order of their ids.\n");
    text.push_str("pub(crate) static ALL: &[&Requirement] = &[\n");
    for (stem, _) in stems.iter().filter(|(_, is_requirement)| *is_requirement) {
        let _ = writeln!(text, "    &{stem}::REQUIREMENT,");
    }
    text.push_str("];\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registration_of_requirements_is_up_to_date() {
        check(&crate::root()).unwrap();
    }

    #[test]
    fn what_requirements_share_is_a_module_and_no_requirement() {
        let text = registration("data", &[("backups".into(), true), ("stores".into(), false)]);
        assert!(text.contains("mod backups;\nmod stores;\n"));
        assert!(text.contains("&backups::REQUIREMENT"));
        assert!(!text.contains("&stores::REQUIREMENT"));
    }
}
