//! Findings in frames, as many as a reader bears: what says the same of several places is framed once,
//! and of each requirement a few stand for the rest, which is listed.

use model::Excerpts;

use super::{Role, Screen, frame};
use crate::matter::Matter;
use crate::visible;

/// How many more findings of a requirement are listed in a line each.
const LISTED: usize = 8;

/// How many frames are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of each requirement.
    pub(crate) each: usize,
    /// Of all together, those nearest to the end.
    pub(crate) all: usize,
}

/// A finding with the others that say the same of other places or services.
struct Group<'a> {
    lead: &'a Matter<'a>,
    also: Vec<&'a Matter<'a>>,
}

/// Prints `matters`, which are sorted by requirement.
pub(crate) fn print(
    screen: &mut Screen<'_>,
    matters: &[&Matter<'_>],
    excerpts: &Excerpts,
    limits: Limits,
) {
    let groups = alike(matters);
    let is_same = |a: &Group<'_>, b: &Group<'_>| {
        a.lead.answer.requirement == b.lead.answer.requirement && a.lead.blocks == b.lead.blocks
    };
    let chunks: Vec<&[Group<'_>]> = groups.chunk_by(is_same).collect();
    let each = if screen.style.is_verbose { usize::MAX } else { limits.each };
    let all = if screen.style.is_verbose { usize::MAX } else { limits.all };
    let mut first = chunks.len();
    let mut count = 0;
    while let Some(chunk) = first.checked_sub(1).and_then(|at| chunks.get(at)) {
        count += chunk.len().min(each);
        if count > all {
            break;
        }
        first -= 1;
    }
    let (hidden, shown) = chunks.split_at(first);
    let hidden: usize = hidden.iter().flat_map(|chunk| chunk.iter()).map(size).sum();
    if hidden > 0 {
        let text = format!("{} more not shown; add `--verbose`", model::counted(hidden, "finding"));
        screen.gap();
        screen.say(0, Some((Role::Note, "note:")), 6, &text);
    }
    for chunk in shown {
        let (framed, rest) = chunk.split_at(chunk.len().min(each));
        for group in framed {
            frame::print(screen, group.lead, &group.also, excerpts);
        }
        list(screen, rest);
    }
}

fn size(group: &Group<'_>) -> usize {
    1 + group.also.len()
}

/// Puts together what says the same of the same services, or of many but for their names.
fn alike<'a>(matters: &[&'a Matter<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for matter in matters.iter().copied() {
        let (message, names) = matter.common.as_ref().map_or_else(
            || {
                let names: Vec<&str> = matter.services.iter().map(|s| &*s.service).collect();
                (&*matter.finding.message, names)
            },
            |message| (&**message, Vec::new()),
        );
        let key = (matter.blocks, &*matter.answer.requirement, message, names);
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.also.push(matter),
            None => groups.push(Group { lead: matter, also: Vec::new() }),
        }
    }
    groups
}

fn list(screen: &mut Screen<'_>, rest: &[Group<'_>]) {
    let Some(first) = rest.first() else { return };
    let all: usize = rest.iter().map(size).sum();
    screen.gap();
    let id = visible::line(&first.lead.answer.requirement);
    screen.say(0, None, 4, &format!("{} of {id}:", model::counted(all, "more finding")));
    for group in rest.iter().take(LISTED) {
        let place = visible::line(&group.lead.finding.place.to_string());
        let also = match group.also.len() {
            0 => String::new(),
            more => format!(" (and in {})", model::counted(more, "more place")),
        };
        let text = format!("{place}: {}{also}", visible::line(&group.lead.finding.message));
        screen.say(2, None, 6, &text);
    }
    if rest.len() > LISTED {
        screen.say(
            2,
            None,
            6,
            &format!("and {} more; `--verbose` shows them", rest.len() - LISTED),
        );
    }
}

#[cfg(test)]
mod tests {
    use model::{Assessment, Finding, Place};

    use super::*;
    use crate::{Style, matter, sample};

    fn print_findings(findings: Vec<Finding>) -> String {
        let mut assessment: Assessment = sample::go();
        assessment.verdicts.services[0].answers = vec![sample::failed("data/own", findings)];
        let matters = matter::failures(&assessment);
        let matters: Vec<&Matter<'_>> = matters.iter().collect();
        let style = Style::default();
        let mut screen = Screen::new(&style);
        print(&mut screen, &matters, &assessment.excerpts, Limits { each: 2, all: 40 });
        screen.finish()
    }

    #[test]
    fn what_says_the_same_of_several_places_is_framed_once() {
        let at = |line| Finding::at(&Place::point("a.yaml", line, 3), "`x` is not pinned");
        assert_eq!(
            print_findings(vec![at(2), at(9), at(12)]),
            "failed[data/own]: `x` is not pinned
--> a.yaml:2:3
 = note: also at a.yaml:9:3, a.yaml:12:3
"
        );
    }

    #[test]
    fn a_few_of_a_requirement_stand_for_the_rest() {
        let at = |line| Finding::at(&Place::point("a.yaml", line, 3), format!("`{line}` is bad"));
        let text = print_findings((2..20).map(at).collect());
        assert_eq!(text.matches("failed[data/own]").count(), 2, "{text}");
        assert!(
            text.contains("\n16 more findings of data/own:\n  a.yaml:4:3: `4` is bad\n"),
            "{text}"
        );
        assert!(text.ends_with("  and 8 more; `--verbose` shows them\n"), "{text}");
    }
}
