//! One finding in the manner of compilers: what is wrong, the line where it stands, what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use model::{Excerpts, Finding, Place};

use super::screen::wrap;
use super::{Role, Screen};
use crate::matter::Matter;
use crate::visible;

/// Lines longer than this are not shown: they are no text that people wrote.
const LONGEST_LINE: usize = 2000;
/// How many of the services that share a finding are named.
const SERVICES_NAMED: usize = 5;

/// How many of the other places of which the same is said are named.
const PLACES_NAMED: usize = 6;

/// Prints `matter`; `also` say the same of other places, or of other services.
pub(crate) fn print(
    screen: &mut Screen<'_>,
    matter: &Matter<'_>,
    also: &[&Matter<'_>],
    excerpts: &Excerpts,
) {
    screen.gap();
    let requirement = visible::line(&matter.answer.requirement);
    let (role, level) =
        if matter.blocks { (Role::Bad, Level::ERROR) } else { (Role::Doubt, Level::WARNING) };
    let label = format!("failed[{requirement}]:");
    screen.say(0, Some((role, &label)), 4, &visible::line(&matter.finding.message));
    let width = screen.width();
    let mut group = Group::with_level(level);
    for element in place(&matter.finding.place, excerpts) {
        group = group.element(element);
    }
    for message in messages(matter, also, width) {
        group = group.element(message);
    }
    for line in renderer(screen).render(&[group]).lines() {
        screen.line(line);
    }
}

fn renderer(screen: &Screen<'_>) -> Renderer {
    let renderer = if screen.style.color { Renderer::styled() } else { Renderer::plain() };
    let decor = if screen.style.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    renderer.decor_style(decor).term_width(screen.width())
}

/// Where it stands, with the line if it was kept.
fn place<'a>(place: &Place, excerpts: &Excerpts) -> Vec<Element<'a>> {
    if place.path.is_empty() {
        return Vec::new();
    }
    let path = visible::line(&place.path);
    let is_whole_file = (place.line, place.column) == (1, 1) && place.end_column <= 1;
    if is_whole_file {
        return vec![Origin::path(path).into()];
    }
    let element = snippet(place, path.clone(), excerpts).unwrap_or_else(|| {
        Origin::path(path).line(place.line as usize).char_column(place.column as usize).into()
    });
    vec![element]
}

fn snippet<'a>(place: &Place, path: String, excerpts: &Excerpts) -> Option<Element<'a>> {
    let (first, lines) = excerpts.around(place)?;
    if lines.iter().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let at = place.line.checked_sub(first)? as usize;
    let marked = lines.get(at)?;
    let shown: Vec<String> = lines.iter().map(|line| visible::line(line)).collect();
    let before: usize = shown.iter().take(at).map(|line| line.len() + 1).sum();
    let length = shown.get(at)?.len();
    let offset = |column: u32| {
        let prefix: String = marked.chars().take(column.saturating_sub(1) as usize).collect();
        visible::line(&prefix).len().min(length)
    };
    let start = offset(place.column);
    // A stretch of several lines is marked by its first.
    let end = if place.end_line > place.line { length } else { offset(place.end_column) };
    let source = shown.join("\n");
    let span = before + start..before + end.max(start);
    source.get(span.clone())?;
    let annotation = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(source).path(path).line_start(first as usize).fold(false);
    Some(snippet.annotation(annotation).into())
}

fn messages<'a>(matter: &Matter<'_>, also: &[&Matter<'_>], width: usize) -> Vec<Element<'a>> {
    let finding = matter.finding;
    let mut messages: Vec<(Level<'static>, String)> = related(finding);
    if !also.is_empty() {
        let name = |matter: &Matter<'_>| matter.services.first().map(|s| s.service.clone());
        let is_of_others = also.iter().any(|other| name(other) != name(matter));
        let text = if is_of_others { namesakes(also) } else { places(also) };
        messages.push((Level::NOTE, text));
    }
    if matter.services.len() > 1 {
        messages.push((Level::NOTE, services(matter)));
    }
    if let Some(help) = &finding.help {
        messages.push((Level::HELP, visible::block(help)));
    }
    if !matter.blocks {
        messages.push((Level::NOTE, "does not block".to_owned()));
    }
    // Before it stand the number of the line, a bar and the word.
    let room = width.saturating_sub(14).max(16);
    messages
        .into_iter()
        .map(|(level, text)| level.message(wrap(&text, room, room).join("\n")).into())
        .collect()
}

fn related(finding: &Finding) -> Vec<(Level<'static>, String)> {
    let sightings = finding.related.iter();
    sightings
        .map(|seen| {
            let place = visible::line(&seen.place.to_string());
            (Level::NOTE, format!("{} ({place})", visible::line(&seen.message)))
        })
        .collect()
}

fn places(also: &[&Matter<'_>]) -> String {
    let place = |matter: &&Matter<'_>| visible::line(&matter.finding.place.to_string());
    let named = also.iter().take(PLACES_NAMED).map(place).collect::<Vec<_>>().join(", ");
    match also.len().saturating_sub(PLACES_NAMED) {
        0 => format!("also at {named}"),
        more => format!("also at {named} and {}", model::counted(more, "more place")),
    }
}

/// Each of the services of which the same is said, with its place.
fn namesakes(also: &[&Matter<'_>]) -> String {
    let name = |matter: &&Matter<'_>| {
        let service = matter.services.first().map_or("", |service| &*service.service);
        format!("{} ({})", visible::line(service), visible::line(&matter.finding.place.to_string()))
    };
    let named = also.iter().take(PLACES_NAMED).map(name).collect::<Vec<_>>().join(", ");
    let more = match also.len().saturating_sub(PLACES_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the same of {named}{more}")
}

fn services(matter: &Matter<'_>) -> String {
    if matter.is_everywhere && matter.services.len() > SERVICES_NAMED {
        return format!("in all {}", model::counted(matter.services.len(), "service"));
    }
    let names = matter.services.iter().take(SERVICES_NAMED);
    let names: Vec<String> = names.map(|service| visible::line(&service.service)).collect();
    let count = model::counted(matter.services.len(), "service");
    match matter.services.len().saturating_sub(SERVICES_NAMED) {
        0 => format!("in {count}: {}", names.join(", ")),
        more => format!("in {count}: {} and {more} more", names.join(", ")),
    }
}
