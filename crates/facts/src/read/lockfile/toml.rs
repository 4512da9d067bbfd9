//! `[[package]]` tables: Cargo.lock, poetry.lock, uv.lock, pdm.lock.

use super::{Fault, Packages};

/// `name` and `version` of each `[[package]]`, in which they stand before all sub-tables.
pub(super) fn packages(text: &str) -> Packages {
    let mut packages = Vec::new();
    let mut open: Option<(usize, Option<String>, Option<String>)> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.starts_with('[') {
            close(open.take(), &mut packages)?;
            open = (line == "[[package]]").then_some((index + 1, None, None));
        } else if let Some((key, value)) = line.split_once(" = ") {
            match (&mut open, key) {
                (Some((_, name @ None, _)), "name") => *name = string(value),
                (Some((_, _, version @ None)), "version") => *version = string(value),
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_alphanumeric() || "<>".contains(first)) {
            return Err(Fault::new(index + 1, "a line has no ` = `"));
        }
    }
    close(open, &mut packages)?;
    Ok(packages)
}

/// Takes a package that is over; a project that uv locks may go without a version.
fn close(
    package: Option<(usize, Option<String>, Option<String>)>,
    packages: &mut Vec<(String, String)>,
) -> Result<(), Fault> {
    let Some((line, name, version)) = package else { return Ok(()) };
    let Some(name) = name else { return Err(Fault::new(line, "a package has no name")) };
    packages.push((name, version.unwrap_or_default()));
    Ok(())
}

fn string(value: &str) -> Option<String> {
    let inner = value.trim().strip_prefix('"')?;
    Some(inner.split('"').next()?.to_owned())
}
