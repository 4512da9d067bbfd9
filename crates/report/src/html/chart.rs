//! A bar for each dimension: how many of its requirements are answered how.

use std::fmt::Write as _;

use model::{Answer, ServiceVerdict};

use super::escape::text;
use crate::{count, matter};

/// Prints a table with a bar and the same in words for each dimension.
pub(super) fn print(page: &mut String, service: &ServiceVerdict) {
    let mut answers: Vec<&Answer> = service.answers.iter().collect();
    answers.sort_by_key(|a| {
        (matter::dimension_index(&a.requirement), matter::dimension(&a.requirement))
    });
    page.push_str(
        "<table>\n<caption>Answers by dimension</caption>\n<thead><tr><th scope=\"col\">dimension</th>\
         <th scope=\"col\">answers</th><th scope=\"col\">in words</th></tr></thead>\n<tbody>\n",
    );
    let is_same = |a: &&Answer, b: &&Answer| {
        matter::dimension(&a.requirement) == matter::dimension(&b.requirement)
    };
    for answers in answers.chunk_by(is_same) {
        let Some(first) = answers.first() else { continue };
        let name = text(matter::dimension(&first.requirement));
        let words = in_words(answers);
        let bar = bar(answers, &words);
        let _ =
            writeln!(page, "<tr><th scope=\"row\">{name}</th><td>{bar}</td><td>{words}</td></tr>");
    }
    page.push_str("</tbody>\n</table>\n");
}

fn in_words(answers: &[&Answer]) -> String {
    counts(answers).map(|(word, _, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn counts(answers: &[&Answer]) -> impl Iterator<Item = (&'static str, &'static str, usize)> {
    count::ORDER.into_iter().filter_map(|state| {
        let count = answers.iter().filter(|answer| answer.state == state).count();
        (count > 0).then_some((count::word(state), state.name(), count))
    })
}

/// The bar is as wide as all dimensions' bars, so that shares can be compared.
fn bar(answers: &[&Answer], words: &str) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{words}\">\
         <title>{words}</title>",
        answers.len()
    );
    let mut x = 0;
    for (_, class, count) in counts(answers) {
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"0\" width=\"{count}\" height=\"1\" vector-effect=\"non-scaling-stroke\"/>"
        );
        x += count;
    }
    svg.push_str("</svg>");
    svg
}
