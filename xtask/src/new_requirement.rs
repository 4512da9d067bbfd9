//! `cargo xtask new requirement`: the two files of a requirement, ready to be filled in.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::sync::{self, REQUIREMENTS};

/// Writes the two files of the requirement `id`, and its registration.
pub(crate) fn run(root: &Path, id: &str) -> Result<()> {
    let (dimension, name) = id.split_once('/').context("an id is `dimension/good-state`")?;
    if !is_kebab(dimension) || !is_kebab(name) {
        bail!("`{id}` is not an id: lower-case words joined by `-`, as in `reliability/slo`");
    }
    let folder = root.join(REQUIREMENTS).join(dimension);
    if !folder.is_dir() {
        bail!("there is no dimension `{dimension}`: {} does not exist", folder.display());
    }
    let stem = name.replace('-', "_");
    for (extension, text) in [("rs", rust(id, &stem)), ("md", cases(id))] {
        let path = folder.join(format!("{stem}.{extension}"));
        if path.exists() {
            bail!("{} exists already", path.display());
        }
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    sync::write(root)
}

fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text.split('-').all(|word| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

fn rust(id: &str, stem: &str) -> String {
    format!(
        r#"//! <The title as a sentence.>

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {{
    id: "{id}",
    title: "<a clause in the present, read after \"This service is ready when\">",
    why: "<What happens to users or to the team where it does not hold.>",
    remedy: "<What to do, as an imperative.>",
    references: &[],
    since: env!("CARGO_PKG_VERSION"),
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Manifest],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("{stem}.md"),
}};

fn judge(scope: &Scope<'_>) -> Outcome {{
    Outcome::unknown("<what is missing, and what would answer>")
}}
"#
    )
}

fn cases(id: &str) -> String {
    format!("# {id}\n\n## met: <why>\n\n## unmet: <why>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kebab_case() {
        assert!(is_kebab("error-budget-policy"));
        for bad in ["", "Slo", "slo-", "-slo", "a b", "a_b", "a/b"] {
            assert!(!is_kebab(bad), "{bad}");
        }
    }
}
