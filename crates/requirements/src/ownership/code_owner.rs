//! Which rule of CODEOWNERS speaks for the files of a service.

use facts::{Codeowners, OwnerRule, Scope};

/// What a CODEOWNERS file says of the files of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coverage<'a> {
    /// The file.
    pub(super) file: &'a Codeowners,
    /// The rule that speaks for more of them than any other; `None` where most have no owner.
    pub(super) rule: Option<&'a OwnerRule>,
    /// Whether most of them have an owner, though no rule speaks for more than have none.
    pub(super) is_divided: bool,
    /// The rule for some of them, with the file, where most have no owner.
    pub(super) in_part: Option<(&'a str, &'a OwnerRule)>,
    /// Whether any rule speaks for any file of the tree.
    pub(super) covers_anything: bool,
}

/// What the CODEOWNERS file that hosts go by says of the files of the service; `None`: there is none.
pub(super) fn coverage<'a>(scope: &Scope<'a>) -> Option<Coverage<'a>> {
    let file = Codeowners::in_force(&scope.all.codeowners)?;
    let own = paths(scope);
    let rules_of: Vec<Option<&OwnerRule>> = own.iter().map(|path| rule_for(file, path)).collect();
    let rule = most_frequent(&rules_of).or_else(|| of_founding(file, scope));
    let (rules, paths) = (file.rules.len(), &scope.all.paths);
    let is_too_much = rules.saturating_mul(paths.len()) > MOST_PAIRS;
    let covers_anything =
        rule.is_some() || is_too_much || paths.iter().any(|path| rule_for(file, path).is_some());
    let is_divided = rule.is_none()
        && rules_of.iter().filter(|rule| rule.is_some()).count() * 2 > rules_of.len();
    let in_part = if rule.is_none() { of_some(file, &own, scope) } else { None };
    Some(Coverage { file, rule, is_divided, in_part, covers_anything })
}

/// A file that the service was found by and that has an owner, else one of its folder.
fn of_some<'a>(
    file: &'a Codeowners,
    own: &[&'a str],
    scope: &Scope<'a>,
) -> Option<(&'a str, &'a OwnerRule)> {
    // What stands in the root may be anybody's.
    let own = own.iter().copied().filter(|_| !scope.service.folder.is_empty());
    let reasons = scope.service.reasons.iter().map(|reason| &*reason.place.path);
    reasons.chain(own).find_map(|path| Some((path, rule_for(file, path)?)))
}

/// The rule for the files that a service of the root was found by, where all of them have one: the
/// rest of the tree may be that of others.
fn of_founding<'a>(file: &'a Codeowners, scope: &Scope<'_>) -> Option<&'a OwnerRule> {
    let reasons = scope.service.reasons.iter().filter(|_| scope.service.folder.is_empty());
    let rules: Vec<_> = reasons.map(|reason| rule_for(file, &reason.place.path)).collect();
    most_frequent(&rules).filter(|_| rules.iter().all(Option::is_some))
}

/// More rules times paths than these are taken to cover something.
const MOST_PAIRS: usize = 5_000_000;

/// More of the service's paths than these are not looked at: enough for a majority.
const MOST_PATHS: usize = 100;

/// Some of the service's paths, evenly spread.
fn paths<'a>(scope: &Scope<'a>) -> Vec<&'a str> {
    let folder = &scope.service.folder;
    let own: Vec<&str> = scope.all.below(folder).collect();
    if own.is_empty() {
        return scope.service.reasons.iter().map(|reason| reason.place.path.as_ref()).collect();
    }
    own.iter().copied().step_by(own.len().div_ceil(MOST_PATHS)).collect()
}

fn rule_for<'a>(file: &'a Codeowners, path: &str) -> Option<&'a OwnerRule> {
    file.owners_of(path).filter(|rule| !rule.owners.is_empty())
}

fn most_frequent<'a>(rules: &[Option<&'a OwnerRule>]) -> Option<&'a OwnerRule> {
    let count = |wanted: Option<&OwnerRule>| {
        let line = |rule: Option<&OwnerRule>| rule.map(|rule| rule.pattern.place.line);
        rules.iter().filter(|rule| line(**rule) == line(wanted)).count()
    };
    let mut best: (usize, Option<&OwnerRule>) = (0, None);
    for rule in rules {
        let count = count(*rule);
        if count > best.0 {
            best = (count, *rule);
        }
    }
    best.1
}
