//! `gonogo explain`.

use std::fmt::Write as _;

use requirements::{DIMENSIONS, Dimension};

use crate::arguments::Global;
use crate::failure::Failure;
use crate::terminal;

/// Explains a requirement, lists a dimension, or lists all.
pub(crate) fn run(
    id: Option<&str>,
    is_markdown: bool,
    policy: Option<&str>,
    global: &Global,
) -> Result<u8, Failure> {
    let style = terminal::style(global);
    let text = match id {
        None => list(DIMENSIONS.iter(), is_markdown, &style),
        Some(id) => match (requirements::find(id), dimension(id)) {
            (Some(requirement), _) if is_markdown => report::requirement_page(requirement),
            (Some(requirement), _) => report::explain(requirement, &style),
            (None, Some(dimension)) => list(std::iter::once(dimension), is_markdown, &style),
            (None, None) => own(id, policy)?.ok_or_else(|| no_such(id))?,
        },
    };
    terminal::print(&text)?;
    Ok(0)
}

/// A requirement of the policy file.
fn own(id: &str, policy: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(policy) = policy.map(super::policy::load).transpose()? else { return Ok(None) };
    let text = policy.own.get(id).map(|own| super::policy::own_requirement(id, own));
    Ok(text.map(|text| text.trim_start().to_owned()))
}

fn dimension(id: &str) -> Option<&'static Dimension> {
    DIMENSIONS.iter().find(|dimension| dimension.id == id.trim_end_matches('/'))
}

fn no_such(id: &str) -> Failure {
    let nearest = engine::nearest(id)
        .map_or_else(String::new, |nearest| format!(": did you mean `{nearest}`?"));
    Failure::usage(format!("there is no requirement `{id}`{nearest}")).hint(
        "`gonogo explain` lists all requirements; those of a policy file need `--policy FILE`",
    )
}

fn list<'a>(
    dimensions: impl Iterator<Item = &'a Dimension>,
    is_markdown: bool,
    style: &report::Style,
) -> String {
    let written = |dimension| {
        if is_markdown { as_markdown(dimension) } else { report::list(dimension, style) }
    };
    dimensions.map(written).collect()
}

fn as_markdown(dimension: &Dimension) -> String {
    let mut text = format!("## {}: {}?\n\n", dimension.id, dimension.question);
    for requirement in dimension.requirements {
        let _ = writeln!(text, "- `{}`: {}", requirement.id, requirement.title);
    }
    text.push('\n');
    text
}
