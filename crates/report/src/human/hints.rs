//! How to go on.

use model::{Assessment, Place, ServiceVerdict, Verdict};

use super::{Role, Screen};
use crate::matter::Matter;
use crate::{Style, visible};

/// Prints the commands that come next.
pub(crate) fn print(screen: &mut Screen<'_>, assessment: &Assessment, matters: &[Matter<'_>]) {
    let services = &assessment.verdicts.services;
    let mut hints = Vec::new();
    hints.extend(undeclared(services));
    if let Some(worst) = matters.last() {
        let id = visible::line(&worst.answer.requirement);
        let is_own = requirements::find(&worst.answer.requirement).is_none();
        let policy = if is_own { " --policy FILE" } else { "" };
        hints.push(format!(
            "`gonogo explain {id}{policy}` says why it matters and how it is proven"
        ));
    }
    let possible = assessment.coverage.possible.len();
    if possible > 0 {
        hints.push(format!(
            "{} may be there too and not judged: `gonogo check --service NAME` judges it once",
            model::counted(possible, "service")
        ));
    }
    if assessment.verdict() == Verdict::NoGo {
        hints.push("`gonogo next` lists the cheapest steps to GO".to_owned());
    }
    if !hints.is_empty() {
        screen.gap();
    }
    for hint in hints {
        screen.say(0, Some((Role::Note, "hint:")), 6, &hint);
    }
}

/// How to declare what was assumed of the first service of which something was: `gonogo init` writes no
/// second gonogo.yaml.
fn undeclared(services: &[ServiceVerdict]) -> Option<String> {
    let is_assumed = |service: &&ServiceVerdict| service.is_tier_assumed || service.is_kind_assumed;
    let service = services.iter().find(is_assumed)?;
    let keys = match (service.is_tier_assumed, service.is_kind_assumed) {
        (true, true) => "`tier:` and `kind:`",
        (true, false) => "`tier:`",
        _ => "`kind:`",
    };
    if let Some(place) = declared(service) {
        let path = visible::line(&place.path);
        return Some(format!("add {keys} to {path}: what it does not declare is assumed"));
    }
    let is_at_root = |service| declared(service).is_some_and(|place| !place.path.contains('/'));
    Some(if services.iter().any(is_at_root) {
        let name = visible::line(&service.service);
        format!("add a document `service: {name}` with {keys} to gonogo.yaml: they are assumed")
    } else {
        "`gonogo init` writes a gonogo.yaml that declares what was assumed".to_owned()
    })
}

/// Where a gonogo.yaml declares `service`.
fn declared(service: &ServiceVerdict) -> Option<&Place> {
    let name = |place: &Place| place.file_name().trim_start_matches('.').to_owned();
    let is_own = |place: &&Place| matches!(&*name(place), "gonogo.yaml" | "gonogo.yml");
    service.found.iter().map(|seen| &seen.place).find(is_own)
}

/// The shortest gonogo.yaml.
const SHORTEST: [&str; 3] = [
    "service: my-service",
    "kind: web # web | worker | batch | library | frontend",
    "tier: 2 # 1 critical, 2 important, 3 low risk",
];

/// What was looked for where no service was found, and how to say that there is one, as a text by itself.
pub fn nothing_found(style: &Style) -> String {
    let mut screen = Screen::new(style);
    print_nothing_found(&mut screen);
    screen.gap();
    screen.finish()
}

/// Prints what was looked for where no service was found, and how to say that there is one.
pub(crate) fn print_nothing_found(screen: &mut Screen<'_>) {
    screen.heading("No service was found");
    screen.say(
        0,
        None,
        0,
        "No file that was read says what is deployed, and code alone does not tell a service from a tool. Looked for: gonogo.yaml; \
         catalog files of Backstage, Cortex, OpsLevel, Datadog and Compass; Kubernetes workloads; services of Compose files; \
         systemd units; Dockerfiles and packages that something deploys.",
    );
    screen.gap();
    screen.say(0, None, 0, "Where this is a service, say so in a file `gonogo.yaml`. This is enough for a first check:");
    screen.gap();
    for line in SHORTEST {
        screen.say(4, None, 4, line);
    }
    screen.gap();
    for hint in [
        "`gonogo init` writes that file here, with all else that it can say as comments",
        "`gonogo check PATH` looks at another folder; `gonogo demo` shows what a verdict looks like",
    ] {
        screen.say(0, Some((Role::Note, "hint:")), 6, hint);
    }
}

#[cfg(test)]
mod tests {
    use model::Sighting;

    use super::*;
    use crate::sample;

    #[test]
    fn what_was_assumed_is_added_to_the_file_that_is_there() {
        let mut services = sample::two().verdicts.services;
        let told = |services: &[ServiceVerdict]| undeclared(services).unwrap_or_default();
        services[0].is_tier_assumed = true;
        services[0].is_kind_assumed = false;
        for service in &mut services {
            service.found.clear();
        }
        assert!(told(&services).starts_with("`gonogo init` writes"), "{}", told(&services));
        services[1].found = vec![Sighting::at(&Place::file("gonogo.yaml"), "a document")];
        let document = "add a document `service: checkout` with `tier:` to gonogo.yaml";
        assert!(told(&services).starts_with(document), "{}", told(&services));
        services[0].found = vec![Sighting::at(&Place::file("pay/.gonogo.yml"), "a document")];
        assert!(
            told(&services).starts_with("add `tier:` to pay/.gonogo.yml"),
            "{}",
            told(&services)
        );
    }

    #[test]
    fn where_nothing_is_found_the_shortest_declaration_is_shown_line_by_line() {
        let text = nothing_found(&Style::default());
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let shown = lines.windows(SHORTEST.len()).any(|shown| shown == SHORTEST);
        assert!(shown, "{text}");
        assert!(text.contains("hint: `gonogo init` writes that file here"), "{text}");
    }
}
